"""The files of an annulment: the proposal (DP_PRANNUL) and its refusal (DP_UVUTOCH). Pure but for the bytes it is given."""

import base64
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from uuid import uuid4

from edo_service import formats
from edo_service.accounts.queries import MemberCard
from edo_service.documents import papers
from edo_service.formats.annulment import AnnulledFile, AnnulmentOffer, AnnulmentParty, AnnulmentSigner
from edo_service.formats.parties import PersonName, SignatureKind
from edo_service.formats.service import (
    Company,
    CorrectionNotice,
    CorrectionSigner,
    Participant,
    QuestionedFile,
    SignerStatus,
    SoleTrader,
    read_service,
)
from edo_service.kernel.calendar import moscow_date
from edo_service.powers.rules import Power

PERSON_INN = 12


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two participants."""

    participant_id: str
    name: str
    inn: str
    kpp: str | None

    @property
    def who(self) -> Company | SoleTrader:
        """The company, or the entrepreneur whose name stands in «ИП Фамилия Имя Отчество»."""
        if len(self.inn) != PERSON_INN:
            return Company(name=self.name, inn=self.inn, kpp=self.kpp or "")
        words = [word for word in self.name.split() if word.upper() != "ИП"]
        surname, name, *rest = [*words, "", ""][:3] if len(words) < 3 else words
        person = PersonName(surname=surname, name=name or surname, patronymic=" ".join(rest) or None)
        return SoleTrader(person=person, inn=self.inn)


def proposal(
    file_name: str,
    *,
    signatures: Sequence[bytes],
    reason: str,
    us: Side,
    them: Side,
    signer: MemberCard,
    at: datetime,
) -> formats.WrittenFile:
    """ПОА about the file of that name. Raises FormatError."""
    offer = AnnulmentOffer(
        file_id=_id("DP_PRANNUL", us=us, them=them, at=at),
        participant=AnnulmentParty(participant_id=us.participant_id, who=us.who),
        recipient=AnnulmentParty(participant_id=them.participant_id, who=them.who),
        file=AnnulledFile(name=stem(file_name), signatures=tuple(formats.encode_signature(one) for one in signatures)),
        reason=reason,
        signer=AnnulmentSigner(person=papers.person_name(signer), position=signer.position or None),
    )
    return formats.write_annulment_offer(offer)


def refusal(
    file_name: str,
    *,
    signature: bytes,
    text: str,
    us: Side,
    them: Side,
    signer: MemberCard,
    power: Power | None = None,
    at: datetime,
) -> formats.WrittenFile:
    """The refusal of their proposal of that name, by the certificate or by a МЧД that it cites. Raises FormatError."""
    notice = CorrectionNotice(
        file_id=_id("DP_UVUTOCH", us=us, them=them, at=at),
        participant=Participant(participant_id=us.participant_id, who=us.who),
        sender=Participant(participant_id=them.participant_id, who=them.who),
        received_at=at,
        file=QuestionedFile(name=stem(file_name), signature=formats.encode_signature(signature)),
        text=text,
        signer=CorrectionSigner(
            person=papers.person_name(signer),
            status=SignerStatus.NO_POWER if power is None else SignerStatus.ELECTRONIC_POWER,
            signature_kind=SignatureKind.QUALIFIED,
            position=signer.position or None,
            electronic_power=None if power is None else papers.noted(power),
        ),
    )
    return formats.write_correction_notice(notice)


def reason_of(content: bytes) -> str:
    """The reason in a proposal; the plain text of a file that is none."""
    try:
        return formats.read_annulment_offer(content).reason
    except formats.FormatError:
        return "Причина не читается"


def refusal_text(content: bytes) -> str:
    """The reason in a refusal, by a notice or by a universal message; empty when it cannot be read."""
    try:
        if formats.is_universal_message(content):
            return formats.read_universal_message(content).text
    except formats.FormatError:
        return ""
    found = refusal_of(content)
    return "" if found is None else found.text


def refusal_of(content: bytes) -> CorrectionNotice | None:
    """A refusal as values; None for a file that is none."""
    try:
        return read_service(content, CorrectionNotice)
    except formats.FormatError:
        return None


def is_about_offer(content: bytes, file_name: str) -> bool:
    """Whether a refusal names the proposal of that name; one that cannot be read hangs on it by the operator's word."""
    found = refusal_of(content)
    return found is None or stem(found.file.name).casefold() == stem(file_name).casefold()


def is_about_file(content: bytes, file_name: str, signatures: Collection[str]) -> bool:
    """Whether a proposal is to annul the file of that name or with one of these signatures (SHA-256).

    Who agrees signs the proposal itself: whatever the operator hangs it on, what it says inside is annulled.
    """
    try:
        found = formats.read_annulment_offer(content).file
        cited = {hashlib.sha256(base64.b64decode(one)).hexdigest() for one in found.signatures}
    except (formats.FormatError, ValueError):
        return False
    return stem(found.name).casefold() == stem(file_name).casefold() or not cited.isdisjoint(signatures)


def stem(file_name: str) -> str:
    """ИдФайл: the name without `.xml`."""
    return PurePath(file_name).stem if file_name.lower().endswith(".xml") else file_name


def _id(prefix: str, *, us: Side, them: Side, at: datetime) -> str:
    return formats.file_id(
        prefix, recipient_id=them.participant_id, sender_id=us.participant_id, day=moscow_date(at), guid=uuid4()
    )
