"""What the operator's sandbox is given by the demonstration: its papers (written by `formats`) and its key (by `signing`)."""

from dataclasses import dataclass
from uuid import uuid4

import signing
from edo_service import formats
from edo_service.formats.parties import PersonName
from edo_service.formats.service import (
    Company,
    DispatchConfirmation,
    OperatorFacts,
    OperatorSigner,
    Participant,
    ReceiptConfirmation,
    ReceivedFile,
    SentFile,
)
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.clock import Clock
from operators.sandbox.ports import ConfirmationFacts, PaperFile, SandboxOrganization
from signing.pki import PkiEntity

_CLERK = OperatorSigner(
    person=PersonName(surname="Дежурный", name="Оператор"), position="Автоматическая служба подтверждений"
)


@dataclass(frozen=True, kw_only=True)
class DemoPapers:
    """Writes ПДП and ПДО in the form of ФНС order 36@, version 1.03."""

    def receipt_confirmation(self, facts: ConfirmationFacts) -> PaperFile:
        """ПДП (DP_PDPOL): the operator received the file."""
        confirmation = ReceiptConfirmation(
            file_id=_file_id("DP_PDPOL", facts, facts.sender_id),
            operator=_operator(facts),
            received_at=facts.at,
            file=ReceivedFile(name=facts.file_id, signatures=_cited(facts)),
            sender=_participant(facts.sender),
            recipient=_participant(facts.recipient),
            signer=_CLERK,
        )
        return _paper(formats.write_receipt_confirmation(confirmation))

    def dispatch_confirmation(self, facts: ConfirmationFacts) -> PaperFile:
        """ПДО (DP_PDOTPR): the operator sent the file on."""
        confirmation = DispatchConfirmation(
            file_id=_file_id("DP_PDOTPR", facts, facts.recipient_id),
            operator=_operator(facts),
            sent_at=facts.at,
            file=SentFile(name=facts.file_id, signatures=_cited(facts)),
            sender=_participant(facts.sender),
            recipient=_participant(facts.recipient),
            signer=_CLERK,
        )
        return _paper(formats.write_dispatch_confirmation(confirmation))


@dataclass(frozen=True, kw_only=True)
class DemoNotary:
    """The demo operator's ГОСТ key. Its timestamps make its signatures CAdES-T."""

    operator: PkiEntity
    timestamper: signing.Timestamper
    clock: Clock

    def sign(self, content: bytes) -> bytes:
        """Detached CAdES-T over the content. DER."""
        return signing.sign_cades(
            content,
            key=self.operator.key,
            certificate=self.operator.certificate,
            chain=self.operator.chain,
            signing_time=self.clock.now(),
            timestamper=self.timestamper,
        )

    def check(self, content: bytes, signature: bytes) -> bool:
        """Whether the signature stands over this content (integrity only: the operator does not judge trust)."""
        report = signing.verify(
            content,
            signature,
            trust=signing.TrustStore(),
            evidence=signing.OfflineEvidence(),
            at=self.clock.now(),
        )
        return bool(report.signatures) and report.indication != "TOTAL-FAILED"


def _participant(organization: SandboxOrganization) -> Participant:
    return Participant(
        participant_id=organization.participant_id,
        who=Company(name=organization.name, inn=organization.inn, kpp=organization.kpp or ""),
    )


def _file_id(prefix: str, facts: ConfirmationFacts, to: str) -> str:
    """The operator is the sender of its confirmations, named by its three characters."""
    return f"{prefix}_{to}_{facts.operator.code}_{moscow_date(facts.at):%Y%m%d}_{uuid4()}"


def _operator(facts: ConfirmationFacts) -> OperatorFacts:
    return OperatorFacts(name=facts.operator.name, inn=facts.operator.inn, code=facts.operator.code)


def _cited(facts: ConfirmationFacts) -> tuple[str, ...]:
    return tuple(formats.encode_signature(cms) for cms in facts.signatures)


def _paper(written: formats.WrittenFile) -> PaperFile:
    return PaperFile(file_name=written.file_name, content=written.content)
