"""Retention records of the file store: one append-only, hash-chained file per object, and a ledger per entity.

A record is a text file of JSON lines. Each line holds its number, the operation (`put`, `extend`, `hold`, `release`,
`deleted`), the retention in force from then on and the SHA-256 of the line before it (of the key, for the first line).
An edited, removed or inserted line breaks the chain. Cutting whole lines off the end, or rewriting the chain, does not;
so each operation is also noted in the entity's ledger, another append-only file, and a scrub compares the two. The
record is written before its note: a crash between them leaves the record ahead of the ledger, which is no damage.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archive._internal.disk import append, write_new
from archive.errors import Damaged

OPERATIONS = ("put", "extend", "hold", "release", "deleted")


@dataclass(frozen=True, kw_only=True)
class Retention:
    """The state that a record's last line describes."""

    number: int
    operation: str
    retain_until: datetime
    hold: bool
    head: str
    heads: tuple[str, ...]

    @property
    def deleted(self) -> bool:
        """Whether the object was deleted after its term."""
        return self.operation == "deleted"


class RecordBook:
    """Records and ledgers below two folders; the caller holds the entity's lock while it writes."""

    def __init__(self, records: Path, ledgers: Path) -> None:
        self._records = records
        self._ledgers = ledgers

    def path(self, entity: str, digest: str) -> Path:
        """Where an object's record lies."""
        return self._records / entity / digest[:2] / f"{digest}.jsonl"

    def read(self, entity: str, digest: str) -> Retention | None:
        """The retention in force, None when there is no record; Damaged when the record cannot be trusted."""
        key = f"{entity}/{digest}"
        try:
            content = self.path(entity, digest).read_bytes()
        except FileNotFoundError:
            return None
        return _replay(key, content)

    def write(
        self, entity: str, digest: str, *, operation: str, retain_until: datetime, hold: bool, at: datetime
    ) -> None:
        """Append one operation to the record, then note it in the ledger."""
        before = self.read(entity, digest)
        line = {
            "at": _stamp(at),
            "hold": hold,
            "number": 1 if before is None else before.number + 1,
            "operation": operation,
            "previous": _hash(f"{entity}/{digest}".encode()) if before is None else before.head,
            "retain_until": _stamp(retain_until),
        }
        content = json.dumps(line, sort_keys=True, separators=(",", ":")).encode()
        path = self.path(entity, digest)
        if before is None:
            write_new(path, content + b"\n", mode=0o600)
        else:
            append(path, content + b"\n")
        self._note(entity, digest, number=int(str(line["number"])), head=_hash(content))

    def confirm(self, entity: str, digest: str) -> None:
        """Note the record's last line again: heals a crash between a record and its note."""
        state = self.read(entity, digest)
        if state is not None:
            self._note(entity, digest, number=state.number, head=state.head)

    def forget(self, entity: str, digest: str) -> None:
        """Remove a record (canaries only; every other deletion leaves its record as the proof of it)."""
        self.path(entity, digest).unlink(missing_ok=True)
        self._note(entity, digest, number=0, head="-")

    def _note(self, entity: str, digest: str, *, number: int, head: str) -> None:
        path = self._ledgers / f"{entity}.log"
        line = f"{digest} {number} {head}\n".encode()
        if path.exists():
            append(path, line)
        else:
            write_new(path, line, mode=0o600)

    def known(self, entity: str) -> dict[str, tuple[int, str]]:
        """What an entity's ledger says: digest -> (number, head) of the last noted line. Damaged when it is cut."""
        notes: dict[str, tuple[int, str]] = {}
        try:
            content = (self._ledgers / f"{entity}.log").read_bytes()
        except FileNotFoundError:
            return notes
        for line in content.splitlines(keepends=True):
            fields = line.decode("ascii", "replace").split()
            if not line.endswith(b"\n") or len(fields) != 3 or not fields[1].isdigit():
                raise Damaged(entity, "its ledger of retention records is cut or edited")
            notes[fields[0]] = (int(fields[1]), fields[2])
        return notes

    def entities(self) -> Iterator[str]:
        """Entities that have records or a ledger."""
        names = {path.name for path in _children(self._records)} | {path.stem for path in _children(self._ledgers)}
        return iter(sorted(names))

    def digests(self, entity: str) -> Iterator[str]:
        """Digests of an entity's objects that have a record."""
        for folder in _children(self._records / entity):
            for path in _children(folder):
                yield path.stem


def _children(folder: Path) -> list[Path]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return sorted(Path(entry.path) for entry in os.scandir(folder))
    return []


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _replay(key: str, content: bytes) -> Retention:
    if not content.endswith(b"\n"):
        raise Damaged(key, "its retention record is cut")
    previous = _hash(key.encode())
    until: datetime | None = None
    state: Retention | None = None
    heads: list[str] = []
    for number, raw in enumerate(content[:-1].split(b"\n"), start=1):
        try:
            line = json.loads(raw)
            moment = datetime.fromisoformat(line["retain_until"])
            sound = line["previous"] == previous and line["number"] == number and line["operation"] in OPERATIONS
            hold = line["hold"] is True
        except (ValueError, KeyError, TypeError):
            raise Damaged(key, f"line {number} of its retention record is not readable") from None
        fresh = state is None or state.deleted
        if not sound or (not fresh and until is not None and moment < until):
            raise Damaged(key, f"line {number} of its retention record was edited, removed or inserted")
        until, previous = moment, _hash(raw)
        heads.append(previous)
        state = Retention(
            number=number,
            operation=line["operation"],
            retain_until=moment,
            hold=hold,
            head=previous,
            heads=tuple(heads),
        )
    if state is None:
        raise Damaged(key, "its retention record is empty")
    return state
