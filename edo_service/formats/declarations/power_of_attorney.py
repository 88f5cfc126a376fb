"""МЧД EMCHD_1 (ON_EMCHD): the power of attorney, передоверие included. The single form of Минцифры and ФНС.

Dates are ГГГГ-ММ-ДД, the encoding is UTF-8, every element stands in the namespace of the form.
"""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.power_parties import (
    COMPANY,
    ENTREPRENEUR,
    FOREIGN_COMPANY,
    FOREIGN_PRINCIPAL,
    FULL_NAME,
    INDIVIDUAL,
    ISO_DATE,
    PERSON,
    PRINCIPAL_COMPANY,
    PRINCIPAL_PERSON,
    TAXPAYER_STATUS,
    YES_NO,
)
from edo_service.formats.declarations.values import (
    INN_PERSON,
    REGISTER_GUID,
    SNILS,
    T50,
    T255,
    T1000,
    codes,
    decimal,
    digits,
    exact,
    integer,
    text,
    words,
)
from edo_service.formats.engine.model import Block, Declaration, Value, block, choice, many, may, maybe, need, one, some
from edo_service.formats.remarks.requisites import requisites

NAMESPACE: Final = "urn://x-artefacts/EMCHD_1"
ORDER: Final = "Единая форма машиночитаемой доверенности EMCHD_1"
_TAX_OFFICE: Final = digits(4)
_PRINCIPAL_KIND: Final = codes(
    _1="российская организация", _2="иностранная организация", _3="предприниматель", _4="физическое лицо"
)
_AGENT_KIND: Final = codes(
    _1="организация", _2="предприниматель", _3="физическое лицо", _4="филиал", _5="иностранный филиал"
)
_BOUNDED_DATE: Final = Value(kind="isodate", since=1900, until=2100)

POWER: Final = block(
    many("КодНОДейст", _TAX_OFFICE, "налоговый орган действия"),
    one("СведСист", T1000, "где проверить доверенность"),
    maybe(
        "Безотзыв",
        block(
            maybe("ОписУслОт", T1000, "условия отзыва"),
            need("ПрПерБезДов", words("1", "2"), "передоверие безотзывной"),
            need("УслОтзыва", words("1", "2"), "когда отзывается"),
        ),
        "безотзывная доверенность",
    ),
    need("ВидДовер", codes(_1="отзывная", _2="безотзывная"), "вид доверенности"),
    need(
        "ПрПередов", codes(_1="без передоверия", _2="однократное", _3="с последующим передоверием"), "право передоверия"
    ),
    need("ВнНомДовер", T50, "внутренний номер"),
    need("НомДовер", REGISTER_GUID, "номер доверенности"),
    may("НомРНДДовер", text(28), "номер в реестре нотариата"),
    may("ДопИдДовер", T50, "дополнительный номер"),
    may("ДатаВнРегДовер", ISO_DATE, "дата внутренней регистрации"),
    need("ДатаВыдДовер", ISO_DATE, "дата выдачи"),
    need("СрокДейст", ISO_DATE, "действует до"),
    may("КодНО", _TAX_OFFICE, "налоговый орган"),
)

_NOTARY: Final = block(
    one("ФИОНотДейств", FULL_NAME, "имя нотариуса"),
    need("Должность", T255, "должность"),
    need("РегНомНот", text(13, least=5), "номер нотариуса"),
)
_ACTING_NOTARY: Final = block(
    one("ФИОВриоНот", FULL_NAME, "имя исполняющего обязанности"),
    need("Должность", T255, "должность"),
    need("РегНомНот", text(8, least=3), "номер исполняющего обязанности"),
)

_CERTIFIED: Final = block(
    maybe("ИнСвУдНадпис", text(2500), "сведения удостоверительной надписи"),
    one("СвНотДейств", _NOTARY, "нотариус"),
    some(
        "ПодпРукопис",
        block(
            one("ХешPDFДок", text(16000), "хеш документа"),
            one("ПодпИзобр", text(16000), "изображение подписи"),
            one("ХешПодп", text(16000), "хеш подписи"),
            one("ДатаВремПодп", integer(10), "момент подписи"),
            one("ФИООтв", FULL_NAME, "кто подписал"),
        ),
        "рукописная подпись",
    ),
    maybe("ВриоНот", _ACTING_NOTARY, "исполняющий обязанности нотариуса"),
    need("МестоДовер", text(250), "место удостоверения"),
    may("НапрДокДовЕПГУ", YES_NO, "доверителю на госуслуги"),
    may("НапрДокПовЕПГУ", YES_NO, "поверенному на госуслуги"),
    may("НапрДокЗвлФНП", YES_NO, "заявителю через палату"),
    may("НапрДокПовФНП", YES_NO, "поверенному через палату"),
    need("УплНотДейст", decimal(10, 2), "уплачено"),
    may("ЛьготаСум", decimal(10, 2), "льгота"),
    may("ДрИнфСист", T255, "другая система"),
    may("ДрСпосВыд", T255, "другой способ выдачи"),
    may("ДопСвНотДовер", text(2500), "дополнительно"),
)

_PRINCIPAL: Final = block(
    one(
        "Доверит",
        block(
            maybe("РосОргДовер", PRINCIPAL_COMPANY, "российская организация"),
            maybe("ИнОргДовер", FOREIGN_PRINCIPAL, "иностранная организация"),
            maybe("ИПДовер", ENTREPRENEUR, "предприниматель"),
            maybe("ФЛДовер", PRINCIPAL_PERSON, "физическое лицо"),
        ),
        "доверитель",
    ),
    need("ТипДоверит", _PRINCIPAL_KIND, "кто доверитель"),
)

_AGENT: Final = block(
    one(
        "Пред",
        block(
            maybe("СведОрг", COMPANY, "организация"),
            maybe("СведИП", ENTREPRENEUR, "предприниматель"),
            maybe("СведФизЛ", PERSON, "физическое лицо"),
            maybe("СведФилиал", COMPANY, "филиал"),
            maybe("СведИО", FOREIGN_COMPANY, "иностранная организация"),
        ),
        "представитель",
    ),
    need("ТипПред", _AGENT_KIND, "кто представитель"),
)

_LIMIT: Final = block(
    choice(
        one("КодЗначОгр", T255, "код значения"),
        one("ТексЗначОгр", T255, "значение словами"),
    ),
    need("ИдОгр", integer(3, at_least=1), "номер ограничения"),
    need("КодОгр", T255, "код ограничения"),
    need("НаимОгр", T255, "ограничение"),
    may("НаимЗначОгр", T255, "значение ограничения"),
)

_POWERS: Final = block(
    maybe("ТекстПолн", text(10000), "полномочия словами"),
    many(
        "МашПолн",
        block(
            many("ОгрСвПолн", _LIMIT, "ограничение полномочия"),
            may("МнПолн", text(255, least=6), "мнемоника полномочия"),
            need("КодПолн", text(255, least=6), "код полномочия"),
            need("НаимПолн", T255, "полномочие"),
        ),
        "полномочие по классификатору",
    ),
    need("ТипПолн", codes(_0="словами", _1="по классификатору"), "как указаны полномочия"),
    need("ПрСовмПолн", words("1", "2"), "признак совместных полномочий"),
    may("ПрУтрПолн", codes(_1="утрачиваются", _2="сохраняются"), "полномочия при передоверии"),
)


def _earlier() -> Block:
    """The power that this one rests on: who gave it, its numbers and dates."""
    giver = block(
        maybe("РосОргДовер", COMPANY, "российская организация"),
        maybe("ИнОргДовер", FOREIGN_COMPANY, "иностранная организация"),
        maybe("ИПДовер", ENTREPRENEUR, "предприниматель"),
        maybe("ФЛДовер", PRINCIPAL_PERSON, "физическое лицо"),
    )
    return block(
        many(
            "СвДоверПерв",
            block(one("ДоверитПерв", giver, "доверитель"), need("ТипДоверит", _PRINCIPAL_KIND, "кто доверитель")),
            "первый доверитель",
        ),
        maybe("СвНотДейств", _NOTARY, "нотариус"),
        maybe("ВриоНот", _ACTING_NOTARY, "исполняющий обязанности нотариуса"),
        need("ПрДовер", words("1", "2"), "вид первой доверенности"),
        need("ФормДовер", codes(_1="простая письменная", _2="нотариальная"), "форма доверенности"),
        need("ДатаВыдДовер", _BOUNDED_DATE, "дата выдачи"),
        need("СрокДейст", _BOUNDED_DATE, "действует до"),
        may("ВнНомДоверПерв", T50, "внутренний номер первой"),
        may("ВнНомДоверN", T50, "внутренний номер предыдущей"),
        may("НомДоверПерв", REGISTER_GUID, "номер первой доверенности"),
        may("НомДоверN", REGISTER_GUID, "номер предыдущей доверенности"),
        may("НомРНДПерв", text(28), "номер первой в реестре нотариата"),
        may("НомРНДN", text(28), "номер предыдущей в реестре нотариата"),
    )


_EARLIER: Final = _earlier()

_PASSING_PERSON: Final = block(
    maybe("СведРукоп", PERSON, "законный представитель"),
    one("СведФЛ", INDIVIDUAL, "сведения о лице"),
    may("СтУчНД", TAXPAYER_STATUS, "статус налогоплательщика"),
    may("ПрНалРук", YES_NO, "есть законный представитель"),
    need("ИННФЛ", INN_PERSON, "ИНН"),
    need("СНИЛС", SNILS, "СНИЛС"),
)

_PASSING: Final = block(
    one(
        "ПередПолн",
        block(
            maybe("РосОргПерПолн", PRINCIPAL_COMPANY, "российская организация"),
            maybe("ИППерПолн", ENTREPRENEUR, "предприниматель"),
            maybe("ФЛПерПолн", _PASSING_PERSON, "физическое лицо"),
            maybe(
                "ФилПерПолн",
                block(one("СвФил", COMPANY, "филиал"), one("СвРукФил", PERSON, "руководитель филиала")),
                "филиал",
            ),
            maybe("ИнПерПолн", FOREIGN_PRINCIPAL, "иностранная организация"),
        ),
        "кто передаёт",
    ),
    need("ТипПерПолн", words("1", "2", "3", "4", "5"), "кто передаёт полномочия"),
)

_GIVEN: Final = block(
    one("СвДов", POWER, "доверенность"),
    some("СвДоверит", _PRINCIPAL, "доверитель"),
    some("СвУпПред", _AGENT, "представитель"),
    one("СвПолн", _POWERS, "полномочия"),
    maybe("СвНотУд", _CERTIFIED, "нотариальное удостоверение"),
)

_PASSED_ON: Final = block(
    one("СвПервДовер", _EARLIER, "первая доверенность"),
    maybe("СвПередов", _EARLIER, "предыдущая доверенность"),
    one("СвПереДовер", POWER, "доверенность"),
    some("СвПередПолн", _PASSING, "кто передаёт полномочия"),
    some("СвПолучПолн", _AGENT, "кто получает полномочия"),
    one("СвПолн", _POWERS, "полномочия"),
    maybe("СвНотУд", _CERTIFIED, "нотариальное удостоверение"),
    need("ПрНалПередов", YES_NO, "есть предыдущее передоверие"),
)

POWER_OF_ATTORNEY: Final = Declaration(
    code="power_of_attorney",
    version="EMCHD_1",
    order=ORDER,
    namespace=NAMESPACE,
    root=one(
        "Доверенность",
        block(
            maybe("ИнСвед", text(5000), "иные сведения"),
            one(
                "Документ",
                block(
                    choice(one("Довер", _GIVEN, "доверенность"), one("Передов", _PASSED_ON, "передоверие")),
                    may("КНД", exact(7), "код формы по КНД"),
                ),
                "документ",
            ),
            need("ВерсФорм", words("EMCHD_1"), "версия формата"),
            need(
                "ПрЭлФорм",
                Value(min_length=8, max_length=8, patterns=("[0-1]{8}",), hint_ru="восемь знаков 0 и 1"),
                "признаки формы",
            ),
            need("ИдФайл", T255, "идентификатор файла"),
            may("ИдФайлНО", T255, "идентификатор файла налогового органа"),
            may("OID", T255, "OID"),
        ),
        "доверенность",
    ),
    remarks=(requisites,),
)
