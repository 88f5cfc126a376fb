"""Service documents 1.01 and 1.02: ИоП, ПДП, ПДО, УоУ before the order ЕД-7-26/133@, and ПОА 1.01 and 1.02.

ПОА (a proposal to annul) is no form of ФНС: operators agreed on it among themselves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from edo_service.formats.declarations.service import PERSON, PERSON_NAME
from edo_service.formats.declarations.upd_common import CODE_OF_FORM, PROGRAM
from edo_service.formats.declarations.values import (
    FILLED_TEXT,
    FREE_TEXT,
    INN_ORGANIZATION,
    KPP_OLD,
    LOOSE_DATE,
    PARTICIPANT_ID,
    T255,
    T1000,
    TIME,
    exact,
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
    may,
    maybe,
    need,
    one,
    some,
)
from edo_service.formats.remarks.requisites import requisites

ORDER: Final = "Приказ ФНС России от 30.01.2012 № ММВ-7-6/36@"
AGREEMENT: Final = "Соглашение операторов электронного документооборота"

_ID: Final = text(46, least=4)
_LOOSE_ID: Final = text(46, least=3)
_NUMBER: Final = text(256)
_CORRECTION_NUMBER: Final = text(3)
_OLD_FILE_NAME: Final = text(200)

COMPANY: Final = block(
    need("НаимОрг", T1000, "наименование организации"),
    need("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
    need("КПП", KPP_OLD, "КПП"),
)

OPERATOR: Final = block(
    need("НаимОрг", T1000, "оператор"),
    need("ИННЮЛ", INN_ORGANIZATION, "ИНН оператора"),
    need("ИдОперЭДО", exact(3), "код оператора"),
)


def _participant(key: Attribute, *operator: Element, company: str = "ЮЛ", trader: str = "ИП") -> Block:
    """A participant of exchange; some of these formats name the company and the entrepreneur differently."""
    return block(
        choice(one(company, COMPANY, "организация"), one(trader, PERSON, "предприниматель"), *operator),
        key,
    )


def _key(value: Value) -> Attribute:
    return need("ИдУчастЭДО", value, "идентификатор участника ЭДО")


def _signer(*, position: bool = True) -> Block:
    made = need if position else may
    return block(one("ФИО", PERSON_NAME, "имя подписанта"), made("Должность", T1000, "должность"))


def _cited(number: str, day: str) -> Block:
    """The invoice or document that a notice is about; ИоП and УоУ name its number and date differently."""
    return block(
        need("НаимДок", T1000, "название документа"),
        need(number, _NUMBER, "номер документа"),
        need(day, LOOSE_DATE, "дата документа"),
        may("НомИспрСФ", _CORRECTION_NUMBER, "номер исправления"),
        may("ДатаИспрСФ", LOOSE_DATE, "дата исправления"),
        may("НомКСФ", _NUMBER, "номер корректировочного документа"),
        may("ДатаКСФ", LOOSE_DATE, "дата корректировочного документа"),
        may("НомИспрКСФ", _CORRECTION_NUMBER, "номер исправления корректировки"),
        may("ДатаИспрКСФ", LOOSE_DATE, "дата исправления корректировки"),
    )


_RECEIVED_AT: Final = (need("ДатаПол", LOOSE_DATE, "дата получения"), need("ВремяПол", TIME, "время получения"))
_SENT_AT: Final = (need("ДатаОтпр", LOOSE_DATE, "дата отправки"), need("ВремяОтпр", TIME, "время отправки"))
_ARRIVED_NAME: Final = need("ИмяПостФайла", _OLD_FILE_NAME, "имя поступившего файла")
_SIGNATURES: Final = some("ЭЦППолФайл", FILLED_TEXT, "подпись файла")
_SIGNER: Final = one("Подписант", _signer(), "подписант")


def _file(document: Block, *versions: str, longest_id: int = 150) -> Element:
    return one(
        "Файл",
        block(
            one("Документ", document, "документ"),
            need("ИдФайл", text(longest_id), "идентификатор файла"),
            PROGRAM,
            need("ВерсФорм", words(*versions), "версия формата"),
        ),
        "файл",
    )


def _declaration(
    code: str, version: str, document: Block, *versions: str, longest_id: int = 150, order: str = ORDER
) -> Declaration:
    return Declaration(
        code=code,
        version=version,
        order=order,
        root=_file(document, *versions, longest_id=longest_id),
        remarks=(requisites,),
    )


def _document(knd: str, *parts: Particle) -> Block:
    return block(*parts, need("КНД", words(knd), CODE_OF_FORM))


RECEIPT_NOTICE_1_02: Final = _declaration(
    "receipt_notice",
    "1.02",
    _document(
        "1115110",
        one("УчастЭДО", _participant(_key(_LOOSE_ID)), "кто извещает"),
        one(
            "СвИзвПолуч",
            block(
                one(
                    "СведПолФайл",
                    block(
                        _SIGNATURES,
                        maybe("ДанПолучДок", _cited("НомДок", "ДатаДок"), "полученный документ"),
                        _ARRIVED_NAME,
                    ),
                    "полученный файл",
                ),
                *_RECEIVED_AT,
            ),
            "получение",
        ),
        one(
            "ОтпрДок",
            _participant(
                may("ИдУчастЭДО", _LOOSE_ID, "идентификатор участника ЭДО"),
                one("ОперЭДО", OPERATOR, "оператор"),
            ),
            "кто отправил документ",
        ),
        _SIGNER,
    ),
    "1.01",
    "1.02",
)


def _confirmation(code: str, knd: str, sender: str, recipient: str, party: Block) -> Declaration:
    fact = block(
        one("СведОтпрФайл", block(_SIGNATURES, _ARRIVED_NAME), "файл"),
        *_SENT_AT,
    )
    document = _document(
        knd,
        one("ОперЭДО", OPERATOR, "оператор"),
        one("СведПодтв", fact, "подтверждение"),
        one(sender, party, "отправитель"),
        one(recipient, party, "получатель"),
        _SIGNER,
    )
    return _declaration(code, "1.02", document, "1.01", "1.02")


RECEIPT_CONFIRMATION_1_02: Final = _confirmation(
    "receipt_confirmation", "1115112", "ОтпрДок", "ПолДок", _participant(_key(_ID))
)
DISPATCH_CONFIRMATION_1_02: Final = _confirmation(
    "dispatch_confirmation",
    "1115111",
    "СвОтпрДок",
    "СвПолДок",
    _participant(_key(_ID), company="ОтпрЮЛ", trader="ОтпрИП"),
)


def _correction(version: str, identifier: Value, longest_id: int) -> Declaration:
    """УоУ: 1.02 tells what signs an identifier may have and lets ИдФайл be longer."""
    party = _participant(_key(identifier))
    fact = block(
        one(
            "СведПолФайл",
            block(one("ЭЦППолФайл", FILLED_TEXT, "подпись файла"), _ARRIVED_NAME),
            "полученный файл",
        ),
        one("ТекстУведУточ", FREE_TEXT, "что нужно уточнить"),
        maybe("ДанПолучДок", _cited("НомСФ", "ДатаСФ"), "полученный документ"),
        *_RECEIVED_AT,
    )
    document = _document(
        "1115113",
        one("УчастЭДО", party, "кто просит уточнить"),
        one("СвУведУточ", fact, "уточнение"),
        one("ОтпрДок", party, "кто отправил документ"),
        _SIGNER,
    )
    return _declaration("correction_notice", version, document, "1.01", "1.02", longest_id=longest_id)


CORRECTION_NOTICE_1_01: Final = _correction("1.01", _ID, 150)
CORRECTION_NOTICE_1_02: Final = _correction("1.02", PARTICIPANT_ID, 200)


def _annulment(version: str, longest_id: int) -> Declaration:
    party = _participant(_key(_ID))
    document = block(
        one("УчастЭДО", party, "кто предлагает аннулировать"),
        one(
            "СвПредАн",
            block(
                one(
                    "СведАнФайл",
                    block(
                        some("ЭЦПАнФайл", FILLED_TEXT, "подпись аннулируемого файла"),
                        need("ИмяАнФайла", T255, "имя аннулируемого файла"),
                    ),
                    "аннулируемый файл",
                ),
                one("ТекстПредАн", FREE_TEXT, "причина"),
            ),
            "предложение",
        ),
        one("НапрПредАн", party, "кому направлено"),
        maybe("Подписант", _signer(position=False), "подписант"),
    )
    return _declaration("annulment_offer", version, document, version, longest_id=longest_id, order=AGREEMENT)


ANNULMENT_OFFER_1_01: Final = _annulment("1.01", 150)
ANNULMENT_OFFER_1_02: Final = _annulment("1.02", 200)

SERVICE_OLD: Final = (
    RECEIPT_NOTICE_1_02,
    replace(RECEIPT_NOTICE_1_02, version="1.01"),
    RECEIPT_CONFIRMATION_1_02,
    replace(RECEIPT_CONFIRMATION_1_02, version="1.01"),
    DISPATCH_CONFIRMATION_1_02,
    replace(DISPATCH_CONFIRMATION_1_02, version="1.01"),
    CORRECTION_NOTICE_1_01,
    CORRECTION_NOTICE_1_02,
    ANNULMENT_OFFER_1_01,
    ANNULMENT_OFFER_1_02,
)
