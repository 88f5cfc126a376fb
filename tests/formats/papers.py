"""Files of every printed kind, made here: own companies, any number of lines. Food for the tests of printed forms."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.formats.paper_172 import goods_note_172, goods_note_172_answer, work_act_172, work_act_172_answer
from tests.formats.paper_goods import (
    construction_act,
    construction_answer,
    discrepancy_act,
    discrepancy_answer,
    goods_note,
    goods_note_answer,
    reconciliation,
    reconciliation_answer,
    work_act,
    work_act_answer,
)
from tests.formats.paper_invoices import correction_invoice, invoice, ukd, ukd_answer, upd, upd_155, upd_answer
from tests.formats.paper_messages import (
    annulment_offer,
    contract,
    correction_notice,
    dispatch_confirmation,
    inventory,
    old_power,
    onward_power,
    payment_invoice,
    power,
    receipt_confirmation,
    receipt_notice,
)


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A kind with a form: the file of so many lines and, where there is one, the other side's title."""

    file: Callable[[int], bytes]
    answer: Callable[[], bytes] | None = None
    lines: int = 4


PAPERS: dict[str, Paper] = {
    "upd": Paper(file=upd, answer=upd_answer),
    "upd_amended": Paper(file=lambda count: upd(count, function="СЧФ", amended=True), lines=2),
    "upd_transfer": Paper(file=lambda count: upd(count, function="ДОП"), answer=upd_answer, lines=2),
    "invoice": Paper(file=invoice),
    "upd_155": Paper(file=upd_155, lines=2),
    "correction_invoice": Paper(file=correction_invoice, lines=2),
    "ukd": Paper(file=ukd, answer=ukd_answer, lines=2),
    "goods_note": Paper(file=goods_note, answer=goods_note_answer),
    "work_act": Paper(file=work_act, answer=work_act_answer),
    "construction_act": Paper(file=construction_act, answer=construction_answer),
    "reconciliation": Paper(file=reconciliation, answer=reconciliation_answer, lines=4),
    "discrepancy_act": Paper(file=discrepancy_act, answer=discrepancy_answer),
    "goods_note_172": Paper(file=goods_note_172, answer=goods_note_172_answer),
    "work_act_172": Paper(file=work_act_172, answer=work_act_172_answer),
    "receipt_notice": Paper(file=receipt_notice),
    "receipt_confirmation": Paper(file=receipt_confirmation),
    "dispatch_confirmation": Paper(file=dispatch_confirmation),
    "correction_notice": Paper(file=correction_notice),
    "annulment_offer": Paper(file=annulment_offer),
    "power": Paper(file=power),
    "onward_power": Paper(file=onward_power),
    "old_power": Paper(file=old_power),
    "contract": Paper(file=contract),
    "payment_invoice": Paper(file=payment_invoice),
    "inventory": Paper(file=inventory, lines=6),
}
