"""Акт КС-2 1.00, the contractor's title ON_AKTREZRABP: parties, sums, settlements. Order ЕД-7-26/691@."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.construction_common import (
    EXTENSION,
    IDENTIFIED,
    INFORMATION,
    ORDER,
    REFERENCE,
    SUBJECT,
    VERSION,
    YES_NO,
    for_state,
    reference_rules,
    signers,
    state_contract,
    switched,
    wanted,
)
from edo_service.formats.declarations.construction_lines import WORKS
from edo_service.formats.declarations.construction_sums import SETTLEMENTS, total
from edo_service.formats.declarations.old_common import BANK_ACCOUNT, T20
from edo_service.formats.declarations.upd_common import CODE_OF_FORM, FILE_IDENTIFIER, PERSON_NAME, PROGRAM
from edo_service.formats.declarations.values import (
    COLON_TIME,
    COUNTRY,
    CURRENCY,
    DATE,
    INN_ORGANIZATION,
    INN_PERSON,
    KPP,
    OGRNIP,
    POSTCODE,
    REGION,
    T50,
    T100,
    T255,
    T1000,
    T2000,
    codes,
    decimal,
    exact,
    integer,
    text,
    words,
)
from edo_service.formats.engine.conditions import equals
from edo_service.formats.engine.model import (
    Declaration,
    Element,
    Value,
    block,
    choice,
    many,
    may,
    maybe,
    need,
    one,
)
from edo_service.formats.remarks.construction import construction_sums
from edo_service.formats.remarks.requisites import requisites

_BASE: Final = "СвАктСдПр/ОсновСтроит"
_ADDRESS: Final = block(
    choice(
        one(
            "АдрРФ",
            block(
                need("Индекс", POSTCODE, "индекс"),
                need("КодРегион", REGION, "код региона"),
                may("Район", T50, "район"),
                may("Город", T50, "город"),
                may("НаселПункт", T50, "населённый пункт"),
                may("Улица", T50, "улица"),
                may("Дом", T20, "дом"),
                may("Корпус", T20, "корпус"),
                may("Кварт", T20, "квартира или офис"),
            ),
            "адрес в России",
        ),
        one(
            "АдрИнф",
            block(need("КодСтр", COUNTRY, "код страны по ОКСМ"), need("АдрТекст", T1000, "адрес одной строкой")),
            "адрес строкой, в том числе за границей",
        ),
        one("КодГАР", text(36), "номер адреса в ГАР"),
    )
)

_STATE_OF_PARTY: Final = state_contract("../../../../ОсновСтроит")
_WHO: Final = block(
    choice(
        one(
            "СвИП",
            block(
                one("ФИО", PERSON_NAME, "имя предпринимателя"),
                may("ИННФЛ", INN_PERSON, "ИНН предпринимателя"),
                may("ОГРНИП", OGRNIP, "ОГРНИП"),
                may("ИныеСвед", T255, "иные сведения"),
            ),
            "предприниматель",
            wanted("trader-inn", "СвИП", "@ИННФЛ", _STATE_OF_PARTY, "государственный контракт"),
            wanted("trader-ogrnip", "СвИП", "@ОГРНИП", _STATE_OF_PARTY, "государственный контракт"),
        ),
        one(
            "СвЮЛУч",
            block(
                need("НаимОрг", T1000, "наименование организации"),
                need("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
                may("КПП", KPP, "КПП"),
            ),
            "организация",
        ),
        one(
            "СвИнНеУч",
            block(
                need("НаимОрг", T1000, "наименование"),
                may("Идентиф", T255, "идентификатор"),
                may("ИныеСвед", T255, "иные сведения"),
            ),
            "иностранное лицо",
        ),
        one(
            "СвФЛУчастФХЖ",
            block(
                one("ФИО", PERSON_NAME, "имя"), may("ИННФЛ", INN_PERSON, "ИНН"), may("ИныеСвед", T255, "иные сведения")
            ),
            "физическое лицо",
            wanted("person-inn", "СвФЛУчастФХЖ", "@ИННФЛ", _STATE_OF_PARTY, "государственный контракт"),
        ),
    )
)
_PARTY: Final = block(
    one("ИдСв", _WHO, "кто это"),
    maybe("Адрес", _ADDRESS, "адрес"),
    maybe(
        "Контакт",
        block(many("Тлф", T255, "телефон"), many("ЭлПочта", T255, "электронная почта"), may("ИнКонт", T255, "связь")),
        "контакты",
    ),
    maybe("БанкРекв", BANK_ACCOUNT, "банковские реквизиты"),
    may("ОКПО", text(10), "код ОКПО"),
    may("СтруктПодр", T1000, "подразделение"),
    may("ИнфДляУчаст", T255, "сведения для контрагента"),
    may("КраткНазв", T255, "краткое название"),
)
_SIDE: Final = block(
    one("СвСторДог", _PARTY, "сторона договора"), EXTENSION, may("ПрИспКППКр", YES_NO, "КПП крупнейшего")
)


def _identified(name: str, label: str, way: str, *, least: int = 0, most: int | None = 1) -> Element:
    """A document that carries extension fields exactly when the contract is a state one."""
    rules = for_state(name, state_contract(way))
    return Element(name=name, type=IDENTIFIED, label=label, least=least, most=most, rules=rules)


_STATE: Final = state_contract("../ОсновСтроит")
_GROUND: Final = block(
    _identified("ИдКонтрСтр", "договор на строительство", ".."),
    maybe("ИдИнвСтр", SUBJECT, "инвестор"),
    maybe("ИдЗакСтр", SUBJECT, "заказчик строительства"),
    many("ИдСубПодрСтр", SUBJECT, "субподрядчик"),
    EXTENSION,
    need("ПрГосМун", YES_NO, "государственный контракт"),
    may("РеестрНомКонт", exact(19), "реестровый номер контракта"),
    may("ПрНескОбъект", YES_NO, "несколько объектов"),
)
_HEAD: Final = block(
    Element(
        name="ИдДог",
        type=IDENTIFIED,
        label="договор подряда",
        rules=(
            *for_state("ИдДог", _STATE),
            *(
                wanted(f"contract-{number}", "ИдДог", f"ТипИдДок/{about}", _STATE, "государственный контракт")
                for number, about in enumerate(("@НомерДок", "@ДатаДок"), start=1)
            ),
        ),
    ),
    maybe(
        "ИспрАктСдПр",
        block(need("НомИспр", integer(3, at_least=1), "номер исправления"), need("ДатаИспр", DATE, "дата исправления")),
        "исправление",
    ),
    one(
        "СвПодр",
        _SIDE,
        "подрядчик",
        *for_state("СвПодр", _STATE),
        wanted("largest", "СвПодр", "@ПрИспКППКр", _STATE, "государственный контракт"),
    ),
    one("СвЗак", _SIDE, "заказчик", *for_state("СвЗак", _STATE)),
    maybe(
        "ОсновСтроит",
        _GROUND,
        "основания строительства",
        *for_state("ОсновСтроит", state_contract("")),
        wanted("register", "ОсновСтроит", "@РеестрНомКонт", state_contract(""), "государственный контракт"),
    ),
    maybe("МестВыпРаб", _ADDRESS, "место работ"),
    _identified("ИдСмет", "смета", "../ОсновСтроит"),
    choice(
        maybe(
            "ИзмСмет",
            block(
                _identified("ИдДопСогл", "дополнительное соглашение", "../../ОсновСтроит", least=1),
                need("КодСмет", integer(2), "версия сметы"),
            ),
            "изменение сметы",
        ),
        maybe("ИзмСметНет", words("смета не менялась"), "смета не менялась"),
    ),
    _identified("ОснСдачи", "основание сдачи", "../ОсновСтроит", most=None),
    one(
        "ДенИзм",
        block(
            need("КодОКВ", CURRENCY, "код валюты"),
            may("НаимОКВ", T100, "валюта"),
            may("КурсВал", decimal(10, 4), "курс"),
            may(
                "НомВал",
                Value(kind="integer", total_digits=6, choices=("10", "100", "1000", "10000", "100000")),
                "номинал валюты",
            ),
        ),
        "валюта",
    ),
    maybe("ИнфПолФХЖ1", INFORMATION, "дополнительные поля документа"),
    EXTENSION,
    need("НомерДок", T255, "номер акта"),
    need("ДатаДок", DATE, "дата акта"),
    need("НаимОб", T2000, "объект"),
    need("КодОКВДог", CURRENCY, "валюта договора"),
    may("ИдОбОСИтСтр", T255, "основное средство"),
)

_HAND_OVER: Final = block(
    one(
        "СвПер",
        block(
            _identified("ИдДокПредъявЗак", "сообщение о предъявлении", f"../../../{_BASE}"),
            choice(
                maybe("СрокПринРабДн", T255, "срок приёмки, рабочих дней"),
                maybe("СрокПринКалендДн", T255, "срок приёмки, календарных дней"),
                maybe("СрокПринДат", DATE, "срок приёмки"),
            ),
            _identified("ИдСообОГотовн", "сообщение о готовности", f"../../../{_BASE}"),
            need("СодОпер", T255, "содержание операции"),
            may("ВидОпер", T255, "вид операции"),
            may("ДатПредъявЗак", DATE, "дата предъявления"),
            may("НачПерВДок", DATE, "начало периода"),
            may("ОконПерВДок", DATE, "конец периода"),
        ),
        "сдача работ",
        *(
            wanted(f"period-{number}", "СвПер", about, state_contract(f"../../{_BASE}"), "государственный контракт")
            for number, about in enumerate(("@НачПерВДок", "@ОконПерВДок"), start=1)
        ),
    ),
    maybe("ИнфПолФХЖ3", INFORMATION, "дополнительные поля сдачи"),
    EXTENSION,
)

_SETTINGS: Final = block(
    need("ПрНДСВИтог", YES_NO, "налог только в итоге"),
    need("ПрНакИтог", codes(_0="нет", _1="да", _2="иное"), "накопительным итогом"),
    need("ПрИндЦен", exact(4), "индекс цен"),
    may("СтепАгрег", words("НаимКонстрРеш", "НаимРаб"), "степень обобщения"),
    need("ПрСведРасчСогл", YES_NO, "сведения о расчётах согласованы"),
)

_DOCUMENT: Final = block(
    maybe("ОснДовОргСост", REFERENCE, "основание составителя", *reference_rules("ОснДовОргСост")),
    one("СвАктСдПр", _HEAD, "стороны и договор", *for_state("СвАктСдПр", state_contract("ОсновСтроит"))),
    WORKS,
    one("СвПродПер", _HAND_OVER, "сдача", *for_state("СвПродПер", state_contract(f"../{_BASE}"))),
    maybe("СвОРасч", SETTLEMENTS, "расчёты", *for_state("СвОРасч", state_contract(f"../{_BASE}"))),
    total("ВсегоАктОтч", "всего за период", needed=True),
    total("ВсегоАктСНач", "всего с начала", needed=False),
    EXTENSION,
    maybe(
        "НастрФормДок",
        _SETTINGS,
        "настройки документа",
        wanted("degree", "НастрФормДок", "@СтепАгрег", state_contract(f"../{_BASE}"), "государственный контракт"),
    ),
    signers("ПодписантПодр", state_contract(f"../{_BASE}")),
    need("КНД", words("1110335"), CODE_OF_FORM),
    need("ДатаИнфПодр", DATE, "дата файла"),
    need("ВремИнфПодр", COLON_TIME, "время файла"),
    need("НаимЭкСубСост", T1000, "составитель файла"),
    may("СоглСтрДопИнф", exact(14), "согласованная структура дополнительных полей"),
)

CONSTRUCTION_ACT_CONTRACTOR: Final = Declaration(
    code="construction_act_contractor",
    version=VERSION,
    order=ORDER,
    root=one(
        "Файл",
        block(
            one(
                "Документ",
                _DOCUMENT,
                "документ",
                *for_state("Документ", state_contract(_BASE)),
                *switched(
                    "since-start",
                    "Документ",
                    "ВсегоАктСНач",
                    equals("НастрФормДок/@ПрНакИтог", 1),
                    "накопительным итогом нужно ВсегоАктСНач",
                    "ВсегоАктСНач бывает только накопительным итогом",
                ),
            ),
            FILE_IDENTIFIER,
            PROGRAM,
            need("ВерсФорм", words(VERSION), "версия формата"),
        ),
        "файл",
    ),
    remarks=(requisites, construction_sums),
)
