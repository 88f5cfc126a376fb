"""Take one event of an operator's feed: fetch and judge outside a transaction, then record everything the event says at once.

Events may come twice, late or in another order: what is known already is left alone, and a patch that is faster than its
message waits for it, but not for ever. What cannot be taken is written down in the journal and waits for a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from edo_service import formats
from edo_service.documents import recording
from edo_service.documents.rules import Direction, Origin, Role
from edo_service.documents.signing_desk import KeptSignature, SigningDesk, received_signature
from edo_service.documents.tables import Document, Part, Signature
from edo_service.errors import Rejected
from edo_service.exchange import arrivals
from edo_service.exchange.accounts import AccountCard, OperatorFactory, account_of_box
from edo_service.exchange.rules import PARENTLESS_TRIES, UNDECIDED_TRIES
from edo_service.kernel import faults
from edo_service.kernel.actor import Actor
from edo_service.kernel.inbox import InboxItem
from edo_service.kernel.jobs import GiveUp, Retry
from edo_service.kernel.uow import UnitOfWork
from edo_service.texts import write_trouble
from operators import port
from operators.port import EntityKind

WAIT_FOR_MESSAGE = timedelta(seconds=3)
WAIT_FOR_EVIDENCE = timedelta(seconds=20)
LONGEST_WAIT = timedelta(minutes=10)
MESSAGE_TRIES = 20
LONGEST_NAME = 380
_OPENING = frozenset({EntityKind.TITLE, EntityKind.NONFORMALIZED})
_NOT_UNDERSTOOD = frozenset({EntityKind.UNKNOWN, EntityKind.REVOCATION})
_WITH_CONTENT = frozenset(
    {
        EntityKind.TITLE,
        EntityKind.NONFORMALIZED,
        EntityKind.BUYER_TITLE,
        EntityKind.RECEIPT,
        EntityKind.CONFIRMATION,
        EntityKind.CORRECTION_REQUEST,
        EntityKind.REJECTION,
    }
)


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A file of the event with its bytes and judged signatures, ready to be recorded.

    `unreadable`: a signature came that is no CMS at all.
    """

    entity: port.Entity
    sha256: str
    size: int
    content: bytes
    signatures: tuple[KeptSignature, ...]
    unreadable: bool


def take_event(
    event: port.Event,
    *,
    tries: int,
    actor: Actor,
    uow: UnitOfWork,
    desk: SigningDesk,
    operators: OperatorFactory,
) -> None:
    """Record the event's news. Raises Retry when its message is not known yet or evidence for a signature is missing.

    `tries` counts the tries, this one included: after three a signature that cannot be decided is recorded as
    INDETERMINATE, after twenty a message that never came is given up. Raises GiveUp for files that cannot be read.
    """
    with uow:
        account = account_of_box(uow, actor.entity, event.box)
        known = _known(uow, event)
        document_known = _document(uow, event) is not None
    if not document_known and not _is_news(event, tries=tries):
        reason = "sent from another program" if _is_ours(event) else "nothing in it is known to this service"
        _note_lost(event, reason, account=account, actor=actor, uow=uow)
        return
    operator = operators(account)
    if tries <= PARENTLESS_TRIES and _lacks_parent(event, known):
        raise Retry(WAIT_FOR_MESSAGE, "the file that this one is about has not come yet")
    news = [entity for entity in event.entities if entity.kind in _WITH_CONTENT and entity.ref.entity_id not in known]
    fetched = [_fetch(entity, event, account=account, operator=operator, desk=desk) for entity in news]
    if tries <= UNDECIDED_TRIES and any(_undecided(item) for item in fetched):
        raise Retry(WAIT_FOR_EVIDENCE, "a signature cannot be decided yet")
    try:
        with uow:
            document = _document(uow, event)
            for item in sorted(fetched, key=_order):
                document = _record(uow, document, item, event, account=account, actor=actor)
            if document is not None:
                for entity in event.entities:
                    arrivals.note_bare_news(uow, document, entity, actor=actor)
                _note_unknown(uow, document, event, actor=actor)
                recording.finish_if_complete(uow, document, actor=actor)
            _handled(uow, event, account)
            uow.commit()
    except (formats.FormatError, Rejected) as error:
        _note_lost(event, str(error), account=account, actor=actor, uow=uow)
        raise GiveUp(str(error)) from error
    faults.reach("exchange.after_event")


def _is_news(event: port.Event, *, tries: int) -> bool:
    """Whether an unknown message may be opened; Retry while an addition waits for its message."""
    if _is_ours(event):
        return False
    if any(entity.kind in _OPENING for entity in event.entities):
        return True
    if event.from_box is None and tries < MESSAGE_TRIES:
        pause = min(WAIT_FOR_MESSAGE * int(2 ** min(tries - 1, 10)), LONGEST_WAIT)
        raise Retry(pause, "the message itself has not come yet")
    return False


def _is_ours(event: port.Event) -> bool:
    return event.from_box is not None and event.from_box.casefold() == event.box.casefold()


def _note_lost(event: port.Event, reason: str, *, account: AccountCard, actor: Actor, uow: UnitOfWork) -> None:
    """Write down what was not taken, and tell on the card when it belongs to a document."""
    with uow:
        document = _document(uow, event)
        if document is not None:
            document.trouble = write_trouble("exchange.not_taken", {"reason": reason})
        uow.journal.write(
            "exchange.not_taken",
            owner_id=account.owner_id,
            subject=f"document:{document.id}" if document else f"operator_account:{account.id}",
            actor=actor,
            message_id=event.message_id,
            kinds=[entity.raw_type for entity in event.entities],
            reason=reason,
        )
        _handled(uow, event, account)
        uow.commit()


def _note_unknown(uow: UnitOfWork, document: Document, event: port.Event, *, actor: Actor) -> None:
    """A kind newer than this service changes nothing, but leaves a trace."""
    kinds = [entity.raw_type for entity in event.entities if entity.kind in _NOT_UNDERSTOOD]
    if kinds:
        uow.journal.write(
            "exchange.not_understood",
            owner_id=document.owner_id,
            subject=f"document:{document.id}",
            actor=actor,
            message_id=event.message_id,
            kinds=kinds,
        )


def _handled(uow: UnitOfWork, event: port.Event, account: AccountCard) -> None:
    source = f"{account.operator}:{account.box}"
    found = select(InboxItem).where(InboxItem.source == source, InboxItem.external_id == event.id)
    item = uow.session.scalars(found).one_or_none()
    if item is not None:
        uow.inbox.handled(item)


def _known(uow: UnitOfWork, event: port.Event) -> set[str]:
    rows = uow.session.scalars(select(Part.entity_ref).where(Part.message_ref == event.message_id))
    return {ref for ref in rows if ref}


def _lacks_parent(event: port.Event, known: set[str]) -> bool:
    """Whether a file of the event is about one that we keep but do not know yet: events may overtake each other."""
    there = known | {entity.ref.entity_id for entity in event.entities}
    files = [entity for entity in event.entities if entity.kind in _WITH_CONTENT]
    return any(entity.parent_id is not None and entity.parent_id not in there for entity in files)


def _document(uow: UnitOfWork, event: port.Event) -> Document | None:
    """The document of the event's message; a message of ours whose answer we never saw is found by our own id."""
    found = uow.session.scalars(select(Document).where(Document.message_ref == event.message_id)).one_or_none()
    if found is not None:
        return found
    for entity in event.entities:
        own = _uuid(entity.own_id) if event.from_box == event.box else None
        if own is None:
            continue
        ours = uow.session.scalars(
            select(Document).where(Document.id == own, Document.direction == Direction.OUT.value)
        ).one_or_none()
        if ours is not None:
            return ours
    return None


def _fetch(
    entity: port.Entity, event: port.Event, *, account: AccountCard, operator: port.Operator, desk: SigningDesk
) -> Fetched:
    content = operator.content(entity.ref)
    sha256 = desk.objects.put(content, owner=account.owner_id)
    kept: list[KeptSignature] = []
    unreadable = False
    for other in event.entities:
        if other.kind is EntityKind.SIGNATURE and other.parent_id == entity.ref.entity_id:
            try:
                kept.append(desk.judge_kept(content, operator.content(other.ref), owner=account.owner_id))
            except Rejected:
                unreadable = True
    return Fetched(
        entity=entity, sha256=sha256, size=len(content), content=content, signatures=tuple(kept), unreadable=unreadable
    )


def _undecided(item: Fetched) -> bool:
    return any(not kept.judgement.passed and not kept.judgement.failed for kept in item.signatures)


def _order(item: Fetched) -> int:
    """Parents first: the title, then receipts and answers, then the operator's confirmations of them."""
    order = {EntityKind.TITLE: 0, EntityKind.NONFORMALIZED: 0, EntityKind.CONFIRMATION: 2}
    return order.get(item.entity.kind, 1)


def _record(
    uow: UnitOfWork,
    document: Document | None,
    item: Fetched,
    event: port.Event,
    *,
    account: AccountCard,
    actor: Actor,
) -> Document:
    if item.entity.ref.entity_id in _known(uow, event):
        return document or recording.take(uow, UUID(int=0))
    role = role_of(item.entity, item.content)
    opening = role in {Role.SELLER_TITLE, Role.CONTRACT}
    if document is None:
        document = arrivals.open_document(
            uow, item.content, item.sha256, event, item.entity, account=account, role=role
        )
    echo = _own_part(uow, document, item)
    if echo is not None:
        echo.message_ref, echo.entity_ref = event.message_id, item.entity.ref.entity_id
        if opening:
            document.message_ref, document.entity_ref = event.message_id, item.entity.ref.entity_id
        arrivals.note_echo(uow, document, role, actor=actor)
        return document
    part = recording.add_part(
        uow,
        document,
        role=role,
        origin=_origin(item.entity, event, document),
        file_name=(item.entity.file_name or f"{role.value}.bin")[-LONGEST_NAME:],
        media_type="application/xml" if formats.detect(item.content) else "application/octet-stream",
        sha256=item.sha256,
        size=item.size,
        parent=_parent(uow, document, item.entity),
        message_ref=event.message_id,
        entity_ref=item.entity.ref.entity_id,
    )
    rows = [received_signature(part, kept, origin=Origin(part.origin)) for kept in item.signatures[:1]]
    uow.session.add_all(rows)
    uow.session.flush()
    if item.unreadable:
        document.trouble = "exchange.signature_unreadable"
    _journal(uow, document, part, rows, actor=actor)
    arrivals.note_part(uow, document, part, rows, item.content, actor=actor)
    return document


def role_of(entity: port.Entity, content: bytes) -> Role:
    """What the file is within its document; a confirmation is told by its own format, not by the operator's word."""
    simple: Mapping[EntityKind, Role] = {
        EntityKind.TITLE: Role.SELLER_TITLE,
        EntityKind.NONFORMALIZED: Role.CONTRACT,
        EntityKind.BUYER_TITLE: Role.BUYER_TITLE,
        EntityKind.RECEIPT: Role.RECEIPT_NOTICE,
        EntityKind.CORRECTION_REQUEST: Role.CORRECTION_REQUEST,
        EntityKind.REJECTION: Role.REJECTION,
    }
    if entity.kind is not EntityKind.CONFIRMATION:
        return simple.get(entity.kind, Role.UNKNOWN)
    kind = formats.detect(content)
    by_format = {
        "receipt_confirmation": Role.ACCEPTANCE_CONFIRMATION,
        "dispatch_confirmation": Role.DISPATCH_CONFIRMATION,
    }
    return by_format.get(kind.code if kind else "", Role.UNKNOWN)


def _own_part(uow: UnitOfWork, document: Document, item: Fetched) -> Part | None:
    """A file of ours coming back in our own feed: same bytes, made by us, not yet tied to the operator's ids."""
    for part in recording.live_parts(uow, document):
        if part.origin == Origin.OURS.value and part.sha256 == item.sha256 and part.entity_ref is None:
            return part
    return None


def _origin(entity: port.Entity, event: port.Event, document: Document) -> Origin:
    if entity.kind is EntityKind.CONFIRMATION:
        return Origin.OPERATOR
    mine = entity.signed_by == event.box or (
        entity.signed_by is None and event.from_box == event.box and document.direction == Direction.OUT.value
    )
    return Origin.OURS if mine else Origin.COUNTERPARTY


def _parent(uow: UnitOfWork, document: Document, entity: port.Entity) -> Part | None:
    if entity.parent_id is None:
        return None
    return uow.session.scalars(
        select(Part).where(Part.document_id == document.id, Part.entity_ref == entity.parent_id)
    ).one_or_none()


def _journal(uow: UnitOfWork, document: Document, part: Part, rows: list[Signature], *, actor: Actor) -> None:
    uow.journal.write(
        "exchange.received",
        owner_id=document.owner_id,
        subject=f"document:{document.id}",
        actor=actor,
        role=part.role,
        sha256=part.sha256,
        verdicts=[row.indication for row in rows],
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
