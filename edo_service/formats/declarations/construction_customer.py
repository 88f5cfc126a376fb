"""Акт КС-2 1.00, the customer's title ON_AKTREZRABZ. Order ЕД-7-26/691@."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.construction_common import (
    EXTENSION,
    IDENTIFIED,
    INFORMATION,
    ORDER,
    VERSION,
    YES_NO,
    for_state,
    signers,
    state_contract,
    wanted,
)
from edo_service.formats.declarations.upd_common import CODE_OF_FORM, FILE_IDENTIFIER, PROGRAM
from edo_service.formats.declarations.values import (
    DATE,
    FILE_ID,
    FILLED_TEXT,
    MONEY,
    T255,
    T1000,
    T2000,
    TIME,
    codes,
    words,
)
from edo_service.formats.engine.conditions import absent, equals, present
from edo_service.formats.engine.model import Declaration, block, choice, many, may, maybe, need, one, rule, some
from edo_service.formats.remarks.requisites import requisites

_SHEET: Final = "представленными подрядчиком сведениями о расчетах"
ON_SETTLEMENTS: Final = words(
    f"С {_SHEET} согласен",
    f"С {_SHEET} согласен, есть информация о дополнительных удержаниях заказчиком в соответствии с законодательством "
    "о контрактной системе в сфере закупок товаров, работ, услуг для обеспечения государственных и муниципальных нужд",
    f"С {_SHEET} не согласен",
    "Представленные подрядчиком сведения о расчетах по договору на момент приемки работ не сверялись",
    "Условиями договора строительного подряда сверка расчетов по договору непосредственно в акте о приемке выполненных "
    "работ не предусмотрена",
)
RESULT: Final = codes(
    _0="отказ в приёмке",
    _1="принято",
    _2="принято с недостатками",
    _4="принято с недостатками и уменьшением цены",
    _5="принято с недостатками, иное условие",
)
_REFUSED: Final = equals("@КодСодОпер", 0)
_FLAWED: Final = equals("@КодСодОпер", 2) | equals("@КодСодОпер", 4) | equals("@КодСодОпер", 5)

_REDUCED: Final = block(
    choice(maybe("СумНалИтог", MONEY, "итого налог"), maybe("ОтсСумНДС", words("-"), "прочерк вместо налога")),
    need("СтТовБезНДСИтог", MONEY, "итого без налога"),
    may("СтТовУчНалИтог", MONEY, "итого с налогом"),
    may("ИтогКПеречислОтч", MONEY, "к перечислению за период"),
    may("ИтогКПеречислСНач", MONEY, "к перечислению с начала"),
)

_ACCEPTANCE: Final = block(
    choice(maybe("ДатаПрин", DATE, "дата приёмки"), maybe("ДатаОтказПрин", DATE, "дата отказа")),
    maybe("ИдДокОтказ", IDENTIFIED, "документ о причинах отказа"),
    maybe("ИдДокОНедостатк", IDENTIFIED, "документ о недостатках"),
    maybe("ИтогУмСтоимДог", _REDUCED, "итоги при уменьшении цены"),
    may("СодОпер", T255, "содержание операции"),
    may("КодСодОпер", RESULT, "итог приёмки"),
    may("ИнфОтказПрием", T2000, "причины отказа"),
    may("ИнфОНедостатк", T2000, "недостатки"),
    may("СумНДФЛ", MONEY, "налог на доходы к удержанию"),
)
_ACCEPTANCE_RULES: Final = (
    rule(
        "refusal-text",
        "@СодОпер",
        "элемент СвПрием — при отказе (КодСодОпер=0) СодОпер не бывает",
        when=_REFUSED,
        then=absent("@СодОпер"),
    ),
    rule(
        "result",
        "@КодСодОпер",
        "элемент СвПрием — нужен итог приёмки: КодСодОпер или СодОпер",
        when=absent("@СодОпер"),
        then=present("@КодСодОпер"),
    ),
    rule(
        "result-of-state-contract",
        "@КодСодОпер",
        "элемент СвПрием — у негосударственного договора итог (КодСодОпер) нужен, и это 0 или 1",
        when=equals("../@ПрГосМун", 0),
        then=present("@КодСодОпер") & ~_FLAWED,
    ),
    wanted("refusal-reason", "СвПрием", "@ИнфОтказПрием", _REFUSED, "при отказе"),
    wanted("refusal-document", "СвПрием", "ИдДокОтказ", _REFUSED, "при отказе"),
    wanted("flaws", "СвПрием", "@ИнфОНедостатк", _FLAWED, "при недостатках"),
    wanted("flaws-document", "СвПрием", "ИдДокОНедостатк", _FLAWED, "при недостатках"),
    wanted("refusal-day", "СвПрием", "ДатаОтказПрин", _REFUSED, "при отказе"),
    wanted("acceptance-day", "СвПрием", "ДатаПрин", ~_REFUSED, "если это не отказ"),
    wanted("reduced", "СвПрием", "ИтогУмСтоимДог", equals("@КодСодОпер", 4), "при уменьшении цены"),
)

_SETTLEMENTS: Final = block(
    maybe("ИдНеучтенДок", IDENTIFIED, "неучтённый документ"),
    maybe("ИдЛишнДок", IDENTIFIED, "лишний документ"),
    may("ПричНесогРасч", T2000, "причины несогласия"),
    need("ИзвПоРасч", ON_SETTLEMENTS, "согласие с расчётами"),
)
# the official rule asks for an element that the schema does not know, so its other branch always holds
_SETTLEMENTS_RULES: Final = tuple(
    rule(
        f"disagreement-{number}",
        about,
        f"элемент ИзвОРасч — {about.lstrip('@')} официальная схема здесь не принимает",
        when=absent("НеСоглРасч"),
        then=absent(about),
    )
    for number, about in enumerate(("@ПричНесогРасч", "ИдНеучтенДок", "ИдЛишнДок"), start=1)
)

_FACT: Final = block(
    one("СвПрием", _ACCEPTANCE, "приёмка", *_ACCEPTANCE_RULES),
    maybe("ИзвОРасч", _SETTLEMENTS, "извещение о расчётах", *_SETTLEMENTS_RULES),
    many("ИнфПолФХЖ4", INFORMATION, "дополнительные поля"),
    EXTENSION,
    need("НомПостДок", T255, "номер акта подрядчика"),
    need("ДатаПостДок", DATE, "дата акта подрядчика"),
    may("ВидОпер", T255, "вид операции"),
    need("ПрГосМун", YES_NO, "государственный контракт"),
)

CONSTRUCTION_ACT_CUSTOMER: Final = Declaration(
    code="construction_act_customer",
    version=VERSION,
    order=ORDER,
    root=one(
        "Файл",
        block(
            one(
                "Документ",
                block(
                    maybe("ОснДоверОргСост", IDENTIFIED, "основание составителя"),
                    one(
                        "ИдИнфПодр",
                        block(
                            some("ЭП", FILLED_TEXT, "подпись подрядчика"),
                            need("ИдФайлИнфПодр", FILE_ID, "файл подрядчика"),
                            need("ДатаФайлИнфПодр", DATE, "дата файла подрядчика"),
                            need("ВремяФайлИнфПодр", TIME, "время файла подрядчика"),
                        ),
                        "файл подрядчика",
                    ),
                    one(
                        "СодФХЖ4",
                        _FACT,
                        "приёмка работ",
                        *for_state("СодФХЖ4", state_contract("")),
                        rule(
                            "refusal-settlements",
                            "ИзвОРасч",
                            "элемент СодФХЖ4 — при отказе извещения о расчётах (ИзвОРасч) не бывает",
                            when=equals("СвПрием/@КодСодОпер", 0),
                            then=absent("ИзвОРасч"),
                        ),
                    ),
                    signers("ПодписантЗак", state_contract("../СодФХЖ4")),
                    EXTENSION,
                    need("КНД", words("1110336"), CODE_OF_FORM),
                    need("ДатИнфЗак", DATE, "дата файла"),
                    need("ВрИнфЗак", TIME, "время файла"),
                    need("НаимЭконСубСост", T1000, "составитель файла"),
                ),
                "документ",
                *for_state("Документ", state_contract("СодФХЖ4")),
            ),
            FILE_IDENTIFIER,
            PROGRAM,
            need("ВерсФорм", words(VERSION), "версия формата"),
        ),
        "файл",
    ),
    remarks=(requisites,),
)
