"""What ТОРГ-12 and the act of works of 2012-2015 share: sides, officials, the frame of a file. Order ММВ-7-6/172@."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.old_common import MAYBE_T128, PARTICIPANT, PROGRAM_OPTIONAL, T20, T128
from edo_service.formats.declarations.upd_common import CODE_OF_FORM, PERSON_NAME
from edo_service.formats.declarations.values import (
    BIK,
    COUNTRY,
    GUID,
    INN_ORGANIZATION,
    INN_PERSON,
    KPP_OLD,
    LOOSE_DATE,
    POSTCODE,
    REGION,
    T50,
    T255,
    T1000,
    TIME,
    decimal,
    digits,
    exact,
    text,
    words,
)
from edo_service.formats.engine.model import (
    Block,
    Declaration,
    Element,
    block,
    choice,
    may,
    maybe,
    need,
    one,
)
from edo_service.formats.remarks.requisites import requisites
from edo_service.formats.remarks.trade import trade_sums

ORDER: Final = "Приказ ФНС России от 21.03.2012 № ММВ-7-6/172@"
FILE_ID: Final = text(200)
NUMBER: Final = text(256)
FREE: Final = text(2000, least=0)
SUM: Final = decimal(17, 2)

_EXCHANGE: Final = one(
    "СвУчДокОбор",
    block(
        one(
            "СвОЭДОтпрСФ",
            block(
                need("НаимОрг", T1000, "оператор"),
                need("ИННЮЛ", INN_ORGANIZATION, "ИНН оператора"),
                need("ИдЭДОСФ", exact(3), "код оператора"),
            ),
            "оператор отправителя",
        ),
        need("ИдОтпр", PARTICIPANT, "идентификатор отправителя"),
        need("ИдПок", PARTICIPANT, "идентификатор получателя"),
    ),
    "участники обмена",
)

_ADDRESS: Final = block(
    maybe(
        "АдрРФ",
        block(
            may("Индекс", POSTCODE, "индекс"),
            may("КодРегион", REGION, "код региона"),
            may("Район", T50, "район"),
            may("Город", T50, "город"),
            may("НаселПункт", T50, "населённый пункт"),
            may("Улица", T50, "улица"),
            may("Дом", T20, "дом"),
            may("Корпус", T20, "корпус"),
            may("Кварт", T20, "квартира или офис"),
        ),
        "адрес в России",
    ),
    maybe("АдрТекст", T255, "адрес одной строкой"),
    maybe(
        "АдрИно",
        block(may("КодСтр", COUNTRY, "код страны по ОКСМ"), may("АдрТекст", T255, "адрес одной строкой")),
        "адрес за границей",
    ),
)


def _party(who: Element) -> Block:
    """A side; the act demands to be told who it is, ТОРГ-12 does not."""
    return block(
        who,
        maybe("Адрес", _ADDRESS, "адрес"),
        maybe("Контакт", block(may("Тлф", T20, "телефон"), may("Факс", T20, "факс")), "контакты"),
        maybe(
            "БанкРекв",
            block(
                maybe("СвБанк", block(may("НаимБанк", T1000, "банк"), may("БИК", BIK, "БИК")), "банк"),
                may("НомерСчета", T20, "расчётный счёт"),
            ),
            "банковские реквизиты",
        ),
        may("ОКПО", text(10), "код ОКПО"),
    )


_COMPANY_FACTS: Final = (
    may("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
    may("КПП", KPP_OLD, "КПП"),
    may("ОКОПФ", digits(2, 5), "код организационно-правовой формы"),
)
_TRADER_INN: Final = may("ИННФЛ", INN_PERSON, "ИНН предпринимателя")
_TRADER_NAME: Final = "имя предпринимателя"
SIDE_OF_NOTE: Final = _party(
    maybe(
        "ИдСв",
        block(
            maybe("СвЮЛ", block(may("НаимОрг", T1000, "наименование организации"), *_COMPANY_FACTS), "организация"),
            maybe("СвФЛ", block(maybe("ФИОИП", PERSON_NAME, _TRADER_NAME), _TRADER_INN), "предприниматель"),
        ),
        "кто это",
    )
)
SIDE_OF_ACT: Final = _party(
    one(
        "ИдСв",
        block(
            choice(
                one("СвЮЛ", block(need("НаимОрг", T1000, "наименование организации"), *_COMPANY_FACTS), "организация"),
                one("СвФЛ", block(one("ФИОИП", PERSON_NAME, _TRADER_NAME), _TRADER_INN), "предприниматель"),
            )
        ),
        "кто это",
    )
)


def official(*, name_needed: bool) -> Block:
    """A person with a position."""
    named = one if name_needed else maybe
    return block(named("ФИО", PERSON_NAME, "имя"), may("Должность", T128, "должность"))


def proxy(*, holder_needed: bool) -> Block:
    """A power of attorney on paper: by whom and to whom."""
    named = one if holder_needed else maybe
    return block(
        maybe(
            "ВыданаКем",
            block(
                maybe("ФИО", PERSON_NAME, "кто выдал"),
                may("НаимОргКем", T1000, "организация, выдавшая доверенность"),
                may("ДолжнКем", MAYBE_T128, "должность выдавшего"),
                may("ДопСведКем", text(1000, least=0), "дополнительно о выдаче"),
            ),
            "кем выдана",
        ),
        maybe(
            "ВыданаКому",
            block(
                named("ФИО", PERSON_NAME, "доверенное лицо"),
                may("Должн", MAYBE_T128, "должность доверенного лица"),
                may("ДопСведКому", text(1000, least=0), "дополнительно о доверенном лице"),
            ),
            "кому выдана",
        ),
        may("НомДоверен", T255, "номер доверенности"),
        may("ДатаДоверен", LOOSE_DATE, "дата доверенности"),
    )


INFORMATION: Final = maybe(
    "ИнфПол",
    block(may("ТекстИнф", FREE, "текст"), may("ИдФайлИнфПол", GUID, "файл с дополнительными сведениями")),
    "дополнительное поле",
)
_SIGNER: Final = one(
    "Подписант",
    block(
        choice(
            one(
                "ИП",
                block(
                    one("ФИО", PERSON_NAME, _TRADER_NAME),
                    need("ИННФЛ", INN_PERSON, "ИНН предпринимателя"),
                    may("СвГосРегИП", text(100, least=0), "свидетельство о регистрации"),
                ),
                "предприниматель",
            ),
            one(
                "ЮЛ",
                block(
                    one("ФИО", PERSON_NAME, "имя подписанта"),
                    need("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
                    need("Должн", MAYBE_T128, "должность"),
                ),
                "представитель организации",
            ),
        )
    ),
    "подписант",
)


def declaration(code: str, form: str, *body: Element) -> Declaration:
    """A title: its own part, the signer, the code of the form."""
    document = block(
        *body,
        _SIGNER,
        need("КНД", words(form), CODE_OF_FORM),
        need("ДатаДок", LOOSE_DATE, "дата документа"),
        need("ВремДок", TIME, "время документа"),
    )
    return Declaration(
        code=code,
        version="5.01",
        order=ORDER,
        root=one(
            "Файл",
            block(
                _EXCHANGE,
                one("Документ", document, "документ"),
                need("ИдФайл", FILE_ID, "идентификатор файла"),
                PROGRAM_OPTIONAL,
                need("ВерсФорм", words("5.01"), "версия формата"),
            ),
            "файл",
        ),
        remarks=(requisites, trade_sums),
    )
