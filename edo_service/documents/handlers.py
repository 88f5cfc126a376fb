"""Jobs of the documents area: make a promised signature with a server-held key, send a promised letter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import signing
from edo_service import formats
from edo_service.documents.letters import LETTER, Envelope, write_letter
from edo_service.documents.receipts import RECEIPT, Teller, note_unwritten, promise_unsigned, write_receipt
from edo_service.documents.signing_desk import SigningDesk
from edo_service.documents.use_cases.send import SIGN
from edo_service.documents.use_cases.sign import intended_key, note_failure, sign_intended
from edo_service.errors import Conflict, EdoError, Forbidden, NotFound, Rejected, Unavailable
from edo_service.kernel.jobs import ClaimedJob, GiveUp, JobHandler, Retry
from edo_service.kernel.letters import Mailer
from edo_service.kernel.scope import AnyScope
from edo_service.kernel.uow import UnitOfWork
from edo_service.keys.rules import KEPT
from edo_service.keys.use_cases import KeyRoom
from edo_service.texts import write_trouble


@dataclass(frozen=True, kw_only=True)
class DocumentHandlers:
    """Handlers over the given services."""

    uow: Callable[[AnyScope], UnitOfWork]
    desk: SigningDesk
    keys: KeyRoom
    mailer: Mailer
    envelope: Envelope
    tell: Teller

    def table(self) -> Mapping[str, JobHandler]:
        """Job kind -> handler."""
        return {SIGN: self.on_sign, RECEIPT: self.on_receipt, LETTER: self.on_letter, KEPT: self.on_key_kept}

    def on_sign(self, job: ClaimedJob) -> None:
        """Sign what was intended. What is silent is asked again; a refused signature or key waits for a person."""
        signature_id = UUID(job.payload["signature_id"])
        uow = self.uow(job.scope)
        try:
            self._sign(signature_id, job, uow)
        except (signing.TimestampFailed, Unavailable) as error:
            reason = error.code if isinstance(error, Unavailable) else "document.tsa_silent"
            note_failure(signature_id, reason=reason, actor=job.actor, uow=uow)
            raise Retry(_pause(job.attempt), str(error)) from error
        except (Rejected, NotFound, Forbidden, _KeyUnfit, signing.SigningError) as error:
            reason, params = "document.signature_not_made", None
            if isinstance(error, EdoError):
                reason, params = error.code, error.params
            note_failure(signature_id, reason=reason, params=params, actor=job.actor, uow=uow)
            raise GiveUp(str(error)) from error

    def on_receipt(self, job: ClaimedJob) -> None:
        """Acknowledge a document that has come in: by message where its box is set so, else a notice is written."""
        document_id, uow = UUID(job.payload["document_id"]), self.uow(job.scope)
        try:
            if not self.tell(document_id, actor=job.actor, uow=uow):
                write_receipt(document_id, actor=job.actor, uow=uow, objects=self.desk.objects)
        except Unavailable as error:
            raise Retry(_pause(job.attempt), str(error)) from error
        except formats.FormatError as error:
            note_unwritten(document_id, write_trouble("document.receipt_invalid", {"reason": error.text_ru}), uow=uow)
            raise GiveUp(str(error)) from error
        except NotFound as error:
            note_unwritten(document_id, error.code, uow=uow)
            raise GiveUp(str(error)) from error

    def on_letter(self, job: ClaimedJob) -> None:
        """Send a promised letter, unless it is of no use any more."""
        letter = write_letter(
            UUID(job.payload["document_id"]),
            UUID(job.payload["person_id"]),
            envelope=self.envelope,
            uow=self.uow(job.scope),
        )
        if letter is not None:
            self.mailer.send(letter)

    def on_key_kept(self, job: ClaimedJob) -> None:
        """A new automatic key: receipt notices that had none to sign them are promised now."""
        promise_unsigned(uow=self.uow(job.scope))

    def _sign(self, signature_id: UUID, job: ClaimedJob, uow: UnitOfWork) -> None:
        intended = intended_key(signature_id, uow=uow)
        if intended is None:
            return
        key_id, person_id = intended
        try:
            unlocked = self.keys.unlock_server_key(key_id, actor=job.actor, uow=uow, person_id=person_id)
        except Conflict as error:
            raise _KeyUnfit(error.code, **error.params) from error
        try:
            sign_intended(signature_id, actor=job.actor, uow=uow, desk=self.desk, unlocked=unlocked)
        except Conflict as error:
            if error.code != "document.changed_meanwhile":
                raise


class _KeyUnfit(Conflict):
    """The key is there and may not sign now (`key.expired`)."""


def _pause(attempt: int) -> timedelta:
    """Wait 15 s, then twice as long each time, ten minutes at most."""
    return min(timedelta(seconds=15) * int(2 ** min(attempt - 1, 10)), timedelta(minutes=10))
