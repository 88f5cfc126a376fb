"""ТОРГ-12 5.01 of 2012-2015, both titles DP_OTORG12 and DP_PTORG12. Order ММВ-7-6/172@; archives must read them."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.common_172 import (
    FILE_ID,
    FREE,
    INFORMATION,
    NUMBER,
    SIDE_OF_NOTE,
    SUM,
    declaration,
    official,
    proxy,
)
from edo_service.formats.declarations.values import (
    LOOSE_DATE,
    T50,
    T100,
    T255,
    T1000,
    TIME,
    UNIT,
    decimal,
    integer,
    text,
    words,
)
from edo_service.formats.engine.model import (
    Attribute,
    block,
    may,
    maybe,
    need,
    one,
    some,
)

_MASS: Final = decimal(12, 3)
_COUNT: Final = integer(10)

_FORM_OF_NOTE: Final[tuple[Attribute, ...]] = (
    need("НаимПервДок", words("Товарная накладная"), "название документа"),
    need("ОКУДПервДок", words("0330212"), "код формы по ОКУД"),
    need("НомФорм", words("ТОРГ-12"), "номер формы"),
)
_GOODS: Final = block(
    need("НомТов", _COUNT, "номер строки"),
    may("НаимТов", T1000, "товар"),
    may("ХарактерТов", T1000, "характеристика"),
    may("СортТов", text(10), "сорт"),
    may("АртикулТов", T50, "артикул"),
    may("КодТов", T100, "код товара"),
    need("НаимЕдИзм", T1000, "единица измерения"),
    may("ОКЕИ_Тов", UNIT, "код единицы измерения"),
    may("ВидУпак", T1000, "вид упаковки"),
    may("Место", _COUNT, "количество в одном месте"),
    may("КолМест", integer(12), "количество мест"),
    may("Брутто", _MASS, "масса брутто"),
    need("Нетто", _MASS, "количество (масса нетто)"),
    may("Цена", decimal(14, 2), "цена"),
    may("СумБезНДС", SUM, "сумма без налога"),
    may("СтавкаНДС", decimal(10, 5), "ставка налога, %"),
    may("СумНДС", SUM, "сумма налога"),
    need("СумУчНДС", SUM, "сумма с налогом"),
    may("ИнфПолСтр", FREE, "дополнительное поле строки"),
)
_NOTE_TOTAL: Final = block(
    may("КолМестВс", integer(12), "мест всего"),
    may("БруттоВс", _MASS, "масса брутто всего"),
    may("НеттоВс", _MASS, "количество (масса нетто) всего"),
    may("СумБезНДСВс", SUM, "всего без налога"),
    may("СумНДСВс", SUM, "налог всего"),
    may("СумУчНДСВс", SUM, "всего с налогом"),
)
_NOTE_WORDS: Final = block(
    may("КолНомЗап", _COUNT, "число записей"),
    may("КолНомЗапПр", T255, "число записей прописью"),
    may("ВсМест", _COUNT, "всего мест"),
    may("ВсМестПр", T255, "всего мест прописью"),
    may("Нетто", _MASS, "масса нетто"),
    may("НеттоПр", T255, "масса нетто прописью"),
    may("Брутто", _MASS, "масса брутто"),
    may("БруттоПр", T255, "масса брутто прописью"),
)
_RELEASED: Final = block(
    maybe("ОтпускРазреш", official(name_needed=True), "кто разрешил отпуск"),
    maybe("Бухгалтер", official(name_needed=True), "главный бухгалтер"),
    maybe("ОтпускПроизв", official(name_needed=True), "кто отпустил груз"),
    may("КолПрил", _COUNT, "листов приложения"),
    may("КолПрилПр", _COUNT, "листов приложения прописью"),
    need("СумОтпуск", SUM, "отпущено на сумму"),
    may("СумОтпускПр", T255, "отпущено на сумму прописью"),
    may("ДатаОтпуск", LOOSE_DATE, "дата отпуска"),
)
_NOTE: Final = block(
    maybe(
        "ГрузОт",
        block(
            maybe("ГрузОтпр", SIDE_OF_NOTE, "кто отправляет груз"),
            maybe("СтруктПодр", T1000, "подразделение"),
            may("ОКДП", text(7), "вид деятельности по ОКДП"),
        ),
        "грузоотправитель",
    ),
    maybe("ГрузПолуч", SIDE_OF_NOTE, "грузополучатель"),
    maybe("Поставщик", SIDE_OF_NOTE, "поставщик"),
    maybe("Плательщик", SIDE_OF_NOTE, "плательщик"),
    maybe(
        "Основание",
        block(
            may("НаимОсн", T255, "название документа"),
            may("НомОсн", NUMBER, "номер документа"),
            may("ДатаОсн", LOOSE_DATE, "дата документа"),
            may("ДопСвОсн", text(1000, least=0), "дополнительно о документе"),
        ),
        "основание",
    ),
    maybe(
        "ТранНакл",
        block(may("НомТранНакл", NUMBER, "номер накладной"), may("ДатаТранНакл", LOOSE_DATE, "дата накладной")),
        "транспортная накладная",
    ),
    maybe("ВидОперации", T255, "вид операции"),
    one(
        "ТН",
        block(
            one(
                "Таблица",
                block(some("СвТов", _GOODS, "строка таблицы"), maybe("ВсегоНакл", _NOTE_TOTAL, "всего по накладной")),
                "таблица товаров",
            ),
            maybe("ТНОбщ", _NOTE_WORDS, "общие сведения"),
            may("НомТН", NUMBER, "номер накладной"),
            need("ДатаТН", LOOSE_DATE, "дата накладной"),
        ),
        "накладная",
    ),
    maybe("ОтпускГруз", _RELEASED, "отпуск груза"),
    INFORMATION,
    *_FORM_OF_NOTE,
)

GOODS_NOTE_172_SELLER: Final = declaration(
    "goods_note_172_seller", "1175004", one("СвТНО", _NOTE, "накладная продавца")
)

GOODS_NOTE_172_BUYER: Final = declaration(
    "goods_note_172_buyer",
    "1175005",
    one(
        "ИдТНО",
        block(
            need("ИдФайлТН", FILE_ID, "файл продавца"),
            need("ДатаДокТН", LOOSE_DATE, "дата файла продавца"),
            need("ВремДокТН", TIME, "время файла продавца"),
        ),
        "файл продавца",
    ),
    one(
        "СвТНП",
        block(
            maybe(
                "ПолучилГруз",
                block(
                    maybe("Доверенность", proxy(holder_needed=False), "доверенность"),
                    maybe("ГрузПринял", official(name_needed=True), "кто принял груз"),
                    maybe("ГрузПолучил", official(name_needed=True), "кто получил груз"),
                    need("ДатаПолуч", LOOSE_DATE, "дата получения"),
                ),
                "получение груза",
            ),
            INFORMATION,
            *_FORM_OF_NOTE,
            may("НомТН", NUMBER, "номер накладной"),
            need("ДатаТН", LOOSE_DATE, "дата накладной"),
        ),
        "накладная покупателя",
    ),
)
