"""Restore a backup into an empty place.

Embedded: everything is built in a folder beside the data folder and gets its name as the last act, so a restore that was
cut off leaves nothing behind its name and is repeated. Full: the database's rows appear in one transaction, the last act;
before it only buckets were filled, and those may be filled with the same again.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from edo_service import bootstrap
from edo_service.backup.checking import damaged_lists
from edo_service.backup.contents import digest
from edo_service.backup.making import needed
from edo_service.backup.sealing import open_keys
from edo_service.backup.tables import is_empty, read_tables
from edo_service.backup.values import BackupError, Vault, read_bytes, read_json, read_lines, sync
from edo_service.bootstrap import Services
from edo_service.kernel import schema
from edo_service.kernel.clock import Clock
from edo_service.kernel.database import Database
from edo_service.kernel.secrets import SecretBox
from edo_service.settings import Settings

_AT_LEAST = timedelta(minutes=10)
"""Retention of objects whose term is over: a store may refuse a term that ends before now."""


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
    folder: Path, settings: Settings, *, passphrase: str | None = None, clock: Clock | None = None
) -> Restored:
    """Restore the newest run into what the settings name. BackupError when that is not empty or the backup is damaged."""
    vault = Vault(root=folder.absolute())
    with vault.alone():
        run, manifest = vault.current()
        wrong = [*damaged_lists(run, manifest), *_absent(vault, run, manifest)]
        if wrong:
            raise BackupError(f"копия повреждена: {'; '.join(wrong[:5])}")
        keys = _keys(run, manifest, passphrase)
        with _empty_place(settings) as chosen:
            _place_key(chosen, keys)
            return _Filling(vault, run, manifest).fill(chosen, clock)


class _Filling:
    def __init__(self, vault: Vault, run: Path, manifest: dict[str, Any]) -> None:
        self._vault, self._run, self._manifest = vault, run, manifest

    def fill(self, settings: Settings, clock: Clock | None) -> Restored:
        """Fill an empty place: files, schema, bytes, and as the last act the rows."""
        manifest = self._manifest
        files = self._files(settings.root)
        schema.upgrade(settings.database, manifest["schema"])
        services = bootstrap.build(settings, clock=clock)
        try:
            count = self._objects(services)
            kept = self._archive(services, late=False)
            rows = read_tables(services.database, self._run / "tables", manifest["tables"])
            schema.upgrade(settings.database)
            kept += self._archive(services, late=True)
            opened = set(manifest["keys"]["ids"]) <= set(services.secrets.key_ids)
        finally:
            services.close()
        made_at = datetime.fromisoformat(manifest["made_at"])
        run = str(manifest["run"])
        return Restored(run=run, made_at=made_at, rows=rows, archive=kept, objects=count, files=files, keys=opened)

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

    def _archive(self, services: Services, *, late: bool) -> int:
        """Put the archive's objects; of those that came while the backup was made only what the database knows."""
        count = 0
        soon = services.clock.now() + _AT_LEAST
        for key, _size, until, hold, came_late in self._lines("archive"):
            if came_late != late or (late and services.promises.of(key) is None):
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


@contextmanager
def _empty_place(settings: Settings) -> Iterator[Settings]:
    """Settings of the place to fill. BackupError unless data folder and database are empty."""
    root = settings.root
    if root.exists() and any(root.iterdir()):
        raise BackupError(f"папка данных {root} не пуста: восстановление идёт только в пустую")
    if settings.database_url is not None:
        database = Database(settings.database)
        try:
            if not is_empty(database):
                raise BackupError("база данных не пуста: восстановление идёт только в пустую")
        finally:
            database.dispose()
    fresh = root.with_name(f"{root.name}.restoring")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700, parents=True)
    yield settings.model_copy(update={"data_dir": fresh})
    if root.exists():
        root.rmdir()
    fresh.rename(root)
    sync(root.parent)


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
