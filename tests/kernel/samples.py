"""Two owned tables and a global one, apart from the service's metadata: what the kernel's promises are tried on."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from edo_service.kernel.money import Money
from edo_service.kernel.tables import Base, Folded, Identified, Kopecks, Owned, Versioned
from edo_service.kernel.workflow import SYSTEM, Transition, Workflow


class SampleBase(DeclarativeBase):
    metadata = MetaData()
    type_annotation_map = Base.type_annotation_map


class Paper(Identified, Owned, Versioned, SampleBase):
    __tablename__ = "sample_paper"

    title: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="draft")
    total: Mapped[Money | None]
    cents: Mapped[int | None] = mapped_column(Kopecks)
    at: Mapped[datetime | None]
    facts: Mapped[dict[str, Any] | None]
    search: Mapped[str | None] = mapped_column(Folded)
    leaves: Mapped[list[Leaf]] = relationship(back_populates="paper")


class Leaf(Identified, Owned, SampleBase):
    __tablename__ = "sample_leaf"

    paper_id: Mapped[UUID] = mapped_column(ForeignKey("sample_paper.id"))
    text: Mapped[str] = mapped_column(default="")
    paper: Mapped[Paper] = relationship(back_populates="leaves")


class Note(Identified, SampleBase):
    """Global on purpose."""

    __tablename__ = "sample_note"

    text: Mapped[str]


LIFE = Workflow(
    name="sample",
    initial="draft",
    transitions=(
        Transition("draft", "send", "sent"),
        Transition("sent", "deliver", "delivered", by=SYSTEM),
        Transition("draft", "drop", "dropped"),
    ),
)
