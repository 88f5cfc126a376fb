"""Form of the numbers that name a company in the exchange (facts: ФНС XSD 1.03; check digits by python-stdnum)."""

import re

from stdnum.ru import inn

_KPP = re.compile(r"(?:[0-9][1-9]|[1-9][0-9])[0-9]{2}[0-9A-Z]{2}[0-9]{3}")
_PARTICIPANT = re.compile(r"[A-Za-z0-9@.\-]{4,46}")


def inn_is_valid(number: str) -> bool:
    """ИНН of 10 or 12 digits whose check digits hold."""
    return bool(inn.is_valid(number)) and number.isdigit()


def kpp_is_valid(number: str) -> bool:
    """КПП: nine characters NNNNPPXXX; there is no check digit."""
    return _KPP.fullmatch(number) is not None


def participant_id_is_valid(identifier: str) -> bool:
    """Identifier of a participant of the exchange: 4 to 46 characters, the first three name the operator."""
    return _PARTICIPANT.fullmatch(identifier) is not None
