"""What an S3 server answers, in the archive's words; the SDK's errors end here."""

import contextlib
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import urllib3
from minio.commonconfig import COMPLIANCE
from minio.error import MinioException, S3Error

from archive.errors import BadKey, StoreUnavailable
from archive.store import Stat, split_key

if TYPE_CHECKING:
    from minio.datatypes import Object

ABSENT = {"NoSuchKey", "NoSuchObject", "NoSuchVersion", "MethodNotAllowed", "ResourceNotFound"}
_FRACTION = re.compile(r"\.(\d{1,6})\d*")


class Reading(io.RawIOBase):
    """The body of an answer, with the archive's errors."""

    def __init__(self, response: Any, key: str) -> None:
        super().__init__()
        self._response = response
        self._key = key

    def read(self, size: int = -1) -> bytes:
        """Up to size bytes, all with -1. StoreUnavailable."""
        with translated(f"read {self._key}"):
            chunk: bytes = self._response.read() if size < 0 else self._response.read(size)
            return chunk


@contextlib.contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn the SDK's and urllib3's errors into StoreUnavailable; they never leave the package."""
    try:
        yield
    except S3Error as error:
        raise StoreUnavailable(f"{what}: the server answered {error.code}") from error
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise StoreUnavailable(f"{what}: {type(error).__name__}") from error


def headers_of(found: "Object") -> dict[str, str]:
    """Headers of a HEAD's answer, names in lower case."""
    return {name.lower(): value for name, value in (found.metadata or {}).items()}


def stat_of(key: str, found: "Object") -> Stat:
    """What a HEAD's answer says of an object; retention counts only when it is compliance."""
    headers = headers_of(found)
    enforced = headers.get("x-amz-object-lock-mode", "").upper() == COMPLIANCE
    until = headers.get("x-amz-object-lock-retain-until-date")
    return Stat(
        key=key,
        size=int(found.size or 0),
        retain_until=moment_of(until) if enforced and until else None,
        hold=headers.get("x-amz-object-lock-legal-hold", "").upper() == "ON",
    )


def moment_of(text: str) -> datetime:
    """An S3 date with up to nine fraction digits."""
    return datetime.fromisoformat(_FRACTION.sub(lambda found: f".{found[1]:0<6}", text)).astimezone(UTC)


def whole_second(moment: datetime) -> datetime:
    """The moment, or the next whole second: what S3 can keep."""
    whole = moment.astimezone(UTC).replace(microsecond=0)
    return whole if whole == moment else whole + timedelta(seconds=1)


def before(known: datetime | None, wanted: datetime) -> bool:
    """Whether a retention ends before a moment; none does."""
    return known is None or known < wanted


def is_key(name: str) -> bool:
    """Whether an object's name is a key of ours."""
    try:
        split_key(name)
    except BadKey:
        return False
    return True
