"""Names of exchange files: `R_T_A_O_GGGGMMDD_N` and the seven parts at the end of УПД 5.03.

R_T is the prefix of the kind, A the receiver's participant id, O the sender's, then the day of forming and a GUID. In
УПД 5.03 the GUID (N1) is followed by flags N2 traceable goods, N3 marking codes, N4 alcohol, N5 tobacco, N6 oil
products, and N7, a two-digit code (00). The name without «.xml» equals ИдФайл. For service documents of an operator the
sender is its three-character code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from edo_service.formats.engine.model import Value
from edo_service.formats.engine.values import faults
from edo_service.formats.errors import FormatError

_NAME: Final = re.compile(
    r"(?P<prefix>(?:ON|DP)_[A-Z0-9]+)_(?P<recipient>[A-Za-z0-9@.-]{3,46})_(?P<sender>[A-Za-z0-9@.-]{3,46})"
    r"_(?P<day>[0-9]{8})_(?P<guid>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})"
    r"(?P<suffixes>_[01]_[01]_[01]_[01]_[01]_[0-9]{2})?"
)
_ID: Final = Value(
    min_length=3, max_length=46, patterns=("[A-Za-z0-9@.-]{3,46}",), hint_ru="идентификатор участника ЭДО"
)


@dataclass(frozen=True, kw_only=True)
class Suffixes:
    """N2 to N7 of a УПД 5.03 file's name; N1 is the GUID."""

    traceable: bool = False
    marked: bool = False
    alcohol: bool = False
    tobacco: bool = False
    oil: bool = False
    list_code: str = "00"

    def __str__(self) -> str:
        flags = (self.traceable, self.marked, self.alcohol, self.tobacco, self.oil)
        return "_".join([*("1" if flag else "0" for flag in flags), self.list_code])


@dataclass(frozen=True, kw_only=True)
class FileName:
    """A file's name taken apart; `str()` puts it together without the extension."""

    prefix: str
    recipient_id: str
    sender_id: str
    day: date
    guid: UUID
    suffixes: Suffixes | None = field(default=None)

    def __str__(self) -> str:
        parts = [self.prefix, self.recipient_id, self.sender_id, f"{self.day:%Y%m%d}", str(self.guid)]
        return "_".join([*parts, str(self.suffixes)] if self.suffixes is not None else parts)


def parse_name(name: str) -> FileName | None:
    """The parts of a name, with or without «.xml».

    None when it does not follow the rule (foreign and old files often do not).
    """
    found = _NAME.fullmatch(name.removesuffix(".xml"))
    if found is None:
        return None
    try:
        day = datetime.strptime(found["day"], "%Y%m%d").date()  # noqa: DTZ007  (a calendar day, no moment)
    except ValueError:
        return None
    suffixes = None
    if found["suffixes"]:
        flags = found["suffixes"].lstrip("_").split("_")
        suffixes = Suffixes(
            traceable=flags[0] == "1",
            marked=flags[1] == "1",
            alcohol=flags[2] == "1",
            tobacco=flags[3] == "1",
            oil=flags[4] == "1",
            list_code=flags[5],
        )
    return FileName(
        prefix=found["prefix"],
        recipient_id=found["recipient"],
        sender_id=found["sender"],
        day=day,
        guid=UUID(found["guid"]),
        suffixes=suffixes,
    )


def file_id(
    prefix: str, *, recipient_id: str, sender_id: str, day: date, guid: UUID, suffixes: Suffixes | None = None
) -> str:
    """ИдФайл of a new file. Raises FormatError when a participant id is not one."""
    for who, value in (("получателя", recipient_id), ("отправителя", sender_id)):
        for _, phrase in faults(value, _ID):
            raise FormatError(f"Идентификатор {who}: {phrase}", element="ИдФайл")
    name = FileName(
        prefix=prefix, recipient_id=recipient_id, sender_id=sender_id, day=day, guid=guid, suffixes=suffixes
    )
    return str(name)


def upd_seller_file_id(
    *, recipient_id: str, sender_id: str, day: date, guid: UUID, suffixes: Suffixes | None = None
) -> str:
    """ИдФайл of a seller's title 5.03; the buyer is the receiver. Use `suffixes_for` where the lines are known."""
    return file_id(
        "ON_NSCHFDOPPR",
        recipient_id=recipient_id,
        sender_id=sender_id,
        day=day,
        guid=guid,
        suffixes=suffixes or Suffixes(),
    )


def upd_buyer_file_id(seller_file_id: str, *, day: date, guid: UUID) -> str:
    """ИдФайл of the buyer's title for a seller's title: receiver and sender change places, the flags stay.

    Raises FormatError when the seller's id does not follow the rule; then name both participants with `file_id`.
    """
    name = parse_name(seller_file_id)
    if name is None:
        raise FormatError(f"Имя файла продавца «{seller_file_id}» не по правилам формата", element="ИдФайлИнфПр")
    return file_id(
        "ON_NSCHFDOPPOK",
        recipient_id=name.sender_id,
        sender_id=name.recipient_id,
        day=day,
        guid=guid,
        suffixes=name.suffixes or Suffixes(),
    )
