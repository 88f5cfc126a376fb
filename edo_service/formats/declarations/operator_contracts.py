"""What an operator asks for to make a file itself: English names, Diadoc's contracts of УС and of both titles of УКД 736@.

No official schema of these files is known here, so the operator generates them (GenerateTitleXml). УС is declared whole;
of УКД what we fill: parties and signers are named by their boxes, the operator takes the rest from its own register.
"""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.values import (
    CURRENCY,
    GUID,
    LOOSE_DATE,
    T100,
    T255,
    T1000,
    T2000,
    codes,
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

ORDER: Final = "Контракт оператора (Диадок)"
_NUMBER: Final = Value(kind="decimal")
_YES: Final = words("true")
RATES: Final = (
    "0%", "5%", "7%", "9,09%", "10%", "16,67%", "18%", "18,03%", "20%", "22%", "5/105", "7/107", "10/110", "18/118",
    "20/120", "22/122", "без НДС", "НДС исчисляется налоговым агентом",
)  # fmt: skip

_NAME: Final = block(
    need("LastName", text(60), "фамилия"),
    need("FirstName", text(60), "имя"),
    may("MiddleName", text(60), "отчество"),
)
_CONTACTS: Final = block(
    maybe("Phones", block(some("Phone", text(20), "телефон")), "телефоны"),
    maybe("Emails", block(some("Email", T100, "электронная почта")), "электронная почта"),
    may("OtherContactInfo", T255, "другая связь"),
)
_PERSON: Final = block(
    maybe("Fio", _NAME, "имя"),
    maybe("Contacts", _CONTACTS, "контакты"),
    may("Position", T255, "должность"),
    need("UseDefaultPersonInfo", words("true", "false"), "взять сведения у оператора"),
)

UNIVERSAL_MESSAGE: Final = Declaration(
    code="universal_message_contract",
    version="5.01",
    order=ORDER,
    encoding="UTF-8",
    root=one(
        "UniversalMessage",
        block(
            one(
                "UniversalMessageInfos",
                block(
                    some(
                        "UniversalMessageInfo",
                        block(
                            maybe("PlainText", text(10000), "текст"),
                            need("StatusCode", integer(4), "код сообщения"),
                        ),
                        "сообщение",
                    )
                ),
                "сообщения",
            ),
            maybe("Sender", _PERSON, "отправитель"),
            maybe("Recipient", _PERSON, "получатель"),
        ),
        "универсальное сообщение",
    ),
)


def _diff(name: str, label: str) -> Element:
    body = block(
        choice(maybe("AmountsInc", _NUMBER, "увеличение"), maybe("AmountsDec", _NUMBER, "уменьшение")),
        may("OriginalValue", _NUMBER, "до изменения"),
        may("CorrectedValue", _NUMBER, "после изменения"),
    )
    return maybe(name, body, label)


def _pair(name: str, value: Value, label: str) -> Element:
    body = block(
        may("OriginalValue", value, "до изменения"),
        may("CorrectedValue", value, "после изменения"),
    )
    return maybe(name, body, label)


_ITEM: Final = block(
    one(
        "TaxRate",
        block(
            need("OriginalValue", words(*RATES), "ставка до изменения"),
            need("CorrectedValue", words(*RATES), "ставка после изменения"),
        ),
        "ставка",
    ),
    _pair("Unit", Value(), "код единицы измерения"),
    _pair("Quantity", _NUMBER, "количество"),
    _pair("Price", _NUMBER, "цена"),
    _diff("Excise", "акциз"),
    _diff("SubtotalWithVatExcluded", "стоимость без налога"),
    _diff("Vat", "налог"),
    _pair("WithoutVat", _YES, "без налога"),
    _diff("Subtotal", "стоимость с налогом"),
    may("Product", T1000, "наименование товара, работы, услуги"),
    may("OriginalNumber", integer(6), "номер строки"),
)
_TOTALS: Final = block(
    need("TotalWithVatExcluded", _NUMBER, "всего без налога"),
    may("Vat", _NUMBER, "налог"),
    may("WithoutVat", _YES, "без налога"),
    may("Total", _NUMBER, "всего с налогом"),
)
_PAPER: Final = block(
    need("BaseDocumentName", T255, "название документа"),
    may("BaseDocumentNumber", T255, "номер документа"),
    may("BaseDocumentDate", LOOSE_DATE, "дата документа"),
    may("AdditionalInfo", T1000, "дополнительно о документе"),
)
_SIDE: Final = block(
    one(
        "OrganizationReference",
        block(
            need("OrgType", codes(_1="организация", _2="предприниматель", _3="иностранное лицо", _4="иное"), "кто это"),
            need("BoxId", T100, "ящик у оператора"),
        ),
        "организация",
    )
)


def _table() -> Block:
    return block(
        one("Items", block(some("Item", _ITEM, "строка")), "строки"),
        maybe("TotalsInc", _TOTALS, "всего увеличение"),
        maybe("TotalsDec", _TOTALS, "всего уменьшение"),
    )


UKD_736: Final = Declaration(
    code="ukd_contract",
    version="5.01",
    order=ORDER,
    encoding="UTF-8",
    root=one(
        "UniversalCorrectionDocument",
        block(
            one(
                "Invoices",
                block(
                    some(
                        "Invoice",
                        block(
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
                        ),
                        "корректируемый документ",
                    )
                ),
                "корректируемые документы",
            ),
            one("Seller", _SIDE, "продавец"),
            one("Buyer", _SIDE, "покупатель"),
            one("Table", _table(), "таблица изменений"),
            maybe(
                "EventContent",
                block(
                    some("TransferDocDetails", _PAPER, "передаточный документ"),
                    some("CorrectionBase", _PAPER, "основание корректировки"),
                    may("CostChangeInfo", T2000, "иные сведения об изменении"),
                    need("OperationContent", T255, "содержание операции"),
                    may("NotificationDate", LOOSE_DATE, "дата направления на согласование"),
                ),
                "изменение стоимости",
            ),
            one(
                "Signers", block(some("SignerReference", block(need("BoxId", T100, "ящик")), "подписант")), "подписанты"
            ),
            need("Function", words("КСЧФ", "КСЧФДИС", "ДИС", "СвИСРК", "СвИСЗК"), "функция документа"),
            may("DocumentName", T255, "название первичного документа"),
            need("DocumentDate", LOOSE_DATE, "дата документа"),
            need("DocumentNumber", T1000, "номер документа"),
            need("Currency", CURRENCY, "код валюты"),
            need("CurrencyName", words("1", "0"), "взять название валюты у оператора"),
            may("CorrectionRevisionDate", LOOSE_DATE, "дата исправления"),
            may("CorrectionRevisionNumber", integer(3, at_least=1), "номер исправления"),
            need("DocumentCreator", T1000, "составитель файла"),
        ),
        "корректировочный документ",
    ),
)

#: Known from what the operator says of its own 1C objects and SDK, not from its contract file.
UKD_736_ANSWER: Final = Declaration(
    code="ukd_answer_contract",
    version="5.01",
    order=ORDER,
    encoding="UTF-8",
    root=one(
        "UniversalCorrectionDocumentBuyerTitle",
        block(
            maybe(
                "AdditionalInfoId",
                block(
                    Element(
                        name="AdditionalInfo",
                        type=block(need("Id", text(50), "имя поля"), need("Value", T2000, "значение поля")),
                        label="поле",
                        least=0,
                        most=20,
                    ),
                    may("InfoFileId", GUID, "файл с дополнительными сведениями"),
                ),
                "дополнительные поля",
            ),
            one(
                "Signers", block(some("SignerReference", block(need("BoxId", T100, "ящик")), "подписант")), "подписанты"
            ),
            need("DocumentCreator", T1000, "составитель файла"),
            may("DocumentCreatorBase", text(120), "основание составителя"),
            need("OperationContent", T255, "содержание операции"),
            may("AcceptanceDate", LOOSE_DATE, "дата согласования"),
        ),
        "ответ покупателя",
    ),
)
