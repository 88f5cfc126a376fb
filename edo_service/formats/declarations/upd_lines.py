"""The table of УПД 5.03: lines, goods' particulars, marking, traceability, totals. Order ЕД-7-26/970@, ТаблСчФакт."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.upd_common import DOCUMENT_REFERENCE, TEXT_ENTRY
from edo_service.formats.declarations.values import (
    COUNTRY,
    MONEY,
    MONEY_NOT_NEGATIVE,
    PRICE,
    QUANTITY,
    QUANTITY_POSITIVE,
    T50,
    T100,
    T255,
    T1000,
    T2000,
    UNIT,
    exact,
    integer,
    text,
    words,
)
from edo_service.formats.engine.conditions import above, absent, among, differs, equals, present
from edo_service.formats.engine.model import block, choice, many, may, maybe, need, one, rule, some

FUNCTION: Final = "../../@Функция"
INVOICE: Final = among(FUNCTION, "СЧФ", "СЧФДОП")
TRANSFER_ONLY: Final = among(FUNCTION, "ДОП")
CIRCUMSTANCES: Final = "../../СвСчФакт/ДопСвФХЖ1"

TAX_RATES: Final = (
    "0%", "5%", "7%", "9,09%", "10%", "16,67%", "18%", "18,03%", "20%", "22%",
    "5/105", "7/107", "10/110", "18/118", "20/120", "22/122",
    "без НДС", "НДС исчисляется налоговым агентом",
)  # fmt: skip

TAX_AMOUNT: Final = block(
    choice(
        one("СумНал", MONEY_NOT_NEGATIVE, "сумма налога"),
        one("БезНДС", words("без НДС"), "отметка «без НДС»"),
    )
)
EXCISE_AMOUNT: Final = block(
    choice(
        one("СумАкциз", MONEY, "сумма акциза"),
        one("БезАкциз", words("без акциза"), "отметка «без акциза»"),
    )
)

CUSTOMS: Final = block(
    may("КодПроисх", COUNTRY, "код страны происхождения"),
    may("НомерДТ", text(29), "номер таможенной декларации"),
)

DEPRECIATION: Final = block(
    need("АмГруппа", text(2), "амортизационная группа"),
    need("КодОКОФ", text(16), "код ОКОФ"),
    need("СрПолИспОС", text(3), "срок полезного использования"),
    need("ФактСрокИсп", integer(3), "фактический срок использования"),
)

TRACEABILITY: Final = block(
    need("НомТовПрослеж", text(29, least=25), "номер прослеживаемой партии"),
    need("ЕдИзмПрослеж", UNIT, "код единицы прослеживаемости"),
    need("НаимЕдИзмПрослеж", T255, "единица прослеживаемости"),
    need("КолВЕдПрослеж", QUANTITY_POSITIVE, "количество прослеживаемого товара"),
    need("СтТовБезНДСПрослеж", MONEY, "стоимость прослеживаемого товара"),
    may("ДопИнфПрослеж", T255, "дополнительно о прослеживаемости"),
)

_MARKS: Final = ("КИЗ", "НомУпак", "@ИдентТрансУпак", "@КолВедМарк")

MARKING: Final = block(
    choice(
        many("КИЗ", T255, "код маркировки"),
        many("НомУпак", T255, "код упаковки"),
    ),
    may("ИдентТрансУпак", T255, "код транспортной упаковки"),
    may("КолВедМарк", integer(26), "количество маркированных единиц"),
    may("ПрПартМарк", text(55), "производственная партия"),
)

STATE_SYSTEM: Final = block(
    some("ИдНомУчетЕд", T255, "номер учётной единицы"),
    need("НаимГосСист", T255, "государственная система"),
    may("УчетЕд", T255, "учётная единица"),
    may("ИнаяИнф", T1000, "иные сведения"),
)

PARTICULARS: Final = block(
    many("КрНаимСтрПр", T255, "страна происхождения"),
    many("СопрДокТов", DOCUMENT_REFERENCE, "сопроводительный документ"),
    maybe("НалУчАморт", DEPRECIATION, "амортизация передаваемого объекта"),
    maybe("СумНалВосст", TAX_AMOUNT, "восстановленный налог"),
    many("СведПрослеж", TRACEABILITY, "прослеживаемость"),
    many(
        "НомСредИдентТов",
        MARKING,
        "маркировка",
        rule(
            "marking-empty",
            ".",
            "элемент НомСредИдентТов — нужен хотя бы один из КИЗ, НомУпак, ИдентТрансУпак, КолВедМарк",
            when=absent(_MARKS[0]) & absent(_MARKS[1]) & absent(_MARKS[2]),
            then=present(_MARKS[3]),
        ),
    ),
    many("СвГосСист", STATE_SYSTEM, "учёт в государственной системе"),
    may("ПрТовРаб", words("1", "2", "3", "4", "5"), "товар, работа, услуга, право, иное"),
    may("ДопПризн", text(4), "уточнение признака"),
    may("НадлОтп", QUANTITY, "заказанное количество"),
    may("ХарактерТов", T1000, "характеристика"),
    may("СортТов", text(10), "сорт"),
    may("СерияТов", T50, "серия"),
    may("АртикулТов", T50, "артикул"),
    may("КодТов", T100, "код товара"),
    may("ГТИН", exact(14), "код GTIN"),
    may("КодКат", exact(27), "код каталога"),
    may("КодВидТов", exact(10), "код вида товара"),
    may("КодВидПр", integer(3), "код вида подакцизной продукции"),
    may("КодТовОКПД2", text(12, least=2), "код ОКПД 2"),
    may("ДопИнфПВидО", exact(5), "сведения о продукции по видам операций"),
)

PARTICULARS_RULES: Final = (
    rule(
        "origin-name",
        "КрНаимСтрПр",
        "элемент ДопСведТов — при указанном КодПроисх нужна страна (КрНаимСтрПр)",
        when=present("../СвДТ/@КодПроисх"),
        then=present("КрНаимСтрПр"),
    ),
    rule(
        "goods-named",
        "@ХарактерТов",
        "элемент ДопСведТов — без наименования нужен ХарактерТов, АртикулТов или КодТов",
        when=among("../" + FUNCTION, "ДОП") & absent("../@НаимТов") & absent("@КодТов") & absent("@АртикулТов"),
        then=present("@ХарактерТов"),
    ),
    rule(
        "operation-kind",
        "@ДопИнфПВидО",
        "элемент ДопСведТов — при СпОбстФДОП=10000 нужен ДопИнфПВидО",
        when=equals(f"../{CIRCUMSTANCES}/@СпОбстФДОП", 10000),
        then=present("@ДопИнфПВидО"),
    ),
)

LINE: Final = block(
    many("СвДТ", CUSTOMS, "таможенная декларация"),
    maybe("ДопСведТов", PARTICULARS, "дополнительно о товаре", *PARTICULARS_RULES),
    maybe("Акциз", EXCISE_AMOUNT, "акциз"),
    one("СумНал", TAX_AMOUNT, "налог"),
    many("ИнфПолФХЖ2", TEXT_ENTRY, "дополнительное поле строки"),
    need("НомСтр", integer(6), "номер строки"),
    may("НаимТов", T2000, "наименование товара, работы, услуги"),
    may("ОКЕИ_Тов", UNIT, "код единицы измерения"),
    may("НаимЕдИзм", T255, "единица измерения"),
    may("КолТов", QUANTITY_POSITIVE, "количество"),
    may("ЦенаТов", PRICE, "цена"),
    may("СтТовБезНДС", MONEY_NOT_NEGATIVE, "стоимость без налога"),
    need("НалСт", words(*TAX_RATES), "налоговая ставка"),
    may("СтТовУчНал", MONEY_NOT_NEGATIVE, "стоимость с налогом"),
)

LINE_RULES: Final = (
    rule(
        "line-name",
        "@НаимТов",
        "элемент СведТов — в счёте-фактуре нужно наименование (НаимТов)",
        when=INVOICE,
        then=present("@НаимТов"),
    ),
    rule(
        "line-name-transfer",
        "@НаимТов",
        "элемент СведТов — нужно наименование (НаимТов), если нет ХарактерТов, АртикулТов и КодТов",
        when=TRANSFER_ONLY
        & absent("ДопСведТов/@ХарактерТов")
        & absent("ДопСведТов/@АртикулТов")
        & absent("ДопСведТов/@КодТов"),
        then=present("@НаимТов"),
    ),
    rule(
        "line-unit-name",
        "@НаимЕдИзм",
        "элемент СведТов — вместе с кодом единицы (ОКЕИ_Тов) нужно её наименование (НаимЕдИзм)",
        when=present("@ОКЕИ_Тов"),
        then=present("@НаимЕдИзм"),
    ),
    rule(
        "line-quantity",
        "@КолТов",
        "элемент СведТов — в счёте-фактуре вместе с единицей измерения нужно количество (КолТов)",
        when=INVOICE & present("@ОКЕИ_Тов"),
        then=present("@КолТов"),
    ),
    rule(
        "line-price",
        "@ЦенаТов",
        "элемент СведТов — в счёте-фактуре вместе с количеством нужна цена больше нуля (ЦенаТов)",
        when=INVOICE & present("@КолТов"),
        then=above("@ЦенаТов", 0),
    ),
    rule(
        "line-price-zero",
        "@ЦенаТов",
        "элемент СведТов — в сведениях для посредника и закупок цена больше нуля (ЦенаТов)",
        when=among(FUNCTION, "СвРК", "СвЗК") & present("@ЦенаТов"),
        then=above("@ЦенаТов", 0),
    ),
    rule(
        "line-price-plain",
        "@ЦенаТов",
        "элемент СведТов — цена (ЦенаТов) пишется без знака плюс",
        when=present("@ЦенаТов"),
        then=above("@ЦенаТов", -1),
    ),
    rule(
        "line-net",
        "@СтТовБезНДС",
        "элемент СведТов — в счёте-фактуре нужна стоимость без налога (СтТовБезНДС)",
        when=INVOICE & differs(f"{CIRCUMSTANCES}/@СпОбстФСЧФ", 2),
        then=present("@СтТовБезНДС"),
    ),
    rule(
        "line-sum",
        "@СтТовБезНДС",
        "элемент СведТов — нужна стоимость: СтТовБезНДС или СтТовУчНал",
        when=TRANSFER_ONLY & absent(f"{CIRCUMSTANCES}/@СпОбстФДОП") & absent("@СтТовУчНал"),
        then=present("@СтТовБезНДС"),
    ),
    rule(
        "line-gross",
        "@СтТовУчНал",
        "элемент СведТов — в счёте-фактуре нужна стоимость с налогом (СтТовУчНал)",
        when=INVOICE,
        then=present("@СтТовУчНал"),
    ),
    rule(
        "line-excise",
        "Акциз",
        "элемент СведТов — при указанном КодВидПр нужен Акциз",
        when=present("ДопСведТов/@КодВидПр"),
        then=present("Акциз"),
    ),
)

TOTALS: Final = block(
    one("СумНалВсего", TAX_AMOUNT, "налог всего"),
    may("СтТовБезНДСВсего", MONEY, "всего без налога"),
    may("СтТовУчНалВсего", MONEY, "всего с налогом"),
    may("КолНеттоВс", QUANTITY, "количество или масса нетто всего"),
)

TOTALS_RULES: Final = (
    rule(
        "total-net",
        "@СтТовБезНДСВсего",
        "элемент ВсегоОпл — в счёте-фактуре нужен итог без налога (СтТовБезНДСВсего)",
        when=INVOICE & differs(f"{CIRCUMSTANCES}/@СпОбстФСЧФ", 2),
        then=present("@СтТовБезНДСВсего"),
    ),
    rule(
        "total-sum",
        "@СтТовУчНалВсего",
        "элемент ВсегоОпл — нужен итог: СтТовБезНДСВсего или СтТовУчНалВсего",
        when=TRANSFER_ONLY & absent(f"{CIRCUMSTANCES}/@СпОбстФДОП") & absent("@СтТовБезНДСВсего"),
        then=present("@СтТовУчНалВсего"),
    ),
    rule(
        "total-gross",
        "@СтТовУчНалВсего",
        "элемент ВсегоОпл — в счёте-фактуре нужен итог с налогом (СтТовУчНалВсего)",
        when=INVOICE,
        then=present("@СтТовУчНалВсего"),
    ),
)

TABLE: Final = block(
    some("СведТов", LINE, "строка таблицы", *LINE_RULES),
    one("ВсегоОпл", TOTALS, "всего к оплате", *TOTALS_RULES),
)
