"""Kinds of files that cross the wire, and which of their versions this build can check.

КНД is the code of the form in ФНС's classifier of documents, the prefix is the first part of the file's name.
Source: facts/formats.md (a), orders ЕД-7-26/970@, ЕД-7-26/736@, ММВ-7-6/36@, единая форма МЧД.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class FileKind:
    """What a file is: `code` is our word, `version` the format version it claims.

    `checked` whether we hold its declaration.
    """

    code: str
    version: str
    title_ru: str
    knd: str | None
    prefix: str
    checked: bool

    @property
    def tolerated(self) -> bool:
        """Whether there is no official schema to check by, so that the file is shown and kept as it is."""
        return self.code in WITHOUT_SCHEMA or self.prefix in PREFIXES_WITHOUT_SCHEMA

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


def _known(code: str, title_ru: str, knd: str | None, *prefixes: str) -> KnownKind:
    return KnownKind(code=code, title_ru=title_ru, knd=knd, prefixes=prefixes)


KNOWN_KINDS: tuple[KnownKind, ...] = (
    _known("upd_seller", "УПД (титул продавца)", "1115131", "ON_NSCHFDOPPR"),
    _known("upd_buyer", "УПД (титул покупателя)", "1115132", "ON_NSCHFDOPPOK"),
    _known("upd_155_seller", "УПД прежнего формата (титул продавца)", "1115125", "ON_SCHFDOPPR"),
    _known("upd_155_buyer", "УПД прежнего формата (титул покупателя)", "1115126", "ON_SCHFDOPPOK"),
    _known("ukd_seller", "УКД (титул продавца)", "1115127", "ON_KORSCHFDOPPR", "ON_NKORSCHFDOPPR"),
    _known("ukd_buyer", "УКД (титул покупателя)", "1115128", "ON_KORSCHFDOPPOK", "ON_NKORSCHFDOPPOK"),
    _known("receipt_notice", "Извещение о получении", "1115110", "DP_IZVPOL"),
    _known("dispatch_confirmation", "Подтверждение даты отправки", "1115111", "DP_PDOTPR"),
    _known("receipt_confirmation", "Подтверждение даты получения", "1115112", "DP_PDPOL"),
    _known("correction_notice", "Уведомление об уточнении", "1115113", "DP_UVUTOCH"),
    _known("annulment_offer", "Предложение об аннулировании", None, "DP_PRANNUL"),
    _known("universal_message", "Универсальное сообщение", None, "DP_UNISOOBSCH"),
    _known("goods_note_seller", "ТОРГ-12 (титул продавца)", "1175010", "DP_TOVTORGPR"),
    _known("goods_note_buyer", "ТОРГ-12 (титул покупателя)", "1175011", "DP_TOVTORGPOK"),
    _known("work_act_contractor", "Акт о передаче результатов работ (титул исполнителя)", "1175012", "DP_REZRUISP"),
    _known("work_act_customer", "Акт о передаче результатов работ (титул заказчика)", "1175013", "DP_REZRUZAK"),
    _known("acceptance_act_first", "Акт о расхождениях (первый титул)", "1175014", "DP_PRIRASXPRIN"),
    _known("acceptance_act_second", "Акт о расхождениях (второй титул)", "1175015", "DP_PRIRASXDOP"),
    _known("construction_act_contractor", "Акт КС-2 (титул подрядчика)", "1110335", "ON_AKTREZRABP"),
    _known("construction_act_customer", "Акт КС-2 (титул заказчика)", "1110336", "ON_AKTREZRABZ"),
    _known("reconciliation_sender", "Акт сверки (титул отправителя)", "1110332", "ON_AKTSVEROTP"),
    _known("reconciliation_receiver", "Акт сверки (титул получателя)", "1110333", "ON_AKTSVERPOL"),
    _known("waybill", "Транспортная накладная", "1110339", "ON_TRNACL"),
    _known("invoice_for_payment", "Счёт на оплату", None, "ON_CHETOP"),
    _known("contract", "Договорный документ", None, "ON_DOGDOC"),
    _known("inventory", "Опись документов по требованию", None, "ON_DOCNPNO"),
    _known("claim_act", "Акт рекламации", None, "ON_AKTREKL"),
    _known("transport_order", "Заказ-заявка", None, "ON_ZAKZ"),
    _known("invoice", "Счёт-фактура", "1115101", "ON_SFAKT"),
    _known("correction_invoice", "Корректировочный счёт-фактура", "1115108", "ON_KORSFAKT"),
    _known("goods_note_172_seller", "ТОРГ-12 прежнего формата (титул продавца)", "1175004", "DP_OTORG12"),
    _known("goods_note_172_buyer", "ТОРГ-12 прежнего формата (титул покупателя)", "1175005", "DP_PTORG12"),
    _known("work_act_172_contractor", "Акт прежнего формата (титул исполнителя)", "1175006", "DP_IAKTPRM"),
    _known("work_act_172_customer", "Акт прежнего формата (титул заказчика)", "1175007", "DP_ZAKTPRM"),
    _known("power_of_attorney", "Машиночитаемая доверенность", None, "ON_EMCHD", "ON_DOVBB", "ON_DOVEL"),
)

# no official schema has been found for these: they are read tolerantly and kept byte for byte, nothing is refused
WITHOUT_SCHEMA: frozenset[str] = frozenset(
    {"universal_message", "waybill", "invoice_for_payment", "contract", "inventory", "claim_act", "transport_order"}
)
# other files of a kind that has one: УКД of 736@ and 29@, earlier and tax powers of attorney
PREFIXES_WITHOUT_SCHEMA: frozenset[str] = frozenset({"ON_NKORSCHFDOPPR", "ON_NKORSCHFDOPPOK", "ON_DOVBB", "ON_DOVEL"})

BY_KND = {kind.knd: kind for kind in KNOWN_KINDS if kind.knd is not None}
BY_CODE = {kind.code: kind for kind in KNOWN_KINDS}
# the longest prefix first: ON_NSCHFDOPPROS is a variant of ON_NSCHFDOPPR, not of anything shorter
BY_PREFIX = sorted(
    ((prefix, kind) for kind in KNOWN_KINDS for prefix in kind.prefixes), key=lambda pair: len(pair[0]), reverse=True
)


def known_kind(*, root: str, knd: str | None, file_id: str | None) -> KnownKind | None:
    """The kind by the code of the form or, without a known one, by the beginning of the file's id.

    None when nothing fits.
    """
    if root not in {"Файл", "Доверенность"}:
        return None
    if knd is not None and knd in BY_KND:
        return BY_KND[knd]
    for prefix, kind in BY_PREFIX:
        if file_id is not None and file_id.startswith(prefix):
            return kind
    return BY_CODE["power_of_attorney"] if root == "Доверенность" else None
