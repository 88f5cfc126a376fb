"""From our rows to the values that `formats` writes: signers of titles, receipt notices, refusals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from edo_service import formats
from edo_service.accounts.queries import EntityCard, MemberCard
from edo_service.documents.titles import SellerTitle
from edo_service.formats.parties import (
    Authority,
    ElectronicPower,
    Organization,
    Party,
    PersonName,
    SignatureKind,
    Signer,
)
from edo_service.formats.service import (
    Company,
    CorrectionElectronicPower,
    CorrectionNotice,
    CorrectionSigner,
    NoticeSigner,
    Participant,
    QuestionedFile,
    ReceiptNotice,
    ReceivedFile,
    Sender,
    SignerStatus,
    SoleTrader,
)
from edo_service.formats.ukd_titles import UkdReply, UkdTitle
from edo_service.formats.upd import UpdSeller
from edo_service.formats.upd_buyer import UpdBuyer
from edo_service.kernel.calendar import moscow_date
from edo_service.powers.rules import Power


def person_name(member: MemberCard) -> PersonName:
    """ФИО of a member of the company."""
    return PersonName(surname=member.surname, name=member.given_name, patronymic=member.patronymic or None)


def title_signer(member: MemberCard, power: Power | None = None) -> Signer:
    """Подписант of a title: by the certificate (СпосПодтПолном 1), or by a МЧД whose requisites are cited (3)."""
    return Signer(
        person=person_name(member),
        authority=Authority.CERTIFICATE if power is None else Authority.POWER_IN_SYSTEM,
        position=member.position or None,
        signature_kind=SignatureKind.QUALIFIED,
        electronic_powers=() if power is None else (_cited(power),),
    )


def cited_powers(content: bytes) -> tuple[str, ...]:
    """Numbers of the МЧД that a title or an answer of ours cites; none for files of other kinds."""
    kind = formats.detect(content)
    try:
        if kind is not None and kind.code == "upd_seller":
            return powers_in(formats.read_upd_seller(content))
        if kind is not None and kind.code == "upd_buyer":
            return powers_in(formats.read_upd_buyer(content))
        if kind is not None and kind.code == "correction_notice":
            return powers_in(formats.read_service(content, CorrectionNotice))
    except formats.FormatError:
        return ()
    return ()


def powers_in(
    reading: SellerTitle | UpdBuyer | UkdReply | ReceiptNotice | CorrectionNotice | formats.UniversalNotice,
) -> tuple[str, ...]:
    """Numbers of the МЧД that a file says its signers act by; УКД 5.01 has no place for one, an УС has no signer."""
    if isinstance(reading, UkdTitle | UkdReply | formats.UniversalNotice):
        return ()
    if isinstance(reading, UpdSeller | UpdBuyer):
        return tuple(power.number for signer in reading.signers for power in signer.electronic_powers)
    power = reading.signer.electronic_power
    return () if power is None else (power.number,)


def _cited(power: Power) -> ElectronicPower:
    return ElectronicPower(
        number=power.number,
        issued_on=power.issued,
        internal_number=power.own_number or None,
        storage=power.check_at,
    )


def author(entity: EntityCard) -> str:
    """НаимЭконСубСост: who made the file."""
    return f"{entity.name}, ИНН/КПП {entity.inn}/{entity.kpp}" if entity.kpp else f"{entity.name}, ИНН {entity.inn}"


def receipt_notice(
    upd: SellerTitle, *, signatures: Sequence[bytes], received_at: datetime, signer: MemberCard
) -> ReceiptNotice:
    """ИоП of the buyer for a seller's title. Raises FormatError when the title's name does not tell the participants."""
    sides = buyer_and_seller(upd)
    return ReceiptNotice(
        file_id=_service_id("DP_IZVPOL", sides, received_at),
        participant=sides.us,
        sender=Sender(participant_id=sides.them.participant_id, who=_company(upd.seller)),
        received_at=received_at,
        file=ReceivedFile(name=upd.file_id, signatures=tuple(formats.encode_signature(cms) for cms in signatures)),
        signer=NoticeSigner(
            person=person_name(signer),
            status=SignerStatus.NO_POWER,
            signature_kind=SignatureKind.QUALIFIED,
            position=signer.position or None,
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Both ends of an exchange as service documents name them: us and the other side."""

    us: Participant
    them: Participant


def buyer_and_seller(upd: SellerTitle) -> Sides:
    """We are the buyer of a УПД or an УКД. Raises FormatError when the title's name does not tell the participants."""
    return Sides(
        us=Participant(participant_id=_id(upd.recipient_id), who=_company(upd.buyer)),
        them=Participant(participant_id=_id(upd.sender_id), who=_company(upd.seller)),
    )


def participant(participant_id: str, *, name: str, inn: str, kpp: str | None) -> Participant:
    """An organisation that takes part in the exchange."""
    return Participant(participant_id=participant_id, who=Company(name=name, inn=inn, kpp=kpp or ""))


def refusal_notice(
    sides: Sides,
    *,
    file_name: str,
    signatures: Sequence[bytes],
    text: str,
    at: datetime,
    signer: MemberCard,
    power: Power | None = None,
) -> CorrectionNotice:
    """Refusal to sign a file, in the form of УоУ (DP_UVUTOCH), as the operators carry it."""
    if not signatures:
        raise formats.FormatError("Отказ цитирует подпись отправителя, а её нет", element="ЭППолФайл")
    return CorrectionNotice(
        file_id=_service_id("DP_UVUTOCH", sides, at),
        participant=sides.us,
        sender=sides.them,
        received_at=at,
        file=QuestionedFile(name=file_name, signature=formats.encode_signature(signatures[0])),
        text=text,
        signer=CorrectionSigner(
            person=person_name(signer),
            status=SignerStatus.NO_POWER if power is None else SignerStatus.ELECTRONIC_POWER,
            signature_kind=SignatureKind.QUALIFIED,
            position=signer.position or None,
            electronic_power=None if power is None else noted(power),
        ),
    )


def noted(power: Power) -> CorrectionElectronicPower:
    """СвДоверЭл of a request or a refusal: by which МЧД its signer acts."""
    return CorrectionElectronicPower(
        number=power.number,
        issued_on=power.issued,
        internal_number=power.own_number or None,
        presented="2",
        storage=power.check_at or None,
    )


def _service_id(prefix: str, sides: Sides, at: datetime) -> str:
    return formats.file_id(
        prefix,
        recipient_id=sides.them.participant_id,
        sender_id=sides.us.participant_id,
        day=moscow_date(at),
        guid=uuid4(),
    )


def _id(participant_id: str | None) -> str:
    if participant_id is None:
        raise formats.FormatError("Имя файла продавца не называет участников обмена", element="ИдФайл")
    return participant_id


def _company(party: Party) -> Company | SoleTrader:
    identity = party.identity
    if isinstance(identity, Organization):
        return Company(name=identity.name, inn=identity.inn, kpp=identity.kpp or "")
    inn = party.inn
    person = getattr(identity, "person", None)
    if inn is None or not isinstance(person, PersonName):
        raise formats.FormatError("Сторона документа — не российская организация и не предприниматель", element="ИдСв")
    return SoleTrader(person=person, inn=inn)
