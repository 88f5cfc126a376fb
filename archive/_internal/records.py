"""Retention records of the file store: one append-only, hash-chained file per object, and ledgers.

A record is a text file of JSON lines. Each line holds its number, the operation (`put`, `extend`, `hold`, `release`,
`deleted`), the retention in force from then on and the SHA-256 of the line before it (of the key, for the first line).
An edited, removed or inserted line breaks the chain. Cutting whole lines off the end, or rewriting the chain, does not;
so each operation is also noted in a ledger, another append-only file (one for each entity and first two digits of the
hash, so that none grows without bound), and a scrub compares the two. The record is written before its note: a crash
between them leaves the record ahead of the ledger, which is no damage.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archive._internal.disk import append, make_folder, read_file, sync_folder, write_new
from archive._internal.together import Together
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


@dataclass(frozen=True, kw_only=True)
class FirstLines:
    """Records that begin, ledgers that begin with their notes, and what is appended to those that are there."""

    records: Mapping[Path, bytes]
    begun: Mapping[Path, bytes]
    more: Mapping[Path, bytes]

    @property
    def folders(self) -> set[Path]:
        """Where they lie."""
        return {path.parent for path in (*self.records, *self.begun)}

    def files(self) -> list[tuple[Path, bytes, int]]:
        """What has to be staged before keep()."""
        return [(path, content, 0o600) for path, content in (*self.records.items(), *self.begun.items())]

    def keep(self, together: Together) -> None:
        """Give the records their names, then note them: each made durable before the next."""
        together.reveal(self.records)
        together.reveal(self.begun)
        together.append(self.more)


class RecordBook:
    """Records and ledgers below two folders; the caller holds the entity's lock while it writes."""

    def __init__(self, records: Path, ledgers: Path) -> None:
        self._records, self._ledgers = records, ledgers
        self._record_place, self._ledger_place = str(records), str(ledgers)

    def path(self, entity: str, digest: str) -> Path:
        """Where an object's record lies."""
        return Path(self.place(entity, digest))

    def folders(self, entity: str, digest: str) -> tuple[Path, Path]:
        """Where an object's record and its notes have their names."""
        return self.path(entity, digest).parent, self.ledger(entity, digest[:2]).parent

    def place(self, entity: str, digest: str) -> str:
        """As path(), for what is asked for every object of a scrub."""
        return f"{self._record_place}/{entity}/{digest[:2]}/{digest}.jsonl"

    def read(self, entity: str, digest: str) -> Retention | None:
        """The retention in force, None when there is no record; Damaged when the record cannot be trusted."""
        try:
            content = read_file(self.place(entity, digest))
        except FileNotFoundError:
            return None
        return _replay(f"{entity}/{digest}", content)

    def write(
        self, entity: str, digest: str, *, operation: str, retain_until: datetime, hold: bool, at: datetime
    ) -> None:
        """Append one operation to the record, then note it in the ledger."""
        before = self.read(entity, digest)
        number = 1 if before is None else before.number + 1
        previous = _hash(f"{entity}/{digest}".encode()) if before is None else before.head
        content = _line(number, previous, operation=operation, retain_until=retain_until, hold=hold, at=at)
        path = self.path(entity, digest)
        if before is None:
            write_new(path, content + b"\n", mode=0o600)
        else:
            append(path, content + b"\n")
        self._note(entity, digest, number=number, head=_hash(content))

    def first_lines(self, entity: str, digests: Iterable[str], *, retain_until: datetime, at: datetime) -> "FirstLines":
        """The first line of many records that are not there, and the notes of them: nothing is written yet."""
        lines: dict[Path, bytes] = {}
        notes: dict[Path, bytes] = {}
        for digest in digests:
            previous = _hash(f"{entity}/{digest}".encode())
            content = _line(1, previous, operation="put", retain_until=retain_until, hold=False, at=at)
            lines[self.path(entity, digest)] = content + b"\n"
            ledger = self.ledger(entity, digest[:2])
            notes[ledger] = notes.get(ledger, b"") + f"{digest} 1 {_hash(content)}\n".encode()
        begun = {path: note for path, note in notes.items() if not path.exists()}
        return FirstLines(records=lines, begun=begun, more={path: notes[path] for path in notes.keys() - begun.keys()})

    def confirm(self, entity: str, digest: str) -> None:
        """Note the record's last line again: heals a crash between a record and its note."""
        state = self.read(entity, digest)
        if state is not None:
            self._note(entity, digest, number=state.number, head=state.head)

    def forget(self, entity: str, digest: str) -> None:
        """Remove a record (canaries only; every other deletion leaves its record as the proof of it)."""
        self.path(entity, digest).unlink(missing_ok=True)
        self._note(entity, digest, number=0, head="-")

    def set_aside(self, entity: str, digest: str, into: Path) -> None:
        """Take a record that cannot be trusted out of the way, for those who look into the damage."""
        move_aside(self.path(entity, digest), into)

    def ledger(self, entity: str, shard: str) -> Path:
        """Where the notes of an entity's objects with these first two digits lie."""
        return self._ledgers / entity / f"{shard}.log"

    def _note(self, entity: str, digest: str, *, number: int, head: str) -> None:
        _append_or_begin(self.ledger(entity, digest[:2]), f"{digest} {number} {head}\n".encode())

    def known(self, entity: str, shard: str) -> dict[str, tuple[int, str]]:
        """What a ledger says: digest -> (number, head) of the last noted line. Damaged when it is cut or edited.

        Notes of the time when an entity had one ledger (`<entity>.log`) are read before those of the shard.
        """
        notes: dict[str, tuple[int, str]] = {}
        for path in (self._ledgers / f"{entity}.log", self.ledger(entity, shard)):
            with contextlib.suppress(FileNotFoundError):
                _read_notes(path.read_bytes(), entity, notes)
        return {digest: note for digest, note in notes.items() if digest.startswith(shard)}

    def age(self, entity: str, shard: str) -> tuple[int, ...]:
        """A value that changes whenever the ledger does (that of the time of one ledger is never written any more)."""
        try:
            entry = os.stat(f"{self._ledger_place}/{entity}/{shard}.log")  # noqa: PTH116 - asked for every object of a scrub
        except FileNotFoundError:
            return ()
        return (entry.st_ino, entry.st_size, entry.st_mtime_ns)

    def entities(self) -> set[str]:
        """Entities that have records or a ledger."""
        return _names(self._records) | {name.removesuffix(".log") for name in _names(self._ledgers)}

    def shards(self, entity: str) -> set[str]:
        """First two digits of which the entity has records or notes."""
        found = _names(self._records / entity)
        found |= {name.removesuffix(".log") for name in _names(self._ledgers / entity)}
        with contextlib.suppress(FileNotFoundError):
            lines = (self._ledgers / f"{entity}.log").read_bytes().splitlines()
            found |= {line[:2].decode("ascii", "replace") for line in lines}
        return found

    def digests(self, entity: str, shard: str) -> set[str]:
        """Digests of an entity's objects that have a record."""
        names = _names(self._records / entity / shard)
        return {name.removesuffix(".jsonl") for name in names if name.endswith(".jsonl")}


def _append_or_begin(path: Path, lines: bytes) -> None:
    if path.exists():
        append(path, lines)
    else:
        write_new(path, lines, mode=0o600)


def _line(number: int, previous: str, *, operation: str, retain_until: datetime, hold: bool, at: datetime) -> bytes:
    """A line of a record, without its end."""
    line = {
        "at": _stamp(at),
        "hold": hold,
        "number": number,
        "operation": operation,
        "previous": previous,
        "retain_until": _stamp(retain_until),
    }
    return json.dumps(line, sort_keys=True, separators=(",", ":")).encode()


def move_aside(path: Path, into: Path) -> None:
    """Move a damaged file into a folder under a name that is free there, unreadable for most; nothing when it is gone."""
    make_folder(into)
    number = 0
    while (target := into / f"{path.name}.{number}").exists():
        number += 1
    with contextlib.suppress(FileNotFoundError):
        path.rename(target)
        target.chmod(0o400)
        sync_folder(path.parent)
        sync_folder(into)


def _read_notes(content: bytes, entity: str, notes: dict[str, tuple[int, str]]) -> None:
    for line in content.splitlines(keepends=True):
        fields = line.decode("ascii", "replace").split()
        if not line.endswith(b"\n") or len(fields) != 3 or not fields[1].isdigit():
            raise Damaged(entity, "its ledger of retention records is cut or edited")
        notes[fields[0]] = (int(fields[1]), fields[2])


def _names(folder: Path) -> set[str]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as found:
        return {entry.name for entry in found}
    return set()


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _replay(key: str, content: bytes) -> Retention:
    if not content.endswith(b"\n"):
        raise Damaged(key, "its retention record is cut")
    previous = _hash(key.encode())
    until, operation, hold = datetime.min.replace(tzinfo=UTC), "", False
    heads: list[str] = []
    for number, raw in enumerate(content[:-1].split(b"\n"), start=1):
        try:
            line = json.loads(raw)
            moment = datetime.fromisoformat(line["retain_until"])
            sound = line["previous"] == previous and line["number"] == number and line["operation"] in OPERATIONS
            shorter = moment < until and operation != "deleted"
            held = line["hold"] is True
        except (ValueError, KeyError, TypeError):
            raise Damaged(key, f"line {number} of its retention record is not readable") from None
        if not sound or shorter:
            raise Damaged(key, f"line {number} of its retention record was edited, removed or inserted")
        until, operation, hold, previous = moment, line["operation"], held, _hash(raw)
        heads.append(previous)
    return Retention(
        number=len(heads), operation=operation, retain_until=until, hold=hold, head=previous, heads=tuple(heads)
    )
