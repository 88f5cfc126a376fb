"""Make a backup beside the running service.

1. List the archive's keys.
2. Write all tables out of one snapshot.
3. Copy what archive, working documents and data folder hold now. Everything that the snapshot knows is among it, because
   bytes are stored before a row tells of them. Keys of the archive that came after (1) are marked: a restore takes of
   them only what the restored database knows.
4. Describe the run, and let `backup.json` name it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import archive
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
from edo_service.errors import EdoError
from edo_service.kernel.ids import new_id

LISTS = ("archive", "objects", "files")


@dataclass(frozen=True, kw_only=True)
class Made:
    """A finished backup. `damaged`: keys and names whose bytes could not be read whole; they are not in it."""

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
    reach: Callable[[str], object] = str,
) -> Made:
    """Make one more run in the folder; the newest `keep` runs stay. BackupError, EdoError, OSError.

    reach: told of each step (tests end the process there).
    """
    vault, run = Vault(root=folder.absolute()), str(new_id())
    if vault.root.is_relative_to(services.settings.root):
        raise BackupError("папка копии лежит внутри папки данных: возьмите другую, лучше на другом диске")
    with vault.alone():
        counted = _counted(vault)
        forget_runs(vault, set(counted))
        place = vault.runs / run
        (place / "tables").mkdir(mode=0o700, parents=True)
        made = _Making(services, vault, place, reach)
        manifest = made.everything(run, passphrase)
        write_whole(place / "manifest.json", manifest)
        for path in (place / "tables", place, vault.runs, vault.root):
            sync(path)
        reach("described")
        write_whole(
            vault.head,
            _json({"format": FORMAT, "run": run, "manifest_sha256": digest(manifest), "runs": [*counted, run][-keep:]}),
        )
        reach("named")
        _tidy(vault)
    return made.result(run, keys_sealed=passphrase is not None)


class _Making:
    def __init__(self, services: Services, vault: Vault, place: Path, reach: Callable[[str], object]) -> None:
        self._services, self._place, self._reach = services, place, reach
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
        self._reach("tables")
        self._archive(read_lines(before, listed))
        before.unlink()
        self._objects()
        self._files()
        self._contents.settle()
        self._reach("contents")
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
        store, seen = self._services.store, next(before, None)
        with Lines(self._place / "archive.jsonl.gz") as lines:
            for key in store.keys(""):
                while seen is not None and seen < key:
                    seen = next(before, None)
                if key.startswith(f"{archive.CANARY_ENTITY}/"):
                    continue
                try:
                    stat = store.stat(key)
                    if stat is None:
                        continue  # deleted after its term meanwhile
                    if not self._contents.has(key.partition("/")[2], stat.size):
                        self._contents.keep(key.partition("/")[2], store.get(key))
                except (archive.NotStored, archive.Damaged) as error:
                    self._damaged.append(f"archive {key}: {error}")
                    continue
                until = stat.retain_until.isoformat() if stat.retain_until else None
                lines.write([key, stat.size, until, stat.hold, key != seen])
        self._notes["archive"] = lines.note()
        self._reach("archive")

    def _objects(self) -> None:
        objects = self._services.objects
        with Lines(self._place / "objects.jsonl.gz") as lines:
            for owner, sha256 in objects.entries():
                try:
                    if not self._contents.has(sha256):
                        self._contents.keep(sha256, objects.get(owner, sha256))
                except EdoError as error:
                    self._damaged.append(f"object {owner}/{sha256}: {error}")
                    continue
                lines.write([str(owner), sha256])
        self._notes["objects"] = lines.note()

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
