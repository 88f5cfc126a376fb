"""From a file's tree to its printed form: which layout draws which kind."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from lxml import etree

from edo_service.formats.checking import declaration_of
from edo_service.formats.engine.source import unqualify
from edo_service.formats.kinds import FileKind
from edo_service.formats.printing.blocks import Form
from edo_service.formats.printing.layouts import (
    construction_act,
    discrepancy_act,
    goods_note,
    messages,
    plain,
    powers,
    reconciliation,
    trade_172,
    ukd,
    upd,
    work_act,
)

if TYPE_CHECKING:
    from edo_service.formats.printing import Stamp

#: At the foot of every page: a print is no original.
NOTE: Final = "Копия электронного документа, не заменяет его"
Layout = Callable[[etree._Element, etree._Element | None, "Sequence[Stamp]"], Form]  # noqa: SLF001  (lxml names its element type so)

#: For each kind its layout and what must be in the file for it; without that the plain form shows all there is.
LAYOUTS: Final[dict[str, tuple[str, Layout]]] = {
    "upd_seller": ("Документ/СвСчФакт", upd.layout),
    "upd_155_seller": ("Документ/СвСчФакт", upd.layout),
    "invoice": ("Документ/СвСчФакт", upd.layout),
    "ukd_seller": ("Документ/СвКСчФ", ukd.layout),
    "correction_invoice": ("Документ/СвКСчФ", ukd.layout),
    "goods_note_seller": ("Документ/СвДокПТПрКроме/СвДокПТПр", goods_note.layout),
    "work_act_contractor": ("Документ/СвДокПРУ", work_act.layout),
    "goods_note_172_seller": ("Документ/СвТНО/ТН", trade_172.goods_note),
    "work_act_172_contractor": ("Документ/СвАктИ/Исполнитель", trade_172.work_act),
    "construction_act_contractor": ("Документ/СвАктСдПр", construction_act.layout),
    "reconciliation_sender": ("Документ/СвДокКрАкт", reconciliation.layout),
    "acceptance_act_first": ("Документ/СодФХЖ1", discrepancy_act.layout),
    "receipt_notice": ("Документ/СвИзвПолуч", messages.layout),
    "correction_notice": ("Документ/СвУведУточ", messages.layout),
    "receipt_confirmation": ("Документ/СведПодтв", messages.layout),
    "dispatch_confirmation": ("Документ/СведПодтв", messages.layout),
    "annulment_offer": ("Документ/СвПредАн", messages.layout),
    "power_of_attorney": ("Документ/*", powers.layout),
}


def form_of(
    xml: bytes, root: etree._Element, kind: FileKind, *, stamps: Sequence[Stamp], answer: etree._Element | None
) -> Form:
    """The printed form of a known file; `answer` is the other side's title."""
    declaration = declaration_of(kind)
    if declaration is not None:
        unqualify(root, declaration.namespace)
    needed, layout = LAYOUTS.get(kind.code, ("", None))
    form = (
        layout(root, answer, stamps)
        if layout is not None and root.find(needed) is not None
        else plain.layout(xml, kind, stamps)
    )
    return dataclasses.replace(form, note=f"{NOTE}. {kind.name_ru}")
