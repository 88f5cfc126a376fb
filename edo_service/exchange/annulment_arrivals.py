"""What an event brings about an annulment: the files and signatures fetched and judged, and what they are about.

The network and the store are asked here; rows are only read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from edo_service import formats
from edo_service.accounts import queries as accounts
from edo_service.documents import papers, recording
from edo_service.documents.rules import Role
from edo_service.documents.signing_desk import KeptSignature, SigningDesk
from edo_service.documents.tables import Document, Part
from edo_service.errors import Rejected
from edo_service.exchange import annulment_papers, annulments, fitness
from edo_service.exchange.accounts import AccountCard
from edo_service.exchange.acting import Acting
from edo_service.exchange.incoming import MESSAGES
from edo_service.exchange.tables import Annulment
from edo_service.kernel.uow import UnitOfWork
from edo_service.powers.desk import Judged, is_good
from operators import port
from operators.port import EntityKind


@dataclass(frozen=True, kw_only=True)
class Matter:
    """The document that a proposal is about: both sides by ИНН, its kind, its file's name and signatures (SHA-256).

    `party_box`: the counterparty's box at the operator, empty when it is not known.
    """

    own_inn: str
    party_inn: str
    party_box: str
    kind: str
    file_name: str
    signatures: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Found:
    """One file or signature about an annulment, fetched and judged. `file` names the proposal that it is or hangs on.

    `told`: what a universal message (УС) says, by its weightiest code; None for every other file. `power`: the МЧД that
    the operator says came with the signature.
    """

    entity: port.Entity
    file: str
    ours: bool
    sha256: str = ""
    content: bytes = b""
    signature: KeptSignature | None = None
    judged: Judged | None = None
    undecided: bool = False
    told: Role | None = None
    power: port.PowerRef | None = None

    @property
    def is_refusal(self) -> bool:
        """Whether it refuses a proposal: a notice (DP_UVUTOCH) or a universal message, whatever the operator calls it."""
        return self.entity.kind is EntityKind.REJECTION or self.told is Role.REJECTION


def put_right(
    event: port.Event, about: Sequence[port.Entity], *, uow: UnitOfWork, operator: port.Operator
) -> tuple[port.Event, tuple[port.Entity, ...]]:
    """The event and what is about annulments, each file by what it says inside.

    Not every operator tells what a notice (DP_UVUTOCH) is about: one that came after a proposal may ask to correct the
    document itself. It goes back to the event with its signatures, as a request about the title that it names.
    """
    notices = [one for one in about if one.kind is EntityKind.REJECTION]
    if not notices:
        return event, tuple(about)
    titles = select(Part).where(Part.message_ref == event.message_id, Part.role == Role.SELLER_TITLE)
    with uow.reading() as seen:
        names = {
            annulment_papers.stem(part.file_name).casefold(): part.entity_ref
            for part in seen.session.scalars(titles)
            if part.entity_ref
        }
    back: dict[str, str] = {}
    for one in notices:
        notice = annulment_papers.refusal_of(operator.content(one.ref))
        title = names.get(annulment_papers.stem(notice.file.name).casefold()) if notice is not None else None
        if title is not None:
            back[one.ref.entity_id] = title
    moved = [
        replace(one, kind=EntityKind.CORRECTION_REQUEST, parent_id=back[one.ref.entity_id])
        if one.ref.entity_id in back
        else one
        for one in about
        if one.ref.entity_id in back or one.parent_id in back
    ]
    left = tuple(one for one in about if one.ref.entity_id not in back and one.parent_id not in back)
    return replace(event, entities=(*event.entities, *moved)), left


def matters(uow: UnitOfWork, rows: Sequence[Annulment], proposals: Sequence[port.Entity]) -> Mapping[str, Matter]:
    """A proposal's id → what it is about; those about a document that is not here are left out."""
    about = {row.entity_ref: uow.session.get_one(Document, row.document_id) for row in rows if row.entity_ref}
    found = {one.ref.entity_id: annulments.document_of(uow, one) for one in proposals}
    return {ref: _matter(uow, document) for ref, document in (found | about).items() if document is not None}


def _matter(uow: UnitOfWork, document: Document) -> Matter:
    main = recording.main_part(uow, document)
    signed = (row.sha256 for row in recording.signatures_of(uow, document) if row.part_id == main.id)
    return Matter(
        own_inn=accounts.entity(uow, document.owner_id).inn,
        party_inn=document.counterparty_inn,
        party_box=document.peer_box or "",
        kind=document.kind,
        file_name=main.file_name,
        signatures=frozenset(sha for sha in signed if sha),
    )


def by_power(one: Found, matter: Matter | None, acting: Acting) -> Judged | None:
    """The МЧД of an employee who has signed: the one that a refusal cites or the operator names, else one that is kept here."""
    if one.signature is None or matter is None:
        return None
    reading = annulment_papers.refusal_of(one.content) if one.entity.kind is EntityKind.REJECTION else None
    cites = reading if reading is not None and papers.powers_in(reading) else None
    principal = matter.own_inn if one.ours else matter.party_inn
    told = (one.power.number,) if one.power is not None else ()
    found = acting.judge(cites, [one.signature], principal_inn=principal, kind=matter.kind, told=told)
    return found.get(one.signature.sha256)


def fetch(
    event: port.Event,
    about: Sequence[port.Entity],
    files: dict[str, str],
    *,
    account: AccountCard,
    desk: SigningDesk,
    operator: port.Operator,
) -> list[Found]:
    """Proposals first, then what hangs on them; no transaction is open here."""
    contents: dict[str, bytes] = {}
    found: list[Found] = []
    order = {EntityKind.REVOCATION: 0, EntityKind.REJECTION: 1}
    for entity in sorted(about, key=lambda one: order.get(one.kind, 2)):
        ours = (entity.signed_by or "").casefold() == account.box.casefold()
        ref, parent = entity.ref.entity_id, entity.parent_id or ""
        if entity.kind in {EntityKind.REVOCATION, EntityKind.REJECTION}:
            contents[ref] = operator.content(entity.ref)
            own = _own_signature(event, entity)
            signature = _judge(contents[ref], operator.content(own.ref), account, desk) if own else None
            sha256 = desk.objects.put(contents[ref], owner=account.owner_id)
            file = ref if entity.kind is EntityKind.REVOCATION else parent
            undecided = signature is not None and _is_undecided(signature)
            found.append(
                Found(
                    entity=entity, file=file, ours=ours, sha256=sha256, content=contents[ref],
                    signature=signature, undecided=undecided, told=_told(contents[ref]),
                    power=own.power if own else None,
                )
            )  # fmt: skip
        elif entity.kind in MESSAGES and parent in {*contents, *files}:
            content = operator.content(entity.ref)
            if _told(content) is Role.REJECTION:
                sha256 = desk.objects.put(content, owner=account.owner_id)
                found.append(
                    Found(entity=entity, file=parent, ours=ours, sha256=sha256, content=content, told=Role.REJECTION)
                )
        elif entity.kind is EntityKind.SIGNATURE and (parent in contents or parent in files):
            proposal = next((one for one in found if one.entity.ref.entity_id == parent), None)
            if proposal is not None and proposal.ours == ours:
                continue  # the proposer's own signature, judged with the file
            signed = contents.get(parent) or desk.objects.get(account.owner_id, files[parent])
            kept = _judge(signed, operator.content(entity.ref), account, desk)
            found.append(
                Found(
                    entity=entity, file=parent, ours=ours, signature=kept,
                    undecided=kept is not None and _is_undecided(kept), power=entity.power,
                )
            )  # fmt: skip
    return found


def _told(content: bytes) -> Role | None:
    """What a universal message says; UNKNOWN for one that cannot be read or moves nothing, None for other files."""
    if not formats.is_universal_message(content):
        return None
    try:
        return fitness.role_of_message(content)
    except formats.FormatError:
        return Role.UNKNOWN


def _own_signature(event: port.Event, entity: port.Entity) -> port.Entity | None:
    """The signature on a file by whoever has sent it."""
    author = (entity.signed_by or "").casefold()
    mine = (one for one in event.entities if one.kind is EntityKind.SIGNATURE and one.parent_id == entity.ref.entity_id)
    return next((one for one in mine if (one.signed_by or "").casefold() == author), None)


def _judge(content: bytes, cms: bytes, account: AccountCard, desk: SigningDesk) -> KeptSignature | None:
    try:
        return desk.judge_kept(content, cms, owner=account.owner_id)
    except Rejected:
        return None


def _is_undecided(kept: KeptSignature) -> bool:
    return not kept.judgement.passed and not kept.judgement.failed


def counts(one: Found, matter: Matter | None) -> bool:
    """Whether the word moves anything: its document is here, and it is by whom it should be."""
    return matter is not None and is_by_its_side(one, matter)


def is_by_its_side(one: Found, matter: Matter) -> bool:
    """Signed by the organisation whose act it is: by the counterparty, or by us when it is said to be ours.

    An employee's signature is the organisation's when her power passed the ten checks (63-ФЗ art. 17.2). What could not
    be decided after several tries does not count as broken; but a certificate without a path to an anchor counts as
    nothing: anybody could have written any ИНН into it.

    A refusal by universal message (УС, code 3999) is signed by nobody: its sender is the operator's word, and that must
    name one of the two boxes. Nothing else about an annulment may come unsigned.
    """
    if one.told is not None:
        sender = (one.entity.signed_by or "").casefold()
        return one.told is Role.REJECTION and (one.ours or (sender != "" and sender == matter.party_box.casefold()))
    kept = one.signature
    if kept is None or not kept.judgement.trusted:
        return False
    inn = matter.own_inn if one.ours else matter.party_inn
    return (bool(inn) and kept.signer_inn == inn) or (one.judged is not None and is_good(one.judged))
