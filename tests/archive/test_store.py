"""One contract for all stores: put once, keep, extend forward only, refuse to delete, be walked, examined and mended."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import (
    BadKey,
    Expected,
    FileStore,
    MirrorStore,
    NotStored,
    NotWorm,
    Part,
    RetentionRefused,
    StoreUnavailable,
    deposit,
    key_of,
    run_canary,
    scrub,
)
from archive.s3 import S3Store
from archive.store import Store
from scripts.services.processes import wait_until
from tests.archive.conftest import Clock
from tests.services.plugin import S3Endpoint

DAY = timedelta(days=1)
_numbers = itertools.count()


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def some() -> tuple[str, bytes]:
    content = f"content {next(_numbers)}".encode()
    return key_of("e1", content), content


def test_what_is_put_can_be_read_and_is_kept_until_its_day(store: Store, clock: Clock) -> None:
    key, content = some()
    until = clock.now().replace(microsecond=0) + DAY
    stored = store.put(key, content, retain_until=until)
    assert (stored.created, stored.size, stored.retain_until, stored.key) == (True, len(content), until, key)
    assert store.get(key) == content
    with store.open(key) as stream:
        assert stream.read(3) + stream.read() == content
    stat = store.stat(key)
    assert stat is not None
    assert (stat.size, stat.retain_until, stat.hold) == (len(content), until, False)
    assert list(store.keys("e1/")) == [key]
    assert list(store.keys("e2/")) == []


def test_putting_again_writes_nothing_and_never_shortens(store: Store, clock: Clock) -> None:
    key, content = some()
    far = clock.now().replace(microsecond=0) + 5 * DAY
    store.put(key, content, retain_until=far)
    again = store.put(key, content, retain_until=far - 3 * DAY)
    assert (again.created, again.retain_until) == (False, far)
    longer = store.put(key, content, retain_until=far + DAY)
    assert (longer.created, longer.retain_until) == (False, far + DAY)


def test_content_that_is_not_what_the_key_says_is_refused(store: Store, clock: Clock) -> None:
    key, _content = some()
    with pytest.raises(BadKey):
        store.put(key, b"other", retain_until=clock.now() + DAY)
    assert store.stat(key) is None


@pytest.mark.parametrize(
    "key", ["", "e1", "e1/abc", "../e1/" + "0" * 64, "e1/" + "A" * 64, "e1/" + "0" * 64 + "\n", "/" + "0" * 64]
)
def test_only_keys_are_keys(file_store: Store, key: str) -> None:
    with pytest.raises(BadKey):
        file_store.get(key)


def test_what_was_never_put_is_not_there(store: Store, clock: Clock) -> None:
    key, _content = some()
    assert store.stat(key) is None
    for act in (store.get, store.open, store.delete, lambda key: store.extend(key, clock.now() + DAY)):
        with pytest.raises(NotStored):
            act(key)


def test_retention_moves_forward_only(store: Store, clock: Clock) -> None:
    key, content = some()
    until = clock.now().replace(microsecond=0) + DAY
    store.put(key, content, retain_until=until)
    store.extend(key, until)
    store.extend(key, until + DAY)
    with pytest.raises(RetentionRefused):
        store.extend(key, until)
    stat = store.stat(key)
    assert stat is not None
    assert stat.retain_until == until + DAY


def test_nothing_is_deleted_before_its_day(store: Store, clock: Clock) -> None:
    key, content = some()
    store.put(key, content, retain_until=clock.now() + DAY)
    with pytest.raises(RetentionRefused):
        store.delete(key)
    assert store.get(key) == content


def test_a_hold_is_seen_and_protects(store: Store, clock: Clock) -> None:
    key, content = some()
    store.put(key, content, retain_until=clock.now() + DAY)
    store.set_hold(key, True)
    stat = store.stat(key)
    assert stat is not None
    assert stat.hold
    with pytest.raises(RetentionRefused, match="hold"):
        store.delete(key)
    store.set_hold(key, False)
    stat = store.stat(key)
    assert stat is not None
    assert not stat.hold


def test_a_hold_outlives_the_term_in_files(file_store: Store, clock: Clock) -> None:
    key, content = some()
    file_store.put(key, content, retain_until=clock.now() + DAY)
    file_store.set_hold(key, True)
    clock.move(2 * DAY)
    with pytest.raises(RetentionRefused):
        file_store.delete(key)
    file_store.set_hold(key, False)
    file_store.delete(key)
    with pytest.raises(NotStored):
        file_store.get(key)


@pytest.mark.full
def test_the_s3_server_itself_holds_and_lets_go_after_the_term(s3_endpoint: S3Endpoint) -> None:
    """Past our own checks: under a hold the server refuses after the term too; without one it deletes."""
    from minio.error import S3Error

    clock = SystemClock()
    client, bucket = s3_endpoint.client(), s3_endpoint.bucket()
    store = S3Store(client, bucket, clock)
    key, content = some()
    # the server takes no term that is over when the request arrives: a slow machine needs its seconds
    until = store.put(key, content, retain_until=clock.now() + timedelta(seconds=4)).retain_until
    version = client.stat_object(bucket, key).version_id
    store.set_hold(key, True)
    wait_until(lambda: clock.now() > until, seconds=60, what="the end of the retention")
    with pytest.raises(S3Error, match="AccessDenied"):
        client.remove_object(bucket, key, version_id=version)
    with pytest.raises(RetentionRefused):
        store.delete(key)
    store.set_hold(key, False)
    client.remove_object(bucket, key)  # a delete marker on top does not hide it from us
    store.delete(key)
    assert store.stat(key) is None
    assert list(store.keys("")) == []


def test_after_deletion_the_same_content_may_come_again(file_store: Store, clock: Clock) -> None:
    key, content = some()
    file_store.put(key, content, retain_until=clock.now() + DAY)
    clock.move(2 * DAY)
    file_store.delete(key)
    stored = file_store.put(key, content, retain_until=clock.now() + DAY)
    assert stored.created
    with pytest.raises(RetentionRefused):
        file_store.delete(key)


def test_eight_writers_of_one_content_leave_one_object(store: Store, clock: Clock) -> None:
    key, content = some()
    until = clock.now() + DAY

    def put(number: int) -> datetime:
        return store.put(key, content, retain_until=until + number * DAY).retain_until

    with ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(put, range(8)))
    assert max(ends) >= until + 7 * DAY
    stat = store.stat(key)
    assert stat is not None
    assert stat.retain_until is not None
    assert stat.retain_until >= until + 7 * DAY
    assert store.get(key) == content
    assert list(store.keys("e1/")) == [key]


def test_a_deposit_can_be_repeated_and_shares_equal_content(store: Store, clock: Clock) -> None:
    content = f"deposit {next(_numbers)}".encode()
    parts = [
        Part(role="title", name="a", media_type="text/plain", content=content),
        Part(role="document", name="b", media_type="text/plain", content=content),
        Part(role="document", name="c", media_type="text/plain", content=b""),
    ]
    first = deposit(store, "e7", parts, retain_until=clock.now() + DAY)
    second = deposit(store, "e7", parts, retain_until=clock.now() + DAY)
    assert [item.created for item in first] == [True, False, True]
    assert [item.created for item in second] == [False] * 3
    assert sorted(store.keys("e7/")) == sorted({item.key for item in first})


def test_several_are_put_at_once_as_one_by_one(store: Store, clock: Clock) -> None:
    until = clock.now().replace(microsecond=0) + DAY
    known, content = some()
    store.put(known, content, retain_until=until + DAY)
    items = [(known, content), *(some() for _ in range(5)), (key_of("e9", b"other shelf"), b"other shelf")]
    items.append(items[2])
    first = store.put_all(items, retain_until=until)
    assert [one.key for one in first] == [key for key, _content in items]
    assert [one.created for one in first][:7] == [False, *[True] * 6]
    assert [one.retain_until for one in first][:2] == [until + DAY, until]
    again = store.put_all(items, retain_until=until + 2 * DAY)
    assert [one.created for one in again] == [False] * len(items)
    for key, content in items:
        assert store.get(key) == content
        stat = store.stat(key)
        assert stat is not None
        assert stat.retain_until == until + 2 * DAY
    assert scrub(store, None).sound
    with pytest.raises(BadKey):
        store.put_all([some(), (key_of("e1", b"right"), b"wrong")], retain_until=until)


def test_the_canary_lives(store: Store, clock: Clock) -> None:
    report = run_canary(store, clock=clock)
    assert [attempt for attempt in report.attempts if not attempt[1]] == []
    assert report.ok
    assert len(report.attempts) >= 4


def test_keys_are_walked_in_their_order_from_any_place(store: Store, clock: Clock) -> None:
    entities = ("e1", "e1-x", "E2", "e1_y")
    keys = sorted(
        store.put(key_of(entity, content), content, retain_until=clock.now() + DAY).key
        for entity in entities
        for content in (b"1", b"2", b"3")
    )
    assert list(store.keys("")) == list(store.walk()) == keys
    for place in (*keys, "", "e1", "zzz"):
        assert list(store.walk(place)) == [key for key in keys if key > place]
    assert list(store.keys("e1/")) == [key for key in keys if key.startswith("e1/")]


def test_an_object_is_examined_to_its_end(store: Store, clock: Clock) -> None:
    key, content = some()
    assert store.examine(key).stat is None
    store.put(key, content, retain_until=clock.now() + DAY)
    seen = store.examine(key)
    assert seen.findings == ()
    assert seen.size == len(content) * len(store.copies())
    assert seen.stat == store.stat(key)


def test_mending_what_is_sound_changes_nothing_but_a_shorter_promise(store: Store, clock: Clock) -> None:
    key, content = some()
    until = clock.now().replace(microsecond=0) + 2 * DAY
    store.put(key, content, retain_until=until)
    store.mend(key, content, retain_until=until - DAY)
    stat = store.stat(key)
    assert stat is not None
    assert (stat.retain_until, stat.hold) == (until, False)
    store.mend(key, content, retain_until=until + DAY, hold=True)
    store.mend(key, content, retain_until=until, hold=False)
    stat = store.stat(key)
    assert stat is not None
    assert (stat.retain_until, stat.hold) == (until + DAY, True)
    with pytest.raises(BadKey):
        store.mend(key, b"something else", retain_until=until)
    assert store.get(key) == content
    store.set_hold(key, False)


def test_an_object_that_is_gone_can_be_mended_from_its_content(store: Store, clock: Clock) -> None:
    key, content = some()
    store.mend(key, content, retain_until=clock.now() + DAY)
    assert store.get(key) == content
    with pytest.raises(RetentionRefused):
        store.delete(key)


@pytest.mark.full
def test_an_s3_server_that_has_the_key_encrypts_and_one_that_has_not_is_found_out(s3_endpoint: S3Endpoint) -> None:
    from scripts.services.rgw import KMS_KEY

    clock = SystemClock()
    client, bucket = s3_endpoint.client(), s3_endpoint.bucket()
    store = S3Store(client, bucket, clock, kms_key=KMS_KEY)
    key, content = some()
    store.put(key, content, retain_until=clock.now() + timedelta(minutes=1))
    headers = {name.lower(): value for name, value in client.stat_object(bucket, key).metadata.items()}
    assert headers["x-amz-server-side-encryption"] == "aws:kms"
    assert store.get(key) == content
    assert store.examine(key).findings == ()
    other, content = some()
    S3Store(client, bucket, clock).put(other, content, retain_until=clock.now() + timedelta(minutes=1))
    assert [one.detail for one in store.examine(other).findings] == ["it is not encrypted as was asked"]
    missing, content = some()
    with pytest.raises((NotWorm, StoreUnavailable)):
        S3Store(client, bucket, clock, kms_key="no-such-key").put(
            missing, content, retain_until=clock.now() + timedelta(minutes=1)
        )


@pytest.mark.full
def test_a_folder_and_a_server_mirror_each_other(s3_endpoint: S3Endpoint, tmp_path: Path) -> None:
    """Whole seconds there, microseconds here: equal promises stay equal, and a deletion needs both."""
    clock = SystemClock()
    bucket = s3_endpoint.bucket()
    files, s3 = FileStore(tmp_path / "archive", clock), S3Store(s3_endpoint.client(), bucket, clock)
    for store in (MirrorStore(files, s3, clock), MirrorStore(s3, files, clock)):
        key, content = some()
        until = clock.now() + DAY
        first = store.put(key, content, retain_until=until).retain_until
        assert store.put(key, content, retain_until=until).retain_until == first
        store.extend(key, until)
        store.extend(key, until + DAY)
        with pytest.raises(RetentionRefused):
            store.extend(key, until)
        with pytest.raises(RetentionRefused):
            store.delete(key)
        assert scrub(store, [Expected(key=key, retain_until=until + DAY)]).damage == ()
        for one in (files, s3):
            assert one.get(key) == content
    assert run_canary(store, clock=clock).ok
    s3_endpoint.client().remove_object(bucket, key)
    report = scrub(store, None)
    assert [(one.kind, one.key, bool(one.repaired)) for one in report.findings] == [("hidden", key, True)]
    assert scrub(store, None).sound
