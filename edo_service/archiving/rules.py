"""Rules of the archive desk, all pure: terms, and the lives of a hold, a disposal act and an export."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum

from edo_service.archiving.retention import TERMS, Counted, first_moment_after
from edo_service.kernel.actor import Right
from edo_service.kernel.workflow import SYSTEM, Transition, Workflow

__all__ = ["DISPOSAL", "EXPORT", "HOLD", "STATES", "TERMS", "retain_until"]

EXPORT_LIFE = timedelta(days=7)
REFRESH = "evidence.refresh"
"""The job that raises signatures again."""
MOST_HELD = 5000
MOST_DISPOSED = 2000
MOST_EXPORTED = 5000


def retain_until(kind: str, dated: date, *, today: date) -> datetime:
    """The end of the term of a paper whose date is all that is known (`retention.first_moment_after`)."""
    return first_moment_after(kind, Counted(dated=dated), today=today)


STATES: Mapping[str, str] = {
    "kept": "kept",
    "assembled": "handing_over",
    "failed": "failed",
    "held": "held",
    "proposed": "proposed",
    "disposing": "disposing",
    "disposed": "disposed",
    "damaged": "damaged",
}
"""A set's state → the state of its document's archive life, as the vocabulary of words knows it."""


class HoldEvent(StrEnum):
    """What moves a legal hold."""

    SETTLE = "settle"
    LIFT = "lift"
    RELEASE = "release"


HOLD = Workflow(
    name="legal_hold",
    initial="setting",
    transitions=(
        Transition("setting", HoldEvent.SETTLE, "on", SYSTEM),
        Transition("setting", HoldEvent.LIFT, "lifting", Right.ARCHIVE_RELEASE),
        Transition("on", HoldEvent.LIFT, "lifting", Right.ARCHIVE_RELEASE),
        Transition("lifting", HoldEvent.RELEASE, "lifted", SYSTEM),
    ),
)
"""A hold protects from the moment it is set, before the store has been told, and until the store has been told to end it."""


class DisposalEvent(StrEnum):
    """What moves an act of disposal."""

    APPROVE = "approve"
    REJECT = "reject"
    START = "start"
    FINISH = "finish"


DISPOSAL = Workflow(
    name="disposal",
    initial="proposed",
    transitions=(
        Transition("proposed", DisposalEvent.APPROVE, "approved_once", Right.ARCHIVE_APPROVE),
        Transition("proposed", DisposalEvent.REJECT, "rejected", Right.ARCHIVE_APPROVE),
        Transition("approved_once", DisposalEvent.APPROVE, "approved", Right.ARCHIVE_APPROVE),
        Transition("approved_once", DisposalEvent.REJECT, "rejected", Right.ARCHIVE_APPROVE),
        Transition("approved", DisposalEvent.REJECT, "rejected", Right.ARCHIVE_APPROVE),
        Transition("approved", DisposalEvent.START, "executing", SYSTEM),
        Transition("executing", DisposalEvent.FINISH, "done", SYSTEM),
    ),
)
"""Two different persons approve; the table `disposal_act` refuses any later state without two different names."""


class ExportEvent(StrEnum):
    """What moves an export."""

    BUILD = "build"
    READY = "ready"
    FAIL = "fail"
    EXPIRE = "expire"


EXPORT = Workflow(
    name="archive_export",
    initial="queued",
    transitions=(
        Transition("queued", ExportEvent.BUILD, "building", SYSTEM),
        Transition("building", ExportEvent.READY, "ready", SYSTEM),
        Transition("queued", ExportEvent.FAIL, "failed", SYSTEM),
        Transition("building", ExportEvent.FAIL, "failed", SYSTEM),
        Transition("ready", ExportEvent.EXPIRE, "expired", SYSTEM),
    ),
)
