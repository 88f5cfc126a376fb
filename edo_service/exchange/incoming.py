"""Fetch what an event tells of: bytes, signatures judged, files read. The network and the store are asked here, no transaction."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from uuid import UUID

from edo_service import formats
from edo_service.accounts import queries as accounts
from edo_service.documents import recording
from edo_service.documents.rules import Kind, Role
from edo_service.documents.signing_desk import KeptSignature, SigningDesk, Tray
from edo_service.documents.titles import SellerTitle
from edo_service.errors import Rejected
from edo_service.exchange import fitness, threads
from edo_service.exchange.acting import Acting
from edo_service.exchange.fitness import Reading
from edo_service.exchange.threads import WITH_CONTENT, Known
from edo_service.formats.service import DispatchConfirmation, ReceiptConfirmation
from edo_service.formats.ukd_titles import UkdReply, UkdTitle
from edo_service.formats.upd import UpdSeller
from edo_service.kernel.uow import UnitOfWork
from edo_service.parties import queries as parties
from edo_service.powers.desk import Judged
from operators import port
from operators.port import EntityKind

AT_ONCE = 12
"""A message of more files is fetched file by file, so that they are not all in memory at once."""
ANSWERING = frozenset({Role.BUYER_TITLE, Role.REJECTION, Role.RECEIPT_NOTICE, Role.CORRECTION_REQUEST})
MESSAGES = frozenset({EntityKind.RECEIPT, EntityKind.REJECTION, EntityKind.CORRECTION_REQUEST})
"""Kinds that a universal message may be by the operator's word."""


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A file with its bytes in the store and its judged signatures, ready to be recorded.

    `is_kept`: the file came earlier, only its signatures are new. `unreadable`: a signature came that is no CMS at all.
    `fault`: why the file cannot be read. `misfit`: why it does not answer the title that it hangs on. `powers`: SHA-256 of
    a signature by an employee's own certificate → the power it rests on, for the organisation `principal_inn`.
    `signers`: SHA-256 of a signature → the box that it came from by the operator's word. `about`: the file that a
    confirmation of the operator names, when it comes after its document.
    """

    entity_id: str
    entity: port.Entity
    role: Role
    sha256: str
    size: int
    is_formal: bool
    signatures: tuple[KeptSignature, ...]
    unreadable: bool
    reading: Reading | None
    fault: str | None
    misfit: str | None
    powers: Mapping[str, Judged]
    principal_inn: str | None = None
    signers: Mapping[str, str] = field(default_factory=dict)
    power_silent: bool = False
    is_kept: bool = False
    about: str = ""

    @property
    def undecided(self) -> bool:
        """Whether evidence for a signature, or about the power it rests on, is missing now."""
        return self.power_silent or any(
            not kept.judgement.passed and not kept.judgement.failed for kept in self.signatures
        )


@dataclass(frozen=True, kw_only=True)
class Fetcher:
    """Reads one event's files for one owner. `contents`: those that were fetched together, when they are few."""

    event: port.Event
    known: Known
    owner: UUID
    operator: port.Operator
    desk: SigningDesk
    uow: UnitOfWork
    contents: dict[port.EntityRef, bytes] = field(default_factory=dict, repr=False)

    @cached_property
    def tray(self) -> Tray:
        """What is to be put together, before anything is recorded."""
        return self.desk.tray(self.owner)

    def news(self) -> tuple[Fetched, ...]:
        """Files that are not kept yet, and new signatures of those that are; parents first."""
        files = [
            entity
            for entity in sorted(self.event.entities, key=_order)
            if entity.kind in WITH_CONTENT and entity.ref.entity_id not in self.known.parts
        ]
        signed = {entity.ref.entity_id for entity in files} | {entity.parent_id for entity in self._late_ones()}
        wanted = [entity.ref for entity in files]
        wanted += [
            one.ref for one in self.event.entities if one.kind is EntityKind.SIGNATURE and one.parent_id in signed
        ]
        if 0 < len(wanted) <= AT_ONCE:
            self.contents.update(self.operator.contents(wanted))
        items = []
        for item in chain((self._file(entity) for entity in files), self._late()):
            items.append(item)
            if not self.contents:
                self.tray.put()
        self.tray.put()
        return tuple(items)

    def _content(self, entity: port.Entity) -> bytes:
        return self.contents[entity.ref] if entity.ref in self.contents else self.operator.content(entity.ref)

    def _file(self, entity: port.Entity) -> Fetched:
        content = self._content(entity)
        return self._fetched(entity, entity.ref.entity_id, role_of(entity, content), content)

    def _late_ones(self) -> list[port.Entity]:
        """Signatures that came without their file, or by another signer on a file that is kept: some operators show it again.

        The author's own signature comes with the file: an event that holds both has been taken whole.
        """
        here = {entity.ref.entity_id: entity.signed_by for entity in self.event.entities}
        return [
            entity
            for entity in self.event.entities
            if entity.kind is EntityKind.SIGNATURE
            and entity.parent_id in self.known.parts
            and (entity.parent_id not in here or here[entity.parent_id] != entity.signed_by)
        ]

    def _late(self) -> Iterator[Fetched]:
        for entity in self._late_ones():
            part = self.known.parts.get(entity.parent_id or "")
            if part is not None:
                content = self.desk.objects.get(self.owner, part.sha256)
                yield self._fetched(entity, str(entity.parent_id), part.role, content, is_kept=True)

    def _fetched(
        self, entity: port.Entity, entity_id: str, role: Role, content: bytes, *, is_kept: bool = False
    ) -> Fetched:
        signers: dict[str, str] = {}
        signatures, unreadable = self._signatures(entity_id, content, signers)
        reading, fault = fitness.read_file(role, content)
        seller = self._seller(entity, entity_id) if role in ANSWERING else None
        misfit = fitness.misfit_of_answer(reading, fault, seller) if seller else None
        acting = Acting(owner=self.owner, uow=self.uow, desk=self.desk)
        bare = role is Role.CONTRACT
        principal = self._side(entity) if bare else principal_of(reading, seller)
        kind = Kind.CONTRACT if bare else Kind.UKD if isinstance(reading, UkdTitle | UkdReply) else Kind.UPD
        powers = (
            acting.judge(reading, signatures, principal_inn=principal, kind=kind.value, told=self._told(entity_id))
            if bare or reading
            else {}
        )
        return Fetched(
            entity_id=entity_id,
            entity=entity,
            role=role,
            sha256=self.tray.add(content),
            size=len(content),
            is_formal=formats.detect(content) is not None,
            signatures=signatures,
            unreadable=unreadable,
            reading=reading,
            fault=fault,
            misfit=fitness.misfit_of_message(content) if role is Role.UNIVERSAL_RECEIPT else misfit,
            powers=powers,
            principal_inn=principal,
            signers=signers,
            power_silent=bool(acting.silent),
            is_kept=is_kept,
            about="" if threads.opens(self.event, entity) else confirmed_file(role, content),
        )

    def _told(self, entity_id: str) -> tuple[str, ...]:
        """Numbers of the powers that the operator says came with the file's signatures."""
        signed = [one.power for one in self.event.entities if one.parent_id == entity_id]
        return tuple(power.number for power in signed if power is not None)

    def _side(self, entity: port.Entity) -> str | None:
        """ИНН of the organisation whose signature the operator says this is; None when it cannot be told."""
        with self.uow:
            if (entity.signed_by or "").casefold() == self.event.box.casefold():
                return accounts.entity(self.uow, self.owner).inn
            document_id = threads.document_of(self.event, entity, self.known)
            if document_id is not None:
                return recording.take(self.uow, document_id).counterparty_inn
            known = parties.counterparty_by_box(self.uow, self.event.from_box) if self.event.from_box else None
            return None if known is None else known.inn

    def _signatures(
        self, entity_id: str, content: bytes, signers: dict[str, str]
    ) -> tuple[tuple[KeptSignature, ...], bool]:
        """Every distinct signature of the file, and whether there was one that is no CMS."""
        kept: dict[str, KeptSignature] = {}
        unreadable = False
        for other in self.event.entities:
            if other.kind is EntityKind.SIGNATURE and other.parent_id == entity_id:
                try:
                    one = self.desk.judge_onto(self.tray, content, self._content(other))
                    kept.setdefault(one.sha256, one)
                    if other.signed_by:
                        signers[one.sha256] = other.signed_by
                except Rejected:
                    unreadable = True
        return tuple(kept.values()), unreadable

    def _seller(self, entity: port.Entity, entity_id: str) -> SellerTitle | None:
        """The title that an answer must be about; None when it hangs on another file, or the title cannot be read."""
        root = threads.root_of(self.event, entity)
        if threads.opens(self.event, entity):
            content = self._content(root)
        else:
            document_id = threads.document_of(self.event, entity, self.known)
            parent = self.known.parts.get(entity.parent_id or "") if entity_id == entity.ref.entity_id else None
            if document_id is None or (parent is not None and parent.role is not Role.SELLER_TITLE):
                return None
            content = self.desk.objects.get(self.owner, self.known.titles[document_id])
        found, _ = fitness.read_file(Role.SELLER_TITLE, content)
        return found if isinstance(found, UpdSeller | UkdTitle) else None


def principal_of(reading: Reading | None, seller: SellerTitle | None) -> str | None:
    """ИНН of the organisation that a file of the other side speaks for: the seller of a title, the buyer of an answer."""
    if isinstance(reading, UpdSeller | UkdTitle):
        return reading.seller.inn
    return None if seller is None else seller.buyer.inn


def role_of(entity: port.Entity, content: bytes) -> Role:
    """What the file is within its document; a confirmation is told by its own format, not by the operator's word.

    So is a receipt, a refusal or a request for a correction: as a notice of its own or as a universal message (УС), which
    needs no signature and whose codes tell what it is.
    """
    simple: Mapping[EntityKind, Role] = {
        EntityKind.TITLE: Role.SELLER_TITLE,
        EntityKind.NONFORMALIZED: Role.CONTRACT,
        EntityKind.BUYER_TITLE: Role.BUYER_TITLE,
        EntityKind.RECEIPT: Role.RECEIPT_NOTICE,
        EntityKind.CORRECTION_REQUEST: Role.CORRECTION_REQUEST,
        EntityKind.REJECTION: Role.REJECTION,
    }
    if entity.kind in MESSAGES and formats.is_universal_message(content):
        return _role_of_message(entity, content)
    if entity.kind is not EntityKind.CONFIRMATION:
        return simple.get(entity.kind, Role.UNKNOWN)
    kind = formats.detect(content)
    by_format = {
        "receipt_confirmation": Role.ACCEPTANCE_CONFIRMATION,
        "dispatch_confirmation": Role.DISPATCH_CONFIRMATION,
    }
    return by_format.get(kind.code if kind else "", Role.UNKNOWN)


def _role_of_message(entity: port.Entity, content: bytes) -> Role:
    """By its codes; one that is called a receipt and is none, or cannot be read, is kept as a receipt with an objection."""
    otherwise = Role.UNIVERSAL_RECEIPT if entity.kind is EntityKind.RECEIPT else Role.UNKNOWN
    try:
        found = fitness.role_of_message(content)
    except formats.FormatError:
        return otherwise
    return otherwise if found is Role.UNKNOWN else found


def confirmed_file(role: Role, content: bytes) -> str:
    """ИдФайл of what a confirmation confirms: not every operator tells what it hangs on. Empty for all other files."""
    try:
        if role is Role.ACCEPTANCE_CONFIRMATION:
            return formats.read_service(content, ReceiptConfirmation).file.name
        if role is Role.DISPATCH_CONFIRMATION:
            return formats.read_service(content, DispatchConfirmation).file.name
    except formats.FormatError:
        return ""
    return ""


def _order(entity: port.Entity) -> int:
    """Parents first: the title, then receipts and answers, then the operator's confirmations of them."""
    order = {EntityKind.TITLE: 0, EntityKind.NONFORMALIZED: 0, EntityKind.CONFIRMATION: 2}
    return order.get(entity.kind, 1)
