"""Back doors of an S3 bucket: requests past the store, which a lock in force refuses. For the canary, and for deleting."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

import minio
from minio.commonconfig import COMPLIANCE, GOVERNANCE
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from minio.retention import Retention

from archive._internal.s3_answers import translated
from archive.errors import NotStored, RetentionRefused
from archive.store import Attempt, Clock, Stat

# What servers answer to a request that a lock forbids; the canary looks at the object afterwards, so a wrong word here
# cannot make an unprotected store pass.
_REFUSED = {"AccessDenied", "ObjectLocked", "InvalidRequest", "InvalidArgument", "InvalidRetentionPeriod"}


class BackDoors:
    """versions: ids of an object's versions; require: its state, NotStored when it is gone."""

    def __init__(
        self,
        client: minio.Minio,
        bucket: str,
        clock: Clock,
        *,
        versions: Callable[[str], Iterator[str]],
        require: Callable[[str], Stat],
    ) -> None:
        self._client, self._bucket, self._clock = client, bucket, clock
        self._versions, self._require = versions, require

    def all(self) -> Sequence[Attempt]:
        """Every door there is."""
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

    def _raw(self, key: str, act: Callable[[str], object]) -> None:
        with translated(key):
            versions = list(self._versions(key))
            if not versions:
                raise NotStored(key)
            for version in versions:
                refusable(key, partial(act, version))

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


def refusable(key: str, act: Callable[[], object]) -> None:
    """Send a request; what the lock refuses becomes RetentionRefused."""
    try:
        act()
    except S3Error as error:
        if error.code in _REFUSED:
            raise RetentionRefused(key, f"the server refused: {error.code}") from error
        raise
