"""Rows of the evidence of storage: hash trees with one time-stamp each, and what hangs on them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from edo_service.kernel.tables import Base, Identified, Owned, UtcDateTime, Versioned


class EvidenceTree(Identified, Owned, Versioned, Base):
    """A hash tree whose root is time-stamped: a day's packages, or the renewal of older time-stamps or trees.

    `state`: promised (its leaves are fixed), stamped (list and token are fixed and lie in the working store), kept (both
    lie in the WORM store). `sealed_sha256`: the token with all that judging it takes, once it is being renewed; `renewed_by`
    the tree that renews it. `ages_at`: until when the time-stamp can stand alone. `journal_*`: the journal's head below a
    daily root.
    """

    __tablename__ = "evidence_tree"
    __table_args__ = (
        UniqueConstraint("owner_id", "kind", "day", "digest", name="uq_evidence_tree_day"),
        Index("ix_evidence_tree_due", "owner_id", "state", "renewed_by_id", "ages_at"),
    )

    kind: Mapped[str] = mapped_column(String(24))
    day: Mapped[date]
    digest: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(12))
    leaves: Mapped[int]
    journal_position: Mapped[int | None]
    journal_hash: Mapped[str | None] = mapped_column(String(128))
    root: Mapped[str | None] = mapped_column(String(128))
    list_sha256: Mapped[str | None] = mapped_column(String(64))
    token_sha256: Mapped[str | None] = mapped_column(String(64))
    sealed_sha256: Mapped[str | None] = mapped_column(String(64))
    renewed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("evidence_tree.id"))
    authority: Mapped[str | None] = mapped_column(String(400))
    stamped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ages_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    retain_until: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    kept_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EvidenceLeaf(Identified, Owned, Base):
    """One leaf of a tree: a package, a supplement, a tree whose time-stamp is renewed, or (none) the head of the journal."""

    __tablename__ = "evidence_leaf"
    __table_args__ = (UniqueConstraint("tree_id", "position", name="uq_evidence_leaf_position"),)

    tree_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_tree.id"))
    position: Mapped[int]
    package_id: Mapped[UUID | None] = mapped_column(ForeignKey("package.id"), index=True)
    supplement_id: Mapped[UUID | None] = mapped_column(ForeignKey("package_supplement.id"), index=True)
    renews_id: Mapped[UUID | None] = mapped_column(ForeignKey("evidence_tree.id"), index=True)
