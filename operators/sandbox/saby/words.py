"""Saby's forms of dates, organisations and booleans; its names of document and attachment types."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from operators.sandbox.exchange import rows
from operators.sandbox.exchange.model import Document, Entity, from_ticks, ticks
from operators.sandbox.exchange.refusals import Absent, BadRequest, NoAccess, WrongState
from operators.sandbox.exchange.rows import Organisation
from operators.sandbox.saby.rpc import Json, maybe, part

MOSCOW = timezone(timedelta(hours=3))
YES, NO = "Да", "Нет"

UPD_TYPES: Mapping[str, str] = {"СЧФ": "ЭДОСч", "ДОП": "УпдДоп", "СЧФДОП": "УпдСчфДоп"}
"""Function of a УПД -> Вложение.Тип."""
SERVICE_TYPES: Mapping[str, str] = {
    "InvoiceReceipt": "ИзвПолуч",
    "Receipt": "ИзвПолуч",
    "InvoiceCorrectionRequest": "УведУточн",
    "XmlSignatureRejection": "УведУточн",
    "UniversalTransferDocumentBuyerTitle": "УпдДопПокуп",
    "RevocationRequest": "",
}


def moment(value: int) -> str:
    """Ticks -> ДД.ММ.ГГГГ ЧЧ.ММ.СС, UTC+3."""
    return from_ticks(value).astimezone(MOSCOW).strftime("%d.%m.%Y %H.%M.%S")


def to_ticks(value: str) -> int:
    """ДД.ММ.ГГГГ ЧЧ.ММ.СС (or with colons) -> ticks; raises BadRequest."""
    for form in ("%d.%m.%Y %H.%M.%S", "%d.%m.%Y %H:%M:%S"):
        try:
            return ticks(datetime.strptime(value, form).replace(tzinfo=MOSCOW))
        except ValueError:
            continue
    raise BadRequest("Дата не соответствует формату ДД.ММ.ГГГГ ЧЧ.ММ.СС")


def organisation(each: Organisation) -> Json:
    """НашаОрганизация or Контрагент."""
    name = "СвФЛ" if each.kpp is None else "СвЮЛ"
    requisites = {"ИНН": each.inn, "Название": each.name} | ({} if each.kpp is None else {"КПП": each.kpp})
    return {"Идентификатор": each.participant_id, name: requisites}


def find(connection: sqlite3.Connection, value: Json) -> list[Organisation]:
    """Find organisations by Идентификатор, else by ИНН and КПП; raises BadRequest."""
    wanted = maybe(value, "Идентификатор")
    known = rows.organisations(connection)
    if wanted is not None:
        return [each for each in known if each.participant_id == wanted]
    requisites = part(value, "СвЮЛ" if "СвЮЛ" in value else "СвФЛ")
    inn, kpp = maybe(requisites, "ИНН"), maybe(requisites, "КПП")
    if inn is None:
        raise BadRequest("Не указан ИНН")
    return [each for each in known if each.inn == inn and kpp in {None, each.kpp}]


def ours(connection: sqlite3.Connection, value: Json, operator: str) -> Organisation:
    """Return our organisation, which `operator` serves; raises NoAccess."""
    found = [each for each in find(connection, part(value, "НашаОрганизация")) if each.operator in {"", operator}]
    if len(found) != 1:
        raise NoAccess("Нет доступа к организации")
    return found[0]


def counterparty(connection: sqlite3.Connection, value: Json) -> Organisation:
    """Return the other side; raises Absent, WrongState when several fit."""
    found = find(connection, part(value, "Контрагент"))
    if not found:
        raise Absent("Контрагент не найден среди участников обмена")
    if len(found) > 1:
        raise WrongState("Найдено несколько контрагентов, укажите Идентификатор")
    return found[0]


def attachment_type(each: Entity, found: Document | None) -> str:
    """Вложение.Тип."""
    if found is not None:
        return UPD_TYPES.get(found.function, "") if found.is_formal else ""
    if each.attachment_type == "InvoiceConfirmation":
        return "ПодтвДатОтпр" if (each.file_name or "").startswith("DP_PDOTPR") else "ПодтвДатПол"
    return SERVICE_TYPES.get(each.attachment_type, each.attachment_type)
