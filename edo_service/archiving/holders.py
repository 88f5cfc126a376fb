"""Who needs a content of a company's working store, or of its shelf in the archive, besides what has been disposed of.

A discarded draft is disposed of too: its row says when.

A content lies once for all papers of a company that hold the same bytes: a certificate, a list of revoked ones, a file that was
sent twice. It goes with the last of them. What every column and every field with addresses of contents stands for is said
here; `tests/archiving` compares the list with the tables.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from edo_service.archiving.evidence_tables import EvidenceTree
from edo_service.archiving.refresh_tables import PackageRefresh
from edo_service.archiving.supplement_tables import PackageSupplement
from edo_service.archiving.tables import Package, PackagePart
from edo_service.documents.tables import Document, Part, Signature
from edo_service.exchange.tables import Annulment, RelationStep
from edo_service.kernel.uow import UnitOfWork
from edo_service.powers.tables import PowerOfAttorney

_AT_ONCE: Final = 500
Column = InstrumentedAttribute[Any]
_STREAMED: Final = 500
"""So many rows with lists are in memory at a time: a company has one for each of its signatures."""

OF_DOCUMENTS: Final[Sequence[tuple[Column, Column, ColumnElement[Any] | Column]]] = (
    (Part.sha256, Part.document_id, Part.created_at),
    (Signature.sha256, Signature.document_id, Signature.created_at),
    (Annulment.file_sha256, Annulment.document_id, Annulment.created_at),
    (Annulment.signature_sha256, Annulment.document_id, Annulment.created_at),
    (Annulment.answer_sha256, Annulment.document_id, Annulment.decided_at),
    (Annulment.answer_signature_sha256, Annulment.document_id, Annulment.decided_at),
)
"""Contents that go with their document: address, the document, when it came.

What has come after the act is a new paper. So is what has no moment yet: an answer that is still on its way.
"""
OF_SETS: Final[Column] = PackagePart.sha256
"""Parts of sets, which go with their set."""
FOR_EVER: Final[Sequence[Column]] = (
    PowerOfAttorney.file_sha256,
    PowerOfAttorney.signature_sha256,
    RelationStep.file_sha256,
    RelationStep.signature_sha256,
    EvidenceTree.list_sha256,
    EvidenceTree.token_sha256,
    EvidenceTree.sealed_sha256,
)
"""Contents of what no act of disposal is about."""
LISTS: Final[Sequence[Column]] = (Signature.evidence, PackageRefresh.made, PackageSupplement.made)
"""Fields that hold addresses inside: what a judgement rested on, refreshed signatures and late papers on their way."""
NO_CONTENTS: Final[Mapping[str, str]] = {
    "document.content_sha256": "a fingerprint: the file itself is a part",
    "document.upload_sha256": "a fingerprint: the file itself is a part",
    "signature.certificate_sha256": "a fingerprint",
    "package.manifest_sha256": "a fingerprint: the manifest itself is a part of the set",
    "package_supplement.manifest_sha256": "a fingerprint: the manifest itself is a part of the set",
    "disposal_line.manifest_sha256": "a fingerprint: it stays as the trace of what was destroyed",
    "disposal_act.paper_sha256": "lies in the archive's store alone",
    "disposal_act.register_sha256": "lies in the archive's store alone",
    "archive_export.sha256": "lies on the shelf of exports, under the export's id",
    "signing_key.certificate_sha256": "a fingerprint",
    "user_session.token_sha256": "a secret's fingerprint",
    "idempotent_request.body_sha256": "a fingerprint",
}
"""Columns that look like addresses of contents and are none."""
NO_LISTS: Final[Mapping[str, str]] = {
    "archive_check.damaged": "names of parts",
    "archive_check.verdicts": "judgements by names of parts; they go with the set",
    "dispatch.result": "the operator's name of a message",
    "document.facts": "what a document says; it goes with the set",
    "idempotent_request.headers": "of an answer",
    "inbox_item.payload": "news in an operator's words; a file of it is a part once it is taken",
    "job.payload": "ids of rows; a journal's head, which the archive keeps for itself",
    "odd_event.payload": "news in an operator's words, of which nothing was taken",
    "operator_account.boxes": "an operator's boxes",
    "operator_account.log_in_step": "what a log-in waits for",
    "package.summary": "counts",
    "package_refresh.doubts": "judgements by names of parts",
    "package_refresh.refused": "reasons by names of parts",
    "power_of_attorney.decided": "what a register said",
    "power_of_attorney.facts": "what a power says",
    "power_use.checks": "judgements",
    "saved_search.query": "a search",
    "signature.verdict": "a judgement; what it rested on is in `evidence`",
}
"""Fields that hold something inside, but no addresses of contents."""


def contents_of(uow: UnitOfWork, package: Package, document: Document) -> frozenset[str]:
    """Everything that was kept of a disposed set and of its document until it was disposed of."""
    parts = uow.session.scalars(select(OF_SETS).where(PackagePart.package_id == package.id))
    return contents_of_document(uow, document).union(parts, on_the_way(uow, package.id))


def contents_of_document(uow: UnitOfWork, document: Document) -> frozenset[str]:
    """Everything that was kept of a document until it was disposed of or discarded."""
    found: set[str | None] = set()
    before = document.disposed_at or uow.clock.now()
    for column, of, came in OF_DOCUMENTS:
        found.update(uow.session.scalars(select(column).where(of == document.id, came <= before)))
    asked = select(Signature.evidence).where(Signature.document_id == document.id, Signature.created_at <= before)
    found.update(_addresses(uow.session.scalars(asked)))
    return frozenset(one for one in found if one)


def on_the_way(uow: UnitOfWork, package_id: UUID) -> frozenset[str]:
    """Refreshed signatures and late papers of the set that may lie in both stores and are no parts of it yet."""
    made = (
        select(PackageRefresh.made).where(PackageRefresh.package_id == package_id),
        select(PackageSupplement.made).where(PackageSupplement.package_id == package_id),
    )
    return frozenset(_addresses(chain.from_iterable(uow.session.scalars(one) for one in made)))


def in_other_sets(uow: UnitOfWork, package_id: UUID, contents: Collection[str]) -> frozenset[str]:
    """Those of the contents that another set, not disposed of, has too: they stay in the archive."""
    others = select(OF_SETS).join(Package, Package.id == PackagePart.package_id)
    others = others.where(PackagePart.package_id != package_id, Package.state != "disposed")
    found: set[str] = set()
    for some in _batches(sorted(contents)):
        found.update(uow.session.scalars(others.where(OF_SETS.in_(some))))
    return frozenset(found)


def needed(uow: UnitOfWork, contents: Collection[str]) -> frozenset[str]:
    """Those of the contents that anything not disposed of holds. One moment's answer.

    Whoever begins to need one later puts it first (`ObjectStore`), and a deletion leaves alone what was put lately.
    """
    return _held(uow, contents, lives=True)


def disposed(uow: UnitOfWork, contents: Collection[str]) -> frozenset[str]:
    """Those of the contents that only papers held which an act of disposal has taken, or discarded drafts."""
    found = _held(uow, contents, lives=False)
    return found - needed(uow, found)


def _held(uow: UnitOfWork, contents: Collection[str], *, lives: bool) -> frozenset[str]:
    found: set[str] = set()
    for column, rows in _columns(lives=lives):
        for some in _batches(sorted(set(contents) - found)):
            found.update(uow.session.scalars(rows.where(column.in_(some))))
    rest = set(contents) - found
    if rest:
        lists = (one.execution_options(yield_per=_STREAMED) for one in _lists(lives=lives))
        named = _addresses(chain.from_iterable(uow.session.scalars(one) for one in lists))
        found.update(one for one in named if one in rest)
    return frozenset(found)


def _columns(*, lives: bool) -> Iterator[tuple[Column, Select[Any]]]:
    """Each column of addresses with the question for those of living papers, or of disposed ones."""
    sets = select(OF_SETS).join(Package, Package.id == PackagePart.package_id)
    yield OF_SETS, sets.where(_kept(lives=lives))
    for column, of, came in OF_DOCUMENTS:
        yield column, select(column).join(Document, Document.id == of).where(_lives(came, lives=lives))
    for column in FOR_EVER if lives else ():
        yield column, select(column)


def _lists(*, lives: bool) -> Iterator[Select[Any]]:
    judged = select(Signature.evidence).join(Document, Document.id == Signature.document_id)
    yield judged.where(_lives(Signature.created_at, lives=lives), Signature.evidence.is_not(None))
    coming = select(PackageRefresh.made).join(Package, Package.id == PackageRefresh.package_id)
    yield coming.where(_kept(lives=lives), PackageRefresh.underway.is_(True) if lives else true())
    late = select(PackageSupplement.made).join(Package, Package.id == PackageSupplement.package_id)
    yield late.where(_kept(lives=lives), PackageSupplement.state == "made" if lives else true())


def _kept(*, lives: bool) -> ColumnElement[bool]:
    return Package.state != "disposed" if lives else Package.state == "disposed"


def _lives(came: ColumnElement[Any] | Column, *, lives: bool) -> ColumnElement[bool]:
    if lives:
        return or_(Document.disposed_at.is_(None), came.is_(None), came > Document.disposed_at)
    return and_(Document.disposed_at.is_not(None), came <= Document.disposed_at)


def _addresses(fields: Iterable[Any]) -> Iterator[str]:
    """SHA-256 named in such a field: lists of them by kind of evidence, or descriptions with one each by name."""
    for field in fields:
        for one in (field or {}).values():
            if isinstance(one, Mapping):
                yield str(one["sha256"])
            else:
                yield from (str(each) for each in one)


def _batches(contents: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(contents), _AT_ONCE):
        yield contents[start : start + _AT_ONCE]
