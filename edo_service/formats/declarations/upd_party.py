"""A party of УПД 5.03: who it is, address, bank, contacts. Order ЕД-7-26/970@, УчастникТип."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.upd_common import FOREIGN_PARTY, PERSON_NAME, foreign_rules
from edo_service.formats.declarations.values import (
    BIK,
    COUNTRY,
    DATE,
    GUID,
    INN_ORGANIZATION,
    INN_PERSON,
    KPP,
    OGRNIP,
    POSTCODE,
    REGION,
    T50,
    T100,
    T255,
    T500,
    T1000,
    exact,
    text,
    words,
)
from edo_service.formats.engine.conditions import absent, among, differs, present
from edo_service.formats.engine.model import Rule, block, choice, many, may, maybe, need, one, rule

ADDRESS_RUSSIA: Final = block(
    may("Индекс", POSTCODE, "индекс"),
    need("КодРегион", REGION, "код региона"),
    need("НаимРегион", text(51), "регион"),
    may("Район", T255, "район"),
    may("Город", T255, "город"),
    may("НаселПункт", T255, "населённый пункт"),
    may("Улица", T255, "улица"),
    may("Дом", T50, "дом"),
    may("Корпус", T50, "корпус"),
    may("Кварт", T50, "квартира или офис"),
    may("ИныеСвед", T1000, "прочее об адресе"),
)

ADDRESS_TEXT: Final = block(
    need("КодСтр", COUNTRY, "код страны по ОКСМ"),
    need("НаимСтран", T255, "страна"),
    need("АдрТекст", T1000, "адрес одной строкой"),
)

_CODED_PLACE: Final = block(need("ВидКод", exact(1), "код вида"), need("Наим", T255, "наименование"))
_NAMED_PLACE: Final = block(need("Вид", T50, "вид"), need("Наим", T255, "наименование"))
_TYPED_PLACE: Final = block(need("Тип", T50, "тип"), need("Наим", T255, "наименование"))
_NUMBERED_PLACE: Final = block(need("Тип", T50, "тип"), need("Номер", T255, "номер"))

ADDRESS_REGISTRY: Final = block(
    one("Регион", REGION, "код региона"),
    one("НаимРегион", text(51), "регион"),
    maybe("МуниципРайон", _CODED_PLACE, "муниципальный район или округ"),
    maybe("ГородСелПоселен", _CODED_PLACE, "поселение"),
    maybe("НаселенПункт", _NAMED_PLACE, "населённый пункт"),
    maybe("ЭлПланСтруктур", _TYPED_PLACE, "квартал, микрорайон, территория"),
    maybe("ЭлУлДорСети", _TYPED_PLACE, "улица"),
    maybe("ЗемелУчасток", T50, "земельный участок"),
    many("Здание", _NUMBERED_PLACE, "здание"),
    maybe("ПомещЗдания", _NUMBERED_PLACE, "помещение"),
    maybe("ПомещКвартиры", _NUMBERED_PLACE, "комната"),
    need("ИдНом", GUID, "номер адреса в ГАР"),
    may("Индекс", exact(6), "индекс"),
)

ADDRESS: Final = block(
    choice(
        one("АдрРФ", ADDRESS_RUSSIA, "адрес в России"),
        one(
            "АдрГАР",
            ADDRESS_REGISTRY,
            "адрес по ГАР",
            rule(
                "registry-district",
                "МуниципРайон",
                "элемент АдрГАР — для всех регионов, кроме 99, нужен МуниципРайон",
                when=differs("Регион", 99),
                then=present("МуниципРайон"),
            ),
        ),
        one("АдрИнф", ADDRESS_TEXT, "адрес строкой, в том числе за границей"),
    ),
    may("ГЛНМеста", exact(13), "номер места GLN"),
)

ENTREPRENEUR: Final = block(
    one("ФИО", PERSON_NAME, "имя предпринимателя"),
    need("ИННФЛ", INN_PERSON, "ИНН предпринимателя"),
    may("СвГосРегИП", T100, "свидетельство о регистрации"),
    may("ОГРНИП", OGRNIP, "ОГРНИП"),
    may("ДатаОГРНИП", DATE, "дата ОГРНИП"),
    may("ИныеСвед", T255, "иные сведения"),
)

ORGANIZATION: Final = block(
    need("НаимОрг", T1000, "наименование организации"),
    need("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
    may("КПП", KPP, "КПП"),
)

INDIVIDUAL: Final = block(
    maybe("ФИО", PERSON_NAME, "имя"),
    may("ИННФЛ", INN_PERSON, "ИНН"),
    may("ИдСтатЛ", words("0", "1"), "известно ли лицо"),
    may("ИныеСвед", T255, "иные сведения"),
)

_INDIVIDUAL_KNOWN: Final = rule(
    "individual-identified",
    "@ИныеСвед",
    "элемент СвФЛУч — при ИдСтатЛ=1 нужны ФИО или ИныеСвед",
    when=differs("@ИдСтатЛ", 0) & absent("ФИО"),
    then=present("@ИныеСвед"),
)

IDENTITY: Final = block(
    choice(
        one("СвИП", ENTREPRENEUR, "индивидуальный предприниматель"),
        one("СвЮЛУч", ORGANIZATION, "организация"),
        one("СвИнНеУч", FOREIGN_PARTY, "иностранное лицо", *foreign_rules("СвИнНеУч")),
        one("СвФЛУч", INDIVIDUAL, "физическое лицо", _INDIVIDUAL_KNOWN),
    )
)

BANK_ACCOUNT: Final = block(
    maybe(
        "СвБанк",
        block(
            may("НаимБанк", T1000, "банк"),
            may("БИК", BIK, "БИК"),
            may("КорСчет", text(34), "корреспондентский счёт"),
        ),
        "банк",
    ),
    may("НомерСчета", text(34), "расчётный счёт"),
)

CONTACTS: Final = block(
    many("Тлф", T255, "телефон"),
    many("ЭлПочта", T255, "электронная почта"),
    may("ИнКонт", T255, "другая связь"),
)

PARTY: Final = block(
    one("ИдСв", IDENTITY, "кто это"),
    maybe("Адрес", ADDRESS, "адрес"),
    maybe("БанкРекв", BANK_ACCOUNT, "банковские реквизиты"),
    maybe("Контакт", CONTACTS, "контакты"),
    may("ОКПО", text(10), "код ОКПО"),
    may("КодОПФ", text(5, least=2), "код организационно-правовой формы"),
    may("ПолнНаимОПФ", text(255, least=4), "организационно-правовая форма"),
    may("СтруктПодр", T500, "подразделение"),
    may("ИнфДляУчаст", T255, "сведения для контрагента"),
    may("СокрНаим", text(510), "краткое наименование"),
)


def address_rule(name: str, function: str) -> Rule:
    """In an invoice (СЧФ, СЧФДОП) this party's address is required.

    `function` is the path to the document's function.
    """
    return rule(
        "invoice-address",
        "Адрес",
        f"элемент {name} — в счёте-фактуре нужен адрес (элемент Адрес)",
        when=among(function, "СЧФ", "СЧФДОП"),
        then=present("Адрес"),
    )
