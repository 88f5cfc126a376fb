"""What both titles of акт КС-2 share: references to documents, foreign parties, signers, extension fields.

Order ЕД-7-26/691@.
"""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.upd_common import PERSON_NAME
from edo_service.formats.declarations.values import (
    DATE,
    GUID,
    INN_ORGANIZATION,
    INN_PERSON,
    SIGNATURE_KIND,
    T50,
    T255,
    T500,
    T1000,
    T2000,
    codes,
    text,
    words,
)
from edo_service.formats.engine.conditions import Condition, absent, among, equals, present
from edo_service.formats.engine.model import (
    Element,
    Rule,
    anything,
    block,
    choice,
    many,
    may,
    maybe,
    need,
    one,
    rule,
)

ORDER: Final = "Приказ ФНС России № ЕД-7-26/691@"
VERSION: Final = "1.00"
DASH_ZERO: Final = words("-", "0")
YES_NO: Final = codes(_0="нет", _1="да")

EXTENSION: Final = maybe(
    "ДопПолеСтрИнф",
    anything(may("ИмяДопПакета", T1000, "имя пакета сведений"), may("Версия", text(5), "версия пакета сведений")),
    "дополнительные сведения своей структуры",
)

TEXT_ENTRY: Final = block(need("Идентиф", T50, "имя поля"), need("Значение", T2000, "значение поля"))
INFORMATION: Final = block(
    many("ТекстИнф", TEXT_ENTRY, "поле с текстом"), may("ИдФайлИнфПол", GUID, "файл с дополнительными сведениями")
)


def for_state(name: str, state: Condition) -> tuple[Rule, ...]:
    """A state or municipal contract has extension fields everywhere, any other has them nowhere."""
    return switched(
        "extension",
        name,
        "ДопПолеСтрИнф",
        state,
        "для государственного контракта нужны дополнительные сведения (ДопПолеСтрИнф)",
        "ДопПолеСтрИнф бывает только при государственном контракте",
    )


def switched(code: str, name: str, about: str, when: Condition, needed: str, alien: str) -> tuple[Rule, ...]:
    """`about` is there exactly when the condition holds."""
    return (
        rule(code, about, f"элемент {name} — {needed}", when=when, then=present(about)),
        rule(f"{code}-alien", about, f"элемент {name} — {alien}", when=~when, then=absent(about)),
    )


def wanted(code: str, name: str, about: str, when: Condition, why: str) -> Rule:
    """`about` is there at least when the condition holds."""
    return rule(code, about, f"элемент {name} — {why}: нужен {about.lstrip('@')}", when=when, then=present(about))


def reference_rules(name: str) -> tuple[Rule, ...]:
    """A document is told by its file or by name, number and date."""
    return tuple(
        wanted(f"reference-{number}", name, about, absent("@ИдДок"), "без идентификатора файла")
        for number, about in enumerate(("@НаимДок", "@НомерДок", "@ДатаДок"), start=1)
    )


_FOREIGN: Final = block(
    need("ИдСтат", words("ИО", "ИГ"), "иностранная организация или гражданин"),
    may("Стран", T255, "страна"),
    may("Наим", T1000, "наименование или имя"),
    may("Идентиф", T255, "идентификатор"),
    may("ИныеСвед", T255, "иные сведения"),
)
_FOREIGN_RULES: Final = (
    wanted("foreign-country", "ДаннИно", "@Стран", among("@ИдСтат", "ИО"), "для иностранной организации"),
    wanted(
        "foreign-identified",
        "ДаннИно",
        "@Идентиф",
        among("@ИдСтат", "ИО") & absent("@Наим") & absent("@ИныеСвед"),
        "для организации без наименования",
    ),
    wanted("foreign-name", "ДаннИно", "@Наим", among("@ИдСтат", "ИГ"), "для иностранного гражданина"),
)

SUBJECT: Final = block(
    choice(
        one("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
        one("ИННФЛ", INN_PERSON, "ИНН физического лица"),
        one("ДаннИно", _FOREIGN, "иностранное лицо", *_FOREIGN_RULES),
        one("НаимОИВ", T255, "орган исполнительной власти"),
    )
)

REFERENCE: Final = block(
    many("ИдРекСост", SUBJECT, "кто составил документ"),
    may("НаимДок", T255, "название документа"),
    may("НомерДок", T255, "номер документа"),
    may("ДатаДок", DATE, "дата документа"),
    may("ИдДок", T255, "идентификатор файла документа"),
    may("ДопСведДок", T2000, "дополнительно о документе"),
)

IDENTIFIED: Final = block(one("ТипИдДок", REFERENCE, "реквизиты", *reference_rules("ТипИдДок")), EXTENSION)

_ELECTRONIC: Final = block(
    may("НомДовер", GUID, "номер МЧД"),
    may("ДатаНач", DATE, "дата выдачи"),
    may("ВнНомДовер", T50, "внутренний номер"),
    may("ДатаВнРегДовер", DATE, "дата внутренней регистрации"),
    may("СведСистОтм", T500, "где проверить отмену"),
)
_PAPER: Final = block(
    maybe("ФИО", PERSON_NAME, "кто подписал доверенность"),
    may("ДатаНач", DATE, "дата выдачи"),
    may("ВнНомДовер", T50, "внутренний номер"),
    may("СвИдДовер", T1000, "доверитель"),
)
_SIGNER: Final = block(
    one("ФИО", PERSON_NAME, "имя подписанта"),
    maybe("СвДовер", _ELECTRONIC, "электронная доверенность"),
    maybe("СвДоверБум", _PAPER, "бумажная доверенность"),
    may(
        "СтатПодп",
        codes(_1="без доверенности", _2="по электронной доверенности", _3="по бумажной доверенности"),
        "есть ли доверенность",
    ),
    may("ТипПодпис", SIGNATURE_KIND, "вид подписи"),
    may("ИдСистХран", T500, "система хранения МЧД"),
    may("Должн", T255, "должность"),
)


def signers(name: str, state: Condition) -> Element:
    """Who signs one of the titles."""
    return Element(
        name=name,
        type=block(one("Подписант", _SIGNER, "лицо"), EXTENSION),
        label="подписант",
        most=None,
        rules=for_state(name, state),
    )


def state_contract(way: str) -> Condition:
    """Whether the file is of a state or municipal contract; `way` leads to the element that says so."""
    return equals(f"{way}/@ПрГосМун" if way else "@ПрГосМун", 1)
