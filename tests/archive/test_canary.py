"""The canary: alive on stores that protect, dead on one that only says so."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from archive import Attempt, FileStore, run_canary
from archive.canary import TERM, TRIES
from archive.errors import StoreUnavailable
from archive.s3 import S3Store
from archive.store import Stat, Store, Stored
from tests.archive.conftest import Clock
from tests.services.plugin import S3Endpoint


def failed(store: Store, clock: Clock, bypass: tuple[Attempt, ...] = ()) -> set[str]:
    report = run_canary(store, clock=clock, bypass=bypass)
    names = {name for name, refused, _detail in report.attempts if not refused}
    assert report.ok == (not names)
    return names


def test_ceph_refuses_every_back_door(s3_endpoint: S3Endpoint, clock: Clock) -> None:
    clock.run()
    report = run_canary(S3Store(s3_endpoint.client(), s3_endpoint.bucket(), clock), clock=clock)
    assert [attempt for attempt in report.attempts if not attempt[1]] == []
    assert {name for name, _refused, _detail in report.attempts} >= {
        "delete",
        "shorten",
        "delete version",
        "delete version with bypass",
        "shorten retention",
        "retention into the past",
        "weaken to governance",
    }


def test_moto_says_yes_to_object_lock_and_is_found_out(moto_endpoint: S3Endpoint, clock: Clock) -> None:
    clock.run()
    names = failed(S3Store(moto_endpoint.client(), moto_endpoint.bucket(), clock), clock)
    assert "shorten retention" in names
    assert "delete version again" in names


def test_a_bucket_without_object_lock_is_found_out(s3_endpoint: S3Endpoint, clock: Clock) -> None:
    clock.run()
    store = S3Store(s3_endpoint.client(), s3_endpoint.bucket(object_lock=False), clock)
    assert failed(store, clock) == {"put"}


def test_an_attempt_that_harms_while_it_refuses_is_found_out(
    file_store: FileStore, clock: Clock, tmp_path: Path
) -> None:
    def spoil(key: str) -> None:
        path = next((tmp_path / "archive" / "parts").rglob(key.rpartition("/")[2]))
        path.chmod(0o600)
        path.write_bytes(b"spoiled")
        raise FileExistsError

    assert "spoil" in failed(file_store, clock, (Attempt(name="spoil", act=spoil),))


@pytest.mark.parametrize("error", [None, OSError("network")])
def test_what_is_not_refused_is_no_refusal(file_store: FileStore, clock: Clock, error: OSError | None) -> None:
    def act(_key: str) -> None:
        if error is not None:
            raise error

    assert failed(file_store, clock, (Attempt(name="mine", act=act),)) == {"mine"}


def test_old_canaries_are_swept_and_leave_nothing(file_store: FileStore, clock: Clock, tmp_path: Path) -> None:
    run_canary(file_store, clock=clock)
    clock.move(timedelta(hours=1))
    run_canary(file_store, clock=clock)
    assert len(list(file_store.keys("canary/"))) == 1
    assert len([path for path in (tmp_path / "archive" / "retention").rglob("*") if path.is_file()]) == 1


def test_a_store_that_is_away_is_a_dead_canary(moto_endpoint: S3Endpoint, clock: Clock) -> None:
    from archive.s3 import connect
    from scripts.services.processes import free_ports

    client = connect(f"127.0.0.1:{free_ports(1)[0]}", access_key="a", secret_key="b", secure=False, seconds=1)
    report = run_canary(S3Store(client, "nowhere", clock), clock=clock)
    assert not report.ok
    assert report.attempts[0][0] == "put"


class BusyStore(FileStore):
    """Unavailable `busy` times in a row before each answer, as a store under load is."""

    def __init__(self, root: Path, clock: Clock, *, busy: int) -> None:
        super().__init__(root, clock)
        self._busy = busy
        self._waits = busy

    def _stutter(self) -> None:
        if self._waits:
            self._waits -= 1
            raise StoreUnavailable("busy")
        self._waits = self._busy

    def put(self, key: str, content: bytes, *, retain_until: datetime) -> Stored:
        self._stutter()
        return super().put(key, content, retain_until=retain_until)

    def get(self, key: str) -> bytes:
        self._stutter()
        return super().get(key)

    def stat(self, key: str) -> Stat | None:
        self._stutter()
        return super().stat(key)

    def delete(self, key: str) -> None:
        self._stutter()
        super().delete(key)


def test_a_busy_store_is_asked_again(tmp_path: Path, clock: Clock) -> None:
    store = BusyStore(tmp_path / "archive", clock, busy=TRIES - 1)
    report = run_canary(store, clock=clock)
    assert report.ok, report.attempts


def test_a_store_that_stays_busy_has_refused_nothing(tmp_path: Path, clock: Clock) -> None:
    sound = FileStore(tmp_path / "archive", clock)

    class Silent(FileStore):
        def delete(self, key: str) -> None:
            raise StoreUnavailable(key)

    assert failed(sound, clock) == set()
    assert failed(Silent(tmp_path / "archive", clock), clock) == {"delete"}


def test_a_store_so_slow_that_the_term_runs_out_is_given_a_longer_one(tmp_path: Path, clock: Clock) -> None:
    class Slow(FileStore):
        """Every look takes half a term."""

        def get(self, key: str) -> bytes:
            clock.move(TERM / 2)
            return super().get(key)

    store = Slow(tmp_path / "archive", clock)
    report = run_canary(store, clock=clock)
    assert report.ok, report.attempts
    assert len(report.attempts) >= 4
