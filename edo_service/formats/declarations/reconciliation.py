"""Акт сверки 5.01, both titles ON_AKTSVEROTP and ON_AKTSVERPOL. Order ЕД-7-26/405@."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.upd_common import CODE_OF_FORM, FILE_IDENTIFIER, PERSON_NAME, PROGRAM
from edo_service.formats.declarations.values import (
    COLON_TIME,
    CURRENCY,
    FILE_ID,
    FILLED_TEXT,
    GUID,
    INN_ORGANIZATION,
    INN_PERSON,
    KPP,
    LOOSE_DATE_1900,
    OGRN,
    OGRNIP,
    SIGNATURE_KIND,
    T50,
    T100,
    T255,
    T500,
    T1000,
    codes,
    decimal,
    integer,
    text,
    words,
)
from edo_service.formats.engine.conditions import absent, equals, present
from edo_service.formats.engine.model import (
    Attribute,
    Declaration,
    Element,
    Particle,
    Rule,
    Value,
    block,
    choice,
    may,
    maybe,
    need,
    one,
    rule,
    some,
)
from edo_service.formats.remarks.reconciliation import reconciliation_sums
from edo_service.formats.remarks.requisites import requisites

ORDER: Final = "Приказ ФНС России от 27.04.2022 № ЕД-7-26/405@"
_DATE: Final = LOOSE_DATE_1900
_SUM: Final = decimal(15, 2)
_SIGNER_STATUS: Final = codes(_1="без доверенности", _2="по электронной доверенности", _3="по бумажной доверенности")
_BALANCES: Final = (
    ("СальдоНачДеб", "начальное сальдо, дебет"),
    ("СальдоНачКр", "начальное сальдо, кредит"),
    ("ОборотДеб", "оборот, дебет"),
    ("ОборотКр", "оборот, кредит"),
    ("СальдоКонДеб", "конечное сальдо, дебет"),
    ("СальдоКонКр", "конечное сальдо, кредит"),
)
_DIFFERENCES: Final = (
    may("ИтогоРасхДеб", _SUM, "итого расхождение, дебет"),
    may("ИтогоРасхКр", _SUM, "итого расхождение, кредит"),
)
_MORE: Final = may("ДопИнф", T500, "дополнительно")

PARTY: Final = block(
    one(
        "ИдСв",
        block(
            choice(
                one(
                    "СвИП",
                    block(
                        one("ФИО", PERSON_NAME, "имя предпринимателя"),
                        need("ИННФЛ", INN_PERSON, "ИНН предпринимателя"),
                        need("ОГРНИП", OGRNIP, "ОГРНИП"),
                    ),
                    "предприниматель",
                ),
                one(
                    "СвЮЛУч",
                    block(
                        need("НаимОрг", T1000, "наименование организации"),
                        need("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
                        need("КПП", KPP, "КПП"),
                        need("ОГРН", OGRN, "ОГРН"),
                    ),
                    "организация",
                ),
                one(
                    "СвИнНеУч",
                    block(
                        need("НаимОрг", T1000, "наименование"),
                        need("Идентиф", T255, "идентификатор"),
                        may("ИныеСвед", T255, "иные сведения"),
                    ),
                    "иностранное лицо",
                ),
                one(
                    "СвФЛ",
                    block(one("ФИО", PERSON_NAME, "имя"), need("ИННФЛ", INN_PERSON, "ИНН")),
                    "физическое лицо",
                ),
            )
        ),
        "кто это",
    ),
    one(
        "Контакт",
        block(
            may("Тлф", T255, "телефон"),
            may("ЭлПочта", T255, "электронная почта"),
            may("ИнКонт", T255, "другая связь"),
        ),
        "контакты",
    ),
    may("ОКПО", text(10), "код ОКПО"),
    may("СтруктПодр", T1000, "подразделение"),
    may("ИнфДляУчаст", T255, "сведения для контрагента"),
    may("КраткНазв", T255, "краткое название"),
)


def _signer(longest_system: Value) -> Element:
    """Who signs; the two titles let the name of the cancellation system be of different length."""
    electronic = block(
        may("НомДовер", GUID, "номер МЧД"),
        may("ДатаНач", _DATE, "дата выдачи"),
        may("ВнНомДовер", T50, "внутренний номер"),
        may("ДатаВнРегДовер", _DATE, "дата внутренней регистрации"),
        may("СведСистОтм", longest_system, "где проверить отмену"),
    )
    paper = block(
        maybe("ФИО", PERSON_NAME, "кто подписал доверенность"),
        may("ДатаДовер", _DATE, "дата выдачи"),
        may("ВнНомДовер", T50, "внутренний номер"),
        may("СвИдДовер", T1000, "доверитель"),
    )
    return one(
        "Подписант",
        block(
            one("ФИО", PERSON_NAME, "имя подписанта"),
            maybe("СвДовер", electronic, "электронная доверенность"),
            maybe("СвДоверБум", paper, "бумажная доверенность"),
            may("СтатПодп", _SIGNER_STATUS, "есть ли доверенность"),
            may("ТипПодпис", SIGNATURE_KIND, "вид подписи"),
            may("ИдСистХран", T500, "система хранения МЧД"),
            may("Должн", T255, "должность"),
        ),
        "подписант",
    )


_OPERATION_RULE: Final = rule(
    "operation-sum",
    "@СумДебет",
    "элемент СвОпер — нужна сумма: СумДебет или СумКредит",
    when=absent("@СумКредит"),
    then=present("@СумДебет"),
)


def _table(*, answer: bool) -> tuple[Particle | Attribute, ...]:
    """Contracts, their documents and operations; the answer tells only what differs, hence its sums are optional."""
    sums = may if answer else need
    balances = tuple(sums(name, _SUM, label) for name, label in _BALANCES)
    found = (*_DIFFERENCES, _MORE) if answer else ()
    operation = block(
        need("НомСтр", integer(6), "номер строки"),
        need("ДатаОпер", _DATE, "дата операции"),
        need("НаимОпер", T500, "операция"),
        may("СумДебет", _SUM, "дебет"),
        may("СумКредит", _SUM, "кредит"),
        *((_MORE,) if answer else ()),
    )
    document = block(
        some("СвОпер", operation, "операция", _OPERATION_RULE),
        need("НаимДок", T100, "название документа"),
        need("НомДок", T50, "номер документа"),
        need("ДатаДок", _DATE, "дата документа"),
        may("ИдДок", T100, "идентификатор документа"),
        *((need("ИтогоРасх", _SUM, "итого расхождение"),) if answer else ()),
        _MORE,
    )
    contract = block(
        some("ДокСв", document, "документ"),
        may("ИдДог", T100, "идентификатор договора"),
        may("ОписТипДог", T500, "вид договора"),
        may("НомДог", T50, "номер договора"),
        may("ДатаДог", _DATE, "дата договора"),
        *balances,
        *found,
    )
    rules = (*_difference_rules("ДогСв"), *_nested_rules()) if answer else ()
    return (some("ДогСв", contract, "договор", *rules), *balances, *found)


def _difference_rules(name: str) -> tuple[Rule, ...]:
    """Where the answer tells a balance or a turnover, it tells the difference too."""
    return tuple(
        rule(
            f"difference-{code}",
            f"@ИтогоРасх{side}",
            f"элемент {name} — вместе с сальдо или оборотом нужно расхождение (ИтогоРасх{side})",
            when=present(f"@СальдоНач{side}") | present(f"@Оборот{side}") | present(f"@СальдоКон{side}"),
            then=present(f"@ИтогоРасх{side}"),
        )
        for code, side in (("debit", "Деб"), ("credit", "Кр"))
    )


def _nested_rules() -> tuple[Rule, ...]:
    """What the table tells in total, each contract tells too."""
    return tuple(
        rule(
            f"contract-{number}",
            f"@{name}",
            f"элемент ДогСв — {name} указан в таблице, значит, нужен и по договору",
            when=present(f"../@{name}"),
            then=present(f"@{name}"),
        )
        for number, (name, _) in enumerate(_BALANCES, start=1)
    )


def _declaration(code: str, body: Element, *more: Attribute) -> Declaration:
    return Declaration(
        code=code,
        version="5.01",
        order=ORDER,
        root=one(
            "Файл",
            block(body, FILE_IDENTIFIER, need("ВерсФорм", words("5.01"), "версия формата"), PROGRAM, *more),
            "файл",
        ),
        remarks=(requisites, reconciliation_sums),
    )


RECONCILIATION_SENDER: Final = _declaration(
    "reconciliation_sender",
    one(
        "Документ",
        block(
            one(
                "СвДокКрАкт",
                block(
                    one("СвОтпр", PARTY, "отправитель"),
                    one("СвПол", PARTY, "получатель"),
                    need("КодОКВ", CURRENCY, "код валюты"),
                ),
                "стороны",
            ),
            one("ТаблАкт", block(*_table(answer=False)), "расчёты"),
            _signer(T255),
            need("КНД", words("1110332"), CODE_OF_FORM),
            need("ДатаИнфОтпр", _DATE, "дата файла"),
            need("ВрИнфОтпр", COLON_TIME, "время файла"),
            need("ДатаНачПер", _DATE, "начало периода"),
            need("ДатаОкПер", _DATE, "конец периода"),
            need("НомерАкт", T1000, "номер акта"),
        ),
        "документ",
    ),
)

RECONCILIATION_RECEIVER: Final = _declaration(
    "reconciliation_receiver",
    one(
        "Документ",
        block(
            one(
                "ИдИнфОтпр",
                block(
                    one("ЭП", FILLED_TEXT, "подпись отправителя"),
                    need("ИдФайлИнфОтпр", FILE_ID, "файл отправителя"),
                    need("ДатФайлИнфОтпр", _DATE, "дата файла отправителя"),
                    need("ВрФайлИнфОтпр", COLON_TIME, "время файла отправителя"),
                ),
                "файл отправителя",
            ),
            maybe("ТаблАкт", block(*_table(answer=True)), "расхождения", *_difference_rules("ТаблАкт")),
            _signer(T500),
            need("КНД", words("1110333"), CODE_OF_FORM),
            need("ДатаИнфПол", _DATE, "дата файла"),
            need("ВрИнфПол", COLON_TIME, "время файла"),
        ),
        "документ",
        rule(
            "differences",
            "ТаблАкт",
            "элемент Документ — при ПризнРазн=2 нужна таблица расхождений (ТаблАкт)",
            when=equals("../@ПризнРазн", 2),
            then=present("ТаблАкт"),
        ),
        rule(
            "differences-alien",
            "ТаблАкт",
            "элемент Документ — таблица расхождений (ТаблАкт) бывает только при ПризнРазн=2",
            when=~equals("../@ПризнРазн", 2),
            then=absent("ТаблАкт"),
        ),
    ),
    need("ПризнРазн", codes(_1="расхождений нет", _2="расхождения есть"), "есть ли расхождения"),
)
