"""Kinds of files that cross the wire, and which of their versions this build can check.

КНД is the code of the form in ФНС's classifier of documents, the prefix is the first part of the file's name.
Source: facts/formats.md (a), orders ЕД-7-26/970@, ЕД-7-26/736@, ММВ-7-6/36@, единая форма МЧД.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class FileKind:
    """What a file is: `code` is our word, `version` the format version it claims, `checked` whether we hold its declaration."""

    code: str
    version: str
    title_ru: str
    knd: str | None
    prefix: str
    checked: bool

    @property
    def name_ru(self) -> str:
        """The kind with its version, as people say it: «УПД 5.03 (титул продавца)»."""
        head, bracket, tail = self.title_ru.partition(" (")
        return f"{head} {self.version}{bracket}{tail}".strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownKind:
    """A kind in any version."""

    code: str
    title_ru: str
    knd: str | None
    prefixes: tuple[str, ...]


KNOWN_KINDS: tuple[KnownKind, ...] = (
    KnownKind(code="upd_seller", title_ru="УПД (титул продавца)", knd="1115131", prefixes=("ON_NSCHFDOPPR", "ON_SCHFDOPPR")),
    KnownKind(code="upd_buyer", title_ru="УПД (титул покупателя)", knd="1115132", prefixes=("ON_NSCHFDOPPOK", "ON_SCHFDOPPOK")),
    KnownKind(code="ukd_seller", title_ru="УКД (титул продавца)", knd="1115127", prefixes=("ON_NKORSCHFDOPPR", "ON_KORSCHFDOPPR")),
    KnownKind(code="ukd_buyer", title_ru="УКД (титул покупателя)", knd="1115128", prefixes=("ON_NKORSCHFDOPPOK", "ON_KORSCHFDOPPOK")),
    KnownKind(code="receipt_notice", title_ru="Извещение о получении", knd="1115110", prefixes=("DP_IZVPOL",)),
    KnownKind(code="dispatch_confirmation", title_ru="Подтверждение даты отправки", knd="1115111", prefixes=("DP_PDOTPR",)),
    KnownKind(code="receipt_confirmation", title_ru="Подтверждение даты получения", knd="1115112", prefixes=("DP_PDPOL",)),
    KnownKind(code="correction_notice", title_ru="Уведомление об уточнении", knd="1115113", prefixes=("DP_UVUTOCH",)),
    KnownKind(code="annulment_offer", title_ru="Предложение об аннулировании", knd=None, prefixes=("DP_PRANNUL",)),
    KnownKind(code="universal_message", title_ru="Универсальное сообщение", knd=None, prefixes=("DP_UNISOOBSCH",)),
    KnownKind(code="goods_note_seller", title_ru="ТОРГ-12 (титул продавца)", knd="1175010", prefixes=("DP_TOVTORGPR",)),
    KnownKind(code="goods_note_buyer", title_ru="ТОРГ-12 (титул покупателя)", knd="1175011", prefixes=("DP_TOVTORGPOK",)),
    KnownKind(code="work_act_contractor", title_ru="Акт о передаче результатов работ (титул исполнителя)", knd="1175012", prefixes=("DP_REZRUISP",)),
    KnownKind(code="work_act_customer", title_ru="Акт о передаче результатов работ (титул заказчика)", knd="1175013", prefixes=("DP_REZRUZAK",)),
    KnownKind(code="acceptance_act_first", title_ru="Акт о расхождениях (первый титул)", knd="1175014", prefixes=("DP_PRIRASXPRIN",)),
    KnownKind(code="acceptance_act_second", title_ru="Акт о расхождениях (второй титул)", knd="1175015", prefixes=("DP_PRIRASXDOP",)),
    KnownKind(code="construction_act_contractor", title_ru="Акт КС-2 (титул подрядчика)", knd="1110335", prefixes=("ON_AKTREZRABP",)),
    KnownKind(code="construction_act_customer", title_ru="Акт КС-2 (титул заказчика)", knd="1110336", prefixes=("ON_AKTREZRABZ",)),
    KnownKind(code="reconciliation_sender", title_ru="Акт сверки (титул отправителя)", knd="1110332", prefixes=("ON_AKTSVEROTP",)),
    KnownKind(code="reconciliation_receiver", title_ru="Акт сверки (титул получателя)", knd="1110333", prefixes=("ON_AKTSVERPOL",)),
    KnownKind(code="waybill", title_ru="Транспортная накладная", knd="1110339", prefixes=("ON_TRNACL",)),
    KnownKind(code="invoice_for_payment", title_ru="Счёт на оплату", knd=None, prefixes=("ON_CHETOP",)),
    KnownKind(code="contract", title_ru="Договорный документ", knd=None, prefixes=("ON_DOGDOC",)),
    KnownKind(code="invoice", title_ru="Счёт-фактура", knd="1115101", prefixes=("ON_SFAKT",)),
    KnownKind(code="correction_invoice", title_ru="Корректировочный счёт-фактура", knd="1115108", prefixes=("ON_KORSFAKT",)),
    KnownKind(code="power_of_attorney", title_ru="Машиночитаемая доверенность", knd=None, prefixes=("ON_EMCHD", "ON_DOVBB", "ON_DOVEL")),
)  # fmt: skip

BY_KND = {kind.knd: kind for kind in KNOWN_KINDS if kind.knd is not None}
BY_CODE = {kind.code: kind for kind in KNOWN_KINDS}
# the longest prefix first: ON_NSCHFDOPPROS is a variant of ON_NSCHFDOPPR, not of anything shorter
BY_PREFIX = sorted(
    ((prefix, kind) for kind in KNOWN_KINDS for prefix in kind.prefixes), key=lambda pair: len(pair[0]), reverse=True
)


def known_kind(*, root: str, knd: str | None, file_id: str | None) -> KnownKind | None:
    """The kind by the code of the form or, without a known one, by the beginning of the file's id; None when nothing fits."""
    if root not in {"Файл", "Доверенность"}:
        return None
    if knd is not None and knd in BY_KND:
        return BY_KND[knd]
    for prefix, kind in BY_PREFIX:
        if file_id is not None and file_id.startswith(prefix):
            return kind
    return BY_CODE["power_of_attorney"] if root == "Доверенность" else None
