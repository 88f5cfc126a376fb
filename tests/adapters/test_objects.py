"""The object store's contract, over files and over S3: content-addressed, per owner, checked when read."""

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from edo_service.adapters.objects_files import FileObjects
from edo_service.errors import NotFound, Unavailable
from edo_service.kernel.ids import new_id
from edo_service.kernel.objects import ObjectStore

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
def store(kind: str, bucket: Any, tmp_path: Path) -> ObjectStore:
    if kind == "files":
        return FileObjects(tmp_path / "objects")
    from edo_service.adapters.objects_s3 import S3Objects

    made = S3Objects(*bucket)
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
        thread.join(60)
    assert len(made) == 6
    assert store.get(owner, made[0]) == CONTENT


def test_files_are_private_and_leave_no_scraps(tmp_path: Path) -> None:
    store = FileObjects(tmp_path / "objects")
    for number in range(3):
        store.put(str(number).encode(), owner=new_id())
    files = [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]
    assert len(files) == 3
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert not [path for path in files if path.name.startswith(".")]


def test_a_disk_that_refuses_is_unavailable(tmp_path: Path) -> None:
    blocker = tmp_path / "objects"
    blocker.write_text("a file where the folder should be")
    with pytest.raises(Unavailable):
        FileObjects(blocker).put(CONTENT, owner=new_id())


def test_a_server_that_is_away_is_unavailable() -> None:
    import minio
    import urllib3

    from edo_service.adapters.objects_s3 import S3Objects

    pool = urllib3.PoolManager(timeout=1, retries=False)
    away = S3Objects(
        minio.Minio("127.0.0.1:1", access_key="a", secret_key="b", secure=False, http_client=pool), "bucket"
    )
    with pytest.raises(Unavailable):
        away.put(CONTENT, owner=new_id())
    with pytest.raises(Unavailable):
        away.get(new_id(), "0" * 64)
    with pytest.raises(Unavailable):
        away.ensure_bucket()
