"""Акт о передаче результатов работ 5.01, both titles DP_REZRUISP and DP_REZRUZAK. Order ММВ-7-10/552@."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.old_common import (
    AUTHOR,
    EXCHANGE,
    GROUNDS,
    PROGRAM_OPTIONAL,
    information,
)
from edo_service.formats.declarations.trade_common import GROUND, MOST_FIELDS, TAX_RATES, act_signers, party
from edo_service.formats.declarations.upd_common import CODE_OF_FORM, TEXT_ENTRY
from edo_service.formats.declarations.values import (
    CURRENCY,
    FILLED_TEXT,
    LOOSE_DATE_1900,
    MONEY,
    QUANTITY,
    T100,
    T255,
    T1000,
    T2000,
    TIME,
    UNIT,
    decimal,
    exact,
    integer,
    text,
    words,
)
from edo_service.formats.engine.model import (
    Attribute,
    Declaration,
    Element,
    Value,
    block,
    may,
    maybe,
    need,
    one,
    some,
)
from edo_service.formats.remarks.requisites import requisites
from edo_service.formats.remarks.trade import trade_sums

ORDER: Final = "Приказ ФНС России от 30.11.2015 № ММВ-7-10/552@"
_DATE: Final = LOOSE_DATE_1900
_TAX_RATES: Final = words(*TAX_RATES)
PARTY: Final = party("АдрИно")
_TITLE: Final = "Документ о передаче результатов работ (Документ об оказании услуг)"

_WORK: Final = block(
    maybe("Описание", text(10000), "описание"),
    Element(name="ИнфПолеОписРабот", type=TEXT_ENTRY, label="дополнительное поле работы", least=0, most=MOST_FIELDS),
    may("Номер", integer(6), "номер строки"),
    may("НаимРабот", T1000, "работа или услуга"),
    may("НаимЕдИзм", T1000, "единица измерения"),
    may("ОКЕИ", UNIT, "код единицы измерения"),
    may("Цена", QUANTITY, "цена"),
    may("Количество", QUANTITY, "количество"),
    may("СтоимБезНДС", MONEY, "стоимость без налога"),
    may("НалСт", _TAX_RATES, "налоговая ставка"),
    may("СумНДС", MONEY, "сумма налога"),
    may("СтоимУчНДС", MONEY, "стоимость с налогом"),
    may("КоррСчДебет", exact(9), "счёт по дебету"),
    may("КоррСчКредит", exact(9), "счёт по кредиту"),
)

_WORKS: Final = block(
    some("Работа", _WORK, "строка"),
    may("НачРабот", _DATE, "начало работ"),
    may("КонРабот", _DATE, "конец работ"),
    may("СтБезНДСИт", MONEY, "итого без налога"),
    may("СумНДСИт", MONEY, "итого налог"),
    need("СтУчНДСИт", MONEY, "итого с налогом"),
)

_FACT: Final = block(
    maybe("ЗагСодОпер", T2000, "вступление"),
    one("Исполнитель", PARTY, "исполнитель"),
    one("Заказчик", PARTY, "заказчик"),
    GROUND,
    maybe("ИдГосКон", T255, "код государственного контракта"),
    maybe("ВидОперации", T255, "вид операции"),
    some("ОписРабот", _WORKS, "работы"),
    maybe("ИнфПолФХЖ1", information(most=MOST_FIELDS), "дополнительные поля документа"),
)

_HEAD: Final = block(
    one(
        "НаимДок",
        block(
            need("ПоФактХЖ", words(_TITLE), "вид документа по факту хозяйственной жизни"),
            need("НаимДокОпр", T255, "название документа"),
        ),
        "название",
    ),
    one(
        "ИдентДок",
        block(may("НомДокПРУ", T255, "номер документа"), need("ДатаДокПРУ", _DATE, "дата документа")),
        "номер и дата",
    ),
    maybe(
        "ИспрДокПРУ",
        block(
            need("НомИспрДокПРУ", integer(3, at_least=1), "номер исправления"),
            need("ДатаИспрДокПРУ", _DATE, "дата исправления"),
        ),
        "исправление",
    ),
    one(
        "ДенИзм",
        block(
            need("КодОКВ", CURRENCY, "код валюты"),
            need("НаимОКВ", T100, "валюта"),
            may("КурсВал", decimal(10, 4), "курс"),
        ),
        "валюта",
    ),
    one("СодФХЖ1", _FACT, "содержание"),
)


def _declaration(code: str, longest_id: Value, *body: Element | Attribute) -> Declaration:
    return Declaration(
        code=code,
        version="5.01",
        order=ORDER,
        root=one(
            "Файл",
            block(
                EXCHANGE,
                one("Документ", block(*body), "документ"),
                need("ИдФайл", longest_id, "идентификатор файла"),
                PROGRAM_OPTIONAL,
                need("ВерсФорм", words("5.01"), "версия формата"),
            ),
            "файл",
        ),
        remarks=(requisites, trade_sums),
    )


WORK_ACT_CONTRACTOR: Final = _declaration(
    "work_act_contractor",
    text(200),
    one("СвДокПРУ", _HEAD, "стороны и работы"),
    one(
        "СодФХЖ2",
        block(
            maybe(
                "СвПерВещи",
                block(may("ДатаПерВещ", _DATE, "дата передачи вещи"), may("СвПерВещ", T1000, "сведения о передаче")),
                "передача вещи",
            ),
            Element(name="ИнфПолФХЖ2", type=TEXT_ENTRY, label="дополнительное поле", least=0, most=None),
            need("СодОпер", T255, "содержание операции"),
            may("ДатаПер", _DATE, "дата передачи"),
        ),
        "передача",
    ),
    act_signers(name_needed=True, grounds="ОснПолнПодп"),
    need("КНД", words("1175012"), CODE_OF_FORM),
    need("ДатаИнфИсп", _DATE, "дата файла"),
    need("ВремИнфИсп", TIME, "время файла"),
    AUTHOR,
    GROUNDS,
)

WORK_ACT_CUSTOMER: Final = _declaration(
    "work_act_customer",
    T255,
    one(
        "ИдДокПРУИсп",
        block(
            some("ЭП", FILLED_TEXT, "подпись исполнителя"),
            need("ИдФайлИнфИсп", text(200), "файл исполнителя"),
            need("ДатаФайлИнфИсп", _DATE, "дата файла исполнителя"),
            need("ВремФайлИнфИсп", TIME, "время файла исполнителя"),
        ),
        "файл исполнителя",
    ),
    one(
        "СодФХЖ3",
        block(
            one(
                "РезПринял",
                block(need("СодОпер", T1000, "содержание операции"), may("ДатаПрием", _DATE, "дата приёмки")),
                "приёмка",
            ),
            maybe(
                "СвПолВещи",
                block(may("ДатаПол", _DATE, "дата получения вещи"), may("СвПол", T1000, "сведения о получении")),
                "получение вещи",
            ),
            maybe("ВидОперации", T255, "вид операции"),
            maybe("ИнфПолФХЖ3", information(most=MOST_FIELDS), "дополнительные поля приёмки"),
            need("НаимДокОпрИсп", T255, "название документа исполнителя"),
            may("НомДокПРУИсп", T255, "номер документа исполнителя"),
            need("ДатаДокПРУИсп", _DATE, "дата документа исполнителя"),
        ),
        "приёмка работ",
    ),
    act_signers(name_needed=False),
    need("КНД", words("1175013"), CODE_OF_FORM),
    need("ДатаИнфЗак", _DATE, "дата файла"),
    need("ВремИнфЗак", TIME, "время файла"),
    AUTHOR,
    GROUNDS,
)
