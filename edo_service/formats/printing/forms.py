"""From a file's tree to the HTML of its printed form."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import jinja2
from lxml import etree
from markupsafe import Markup

from edo_service.formats.engine.binding import MOSCOW
from edo_service.formats.engine.source import parse
from edo_service.formats.kinds import FileKind
from edo_service.formats.printing.upd_form import upd_form
from edo_service.formats.reading import Field, read_any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edo_service.formats.printing import Stamp

LABEL_DEPTH: Final = 3


@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("edo_service.formats.printing", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(day=_day, moment=_moment, fit=_fit, fit_lines=_fit_lines, lines=_lines)
    return environment


def page(
    xml: bytes, root: etree._Element, kind: FileKind, *, stamps: Sequence[Stamp], buyer_xml: bytes | None
) -> tuple[str, str]:
    """The HTML of a printed form and its title."""
    if kind.code == "upd_seller" and root.find("Документ/СвСчФакт") is not None:
        buyer = parse(buyer_xml) if buyer_xml is not None else None
        form = upd_form(root, buyer)
        title = f"{form.kind} № {form.number or '—'}"
        template, context = "upd.html", {"form": form, "style": Markup(_style("upd.css"))}  # noqa: S704  (our own file)
    else:
        title, template, context = kind.name_ru, "plain.html", _plain(xml, kind)
    return _templates().get_template(template).render(title=title, marks=stamps, **context), title


@lru_cache(maxsize=4)
def _style(name: str) -> str:
    source, _, _ = jinja2.PackageLoader("edo_service.formats.printing", "templates").get_source(
        jinja2.Environment(autoescape=True), name
    )
    return source


def _plain(xml: bytes, kind: FileKind) -> dict[str, object]:
    reading = read_any(xml)
    return {
        "heading": kind.name_ru,
        "file_id": reading.file_id,
        "about": reading.about_file,
        "text": reading.text,
        "sections": _sections(reading.fields),
    }


def _sections(fields: Sequence[Field]) -> list[dict[str, object]]:
    """Fields by the block they stand in, in the file's order."""
    sections: list[dict[str, object]] = []
    rows: list[tuple[str, str]] = []
    last = ""
    for field in fields:
        steps = [step for step in field.path.split("/") if not step.startswith("@")]
        block = "/".join(steps[:LABEL_DEPTH]) if len(steps) >= LABEL_DEPTH else "Документ"
        if block != last:
            rows = []
            head = field.block_ru if block != "Документ" else "Документ"
            sections.append({"title": head[:1].upper() + head[1:], "rows": rows})
            last = block
        label = field.label_ru if field.owner_ru in {field.block_ru, ""} else f"{field.owner_ru}: {field.label_ru}"
        rows.append((label[:1].upper() + label[1:], field.value))
    return sections


def _day(moment: dt.datetime) -> str:
    return moment.astimezone(MOSCOW).strftime("%d.%m.%Y")


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(MOSCOW).strftime("%d.%m.%Y %H:%M МСК")


def _fit(value: str | None, room: int) -> Markup:
    """A number's cell: long numbers get a smaller face instead of spilling over, words are wrapped."""
    shown = value or "—"
    if any(mark.isalpha() for mark in shown):
        return Markup('<td class="words">{}</td>').format(shown)
    return Markup('<td class="{}">{}</td>').format(_face(len(shown), room), shown)


def _face(length: int, room: int) -> str:
    return "n" if length <= room else "n tight" if length <= room + 3 else "n tighter"


def _fit_lines(values: Sequence[str], room: int) -> Markup:
    """A cell of several numbers, one above the other."""
    if not values:
        return Markup('<td class="c">—</td>')
    longest = max(len(value) for value in values)
    return Markup('<td class="{}">{}</td>').format(_face(longest, room), _lines(values))


def _lines(values: Sequence[str]) -> Markup:
    return Markup("<br>").join(values) if values else Markup("—")
