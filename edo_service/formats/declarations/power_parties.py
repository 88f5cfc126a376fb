"""Who gives and takes a МЧД EMCHD_1: persons, organisations, entrepreneurs, their papers and addresses."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.values import (
    COUNTRY,
    INN_ORGANIZATION,
    INN_PERSON,
    KPP,
    OGRN,
    OGRNIP,
    REGION,
    REGISTER_GUID,
    SNILS,
    T50,
    T255,
    T1000,
    codes,
    digits,
    exact,
    text,
    words,
)
from edo_service.formats.engine.model import Value, block, choice, may, maybe, need, one, some

ISO_DATE: Final = Value(kind="isodate", since=0, until=9999)
YES_NO: Final = codes(_0="нет", _1="да")
TAXPAYER_STATUS: Final = words("101", "102", "299", "301", "303", "399")
_PHONE: Final = may("КонтактТлф", T50, "телефон")
_MAIL: Final = may("АдрЭлПочт", text(129, least=3), "электронная почта")
_STATUS: Final = may("СтУчНД", TAXPAYER_STATUS, "статус налогоплательщика")
_REGISTER_NUMBER: Final = may("РегНомер", text(80), "регистрационный номер")

FULL_NAME: Final = block(
    need("Фамилия", text(200), "фамилия"),
    need("Имя", text(200), "имя"),
    may("Отчество", text(200), "отчество"),
)

_PAPER: Final = maybe(
    "ДокПдтв",
    block(
        may("НаимДокПдтв", text(120), "название документа"),
        may("ДатаВыд", ISO_DATE, "дата выдачи"),
        may("КемВыд", T1000, "кем выдан"),
        may("СвУдДок", T1000, "сведения об удостоверении"),
    ),
    "чем подтверждены полномочия",
)

ADDRESS: Final = block(
    choice(
        maybe("АдрРФ", T1000, "адрес"),
        maybe("ФИАСАдрРФ", T1000, "адрес по ФИАС"),
    ),
    need("Регион", REGION, "код региона"),
    may("ИдФИАС", REGISTER_GUID, "номер адреса в ФИАС"),
)

_IDENTITY: Final = block(
    maybe("expDate", ISO_DATE, "действует до"),
    need("КодВидДок", digits(2), "вид документа"),
    need("СерНомДок", text(25), "серия и номер"),
    need("ДатаДок", ISO_DATE, "дата выдачи"),
    may("ВыдДок", text(4000), "кем выдан"),
    may("КодВыдДок", exact(7), "код подразделения"),
)

INDIVIDUAL: Final = block(
    one("ФИО", FULL_NAME, "имя"),
    maybe("АдрМЖ", ADDRESS, "адрес места жительства"),
    maybe("УдЛичнФЛ", _IDENTITY, "документ, удостоверяющий личность"),
    may("Пол", codes(_1="мужской", _2="женский"), "пол"),
    may("ПрГражд", words("1", "2", "3"), "признак гражданства"),
    may("НомЕРН", digits(12), "номер в регистре населения"),
    may("ДатаРожд", ISO_DATE, "дата рождения"),
    may("МестоРожд", text(250), "место рождения"),
    may("Гражданство", COUNTRY, "код гражданства"),
    _PHONE,
    _MAIL,
)

PERSON: Final = block(
    _PAPER,
    one("СведФЛ", INDIVIDUAL, "сведения о лице"),
    _STATUS,
    may("ИННФЛ", INN_PERSON, "ИНН"),
    may("СНИЛС", SNILS, "СНИЛС"),
    may("Должность", T255, "должность"),
)

ENTREPRENEUR: Final = block(
    _PAPER,
    one("СведФЛ", INDIVIDUAL, "сведения о лице"),
    _STATUS,
    may("НаимИП", T1000, "наименование предпринимателя"),
    need("ОГРНИП", OGRNIP, "ОГРНИП"),
    need("ИННФЛ", INN_PERSON, "ИНН предпринимателя"),
    need("СНИЛС", SNILS, "СНИЛС"),
)

COMPANY: Final = block(
    _PAPER,
    maybe("АдрРег", ADDRESS, "адрес регистрации"),
    _STATUS,
    need("НаимОрг", T1000, "наименование организации"),
    may("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
    need("КПП", KPP, "КПП"),
    may("ОГРН", OGRN, "ОГРН"),
    _REGISTER_NUMBER,
    may("НаимУчрДок", T1000, "учредительный документ"),
    _PHONE,
    _MAIL,
)

FOREIGN_COMPANY: Final = block(
    maybe("АдрМНФакт", ADDRESS, "фактический адрес"),
    _STATUS,
    need("НаимИО", T1000, "наименование"),
    may("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
    may("КПП", KPP, "КПП"),
    may("НЗА", exact(11), "номер записи об аккредитации"),
    may("СтрРег", COUNTRY, "страна регистрации"),
    may("НаимРегОрг", T255, "регистрирующий орган"),
    _REGISTER_NUMBER,
    may("КодНПРег", text(80), "код в стране регистрации"),
    _PHONE,
    _MAIL,
    may("АдрСтрРег", T1000, "адрес в стране регистрации"),
)

FOREIGN_PRINCIPAL: Final = block(
    one("СвИнОрг", FOREIGN_COMPANY, "иностранная организация"),
    some("СвРукОП", PERSON, "руководитель подразделения"),
)

ACTS_WITHOUT_POWER: Final = block(
    maybe(
        "СВЮЛ",
        block(one("СвЮЛЕИО", COMPANY, "управляющая организация"), some("СвФЛ", PERSON, "её руководитель")),
        "управляющая компания",
    ),
    maybe("СвФЛ", PERSON, "руководитель"),
    maybe("СвИП", ENTREPRENEUR, "управляющий предприниматель"),
    need("ПолнЮЛ", codes(_1="действует сам", _2="действует совместно"), "как действует"),
)

PRINCIPAL_COMPANY: Final = block(
    one("СвРосОрг", COMPANY, "организация"),
    some("ЛицоБезДов", ACTS_WITHOUT_POWER, "кто действует без доверенности"),
    need("ЕИОУК", YES_NO, "управляет компания"),
    need("ЕИОФЛ", YES_NO, "управляет физическое лицо"),
    need("ЕИОИП", YES_NO, "управляет предприниматель"),
)

PRINCIPAL_PERSON: Final = block(
    one("СведФЛ", INDIVIDUAL, "сведения о лице"),
    maybe("СвЗакПредРук", ACTS_WITHOUT_POWER, "законный представитель"),
    _STATUS,
    may("ПрДеесп", YES_NO, "дееспособность"),
    may("ПрНалРук", YES_NO, "есть законный представитель"),
    may("ДокНедеесп", T255, "документ о недееспособности"),
    may("ИННФЛ", INN_PERSON, "ИНН"),
    need("СНИЛС", SNILS, "СНИЛС"),
)
