"""ТОРГ-12 5.01, both titles DP_TOVTORGPR and DP_TOVTORGPOK. Order ММВ-7-10/551@; new ones are УПД since 2026."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.old_common import (
    AUTHOR,
    EXCHANGE,
    GROUNDS,
    PROGRAM_OPTIONAL,
    T120,
    T128,
    information,
)
from edo_service.formats.declarations.trade_common import GROUND, MOST_FIELDS, TAX_RATES, act_signers, party
from edo_service.formats.declarations.upd_501 import employee
from edo_service.formats.declarations.upd_common import CODE_OF_FORM, PERSON_NAME, TEXT_ENTRY
from edo_service.formats.declarations.values import (
    CURRENCY,
    FILLED_TEXT,
    LOOSE_DATE_1900,
    MONEY,
    QUANTITY,
    T50,
    T100,
    T255,
    T1000,
    TIME,
    UNIT,
    decimal,
    digits,
    integer,
    text,
    words,
)
from edo_service.formats.engine.model import (
    Attribute,
    Block,
    Declaration,
    Element,
    block,
    choice,
    many,
    may,
    maybe,
    need,
    one,
    some,
)
from edo_service.formats.remarks.requisites import requisites
from edo_service.formats.remarks.trade import trade_sums

ORDER: Final = "Приказ ФНС России от 30.11.2015 № ММВ-7-10/551@"
_DATE: Final = LOOSE_DATE_1900
_FILE_ID: Final = text(200)
_ACCOUNT: Final = digits(9)
_MASS: Final = decimal(12, 3)
_PARTY: Final = party("АдрИнф")
_TITLE: Final = "Документ о передаче товара при торговых операциях"

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
        block(may("НомДокПТ", T255, "номер документа"), need("ДатаДокПТ", _DATE, "дата документа")),
        "номер и дата",
    ),
    maybe(
        "ИспрДокПТ",
        block(
            need("НомИспрДокПТ", integer(3, at_least=1), "номер исправления"),
            need("ДатаИспрДокПТ", _DATE, "дата исправления"),
        ),
        "исправление",
    ),
    one(
        "ДенИзм",
        block(
            need("КодОКВ", CURRENCY, "код валюты"),
            may("НаимОКВ", T100, "валюта"),
            may("КурсВал", decimal(10, 4), "курс"),
        ),
        "валюта",
    ),
    one(
        "СодФХЖ1",
        block(
            maybe("ГрузОтпр", _PARTY, "грузоотправитель"),
            maybe("ГрузПолуч", _PARTY, "грузополучатель"),
            one("Продавец", _PARTY, "продавец"),
            one("Покупатель", _PARTY, "покупатель"),
            GROUND,
            maybe("Перевозчик", _PARTY, "перевозчик"),
            maybe("ИдГосКон", T255, "код государственного контракта"),
            maybe("ВидОперации", T255, "вид операции"),
            maybe("ИнфПолФХЖ1", information(most=MOST_FIELDS), "дополнительные поля документа"),
        ),
        "содержание",
    ),
)

_LINE: Final = block(
    many("ИнфПолФХЖ2", TEXT_ENTRY, "дополнительное поле строки"),
    need("НомТов", integer(6), "номер строки"),
    may("НаимТов", T1000, "товар"),
    may("ХарактерТов", T1000, "характеристика"),
    may("СортТов", text(10), "сорт"),
    may("АртикулТов", T50, "артикул"),
    may("КодТов", T100, "код товара"),
    need("НаимЕдИзм", T1000, "единица измерения"),
    need("ОКЕИ_Тов", UNIT, "код единицы измерения"),
    may("ВидУпак", T1000, "вид упаковки"),
    may("Место", _MASS, "количество в одном месте"),
    may("КолМест", integer(12), "количество мест"),
    may("Брутто", _MASS, "масса брутто"),
    may("НадлОтп", QUANTITY, "заказанное количество"),
    need("НеттоПередано", QUANTITY, "передано"),
    may("Цена", QUANTITY, "цена"),
    may("СтБезНДС", MONEY, "стоимость без налога"),
    may("НалСт", words(*TAX_RATES, "НДС исчисляется налоговым агентом"), "налоговая ставка"),
    may("СумНДС", MONEY, "сумма налога"),
    may("СтУчНДС", MONEY, "стоимость с налогом"),
    may("КорСчДебет", _ACCOUNT, "счёт по дебету"),
    may("КорСчКредит", _ACCOUNT, "счёт по кредиту"),
)

_TOTAL: Final = block(
    may("КолМестВс", integer(12), "мест всего"),
    may("БруттоВс", _MASS, "масса брутто всего"),
    may("НеттоВс", QUANTITY, "передано всего"),
    may("СтБезНДСВс", MONEY, "всего без налога"),
    may("СумНДСВс", MONEY, "налог всего"),
    need("СтУчНДСВс", MONEY, "всего с налогом"),
)


def _other_person(suffix: str, grounds: Attribute) -> Block:
    """Someone entrusted to hand over («Пер») or to take («Пол») the goods."""
    name, other = one("ФИО", PERSON_NAME, "имя"), may("ИныеСвед", T255, "иные сведения")
    return block(
        choice(
            one(
                f"ПредОрг{suffix}",
                block(
                    name,
                    need("Должность", T128, "должность"),
                    other,
                    need(f"НаимОрг{suffix}", T128, "организация"),
                    may(f"ОснДоверОрг{suffix}", T120, "почему доверено организации"),
                    may(f"ОснПолнПред{suffix}", T120, "полномочия представителя"),
                ),
                "представитель организации",
            ),
            one(
                "ФЛ",
                block(name, grounds, other),
                "физическое лицо",
            ),
        )
    )


def _hands(own: str, suffix: str, grounds: str, label: str) -> Block:
    """A worker of the party or someone entrusted."""
    trust = may(grounds, T120, "почему доверено этому лицу")
    return block(
        choice(
            one(own, employee(label), "работник"),
            one("ИнЛицо", _other_person(suffix, trust), "иное лицо"),
        )
    )


_HANDED_OVER: Final = block(
    maybe("СвЛицОтпГруз", _hands("РабОргПрод", "Пер", "ОснДоверФЛПер", "кто отпустил"), "кто отпустил груз"),
    many(
        "ТранНакл",
        block(need("НомТранНакл", T255, "номер накладной"), need("ДатаТранНакл", _DATE, "дата накладной")),
        "транспортная накладная",
    ),
    many("ИнфПолФХЖ3", TEXT_ENTRY, "дополнительное поле"),
    need("СодОпер", T255, "содержание операции"),
    may("ДатаОтпуск", _DATE, "дата отпуска"),
    may("КолПрил", T255, "приложения"),
)

_TAKEN: Final = block(
    one(
        "ГрузПолучил",
        block(
            maybe("СвЛицПолГруз", _hands("РабОргПок", "Пол", "ОснДоверФЛ", "кто получил"), "кто получил груз"),
            need("СодОпер", T255, "содержание операции"),
            may("ДатаПолуч", _DATE, "дата получения"),
        ),
        "получение груза",
    ),
    maybe("ВидОперации", T255, "вид операции"),
    maybe("ИнфПолФХЖ4", information(most=MOST_FIELDS), "дополнительные поля получения"),
    need("НаимДокОпрПр", T255, "название документа продавца"),
    may("НомДокПТПр", T255, "номер документа продавца"),
    need("ДатаДокПТПр", _DATE, "дата документа продавца"),
)


def _declaration(code: str, *body: Element | Attribute) -> Declaration:
    return Declaration(
        code=code,
        version="5.01",
        order=ORDER,
        root=one(
            "Файл",
            block(
                EXCHANGE,
                one("Документ", block(*body), "документ"),
                need("ИдФайл", _FILE_ID, "идентификатор файла"),
                PROGRAM_OPTIONAL,
                need("ВерсФорм", words("5.01"), "версия формата"),
            ),
            "файл",
        ),
        remarks=(requisites, trade_sums),
    )


GOODS_NOTE_SELLER: Final = _declaration(
    "goods_note_seller",
    one(
        "СвДокПТПрКроме",
        block(
            one("СвДокПТПр", _HEAD, "стороны и реквизиты"),
            one(
                "СодФХЖ2",
                block(some("СвТов", _LINE, "строка таблицы"), maybe("Всего", _TOTAL, "всего")),
                "таблица товаров",
            ),
        ),
        "документ продавца",
    ),
    one("СодФХЖ3", _HANDED_OVER, "отпуск груза"),
    act_signers(name_needed=True),
    need("КНД", words("1175010"), CODE_OF_FORM),
    need("ДатаИнфПр", _DATE, "дата файла"),
    need("ВремИнфПр", TIME, "время файла"),
    AUTHOR,
    GROUNDS,
)

GOODS_NOTE_BUYER: Final = _declaration(
    "goods_note_buyer",
    one(
        "ИдДокПТПр",
        block(
            some("ЭП", FILLED_TEXT, "подпись продавца"),
            need("ИдФайлИнфПр", _FILE_ID, "файл продавца"),
            may("ДатаФайлИнфПр", _DATE, "дата файла продавца"),
            may("ВремФайлИнфПр", TIME, "время файла продавца"),
        ),
        "файл продавца",
    ),
    one("СодФХЖ4", _TAKEN, "получение"),
    act_signers(name_needed=True),
    need("КНД", words("1175011"), CODE_OF_FORM),
    need("ДатаИнфПок", _DATE, "дата файла"),
    need("ВремИнфПок", TIME, "время файла"),
    AUTHOR,
    GROUNDS,
)
