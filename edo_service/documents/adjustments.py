"""УКД and the documents that it corrects: found by their requisites, tied. Unlike an исправление it replaces nothing.

One УКД may correct several documents (СчФ of orders 189@ and 736@: number, date, исправление). They stay in force with
all that is owed on them; a request for a correction (УоУ) is answered by it. Plain functions inside the caller's unit of
work.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from edo_service.documents import recording
from edo_service.documents.corrections import Tied, correction_number, tied
from edo_service.documents.rules import IN_DOUBT, REPLACING, UNSENT, VOID, CorrectionEvent, Direction, Kind
from edo_service.documents.tables import Document, DocumentLink
from edo_service.formats.ukd_titles import Corrected, UkdTitle
from edo_service.kernel.actor import Actor
from edo_service.kernel.uow import UnitOfWork

ADJUSTS = "adjusts"
"""Kind of a `DocumentLink` from an УКД to a document that it corrects."""


@dataclass(frozen=True, kw_only=True)
class Adjusted:
    """A document as an УКД names it; `original` is None while it is none of those here."""

    number: str
    dated: date
    revision: int
    original: Tied | None

    @property
    def words(self) -> str:
        """«УПД № Л-1 от 01.10.2026», of an исправленный one with its исправление."""
        revised = f", исправление № {self.revision}" if self.revision else ""
        return f"УПД № {self.number} от {self.dated:%d.%m.%Y}{revised}"


def named(uow: UnitOfWork, ukd: UkdTitle, *, direction: Direction, counterparty_inn: str) -> tuple[Adjusted, ...]:
    """What a file of an УКД corrects, before it is stored."""
    found = find_originals(uow, ukd.corrected, direction=direction, counterparty_inn=counterparty_inn)
    return tuple(
        Adjusted(number=one.number, dated=one.date, revision=one.revision, original=tied(row) if row else None)
        for one, row in zip(ukd.corrected, found, strict=True)
    )


def find_originals(
    uow: UnitOfWork, named: tuple[Corrected, ...], *, direction: Direction, counterparty_inn: str
) -> tuple[Document | None, ...]:
    """For each document that an УКД names the row it is, or None: that one may have been paper.

    Only documents of the same way and the same counterparty: nobody corrects what another has sent. One that has not left
    is none: a queued document may be taken back to a draft and deleted (`rules.UNSENT`, as for an исправление).
    """
    return tuple(_original(uow, one, direction=direction, counterparty_inn=counterparty_inn) for one in named)


def tie(uow: UnitOfWork, document: Document, ukd: UkdTitle) -> None:
    """Tie a stored УКД to those documents that it corrects and that are here."""
    found = find_originals(
        uow, ukd.corrected, direction=Direction(document.direction), counterparty_inn=document.counterparty_inn
    )
    for original in found:
        if original is not None:
            _link(uow, document, original)


def tie_overtakers(uow: UnitOfWork, document: Document, rows: Iterable[Document], *, actor: Actor) -> None:
    """Tie those of the `corrections.overtakers` that are УКД to the document."""
    if document.kind != Kind.UPD.value:
        return
    wanted = (document.number, document.dated, correction_number(document.facts))
    for row in rows:
        if row.kind == Kind.UKD.value and any(
            (one.number[:255], one.date, one.revision) == wanted for one in named_in(row.facts)
        ):
            _link(uow, row, document)
            note(uow, row, actor=actor)


def note(uow: UnitOfWork, document: Document, *, actor: Actor) -> None:
    """Once an УКД has gone out or come in whole, the requests on its originals are answered. Repeating changes nothing."""
    if document.kind != Kind.UKD.value or document.delivery not in REPLACING:
        return
    for original in _linked(uow, document):
        if recording.move_if_possible(uow, original, "correction", CorrectionEvent.ADJUST, actor=actor):
            uow.journal.write(
                "correction.adjusted",
                owner_id=original.owner_id,
                subject=f"document:{original.id}",
                actor=actor,
                by=document.title,
            )


def adjusted_by(uow: UnitOfWork, document: Document) -> tuple[Tied, ...]:
    """The УКД to a document, oldest first; those that were not delivered or were discarded are left out."""
    if document.kind != Kind.UPD.value:
        return ()
    asked = (
        select(Document)
        .join(DocumentLink, DocumentLink.document_id == Document.id)
        .where(DocumentLink.kind == ADJUSTS, DocumentLink.target_id == document.id, Document.delivery.not_in(VOID))
        .order_by(Document.created_at, Document.id)
    )
    return tuple(tied(row) for row in uow.session.scalars(asked).all())


def adjusts(uow: UnitOfWork, document: Document) -> tuple[Adjusted, ...]:
    """What an УКД corrects, in the order of its file; () for every other document."""
    if document.kind != Kind.UKD.value:
        return ()
    linked = {(row.number, row.dated, correction_number(row.facts)): row for row in _linked(uow, document)}
    return tuple(
        Adjusted(
            number=one.number,
            dated=one.date,
            revision=one.revision,
            original=tied(row) if (row := linked.get((one.number[:255], one.date, one.revision))) is not None else None,
        )
        for one in named_in(document.facts)
    )


def named_in(facts: Mapping[str, Any]) -> Iterator[Corrected]:
    """The documents that an УКД names, by its kept facts."""
    for one in facts.get("corrected") or ():
        yield Corrected(
            number=str(one["number"]), date=date.fromisoformat(str(one["date"])), revision=int(one["revision"])
        )


def _original(uow: UnitOfWork, named: Corrected, *, direction: Direction, counterparty_inn: str) -> Document | None:
    asked = select(Document).where(
        Document.counterparty_inn == counterparty_inn,
        Document.direction == direction.value,
        Document.kind == Kind.UPD.value,
        Document.number == named.number[:255],
        Document.dated == named.date,
        Document.delivery.not_in((*UNSENT, IN_DOUBT)),
    )
    rows = uow.session.scalars(asked.order_by(Document.created_at.desc(), Document.id.desc())).all()
    return next((row for row in rows if correction_number(row.facts) == named.revision), None)


def _link(uow: UnitOfWork, document: Document, original: Document) -> None:
    there = select(DocumentLink.id).where(
        DocumentLink.document_id == document.id, DocumentLink.kind == ADJUSTS, DocumentLink.target_id == original.id
    )
    if uow.session.scalars(there).first() is None:
        uow.session.add(
            DocumentLink(
                owner_id=document.owner_id,
                document_id=document.id,
                kind=ADJUSTS,
                target_id=original.id,
                label=original.title,
            )
        )
        uow.session.flush()


def _linked(uow: UnitOfWork, document: Document) -> list[Document]:
    links = select(DocumentLink.target_id).where(DocumentLink.document_id == document.id, DocumentLink.kind == ADJUSTS)
    known: list[UUID] = list(uow.session.scalars(links).all())
    if not known:
        return []
    return list(uow.session.scalars(select(Document).where(Document.id.in_(known)).order_by(Document.id)).all())
