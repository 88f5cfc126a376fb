"""Rows of documents, their files and signatures. Every row belongs to one legal entity (ARCHITECTURE: Actor and Scope)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from edo_service.kernel.money import Money
from edo_service.kernel.tables import Base, Folded, Identified, JsonDict, MoneyType, Owned, UtcDateTime, Versioned

_NOT_FAILED = text("delivery <> 'failed'")
_OWN = text("means <> 'received'")
_CORRECTS = text("corrects_id IS NOT NULL")
_NOT_YET = text("archive = 'not_yet'")
_UNCLEARED = text("delivery = 'discarded' AND cleared_at IS NULL")


class Document(Identified, Owned, Versioned, Base):
    """One document as one party sees it; the other party, when here, has a row of its own with the same content hash.

    `upload_sha256`: the content's SHA-256 of a file uploaded here, which goes to one counterparty once unless it failed;
    None for what came in, for a discarded draft (and for the later of two that were uploaded at once before the index was
    made). `reminded_on`:
    the last day of a letter that the answer is due. `corrects_id`: the document that this one, an исправление, replaces.
    `disposed_at`: when its set went by an act of disposal, or the draft was discarded; what came before is gone, what came
    later is kept. `cleared_at`: when nothing of a discarded draft was left in the working store; of a set its package tells.
    """

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("owner_id", "message_ref", "entity_ref", name="uq_document_operator_ref"),
        Index(
            "uq_document_upload",
            "owner_id",
            "counterparty_id",
            "upload_sha256",
            unique=True,
            sqlite_where=_NOT_FAILED,
            postgresql_where=_NOT_FAILED,
        ),
        Index("ix_document_folder", "owner_id", "direction", "created_at"),
        Index("ix_document_peer", "peer_document_id"),
        Index("ix_document_corrects", "corrects_id", sqlite_where=_CORRECTS, postgresql_where=_CORRECTS),
        Index("ix_document_not_yet", "owner_id", sqlite_where=_NOT_YET, postgresql_where=_NOT_YET),
        Index("ix_document_uncleared", "owner_id", sqlite_where=_UNCLEARED, postgresql_where=_UNCLEARED),
    )

    direction: Mapped[str] = mapped_column(String(8))
    route: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(24))
    function: Mapped[str | None] = mapped_column(String(12))
    format_version: Mapped[str | None] = mapped_column(String(12))
    number: Mapped[str] = mapped_column(String(255))
    dated: Mapped[date]
    title: Mapped[str] = mapped_column(String(400))
    total: Mapped[Money | None] = mapped_column(MoneyType)
    vat: Mapped[Money | None] = mapped_column(MoneyType)
    currency: Mapped[str] = mapped_column(String(3), default="643")
    content_sha256: Mapped[str] = mapped_column(String(64))
    upload_sha256: Mapped[str | None] = mapped_column(String(64))
    facts: Mapped[dict[str, Any]] = mapped_column(JsonDict)

    counterparty_id: Mapped[UUID | None]
    counterparty_name: Mapped[str] = mapped_column(String(1000))
    counterparty_inn: Mapped[str] = mapped_column(String(12), index=True)
    counterparty_kpp: Mapped[str | None] = mapped_column(String(9))
    peer_entity_id: Mapped[UUID | None]
    peer_document_id: Mapped[UUID | None]
    corrects_id: Mapped[UUID | None]
    box: Mapped[str | None] = mapped_column(String(80))
    peer_box: Mapped[str | None] = mapped_column(String(80))
    message_ref: Mapped[str | None] = mapped_column(String(80))
    entity_ref: Mapped[str | None] = mapped_column(String(80))

    delivery: Mapped[str] = mapped_column(String(32))
    receipt: Mapped[str] = mapped_column(String(32))
    response: Mapped[str] = mapped_column(String(32))
    correction: Mapped[str] = mapped_column(String(32), default="none")
    archive: Mapped[str] = mapped_column(String(32))
    trouble: Mapped[str | None] = mapped_column(Text)

    search: Mapped[str] = mapped_column(Folded)
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    receipt_due: Mapped[date | None]
    answer_due: Mapped[date | None]
    refusal_reason: Mapped[str | None] = mapped_column(Text)
    reminded_on: Mapped[date | None]
    disposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Part(Identified, Owned, Base):
    """One file of a document, byte for byte in the object store under its SHA-256. Its bytes never change.

    `objection`: why a file from outside is not what it claims to be (a trouble of `texts`), None when nothing speaks
    against it.
    """

    __tablename__ = "part"
    __table_args__ = (
        UniqueConstraint("owner_id", "message_ref", "entity_ref", name="uq_part_operator_ref"),
        Index("ix_part_document", "owner_id", "document_id"),
        Index("ix_part_content", "owner_id", "sha256"),
    )

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("part.id"))
    role: Mapped[str] = mapped_column(String(32))
    origin: Mapped[str] = mapped_column(String(16))
    file_name: Mapped[str] = mapped_column(String(400))
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    message_ref: Mapped[str | None] = mapped_column(String(80))
    entity_ref: Mapped[str | None] = mapped_column(String(80))
    objection: Mapped[str | None] = mapped_column(Text)
    discarded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    _document: Mapped[Document] = relationship(lazy="raise")
    """Only for the order of INSERTs: a flush writes the document first."""


class Signature(Identified, Owned, Versioned, Base):
    """A detached CMS over one part. `intended` is stored before signing; `made` and `received` carry the bytes.

    A part has at most one signature that is made here, and every distinct one that came from outside.
    """

    __tablename__ = "signature"
    __table_args__ = (
        Index("uq_signature_own", "part_id", unique=True, sqlite_where=_OWN, postgresql_where=_OWN),
        UniqueConstraint("part_id", "origin", "sha256", name="uq_signature_bytes"),
        Index("ix_signature_document", "owner_id", "document_id"),
        Index("ix_signature_content", "owner_id", "sha256"),
    )

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"))
    origin: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    means: Mapped[str] = mapped_column(String(24))
    key_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    signer_name: Mapped[str | None] = mapped_column(String(400))
    signer_organization: Mapped[str | None] = mapped_column(String(1000))
    signer_inn: Mapped[str | None] = mapped_column(String(12))
    certificate_sha256: Mapped[str | None] = mapped_column(String(64))
    level: Mapped[str | None] = mapped_column(String(16))
    indication: Mapped[str | None] = mapped_column(String(20))
    sub_indication: Mapped[str | None] = mapped_column(String(60))
    verdict: Mapped[dict[str, Any] | None] = mapped_column(JsonDict)
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JsonDict)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    judged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    _part: Mapped[Part] = relationship(lazy="raise")
    """As above."""


class DocumentLink(Identified, Owned, Base):
    """What is tied to a document: by an upper area (a contract, a payment), or the documents that an УКД corrects (`adjusts`)."""

    __tablename__ = "document_link"
    __table_args__ = (
        UniqueConstraint("owner_id", "document_id", "kind", "target_id", name="uq_document_link"),
        Index("ix_document_link_target", "target_id"),
    )

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    kind: Mapped[str] = mapped_column(String(32))
    target_id: Mapped[UUID]
    label: Mapped[str] = mapped_column(String(400))

    _document: Mapped[Document] = relationship(lazy="raise")
    """As above."""
