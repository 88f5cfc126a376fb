"""What both titles of УПД 5.03 share: persons, foreign parties, references to documents, signers.

Order ЕД-7-26/970@.
"""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.values import (
    COUNTRY,
    DATE,
    FILE_ID,
    GUID,
    INN_ORGANIZATION,
    INN_PERSON,
    SIGNATURE_KIND,
    T50,
    T100,
    T255,
    T500,
    T1000,
    T2000,
    codes,
    exact,
    text,
    words,
)
from edo_service.formats.engine.conditions import absent, equals, present
from edo_service.formats.engine.model import Block, Rule, block, choice, many, may, maybe, need, one, rule, some

ORDER: Final = "Приказ ФНС России от 19.12.2023 № ЕД-7-26/970@"

PERSON_NAME: Final = block(
    need("Фамилия", text(60), "фамилия"),
    need("Имя", text(60), "имя"),
    may("Отчество", text(60), "отчество"),
)

FOREIGN_PARTY: Final = block(
    need("ИдСтат", words("ИО", "ИГ"), "иностранная организация или гражданин"),
    need("КодСтр", COUNTRY, "код страны по ОКСМ"),
    need("НаимСтран", T255, "страна"),
    need("Наим", T1000, "наименование или имя"),
    may("Идентиф", T255, "идентификатор"),
    may("ИныеСвед", T255, "иные сведения"),
)


def foreign_rules(name: str) -> tuple[Rule, ...]:
    """A foreign party is told by its identifier or by other facts; `name` is the element that holds it."""
    return (
        rule(
            "foreign-identified",
            "@Идентиф",
            f"элемент {name} — для иностранного лица нужен Идентиф или ИныеСвед",
            when=absent("@ИныеСвед"),
            then=present("@Идентиф"),
        ),
    )


DOCUMENT_AUTHOR: Final = block(
    choice(
        maybe("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
        maybe("ИННФЛ", INN_PERSON, "ИНН физического лица"),
        maybe("ДаннИно", FOREIGN_PARTY, "иностранное лицо", *foreign_rules("ДаннИно")),
        maybe("НаимОИВ", T255, "орган исполнительной власти"),
    )
)

DOCUMENT_REFERENCE: Final = block(
    many("РеквИдРекСост", DOCUMENT_AUTHOR, "кто составил документ"),
    need("РеквНаимДок", T255, "наименование документа"),
    need("РеквНомерДок", T255, "номер документа"),
    need("РеквДатаДок", DATE, "дата документа"),
    may("РеквИдФайлДок", FILE_ID, "идентификатор файла первой стороны"),
    may("РеквИдДок", T255, "идентификатор документа"),
    may("РИдСистХранД", T500, "система, где документ хранится"),
    may("РеквУРЛСистДок", T500, "адрес системы, где документ доступен"),
    may("РеквДопСведДок", T2000, "дополнительные сведения"),
)

TEXT_ENTRY: Final = block(
    need("Идентиф", T50, "имя поля"),
    need("Значен", T2000, "значение поля"),
)

INFORMATION_FIELD: Final = block(
    many("ТекстИнф", TEXT_ENTRY, "поле с текстом"),
    may("ИдФайлИнфПол", GUID, "идентификатор файла с дополнительными сведениями"),
)

ELECTRONIC_POWER: Final = block(
    need("НомДовер", GUID, "номер МЧД"),
    need("ДатаВыдДовер", DATE, "дата выдачи"),
    may("ВнНомДовер", T50, "внутренний номер"),
    may("ДатаВнРегДовер", DATE, "дата внутренней регистрации"),
    need("ИдСистХран", T500, "система хранения МЧД"),
    may("УРЛСист", T500, "адрес системы хранения МЧД"),
)

PAPER_POWER: Final = block(
    maybe("ФИО", PERSON_NAME, "кто подписал доверенность"),
    need("ДатаВыдДовер", DATE, "дата выдачи"),
    need("ВнНомДовер", T50, "внутренний номер"),
    may("СвИдДовер", T1000, "доверитель"),
)

AUTHORITY: Final = codes(
    _1="данными сертификата подписи",
    _2="МЧД в пакете с документом",
    _3="МЧД в информационной системе, реквизиты в документе",
    _4="МЧД в информационной системе, реквизиты переданы иначе",
    _5="доверенность на бумаге",
    _6="иное",
)

SIGNER: Final = block(
    one("ФИО", PERSON_NAME, "имя подписанта"),
    choice(
        many("СвДоверЭл", ELECTRONIC_POWER, "электронная доверенность"),
        many("СвДоверБум", PAPER_POWER, "бумажная доверенность"),
    ),
    may("Должн", T255, "должность"),
    may("ТипПодпис", SIGNATURE_KIND, "вид подписи"),
    may("ДатаПодДок", DATE, "дата подписания"),
    need("СпосПодтПолном", AUTHORITY, "чем подтверждены полномочия"),
    may("ДопСведПодп", T255, "дополнительные сведения"),
)

SIGNER_RULES: Final = (
    rule(
        "signer-electronic-power",
        "СвДоверЭл",
        "элемент Подписант — при СпосПодтПолном=3 нужны реквизиты МЧД (СвДоверЭл)",
        when=equals("@СпосПодтПолном", 3),
        then=present("СвДоверЭл"),
    ),
    rule(
        "signer-electronic-power-alien",
        "СвДоверЭл",
        "элемент Подписант — СвДоверЭл бывает только при СпосПодтПолном=3",
        when=~equals("@СпосПодтПолном", 3),
        then=absent("СвДоверЭл"),
    ),
    rule(
        "signer-paper-power",
        "СвДоверБум",
        "элемент Подписант — при СпосПодтПолном=5 нужны реквизиты бумажной доверенности (СвДоверБум)",
        when=equals("@СпосПодтПолном", 5),
        then=present("СвДоверБум"),
    ),
    rule(
        "signer-paper-power-alien",
        "СвДоверБум",
        "элемент Подписант — СвДоверБум бывает только при СпосПодтПолном=5",
        when=~equals("@СпосПодтПолном", 5),
        then=absent("СвДоверБум"),
    ),
)

SIGNERS: Final = some("Подписант", SIGNER, "подписант", *SIGNER_RULES)
GROUNDS_OF_AUTHOR: Final = maybe("ОснДоверОргСост", DOCUMENT_REFERENCE, "на каком основании составитель готовит файл")


def employee(label: str) -> Block:
    """A worker of one of the parties who took part in the hand-over."""
    return block(
        one("ФИО", PERSON_NAME, label),
        need("Должность", T255, "должность"),
        may("ИныеСвед", T255, "иные сведения"),
    )


def other_person(suffix: str, *, inn_of_organization: str) -> Block:
    """Someone entrusted with the hand-over: an organisation's representative or a person.

    `suffix` ends the names in the title («Пер» for the seller, «Прин» for the buyer); `inn_of_organization` is the
    attribute's name.
    """
    organization = block(
        maybe(f"ОснДоверОрг{suffix}", DOCUMENT_REFERENCE, "почему доверено организации"),
        maybe(f"ОснПолнПред{suffix}", DOCUMENT_REFERENCE, "полномочия представителя"),
        one("ФИО", PERSON_NAME, "представитель"),
        need("Должность", T255, "должность"),
        may("ИныеСвед", T255, "иные сведения"),
        need(f"НаимОрг{suffix}", T255, "организация"),
        may(inn_of_organization, INN_ORGANIZATION, "ИНН организации"),
    )
    person = block(
        maybe("ОснДоверФЛ", DOCUMENT_REFERENCE, "почему доверено этому лицу"),
        one("ФИО", PERSON_NAME, "имя"),
        may(f"ИННФЛ{suffix}", INN_PERSON, "ИНН"),
        may("ИныеСвед", T255, "иные сведения"),
    )
    return block(
        choice(
            one(
                f"ПредОрг{suffix}",
                organization,
                "представитель организации",
                _either(f"ПредОрг{suffix}", f"@{inn_of_organization}", f"ОснДоверОрг{suffix}"),
            ),
            one(
                f"ФЛ{suffix}",
                person,
                "физическое лицо",
                _either(f"ФЛ{suffix}", f"@ИННФЛ{suffix}", "ОснДоверФЛ"),
            ),
        )
    )


def _either(name: str, inn: str, grounds: str) -> Rule:
    return rule(
        "entrusted-identified",
        inn,
        f"элемент {name} — нужен {inn.lstrip('@')} или {grounds}",
        when=absent(grounds),
        then=present(inn),
    )


CODE_OF_FORM: Final = "код формы по КНД"
UNIQUE_ID: Final = may("УИД", T1000, "уникальный номер документа")
AUTHOR_NAME: Final = may("НаимЭконСубСост", T1000, "составитель файла")
TREASURY_CODE_20: Final = exact(20)
PROGRAM: Final = need("ВерсПрог", text(40), "программа, создавшая файл")
FILE_IDENTIFIER: Final = need("ИдФайл", FILE_ID, "идентификатор файла")
SHORT_100: Final = T100
