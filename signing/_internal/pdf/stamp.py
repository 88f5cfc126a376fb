"""The mark of an electronic signature on a page (ГОСТ Р 7.0.97-2016, 5.23), as operators draw it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pyhanko.pdf_utils.content import ResourceType
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.stamp import BaseStamp, BaseStampStyle

from signing._internal.certificates import Certificate
from signing._internal.errors import BadInput
from signing._internal.pdf.typeface import Typeface

_TITLE = "ДОКУМЕНТ ПОДПИСАН ЭЛЕКТРОННОЙ ПОДПИСЬЮ"
_INK = b"0.10 0.23 0.55"
_LARGEST, _SMALLEST, _STEP = 9.0, 3.0, 0.25
_LEADING = 1.28
_MARGIN = 6.0
_ROUND = 6.0
_ARC = 0.5523  # control points of a quarter of a circle


@dataclass(frozen=True, kw_only=True)
class PdfStamp:
    """Where the mark stands and how it looks.

    `font` is a TrueType file with Cyrillic. `page` counts from 0, negative ones from the end. `box` is left, bottom,
    right, top in points from the lower left corner of the page. The time is shown in the zone of the time of signing.
    `lines` stand below the usual ones.
    """

    font: bytes
    page: int = -1
    box: tuple[int, int, int, int] = (330, 30, 570, 120)
    title: str = _TITLE
    lines: tuple[str, ...] = ()


def mark_lines(certificate: Certificate, signing_time: datetime) -> tuple[str, ...]:
    """The lines of the mark: who, the certificate's number, its validity, the time."""
    subject = certificate.subject
    person = " ".join(part for part in (subject.surname, subject.given_name) if part)
    owner = person or subject.common_name or subject.organization
    organization = subject.organization or (subject.common_name if subject.common_name != owner else "")
    zone = signing_time.tzinfo
    begins, ends = certificate.not_before.astimezone(zone), certificate.not_after.astimezone(zone)
    return (
        f"Сертификат: {certificate.serial:X}",
        f"Владелец: {owner}",
        *([subject.title] if subject.title and subject.title != owner else []),
        *([organization] if organization and organization != owner else []),
        f"Действителен: с {begins:%d.%m.%Y} по {ends:%d.%m.%Y}",
        f"Подписано: {signing_time:%d.%m.%Y %H:%M:%S} {_zone(signing_time)}",
    )


def _zone(moment: datetime) -> str:
    minutes = (moment.utcoffset() or timedelta()) // timedelta(minutes=1)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    if minutes == 180:
        return "МСК"
    return f"UTC{'+' if minutes > 0 else '-'}{hours}" + (f":{rest:02}" if rest else "")


class Mark(BaseStamp):
    """The appearance of a signature: a frame with a title and lines in it, as large as the box allows. BadInput."""

    def __init__(
        self, writer: BasePdfFileWriter, size: tuple[float, float], title: str, lines: tuple[str, ...], font: bytes
    ) -> None:
        super().__init__(writer, BaseStampStyle(), BoxConstraints(width=size[0], height=size[1]))
        self._size = size
        self._face = Typeface(font, " " + title + "".join(lines))
        self._points, self._laid = self._fit([title, *lines])
        self._titles = len(list(self._broken(title, self._points)))
        fonts = ResourceType.FONT
        self.set_resource(fonts, pdf_name("/F0"), self._face.embed(writer))

    def render(self) -> bytes:
        """Content stream operators."""
        width, height = self._size
        step = self._points * _LEADING
        top = height - (height - step * len(self._laid)) / 2 - self._points
        rows = []
        for number, line in enumerate(self._laid):
            left = _MARGIN
            if number < self._titles:
                left = (width - self._face.width(line) * self._points) / 2
            rows.append(b"1 0 0 1 %.2f %.2f Tm %s" % (left, top - number * step, self._face.show(line)))
        text = b"BT /F0 %.2f Tf %s rg %s ET" % (self._points, _INK, b" ".join(rows))
        return b"q %s RG 0.8 w %s S %s Q" % (_INK, _frame(width, height), text)

    def _fit(self, lines: list[str]) -> tuple[float, list[str]]:
        points = _LARGEST
        while points >= _SMALLEST:
            laid = [part for line in lines for part in self._broken(line, points)]
            room = self._size[1] - 2 * _MARGIN
            wide = max((self._face.width(line) for line in laid), default=0) * points
            if len(laid) * points * _LEADING <= room and wide <= self._size[0] - 2 * _MARGIN:
                return points, laid
            points -= _STEP
        raise BadInput("the box of the stamp is too small for its text", "box")

    def _broken(self, line: str, points: float) -> Iterator[str]:
        """Break a line between words where the box ends; a word that is too long stays whole."""
        room, taken = (self._size[0] - 2 * _MARGIN) / points, ""
        for word in line.split():
            longer = f"{taken} {word}" if taken else word
            if taken and self._face.width(longer) > room:
                yield taken
                longer = word
            taken = longer
        yield taken


def _frame(width: float, height: float) -> bytes:
    """A rectangle with round corners, half a point inside the box."""
    low, right, top, far, near = 0.5, width - 0.5, height - 0.5, _ROUND, _ROUND * (1 - _ARC)
    points = [
        ("m", low + far, low),
        ("l", right - far, low),
        ("c", right - near, low, right, low + near, right, low + far),
        ("l", right, top - far),
        ("c", right, top - near, right - near, top, right - far, top),
        ("l", low + far, top),
        ("c", low + near, top, low, top - near, low, top - far),
        ("l", low, low + far),
        ("c", low, low + near, low + near, low, low + far, low),
    ]
    return " ".join(" ".join(f"{number:.2f}" for number in rest) + f" {verb}" for verb, *rest in points).encode()
