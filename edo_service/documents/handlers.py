"""Jobs of the documents area: make a promised signature with a server-held key, send a promised letter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import signing
from edo_service.documents.letters import LETTER, Envelope, write_letter
from edo_service.documents.signing_desk import SigningDesk
from edo_service.documents.use_cases.send import SIGN
from edo_service.documents.use_cases.sign import intended_key, note_failure, sign_intended
from edo_service.errors import Rejected
from edo_service.kernel.jobs import ClaimedJob, GiveUp, JobHandler, Retry
from edo_service.kernel.letters import Mailer
from edo_service.kernel.scope import AnyScope
from edo_service.kernel.uow import UnitOfWork
from edo_service.keys.use_cases import KeyRoom


@dataclass(frozen=True, kw_only=True)
class DocumentHandlers:
    """Handlers over the given services."""

    uow: Callable[[AnyScope], UnitOfWork]
    desk: SigningDesk
    keys: KeyRoom
    mailer: Mailer
    envelope: Envelope

    def table(self) -> Mapping[str, JobHandler]:
        """Job kind -> handler."""
        return {SIGN: self.on_sign, LETTER: self.on_letter}

    def on_sign(self, job: ClaimedJob) -> None:
        """Sign what was intended. A silent TSA is asked again; a refused signature waits for a person."""
        signature_id = UUID(job.payload["signature_id"])
        uow = self.uow(job.scope)
        unlocked = self.keys.unlock_server_key(intended_key(signature_id, uow=uow), actor=job.actor, uow=uow)
        try:
            sign_intended(signature_id, actor=job.actor, uow=uow, desk=self.desk, unlocked=unlocked)
        except signing.TimestampFailed as error:
            note_failure(signature_id, reason="document.tsa_silent", actor=job.actor, uow=uow)
            raise Retry(timedelta(seconds=15), str(error)) from error
        except Rejected as error:
            note_failure(signature_id, reason=error.code, actor=job.actor, uow=uow)
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
