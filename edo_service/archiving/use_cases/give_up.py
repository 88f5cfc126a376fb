"""A hand-over that gave up, and its second chance: handing_over -> failed -> handing_over; or that waits: -> not_yet."""

from uuid import UUID

from edo_service.archiving.taking import set_of_document
from edo_service.documents import held, recording
from edo_service.documents.recording import FINISHED
from edo_service.documents.rules import ArchiveEvent
from edo_service.documents.tables import Document
from edo_service.errors import Conflict
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.uow import UnitOfWork

_TOLD = ("archive.", "database.", "document.tsa_silent")
"""What the troubles begin with that the hand-over puts on the card."""


def give_up(document_id: UUID, trouble: str, *, actor: Actor, uow: UnitOfWork) -> bool:
    """Show that the set is not in the archive, and why. False when the hand-over is not under way (any more)."""
    with uow:
        document = recording.take(uow, document_id)
        if not recording.move_if_possible(uow, document, "archive", ArchiveEvent.FAIL, actor=actor):
            return False
        document.trouble = trouble
        _note(uow, document_id, trouble)
        uow.journal.write(
            "archive.failed",
            owner_id=document.owner_id,
            subject=f"document:{document_id}",
            actor=actor,
            reason=trouble,
        )
        uow.commit()
    return True


def resume(document_id: UUID, *, actor: Actor, uow: UnitOfWork) -> bool:
    """Say that the hand-over is under way again when it had given up (the job was revived). False when there is none now.

    A set that lacks something again before it was put together (a request for a correction was written meanwhile) goes
    back to those that are not finished: whatever completes it promises the hand-over anew.
    """
    with uow:
        document = recording.take(uow, document_id)
        if document.archive == "failed":
            recording.move(uow, document, "archive", ArchiveEvent.FINISH, actor=actor)
            _note(uow, document_id, None)
        is_open = set_of_document(uow, document_id) is None and bool(recording.missing(uow, document))
        if is_open and recording.move_if_possible(uow, document, "archive", ArchiveEvent.REOPEN, actor=actor):
            _forget(document)
        uow.commit()
        return not is_open


def retry_hand_over(document_id: UUID, *, actor: Actor, uow: UnitOfWork) -> UUID:
    """Promise the hand-over anew, by a person's decision. Returns the job's id.

    Raises NotFound, Forbidden, Conflict `archive.not_failed`.
    """
    actor.require(Right.SEND)
    with uow:
        document = recording.take(uow, document_id)
        if document.archive != "failed":
            raise Conflict("archive.not_failed", id=str(document_id))
        recording.move(uow, document, "archive", ArchiveEvent.FINISH, actor=actor)
        document.trouble = None
        _note(uow, document_id, None)
        job_id = uow.jobs.dead_id(FINISHED, str(document_id))
        if job_id is None or not uow.jobs.revive(job_id, owner_id=document.owner_id):
            job_id = uow.jobs.put(
                FINISHED,
                owner_id=document.owner_id,
                key=str(document_id),
                queue="archive",
                payload={"document_id": str(document_id)},
            )
        uow.journal.write("archive.retried", owner_id=document.owner_id, subject=f"document:{document_id}", actor=actor)
        uow.commit()
    return job_id


def _note(uow: UnitOfWork, document_id: UUID, trouble: str | None) -> None:
    """Keep the trouble beside the assembled set too, if it came so far: the search shows it."""
    package = set_of_document(uow, document_id)
    if package is not None:
        package.trouble = trouble


def _forget(document: Document) -> None:
    """Take off the card what the hand-over has said there, and nothing else."""
    if (document.trouble or "").startswith(_TOLD):
        held.say(document, None)
