"""Built exports in the bucket of working documents, under `exports/`."""

from pathlib import Path
from typing import BinaryIO, Final, cast

import minio
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from edo_service.adapters.objects_s3 import EXPORTS
from edo_service.errors import NotFound, Unavailable

_ABSENT: Final = frozenset({"NoSuchKey", "NoSuchObject", "ResourceNotFound"})


class S3Shelf:
    """archiving.shelf.ExportShelf over S3 through the minio SDK; large files go up in pieces."""

    def __init__(self, client: minio.Minio, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, name: str, path: Path) -> None:
        """Send the file. Unavailable."""
        try:
            self._client.fput_object(self._bucket, _key(name), str(path))
        except (MinioException, HTTPError, OSError) as error:
            raise Unavailable("objects.not_kept", reason=type(error).__name__) from error

    def open(self, name: str) -> BinaryIO:
        """The answer's body as a stream. NotFound, Unavailable."""
        try:
            return cast("BinaryIO", self._client.get_object(self._bucket, _key(name)))
        except S3Error as error:
            if error.code in _ABSENT:
                raise NotFound("archive.export_absent") from error
            raise Unavailable("objects.unreadable", reason=error.code) from error
        except (MinioException, HTTPError, OSError) as error:
            raise Unavailable("objects.unreadable", reason=type(error).__name__) from error

    def remove(self, name: str) -> None:
        """Remove the object; S3 says nothing of an absent one. Unavailable."""
        try:
            self._client.remove_object(self._bucket, _key(name))
        except (MinioException, HTTPError, OSError) as error:
            raise Unavailable("objects.not_kept", reason=type(error).__name__) from error


def _key(name: str) -> str:
    return f"{EXPORTS}/{name}"
