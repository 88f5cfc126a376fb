"""What handlers see of a job and what they may raise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from edo_service.kernel.actor import Actor
from edo_service.kernel.scope import Scope


@dataclass(frozen=True, kw_only=True)
class ClaimedJob:
    """A job this worker holds: `attempt` is its fence, `failures` how often it went wrong before."""

    id: UUID
    kind: str
    owner_id: UUID | None
    payload: Mapping[str, Any]
    attempt: int
    failures: int = 0
    key: str | None = None
    queue: str = "default"

    @property
    def scope(self) -> Scope:
        """The scope of the job's owner; ValueError for a job of no entity (take a SystemScope then)."""
        if self.owner_id is None:
            raise ValueError(f"{self.kind} belongs to no entity")
        return Scope.of(self.owner_id)

    @property
    def actor(self) -> Actor:
        """The system acting for the job's owner."""
        if self.owner_id is None:
            raise ValueError(f"{self.kind} belongs to no entity")
        return Actor.automatic(self.kind, self.owner_id)


JobHandler = Callable[[ClaimedJob], bool | None]
"""True: the handler has recorded the job's end itself, in the transaction of its effects (`JobQueue.finish`)."""

Publish = Callable[[UUID, str], None]
"""Told of a committed job that is due: its id and queue. Must neither raise nor block for long: the row is the truth."""


class Retry(Exception):
    """Raised by a handler: not yet, come back after `after`. Does not count as a failure."""

    def __init__(self, after: timedelta, reason: str = "") -> None:
        super().__init__(reason or f"again after {after}")
        self.after = after


class GiveUp(Exception):
    """Raised by a handler: repeating cannot help; the job is dead at once and waits for a person."""


class LostLease(Exception):
    """The job was taken over (or ended) meanwhile: this attempt's result must not be recorded."""
