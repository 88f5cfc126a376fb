"""Service documents 1.03: ИоП, ПДП, ПДО, УоУ. Order ММВ-7-6/36@ as amended by ЕД-7-26/133@."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.upd_common import CODE_OF_FORM, FILE_IDENTIFIER, PROGRAM
from edo_service.formats.declarations.values import (
    COUNTRY,
    DATE,
    FILE_ID,
    FILLED_TEXT,
    FREE_TEXT,
    GUID,
    INN_ORGANIZATION,
    INN_PERSON,
    KPP,
    OPERATOR_ID,
    PARTICIPANT_ID,
    SIGNATURE_KIND,
    T50,
    T255,
    T500,
    T1000,
    TIME,
    codes,
    text,
    words,
)
from edo_service.formats.engine.conditions import ALWAYS, absent, among, equals, present
from edo_service.formats.engine.model import (
    Block,
    Declaration,
    Element,
    Rule,
    block,
    choice,
    may,
    maybe,
    need,
    one,
    rule,
    some,
)
from edo_service.formats.remarks.requisites import requisites

ORDER: Final = "Приказ ФНС России от 30.01.2012 № ММВ-7-6/36@ (в редакции приказа от 21.02.2023 № ЕД-7-26/133@)"

PERSON_NAME: Final = block(
    need("Фамилия", text(60), "фамилия"),
    need("Имя", text(60), "имя"),
    may("Отчество", text(60), "отчество"),
)

ORGANIZATION: Final = block(
    need("НаимОрг", T1000, "наименование организации"),
    need("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
    need("КПП", KPP, "КПП"),
)
PERSON: Final = block(
    one("ФИО", PERSON_NAME, "имя"),
    need("ИННФЛ", INN_PERSON, "ИНН"),
)
FOREIGN: Final = block(
    need("ИдСтат", words("ЮЛ", "ФЛ"), "организация или физическое лицо"),
    may("СтрРег", COUNTRY, "страна регистрации"),
    may("Наим", T1000, "наименование или имя"),
    may("КодНПРег", T50, "код в стране регистрации"),
    may("ИныеСвед", T255, "иные сведения"),
)
OPERATOR: Final = block(
    need("НаимОрг", T1000, "оператор"),
    need("ИННЮЛ", INN_ORGANIZATION, "ИНН оператора"),
    need("ИдОперЭДО", OPERATOR_ID, "код оператора"),
)
PARTICIPANT_KEY: Final = need("ИдУчастЭДО", PARTICIPANT_ID, "идентификатор участника ЭДО")

_ORGANIZATION_ONE: Final = one("ЮЛ", ORGANIZATION, "организация")
_ENTREPRENEUR_ONE: Final = one("ИП", PERSON, "индивидуальный предприниматель")
_PERSON_ONE: Final = one("ФЛ", PERSON, "физическое лицо")
_FOREIGN_ONE: Final = one("СвИнУчастНеУч", FOREIGN, "иностранное лицо")

PARTICIPANT: Final = block(
    choice(_ORGANIZATION_ONE, _ENTREPRENEUR_ONE, _PERSON_ONE, _FOREIGN_ONE),
    PARTICIPANT_KEY,
)
PARTICIPANT_OR_OPERATOR: Final = block(
    choice(
        _ORGANIZATION_ONE,
        _ENTREPRENEUR_ONE,
        _PERSON_ONE,
        one("ОперЭДО", OPERATOR, "оператор"),
        _FOREIGN_ONE,
    ),
    PARTICIPANT_KEY,
)

SIGNER_STATUS: Final = codes(_1="без доверенности", _2="по электронной доверенности", _3="по бумажной доверенности")
PRESENTED: Final = codes(_1="в пакете с документом", _2="иначе")

_F: Final = "СвИнУчастНеУч"
_FOREIGN_COMPANY: Final = among(f"{_F}/@ИдСтат", "ЮЛ")


def participant_rules(name: str, *, misnamed: bool = False) -> tuple[Rule, ...]:
    """What a foreign participant must tell.

    The order asks a foreign company for at least one of a name, a code and other facts. The official 1.03 schemas look
    for «ИныеСвед» on the wrong element and, where `misnamed`, for «РегНомер», which does not exist: their refusal is a
    remark.
    """
    refused = _FOREIGN_COMPANY & absent(f"{_F}/@Наим")
    if not misnamed:
        refused &= absent(f"{_F}/@КодНПРег")
    one_of_three = present(f"{_F}/@Наим") | present(f"{_F}/@КодНПРег") | present(f"{_F}/@ИныеСвед")
    return (
        rule(
            "foreign-country",
            f"{_F}/@СтрРег",
            f"элемент {name} — для иностранной организации нужна страна (СтрРег)",
            when=_FOREIGN_COMPANY,
            then=present(f"{_F}/@СтрРег"),
        ),
        rule(
            "foreign-name",
            f"{_F}/@Наим",
            f"элемент {name} — для иностранного физического лица нужно имя (Наим)",
            when=among(f"{_F}/@ИдСтат", "ФЛ"),
            then=present(f"{_F}/@Наим"),
        ),
        rule(
            "foreign-identified",
            f"{_F}/@Наим",
            f"элемент {name} — для иностранной организации нужен Наим, КодНПРег или ИныеСвед",
            when=_FOREIGN_COMPANY,
            then=one_of_three,
        ),
        Rule(
            code="schema-fault-foreign",
            when=refused & one_of_three,
            then=~ALWAYS,
            about=_F,
            text_ru=f"элемент {name} — схема 1.03 по своей ошибке отвергает иностранную организацию без Наим"
            + ("" if misnamed else " и КодНПРег"),
            fault_of_schema=True,
        ),
    )


def _signer(*, storage: str, principal: str) -> Element:
    """The signer of ИоП or УоУ; the two formats name the МЧД storage and the principal differently."""
    electronic = block(
        need("НомДовер", GUID, "номер МЧД"),
        need("ДатаВыдДовер", DATE, "дата выдачи"),
        may("ВнНомДовер", T50, "внутренний номер"),
        may("ДатаВнРегДовер", DATE, "дата внутренней регистрации"),
        need("СпособПредставл", PRESENTED, "как представлена МЧД"),
        may(storage, T500, "система хранения МЧД"),
    )
    paper = block(
        maybe("ФИО", PERSON_NAME, "кто подписал доверенность"),
        need("ДатаДовер", DATE, "дата выдачи"),
        need("ВнНомДовер", T50, "внутренний номер"),
        may(principal, T1000, "доверитель"),
    )
    storage_rule = rule(
        "power-storage",
        f"@{storage}",
        f"элемент СвДоверЭл — при СтатПодп=2 и СпособПредставл=2 нужна система хранения ({storage})",
        when=equals("../@СтатПодп", 2) & equals("@СпособПредставл", 2),
        then=present(f"@{storage}"),
    )
    return one(
        "Подписант",
        block(
            one("ФИО", PERSON_NAME, "имя подписанта"),
            maybe("СвДоверЭл", electronic, "электронная доверенность", storage_rule),
            maybe("СвДоверБум", paper, "бумажная доверенность"),
            may("СтатПодп", SIGNER_STATUS, "есть ли доверенность"),
            may("ТипПодпис", SIGNATURE_KIND, "вид подписи"),
            may("Должн", T255, "должность"),
        ),
        "подписант",
        rule(
            "signer-electronic-power",
            "СвДоверЭл",
            "элемент Подписант — при СтатПодп=2 нужны реквизиты МЧД (СвДоверЭл)",
            when=equals("@СтатПодп", 2),
            then=present("СвДоверЭл"),
        ),
        rule(
            "signer-paper-power",
            "СвДоверБум",
            "элемент Подписант — при СтатПодп=3 нужны реквизиты бумажной доверенности (СвДоверБум)",
            when=equals("@СтатПодп", 3),
            then=present("СвДоверБум"),
        ),
    )


_OPERATOR_SIGNER: Final = maybe(
    "Подписант",
    block(one("ФИО", PERSON_NAME, "имя подписанта"), need("Должность", T1000, "должность")),
    "подписант",
)


def _received(signature: Element) -> Element:
    return one(
        "СведПолФайл",
        block(signature, need("ИмяПолФайла", FILE_ID, "имя полученного файла")),
        "полученный файл",
    )


def _declaration(code: str, knd: str, *parts: Element) -> Declaration:
    document = block(*parts, need("КНД", words(knd), CODE_OF_FORM))
    return Declaration(
        code=code,
        version="1.03",
        order=ORDER,
        root=one(
            "Файл",
            block(
                one("Документ", document, "документ"),
                FILE_IDENTIFIER,
                PROGRAM,
                need("ВерсФорм", words("1.03"), "версия формата"),
            ),
            "файл",
        ),
        remarks=(requisites,),
    )


def _confirmation(code: str, knd: str, fact: Block) -> Declaration:
    return _declaration(
        code,
        knd,
        one("ОперЭДО", OPERATOR, "оператор"),
        one("СведПодтв", fact, "подтверждение"),
        one("СвОтпрДок", PARTICIPANT, "отправитель", *participant_rules("СвОтпрДок")),
        one("СвПолДок", PARTICIPANT, "получатель", *participant_rules("СвПолДок", misnamed=True)),
        _OPERATOR_SIGNER,
    )


_RECEIVED_AT: Final = (need("ДатаПол", DATE, "дата получения"), need("ВремяПол", TIME, "время получения"))
_SIGNATURES: Final = some("ЭППолФайл", FILLED_TEXT, "подпись полученного файла")

RECEIPT_NOTICE: Final = _declaration(
    "receipt_notice",
    "1115110",
    one("УчастЭДО", PARTICIPANT, "кто извещает", *participant_rules("УчастЭДО")),
    one("СвИзвПолуч", block(_received(_SIGNATURES), *_RECEIVED_AT), "получение"),
    one("ОтпрДок", PARTICIPANT_OR_OPERATOR, "кто отправил документ", *participant_rules("ОтпрДок")),
    _signer(storage="ИдСистХран", principal="СвДовер"),
)

CORRECTION_NOTICE: Final = _declaration(
    "correction_notice",
    "1115113",
    one("УчастЭДО", PARTICIPANT, "кто просит уточнить", *participant_rules("УчастЭДО")),
    one(
        "СвУведУточ",
        block(
            _received(one("ЭППолФайл", FILLED_TEXT, "подпись полученного файла")),
            one("ТекстУведУточ", FREE_TEXT, "что нужно уточнить"),
            *_RECEIVED_AT,
        ),
        "уточнение",
    ),
    one("ОтпрДок", PARTICIPANT, "кто отправил документ", *participant_rules("ОтпрДок", misnamed=True)),
    _signer(storage="СвСистХран", principal="СвИдДовер"),
)

RECEIPT_CONFIRMATION: Final = _confirmation(
    "receipt_confirmation", "1115112", block(_received(_SIGNATURES), *_RECEIVED_AT)
)

DISPATCH_CONFIRMATION: Final = _confirmation(
    "dispatch_confirmation",
    "1115111",
    block(
        one(
            "СведОтпрФайл",
            block(
                some("ЭПОтпрФайл", FILLED_TEXT, "подпись отправленного файла"),
                need("ИмяОтпрФайла", FILE_ID, "имя отправленного файла"),
            ),
            "отправленный файл",
        ),
        need("ДатаОтпр", DATE, "дата отправки"),
        need("ВремяОтпр", TIME, "время отправки"),
    ),
)
