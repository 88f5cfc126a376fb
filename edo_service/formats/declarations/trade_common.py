"""What ТОРГ-12 (551@) and the act of works (552@) share: parties, grounds, signers."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.old_common import (
    ADDRESS_RUSSIA,
    BANK_ACCOUNT,
    CONTACT,
    ENTREPRENEUR,
    MAYBE_T128,
    PERSON,
    signers,
)
from edo_service.formats.declarations.upd_common import PERSON_NAME
from edo_service.formats.declarations.values import (
    COUNTRY,
    INN_ORGANIZATION,
    KPP,
    LOOSE_DATE_1900,
    T255,
    T1000,
    text,
    words,
)
from edo_service.formats.engine.model import Block, Element, block, choice, may, maybe, need, one, some

MOST_FIELDS: Final = 20
TAX_RATES: Final = ("0%", "10%", "18%", "20%", "10/110", "18/118", "20/120", "без НДС")
_DATE: Final = LOOSE_DATE_1900
_SIGNER_STATUS: Final = words("1", "2", "3", "4")
_POWERS: Final = words("1", "2", "3")


def party(foreign_address: str) -> Block:
    """A party; the two formats name an address abroad differently."""
    return block(
        one(
            "ИдСв",
            block(
                choice(
                    one("СвФЛ", PERSON, "физическое лицо"),
                    one("СвИП", ENTREPRENEUR, "предприниматель"),
                    one(
                        "СвОрг",
                        block(
                            choice(
                                one(
                                    "СвЮЛ",
                                    block(
                                        need("НаимОрг", T1000, "наименование организации"),
                                        need("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
                                        may("КПП", KPP, "КПП"),
                                    ),
                                    "российская организация",
                                ),
                                one(
                                    "ИнОрг",
                                    block(
                                        need("НаимОрг", T1000, "наименование"),
                                        need("Страна", T255, "страна"),
                                        may("ИныеСвед", T255, "иные сведения"),
                                    ),
                                    "иностранная организация",
                                ),
                            )
                        ),
                        "организация",
                    ),
                )
            ),
            "кто это",
        ),
        maybe(
            "Адрес",
            block(
                choice(
                    one("АдрРФ", ADDRESS_RUSSIA, "адрес в России"),
                    one(
                        foreign_address,
                        block(
                            need("КодСтр", COUNTRY, "код страны по ОКСМ"), need("АдрТекст", T255, "адрес одной строкой")
                        ),
                        "адрес за границей",
                    ),
                    one("КодГАР", text(36), "номер адреса в ГАР"),
                )
            ),
            "адрес",
        ),
        maybe("Контакт", CONTACT, "контакты"),
        maybe("БанкРекв", BANK_ACCOUNT, "банковские реквизиты"),
        may("ОКПО", text(10), "код ОКПО"),
        may("СтруктПодр", T1000, "подразделение"),
        may("ИнфДляУчаст", T255, "сведения для контрагента"),
    )


GROUND: Final = some(
    "Основание",
    block(
        need("НаимОсн", T255, "название документа"),
        may("НомОсн", T255, "номер документа"),
        may("ДатаОсн", _DATE, "дата документа"),
        may("ДопСвОсн", text(1000, least=0), "дополнительно о документе"),
    ),
    "основание",
)


def _company(*, name_needed: bool) -> Block:
    named = need if name_needed else may
    return block(
        one("ФИО", PERSON_NAME, "имя подписанта"),
        need("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
        named("НаимОрг", T1000, "наименование организации"),
        need("Должн", MAYBE_T128, "должность"),
        may("ИныеСвед", T255, "иные сведения"),
    )


def act_signers(*, name_needed: bool, grounds: str = "ОснПолн") -> Element:
    """Who signs; a title may name the grounds of powers in its own way."""
    who = (PERSON, ENTREPRENEUR, _company(name_needed=name_needed))
    return signers(*who, powers=_POWERS, status=_SIGNER_STATUS, grounds=grounds)
