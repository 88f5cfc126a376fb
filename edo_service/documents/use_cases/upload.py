"""Take a file from the accountant: judged whole before anything is stored, so nothing is ever stored half."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select

from edo_service import formats
from edo_service.accounts import queries as accounts
from edo_service.accounts.queries import EntityCard
from edo_service.documents import adjustments, corrections, recording, rules
from edo_service.documents.adjustments import Adjusted
from edo_service.documents.facts import DocumentFacts, facts_of
from edo_service.documents.tables import Document
from edo_service.documents.titles import SellerTitle, kind_of
from edo_service.errors import Conflict, Rejected
from edo_service.formats.official import OfficialSchemas
from edo_service.formats.refusals import refusal_ru
from edo_service.formats.ukd_titles import UkdTitle, check_ukd_title, is_ukd
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.money import Money
from edo_service.kernel.objects import ObjectStore
from edo_service.kernel.uow import UnitOfWork
from edo_service.parties import queries as parties
from edo_service.parties.queries import BoxCard, CounterpartyCard

MAX_FILE = 25 * 1024 * 1024
CONTRACT, FORMAL = "Договор", ("УПД", "УКД")
CarriesUkd = Callable[[UnitOfWork, UUID, str | None], bool]
"""Whether the operator of an owner's box carries УКД."""
UKD_FUNCTIONS = frozenset({"КСЧФ", "КСЧФДИС", "ДИС"})
UPLOADED = frozenset({"upd_seller", "ukd_seller"})
"""Files that become documents of their own kind (`formats.kinds`)."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A file as the accountant sees it before it is stored: what it says, what is wrong, why it cannot be sent.

    `corrects`: the title of the document that an исправление replaces, None when it is none of those here. `adjusts`: what
    an УКД corrects.
    """

    upd: SellerTitle | None
    facts: DocumentFacts | None
    result: formats.CheckResult
    obstacles: tuple[str, ...]
    counterparty_id: UUID | None = None
    corrects: str | None = None
    adjusts: tuple[Adjusted, ...] = ()

    @property
    def may_be_sent(self) -> bool:
        """True when it is a valid УПД or УКД that names us and a counterparty we exchange with."""
        return self.upd is not None and not self.result.violations and not self.obstacles


def preview_upd(
    content: bytes,
    file_name: str,
    *,
    actor: Actor,
    uow: UnitOfWork,
    official: OfficialSchemas | None = None,
    carries_ukd: CarriesUkd | None = None,
) -> Preview:
    """Read and check a УПД or an УКД without storing anything. Foreign files are shown too, with the reason they cannot be sent.

    `official`: the schemas of ФНС, asked for a second opinion on what our own check accepts. `carries_ukd`: whether the
    operator takes an УКД; without it nothing is said about that.
    """
    result, upd = _checked(content, file_name)
    result = _seconded(result, content, official)
    if upd is None:
        broken = result.kind is not None and result.kind.code in UPLOADED and bool(result.violations)
        return Preview(upd=None, facts=None, result=result, obstacles=() if broken else ("not_upd",))
    with uow:
        obstacles, box, counterparty = _who_exchanges(upd, actor=actor, uow=uow)
        inn, corrects = upd.buyer.inn or "", None
        adjusts: tuple[Adjusted, ...] = ()
        if isinstance(upd, UkdTitle):
            obstacles += _not_carried(upd, box, carries_ukd, actor=actor, uow=uow)
            adjusts = adjustments.named(uow, upd, direction=rules.Direction.OUT, counterparty_inn=inn)
        elif (
            found := corrections.find_original(uow, upd, direction=rules.Direction.OUT, counterparty_inn=inn)
        ) is not None:
            corrects = found.title
    return Preview(
        upd=upd,
        facts=facts_of(upd),
        result=result,
        obstacles=obstacles,
        counterparty_id=counterparty.id if counterparty else None,
        corrects=corrects,
        adjusts=adjusts,
    )


def _checked(content: bytes, file_name: str) -> tuple[formats.CheckResult, SellerTitle | None]:
    if is_ukd(content):
        return check_ukd_title(content, file_name=file_name)
    return formats.check_upd_seller(content, file_name=file_name)


def _not_carried(
    ukd: UkdTitle, box: BoxCard | None, carries: CarriesUkd | None, *, actor: Actor, uow: UnitOfWork
) -> tuple[str, ...]:
    """Why no operator would take an УКД: its order, its function, or that the operator's wire for it is not known."""
    if not ukd.is_of_736:
        return ("ukd_of_other_order",)
    if ukd.function not in UKD_FUNCTIONS:
        return ("ukd_of_other_function",)
    if ukd.correction is not None:
        return ("ukd_revised",)
    if box is not None and carries is not None and not carries(uow, actor.entity, box.box):
        return ("ukd_not_carried",)
    return ()


def upload_upd(
    content: bytes,
    file_name: str,
    *,
    actor: Actor,
    uow: UnitOfWork,
    objects: ObjectStore,
    official: OfficialSchemas | None = None,
    carries_ukd: CarriesUkd | None = None,
) -> UUID:
    """Store a valid УПД 5.03 or an УКД of 736@ that names our ИНН/КПП and both participants' ids as a draft.

    Returns the document's id. An УКД is tied to the documents that it corrects, an исправление to the one it replaces.

    Raises Rejected with the findings (`upd_invalid`) or the obstacles (`upd_not_ours`, `too_large`), Conflict when this
    very file is here already (`uploaded_already`); then nothing is stored.
    """
    actor.require(Right.UPLOAD)
    if len(content) > MAX_FILE:
        raise Rejected("document.too_large", file_name=file_name, limit=MAX_FILE)
    preview = preview_upd(content, file_name, actor=actor, uow=uow, official=official, carries_ukd=carries_ukd)
    if preview.upd is None or preview.facts is None or preview.result.violations:
        raise Rejected("document.upd_invalid", file_name=file_name, reason=_first_reason(preview))
    if preview.obstacles:
        raise Rejected("document.upd_not_ours", file_name=file_name, obstacles=", ".join(preview.obstacles))
    sha256 = objects.put(content, owner=actor.entity)
    with _once(sha256, preview.counterparty_id, uow=uow), uow:
        obstacles, box, counterparty = _who_exchanges(preview.upd, actor=actor, uow=uow)
        if obstacles or box is None or counterparty is None:
            raise Rejected("document.upd_not_ours", file_name=file_name, obstacles=", ".join(obstacles))
        _refuse_twice(uow, sha256, counterparty.id)
        document = _draft(
            preview.facts,
            kind=kind_of(preview.upd),
            route=rules.Route.OPERATOR,
            counterparty=counterparty,
            actor=actor,
            uow=uow,
        )
        document.box, document.peer_box = box.box, counterparty.box
        document.format_version = preview.result.kind.version if preview.result.kind else None
        if not isinstance(preview.upd, UkdTitle):
            original = corrections.find_original(
                uow, preview.upd, direction=rules.Direction.OUT, counterparty_inn=counterparty.inn
            )
            document.corrects_id = original.id if original else None
        _store(
            document, sha256, len(content), file_name, "application/xml", rules.Role.SELLER_TITLE, actor=actor, uow=uow
        )
        if isinstance(preview.upd, UkdTitle):
            adjustments.tie(uow, document, preview.upd)
        uow.commit()
        return document.id


def _seconded(result: formats.CheckResult, content: bytes, official: OfficialSchemas | None) -> formats.CheckResult:
    """Our own check; where it finds nothing to refuse, what the official schema refuses is added to it."""
    if official is None or result.kind is None or result.violations:
        return result
    return replace(result, violations=official.check(content) or ())


def upload_contract(  # noqa: PLR0913 - what the form asks, plus the ports
    content: bytes,
    file_name: str,
    *,
    number: str,
    dated: date,
    counterparty_id: UUID,
    total: Money | None,
    name: str = "",
    route: rules.Route | None = None,
    actor: Actor,
    uow: UnitOfWork,
    objects: ObjectStore,
) -> UUID:
    """Store a contract or another unformalised file for a counterparty.

    `route`: None means directly when the counterparty has an account here, else by its operator's box. PDF, JPEG, PNG,
    DOCX, XML and ZIP are taken, judged by their bytes (`formats.inspect_file`). `name` is what the document is called,
    «Договор» by default. Returns the document's id. Raises Rejected (`file_refused`, `too_large`, `not_here`, `no_way`,
    `to_ourselves`), NotFound, Conflict `uploaded_already`; then nothing is stored.
    """
    actor.require(Right.UPLOAD)
    if len(content) > MAX_FILE:
        raise Rejected("document.too_large", file_name=file_name, limit=MAX_FILE)
    report = inspected(content, file_name)
    with uow:
        _way(uow, parties.counterparty(uow, counterparty_id), route, actor)
    sha256 = objects.put(content, owner=actor.entity)
    facts = DocumentFacts(
        number=number,
        dated=dated,
        title=f"{name or CONTRACT} № {number} от {dated:%d.%m.%Y}",
        function=None,
        total=total,
        vat=None,
        currency="643",
        details={
            "notes": [note.text_ru for note in report.notes],
            "formal": report.formal_ru,
        },
    )
    with _once(sha256, counterparty_id, uow=uow), uow:
        counterparty = parties.counterparty(uow, counterparty_id)
        way = _way(uow, counterparty, route, actor)
        _refuse_twice(uow, sha256, counterparty.id)
        document = _draft(
            facts, kind=rules.Kind.CONTRACT, route=way.route, counterparty=counterparty, actor=actor, uow=uow
        )
        document.peer_entity_id, document.box, document.peer_box = way.peer_entity_id, way.box, way.peer_box
        _store(document, sha256, len(content), file_name, report.media_type, rules.Role.CONTRACT, actor=actor, uow=uow)
        uow.commit()
        return document.id


def inspected(content: bytes, file_name: str) -> formats.FileReport:
    """An unformalised file that may be taken. Raises Rejected `file_refused` with what is wrong and what to do."""
    report = formats.inspect_file(content, file_name)
    refusal = refusal_ru(report)
    if refusal is None and report.formal_ru is not None and report.formal_ru.startswith(FORMAL):
        refusal = f"{file_name} — это {report.formal_ru}. Выберите «УПД или УКД»: файл проверим и покажем"
    if refusal is not None:
        raise Rejected("document.file_refused", file_name=file_name, reason=refusal)
    return report


@dataclass(frozen=True, kw_only=True)
class _Way:
    """How a file gets to a counterparty: to its account here, or from a box of ours to its box."""

    route: rules.Route
    peer_entity_id: UUID | None = None
    box: str | None = None
    peer_box: str | None = None


def _way(uow: UnitOfWork, counterparty: CounterpartyCard, route: rules.Route | None, actor: Actor) -> _Way:
    """The way asked for, or the best there is. Rejected `to_ourselves`, `not_here`, `no_way`."""
    peer = accounts.entity_by_inn(uow, counterparty.inn, counterparty.kpp)
    if peer is not None and peer.id == actor.entity:
        raise Rejected("document.to_ourselves")
    if route is not rules.Route.OPERATOR and peer is not None:
        return _Way(route=rules.Route.DIRECT, peer_entity_id=peer.id)
    own = next((box for box in parties.own_boxes(uow) if box.operator == counterparty.operator), None)
    if route is not rules.Route.DIRECT and own is not None and counterparty.box is not None:
        return _Way(route=rules.Route.OPERATOR, box=own.box, peer_box=counterparty.box)
    raise Rejected("document.not_here" if own is None else "document.no_way", name=counterparty.name)


@contextmanager
def _once(sha256: str, counterparty_id: UUID | None, *, uow: UnitOfWork) -> Iterator[None]:
    """Answer the loser of two uploads at once as the one who comes later: the index has let the other one through."""
    try:
        yield
    except Conflict as error:
        if error.code != "database.duplicate":
            raise
        with uow:
            _refuse_twice(uow, sha256, counterparty_id)
        raise


def _refuse_twice(uow: UnitOfWork, sha256: str, counterparty_id: UUID | None) -> None:
    """One file goes to one counterparty once: a second draft would be a second sending. A failed one may be repeated.

    The index `uq_document_upload` holds it for those who come at the same time.
    """
    found = uow.session.scalars(
        select(Document).where(
            Document.upload_sha256 == sha256,
            Document.counterparty_id == counterparty_id,
            Document.delivery != "failed",
        )
    ).first()
    if found is not None:
        raise Conflict("document.uploaded_already", title=found.title, id=str(found.id))


def _who_exchanges(
    upd: SellerTitle, *, actor: Actor, uow: UnitOfWork
) -> tuple[tuple[str, ...], BoxCard | None, CounterpartyCard | None]:
    """Which of the four names in the file do not fit: seller, sender's id, recipient's id, buyer."""
    ours: EntityCard = accounts.entity(uow, actor.entity)
    obstacles: list[str] = []
    if (upd.seller.inn, upd.seller.kpp or "") != (ours.inn, ours.kpp or ""):
        obstacles.append("seller_is_not_us")
    box = parties.own_box(uow, participant_id=upd.sender_id)
    if box is None:
        obstacles.append("sender_id_is_not_ours")
    counterparty = parties.counterparty_by_participant(uow, upd.recipient_id)
    if counterparty is None:
        obstacles.append("recipient_id_unknown")
    elif (upd.buyer.inn, upd.buyer.kpp or "") != (counterparty.inn, counterparty.kpp or ""):
        obstacles.append("buyer_is_not_recipient")
    return tuple(obstacles), box, counterparty


def _first_reason(preview: Preview) -> str:
    """The first violation in words, or that the file is no УПД at all."""
    violations = preview.result.violations
    return violations[0].text_ru if violations else "not_upd"


def _draft(
    facts: DocumentFacts,
    *,
    kind: rules.Kind,
    route: rules.Route,
    counterparty: CounterpartyCard,
    actor: Actor,
    uow: UnitOfWork,
) -> Document:
    lives = rules.initial_lives(direction=rules.Direction.OUT, kind=kind, route=route, function=facts.function)
    return Document(
        owner_id=actor.entity,
        direction=rules.Direction.OUT.value,
        route=route.value,
        kind=kind.value,
        function=facts.function,
        number=facts.number,
        dated=facts.dated,
        title=facts.title,
        total=facts.total,
        vat=facts.vat,
        currency=facts.currency,
        facts=dict(facts.details),
        counterparty_id=counterparty.id,
        counterparty_name=counterparty.name,
        counterparty_inn=counterparty.inn,
        counterparty_kpp=counterparty.kpp,
        search=f"{facts.title} {counterparty.name} {counterparty.inn}",
        created_by=actor.user_id,
        created_at=uow.clock.now(),
        **lives,
    )


def _store(
    document: Document,
    sha256: str,
    size: int,
    file_name: str,
    media_type: str,
    role: rules.Role,
    *,
    actor: Actor,
    uow: UnitOfWork,
) -> None:
    document.content_sha256 = document.upload_sha256 = sha256
    uow.session.add(document)
    uow.session.flush()
    recording.add_part(
        uow,
        document,
        role=role,
        origin=rules.Origin.OURS,
        file_name=file_name,
        media_type=media_type,
        sha256=sha256,
        size=size,
    )
    uow.journal.write(
        "document.uploaded",
        owner_id=document.owner_id,
        subject=f"document:{document.id}",
        actor=actor,
        sha256=sha256,
        file_name=file_name,
    )
