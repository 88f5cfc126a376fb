"""Restore a backup into an empty place.

All bytes and the schema of today come first; the rows, in the form of that schema, appear in one transaction. A database
in the data folder: everything is built in a folder beside it and gets its name as the last act. A database elsewhere: the
folder gets its name before, with a file that says that it is unfinished, and the rows are the last act; until then a table
marks the database. So a restore that was cut off anywhere is repeated.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import archive
from edo_service import bootstrap
from edo_service.backup.checking import damaged_lists
from edo_service.backup.contents import digest
from edo_service.backup.making import needed
from edo_service.backup.sealing import open_keys
from edo_service.backup.tables import is_empty, is_marked, mark, read_tables, write_tables
from edo_service.backup.values import BackupError, Vault, read_bytes, read_json, read_lines, sync
from edo_service.bootstrap import Services
from edo_service.kernel import schema
from edo_service.kernel.clock import Clock
from edo_service.kernel.database import Database
from edo_service.kernel.secrets import SecretBox
from edo_service.settings import Settings

_AT_LEAST = timedelta(minutes=10)
"""Retention of objects whose term is over: a store may refuse a term that ends before now."""

_UNFINISHED = "unfinished-restore"
"""Lies in a data folder until the rows are in the database."""


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What was restored. `keys`: whether sealed keys and passwords will open with what is there now."""

    run: str
    made_at: datetime
    rows: int
    archive: int
    objects: int
    files: int
    keys: bool


def restore_backup(
    folder: Path,
    settings: Settings,
    *,
    passphrase: str | None = None,
    clock: Clock | None = None,
    on_step: Callable[[str], object] = str,
) -> Restored:
    """Restore the newest run into what the settings name. BackupError when that is not empty or the backup is damaged.

    on_step: told of each step (tests end the process there).
    """
    vault = Vault(root=folder.absolute())
    with vault.alone():
        run, manifest = vault.current()
        wrong = [*damaged_lists(run, manifest), *_absent(vault, run, manifest)]
        if wrong:
            raise BackupError(f"копия повреждена: {'; '.join(wrong[:5])}")
        keys = _keys(run, manifest, passphrase)
        place = _Place(settings)
        place.clear()
        _place_key(place.built, keys)
        return _Filling(vault, run, manifest, on_step).fill(place, clock)


class _Filling:
    def __init__(self, vault: Vault, run: Path, manifest: dict[str, Any], on_step: Callable[[str], object]) -> None:
        self._vault, self._run, self._manifest, self._on_step = vault, run, manifest, on_step

    def fill(self, place: "_Place", clock: Clock | None) -> Restored:
        """Fill an empty place: files and bytes, the schema, and the rows."""
        manifest, url = self._manifest, place.built.database
        files = self._files(place.built.root)
        services = bootstrap.build(place.built, clock=clock)
        try:
            tables, notes, promises = self._rows_of_today(services, place.spare)
            count, kept = self._objects(services), self._archive(services, promises)
            opened = set(manifest["keys"]["ids"]) <= set(services.secrets.key_ids)
        finally:
            services.close()
        self._on_step("bytes")
        database = Database(url)
        try:
            mark(database)
            self._on_step("marked")
            if place.is_apart:
                place.name()
            self._on_step("named")
            schema.upgrade(url)
            self._on_step("schema")
            rows = read_tables(database, tables, notes)
        finally:
            database.dispose()
        self._on_step("rows")
        place.finish()
        made_at = datetime.fromisoformat(manifest["made_at"])
        run = str(manifest["run"])
        return Restored(run=run, made_at=made_at, rows=rows, archive=kept, objects=count, files=files, keys=opened)

    def _rows_of_today(
        self, services: Services, spare: Path
    ) -> tuple[Path, Sequence[Mapping[str, Any]], archive.Promises]:
        """Tables in the form of today's schema, and what their rows promise.

        Both are found in a database that nobody else sees, when the backup is of an older schema or holds keys that came
        while it was made.
        """
        notes = self._manifest["tables"]
        is_old = self._manifest["schema"] != schema.newest()
        if not is_old and not any(line[4] for line in self._lines("archive")):
            return self._run / "tables", notes, archive.Listed(items=())
        spare.mkdir(mode=0o700)
        url = f"sqlite:///{spare / 'rows.db'}"
        schema.upgrade(url, self._manifest["schema"])
        database = Database(url)
        try:
            read_tables(database, self._run / "tables", notes)
            database.dispose()
            schema.upgrade(url)
            promises = replace(services, database=database).promises
            late = [item for line in self._lines("archive") if line[4] and (item := promises.of(line[0])) is not None]
            if not is_old:
                return self._run / "tables", notes, archive.Listed(items=late)
            (spare / "tables").mkdir()
            return spare / "tables", write_tables(database, spare / "tables")[1], archive.Listed(items=late)
        finally:
            database.dispose()

    def _files(self, root: Path) -> int:
        count = 0
        for name, mode, sha256 in self._lines("files"):
            path = (root / name).resolve()
            if not path.is_relative_to(root.resolve()):
                raise BackupError(f"{name}: путь ведёт из папки данных")
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_bytes(self._content(sha256))
            path.chmod(int(mode) & 0o777)
            count += 1
        return count

    def _objects(self, services: Services) -> int:
        count = 0
        for owner, sha256 in self._lines("objects"):
            services.objects.put(self._content(sha256), UUID(owner))
            count += 1
        return count

    def _archive(self, services: Services, promises: archive.Promises) -> int:
        """Put the archive's objects; of those that came while the backup was made only what rows promise."""
        count = 0
        soon = services.clock.now() + _AT_LEAST
        for key, _size, until, hold, came_late in self._lines("archive"):
            if came_late and promises.of(key) is None:
                continue
            retain_until = max(datetime.fromisoformat(until), soon) if until else soon
            services.store.put(key, self._content(key.partition("/")[2]), retain_until=retain_until)
            if hold:
                services.store.set_hold(key, True)
            count += 1
        return count

    def _lines(self, name: str) -> Iterator[Any]:
        note = self._manifest[name]
        return read_lines(self._run / note["file"], note)

    def _content(self, sha256: str) -> bytes:
        content = read_bytes(self._vault.content(sha256))
        if digest(content) != sha256:
            raise BackupError(f"content/{sha256}: содержимое изменилось")
        return content


class _Place:
    """What is to be filled. `built`: settings of the folder in which it is built; `spare`: a folder for what is only read."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._root = settings, settings.root
        self.is_apart = settings.database_url is not None
        self.built = settings.model_copy(update={"data_dir": self._root.with_name(f"{self._root.name}.restoring")})
        self.spare = self._root.with_name(f"{self._root.name}.restoring-rows")

    def clear(self) -> None:
        """Remove what a restore that was cut off left. BackupError unless data folder and database are empty otherwise."""
        root, is_marked = self._root, self._check_database()
        if root.exists() and any(root.iterdir()):
            if not (is_marked and (root / _UNFINISHED).exists()):
                raise BackupError(f"папка данных {root} не пуста: восстановление идёт только в пустую")
            shutil.rmtree(root)
        for folder in (self.built.root, self.spare):
            shutil.rmtree(folder, ignore_errors=True)
        self.built.root.mkdir(mode=0o700, parents=True)
        if self.is_apart:
            (self.built.root / _UNFINISHED).touch(mode=0o600)

    def name(self) -> None:
        """Give the folder that was built its name."""
        if self._root.exists():
            self._root.rmdir()
        self.built.root.rename(self._root)
        sync(self._root.parent)

    def finish(self) -> None:
        """The last act after the rows."""
        if self.is_apart:
            (self._root / _UNFINISHED).unlink()
        else:
            self.name()
        shutil.rmtree(self.spare, ignore_errors=True)

    def _check_database(self) -> bool:
        """Whether a restore that was cut off marked the database."""
        if not self.is_apart:
            return False
        database = Database(self._settings.database)
        try:
            if not is_empty(database):
                raise BackupError("база данных не пуста: восстановление идёт только в пустую")
            return is_marked(database)
        finally:
            database.dispose()


def _keys(run: Path, manifest: dict[str, Any], passphrase: str | None) -> tuple[bytes, ...]:
    if passphrase is None:
        return ()
    if not manifest["keys"]["sealed"]:
        raise BackupError("в этой копии нет ключей запечатывания: пароль не нужен")
    return open_keys(read_json(run / "keys.json"), passphrase)


def _place_key(settings: Settings, keys: tuple[bytes, ...]) -> None:
    """The embedded profile's own key goes back where it was, unless EDO_SECRET_KEYS names others."""
    if keys and settings.is_embedded and not settings.sealing_keys:
        _write_key(settings.secret_key_file, keys[0])


def _write_key(path: Path, key: bytes) -> None:
    SecretBox((key,))  # ValueError for what is no key
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())


def _absent(vault: Vault, run: Path, manifest: dict[str, Any]) -> Iterator[str]:
    for sha256, what in needed(run, manifest):
        if not vault.content(sha256).exists():
            yield f"{what}: нет"
