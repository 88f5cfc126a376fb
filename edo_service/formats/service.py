"""Service documents 1.03: ИоП, ПДП, ПДО, УоУ. Domain values, reading and writing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from edo_service.formats.checking import load
from edo_service.formats.declarations.service import (
    CORRECTION_NOTICE,
    DISPATCH_CONFIRMATION,
    RECEIPT_CONFIRMATION,
    RECEIPT_NOTICE,
)
from edo_service.formats.engine.binding import each, inside, moment, one_of, read, value
from edo_service.formats.engine.model import Declaration
from edo_service.formats.errors import FormatError
from edo_service.formats.kinds import BY_CODE
from edo_service.formats.parties import PersonName, SignatureKind
from edo_service.formats.upd import PROGRAM
from edo_service.formats.writing import WrittenFile, write_file

T = TypeVar("T")


class SignerStatus(StrEnum):
    """СтатПодп: whether the signer acts by a power of attorney."""

    NO_POWER = "1"
    ELECTRONIC_POWER = "2"
    PAPER_POWER = "3"


@dataclass(frozen=True, kw_only=True)
class Company:
    """A Russian organisation; КПП is required here."""

    name: str = value("@НаимОрг")
    inn: str = value("@ИННЮЛ")
    kpp: str = value("@КПП")


@dataclass(frozen=True, kw_only=True)
class SoleTrader:
    """An individual entrepreneur."""

    person: PersonName = inside("ФИО", PersonName)
    inn: str = value("@ИННФЛ")

    @property
    def name(self) -> str:
        """ИП Фамилия Имя Отчество."""
        return f"ИП {self.person}"


@dataclass(frozen=True, kw_only=True)
class NaturalPerson:
    """A natural person."""

    person: PersonName = inside("ФИО", PersonName)
    inn: str = value("@ИННФЛ")

    @property
    def name(self) -> str:
        """Фамилия Имя Отчество."""
        return str(self.person)


@dataclass(frozen=True, kw_only=True)
class ForeignParticipant:
    """A foreign organisation (status ЮЛ) or person (ФЛ)."""

    status: str = value("@ИдСтат")
    country_code: str | None = value("@СтрРег", default=None)
    full_name: str | None = value("@Наим", default=None)
    code: str | None = value("@КодНПРег", default=None)
    other: str | None = value("@ИныеСвед", default=None)
    inn: None = None

    @property
    def name(self) -> str:
        """The name, or what there is in its place."""
        return self.full_name or self.code or self.other or ""


@dataclass(frozen=True, kw_only=True)
class OperatorFacts:
    """An operator of exchange; `code` is its three characters."""

    name: str = value("@НаимОрг")
    inn: str = value("@ИННЮЛ")
    code: str = value("@ИдОперЭДО")


@dataclass(frozen=True, kw_only=True)
class Participant:
    """A participant of exchange: its id and who it is. An operator may stand only as the sender in ИоП."""

    participant_id: str = value("@ИдУчастЭДО")
    who: Company | SoleTrader | NaturalPerson | ForeignParticipant = one_of(
        ".",
        {"ЮЛ": Company, "ИП": SoleTrader, "ФЛ": NaturalPerson, "СвИнУчастНеУч": ForeignParticipant},
    )


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who sent what an ИоП is about: a participant, or an operator for its own confirmations."""

    participant_id: str = value("@ИдУчастЭДО")
    who: Company | SoleTrader | NaturalPerson | OperatorFacts | ForeignParticipant = one_of(
        ".",
        {
            "ЮЛ": Company,
            "ИП": SoleTrader,
            "ФЛ": NaturalPerson,
            "ОперЭДО": OperatorFacts,
            "СвИнУчастНеУч": ForeignParticipant,
        },
    )


@dataclass(frozen=True, kw_only=True)
class ReceivedFile:
    """A file by its name without «.xml» and its signatures (base64 of each detached CMS)."""

    name: str = value("@ИмяПолФайла")
    signatures: tuple[str, ...] = each("ЭППолФайл")


@dataclass(frozen=True, kw_only=True)
class SentFile:
    """The same for a file that was sent on."""

    name: str = value("@ИмяОтпрФайла")
    signatures: tuple[str, ...] = each("ЭПОтпрФайл")


@dataclass(frozen=True, kw_only=True)
class QuestionedFile:
    """The same for УоУ, which cites one signature."""

    name: str = value("@ИмяПолФайла")
    signature: str = value("ЭППолФайл")


@dataclass(frozen=True, kw_only=True)
class NoticePaperPower:
    """A power of attorney on paper, of ИоП."""

    signed_by: PersonName | None = inside("ФИО", PersonName, default=None)
    issued_on: dt.date = value("@ДатаДовер")
    internal_number: str = value("@ВнНомДовер")
    principal: str | None = value("@СвДовер", default=None)


@dataclass(frozen=True, kw_only=True)
class CorrectionPaperPower:
    """A power of attorney on paper, of УоУ."""

    signed_by: PersonName | None = inside("ФИО", PersonName, default=None)
    issued_on: dt.date = value("@ДатаДовер")
    internal_number: str = value("@ВнНомДовер")
    principal: str | None = value("@СвИдДовер", default=None)


@dataclass(frozen=True, kw_only=True)
class NoticeElectronicPower:
    """МЧД requisites of ИоП; `presented` 1 in the package, 2 otherwise."""

    number: str = value("@НомДовер")
    issued_on: dt.date = value("@ДатаВыдДовер")
    internal_number: str | None = value("@ВнНомДовер", default=None)
    registered_on: dt.date | None = value("@ДатаВнРегДовер", default=None)
    presented: str = value("@СпособПредставл")
    storage: str | None = value("@ИдСистХран", default=None)


@dataclass(frozen=True, kw_only=True)
class CorrectionElectronicPower:
    """МЧД requisites of УоУ; `presented` 1 in the package, 2 otherwise."""

    number: str = value("@НомДовер")
    issued_on: dt.date = value("@ДатаВыдДовер")
    internal_number: str | None = value("@ВнНомДовер", default=None)
    registered_on: dt.date | None = value("@ДатаВнРегДовер", default=None)
    presented: str = value("@СпособПредставл")
    storage: str | None = value("@СвСистХран", default=None)


@dataclass(frozen=True, kw_only=True)
class NoticeSigner:
    """Who signs an ИоП."""

    person: PersonName = inside("ФИО", PersonName)
    status: SignerStatus | None = value("@СтатПодп", default=None, as_=SignerStatus)
    signature_kind: SignatureKind | None = value("@ТипПодпис", default=None, as_=SignatureKind)
    position: str | None = value("@Должн", default=None)
    electronic_power: NoticeElectronicPower | None = inside("СвДоверЭл", NoticeElectronicPower, default=None)
    paper_power: NoticePaperPower | None = inside("СвДоверБум", NoticePaperPower, default=None)


@dataclass(frozen=True, kw_only=True)
class CorrectionSigner:
    """Who signs a УоУ."""

    person: PersonName = inside("ФИО", PersonName)
    status: SignerStatus | None = value("@СтатПодп", default=None, as_=SignerStatus)
    signature_kind: SignatureKind | None = value("@ТипПодпис", default=None, as_=SignatureKind)
    position: str | None = value("@Должн", default=None)
    electronic_power: CorrectionElectronicPower | None = inside("СвДоверЭл", CorrectionElectronicPower, default=None)
    paper_power: CorrectionPaperPower | None = inside("СвДоверБум", CorrectionPaperPower, default=None)


@dataclass(frozen=True, kw_only=True)
class OperatorSigner:
    """Who signs for the operator."""

    person: PersonName = inside("ФИО", PersonName)
    position: str = value("@Должность")


@dataclass(frozen=True, kw_only=True)
class ReceiptNotice:
    """ИоП (DP_IZVPOL): `participant` received `file` from `sender`."""

    file_id: str = value("@ИдФайл")
    participant: Participant = inside("Документ/УчастЭДО", Participant)
    sender: Sender = inside("Документ/ОтпрДок", Sender)
    received_at: dt.datetime = moment("Документ/СвИзвПолуч/@ДатаПол", "Документ/СвИзвПолуч/@ВремяПол")
    file: ReceivedFile = inside("Документ/СвИзвПолуч/СведПолФайл", ReceivedFile)
    signer: NoticeSigner = inside("Документ/Подписант", NoticeSigner)
    program: str = value("@ВерсПрог", default=PROGRAM)


@dataclass(frozen=True, kw_only=True)
class ReceiptConfirmation:
    """ПДП (DP_PDPOL): the operator received `file` from `sender` for `recipient`; the date of issue."""

    file_id: str = value("@ИдФайл")
    operator: OperatorFacts = inside("Документ/ОперЭДО", OperatorFacts)
    received_at: dt.datetime = moment("Документ/СведПодтв/@ДатаПол", "Документ/СведПодтв/@ВремяПол")
    file: ReceivedFile = inside("Документ/СведПодтв/СведПолФайл", ReceivedFile)
    sender: Participant = inside("Документ/СвОтпрДок", Participant)
    recipient: Participant = inside("Документ/СвПолДок", Participant)
    signer: OperatorSigner | None = inside("Документ/Подписант", OperatorSigner, default=None)
    program: str = value("@ВерсПрог", default=PROGRAM)


@dataclass(frozen=True, kw_only=True)
class DispatchConfirmation:
    """ПДО (DP_PDOTPR): the operator sent `file` on to `recipient`; the date of receipt."""

    file_id: str = value("@ИдФайл")
    operator: OperatorFacts = inside("Документ/ОперЭДО", OperatorFacts)
    sent_at: dt.datetime = moment("Документ/СведПодтв/@ДатаОтпр", "Документ/СведПодтв/@ВремяОтпр")
    file: SentFile = inside("Документ/СведПодтв/СведОтпрФайл", SentFile)
    sender: Participant = inside("Документ/СвОтпрДок", Participant)
    recipient: Participant = inside("Документ/СвПолДок", Participant)
    signer: OperatorSigner | None = inside("Документ/Подписант", OperatorSigner, default=None)
    program: str = value("@ВерсПрог", default=PROGRAM)


@dataclass(frozen=True, kw_only=True)
class CorrectionNotice:
    """УоУ (DP_UVUTOCH): `participant` asks `sender` to correct `file`; also the shape of a refusal to sign."""

    file_id: str = value("@ИдФайл")
    participant: Participant = inside("Документ/УчастЭДО", Participant)
    sender: Participant = inside("Документ/ОтпрДок", Participant)
    received_at: dt.datetime = moment("Документ/СвУведУточ/@ДатаПол", "Документ/СвУведУточ/@ВремяПол")
    file: QuestionedFile = inside("Документ/СвУведУточ/СведПолФайл", QuestionedFile)
    text: str = value("Документ/СвУведУточ/ТекстУведУточ")
    signer: CorrectionSigner = inside("Документ/Подписант", CorrectionSigner)
    program: str = value("@ВерсПрог", default=PROGRAM)


_DECLARATIONS: Final[dict[type, Declaration]] = {
    ReceiptNotice: RECEIPT_NOTICE,
    ReceiptConfirmation: RECEIPT_CONFIRMATION,
    DispatchConfirmation: DISPATCH_CONFIRMATION,
    CorrectionNotice: CORRECTION_NOTICE,
}


def read_service(xml: bytes, cls: type[T]) -> T:
    """A service document as the class wanted (ReceiptNotice and the others). Raises FormatError for anything else."""
    root, kind, declaration = load(xml)
    wanted = _DECLARATIONS[cls]
    if declaration is not wanted:
        title = BY_CODE[wanted.code].title_ru
        raise FormatError(f"Нужен документ «{title} {wanted.version}», а это {kind.name_ru}", line=1)
    return read(cls, root, declaration.root)


def _write(item: object) -> WrittenFile:
    declaration = _DECLARATIONS[type(item)]
    return write_file(item, declaration, knd=BY_CODE[declaration.code].knd or "")


def write_receipt_notice(notice: ReceiptNotice) -> WrittenFile:
    """ИоП. Raises FormatError when the official schema would refuse it."""
    return _write(notice)


def write_receipt_confirmation(confirmation: ReceiptConfirmation) -> WrittenFile:
    """ПДП. Raises FormatError when the official schema would refuse it."""
    return _write(confirmation)


def write_dispatch_confirmation(confirmation: DispatchConfirmation) -> WrittenFile:
    """ПДО. Raises FormatError when the official schema would refuse it."""
    return _write(confirmation)


def write_correction_notice(notice: CorrectionNotice) -> WrittenFile:
    """УоУ. Raises FormatError when the official schema would refuse it."""
    return _write(notice)
