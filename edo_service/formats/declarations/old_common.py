"""What УПД 5.01 (820@) and УКД 5.01 (189@) share: exchange facts, addresses, signers of both titles."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.upd_common import PERSON_NAME, TEXT_ENTRY
from edo_service.formats.declarations.values import (
    BIK,
    COUNTRY,
    GUID,
    INN_ORGANIZATION,
    INN_PERSON,
    POSTCODE,
    REGION,
    T50,
    T100,
    T255,
    T1000,
    exact,
    text,
    words,
)
from edo_service.formats.engine.model import Block, Element, Value, block, choice, many, may, maybe, need, one, some

T20: Final = text(20)
T120: Final = text(120)
T128: Final = text(128)
MAYBE_T128: Final = text(128, least=0)
PARTICIPANT: Final = text(46, least=4)
DASH: Final = words("-")

EXCHANGE: Final = one(
    "СвУчДокОбор",
    block(
        maybe(
            "СвОЭДОтпр",
            block(
                need("НаимОрг", T1000, "оператор"),
                need("ИННЮЛ", INN_ORGANIZATION, "ИНН оператора"),
                need("ИдЭДО", exact(3), "код оператора"),
            ),
            "оператор отправителя",
        ),
        need("ИдОтпр", PARTICIPANT, "идентификатор отправителя"),
        need("ИдПол", PARTICIPANT, "идентификатор получателя"),
    ),
    "участники обмена",
)

ADDRESS_RUSSIA: Final = block(
    may("Индекс", POSTCODE, "индекс"),
    need("КодРегион", REGION, "код региона"),
    may("Район", T50, "район"),
    may("Город", T50, "город"),
    may("НаселПункт", T50, "населённый пункт"),
    may("Улица", T50, "улица"),
    may("Дом", T20, "дом"),
    may("Корпус", T20, "корпус"),
    may("Кварт", T20, "квартира или офис"),
)


def address(longest_text: Value) -> Block:
    """An address: by its parts, by its text or by the code of the state register."""
    return block(
        choice(
            one("АдрРФ", ADDRESS_RUSSIA, "адрес в России"),
            one(
                "АдрИнф",
                block(
                    need("КодСтр", COUNTRY, "код страны по ОКСМ"), need("АдрТекст", longest_text, "адрес одной строкой")
                ),
                "адрес строкой, в том числе за границей",
            ),
            one("КодГАР", text(36), "номер адреса в ГАР"),
        )
    )


CONTACT: Final = block(may("Тлф", T255, "телефон"), may("ЭлПочта", T255, "электронная почта"))
BANK_ACCOUNT: Final = block(
    maybe(
        "СвБанк",
        block(may("НаимБанк", T1000, "банк"), may("БИК", BIK, "БИК"), may("КорСчет", T20, "корреспондентский счёт")),
        "банк",
    ),
    may("НомерСчета", T20, "расчётный счёт"),
)

ENTREPRENEUR: Final = block(
    one("ФИО", PERSON_NAME, "имя предпринимателя"),
    need("ИННФЛ", INN_PERSON, "ИНН предпринимателя"),
    may("СвГосРегИП", T100, "свидетельство о регистрации"),
    may("ИныеСвед", T255, "иные сведения"),
)
PERSON: Final = block(
    one("ФИО", PERSON_NAME, "имя"),
    may("ИННФЛ", INN_PERSON, "ИНН"),
    may("ИныеСвед", T255, "иные сведения"),
)


def signer_of_company(position: Value, *, certificate: str | None = None) -> Block:
    """Who signs for an organisation; the seller's titles also ask for a certificate of registration."""
    own = () if certificate is None else (may(certificate, T100, "свидетельство о регистрации"),)
    return block(
        one("ФИО", PERSON_NAME, "имя подписанта"),
        *own,
        need("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
        may("НаимОрг", T1000, "наименование организации"),
        need("Должн", position, "должность"),
        may("ИныеСвед", T255, "иные сведения"),
    )


def signers(*who: Block, powers: Value, status: Value, grounds: str = "ОснПолн") -> Element:
    """Подписант of a title: `who` are the person, the entrepreneur and the organisation's representative."""
    person, trader, company = who
    return some(
        "Подписант",
        block(
            choice(
                one("ФЛ", person, "физическое лицо"),
                one("ИП", trader, "предприниматель"),
                one("ЮЛ", company, "представитель организации"),
            ),
            need("ОблПолн", powers, "область полномочий"),
            need("Статус", status, "статус подписанта"),
            need(grounds, T255, "основание полномочий"),
            may("ОснПолнОрг", T255, "основание полномочий организации"),
        ),
        "подписант",
    )


def information(*, most: int | None = None) -> Block:
    """Additional fields of a document; УКД lets no more than twenty of them."""
    entry = many("ТекстИнф", TEXT_ENTRY, "поле с текстом")
    limited = Element(name="ТекстИнф", type=TEXT_ENTRY, label="поле с текстом", least=0, most=most)
    return block(
        entry if most is None else limited,
        may("ИдФайлИнфПол", GUID, "файл с дополнительными сведениями"),
    )


AUTHOR: Final = need("НаимЭконСубСост", T1000, "составитель файла")
GROUNDS: Final = may("ОснДоверОргСост", T120, "основание составителя")
PROGRAM_OPTIONAL: Final = may("ВерсПрог", text(40), "программа, создавшая файл")
EXCISE: Final = block(
    choice(
        one("СумАкциз", Value(kind="decimal", total_digits=19, fraction_digits=2), "сумма акциза"),
        one("БезАкциз", words("без акциза"), "отметка «без акциза»"),
    )
)
