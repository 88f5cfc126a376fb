"""Invoices and correction invoices of 2012-2017, ON_SFAKT and ON_KORSFAKT, formats 5.01 and 5.02. Order ММВ-7-6/93@.

An archive must read them. 5.01 writes sums as texts of digits and a tax rate as a value with its type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edo_service.formats.declarations.old_common import (
    EXCISE,
    MAYBE_T128,
    PARTICIPANT,
    PROGRAM_OPTIONAL,
    T20,
)
from edo_service.formats.declarations.upd_common import CODE_OF_FORM, PERSON_NAME
from edo_service.formats.declarations.values import (
    COUNTRY,
    CURRENCY,
    GUID,
    INN_ORGANIZATION,
    INN_PERSON,
    KPP,
    LOOSE_DATE,
    MONEY,
    POSTCODE,
    QUANTITY,
    REGION,
    T50,
    T255,
    T1000,
    UNIT,
    digits,
    exact,
    integer,
    text,
    words,
)
from edo_service.formats.engine.model import (
    Attribute,
    Block,
    Declaration,
    Element,
    Particle,
    Value,
    block,
    choice,
    labelled,
    many,
    may,
    maybe,
    need,
    one,
    some,
)
from edo_service.formats.remarks.requisites import requisites
from edo_service.formats.remarks.sums import sums
from edo_service.formats.remarks.ukd import ukd_sums

ORDER: Final = "Приказ ФНС России от 05.03.2012 № ММВ-7-6/93@"
_MOST: Final = 20
_MOST_PAYMENTS: Final = 10
_SPACE: Final = "[ \t\r\n]*"
_NO_TAX: Final = "без НДС"
_FREE: Final = text(2000, least=0)
RATES_5_02: Final = ("0%", "10%", "18%", "20%", "10/110", "18/118", "20/120", _NO_TAX)
RATES_5_01: Final = ("0", "10", "18", "20", "10/110", "18/118", _NO_TAX)


def _typed(whole: int, fraction: int, hint: str) -> Value:
    """A number kept as a text: `whole` digits at most, fewer when some stand after the point; empty is allowed."""
    shapes = [rf"\d{{1,{whole}}}\.?"]
    shapes += [rf"\d{{1,{whole - after}}}(?:\.\d{{0,{after}}})?" for after in range(1, fraction + 1)]
    shapes += [rf"(?:\d{{0,{whole - fraction}}}(?:\.\d{{1,{fraction}}})?)"]
    return Value(patterns=tuple(f"{_SPACE}{shape}{_SPACE}" for shape in shapes), hint_ru=hint)


_TYPED_MONEY: Final = _typed(17, 2, "сумма вида 1234.56")
_TYPED_QUANTITY: Final = _typed(18, 3, "количество вида 12.345")
_SUM_OR: Final = r"\d{1,15}\.\d{2}"


@dataclass(frozen=True, kw_only=True)
class Edition:
    """What differs between 5.01 and 5.02."""

    version: str
    money: Value
    quantity: Value
    unit: Value
    kpp: Value
    number: Value
    payment_number: Value
    house: Value

    @property
    def old(self) -> bool:
        """Whether this is 5.01."""
        return self.version == "5.01"


OLD: Final = Edition(
    version="5.01",
    money=_TYPED_MONEY,
    quantity=_TYPED_QUANTITY,
    unit=digits(3),
    kpp=Value(min_length=9, max_length=9, patterns=("(?:[0-9][1-9]|[1-9][0-9])[0-9]{7}",), hint_ru="КПП, 9 цифр"),
    number=text(256),
    payment_number=T20,
    house=text(8),
)
NEW: Final = Edition(
    version="5.02",
    money=MONEY,
    quantity=QUANTITY,
    unit=UNIT,
    kpp=KPP,
    number=T1000,
    payment_number=text(30),
    house=T20,
)

EXCHANGE: Final = one(
    "СвУчДокОбор",
    block(
        one(
            "СвОЭДОтпр",
            block(
                need("НаимОрг", T1000, "оператор"),
                need("ИННЮЛ", INN_ORGANIZATION, "ИНН оператора"),
                need("ИдЭДО", exact(3), "код оператора"),
            ),
            "оператор отправителя",
        ),
        need("ИдОтпр", PARTICIPANT, "идентификатор отправителя"),
        need("ИдПок", PARTICIPANT, "идентификатор покупателя"),
    ),
    "участники обмена",
)


def _address(edition: Edition) -> Block:
    return block(
        choice(
            one(
                "АдрРФ",
                block(
                    may("Индекс", POSTCODE, "индекс"),
                    need("КодРегион", REGION, "код региона"),
                    may("Район", T50, "район"),
                    may("Город", T50, "город"),
                    may("НаселПункт", T50, "населённый пункт"),
                    may("Улица", T50, "улица"),
                    may("Дом", edition.house, "дом"),
                    may("Корпус", edition.house, "корпус"),
                    may("Кварт", edition.house, "квартира или офис"),
                ),
                "адрес в России",
            ),
            one(
                "АдрИно",
                block(need("КодСтр", COUNTRY, "код страны по ОКСМ"), need("АдрТекст", T255, "адрес одной строкой")),
                "адрес за границей",
            ),
        )
    )


def party(edition: Edition) -> Block:
    """A side: an organisation or an entrepreneur, with its address."""
    company = block(
        need("НаимОрг", T1000, "наименование организации"),
        may("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
        may("КПП", edition.kpp, "КПП"),
    )
    trader = block(one("ФИОИП", PERSON_NAME, "имя предпринимателя"), may("ИННФЛ", INN_PERSON, "ИНН предпринимателя"))
    return block(
        one("ИдСв", block(choice(one("СвЮЛ", company, "организация"), one("СвФЛ", trader, "предприниматель"))), "кто"),
        one("Адрес", _address(edition), "адрес"),
    )


def _forwarder(edition: Edition) -> Block:
    name = block(
        choice(one("НаимОрг", T1000, "наименование организации"), one("ФИОИП", PERSON_NAME, "имя предпринимателя"))
    )
    return block(one("НаимГОП", name, "кто"), one("Адрес", _address(edition), "адрес"))


def correction(name: str, suffix: str, edition: Edition) -> Element:
    """An исправление of an invoice: 5.01 keeps a text beside its attributes."""
    day = need(f"ДатаИспр{suffix}", LOOSE_DATE, "дата исправления")
    if edition.old:
        number = need(f"НомИспр{suffix}", text(3), "номер исправления")
        free = suffix == "СчФ"
        return maybe(name, labelled(Value(), number, day) if free else block(number, day), "исправление")
    number = need(f"НомИспр{suffix}", integer(3, at_least=1), "номер исправления")
    return maybe(name, block(number, day), "исправление")


_ENTRY: Final = block(need("Идентиф", T50, "имя поля"), need("Значен", text(200), "значение поля"))


def information(edition: Edition) -> Element:
    """Additional fields of a document."""
    file = may("ИдФайлИнфПол", GUID, "файл с дополнительными сведениями")
    if edition.old:
        return maybe("ИнфПол", block(may("ТекстИнф", _FREE, "текст"), file), "дополнительное поле")
    entry = Element(name="ТекстИнф", type=_ENTRY, label="поле с текстом", least=0, most=_MOST)
    return maybe("ИнфПол", block(entry, file), "дополнительное поле")


def of_line(edition: Edition) -> tuple[tuple[Particle, ...], tuple[Attribute, ...]]:
    """Additional fields of a line: elements in 5.02, an attribute in 5.01."""
    if edition.old:
        return (), (may("ИнфПолСтр", _FREE, "дополнительное поле строки"),)
    return (Element(name="ИнфПолСтр", type=_ENTRY, label="дополнительное поле", least=0, most=_MOST),), ()


def excise(edition: Edition) -> Block:
    """The excise: a sum or «без акциза»."""
    if not edition.old:
        return EXCISE
    told = Value(min_length=4, max_length=18, patterns=(_SUM_OR, "без акциза"), hint_ru="сумма или «без акциза»")
    return block(need("СумАкциз", told, "акциз"))


def tax(edition: Edition) -> Block:
    """The tax: a sum, «без НДС», in 5.01 a dash too."""
    if not edition.old:
        return block(choice(one("СумНДС", MONEY, "сумма налога"), one("БезНДС", words(_NO_TAX), "«без НДС»")))
    told = Value(min_length=1, max_length=18, patterns=(_SUM_OR, _NO_TAX, "-"), hint_ru="сумма, «без НДС» или прочерк")
    return block(need("СумНДС", told, "налог"))


def old_rate(name: str, label: str) -> Element:
    """A tax rate of 5.01: a value and its type."""
    return one(
        name,
        block(
            need("НалСтВел", words(*RATES_5_01), "величина ставки"),
            need("НалСтТип", words("процент", "дробь", "текст"), "тип ставки"),
        ),
        label,
    )


_SIGNER: Final = one(
    "Подписант",
    block(
        choice(
            one(
                "ИП",
                block(
                    one("ФИО", PERSON_NAME, "имя предпринимателя"),
                    need("ИННФЛ", INN_PERSON, "ИНН предпринимателя"),
                    need("СвГосРегИП", text(100, least=0), "свидетельство о регистрации"),
                ),
                "предприниматель",
            ),
            one(
                "ЮЛ",
                block(
                    one("ФИО", PERSON_NAME, "имя подписанта"),
                    need("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
                    may("Должн", MAYBE_T128, "должность"),
                ),
                "представитель организации",
            ),
        )
    ),
    "подписант",
)


def _head(edition: Edition) -> Block:
    payment = block(
        need("НомерПРД", edition.payment_number, "номер платёжного документа"),
        need("ДатаПРД", LOOSE_DATE, "дата платёжного документа"),
    )
    forwarder = choice(
        one("ГрузОтпр", _forwarder(edition), "грузоотправитель"),
        one("ОнЖе", words("он же"), "продавец сам отправляет груз"),
    )
    most = None if edition.old else _MOST_PAYMENTS
    return block(
        correction("ИспрСчФ", "СчФ", edition),
        one("СвПрод", party(edition), "продавец"),
        maybe("ГрузОт", block(forwarder), "грузоотправитель"),
        maybe("ГрузПолуч", _forwarder(edition), "грузополучатель"),
        Element(name="СвПРД", type=payment, label="платёжный документ", least=0, most=most),
        one("СвПокуп", party(edition), "покупатель"),
        information(edition),
        need("НомерСчФ", edition.number, "номер счёта-фактуры"),
        need("ДатаСчФ", LOOSE_DATE, "дата счёта-фактуры"),
        need("КодОКВ", CURRENCY, "код валюты"),
    )


def _line(edition: Edition) -> Block:
    inside, beside = of_line(edition)
    customs: tuple[Particle, ...] = (
        many(
            "СвТД",
            block(
                need("КодПроисх", COUNTRY, "код страны происхождения"),
                need("НомерТД", text(29), "номер таможенной декларации"),
            ),
            "таможенная декларация",
        ),
    )
    rate: tuple[Attribute, ...] = (need("НалСт", words(*RATES_5_02), "налоговая ставка"),)
    before: tuple[Particle, ...] = ()
    if edition.old:
        customs = (
            many("КодПроисх", COUNTRY, "код страны происхождения"),
            many("НомерТД", text(27, least=0), "номер таможенной декларации"),
        )
        rate, before = (), (old_rate("НалСт", "налоговая ставка"),)
    return block(
        one("Акциз", excise(edition), "акциз"),
        *before,
        one("СумНал", tax(edition), "налог"),
        *customs,
        *inside,
        need("НомСтр", integer(6), "номер строки"),
        need("НаимТов", T1000, "наименование товара, работы, услуги"),
        may("ОКЕИ_Тов", edition.unit, "код единицы измерения"),
        may("КолТов", edition.quantity, "количество"),
        may("ЦенаТов", edition.money if edition.old else edition.quantity, "цена"),
        may("СтТовБезНДС", edition.money, "стоимость без налога"),
        *rate,
        need("СтТовУчНал", edition.money, "стоимость с налогом"),
        *beside,
    )


def _invoice(edition: Edition) -> Declaration:
    total = block(
        one("СумНалВсего", tax(edition), "налог всего"),
        may("СтТовБезНДСВсего", edition.money, "всего без налога"),
        need("СтТовУчНалВсего", edition.money, "всего с налогом"),
    )
    table = block(some("СведТов", _line(edition), "строка таблицы"), one("ВсегоОпл", total, "всего к оплате"))
    return declaration(
        "invoice",
        edition,
        "1115101",
        one("СвСчФакт", _head(edition), "стороны и реквизиты"),
        one("ТаблСчФакт", table, "таблица товаров, работ, услуг"),
    )


def declaration(code: str, edition: Edition, form: str, *body: Element) -> Declaration:
    """The declaration of one kind in one edition."""
    document = block(*body, _SIGNER, need("КНД", words(form), CODE_OF_FORM))
    return Declaration(
        code=code,
        version=edition.version,
        order=ORDER,
        root=one(
            "Файл",
            block(
                EXCHANGE,
                one("Документ", document, "документ"),
                need("ИдФайл", text(200), "идентификатор файла"),
                PROGRAM_OPTIONAL,
                need("ВерсФорм", words(edition.version), "версия формата"),
            ),
            "файл",
        ),
        remarks=(requisites, sums, ukd_sums),
    )


INVOICES: Final = tuple(_invoice(edition) for edition in (OLD, NEW))
