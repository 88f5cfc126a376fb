"""Make a backup beside the running service.

1. List the archive's keys.
2. Write all tables out of one snapshot.
3. Copy what archive, working documents and data folder hold now. Everything that the snapshot knows is among it, because
   bytes are stored before a row tells of them. Keys of the archive that came after (1) are marked: a restore takes of
   them only what the restored database knows. What is promised but lost or damaged is reported, and carried on from the
   backup that holds it.
4. Describe the run, and let `backup.json` name it.
"""

import contextlib
import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any
from uuid import UUID

import archive
from edo_service.archiving import holders
from edo_service.backup.contents import Contents, digest, forget_runs, forget_unused, plain_files
from edo_service.backup.sealing import seal_keys
from edo_service.backup.tables import write_tables
from edo_service.backup.values import (
    FORMAT,
    BackupError,
    Lines,
    Vault,
    hash_file,
    read_json,
    read_lines,
    sync,
    write_whole,
)
from edo_service.bootstrap import Services
from edo_service.errors import EdoError, NotFound
from edo_service.kernel.ids import new_id
from edo_service.kernel.scope import Scope

LISTS = ("archive", "objects", "files")


@dataclass(frozen=True, kw_only=True)
class Made:
    """A finished backup. `damaged`: keys and names whose bytes are lost or could not be read whole.

    They are in it only when an older backup here held them and rows still promise them.
    """

    run: str
    rows: int
    archive: int
    objects: int
    files: int
    copied: int
    copied_bytes: int
    keys_sealed: bool
    damaged: Sequence[str]


def make_backup(
    services: Services,
    folder: Path,
    *,
    passphrase: str | None = None,
    keep: int = 7,
    on_step: Callable[[str], object] = str,
) -> Made:
    """Make one more run in the folder; the newest `keep` runs stay. BackupError, EdoError, OSError.

    on_step: told of each step (tests end the process there).
    """
    vault, run = Vault(root=folder.absolute()), str(new_id())
    if vault.root.is_relative_to(services.settings.root):
        raise BackupError("папка копии лежит внутри папки данных: возьмите другую, лучше на другом диске")
    with vault.alone():
        counted = _counted(vault)
        forget_runs(vault, set(counted))
        place = vault.runs / run
        (place / "tables").mkdir(mode=0o700, parents=True)
        made = _Making(services, vault, place, on_step)
        manifest = made.everything(run, passphrase)
        write_whole(place / "manifest.json", manifest)
        for path in (place / "tables", place, vault.runs, vault.root):
            sync(path)
        on_step("described")
        write_whole(
            vault.head,
            _json({"format": FORMAT, "run": run, "manifest_sha256": digest(manifest), "runs": [*counted, run][-keep:]}),
        )
        on_step("named")
        _tidy(vault)
    return made.result(run, keys_sealed=passphrase is not None)


class Ascending:
    """Lines in the order of their first values, asked for in that order."""

    def __init__(self, lines: Iterator[Sequence[Any]]) -> None:
        self._lines, self._next = lines, next(lines, None)

    def at(self, key: str) -> Sequence[Any] | None:
        """The line that begins with the key."""
        while self._next is not None and self._next[0] < key:
            self._next = next(self._lines, None)
        return self._next if self._next is not None and self._next[0] == key else None


class _Making:
    def __init__(self, services: Services, vault: Vault, place: Path, on_step: Callable[[str], object]) -> None:
        self._services, self._place, self._on_step = services, place, on_step
        self._contents = Contents(vault=vault)
        self._damaged: list[str] = []
        self._notes: dict[str, Any] = {}
        self._rows = 0

    def everything(self, run: str, passphrase: str | None) -> bytes:
        """Write the run's lists; its description."""
        services = self._services
        before = self._place / "before.jsonl.gz"
        with Lines(before) as lines:
            for key in services.store.keys(""):
                lines.write(key)
        listed = lines.note()
        made_at = services.clock.now()
        revision, tables = write_tables(services.database, self._place / "tables")
        self._rows = sum(note["lines"] for note in tables)
        self._on_step("tables")
        self._archive(read_lines(before, listed))
        before.unlink()
        self._objects()
        self._files()
        self._contents.settle()
        self._on_step("contents")
        keys = None if passphrase is None else seal_keys(services.sealing_keys, passphrase)
        if keys is not None:
            write_whole(self._place / "keys.json", _json(keys))
        return _json(
            {
                "format": FORMAT,
                "run": run,
                "made_at": made_at.isoformat(),
                "profile": services.settings.profile.value,
                "schema": revision,
                "tables": tables,
                **self._notes,
                "keys": {
                    "ids": list(services.secrets.key_ids),
                    "sealed": None if keys is None else hash_file(self._place / "keys.json"),
                },
                "damaged": self._damaged,
            }
        )

    def result(self, run: str, *, keys_sealed: bool) -> Made:
        """What was made."""
        counts = {name: self._notes[name]["lines"] for name in LISTS}
        return Made(
            run=run,
            rows=self._rows,
            copied=self._contents.copied,
            copied_bytes=self._contents.size,
            keys_sealed=keys_sealed,
            damaged=tuple(self._damaged),
            **counts,
        )

    def _archive(self, before: Iterator[str]) -> None:
        """What the store shows and what rows promise, as one list in the order of keys.

        Promises are asked after the snapshot: what they name newly is in the store already, and what went with an act of
        disposal meanwhile they do not name any more.
        """
        services, seen = self._services, Ascending([key] for key in before)
        former = Ascending(self._former("archive"))
        promised = (item.key for item in services.promises.after("") if not item.underway)
        with Lines(self._place / "archive.jsonl.gz") as lines:
            for key, _same in groupby(heapq.merge(services.store.keys(""), promised)):
                is_late, known = seen.at(key) is None, former.at(key)
                if key.startswith(f"{archive.CANARY_ENTITY}/"):
                    continue
                try:
                    stat = self._kept(key)
                except (archive.NotStored, archive.Damaged) as error:
                    self._damaged.append(f"archive {key}: {error}")
                    stat, is_late = self._carried(key, known), known is None
                if stat is not None:
                    until = stat.retain_until.isoformat() if stat.retain_until else None
                    lines.write([key, stat.size, until, stat.hold, is_late])
        self._notes["archive"] = lines.note()
        self._on_step("archive")

    def _kept(self, key: str) -> archive.Stat | None:
        """Keep the object; None for one that went after its term meanwhile. NotStored when a row promises what is gone."""
        store = self._services.store
        stat = store.stat(key)
        if stat is None:
            if self._promise(key) is not None:
                raise archive.NotStored(key)
        elif not self._contents.has(key.partition("/")[2], stat.size):
            self._contents.keep(key.partition("/")[2], store.get(key))
        return stat

    def _carried(self, key: str, known: Sequence[Any] | None) -> archive.Stat | None:
        """What the backup holds of a lost or damaged object that a row promises; None when there is nothing to carry on."""
        promise, sha256 = self._promise(key), key.partition("/")[2]
        if promise is None or not self._contents.is_whole(sha256):
            return None
        ends = [promise.retain_until] if promise.retain_until else []
        ends += [datetime.fromisoformat(known[2])] if known and known[2] else []
        return archive.Stat(
            key=key,
            size=self._contents.vault.content(sha256).stat().st_size,
            retain_until=max(ends) if ends else None,
            hold=bool(promise.hold or (known and known[3])),
        )

    def _promise(self, key: str) -> archive.Expected | None:
        found = self._services.promises.of(key)
        return None if found is None or found.underway else found

    def _objects(self) -> None:
        """What the store shows and what the last backup knew: what is gone was lost, but for what acts of disposal took."""
        objects = self._services.objects
        disposed = self._disposed()
        with Lines(self._place / "objects.jsonl.gz") as lines:
            for owner, sha256, is_there in self._shown_and_former():
                if sha256 in disposed.get(owner, ()):
                    continue
                try:
                    if not (is_there and self._contents.has(sha256)):
                        self._contents.keep(sha256, objects.get(UUID(owner), sha256))
                except EdoError as error:
                    if isinstance(error, NotFound) and self._taken(owner, {sha256}):
                        continue  # disposed of a moment ago
                    self._damaged.append(f"object {owner}/{sha256}: {error}")
                    if not self._contents.is_whole(sha256):
                        continue
                lines.write([owner, sha256])
        self._notes["objects"] = lines.note()

    def _shown_and_former(self) -> Iterator[tuple[str, str, bool]]:
        """Owner and SHA-256 of what lies in the working store, or did at the last backup; whether it does."""
        shown = ((str(owner), sha256, True) for owner, sha256 in self._services.objects.entries())
        former = ((owner, sha256, False) for owner, sha256 in self._former("objects"))
        for (owner, sha256), same in groupby(heapq.merge(shown, former), key=itemgetter(0, 1)):
            yield owner, sha256, any(one[2] for one in same)

    def _disposed(self) -> Mapping[str, frozenset[str]]:
        """What the last backup knew and an act of disposal has taken since, by owner."""
        gone: dict[str, set[str]] = {}
        for owner, sha256, is_there in self._shown_and_former():
            if not is_there:
                gone.setdefault(owner, set()).add(sha256)
        return {owner: self._taken(owner, contents) for owner, contents in gone.items()}

    def _taken(self, owner: str, contents: set[str]) -> frozenset[str]:
        with self._services.uow(Scope.of(UUID(owner))).reading() as reading:
            return holders.disposed(reading, contents)

    def _former(self, name: str) -> Iterator[Any]:
        """A list of the backup that counts up to now; nothing of one that cannot be read."""
        with contextlib.suppress(BackupError):
            folder, manifest = self._contents.vault.current()
            yield from _lines(folder, manifest, name)

    def _files(self) -> None:
        settings = self._services.settings
        database = settings.root / "edo.db"
        apart = {database, settings.objects_dir, settings.archive_dir, settings.secret_key_file, settings.exports_dir}
        apart |= {settings.mirror_dir.absolute()} if settings.mirror_dir else set()
        with Lines(self._place / "files.jsonl.gz") as lines:
            for name, mode, stream in plain_files(settings.root, apart=frozenset(apart)):
                lines.write([name, mode, self._contents.keep_stream(stream)])
        self._notes["files"] = lines.note()


def _counted(vault: Vault) -> list[str]:
    """Runs that count, the oldest first."""
    if not vault.head.exists():
        return []
    return [str(one) for one in read_json(vault.head).get("runs", [])]


def _tidy(vault: Vault) -> None:
    """Remove runs that do not count any more, and bytes that none of the others needs."""
    counted = _counted(vault)
    forget_runs(vault, set(counted))
    used: set[str] = set()
    for run in counted:
        folder = vault.runs / run
        manifest = read_json(folder / "manifest.json")
        used.update(sha256 for sha256, _what in needed(folder, manifest))
    forget_unused(vault, used)


def needed(folder: Path, manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Hash and name of all bytes that a run needs, each hash once."""
    seen: set[bytes] = set()
    lists = (
        ((line[0].partition("/")[2], f"archive {line[0]}") for line in _lines(folder, manifest, "archive")),
        ((line[1], f"object {line[0]}/{line[1]}") for line in _lines(folder, manifest, "objects")),
        ((line[2], f"file {line[0]}") for line in _lines(folder, manifest, "files")),
    )
    for sha256, what in chain(*lists):
        short = bytes.fromhex(sha256)
        if short not in seen:
            seen.add(short)
            yield sha256, what


def _lines(folder: Path, manifest: dict[str, Any], name: str) -> Iterator[Any]:
    return read_lines(folder / manifest[name]["file"], manifest[name])


def _json(value: Any) -> bytes:
    return archive.canonical_json(value)
