"""The object store's contract, over files and over S3: content-addressed, per owner, checked when read."""

import hashlib
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from edo_service.adapters.objects_files import FileObjects
from edo_service.errors import NotFound, Unavailable
from edo_service.kernel.clock import MovableClock
from edo_service.kernel.ids import new_id
from edo_service.kernel.objects import IDLE, ObjectStore
from tests.fixtures.durable_disk import Disk, ProcessDied

CONTENT = "УПД".encode() * 1000
Damage = Callable[[UUID, str, bytes], None]


@pytest.fixture(params=["files", pytest.param("s3", marks=pytest.mark.full)])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def bucket(kind: str, request: pytest.FixtureRequest) -> Any:
    """The S3 client and bucket of this test, None over files."""
    if kind == "files":
        return None
    endpoint = request.getfixturevalue("s3_endpoint")
    return endpoint.client(), endpoint.bucket(object_lock=False)


@pytest.fixture
def clock() -> MovableClock:
    """Begins at the true time: S3 stamps its objects by its own clock."""
    return MovableClock(datetime.now(UTC))


@pytest.fixture
def store(kind: str, bucket: Any, tmp_path: Path, clock: MovableClock) -> ObjectStore:
    if kind == "files":
        return FileObjects(tmp_path / "objects", clock)
    from edo_service.adapters.objects_s3 import S3Objects

    made = S3Objects(*bucket, clock)
    made.ensure_bucket()
    made.ensure_bucket()
    return made


@pytest.fixture
def damage(kind: str, bucket: Any, tmp_path: Path) -> Damage:
    """Change what is stored behind the store's back."""

    def act(owner: UUID, sha256: str, content: bytes) -> None:
        if kind == "files":
            (tmp_path / "objects" / str(owner) / sha256[:2] / sha256).write_bytes(content)
        else:
            import io

            bucket[0].put_object(bucket[1], f"{owner}/{sha256}", io.BytesIO(content), len(content))

    return act


@pytest.mark.parametrize("content", [b"", b"x", CONTENT, bytes(range(256)) * 5000])
def test_what_is_put_comes_back(store: ObjectStore, content: bytes) -> None:
    owner = new_id()
    sha256 = store.put(content, owner=owner)
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert store.put(content, owner=owner) == sha256
    assert store.get(owner, sha256) == content


def test_several_are_put_together(store: ObjectStore) -> None:
    owner, contents = new_id(), [b"title", b"", b"signature", b"title", CONTENT]
    kept = store.put(contents[2], owner=owner)
    names = store.put_all(contents, owner)
    assert names == tuple(hashlib.sha256(one).hexdigest() for one in contents)
    assert kept in names
    assert [store.get(owner, name) for name in names] == contents
    assert store.put_all([], owner) == ()
    assert {name for _, name in store.entries()} == set(names)


def test_owners_share_nothing(store: ObjectStore) -> None:
    owner = new_id()
    sha256 = store.put(CONTENT, owner=owner)
    for other, wanted in (
        (new_id(), sha256),
        (owner, "0" * 64),
        (owner, "../../etc/passwd"),
        (owner, ""),
        (owner, "é" * 64),
    ):
        with pytest.raises(NotFound):
            store.get(other, wanted)


def test_damage_is_noticed(store: ObjectStore, damage: Damage) -> None:
    owner = new_id()
    sha256 = store.put(CONTENT, owner=owner)
    damage(owner, sha256, CONTENT[:-1] + b"!")
    with pytest.raises(Unavailable) as caught:
        store.get(owner, sha256)
    assert caught.value.code == "objects.damaged"


def test_a_cut_object_is_put_again(store: ObjectStore, damage: Damage) -> None:
    owner = new_id()
    sha256 = store.put(CONTENT, owner=owner)
    damage(owner, sha256, CONTENT[:100])
    assert store.put(CONTENT, owner=owner) == sha256
    assert store.get(owner, sha256) == CONTENT


def test_many_may_put_the_same_at_once(store: ObjectStore) -> None:
    owner = new_id()
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.append(store.put(CONTENT, owner=owner))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    assert len(made) == 6
    assert store.get(owner, made[0]) == CONTENT


def test_a_content_goes_once_nobody_has_put_it_for_a_day(store: ObjectStore, clock: MovableClock) -> None:
    owner, other = new_id(), new_id()
    sha256 = store.put(CONTENT, owner=owner)
    assert store.put(CONTENT, owner=other) == sha256
    assert not store.delete(owner, sha256), "whoever has put it may be about to write the row"
    assert store.get(owner, sha256) == CONTENT
    clock.move(IDLE + timedelta(minutes=1))
    assert store.delete(owner, sha256)
    with pytest.raises(NotFound):
        store.get(owner, sha256)
    assert list(store.entries()) == [(other, sha256)]
    assert store.get(other, sha256) == CONTENT, "the other owner's is another"
    assert store.delete(owner, sha256), "deleted again"
    assert store.delete(new_id(), sha256), "never kept"
    assert store.put(CONTENT, owner=owner) == sha256
    assert store.get(owner, sha256) == CONTENT
    with pytest.raises(NotFound):
        store.delete(owner, "../../etc/passwd")


def test_a_content_that_is_put_again_stays_for_another_day(tmp_path: Path) -> None:
    clock = MovableClock(datetime(2033, 1, 10, tzinfo=UTC))
    store, owner = FileObjects(tmp_path / "objects", clock), new_id()
    sha256 = store.put(CONTENT, owner=owner)
    clock.move(timedelta(days=400))
    store.put(CONTENT, owner=owner)
    clock.move(IDLE - timedelta(minutes=1))
    assert not store.delete(owner, sha256)
    clock.move(timedelta(minutes=1))
    assert store.delete(owner, sha256)


@pytest.mark.full
def test_a_put_of_an_old_object_makes_it_young_on_the_server(request: pytest.FixtureRequest) -> None:
    from edo_service.adapters.objects_s3 import S3Objects

    endpoint = request.getfixturevalue("s3_endpoint")
    client, bucket, clock = endpoint.client(), endpoint.bucket(object_lock=False), MovableClock(datetime.now(UTC))
    store, owner = S3Objects(client, bucket, clock), new_id()
    sha256 = store.put(CONTENT, owner=owner)
    before = client.stat_object(bucket, f"{owner}/{sha256}").etag, _modified(client, bucket, f"{owner}/{sha256}")
    store.put(CONTENT, owner=owner)
    assert (before[0], _modified(client, bucket, f"{owner}/{sha256}")) == before, "young enough: nothing is sent"
    clock.move(timedelta(hours=2))
    while _modified(client, bucket, f"{owner}/{sha256}") == before[1]:  # the server's time has whole seconds
        store.put(CONTENT, owner=owner)


def _modified(client: Any, bucket: str, name: str) -> datetime:
    found: datetime = client.stat_object(bucket, name).last_modified
    return found


def test_a_deletion_takes_the_scraps_of_killed_puts_with_it(tmp_path: Path) -> None:
    clock = MovableClock(datetime(2033, 1, 10, tzinfo=UTC))
    store, owner = FileObjects(tmp_path / "objects", clock), new_id()
    sha256 = store.put(CONTENT, owner=owner)
    folder = tmp_path / "objects" / str(owner) / sha256[:2]
    scrap = folder / f".{sha256}.4711.abcd"
    scrap.write_bytes(CONTENT[:10])
    clock.move(timedelta(days=1))
    moment = clock.now().timestamp()
    os.utime(scrap, (moment, moment))
    assert not store.delete(owner, sha256), "it may be on its way into its place"
    clock.move(timedelta(days=2))
    assert store.delete(owner, sha256)
    assert list(folder.iterdir()) == []


def test_puts_and_deletions_of_the_same_at_once_lose_nothing(tmp_path: Path) -> None:
    clock = MovableClock(datetime(2033, 1, 10, tzinfo=UTC))
    store, owner = FileObjects(tmp_path / "objects", clock), new_id()
    sha256 = store.put(CONTENT, owner=owner)
    for _ in range(40):
        clock.move(timedelta(days=2))
        deleter = threading.Thread(target=store.delete, args=(owner, sha256))
        deleter.start()
        store.put(CONTENT, owner=owner)
        deleter.join(60)
        assert store.get(owner, sha256) == CONTENT


def test_files_are_private_and_leave_no_scraps(tmp_path: Path, clock: MovableClock) -> None:
    store = FileObjects(tmp_path / "objects", clock)
    for number in range(3):
        store.put(str(number).encode(), owner=new_id())
    files = [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]
    assert len(files) == 3
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert not [path for path in files if path.name.startswith(".")]


def test_several_that_the_disk_refuses_leave_no_scraps(
    tmp_path: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, owner, waits = FileObjects(tmp_path, clock), new_id(), iter((True, False))
    kept = store.put(b"kept", owner=owner)
    fsync = os.fsync

    def full(handle: int) -> None:
        if not next(waits, True):
            raise OSError(28, "No space left on device")
        fsync(handle)

    settled = [b"kept", *(bytes([number]) for number in range(3))]
    for one in settled[1:]:  # their folders are there: only contents are waited for
        (tmp_path / str(owner) / hashlib.sha256(one).hexdigest()[:2]).mkdir(exist_ok=True)
    monkeypatch.setattr(store, "_settle", lambda _folder: None)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable):
        store.put_all(settled, owner)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [kept]
    monkeypatch.undo()
    assert [store.get(owner, name) for name in store.put_all(settled, owner)] == settled


def test_a_disk_that_refuses_is_unavailable(tmp_path: Path, clock: MovableClock) -> None:
    blocker = tmp_path / "objects"
    blocker.write_text("a file where the folder should be")
    with pytest.raises(Unavailable):
        FileObjects(blocker, clock).put(CONTENT, owner=new_id())
    with pytest.raises(Unavailable):
        FileObjects(blocker, clock).delete(new_id(), "0" * 64)


def test_a_server_that_is_away_is_unavailable(clock: MovableClock) -> None:
    import minio
    import urllib3

    from edo_service.adapters.objects_s3 import S3Objects

    pool = urllib3.PoolManager(timeout=1, retries=False)
    away = S3Objects(
        minio.Minio("127.0.0.1:1", access_key="a", secret_key="b", secure=False, http_client=pool), "bucket", clock
    )
    with pytest.raises(Unavailable):
        away.put(CONTENT, owner=new_id())
    with pytest.raises(Unavailable):
        away.get(new_id(), "0" * 64)
    with pytest.raises(Unavailable):
        away.delete(new_id(), "0" * 64)
    with pytest.raises(Unavailable):
        away.ensure_bucket()


def test_what_is_put_is_on_the_disk_though_another_process_died_over_it(
    tmp_path: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the name and the wait for its folder: whoever puts it next waits for it."""
    disk, owner = Disk(monkeypatch), new_id()
    deaths = named = 0
    for wait in range(20):
        folder = tmp_path / str(wait)
        disk.dies_at(wait)
        try:
            FileObjects(folder, clock).put(CONTENT, owner=owner)
        except ProcessDied:
            deaths += 1
            named += bool(disk.pending)
        else:
            break
        disk.dies_at(None)
        FileObjects(folder, clock).put(CONTENT, owner=owner)
        assert disk.pending == set()
    assert deaths >= 3
    assert named == 4, "the name of each folder and of the file"
    assert disk.pending == set()


def test_what_is_put_together_is_on_the_disk_when_the_put_returns(
    tmp_path: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, owner, contents = Disk(monkeypatch), new_id(), [bytes([number]) * 9 for number in range(5)]
    for wait in range(40):
        folder = tmp_path / str(wait)
        disk.dies_at(wait)
        try:
            FileObjects(folder, clock).put_all(contents, owner)
        except ProcessDied:
            pass
        else:
            break
        disk.dies_at(None)
        FileObjects(folder, clock).put_all(contents, owner)
        assert disk.pending == set()
    assert wait > 2 * len(contents), "every content and every folder is waited for"
    assert disk.pending == set()
