"""Printed forms, built as PDF/A-2u. Importing this costs nothing: the typesetter is imported when a form is made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from edo_service.formats.checking import detect
from edo_service.formats.engine.source import BODIES, parse
from edo_service.formats.errors import FormatError


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """A signature's mark on the printed form: who signed, by which certificate, when, and what the check said.

    `side_ru` names the party («Продавец»), `certificate` its serial number, moments are aware, `verdict_ru` is a phrase
    («Подпись верна»), `power_of_attorney` a МЧД number.
    """

    side_ru: str
    organization: str | None = None
    person: str | None = None
    position: str | None = None
    certificate: str | None = None
    valid_from: dt.datetime | None = None
    valid_until: dt.datetime | None = None
    signed_at: dt.datetime | None = None
    power_of_attorney: str | None = None
    verdict_ru: str | None = None


def print_form(xml: bytes, *, stamps: Sequence[Stamp] = (), buyer_xml: bytes | None = None) -> bytes:
    """The printed form of any known file as PDF/A-2u bytes, marked as a copy of an electronic document.

    Each kind gets its paper layout (УПД that of Постановление 1137); `buyer_xml` (the other side's title) fills the
    receiving half. Kinds without a paper form get a plain one. Raises FormatError when the file is not XML or no known
    kind.
    """
    from edo_service.formats.printing.forms import form_of
    from edo_service.formats.printing.typeset import to_pdf

    kind = detect(xml)
    root = parse(xml)
    if kind is None:
        raise FormatError("Формат файла не распознан: это не файл обмена ФНС", line=1)
    answer = _body(parse(buyer_xml)) if buyer_xml is not None else None
    return to_pdf(form_of(xml, root, kind, stamps=tuple(stamps), answer=answer))


def _body(root: etree._Element) -> etree._Element | None:
    """What the other side's title says: «Документ», in formats of 2018 and before «ИнфПок»."""
    return next((found for tag in BODIES if (found := root.find(tag)) is not None), None)


def file_sheet(content: bytes, file_name: str, *, stamps: Sequence[Stamp] = ()) -> bytes:
    """A sheet about an unformalised file as PDF/A-2u bytes: name, kind, size, SHA-256, remarks, an archive's contents.

    Never fails for what is inside the file; nothing is unpacked or drawn.
    """
    from edo_service.formats.printing.layouts import sheet
    from edo_service.formats.printing.typeset import to_pdf

    return to_pdf(sheet.layout(content, file_name, tuple(stamps)))


def html_to_pdf(html: str, *, title: str) -> bytes:
    """An HTML body or document as PDF/A-2u in the house style for A4 (see printing/templates/base.css).

    Nothing is fetched: images, styles and links to other places are left out; scripts are never run. A document may
    bring its own <style>. Same bytes for the same input.
    """
    from edo_service.formats.printing.pdf import document_of, to_pdf

    return to_pdf(document_of(html, title=title), title=title)
