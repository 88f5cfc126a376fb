"""A WORM store in an S3 bucket with Object Lock in compliance mode, through the minio SDK.

What was measured of S3 servers, and what this class does about it:
- Lock headers are ignored on multipart uploads by some servers, and the SDK turns to multipart by itself above a size:
  every put is one single request, and a HEAD afterwards proves that compliance retention is in force (else NotWorm).
- `If-None-Match` is ignored in versioned buckets: put-once comes from the key (the content's own hash) and a HEAD
  before the put. Two writers racing leave two equal, equally protected versions.
- Retention dates may carry nine fraction digits, which the SDK cannot parse: they are read from the HEAD's headers.
- A lock protects versions, not names: anyone who may write can hide an object behind a delete marker or a newer
  version. Reading looks at older versions then; a scrub reports it.
- Whoever administers the server stands above the lock.
"""

import contextlib
import io
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import minio
import urllib3
from minio.commonconfig import COMPLIANCE, GOVERNANCE
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error
from minio.retention import Retention

from archive.errors import Damaged, NotStored, NotWorm, RetentionRefused, StoreUnavailable
from archive.store import (
    Attempt,
    CheckedStream,
    Clock,
    Finding,
    Stat,
    Stored,
    check_content,
    check_moment,
    split_key,
)

if TYPE_CHECKING:
    from minio.datatypes import Object

_LARGEST_PUT = 5 * 1024**3
_SMALLEST_PART = 5 * 1024**2
_ABSENT = {"NoSuchKey", "NoSuchObject", "NoSuchVersion", "MethodNotAllowed", "ResourceNotFound"}
# What servers answer to a request that a lock forbids; the canary looks at the object afterwards, so a wrong word here
# cannot make an unprotected store pass.
_REFUSED = {"AccessDenied", "ObjectLocked", "InvalidRequest", "InvalidArgument", "InvalidRetentionPeriod"}
_FRACTION = re.compile(r"\.(\d{1,6})\d*")


def connect(
    endpoint: str,
    *,
    access_key: str,
    secret_key: str,
    secure: bool = True,
    region: str = "us-east-1",
    seconds: float = 15,
) -> minio.Minio:
    """A client with bounded waiting: host:port, keys; each try takes at most `seconds`, three tries."""
    retry = urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504])
    pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=5, read=seconds), retries=retry, maxsize=16)
    return minio.Minio(
        endpoint, access_key=access_key, secret_key=secret_key, secure=secure, region=region, http_client=pool
    )


class S3Store:
    """The store of the full profile. The bucket must have been made with Object Lock (ensure_bucket does)."""

    def __init__(self, client: minio.Minio, bucket: str, clock: Clock) -> None:
        self._client = client
        self._bucket = bucket
        self._clock = clock

    def ensure_bucket(self) -> None:
        """Make the bucket with Object Lock when it is absent; NotWorm when it is there without."""
        with _translated(f"bucket {self._bucket}"):
            if not self._client.bucket_exists(self._bucket):
                self._client.make_bucket(self._bucket, object_lock=True)
            try:
                self._client.get_object_lock_config(self._bucket)
            except S3Error as error:
                raise NotWorm(f"bucket {self._bucket} has no Object Lock ({error.code})") from error

    def put(self, key: str, content: bytes, *, retain_until: datetime) -> Stored:
        """Keep content once; see Store.put."""
        digest = check_content(key, content)
        check_moment(retain_until, "retain_until")
        if len(content) > _LARGEST_PUT:
            raise StoreUnavailable(f"{key}: larger than one S3 request may carry")
        with _translated(f"put {key}"):
            known = self._head(key)
            if known is None:
                self._create(key, content, retain_until)
                retain_until = self._level(key, retain_until)
            elif known.size != len(content):
                raise Damaged(key, "something else lies under its name")
            stat = self._require(key)
            if _before(stat.retain_until, retain_until):
                self._lengthen(key, retain_until)
                stat = self._require(key)
        if stat.retain_until is None or stat.retain_until < retain_until:
            raise NotWorm(f"{key}: the server did not put compliance retention in force")
        return Stored(key=key, sha256=digest, size=len(content), retain_until=stat.retain_until, created=known is None)

    def get(self, key: str) -> bytes:
        """The whole content, checked; when the newest version is not it, the older ones are looked at."""
        try:
            with self._stream(key, None) as stream:
                return stream.read()
        except (NotStored, Damaged):
            for version in self._versions(key):
                with contextlib.suppress(NotStored, Damaged), self._stream(key, version) as stream:
                    return stream.read()
            raise

    def open(self, key: str) -> BinaryIO:
        """A checked stream of the newest version, or of the one below a delete marker; see Store.open."""
        try:
            return self._stream(key, None)
        except NotStored:
            version = next(self._versions(key), None)
            if version is None:
                raise
            return self._stream(key, version)

    def stat(self, key: str) -> Stat | None:
        """Size, retention and hold from one HEAD; see Store.stat."""
        split_key(key)
        with _translated(f"stat {key}"):
            found = self._head(key)
            if found is None:
                version = next(self._versions(key), None)
                found = None if version is None else self._head(key, version)
            return None if found is None else _stat(key, found)

    def extend(self, key: str, retain_until: datetime) -> None:
        """Move the end of retention forward; see Store.extend."""
        check_moment(retain_until, "retain_until")
        with _translated(f"extend {key}"):
            stat = self._require(key)
            if _before(stat.retain_until, retain_until):
                self._lengthen(key, retain_until)
            elif stat.retain_until != _whole_second(retain_until):
                raise RetentionRefused(key, f"retention until {stat.retain_until} cannot be shortened")

    def set_hold(self, key: str, on: bool) -> None:  # noqa: FBT001 - the port's published shape
        """Put a legal hold on every version, or take it off; see Store.set_hold."""
        with _translated(f"hold {key}"):
            self._require(key)
            change = self._client.enable_object_legal_hold if on else self._client.disable_object_legal_hold
            for version in self._versions(key):
                change(self._bucket, key, version_id=version)

    def keys(self, prefix: str = "") -> Iterator[str]:
        """All keys that begin with a prefix, hidden ones included."""
        last = None
        for entry in self._list(prefix):
            if entry.object_name != last and not entry.is_delete_marker:
                last = entry.object_name
                yield str(last)

    def delete(self, key: str) -> None:
        """Delete every version after the term; see Store.delete."""
        with _translated(f"delete {key}"):
            stat = self._require(key)
            if stat.hold:
                raise RetentionRefused(key, "a hold is on")
            if stat.retain_until is None or self._clock.now() < stat.retain_until:
                raise RetentionRefused(key, f"retention runs until {stat.retain_until}")
            for version in [entry.version_id for entry in self._list(key) if entry.object_name == key]:
                self._refusable(key, partial(self._remove, key, version))

    def inspect(self, key: str) -> Sequence[Finding]:
        """Whether the newest version is the object itself and its retention is in force."""
        with _translated(f"inspect {key}"):
            found = self._head(key)
        if found is None:
            return (Finding(kind="hidden", key=key, detail="a delete marker hides it"),)
        if _stat(key, found).retain_until is None:
            return (Finding(kind="retention_shortened", key=key, detail="no compliance retention is in force"),)
        return ()

    def strays(self) -> Iterator[Finding]:
        """Objects in the bucket whose names are no keys."""
        for entry in self._list(""):
            name = str(entry.object_name)
            if not _is_key(name):
                yield Finding(kind="stray", key=name, detail="no part has such a name")

    def attempts(self) -> Sequence[Attempt]:
        """The requests an S3 user with all rights could send past this class."""
        second = timedelta(seconds=1)
        return (
            Attempt(name="delete version", act=lambda key: self._raw(key, lambda v: self._remove(key, v))),
            Attempt(name="delete version with bypass", act=lambda key: self._raw(key, lambda v: self._bypass(key, v))),
            Attempt(
                name="shorten retention",
                act=lambda key: self._raw(key, lambda v: self._retain(key, v, COMPLIANCE, self._halfway(key))),
            ),
            Attempt(
                name="retention into the past",
                act=lambda key: self._raw(key, lambda v: self._retain(key, v, COMPLIANCE, self._clock.now() - second)),
            ),
            Attempt(name="delete version again", act=lambda key: self._raw(key, lambda v: self._remove(key, v))),
            Attempt(
                name="weaken to governance",
                act=lambda key: self._raw(key, lambda v: self._retain(key, v, GOVERNANCE, self._later(key))),
            ),
        )

    def _create(self, key: str, content: bytes, retain_until: datetime) -> None:
        """One PUT with the lock in its headers, and a HEAD of that very version to see that the lock is there."""
        result = self._client.put_object(
            self._bucket,
            key,
            io.BytesIO(content),
            len(content),
            # S3 wants a checksum on a put with retention; the SDK sends one over HTTPS only. Some servers ignore it.
            metadata={
                "x-amz-sdk-checksum-algorithm": "SHA256",
                "x-amz-checksum-sha256": b64encode(bytes.fromhex(split_key(key)[1])).decode(),
            },
            part_size=max(len(content), _SMALLEST_PART),
            retention=Retention(COMPLIANCE, _whole_second(retain_until)),
        )
        found = self._head(key, result.version_id)
        until = None if found is None else _stat(key, found).retain_until
        if _before(until, retain_until):
            raise NotWorm(f"{key}: the server did not put compliance retention in force")

    def _level(self, key: str, retain_until: datetime) -> datetime:
        """The longest retention of all versions: a racing put of the same content may have asked for more."""
        ends = [retain_until]
        versions = list(self._versions(key))
        for version in versions if len(versions) > 1 else ():
            found = self._head(key, version)
            until = None if found is None else _stat(key, found).retain_until
            ends += [] if until is None else [until]
        return max(ends)

    def _lengthen(self, key: str, retain_until: datetime) -> None:
        """Bring every version's retention forward to a moment; longer ones stay."""
        until = _whole_second(retain_until)
        for version in self._versions(key):
            found = self._head(key, version)
            if found is None or not _before(_stat(key, found).retain_until, until):
                continue
            try:
                self._client.set_object_retention(self._bucket, key, Retention(COMPLIANCE, until), version_id=version)
            except S3Error:
                again = self._head(key, version)
                if again is None or _before(_stat(key, again).retain_until, until):
                    raise  # nobody else brought it further meanwhile

    def _raw(self, key: str, act: Callable[[str], object]) -> None:
        with _translated(key):
            versions = list(self._versions(key))
            if not versions:
                raise NotStored(key)
            for version in versions:
                self._refusable(key, partial(act, version))

    def _refusable(self, key: str, act: Callable[[], object]) -> None:
        try:
            act()
        except S3Error as error:
            if error.code in _REFUSED:
                raise RetentionRefused(key, f"the server refused: {error.code}") from error
            raise

    def _remove(self, key: str, version: str | None) -> None:
        self._client.remove_object(self._bucket, key, version_id=version)

    def _bypass(self, key: str, version: str) -> None:
        target = [DeleteObject(key, version_id=version)]
        errors = list(self._client.remove_objects(self._bucket, target, bypass_governance_mode=True))
        if errors:
            raise RetentionRefused(key, f"the server refused: {errors[0].code}")

    def _retain(self, key: str, version: str, mode: str, until: datetime) -> None:
        self._client.set_object_retention(self._bucket, key, Retention(mode, until), version_id=version)

    def _halfway(self, key: str) -> datetime:
        now = self._clock.now()
        return now + ((self._require(key).retain_until or now) - now) / 2

    def _later(self, key: str) -> datetime:
        return (self._require(key).retain_until or self._clock.now()) + timedelta(minutes=1)

    def _require(self, key: str) -> Stat:
        stat = self.stat(key)
        if stat is None:
            raise NotStored(key)
        return stat

    def _head(self, key: str, version: str | None = None) -> "Object | None":
        try:
            return self._client.stat_object(self._bucket, key, version_id=version)
        except S3Error as error:
            if error.code in _ABSENT:
                return None
            raise

    def _list(self, prefix: str) -> "Iterator[Object]":
        with _translated(f"list {prefix}"):
            yield from self._client.list_objects(self._bucket, prefix=prefix, recursive=True, include_version=True)

    def _versions(self, key: str) -> Iterator[str]:
        """Version ids of an object, newest first, delete markers left out."""
        for entry in self._list(key):
            if entry.object_name == key and not entry.is_delete_marker:
                yield str(entry.version_id)

    def _stream(self, key: str, version: str | None) -> BinaryIO:
        split_key(key)
        with _translated(f"read {key}"):
            try:
                response = self._client.get_object(self._bucket, key, version_id=version)
            except S3Error as error:
                if error.code in _ABSENT:
                    raise NotStored(key) from error
                raise

        def close() -> None:
            response.close()
            response.release_conn()

        return cast("BinaryIO", CheckedStream(cast("BinaryIO", _Reading(response, key)), key=key, close=close))


class _Reading(io.RawIOBase):
    """The body of an answer, with the archive's errors."""

    def __init__(self, response: Any, key: str) -> None:
        super().__init__()
        self._response = response
        self._key = key

    def read(self, size: int = -1) -> bytes:
        with _translated(f"read {self._key}"):
            chunk: bytes = self._response.read() if size < 0 else self._response.read(size)
            return chunk


@contextlib.contextmanager
def _translated(what: str) -> Iterator[None]:
    """Turn the SDK's and urllib3's errors into StoreUnavailable; they never leave the package."""
    try:
        yield
    except S3Error as error:
        raise StoreUnavailable(f"{what}: the server answered {error.code}") from error
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise StoreUnavailable(f"{what}: {type(error).__name__}") from error


def _stat(key: str, found: "Object") -> Stat:
    headers = {name.lower(): value for name, value in (found.metadata or {}).items()}
    enforced = headers.get("x-amz-object-lock-mode", "").upper() == COMPLIANCE
    until = headers.get("x-amz-object-lock-retain-until-date")
    return Stat(
        key=key,
        size=int(found.size or 0),
        retain_until=_moment(until) if enforced and until else None,
        hold=headers.get("x-amz-object-lock-legal-hold", "").upper() == "ON",
    )


def _moment(text: str) -> datetime:
    """An S3 date with up to nine fraction digits."""
    return datetime.fromisoformat(_FRACTION.sub(lambda found: f".{found[1]:0<6}", text)).astimezone(UTC)


def _whole_second(moment: datetime) -> datetime:
    whole = moment.astimezone(UTC).replace(microsecond=0)
    return whole if whole == moment else whole + timedelta(seconds=1)


def _before(known: datetime | None, wanted: datetime) -> bool:
    return known is None or known < wanted


def _is_key(name: str) -> bool:
    from archive.errors import BadKey

    try:
        split_key(name)
    except BadKey:
        return False
    return True
