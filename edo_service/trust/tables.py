"""Revocation answers fetched from the network, kept until they go stale. Public data: not owned by a legal entity."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from edo_service.kernel.tables import Base, Identified, UtcDateTime


class FetchedEvidence(Identified, Base):
    """One CRL, OCSP answer or CA certificate by the key under which it was asked for."""

    __tablename__ = "fetched_evidence"

    key: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    usable_until: Mapped[datetime] = mapped_column(UtcDateTime)
