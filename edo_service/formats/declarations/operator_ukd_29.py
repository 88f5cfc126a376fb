"""What an operator asks for to make УКД 5.02 of order ЕД-7-26/29@ itself: Diadoc's contracts of both titles.

No official schema of these files is known here, so the operator generates them (GenerateTitleXml). Parties are named by
their boxes, the operator takes the rest from its own register; all else of the seller's contract may be said.
"""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.operator_contracts import ORDER
from edo_service.formats.declarations.operator_parts import BOX, INFORMATION, PAPER, SIGNERS
from edo_service.formats.declarations.values import (
    COUNTRY,
    CURRENCY,
    LOOSE_DATE,
    MONEY,
    QUANTITY,
    T50,
    T100,
    T255,
    T1000,
    T2000,
    UNIT,
    codes,
    decimal,
    exact,
    integer,
    text,
    words,
)
from edo_service.formats.engine.model import (
    Block,
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
    some,
)

VERSION: Final = "5.02"
#: The operator's words for the rates, and how ФНС writes each.
RATES: Final = {
    "NoVat": "без НДС",
    "ZeroPercent": "0%",
    "FivePercent": "5%",
    "SevenPercent": "7%",
    "NinePointZeroNinePercent": "9,09%",
    "TenPercent": "10%",
    "SixteenPointSixtySevenPercent": "16,67%",
    "EighteenPercent": "18%",
    "EighteenPointZeroThreePercent": "18,03%",
    "TwentyPercent": "20%",
    "TwentyTwoPercent": "22%",
    "FiveFraction": "5/105",
    "SevenFraction": "7/107",
    "TenFraction": "10/110",
    "EighteenFraction": "18/118",
    "TwentyFraction": "20/120",
    "TwentyTwoFraction": "22/122",
    "TaxedByAgent": "НДС исчисляется налоговым агентом",
}
_TRUE: Final = words("true")
_PARTICIPANT: Final = text(46, least=4)
_MARKING_KINDS: Final = words("630", "640", "650", "665", "671", "672", "673", "674", "676", "677", "680", "681")


def _difference(name: str, label: str) -> Element:
    body = block(
        choice(one("AmountsInc", MONEY, "увеличение"), one("AmountsDec", MONEY, "уменьшение"), least=0),
        may("OriginalValue", MONEY, "до изменения"),
        may("CorrectedValue", MONEY, "после изменения"),
    )
    return maybe(name, body, label)


def _pair(name: str, value: Value, label: str) -> Element:
    body = block(may("OriginalValue", value, "до изменения"), may("CorrectedValue", value, "после изменения"))
    return maybe(name, body, label)


def _listed(name: str, item: str, type_: Block | Value, label: str) -> Element:
    return maybe(name, block(some(item, type_, label)), label)


_TRACE: Final = block(
    one(
        "QuantityDiff",
        block(
            need("OriginalQuantity", QUANTITY, "количество до изменения"),
            need("CorrectedQuantity", QUANTITY, "количество после изменения"),
            may("QuantityInc", QUANTITY, "увеличение количества"),
            may("QuantityDec", QUANTITY, "уменьшение количества"),
        ),
        "изменение количества",
    ),
    one(
        "CostDiff",
        block(
            need("OriginalCost", MONEY, "стоимость до изменения"),
            need("CorrectedCost", MONEY, "стоимость после изменения"),
            may("CostInc", MONEY, "увеличение стоимости"),
            may("CostDec", MONEY, "уменьшение стоимости"),
        ),
        "изменение стоимости",
    ),
    need("RegNumberUnit", text(29, least=25), "номер партии товара"),
    may("Unit", UNIT, "код единицы измерения"),
    may("ItemAddInfo", T255, "дополнительно о товаре"),
)
_MARK: Final = block(
    _listed("Units", "Unit", T255, "код маркировки"),
    _listed("PackageIds", "PackageId", T255, "код упаковки"),
    may("Gtin", exact(14), "код товара GTIN"),
    may("QuantityMark", integer(10), "количество единиц маркировки"),
    may("QuantityWeightMark", decimal(19, 3), "вес маркированного товара"),
    may("BatchCode", text(55), "производственная партия"),
    may("TransPackageId", T255, "код транспортной упаковки"),
)
_CUSTOMS: Final = block(
    choice(
        maybe("DeclarationNumbersInc", block(some("DeclarationNumber", text(29), "номер")), "добавленные декларации"),
        maybe("DeclarationNumbersDec", block(some("DeclarationNumber", text(29), "номер")), "снятые декларации"),
    ),
    may("Country", COUNTRY, "код страны происхождения"),
    may("DeclarationNumberBefore", text(29), "номер декларации до изменения"),
    may("DeclarationNumberAfter", text(29), "номер декларации после изменения"),
)
_ITEM: Final = block(
    _pair("Quantity", QUANTITY, "количество"),
    _pair("Price", QUANTITY, "цена"),
    _difference("SubtotalWithVatExcluded", "стоимость без налога"),
    _difference("Excise", "акциз"),
    _difference("Vat", "налог"),
    _pair("WithoutVat", _TRUE, "без налога"),
    _difference("Subtotal", "стоимость с налогом"),
    _listed(
        "AdditionalInfos",
        "AdditionalInfo",
        block(need("Id", T100, "имя поля"), need("Value", T2000, "значение поля")),
        "дополнительное поле строки",
    ),
    _listed("ItemTracingInfos", "ItemTracingInfo", _TRACE, "прослеживаемый товар"),
    _listed("OriginalItemIdentificationNumbers", "ItemIdentificationNumber", _MARK, "маркировка до изменения"),
    _listed("CorrectedItemIdentificationNumbers", "ItemIdentificationNumber", _MARK, "маркировка после изменения"),
    _listed(
        "StateSystemItemInfos",
        "StateSystemItemInfo",
        block(
            some("StateSystemId", T255, "номер учётной единицы"),
            need("StateSystemName", T255, "государственная система"),
            may("AccountingUnit", T255, "учётная единица"),
            may("OtherInfo", T1000, "иные сведения"),
        ),
        "товар в государственной системе",
    ),
    _listed("CustomsDeclarations", "CustomsDeclaration", _CUSTOMS, "таможенная декларация"),
    need("TaxRate", codes(**RATES), "налоговая ставка"),
    need("OriginalNumber", integer(6), "номер строки корректируемого документа"),
    may("Product", T2000, "наименование товара, работы, услуги"),
    may("Unit", UNIT, "код единицы измерения"),
    may("UnitName", T255, "единица измерения"),
    may("ItemMark", words("1", "2", "3", "4", "5"), "товар, работа или услуга"),
    may("AdditionalProperty", text(4), "дополнительный признак"),
    may("ItemCharact", T1000, "характеристика"),
    may("ItemKind", text(10), "сорт"),
    may("ItemSeries", T50, "серия"),
    may("ItemArticle", T50, "артикул"),
    may("ItemVendorCode", T100, "код товара"),
    may("ItemCategoryCode", exact(27), "код категории"),
    may("ItemTypeCode", text(10), "код вида товара"),
    may("ProductTypeCode", _MARKING_KINDS, "код вида происхождения"),
    may("Okpd", text(12, least=2), "код по ОКПД 2"),
)
_TOTALS: Final = block(
    need("SubtotalWithVatExcluded", MONEY, "всего без налога"),
    may("Subtotal", MONEY, "всего с налогом"),
    may("Vat", MONEY, "налог"),
    may("WithoutVat", words("true", "false"), "без налога"),
)
_SIDE: Final = block(one("OrganizationReference", block(need("BoxId", BOX, "ящик у оператора")), "организация"))
_INVOICE: Final = block(
    many(
        "Revision",
        block(
            need("Date", LOOSE_DATE, "дата исправления"),
            need("Number", integer(3, at_least=1), "номер исправления"),
        ),
        "исправление",
    ),
    need("Date", LOOSE_DATE, "дата счёта-фактуры"),
    need("Number", T1000, "номер счёта-фактуры"),
)
_EVENT: Final = block(
    one(
        "TransferDocuments",
        block(some("TransferDocument", PAPER, "передаточный документ")),
        "передаточные документы",
    ),
    one("CorrectionBases", block(some("CorrectionBase", PAPER, "основание корректировки")), "основания корректировки"),
    may("CostChangeInfo", T2000, "иные сведения об изменении"),
    need("OperationContent", codes(_1="предлагаю изменить", _2="уведомляю об изменении"), "содержание операции"),
    may("OperationContentDetails", T255, "уточнение операции"),
    may("NotificationDate", LOOSE_DATE, "дата направления на согласование"),
)


def _declaration(code: str, root: Element) -> Declaration:
    return Declaration(code=code, version=VERSION, order=ORDER, encoding="UTF-8", root=root)


UKD_29: Final = _declaration(
    "ukd_29_contract",
    one(
        "UniversalCorrectionDocument",
        block(
            maybe(
                "MetaData",
                block(some("IncludeIdentificationNumbers", integer(3), "тип маркируемого товара")),
                "сведения для имени файла",
            ),
            one("Invoices", block(some("Invoice", _INVOICE, "корректируемый документ")), "корректируемые документы"),
            one("Seller", _SIDE, "продавец"),
            one("Buyer", _SIDE, "покупатель"),
            maybe(
                "Table",
                block(
                    one("Items", block(some("Item", _ITEM, "строка")), "строки"),
                    maybe("TotalsInc", _TOTALS, "всего увеличение"),
                    maybe("TotalsDec", _TOTALS, "всего уменьшение"),
                ),
                "таблица изменений",
            ),
            maybe("EventContent", _EVENT, "изменение стоимости"),
            INFORMATION,
            SIGNERS,
            _listed(
                "CommitmentTypes",
                "CommitmentType",
                block(
                    may("CommitmentTypeCode", T255, "код вида обязательств"),
                    may("CommitmentTypeName", T255, "вид обязательств"),
                ),
                "вид обязательств",
            ),
            maybe("DocumentCreatorBase", PAPER, "основание составителя"),
            need("Function", words("КСЧФ", "КСЧФДИС", "ДИС", "СвИСРК", "СвИСЗК"), "функция документа"),
            need("DocumentDate", LOOSE_DATE, "дата документа"),
            need("DocumentNumber", T1000, "номер документа"),
            need("Currency", CURRENCY, "код валюты"),
            may("CurrencyRate", decimal(10, 4), "курс валюты"),
            may("DocumentName", T255, "название первичного документа"),
            may("DocumentCreator", T1000, "составитель файла"),
            may("Uid", T1000, "уникальный идентификатор документа"),
            may("ApprovedStructureAdditionalInfoFields", exact(14), "согласованная структура дополнительных полей"),
            may("CorrectionRevisionDate", LOOSE_DATE, "дата исправления"),
            may("CorrectionRevisionNumber", integer(3, at_least=1), "номер исправления"),
            may("GovernmentContractInfo", text(25, least=20), "код государственного контракта"),
            may(
                "CircumFormat",
                Value(patterns=("[0-9]{1}", "[0-9]{5}"), hint_ru="1 или 5 цифр"),
                "особые обстоятельства",
            ),
            may("SenderFnsParticipantId", _PARTICIPANT, "идентификатор отправителя"),
            may("RecipientFnsParticipantId", _PARTICIPANT, "идентификатор получателя"),
        ),
        "корректировочный документ",
    ),
)

UKD_29_ANSWER: Final = _declaration(
    "ukd_29_answer_contract",
    one(
        "UniversalCorrectionDocumentBuyerTitle",
        block(
            maybe("DocumentCreatorBase", PAPER, "основание составителя"),
            INFORMATION,
            SIGNERS,
            may("DocumentCreator", T1000, "составитель файла"),
            may("OperationCode", T255, "вид операции"),
            need("OperationContent", codes(_1="согласен", _2="не согласен"), "содержание операции"),
            may("OperationContentDetails", T255, "уточнение операции"),
            may("ApprovalDate", LOOSE_DATE, "дата согласования"),
        ),
        "ответ покупателя",
    ),
)
