"""Heads of the journal in the WORM store: one object a day and company, `journal-<company>/<sha256>`.

The chain proves that no row was changed; only a head kept elsewhere proves that its tail was not cut off or the whole of it
written anew. They are listed from the store, never from the database that they are to prove.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

import archive
from edo_service.errors import Unavailable
from edo_service.kernel.jobs import Job
from edo_service.kernel.journal import Head, JournalEntry
from edo_service.kernel.uow import UnitOfWork

KEEP_HEAD = "journal.keep_head"
HEAD_KEPT = "journal.head_kept"
FORMAT = "edo-journal-head/1"
_LIVE = ("waiting", "running", "dead")


@dataclass(frozen=True, kw_only=True)
class KeptHeads:
    """What the store holds of one journal: the heads that can be read, and keys of objects that are damaged."""

    heads: tuple[Head, ...]
    damaged: tuple[str, ...] = ()


def shelf(owner_id: UUID) -> str:
    """The company's part of the store for heads of its journal; the platform's own journal has one too."""
    return f"journal-{owner_id}"


def head_content(intent: Mapping[str, object]) -> bytes:
    """The object's bytes, made of the stored intent alone: a repetition writes the same object."""
    facts = {name: intent[name] for name in ("owner", "day", "position", "hash")}
    return archive.canonical_json({"format": FORMAT, **facts})


def head_key(intent: Mapping[str, object]) -> str:
    """The object's key in the store."""
    return archive.key_of(shelf(UUID(str(intent["owner"]))), head_content(intent))


def kept_heads(owner_id: UUID, *, store: archive.Store) -> KeptHeads:
    """Every head of this journal that the store holds. Unavailable when the store does not answer."""
    heads: list[Head] = []
    damaged: list[str] = []
    try:
        for key in store.keys(f"{shelf(owner_id)}/"):
            head = _read(key, owner_id, store)
            if head is None:
                damaged.append(key)
            else:
                heads.append(head)
    except archive.StoreUnavailable as error:
        raise Unavailable("archive.store_silent", reason=str(error)) from error
    return KeptHeads(heads=tuple(sorted(heads, key=lambda one: one.position)), damaged=tuple(damaged))


def promised_heads(*, uow: UnitOfWork) -> tuple[Sequence[tuple[str, datetime]], frozenset[str]]:
    """Key and promised retention of every head of the scope that was kept, and the keys of those on their way."""
    with uow:
        told = select(JournalEntry.facts).where(JournalEntry.event == HEAD_KEPT)
        kept = [json.loads(facts) for facts in uow.session.scalars(told)]
        intents = uow.session.scalars(select(Job.payload).where(Job.kind == KEEP_HEAD, Job.state.in_(_LIVE))).all()
    promised = [(str(one["key"]), datetime.fromisoformat(one["retain_until"])) for one in kept]
    return promised, frozenset(head_key(intent) for intent in intents)


def _read(key: str, owner_id: UUID, store: archive.Store) -> Head | None:
    """A head as it was kept; None for an object that is damaged or says something else."""
    try:
        content = json.loads(store.get(key))
        if content["format"] != FORMAT or content["owner"] != str(owner_id):
            return None
        return Head(position=int(content["position"]), hash=str(content["hash"]))
    except archive.StoreUnavailable:
        raise
    except (archive.ArchiveError, ValueError, KeyError, TypeError):
        return None
