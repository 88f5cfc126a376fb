"""Write the fetched files of an event down: rows, objections, moves. Plain functions inside the caller's unit of work."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from edo_service.accounts import queries as accounts
from edo_service.documents import corrections, recording, ties
from edo_service.documents.rules import IN_DOUBT, Direction, Origin, Role, stops
from edo_service.documents.signing_desk import received_signature
from edo_service.documents.tables import Document, Part, Signature
from edo_service.exchange import arrivals, contracts, fitness, threads
from edo_service.exchange.accounts import AccountCard
from edo_service.exchange.fitness import Signed
from edo_service.exchange.incoming import Fetched
from edo_service.exchange.rules import Terms
from edo_service.formats import UniversalNotice
from edo_service.formats.ukd_titles import UkdTitle
from edo_service.formats.upd import UpdSeller
from edo_service.kernel.actor import Actor
from edo_service.kernel.uow import UnitOfWork
from edo_service.powers import queries as powers
from edo_service.powers.queries import UseCard
from edo_service.powers.use_cases import note_use
from operators import port
from operators.port import EntityKind

LONGEST_NAME = 380


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What came of an event: every document of its message, and what could not be taken and why.

    `fresh`: those of them that count since now, because they have come or because the event has cleared their doubt.
    `lost`: the document that it belongs to, None when it would have opened one.
    """

    documents: Sequence[Document]
    fresh: frozenset[UUID]
    lost: Sequence[tuple[Document | None, str]]


def record(
    uow: UnitOfWork, event: port.Event, items: Sequence[Fetched], *, account: AccountCard, terms: Terms, actor: Actor
) -> Recorded:
    """Record every file; each title that is new opens a document of its own."""
    known = threads.known_of(uow, event, owner_id=account.owner_id)
    opened: dict[str, Document] = {}
    made: dict[str, Part] = {}
    lost: list[tuple[Document | None, str]] = []
    if not threads.is_ours(event):
        titles = (one.reading for one in items if isinstance(one.reading, UpdSeller | UkdTitle))
        ties.take_turns(uow, account.owner_id, titles)
    older = [uow.session.get_one(Document, one) for one in known.titles]
    doubted = [row for row in older if row.delivery == IN_DOUBT]
    for item in items:
        if not item.is_kept and item.entity_id in known.parts:
            continue
        root = threads.root_of(event, item.entity).ref.entity_id
        document_id = threads.document_of(event, item.entity, known)
        document = opened.get(root) or (recording.take(uow, document_id) if document_id else None)
        if document is None and item.entity_id == root and threads.opens(event, item.entity):
            document = _opened(uow, item, event, account=account, terms=terms)
            if document is None:
                lost.append((None, item.fault or f"a document of an unknown kind ({item.entity.raw_type})"))
                continue
            opened[root] = document
        if document is None:
            lost.append((None, f"{item.entity.raw_type} belongs to no document that is known"))
            continue
        here = made if root in opened else None
        _record_file(uow, document, item, event, actor=actor, made=here)
    cleared = [row for row in doubted if row.delivery != IN_DOUBT]
    return Recorded(
        documents=[*older, *opened.values()],
        fresh=frozenset(row.id for row in (*cleared, *opened.values())),
        lost=lost,
    )


def lacks_original(uow: UnitOfWork, items: Sequence[Fetched], event: port.Event) -> bool:
    """Whether a title of the event corrects a document that has not come in: events may overtake each other."""
    titles = [
        item.reading for item in items if isinstance(item.reading, UpdSeller | UkdTitle) and item.reading.correction
    ]
    if not titles or threads.is_ours(event):
        return False
    with uow.reading() as reading:
        return any(
            corrections.find_original(reading, one, direction=Direction.IN, counterparty_inn=one.seller.inn or "")
            is None
            for one in titles
        )


def _opened(
    uow: UnitOfWork, item: Fetched, event: port.Event, *, account: AccountCard, terms: Terms
) -> Document | None:
    """The document that a file opens: a УПД or an УКД by its title, any agreed file as a contract; None for what is neither."""
    if isinstance(item.reading, UpdSeller | UkdTitle):
        return arrivals.open_document(uow, item.reading, item, event, account=account, terms=terms)
    if item.role is Role.CONTRACT and event.from_box is not None:
        return contracts.open_contract(uow, item, event, account=account, terms=terms)
    return None


def _record_file(
    uow: UnitOfWork,
    document: Document,
    item: Fetched,
    event: port.Event,
    *,
    actor: Actor,
    made: dict[str, Part] | None,
) -> None:
    """`made`: the files of a document that this event has opened, by the operator's ids; None for an older one."""
    part = None if made is not None else _kept_part(uow, document, item)
    opening = item.role in {Role.SELLER_TITLE, Role.CONTRACT}
    if part is None and item.is_kept:
        return  # a signature on a file that has been discarded
    if part is not None and not item.is_kept:  # a file of ours coming back in our own feed
        part.message_ref, part.entity_ref = event.message_id, item.entity_id
        if opening:
            document.message_ref, document.entity_ref = event.message_id, item.entity_id
        _add_signatures(uow, part, item)
        arrivals.note_echo(uow, document, item.role, actor=actor)
        return
    is_new = part is None
    if part is None:
        part = _new_part(uow, document, item, event, made=made)
    rows = _add_signatures(uow, part, item, is_new=is_new)
    before = part.objection
    objection = objection_to(uow, document, part, item, fresh=rows if is_new else None)
    if objection != before:
        part.objection = objection
    _journal(uow, document, part, rows, actor=actor)
    if not item.is_kept or (stops(before) and not stops(part.objection)):
        arrivals.note_part(uow, document, part, item.reading, actor=actor)
    if item.role is Role.CONTRACT:
        contracts.note_signatures(uow, document, rows, signers=item.signers, actor=actor)


def _new_part(
    uow: UnitOfWork, document: Document, item: Fetched, event: port.Event, *, made: dict[str, Part] | None
) -> Part:
    part = recording.add_part(
        uow,
        document,
        role=item.role,
        origin=_origin(item.entity, event, document),
        file_name=(item.entity.file_name or f"{item.role.value}.bin")[-LONGEST_NAME:],
        media_type="application/xml" if item.is_formal else "application/octet-stream",
        sha256=item.sha256,
        size=item.size,
        parent=_named(uow, document, item)
        or (_parent(uow, document, item.entity) if made is None else made.get(item.entity.parent_id or "")),
        message_ref=event.message_id,
        entity_ref=item.entity_id,
    )
    if made is not None:
        made[item.entity_id] = part
    return part


def _kept_part(uow: UnitOfWork, document: Document, item: Fetched) -> Part | None:
    """The file itself when only its signatures are new; or one of ours, same bytes, not tied to the operator's ids yet."""
    for part in recording.live_parts(uow, document):
        if item.is_kept:
            if part.entity_ref == item.entity_id:
                return part
        elif part.origin == Origin.OURS.value and part.sha256 == item.sha256 and part.entity_ref is None:
            return part
    return None


def _add_signatures(uow: UnitOfWork, part: Part, item: Fetched, *, is_new: bool = False) -> list[Signature]:
    """Keep every distinct signature of the file: it may have several signers, and a bad one may be followed by a good one."""
    known = select(Signature.sha256).where(Signature.part_id == part.id)
    there = set() if is_new else set(uow.session.scalars(known))
    rows = [
        received_signature(part, kept, origin=Origin(part.origin))
        for kept in item.signatures
        if kept.sha256 not in there
    ]
    uow.session.add_all(rows)
    for row in rows:
        judged = item.powers.get(row.sha256 or "")
        if judged is not None:
            note_use(uow, judged, owner_id=row.owner_id, signature_id=row.id, document_id=row.document_id)
    return rows


def objection_to(
    uow: UnitOfWork, document: Document, part: Part, item: Fetched, *, fresh: Sequence[Signature] | None = None
) -> str | None:
    """What speaks against the file by all its recorded signatures; None when nothing does, or for the operator's own.

    `fresh`: all of them, of a file that is new; else they are read.
    """
    if item.role is Role.UNIVERSAL_RECEIPT or isinstance(item.reading, UniversalNotice):
        return item.misfit
    if item.role not in fitness.JUDGED or part.origin == Origin.OPERATOR.value:
        return None
    own_inn = accounts.entity(uow, document.owner_id).inn
    all_of_it = select(Signature).where(Signature.part_id == part.id, Signature.sha256.is_not(None))
    signed = uow.session.scalars(all_of_it).all() if fresh is None else fresh
    uses = powers.uses(uow, document.id) if fresh is None or item.powers else {}
    misfit = item.misfit
    if isinstance(item.reading, UpdSeller | UkdTitle):
        misfit = fitness.misfit_of_title(item.reading, seller_inn=document.counterparty_inn, buyer_inn=own_inn)
    expected = own_inn if part.origin == Origin.OURS.value else document.counterparty_inn
    if item.role is not Role.CONTRACT and item.principal_inn != expected:
        uses = {}  # a power of another principal speaks for nobody here
    return fitness.objection_to(
        item.reading,
        [_signed(row, uses.get(row.id), item) for row in signed],
        expected_inn=expected,
        unreadable=item.unreadable,
        misfit=misfit,
    )


def _signed(row: Signature, use: UseCard | None, item: Fetched) -> Signed:
    return Signed(
        indication=row.indication,
        inn=row.signer_inn,
        power=use.outcome if use else None,
        power_reason=use.reason if use else arrivals.AWAY if item.power_silent else "",
        sub_indication=row.sub_indication,
    )


def _origin(entity: port.Entity, event: port.Event, document: Document) -> Origin:
    if entity.kind is EntityKind.CONFIRMATION:
        return Origin.OPERATOR
    mine = (entity.signed_by or "").casefold() == event.box.casefold() or (
        entity.signed_by is None and threads.is_ours(event) and document.direction == Direction.OUT.value
    )
    return Origin.OURS if mine else Origin.COUNTERPARTY


def _named(uow: UnitOfWork, document: Document, item: Fetched) -> Part | None:
    """The file of the document that a confirmation names; None when it names none of them."""
    if not item.about:
        return None
    name = item.about.casefold().removesuffix(".xml")
    rows = recording.live_parts(uow, document)
    return next((one for one in rows if one.file_name.casefold().removesuffix(".xml") == name), None)


def _parent(uow: UnitOfWork, document: Document, entity: port.Entity) -> Part | None:
    if entity.parent_id is None:
        return None
    return uow.session.scalars(
        select(Part).where(Part.document_id == document.id, Part.entity_ref == entity.parent_id)
    ).one_or_none()


def _journal(uow: UnitOfWork, document: Document, part: Part, rows: list[Signature], *, actor: Actor) -> None:
    facts: dict[str, object] = {"objection": part.objection} if part.objection else {}
    uow.journal.write(
        "exchange.received",
        owner_id=document.owner_id,
        subject=f"document:{document.id}",
        actor=actor,
        role=part.role,
        sha256=part.sha256,
        verdicts=[row.indication for row in rows],
        **facts,
    )
