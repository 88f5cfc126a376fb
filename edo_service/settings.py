"""All settings of the service in one frozen object, read from the environment (`EDO_…`). Only `bootstrap` reads it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Profile(StrEnum):
    """How much stands around the service."""

    EMBEDDED = "embedded"
    FULL = "full"


def _words(value: object) -> object:
    """Split a comma-separated list of the environment."""
    if isinstance(value, str):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    return value


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]


class Settings(BaseSettings):
    """Settings; every path that follows from another is a property. Unknown `EDO_` names in a file are refused."""

    model_config = SettingsConfigDict(env_prefix="EDO_", frozen=True, extra="forbid", env_ignore_empty=True)

    profile: Profile = Profile.EMBEDDED
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str | None = None
    demo: bool = False

    database_url: SecretStr | None = None
    broker_url: SecretStr | None = None
    redis_url: SecretStr | None = None

    s3_endpoint: str | None = None
    s3_access_key: SecretStr | None = None
    s3_secret_key: SecretStr | None = None
    s3_secure: bool = True
    s3_region: str | None = None
    s3_objects_bucket: str = "edo-objects"
    s3_archive_bucket: str = "edo-archive"
    s3_kms_key: str | None = None

    mirror_dir: Path | None = None
    mirror_s3_endpoint: str | None = None
    mirror_s3_access_key: SecretStr | None = None
    mirror_s3_secret_key: SecretStr | None = None
    mirror_s3_secure: bool = True
    mirror_s3_region: str | None = None
    mirror_s3_bucket: str = "edo-archive"
    archive_immutable: bool = False
    archive_refresh_signatures: bool = False
    scrub_megabytes_per_second: float = Field(default=5.0, ge=0)
    scrub_every_hours: float = Field(default=24.0, gt=0)
    alert_mail: Words = ()

    secret_keys: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_words)] = ()
    session_idle_minutes: int = Field(default=30, ge=1)
    session_hours: int = Field(default=12, ge=1)
    trusted_proxies: Words = ()

    demo_pki_url: str | None = None
    trust_dir: Path | None = None
    tsa_urls: Words = ()
    operator_url: str | None = None
    diadoc_identity_url: str | None = None
    saby_url: str | None = None
    taxcom_url: str | None = None
    operator_poll_seconds: float = Field(default=5.0, gt=0)
    receipt_days: int = Field(default=1, ge=1, le=30)
    answer_days: int = Field(default=5, ge=1, le=30)
    formats_xsd_dir: Path | None = None
    power_registry_dir: Path | None = None
    archive_years: int = Field(default=5, ge=1)
    archive_first_retention_days: int = Field(default=30, ge=1)

    mail_from: str = "edo@localhost"
    smtp_host: str | None = None
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_starttls: bool = True

    sms_gateway_url: str | None = None
    sms_gateway_token: SecretStr | None = None
    sms_from: str = "EDO"
    sms_companies: Words = ()

    worker_threads: int = Field(default=2, ge=1)
    job_lease_seconds: float = Field(default=20.0, gt=0)
    sweep_seconds: float = Field(default=5.0, gt=0)
    republish_seconds: float = Field(default=30.0, gt=0)
    seal_seconds: float = Field(default=2.0, gt=0)
    log_level: str = "INFO"
    crash_at: str | None = None

    @field_validator("secret_keys")
    @classmethod
    def _check_keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for key in keys:
            decode_key(key.get_secret_value())
        return keys

    @model_validator(mode="after")
    def _check_full(self) -> Settings:
        if self.profile is Profile.FULL:
            needed = ("database_url", "broker_url", "s3_endpoint", "s3_access_key", "s3_secret_key", "secret_keys")
            absent = [f"EDO_{name.upper()}" for name in needed if not getattr(self, name)]
            if absent:
                raise ValueError(f"the full profile needs {', '.join(absent)}")
            if self.sms_companies and not self.sms_gateway_url:
                raise ValueError("EDO_SMS_COMPANIES needs EDO_SMS_GATEWAY_URL: nobody would get the codes")
        if self.mirror_dir and self.mirror_s3_endpoint:
            raise ValueError("EDO_MIRROR_DIR and EDO_MIRROR_S3_ENDPOINT: one second store, not two")
        return self

    @property
    def is_embedded(self) -> bool:
        """Whether SQLite, files and threads serve everything."""
        return self.profile is Profile.EMBEDDED

    @property
    def root(self) -> Path:
        """The data folder, absolute."""
        return self.data_dir.absolute()

    @property
    def database(self) -> str:
        """The database's URL; embedded: a SQLite file in the data folder."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.root / 'edo.db'}"

    @property
    def address(self) -> str:
        """Where browsers reach the service, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def objects_dir(self) -> Path:
        """Working documents (embedded)."""
        return self.root / "objects"

    @property
    def exports_dir(self) -> Path:
        """Built exports of the archive (embedded)."""
        return self.root / "exports"

    @property
    def archive_dir(self) -> Path:
        """The archive (embedded)."""
        return self.root / "archive"

    @property
    def mail_dir(self) -> Path:
        """Mail that would have been sent (embedded)."""
        return self.root / "mail"

    @property
    def sms_dir(self) -> Path:
        """Messages that would have been sent (embedded)."""
        return self.root / "sms"

    @property
    def pki_dir(self) -> Path:
        """The demonstration's keys and certificates."""
        return self.root / "pki"

    @property
    def sandbox_dir(self) -> Path:
        """State of the operators' sandboxes."""
        return self.root / "sandbox"

    @property
    def operator_addresses(self) -> Mapping[str, str]:
        """Base address of each operator's API that is configured, by the operator's word in an account."""
        known = {"diadoc": self.operator_url, "saby": self.saby_url, "taxcom": self.taxcom_url}
        return {operator: address for operator, address in known.items() if address is not None}

    @property
    def identity_address(self) -> str:
        """Where a consent to Диадок is asked for; in the demonstration the sandbox itself."""
        own = self.operator_url if self.demo else None
        return (self.diadoc_identity_url or own or "https://identity.kontur.ru").rstrip("/")

    @property
    def limits_dir(self) -> Path:
        """Where the processes of this machine count their calls to operators."""
        return self.root / "limits"

    @property
    def calendar_dir(self) -> Path:
        """Decrees of moved days: `<year>.toml` files that the administrator puts here."""
        return self.root / "calendar"

    @property
    def secret_key_file(self) -> Path:
        """Where the embedded profile keeps a sealing key it made itself (mode 0600)."""
        return self.root / "secret.key"

    @property
    def sealing_keys(self) -> tuple[bytes, ...]:
        """The keys of `EDO_SECRET_KEYS` (comma-separated base64 of 32 bytes, the newest first)."""
        return tuple(decode_key(key.get_secret_value()) for key in self.secret_keys)

    @property
    def session_idle(self) -> timedelta:
        """How long a session may be unused."""
        return timedelta(minutes=self.session_idle_minutes)

    @property
    def session_life(self) -> timedelta:
        """How long a session may live."""
        return timedelta(hours=self.session_hours)

    @property
    def job_lease(self) -> timedelta:
        """How long a worker holds a job without a sign of life."""
        return timedelta(seconds=self.job_lease_seconds)


def decode_key(text: str) -> bytes:
    """Decode a sealing key; ValueError unless it is base64 of 32 bytes."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("a secret key is base64") from error
    if len(key) != 32:
        raise ValueError("a secret key has 32 bytes")
    return key
