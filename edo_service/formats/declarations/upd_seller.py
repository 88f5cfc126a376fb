"""УПД 5.03, the seller's title ON_NSCHFDOPPR (КНД 1115131). Order ЕД-7-26/970@."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.upd_common import (
    AUTHOR_NAME,
    CODE_OF_FORM,
    DOCUMENT_REFERENCE,
    FILE_IDENTIFIER,
    GROUNDS_OF_AUTHOR,
    INFORMATION_FIELD,
    ORDER,
    PROGRAM,
    SIGNERS,
    UNIQUE_ID,
    employee,
    other_person,
)
from edo_service.formats.declarations.upd_lines import TABLE
from edo_service.formats.declarations.upd_party import PARTY, address_rule
from edo_service.formats.declarations.values import (
    CURRENCY,
    DATE,
    FILE_ID,
    FLAG,
    MONEY,
    T100,
    T255,
    T1000,
    T2000,
    TIME,
    codes,
    decimal,
    exact,
    integer,
    text,
    words,
)
from edo_service.formats.engine.conditions import absent, among, equals, present
from edo_service.formats.engine.model import Declaration, block, choice, many, may, maybe, need, one, rule, some
from edo_service.formats.remarks.file_name import upd_file_name
from edo_service.formats.remarks.requisites import requisites
from edo_service.formats.remarks.sums import sums

FUNCTION: Final = codes(
    СЧФ="счёт-фактура",
    СЧФДОП="счёт-фактура и передаточный документ",
    ДОП="передаточный документ",
    СвРК="сведения для расчётов с посредником",
    СвЗК="сведения о закупке",
)
FUNCTIONS: Final = FUNCTION.choices

_CORRECTION: Final = block(
    need("НомИспр", integer(3, at_least=1), "номер исправления"),
    need("ДатаИспр", DATE, "дата исправления"),
)

_CONSIGNOR: Final = block(
    choice(
        one("ГрузОтпр", PARTY, "грузоотправитель", address_rule("ГрузОтпр", "../../../@Функция")),
        one("ОнЖе", words("он же"), "продавец сам отправляет груз"),
    )
)

_PAYMENT: Final = block(
    may("НомерПРД", text(30), "номер платёжного документа"),
    may("ДатаПРД", DATE, "дата платёжного документа"),
    may("СуммаПРД", MONEY, "сумма"),
)

_CURRENCY: Final = block(
    need("КодОКВ", CURRENCY, "код валюты"),
    need("НаимОКВ", T100, "валюта"),
    may("КурсВал", decimal(10, 4), "курс"),
)

_TREASURY: Final = block(
    need("ДатаГосКонт", DATE, "дата госконтракта"),
    need("НомерГосКонт", T100, "номер госконтракта"),
    may("ЛицСчетПрод", exact(11), "лицевой счёт продавца"),
    may("КодПродБюджКласс", exact(20), "бюджетная классификация продавца"),
    may("КодЦелиПрод", exact(20), "код цели продавца"),
    may("КодКазначПрод", text(4), "код казначейства продавца"),
    may("НаимКазначПрод", T2000, "казначейство продавца"),
)

_CIRCUMSTANCES: Final = block(
    many(
        "ВидОбяз",
        block(may("КодВидОбяз", T255, "код обязательства"), may("НаимВидОбяз", T255, "обязательство")),
        "вид обязательства",
    ),
    maybe("ИнфПродЗаГоскКазн", _TREASURY, "государственная закупка"),
    maybe("СвФактор", PARTY, "фактор", address_rule("СвФактор", "../../../@Функция")),
    maybe("ОснУстДенТреб", DOCUMENT_REFERENCE, "основание уступки требования"),
    many("СопрДокФХЖ", DOCUMENT_REFERENCE, "сопроводительный документ"),
    may("ИдГосКон", text(25, least=20), "код государственного контракта"),
    may("СпОбстФСЧФ", words("1", "2", "3", "4", "5", "6"), "особые обстоятельства счёта-фактуры"),
    may("СпОбстФСЧФДОП", exact(5), "особые обстоятельства УПД"),
    may("СпОбстФДОП", exact(5), "особые обстоятельства документа"),
)


def _only_for(attribute: str, function: str) -> tuple[str, str, str]:
    return (
        f"circumstances-{FUNCTIONS.index(function)}",
        f"@{attribute}",
        f"элемент ДопСвФХЖ1 — {attribute} бывает только при Функция={function}",
    )


_CIRCUMSTANCES_RULES: Final = tuple(
    rule(*_only_for(attribute, function), when=~among("../../@Функция", function), then=absent(f"@{attribute}"))
    for attribute, function in (("СпОбстФСЧФ", "СЧФ"), ("СпОбстФСЧФДОП", "СЧФДОП"), ("СпОбстФДОП", "ДОП"))
)

_HEAD: Final = block(
    maybe("ИспрДок", _CORRECTION, "исправление"),
    some("СвПрод", PARTY, "продавец", address_rule("СвПрод", "../../@Функция")),
    many("ГрузОт", _CONSIGNOR, "грузоотправитель"),
    many("ГрузПолуч", PARTY, "грузополучатель", address_rule("ГрузПолуч", "../../@Функция")),
    many("СвПРД", _PAYMENT, "платёжный документ"),
    many("ДокПодтвОтгрНом", DOCUMENT_REFERENCE, "документ об отгрузке"),
    some("СвПокуп", PARTY, "покупатель", address_rule("СвПокуп", "../../@Функция")),
    one("ДенИзм", _CURRENCY, "валюта"),
    maybe("ДопСвФХЖ1", _CIRCUMSTANCES, "дополнительные сведения", *_CIRCUMSTANCES_RULES),
    maybe("ИнфПолФХЖ1", INFORMATION_FIELD, "дополнительные поля документа"),
    need("НомерДок", T1000, "номер документа"),
    need("ДатаДок", DATE, "дата документа"),
    may("ИмяФайлИспрПрод", FILE_ID, "исправляемый файл продавца"),
    may("ИмяФайлИспрПок", FILE_ID, "исправляемый файл покупателя"),
)

_HEAD_RULES: Final = (
    rule(
        "shipping-document",
        "ДокПодтвОтгрНом",
        "элемент СвСчФакт — в счёте-фактуре (СЧФ) нужен документ об отгрузке (ДокПодтвОтгрНом), кроме СпОбстФСЧФ=2",
        when=among("../@Функция", "СЧФ") & ~equals("ДопСвФХЖ1/@СпОбстФСЧФ", 2),
        then=present("ДокПодтвОтгрНом"),
    ),
)

_TRANSPORT: Final = block(
    may("СвТран", T1000, "перевозка"),
    may("Инкотермс", exact(3), "условие Инкотермс"),
    may("ВерИнкотермс", exact(4), "версия Инкотермс"),
)

_MADE_THING: Final = block(
    maybe("ДокПерВещ", DOCUMENT_REFERENCE, "документ о передаче вещи"),
    may("ДатаПерВещ", DATE, "дата передачи вещи"),
    may("СвПерВещ", T1000, "сведения о передаче вещи"),
)

_TRANSFER: Final = block(
    choice(
        some("ОснПер", DOCUMENT_REFERENCE, "основание передачи"),
        one("БезДокОснПер", FLAG, "передача без документа-основания"),
    ),
    maybe(
        "СвЛицПер",
        block(
            choice(
                one("РабОргПрод", employee("кто передал"), "работник продавца"),
                one("ИнЛицо", other_person("Пер", inn_of_organization="ИННЮЛПер"), "иное лицо"),
            )
        ),
        "кто передал товар",
    ),
    maybe("Тран", _TRANSPORT, "перевозка"),
    maybe("СвПерВещи", _MADE_THING, "передача вещи по подряду"),
    need("СодОпер", T255, "содержание операции"),
    may("ВидОпер", T255, "вид операции"),
    may("ДатаПер", DATE, "дата передачи"),
    may("ДатаНачПер", DATE, "начало периода"),
    may("ДатаОконПер", DATE, "конец периода"),
)

_TRANSFER_RULES: Final = tuple(
    rule(
        f"transfer-{code}",
        f"@{attribute}",
        "элемент СвПер — нужна дата передачи (ДатаПер) или период (ДатаНачПер и ДатаОконПер)",
        when=among("../../@Функция", "СЧФДОП", "ДОП") & unless,
        then=present(f"@{attribute}"),
    )
    for code, attribute, unless in (
        ("date", "ДатаПер", absent("@ДатаНачПер") & absent("@ДатаОконПер")),
        ("start", "ДатаНачПер", absent("@ДатаПер") & present("@ДатаОконПер")),
        ("end", "ДатаОконПер", absent("@ДатаПер") & present("@ДатаНачПер")),
    )
)

_DOCUMENT: Final = block(
    one("СвСчФакт", _HEAD, "стороны и реквизиты", *_HEAD_RULES),
    maybe("ТаблСчФакт", TABLE, "таблица товаров, работ, услуг"),
    maybe(
        "СвПродПер",
        block(
            one("СвПер", _TRANSFER, "передача", *_TRANSFER_RULES),
            maybe("ИнфПолФХЖ3", INFORMATION_FIELD, "дополнительные поля передачи"),
        ),
        "передача товаров, работ, услуг",
    ),
    SIGNERS,
    GROUNDS_OF_AUTHOR,
    need("КНД", words("1115131"), CODE_OF_FORM),
    UNIQUE_ID,
    need("Функция", FUNCTION, "функция документа"),
    may("ПоФактХЖ", T255, "вид документа по факту хозяйственной жизни"),
    may("НаимДокОпр", T255, "название первичного документа"),
    need("ДатаИнфПр", DATE, "дата файла"),
    need("ВремИнфПр", TIME, "время файла"),
    AUTHOR_NAME,
    may("СоглСтрДопИнф", exact(14), "согласованная структура дополнительных полей"),
)

DOCUMENT_RULES: Final = (
    rule(
        "table",
        "ТаблСчФакт",
        "элемент Документ — в счёте-фактуре нужна таблица (ТаблСчФакт)",
        when=among("@Функция", "СЧФ", "СЧФДОП"),
        then=present("ТаблСчФакт"),
    ),
    rule(
        "transfer",
        "СвПродПер",
        "элемент Документ — в передаточном документе нужны сведения о передаче (СвПродПер)",
        when=among("@Функция", "ДОП", "СЧФДОП"),
        then=present("СвПродПер"),
    ),
    rule(
        "document-name",
        "@НаимДокОпр",
        "элемент Документ — нужно название первичного документа (НаимДокОпр)",
        when=among("@Функция", "СЧФДОП", "ДОП", "СвРК", "СвЗК"),
        then=present("@НаимДокОпр"),
    ),
    rule(
        "document-name-alien",
        "@НаимДокОпр",
        "элемент Документ — в счёте-фактуре (СЧФ) названия первичного документа (НаимДокОпр) не бывает",
        when=~among("@Функция", "СЧФДОП", "ДОП", "СвРК", "СвЗК"),
        then=absent("@НаимДокОпр"),
    ),
)

UPD_SELLER: Final = Declaration(
    code="upd_seller",
    version="5.03",
    order=ORDER,
    root=one(
        "Файл",
        block(
            one("Документ", _DOCUMENT, "документ", *DOCUMENT_RULES),
            FILE_IDENTIFIER,
            need("ВерсФорм", words("5.03"), "версия формата"),
            PROGRAM,
        ),
        "файл",
    ),
    remarks=(requisites, sums, upd_file_name),
)
