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
from base64 import b64encode
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, cast

import minio
import urllib3
from minio.commonconfig import COMPLIANCE
from minio.error import S3Error
from minio.retention import Retention

from archive._internal.s3_answers import (
    ABSENT,
    Reading,
    before,
    headers_of,
    is_key,
    stat_of,
    translated,
    whole_second,
)
from archive._internal.s3_doors import BackDoors, refusable
from archive.errors import Damaged, NotStored, NotWorm, RetentionRefused, StoreUnavailable
from archive.store import (
    CHUNK,
    Attempt,
    CheckedStream,
    Clock,
    Copy,
    Examined,
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
_TOGETHER = 8
_RACING = 20


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
    """The store of the full profile. The bucket must have been made with Object Lock (ensure_bucket does).

    kms_key: the server encrypts every object under its key of this name (SSE-KMS); a server that ignores the wish is
    found out at the first put. SSE-S3 is not offered: some servers ignore it and say nothing.
    """

    def __init__(self, client: minio.Minio, bucket: str, clock: Clock, *, kms_key: str | None = None) -> None:
        self._client = client
        self._bucket = bucket
        self._clock = clock
        self._kms_key = kms_key

    def ensure_bucket(self) -> None:
        """Make the bucket with Object Lock when it is absent; NotWorm when it is there without."""
        with translated(f"bucket {self._bucket}"):
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
        with translated(f"put {key}"):
            known = self._head(key)
            if known is None:
                self._create(key, content, retain_until)
                retain_until = self._level(key, retain_until)
            elif known.size != len(content):
                raise Damaged(key, "something else lies under its name")
            stat = self._require(key)
            for _ in range(_RACING):
                if not before(stat.retain_until, retain_until):
                    break
                self._lengthen(key, retain_until)
                stat = self._require(key)  # of another, shorter version, when somebody put the same a moment ago
        if stat.retain_until is None or stat.retain_until < retain_until:
            raise NotWorm(f"{key}: the server did not put compliance retention in force")
        return Stored(key=key, sha256=digest, size=len(content), retain_until=stat.retain_until, created=known is None)

    def put_all(self, items: Sequence[tuple[str, bytes]], *, retain_until: datetime) -> tuple[Stored, ...]:
        """Keep several contents, some requests at a time; see Store.put_all."""
        with ThreadPoolExecutor(_TOGETHER) as requests:
            puts = [
                requests.submit(self.put, key, content, retain_until=retain_until)
                for key, content in dict(items).items()
            ]
            kept = {stored.key: stored for stored in [put.result() for put in puts]}
        first = {key: number for number, (key, _content) in reversed(list(enumerate(items)))}
        return tuple(
            replace(kept[key], created=kept[key].created and first[key] == number)
            for number, (key, _content) in enumerate(items)
        )

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
        with translated(f"stat {key}"):
            found = self._head(key)
            if found is None:
                version = next(self._versions(key), None)
                found = None if version is None else self._head(key, version)
            return None if found is None else stat_of(key, found)

    def extend(self, key: str, retain_until: datetime) -> None:
        """Move the end of retention forward; see Store.extend."""
        check_moment(retain_until, "retain_until")
        with translated(f"extend {key}"):
            stat = self._require(key)
            if before(stat.retain_until, retain_until):
                self._lengthen(key, retain_until)
            elif stat.retain_until != whole_second(retain_until):
                raise RetentionRefused(key, f"retention until {stat.retain_until} cannot be shortened")

    def set_hold(self, key: str, on: bool) -> None:  # noqa: FBT001 - the port's published shape
        """Put a legal hold on every version, or take it off; see Store.set_hold."""
        with translated(f"hold {key}"):
            self._require(key)
            change = self._client.enable_object_legal_hold if on else self._client.disable_object_legal_hold
            for version in self._versions(key):
                change(self._bucket, key, version_id=version)

    def keys(self, prefix: str = "") -> Iterator[str]:
        """All keys that begin with a prefix, ascending, hidden ones included."""
        last = None
        for entry in self._list(prefix):
            if entry.object_name != last and not entry.is_delete_marker:
                last = entry.object_name
                yield str(last)

    def delete(self, key: str) -> None:
        """Delete every version after the term; see Store.delete."""
        with translated(f"delete {key}"):
            stat = self._require(key)
            if stat.hold:
                raise RetentionRefused(key, "a hold is on")
            if stat.retain_until is None or self._clock.now() < stat.retain_until:
                raise RetentionRefused(key, f"retention runs until {stat.retain_until}")
            for version in [entry.version_id for entry in self._list(key) if entry.object_name == key]:
                refusable(key, partial(self._client.remove_object, self._bucket, key, version_id=version))

    def walk(self, after: str = "") -> Iterator[str | Finding]:
        """Keys, hidden ones included, and objects whose names are no keys; see Store.walk."""
        last = None
        for entry in self._list("", after=after):
            name = str(entry.object_name)
            if name == last or name <= after:
                continue
            last = name
            if not is_key(name):
                yield Finding(kind="stray", key=name, detail="no part has such a name")
            elif not entry.is_delete_marker or any(self._versions(name)):
                yield name

    def examine(self, key: str) -> Examined:
        """The newest version to its end, and whether its retention is in force; see Store.examine."""
        with translated(f"examine {key}"):
            found = self._head(key)
            hidden = found is None
            version = next(self._versions(key), None) if hidden else None
            if hidden and version is None:
                return Examined(size=0, stat=None)
            found = found or self._head(key, version)
        stat = None if found is None else stat_of(key, found)
        findings = []
        if hidden:
            findings.append(Finding(kind="hidden", key=key, detail="a delete marker hides it"))
        elif stat is None or stat.retain_until is None:
            detail = "no compliance retention is in force"
            findings.append(Finding(kind="retention_shortened", key=key, detail=detail))
        if not hidden and found is not None and not self._is_encrypted(found):
            findings.append(Finding(kind="mode_changed", key=key, detail="it is not encrypted as was asked"))
        size, damage = self._read(key, version)
        if damage is not None:
            findings.append(damage)
        return Examined(size=size, stat=stat, findings=tuple(findings))

    def mend(self, key: str, content: bytes, *, retain_until: datetime, hold: bool = False) -> None:
        """A new version above what is damaged or hidden, under at least the same retention; see Store.mend."""
        check_content(key, content)
        check_moment(retain_until, "retain_until")
        with translated(f"mend {key}"):
            found = self._head(key)
            until = max(retain_until, self._clock.now() + timedelta(minutes=1))
            if found is None or self._read(key, None)[1] is not None or stat_of(key, found).retain_until is None:
                self._create(key, content, until)
                until = self._level(key, until)
            if self._clock.now() < retain_until:
                self._lengthen(key, until)
            if hold:
                self.set_hold(key, True)

    def copies(self) -> Sequence[Copy]:
        """Itself."""
        return (Copy(name="", store=self),)

    def attempts(self) -> Sequence[Attempt]:
        """The requests an S3 user with all rights could send past this class."""
        return BackDoors(self._client, self._bucket, self._clock, versions=self._versions, require=self._require).all()

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
                **self._encryption(),
            },
            part_size=max(len(content), _SMALLEST_PART),
            retention=Retention(COMPLIANCE, whole_second(retain_until)),
        )
        found = self._head(key, result.version_id)
        until = None if found is None else stat_of(key, found).retain_until
        if before(until, retain_until):
            raise NotWorm(f"{key}: the server did not put compliance retention in force")
        if found is not None and not self._is_encrypted(found):
            raise NotWorm(f"{key}: the server did not encrypt it under the key {self._kms_key}")

    def _encryption(self) -> dict[str, str]:
        """Headers that ask for encryption; the SDK's own way refuses plain HTTP, which a gateway beside us may speak."""
        if self._kms_key is None:
            return {}
        return {
            "x-amz-server-side-encryption": "aws:kms",
            "x-amz-server-side-encryption-aws-kms-key-id": self._kms_key,
        }

    def _level(self, key: str, retain_until: datetime) -> datetime:
        """The longest retention of all versions: a racing put of the same content may have asked for more."""
        ends = [retain_until]
        versions = list(self._versions(key))
        for version in versions if len(versions) > 1 else ():
            found = self._head(key, version)
            until = None if found is None else stat_of(key, found).retain_until
            ends += [] if until is None else [until]
        return max(ends)

    def _lengthen(self, key: str, retain_until: datetime) -> None:
        """Bring every version's retention forward to a moment; longer ones stay."""
        until = whole_second(retain_until)
        for version in self._versions(key):
            found = self._head(key, version)
            if found is None or not before(stat_of(key, found).retain_until, until):
                continue
            try:
                self._client.set_object_retention(self._bucket, key, Retention(COMPLIANCE, until), version_id=version)
            except S3Error:
                again = self._head(key, version)
                if again is None or before(stat_of(key, again).retain_until, until):
                    raise  # nobody else brought it further meanwhile

    def _require(self, key: str) -> Stat:
        stat = self.stat(key)
        if stat is None:
            raise NotStored(key)
        return stat

    def _head(self, key: str, version: str | None = None) -> "Object | None":
        try:
            return self._client.stat_object(self._bucket, key, version_id=version)
        except S3Error as error:
            if error.code in ABSENT:
                return None
            raise

    def _list(self, prefix: str, *, after: str = "") -> "Iterator[Object]":
        with translated(f"list {prefix}"):
            yield from self._client.list_objects(
                self._bucket, prefix=prefix, recursive=True, include_version=True, start_after=after or None
            )

    def _versions(self, key: str) -> Iterator[str]:
        """Version ids of an object, newest first, delete markers left out."""
        for entry in self._list(key):
            if entry.object_name == key and not entry.is_delete_marker:
                yield str(entry.version_id)

    def _read(self, key: str, version: str | None) -> tuple[int, Finding | None]:
        """Bytes read of one version, and what is wrong with its content."""
        size = 0
        try:
            with self._stream(key, version) as stream:
                while chunk := stream.read(CHUNK):
                    size += len(chunk)
        except Damaged as error:
            return size, Finding(kind="corrupt", key=key, detail=error.what)
        except (NotStored, StoreUnavailable) as error:
            return size, Finding(kind="unreadable", key=key, detail=str(error))
        return size, None

    def _is_encrypted(self, found: "Object") -> bool:
        """Whether the server encrypted it under the key that was asked for; always, when none was."""
        if self._kms_key is None:
            return True
        return headers_of(found).get("x-amz-server-side-encryption") == "aws:kms"

    def _stream(self, key: str, version: str | None) -> BinaryIO:
        split_key(key)
        with translated(f"read {key}"):
            try:
                response = self._client.get_object(self._bucket, key, version_id=version)
            except S3Error as error:
                if error.code in ABSENT:
                    raise NotStored(key) from error
                raise

        def close() -> None:
            response.close()
            response.release_conn()

        return cast("BinaryIO", CheckedStream(cast("BinaryIO", Reading(response, key)), key=key, close=close))
