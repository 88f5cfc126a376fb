"""Reading everything that is kept and comparing it with what should be there, in one pass."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from archive.errors import ArchiveError, Damaged, NotStored
from archive.store import CANARY_ENTITY, CHUNK, Finding, Store


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What somebody relies on: the object is there, kept at least until retain_until, under a hold (None: no matter)."""

    key: str
    retain_until: datetime | None = None
    hold: bool | None = None
    size: int | None = None


@dataclass(frozen=True, kw_only=True)
class ScrubReport:
    """What a scrub saw: objects read, their bytes, findings in the order they were met."""

    objects: int
    bytes: int
    findings: tuple[Finding, ...]

    @property
    def damage(self) -> tuple[Finding, ...]:
        """Findings but orphans: an object that nobody expects harms no document."""
        return tuple(finding for finding in self.findings if finding.kind != "orphan")

    @property
    def sound(self) -> bool:
        """Whether nothing was found, orphans included."""
        return not self.findings


def scrub(store: Store, expected: Iterable[Expected] | None) -> ScrubReport:
    """Read every object, check it against its key and against what is expected; find what is missing or too much.

    expected: all objects that are relied upon, listed before the scrub begins; None when there is no list (then nothing
    is an orphan, and what vanished with its record is not missed). Raises StoreUnavailable only when the store cannot
    even be listed.
    """
    wanted = None if expected is None else {item.key: item for item in expected}
    findings: list[Finding] = []
    seen: set[str] = set()
    count = size = 0
    for key in store.keys(""):
        if key in seen:
            continue
        seen.add(key)
        count += 1
        read, found = _content(store, key)
        size += read
        findings += found
        item = None if wanted is None else wanted.get(key)
        if item is not None:
            findings += _compare(store, item, read)
        elif wanted is not None and not key.startswith(f"{CANARY_ENTITY}/"):
            findings.append(Finding(kind="orphan", key=key, detail="nobody expects it"))
    findings += store.strays()
    reported = {finding.key for finding in findings if finding.kind == "missing"}
    for key in wanted or ():
        if key not in seen and key not in reported and not _there(store, key):
            findings.append(Finding(kind="missing", key=key, detail="it is not in the store"))
    return ScrubReport(objects=count, bytes=size, findings=tuple(findings))


def _there(store: Store, key: str) -> bool:
    """Whether an object came after the walk had passed its place."""
    try:
        return store.stat(key) is not None
    except Damaged:
        return True


def _content(store: Store, key: str) -> tuple[int, list[Finding]]:
    """Bytes read of one object, and what is wrong with it in itself."""
    size = 0
    findings: list[Finding] = []
    try:
        with store.open(key) as stream:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
        findings += store.inspect(key)
    except NotStored:
        return size, []  # deleted meanwhile, or never there: the list of expected objects decides
    except Damaged as error:
        findings.append(Finding(kind="corrupt", key=key, detail=error.what))
        findings += store.inspect(key)
    except ArchiveError as error:
        findings.append(Finding(kind="unreadable", key=key, detail=str(error)))
    return size, findings


def _compare(store: Store, item: Expected, size: int) -> list[Finding]:
    try:
        stat = store.stat(item.key)
    except ArchiveError:
        return []  # its record is damaged: inspect() told it
    if stat is None:
        return [Finding(kind="missing", key=item.key, detail="it is not in the store")]
    findings = []
    if item.size is not None and item.size != size:
        findings.append(Finding(kind="corrupt", key=item.key, detail=f"{size} bytes instead of {item.size}"))
    if item.retain_until is not None and (stat.retain_until is None or stat.retain_until < item.retain_until):
        detail = f"kept until {stat.retain_until}, promised until {item.retain_until}"
        findings.append(Finding(kind="retention_shortened", key=item.key, detail=detail))
    if item.hold and not stat.hold:
        findings.append(Finding(kind="hold_lost", key=item.key, detail="the hold is off"))
    return findings
