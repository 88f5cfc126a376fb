"""Working documents in an S3 bucket: `<owner>/<sha256>`, content-addressed, without Object Lock."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import minio
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from edo_service.errors import NotFound, Unavailable
from edo_service.kernel.clock import Clock
from edo_service.kernel.objects import IDLE

_ABSENT: Final = frozenset({"NoSuchKey", "NoSuchObject", "ResourceNotFound"})
_LARGEST: Final = 5 * 1024**3
EXPORTS: Final = "exports"
"""What stands before the names of built exports, which share the bucket."""
_RENEWED: Final = timedelta(hours=1)
"""A put of what is there and older than this is carried out again: the object's time is its last put, by the server."""


class S3Objects:
    """kernel.objects.ObjectStore over S3 through the minio SDK; a put is one request, checked by the server's MD5.

    S3 knows no lock: between a deletion's question for the object's time and the deletion itself lie milliseconds in which
    a put of what nobody has put for a day would be lost (ADR 0012).
    """

    def __init__(self, client: minio.Minio, bucket: str, clock: Clock) -> None:
        self._client = client
        self._bucket = bucket
        self._clock = clock

    def ensure_bucket(self) -> None:
        """Make the bucket when it is absent. Unavailable."""
        try:
            if not self._client.bucket_exists(self._bucket):
                self._client.make_bucket(self._bucket)
        except S3Error as error:
            if error.code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                raise Unavailable("objects.not_kept", reason=error.code) from error
        except (MinioException, HTTPError) as error:
            raise Unavailable("objects.not_kept", reason=type(error).__name__) from error

    def put(self, content: bytes, owner: UUID) -> str:
        """Keep the content for the owner; its SHA-256. Unavailable when the store refuses or does not answer."""
        sha256 = hashlib.sha256(content).hexdigest()
        name = _name(owner, sha256)
        try:
            known = self._stat(name)
            fresh = known is not None and known.last_modified > self._clock.now() - _RENEWED
            if known is None or known.size != len(content) or not fresh:
                self._client.put_object(self._bucket, name, io.BytesIO(content), len(content), part_size=_LARGEST)
        except (MinioException, HTTPError, OSError) as error:
            raise Unavailable("objects.not_kept", reason=type(error).__name__) from error
        return sha256

    def put_all(self, contents: Sequence[bytes], owner: UUID) -> tuple[str, ...]:
        """The same for several, one request after another."""
        return tuple(self.put(content, owner) for content in contents)

    def get(self, owner: UUID, sha256: str) -> bytes:
        """The owner's content, checked against its name. NotFound, or Unavailable when it is damaged or unreachable."""
        response = None
        try:
            response = self._client.get_object(self._bucket, _name(owner, sha256))
            content = bytes(response.read())
        except S3Error as error:
            if error.code in _ABSENT:
                raise NotFound("objects.absent", sha256=sha256) from error
            raise Unavailable("objects.unreadable", reason=error.code) from error
        except (MinioException, HTTPError, OSError) as error:
            raise Unavailable("objects.unreadable", reason=type(error).__name__) from error
        finally:
            if response is not None:
                response.close()
                response.release_conn()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Unavailable("objects.damaged", sha256=sha256)
        return content

    def delete(self, owner: UUID, sha256: str) -> bool:
        """Delete the owner's content, every version where the bucket has versions; see ObjectStore.delete."""
        name = _name(owner, sha256)
        try:
            found = [
                one
                for one in self._client.list_objects(self._bucket, prefix=name, include_version=True)
                if one.object_name == name
            ]
            if any(not one.is_delete_marker and one.last_modified > self._clock.now() - IDLE for one in found):
                return False
            for one in found:
                self._client.remove_object(self._bucket, name, version_id=one.version_id)
        except (MinioException, HTTPError, OSError) as error:
            raise Unavailable("objects.not_deleted", reason=type(error).__name__) from error
        return True

    def entries(self) -> Iterator[tuple[UUID, str]]:
        """Everything that is kept, by owner and hash."""
        try:
            for entry in self._client.list_objects(self._bucket, recursive=True):
                owner, _, sha256 = str(entry.object_name).partition("/")
                if owner == EXPORTS:
                    continue
                yield UUID(owner), sha256
        except (MinioException, HTTPError, OSError) as error:
            raise Unavailable("objects.unreadable", reason=type(error).__name__) from error

    def _stat(self, name: str) -> Any:
        try:
            return self._client.stat_object(self._bucket, name)
        except S3Error as error:
            if error.code in _ABSENT:
                return None
            raise


def _name(owner: UUID, sha256: str) -> str:
    if len(sha256) != 64 or not sha256.isalnum():
        raise NotFound("objects.absent", sha256=sha256)
    return f"{owner}/{sha256}"
