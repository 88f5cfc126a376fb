"""Server-held signing keys. The private key never lies open: sealed by the service, and under a PIN when it is a person's."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from edo_service.kernel.tables import Base, Identified, Owned, UtcDateTime, Versioned


class SigningKey(Identified, Owned, Versioned, Base):
    """One key with its certificate.

    `purpose`: organization (automatic), staff (server-held, for titles), person (opened by its holder's PIN for one act).
    `person_id`: the holder; a staff key whose certificate names a person has one too (docs/adr/0007).
    """

    __tablename__ = "signing_key"

    label: Mapped[str] = mapped_column(String(400))
    purpose: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[UUID | None]
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    certificate_sha256: Mapped[str] = mapped_column(String(64), index=True)
    algorithm: Mapped[str] = mapped_column(String(40))
    sealed_key: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    not_after: Mapped[datetime] = mapped_column(UtcDateTime)
    wrong_pins: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
