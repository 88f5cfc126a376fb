"""Read every part of one kept set again and judge its signatures anew; the outcome is kept and goes into the journal.

A signature that was refreshed is judged in its newest form; the verdict stands under the original's hash.
"""

import hashlib
from collections.abc import Mapping
from uuid import UUID

import archive
from edo_service.archiving.desk import ArchiveDesk
from edo_service.archiving.desk_tables import ArchiveCheck
from edo_service.archiving.purposes import stated
from edo_service.archiving.taking import take, take_kept
from edo_service.archiving.use_cases.refresh import newest_forms
from edo_service.archiving.use_cases.take_out import accessed
from edo_service.errors import Unavailable
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.uow import UnitOfWork

CHECKED = "archive.checked"


def check_set(package_id: UUID, *, purpose: str, actor: Actor, uow: UnitOfWork, desk: ArchiveDesk) -> tuple[str, ...]:
    """Names of the parts that are damaged or absent; empty when the set is sound.

    Who asked for it has had the whole set read: it is an access like any other, with its purpose. Raises NotFound,
    Forbidden, PurposeNeeded, Conflict when the set is not kept yet, Unavailable when the store does not answer.
    """
    actor.require(Right.ARCHIVE_SEARCH)
    said = stated(purpose)
    with uow.reading() as reading:
        package, rows = take_kept(reading, package_id)
    owner = package.owner_id
    read = {row.name: _read(f"{owner}/{row.sha256}", row.sha256, desk) for row in rows}
    damaged = tuple(name for name, content in read.items() if content is None)
    newest = [one for one in newest_forms(rows, {}) if one.form == "cms"]
    verdicts = {
        one.original.sha256: verdict
        for one in newest
        if (verdict := _judge(read.get(one.original.of_name or ""), read[one.part.name], desk))
    }
    with uow:
        found = take(uow, package_id)
        found.checked_at, found.sound = uow.clock.now(), not damaged
        uow.session.add(
            ArchiveCheck(
                owner_id=owner,
                package_id=package_id,
                person_id=actor.user_id,
                person_name=actor.name,
                at=uow.clock.now(),
                parts=len(rows),
                damaged={"parts": list(damaged)},
                verdicts=verdicts,
            )
        )
        uow.session.add(accessed(found, "check", purpose=said, actor=actor, at=uow.clock.now()))
        uow.journal.write(
            CHECKED,
            owner_id=owner,
            subject=f"package:{package_id}",
            actor=actor,
            purpose=said,
            parts=len(rows),
            damaged=list(damaged),
        )
        uow.commit()
    return damaged


def _read(key: str, sha256: str, desk: ArchiveDesk) -> bytes | None:
    """The part's content, None when it is damaged or absent."""
    try:
        content = desk.store.get(key)
    except archive.StoreUnavailable as error:
        raise Unavailable("archive.store_silent", reason=str(error)) from error
    except archive.ArchiveError:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def _judge(content: bytes | None, signature: bytes | None, desk: ArchiveDesk) -> Mapping[str, str | None] | None:
    if content is None or signature is None:
        return None
    found = desk.judge(content, signature)
    if found is None:
        return None
    return {"indication": found.verdict.indication, "sub_indication": found.verdict.sub_indication}
