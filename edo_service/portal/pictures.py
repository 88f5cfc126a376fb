"""Pages of a PDF as PNG pictures, drawn by pdfium in a process of its own with bounded time and memory.

The PDFs may come from outside (a counterparty's contract), so the reader never runs inside the web process.
"""

import hashlib
import struct
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from edo_service.errors import NotFound, Unavailable

WIDTH = 1000
MOST_PAGES = 50
SECONDS = 20
_KEPT_BYTES = 48 * 1024 * 1024
_SCRIPT = Path(__file__).with_name("draw.py")


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page: its size in pixels, the PNG and the words on it."""

    number: int
    width: int
    height: int
    png: bytes
    text: str


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A PDF with its pages. `total` may be greater than the pages drawn."""

    pdf: bytes
    total: int
    pages: tuple[Page, ...]
    sha256: str

    def page(self, number: int) -> Page:
        """The page; NotFound outside of what was drawn."""
        for one in self.pages:
            if one.number == number:
                return one
        raise NotFound("request.absent")

    @property
    def weight(self) -> int:
        """Bytes in memory."""
        return len(self.pdf) + sum(len(one.png) for one in self.pages)


class Pictures:
    """Draws PDFs and remembers the last ones (48 MB). Safe between threads; one PDF is drawn once."""

    def __init__(self, *, capacity: int = _KEPT_BYTES) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[str, Drawn] = OrderedDict()
        self._lock = Lock()
        self._busy: dict[str, Lock] = {}

    def known(self, key: str) -> Drawn | None:
        """The drawn PDF if it is remembered; nothing is drawn."""
        with self._lock:
            return self._kept.get(key)

    def of(self, key: str, make_pdf: Callable[[], bytes]) -> Drawn:
        """The drawn PDF of a key that names its content. Unavailable when it cannot be drawn in time."""
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
                return known
            busy = self._busy.setdefault(key, Lock())
        with busy:
            with self._lock:
                known = self._kept.get(key)
            if known is None:
                known = draw(make_pdf())
                self._keep(key, known)
        with self._lock:
            self._busy.pop(key, None)
        return known

    def _keep(self, key: str, drawn: Drawn) -> None:
        with self._lock:
            self._kept[key] = drawn
            while sum(one.weight for one in self._kept.values()) > self._capacity and len(self._kept) > 1:
                self._kept.popitem(last=False)


def draw(pdf: bytes, *, width: int = WIDTH, most: int = MOST_PAGES) -> Drawn:
    """Draw the pages in a bounded child process. Unavailable `print.not_drawn` for a broken PDF or a time-out."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_SCRIPT), str(width), str(most)],
            input=pdf,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable("print.not_drawn") from error
    if done.returncode != 0:
        raise Unavailable("print.not_drawn")
    total, pages = _read(done.stdout)
    return Drawn(pdf=pdf, total=total, pages=pages, sha256=hashlib.sha256(pdf).hexdigest())


def _read(answer: bytes) -> tuple[int, tuple[Page, ...]]:
    total, place = struct.unpack_from(">I", answer)[0], 4
    pages: list[Page] = []
    while place < len(answer):
        width, height, size, letters = struct.unpack_from(">IIII", answer, place)
        text = place + 16 + size
        pages.append(
            Page(
                number=len(pages) + 1,
                width=width,
                height=height,
                png=answer[place + 16 : text],
                text=answer[text : text + letters].decode("utf-8", "replace"),
            )
        )
        place = text + letters
    return total, tuple(pages)
