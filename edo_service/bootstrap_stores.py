"""What bootstrap stands the services on: stores, the publisher, the sealing keys, and the small ports of other packages."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import archive
import signing
from edo_service.adapters.objects_files import FileObjects
from edo_service.errors import Unavailable
from edo_service.kernel.clock import Clock
from edo_service.kernel.jobs import Publish
from edo_service.kernel.objects import ObjectStore
from edo_service.settings import Settings

if TYPE_CHECKING:
    import minio


class Streebog:
    """The archive's port for ГОСТ Р 34.11-2012."""

    def streebog256(self, data: bytes) -> bytes:
        """32 octets."""
        return signing.digest("streebog256", data)


class NoTimestamper:
    """Stands where no TSA is configured: reading and checking work, signing says what is missing."""

    def timestamp(self, digest_algorithm: str, digest: bytes) -> bytes:
        """Always TimestampFailed."""
        del digest_algorithm, digest
        raise signing.TimestampFailed("no time-stamping authority is configured: set EDO_TSA_URLS")


def objects(settings: Settings, clock: Clock) -> ObjectStore:
    """Where working documents lie: a folder, or a bucket."""
    if settings.is_embedded:
        return FileObjects(settings.objects_dir, clock)
    from edo_service.adapters.objects_s3 import S3Objects

    objects = S3Objects(s3(settings), settings.s3_objects_bucket, clock)
    objects.ensure_bucket()
    return objects


def publisher(settings: Settings) -> Publish | None:
    """Who is told of new jobs; None when workers look for themselves."""
    if settings.is_embedded or settings.broker_url is None:
        return None
    from edo_service.adapters.celery_publisher import CeleryPublisher

    return CeleryPublisher(settings.broker_url.get_secret_value())


def store(settings: Settings, clock: Clock) -> archive.Store:
    """The archive's store, with its second one when there is one."""
    store: archive.Store
    if settings.is_embedded:
        store = archive.FileStore(settings.archive_dir, clock, immutable=settings.archive_immutable)
    else:
        store = _s3_store(s3(settings), settings.s3_archive_bucket, settings, clock)
    second = _second_store(settings, clock)
    return store if second is None else archive.MirrorStore(store, second, clock)


def _second_store(settings: Settings, clock: Clock) -> archive.Store | None:
    if settings.mirror_dir is not None:
        return archive.FileStore(settings.mirror_dir, clock, immutable=settings.archive_immutable)
    if settings.mirror_s3_endpoint is None:
        return None
    from archive.s3 import connect

    access, secret = settings.mirror_s3_access_key, settings.mirror_s3_secret_key
    if access is None or secret is None:
        raise Unavailable("settings.s3_missing")
    client = connect(
        settings.mirror_s3_endpoint,
        access_key=access.get_secret_value(),
        secret_key=secret.get_secret_value(),
        secure=settings.mirror_s3_secure,
        region=settings.mirror_s3_region or "us-east-1",
    )
    return _s3_store(client, settings.mirror_s3_bucket, settings, clock)


def _s3_store(client: "minio.Minio", bucket: str, settings: Settings, clock: Clock) -> archive.Store:
    from archive.s3 import S3Store

    store = S3Store(client, bucket, clock, kms_key=settings.s3_kms_key)
    store.ensure_bucket()
    return store


def s3(settings: Settings) -> "minio.Minio":
    """The client of the S3 server that EDO_S3_ENDPOINT names; Unavailable `settings.s3_missing`."""
    from archive.s3 import connect

    access, secret = settings.s3_access_key, settings.s3_secret_key
    if settings.s3_endpoint is None or access is None or secret is None:
        raise Unavailable("settings.s3_missing")
    return connect(
        settings.s3_endpoint,
        access_key=access.get_secret_value(),
        secret_key=secret.get_secret_value(),
        secure=settings.s3_secure,
        region=settings.s3_region or "us-east-1",
    )


def sealing_keys(settings: Settings) -> tuple[bytes, ...]:
    """The secrets that seal keys and passwords, newest first."""
    return settings.sealing_keys or (_own_sealing_key(settings.secret_key_file),)


def _own_sealing_key(path: Path) -> bytes:
    """Read or make the embedded profile's sealing key; two processes starting at once agree on one (link is atomic)."""
    if not path.exists():
        fresh = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()
