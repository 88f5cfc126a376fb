"""Check digits of ИНН, ОГРН, ОГРНИП, СНИЛС and bank accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree
from stdnum.ru import inn, ogrn

from edo_service.formats.engine.checker import path_of
from edo_service.formats.engine.source import line_of
from edo_service.formats.findings import Finding

_INN_NAMES: Final = frozenset({"ИННЮЛ", "ИННФЛ", "ИННЮЛПер", "ИННФЛПер", "ИННОргПрин", "ИННФЛПрин"})
_OGRN_NAMES: Final = frozenset({"ОГРН", "ОГРНИП"})
_SNILS_UNCHECKED: Final = 1001998  # numbers up to 001-001-998 were given without a check number
_ACCOUNT_WEIGHTS: Final = (7, 1, 3) * 8


def requisites(root: etree._Element) -> Iterator[Finding]:
    """ИНН, ОГРН, ОГРНИП and СНИЛС with a wrong check digit, accounts whose key does not fit the bank's БИК."""
    for element in root.iter(etree.Element):
        for name, value in ((str(name), str(value)) for name, value in element.attrib.items()):
            if name in _INN_NAMES and not inn.is_valid(value):
                yield _wrong(element, name, "inn", f"атрибут {name} — у ИНН {value} неверное контрольное число")
            elif name in _OGRN_NAMES and not ogrn.is_valid(value):
                yield _wrong(element, name, "ogrn", f"атрибут {name} — у {name} {value} неверное контрольное число")
            elif name == "СНИЛС" and not _snils_fits(value):
                yield _wrong(element, name, "snils", f"атрибут {name} — у СНИЛС {value} неверное контрольное число")
        if element.tag in _INN_NAMES and element.text and not inn.is_valid(element.text):
            yield _wrong(
                element, None, "inn", f"элемент {element.tag} — у ИНН {element.text} неверное контрольное число"
            )
        if element.tag == "БанкРекв":
            yield from _account(element)


def _wrong(element: etree._Element, attribute: str | None, rule: str, message: str) -> Finding:
    return Finding(
        path=path_of(element, attribute), line=line_of(element), rule=f"check-digit.{rule}", message_ru=message
    )


def _account(requisites_: etree._Element) -> Iterator[Finding]:
    """The key of a 20-digit account: weights 7-1-3 over the bank's last three БИК digits and the account (ЦБ, 515)."""
    bank = requisites_.find("СвБанк")
    account, bik = requisites_.get("НомерСчета"), bank.get("БИК") if bank is not None else None
    if account is None or bik is None or bank is None:
        return
    if _has_shape(account, 20) and _has_shape(bik, 9) and not _key_fits(bik[-3:] + account):
        yield _wrong(
            requisites_, "НомерСчета", "account", f"атрибут НомерСчета — счёт {account} не подходит к БИК {bik}"
        )
    correspondent = bank.get("КорСчет")
    if (
        correspondent
        and _has_shape(correspondent, 20)
        and _has_shape(bik, 9)
        and not _key_fits(f"0{bik[4:6]}" + correspondent)
    ):
        yield _wrong(bank, "КорСчет", "account", f"атрибут КорСчет — счёт {correspondent} не подходит к БИК {bik}")


def _has_shape(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()


def _snils_fits(text: str) -> bool:
    """000-000-000 00: nine digits by weights 9-1, modulo 101, 100 is 00 (ПФР 192п, as it was given)."""
    digits = "".join(sign for sign in text if sign.isdigit())
    if not _has_shape(digits, 11):
        return False
    if int(digits[:9]) <= _SNILS_UNCHECKED:
        return True
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(9, 0, -1), strict=True))
    return total % 101 % 100 == int(digits[9:])


def _key_fits(digits: str) -> bool:
    weighted = (int(digit) * weight % 10 for digit, weight in zip(digits, _ACCOUNT_WEIGHTS, strict=False))
    return sum(weighted) % 10 == 0
