"""Backup and restore: what was there is there again, on both databases; a backup that was cut off harms no other."""

import io
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from typer.testing import CliRunner, Result

from archive import key_of
from edo_service import bootstrap
from edo_service.archiving.tables import Package
from edo_service.backup import BackupError, check_backup, make_backup, restore_backup
from edo_service.backup.contents import Contents, digest
from edo_service.backup.sealing import open_keys, seal_keys
from edo_service.backup.tables import _columns, _kind, read_tables, write_tables
from edo_service.backup.values import CHUNK, Vault
from edo_service.bootstrap import Services
from edo_service.demo.companies import LESSOR
from edo_service.kernel import journal, schema
from edo_service.kernel.actor import Actor
from edo_service.kernel.database import Database
from edo_service.kernel.journal import PLATFORM
from edo_service.kernel.scope import SystemScope
from edo_service.kernel.tables import Base
from edo_service.settings import Settings
from tests.fixtures.road import House, MakeHouse

PASSPHRASE = "verdigris anchor 1849"


def counts(database: Database) -> dict[str, int]:
    with database.transaction(SystemScope("backup"), read_only=True) as connection:
        names = sorted(Base.metadata.tables)
        return {name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0 for name in names}  # noqa: S608 - our own names


def archive_one(house: House) -> None:
    """One invoice that needs no answer, archived by both sides, and the journals' heads of the day."""
    document = house.upload(function="СЧФ")
    incoming = house.deliver(document)
    house.settle(lambda: house.card(document).line.archive == "kept")
    assert incoming
    journal.seal(house.services.database, house.clock)
    house.services.archive_handlers.promise_heads()
    house.settle()
    journal.seal(house.services.database, house.clock)


def taken_out(services: Services) -> dict[str, bytes]:
    """Every set of the archive as it is handed out."""
    uow = services.system_uow("archiving.command_line")
    actor = Actor.system("archiving.command_line")
    exports = {}
    with uow:
        packages = uow.session.scalars(select(Package.id).order_by(Package.id)).all()
    for package in packages:
        out = io.BytesIO()
        services.take_out(package, out, purpose="test", actor=actor)
        exports[str(package)] = out.getvalue()
    return exports


@pytest.fixture
def opened() -> Iterator[Callable[[Settings, House], Services]]:
    made: list[Services] = []

    def build(settings: Settings, house: House) -> Services:
        made.append(bootstrap.build(settings, clock=house.clock))
        return made[-1]

    yield build
    for one in made:
        one.close()


def elsewhere(house: House, root: Path, url: str | None = None) -> Settings:
    return house.services.settings.model_copy(update={"data_dir": root, "database_url": url and _secret(url)})


def _secret(url: str) -> object:
    from pydantic import SecretStr

    return SecretStr(url)


@pytest.mark.parametrize(
    "kind", [pytest.param("sqlite", marks=pytest.mark.soak), pytest.param("postgres", marks=pytest.mark.full)]
)
def test_everything_is_there_again(
    kind: str,
    make_house: MakeHouse,
    tmp_path: Path,
    opened: Callable[[Settings, House], Services],
    request: pytest.FixtureRequest,
) -> None:
    house = make_house(request.getfixturevalue("emptied_postgres_url") if kind == "postgres" else None)
    vault = tmp_path / "backup"
    archive_one(house)
    services = house.services
    made = make_backup(services, vault, passphrase=PASSPHRASE)
    assert (made.damaged, made.keys_sealed) == ((), True)
    assert check_backup(vault) == ()
    before, exports = counts(services.database), taken_out(services)
    assert len(exports) == 2

    targets: list[str | None] = [None]  # a backup of PostgreSQL may become an embedded service too
    if not services.database.is_sqlite:
        targets.append(request.getfixturevalue("postgres_url"))
    for number, url in enumerate(targets):
        settings = elsewhere(house, tmp_path / f"restored{number}", url)
        done = restore_backup(vault, settings, passphrase=PASSPHRASE, clock=house.clock)
        assert done.keys
        assert settings.secret_key_file.read_bytes() == services.settings.secret_key_file.read_bytes()
        again = opened(settings, house)
        assert counts(again.database) == before
        assert again.scrub().sound, again.scrub().findings
        report = again.verify_journal(house.entity(LESSOR))
        assert report.ok
        assert report.head.position > 0
        assert taken_out(again) == exports, "the same bytes are handed out"
        journal.seal(again.database, house.clock)
        assert again.verify_journal(PLATFORM).ok
        assert schema.differences(settings.database) == ()
        assert list(again.objects.entries()) == list(services.objects.entries())


def test_a_second_backup_copies_what_is_new(house: House, tmp_path: Path) -> None:
    vault = tmp_path / "backup"
    first = make_backup(house.services, vault)
    assert first.copied > 0
    house.services.objects.put(b"new", house.entity(LESSOR))
    second = make_backup(house.services, vault)
    assert second.copied_bytes >= 3
    assert second.copied < first.copied
    assert not second.keys_sealed
    content = vault / "content"
    new = "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437"
    assert (content / new[:2] / new).read_bytes() == b"new"


def test_the_oldest_backups_go_with_what_only_they_needed(house: House, tmp_path: Path) -> None:
    vault = tmp_path / "backup"
    note = house.services.settings.root / "note.txt"
    note.write_text("only in the first")
    make_backup(house.services, vault)
    note.write_text("in all others")
    for _ in range(2):
        make_backup(house.services, vault, keep=2)
    assert len(list((vault / "runs").iterdir())) == 2
    kept = {path.read_bytes() for path in (vault / "content").rglob("*") if path.is_file()}
    assert b"in all others" in kept
    assert b"only in the first" not in kept
    assert check_backup(vault) == ()


def test_a_backup_cut_off_anywhere_leaves_a_whole_one(
    house: House, tmp_path: Path, opened: Callable[[Settings, House], Services]
) -> None:
    vault = tmp_path / "backup"
    first = make_backup(house.services, vault)
    for step in ("tables", "archive", "contents", "described"):
        house.services.objects.put(step.encode(), house.entity(LESSOR))

        def cut(reached: str, at: str = step) -> None:
            if reached == at:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            make_backup(house.services, vault, on_step=cut)
        assert check_backup(vault) == ()
    settings = elsewhere(house, tmp_path / "restored")
    assert restore_backup(vault, settings, clock=house.clock).run == first.run
    assert opened(settings, house).scrub().sound
    made = make_backup(house.services, vault)
    assert {path.name for path in (vault / "runs").iterdir()} == {first.run, made.run}
    assert check_backup(vault) == ()


def test_what_is_stored_while_the_backup_is_made_is_no_orphan_afterwards(
    house: House, tmp_path: Path, opened: Callable[[Settings, House], Services]
) -> None:
    """The set's row came after the snapshot: the restored database does not know its parts."""
    vault, store = tmp_path / "backup", house.services.store
    key = key_of(str(house.entity(LESSOR)), b"late")

    def meanwhile(reached: str) -> None:
        if reached == "tables":
            store.put(key, b"late", retain_until=house.clock.now() + timedelta(days=1))

    make_backup(house.services, vault, on_step=meanwhile)
    settings = elsewhere(house, tmp_path / "restored")
    restore_backup(vault, settings, clock=house.clock)
    again = opened(settings, house)
    assert again.scrub().sound
    assert key not in list(again.store.keys(""))


def test_a_place_that_is_not_empty_is_refused(house: House, tmp_path: Path) -> None:
    vault = tmp_path / "backup"
    make_backup(house.services, vault)
    with pytest.raises(BackupError, match="не пуста"):
        restore_backup(vault, house.services.settings, clock=house.clock)
    with pytest.raises(BackupError, match="внутри папки данных"):
        make_backup(house.services, house.services.settings.root / "backup")
    target = tmp_path / "other"
    target.mkdir()
    (target / "something").write_text("mine")
    with pytest.raises(BackupError, match="не пуста"):
        restore_backup(vault, elsewhere(house, target), clock=house.clock)
    assert (target / "something").read_text() == "mine"
    url = f"sqlite:///{tmp_path / 'used.db'}"
    schema.upgrade(url)
    with pytest.raises(BackupError, match="база данных не пуста"):
        restore_backup(vault, elsewhere(house, tmp_path / "fresh", url), clock=house.clock)
    assert not (tmp_path / "fresh").exists()


def test_every_changed_byte_of_a_backup_is_named(house: House, tmp_path: Path) -> None:
    vault = tmp_path / "backup"
    made = make_backup(house.services, vault, passphrase=PASSPHRASE)
    run = vault / "runs" / made.run
    lists = [run / "keys.json", run / "archive.jsonl.gz", run / "objects.jsonl.gz", run / "files.jsonl.gz"]
    contents = [path for path in (vault / "content").rglob("*") if path.is_file()]
    for path in [*lists, *sorted((run / "tables").iterdir())[:3], *contents[:3]]:
        whole = path.read_bytes()
        path.chmod(0o600)
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        assert len(check_backup(vault)) == 1, path
        path.unlink()
        assert len(check_backup(vault)) == 1, path
        path.write_bytes(whole)
    for path in (run / "manifest.json", vault / "backup.json"):
        whole = path.read_bytes()
        path.write_bytes(whole.replace(b"edo-backup/1", b"edo-backup/2"))
        with pytest.raises(BackupError):
            check_backup(vault)
        path.write_bytes(whole)
    assert check_backup(vault) == ()
    contents[0].unlink()
    with pytest.raises(BackupError, match="повреждена"):
        restore_backup(vault, elsewhere(house, tmp_path / "restored"), clock=house.clock)
    assert not (tmp_path / "restored").exists()


def test_the_sealing_keys_open_with_the_passphrase_alone(house: House, tmp_path: Path) -> None:
    vault = tmp_path / "backup"
    make_backup(house.services, vault, passphrase=PASSPHRASE)
    (own,) = house.services.sealing_keys
    everything = b"".join(path.read_bytes() for path in vault.rglob("*") if path.is_file())
    assert own not in everything
    with pytest.raises(BackupError, match="не открылись"):
        restore_backup(vault, elsewhere(house, tmp_path / "a"), passphrase="verdigris anchor 1850", clock=house.clock)
    without = restore_backup(vault, elsewhere(house, tmp_path / "b"), clock=house.clock)
    assert not without.keys, "another key was made there, and that is said"
    with pytest.raises(BackupError, match="короче"):
        seal_keys([own], "short")
    sealed = seal_keys([own, own], PASSPHRASE)
    assert open_keys(sealed, PASSPHRASE) == (own, own)
    for change in ({"n": 2**30}, {"kdf": "none"}, {"salt": "?"}):
        with pytest.raises(BackupError):
            open_keys(sealed | change, PASSPHRASE)


def test_a_damaged_part_is_told_and_the_rest_is_backed_up(house: House, tmp_path: Path) -> None:
    objects = house.services.objects
    owner = house.entity(LESSOR)
    sha256 = objects.put(b"will be damaged", owner)
    path = next(house.services.settings.objects_dir.rglob(sha256))
    path.write_bytes(b"damaged")
    made = make_backup(house.services, tmp_path / "backup")
    assert [one for one in made.damaged if sha256 in one]
    assert check_backup(tmp_path / "backup") == ()


def test_what_was_lost_is_told_and_carried_on_from_older_backups(
    house: House, tmp_path: Path, opened: Callable[[Settings, House], Services]
) -> None:
    vault, services = tmp_path / "backup", house.services
    archive_one(house)
    sha256 = services.objects.put(b"will be lost", house.entity(LESSOR))
    first = make_backup(services, vault, keep=1)
    assert first.damaged == ()
    gone, torn = [item.key for item in services.promises.after("") if not item.underway][:2]
    kept = services.settings.archive_dir
    for key, content in ((gone, None), (torn, b"torn")):
        path = next(path for path in kept.rglob(key.partition("/")[2]) if path.parent.parent.name in key)
        path.unlink()
        if content is not None:
            path.write_bytes(content)
    next(services.settings.objects_dir.rglob(sha256)).unlink()
    for _ in range(2):
        made = make_backup(services, vault, keep=1)
        assert {one.split(":")[0] for one in made.damaged} >= {
            f"archive {gone}",
            f"object {house.entity(LESSOR)}/{sha256}",
        }
        assert (made.archive, made.objects) == (first.archive, first.objects)
    assert check_backup(vault) == ()
    settings = elsewhere(house, tmp_path / "restored")
    restore_backup(vault, settings, clock=house.clock)
    again = opened(settings, house)
    assert again.scrub().sound
    assert again.objects.get(house.entity(LESSOR), sha256) == b"will be lost"
    fresh = make_backup(services, tmp_path / "another")
    assert f"archive {gone}" in {one.split(":")[0] for one in fresh.damaged}, "told also when no backup holds it"


def test_a_restore_cut_off_anywhere_is_repeated(
    house: House, tmp_path: Path, opened: Callable[[Settings, House], Services]
) -> None:
    """With a database outside the data folder, as in the full profile: no step leaves a place that is refused."""
    vault, services = tmp_path / "backup", house.services
    late = key_of(str(house.entity(LESSOR)), b"late")

    def meanwhile(reached: str) -> None:
        if reached == "tables":
            services.store.put(late, b"late", retain_until=house.clock.now() + timedelta(days=1))

    run = vault / "runs" / make_backup(services, vault, on_step=meanwhile).run
    manifest = json.loads((run / "manifest.json").read_bytes()) | {"schema": "head"}  # goes the way of an older schema
    (run / "manifest.json").write_text(json.dumps(manifest))
    head = json.loads((vault / "backup.json").read_bytes())
    head["manifest_sha256"] = digest((run / "manifest.json").read_bytes())
    (vault / "backup.json").write_text(json.dumps(head))
    settings = elsewhere(house, tmp_path / "restored", f"sqlite:///{tmp_path / 'apart.db'}")
    for step in ("bytes", "marked", "named", "schema"):

        def cut(reached: str, at: str = step) -> None:
            if reached == at:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            restore_backup(vault, settings, clock=house.clock, on_step=cut)
    done = restore_backup(vault, settings, clock=house.clock)
    again = opened(settings, house)
    assert sum(counts(again.database).values()) == done.rows > 0
    assert again.scrub().sound
    assert late not in list(again.store.keys(""))
    assert schema.differences(settings.database) == ()
    assert not [path for path in tmp_path.rglob("*") if "restor" in path.name and path != settings.root]
    with pytest.raises(BackupError, match="база данных не пуста"):
        restore_backup(vault, settings, clock=house.clock)


def test_built_exports_stay_out_and_other_files_are_copied_in_pieces(house: House, tmp_path: Path) -> None:
    vault, settings = tmp_path / "backup", house.services.settings
    settings.exports_dir.mkdir(exist_ok=True)
    (settings.exports_dir / "built.zip").write_bytes(b"built for a few days")
    large = bytes(range(256)) * (3 * CHUNK // 256) + b"end"
    (settings.root / "large.bin").write_bytes(large)
    make_backup(house.services, vault)
    restored = elsewhere(house, tmp_path / "restored")
    restore_backup(vault, restored, clock=house.clock)
    assert (restored.root / "large.bin").read_bytes() == large
    assert not restored.exports_dir.exists()
    assert not [
        path for path in (vault / "content").rglob("*") if path.is_file() and b"a few days" in path.read_bytes()
    ]


def test_a_file_that_changes_between_hash_and_copy_gets_the_name_of_what_was_copied(tmp_path: Path) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"first")

    class Growing(io.FileIO):
        def seek(self, offset: int, whence: int = 0, /) -> int:
            path.write_bytes(b"first and more")
            return super().seek(offset, whence)

    contents = Contents(vault=Vault(root=tmp_path / "backup"))
    with Growing(path) as stream:
        sha256 = contents.keep_stream(stream)
    assert sha256 == digest(b"first and more")
    kept = [one.read_bytes() for one in (tmp_path / "backup" / "content").rglob("*") if one.is_file()]
    assert kept == [b"first and more"]
    with path.open("rb") as same:
        assert contents.keep_stream(same) == sha256
    assert (contents.copied, contents.known) == (1, 1)


def test_rows_that_point_at_rows_of_their_own_table_come_back(sqlite_database: Database, tmp_path: Path) -> None:
    """Every column of every table has a form in which it is kept, and links within a table survive in any order."""
    assert {_kind(column) for table in Base.metadata.tables.values() for column in _columns(table)} <= {
        "uuid", "moment", "date", "bytes", "json", "number", "boolean", "integer", "text"
    }  # fmt: skip
    revision, notes = write_tables(sqlite_database, tmp_path / "tables")
    assert revision == schema.newest()
    linked = {note["table"] for note in notes if note["links"]}
    assert "part" in linked
    assert read_tables(sqlite_database, tmp_path / "tables", notes) == 0


def test_the_command_backs_up_and_restores(house: House, tmp_path: Path) -> None:
    from edo_service.cli import app

    def edo(*words: object, data_dir: Path) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words], env={"EDO_DATA_DIR": str(data_dir)})

    root, vault, word = house.services.settings.root, tmp_path / "backup", tmp_path / "word"
    word.write_text(PASSPHRASE + "\n")
    done = edo("backup", vault, "--passphrase-file", word, "--verify", data_dir=root)
    assert done.exit_code == 0, done.output
    assert "прочитана заново" in done.output
    done = edo("restore", vault, data_dir=root)
    assert done.exit_code == 64
    assert "не пуста" in done.output
    done = edo("restore", vault, "--passphrase-file", word, data_dir=tmp_path / "restored")
    assert done.exit_code == 0, done.output
    assert edo("archive", "scrub", data_dir=tmp_path / "restored").exit_code == 0
    assert edo("restore", vault, "--verify", data_dir=tmp_path / "restored").exit_code == 0
    shutil.rmtree(vault / "content")
    assert edo("restore", vault, "--verify", data_dir=tmp_path / "restored").exit_code == 1
