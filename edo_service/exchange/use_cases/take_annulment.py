"""Take what an event says of an annulment: their proposal, their consent, their refusal; ours seen in our own feed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal
from uuid import UUID

from edo_service.accounts import queries as accounts
from edo_service.documents import papers, recording
from edo_service.documents.signing_desk import KeptSignature, SigningDesk
from edo_service.documents.tables import Document
from edo_service.errors import Rejected, Unavailable
from edo_service.exchange import annulment_doubts as doubts
from edo_service.exchange import annulment_papers, annulments, undecided
from edo_service.exchange.accounts import AccountCard, OperatorFactory, account_of_box
from edo_service.exchange.acting import Acting
from edo_service.exchange.lives import AnnulmentEvent
from edo_service.exchange.odd import keep_odd, settle_odd
from edo_service.exchange.rules import UNDECIDED_TRIES
from edo_service.exchange.tables import Annulment
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.kernel.jobs import Retry
from edo_service.kernel.uow import UnitOfWork
from edo_service.powers.desk import Judged, is_good
from operators import port
from operators.errors import OperatorError
from operators.port import EntityKind

WAIT = timedelta(seconds=20)
TRIES = 20
NO_DOCUMENT = "Предложение об аннулировании документа, которого на портале нет"
SECOND_OFFER = (
    "Второе ваше предложение об аннулировании того же документа, отправленное не с портала. Первое ещё открыто"
)
BAD_SIGNATURE = (
    "Подпись под предложением об аннулировании или ответом на него недействительна или не подтверждена. Оно не учтено"
)
SILENT_REGISTER = (
    "Под предложением об аннулировании или ответом на него подпись сотрудника, а реестр доверенностей не отвечает. "
    "Портал будет спрашивать его 30 дней и учтёт подпись, когда доверенность подтвердится"
)
OTHER_FILE = "Предложение об аннулировании названо к одному документу, а внутри него другой. Подпись под ним аннулировала бы другой"
OTHER_OFFER = "Отказ пришёл на одно предложение об аннулировании, а написан о другом. Он не учтён"


@dataclass(frozen=True, kw_only=True)
class _Matter:
    """The document that a proposal is about: both sides by ИНН, its kind, its file's name and signatures (SHA-256)."""

    own_inn: str
    party_inn: str
    kind: str
    file_name: str
    signatures: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class _Found:
    """One file or signature about an annulment, fetched and judged. `file` names the proposal that it is or hangs on."""

    entity: port.Entity
    file: str
    ours: bool
    sha256: str = ""
    content: bytes = b""
    signature: KeptSignature | None = None
    judged: Judged | None = None
    undecided: bool = False


def take_annulment(  # noqa: PLR0913 - an event, whose it is, and the services it needs
    event: port.Event,
    about: Sequence[port.Entity],
    *,
    tries: int,
    account: AccountCard,
    actor: Actor,
    uow: UnitOfWork,
    desk: SigningDesk,
    operator: port.Operator,
    promise: bool = True,
) -> bool:
    """Record it; harmless when it comes twice. Raises Retry while its document or evidence for a signature is missing.

    True while a signature of it is still open, thirty days long: with `promise` it is promised to be looked at again.

    A silent register of powers is asked for thirty days; an event that brings more than this waits for it no longer than
    for other evidence.
    """
    with uow:
        rows = annulments.of_message(uow, event.message_id)
        files = {row.entity_ref: row.file_sha256 for row in rows if row.entity_ref}
        proposals = [one for one in about if one.kind is EntityKind.REVOCATION]
        if any(annulments.document_of(uow, one) is None for one in proposals) and tries < TRIES:
            raise Retry(WAIT, "the document that is to be annulled has not come yet")
        matters = _matters(uow, rows, proposals)
    found = _fetch(event, about, files, account=account, desk=desk, operator=operator)
    acting = Acting(owner=account.owner_id, uow=uow, desk=desk)
    found = [replace(one, judged=_by_power(one, matters.get(one.file), acting)) for one in found]
    if tries <= UNDECIDED_TRIES and (acting.silent or any(one.undecided for one in found)):
        raise Retry(WAIT, "a signature cannot be decided yet")
    if acting.silent and len(about) == len(event.entities):
        _wait_for_register(event, tries=tries, account=account, uow=uow)
    with uow:
        for one in found:
            _record(uow, event, one, matters.get(one.file), account=account, actor=actor)
            _note_doubt(uow, event, one, matters.get(one.file), actor=actor)
        open_ = any(doubts.may_heal(one.signature) for one in found) and not doubts.is_over(uow, event)
        if open_ and promise:
            doubts.promise_look(uow, event, owner_id=account.owner_id)
        if all(_counts(one, matters.get(one.file)) for one in found):
            settle_odd(uow, event, BAD_SIGNATURE, SILENT_REGISTER, account=account)
        uow.commit()
    return open_


def retake_annulment(
    event: port.Event,
    *,
    tries: int,
    actor: Actor,
    uow: UnitOfWork,
    desk: SigningDesk,
    operators: OperatorFactory,
) -> None:
    """Look again at an event with a signature that could not be decided, thirty days long.

    Raises Retry while it still cannot; an operator that gives the files no more (the message is deleted, the box is
    switched off) is asked at the same growing pauses.
    """
    if doubts.is_over(uow, event):
        return
    try:
        with uow.reading() as seen:
            account = account_of_box(seen, actor.entity, event.box)
            proposals = [row.entity_ref for row in annulments.of_message(seen, event.message_id) if row.entity_ref]
        _, about = annulments.split(event, proposals)
        is_open = bool(about) and take_annulment(
            event, about, tries=TRIES + tries, account=account, actor=actor, uow=uow, desk=desk,
            operator=operators(account), promise=False,
        )  # fmt: skip
    except (OperatorError, Unavailable) as error:
        raise Retry(undecided.pause(tries), str(error)) from error
    if is_open:
        raise Retry(undecided.pause(tries), "a signature about an annulment cannot be decided yet")


def _note_doubt(uow: UnitOfWork, event: port.Event, one: _Found, matter: _Matter | None, *, actor: Actor) -> None:
    row = next((each for each in annulments.of_message(uow, event.message_id) if each.entity_ref == one.file), None)
    if row is not None and matter is not None:
        inn = matter.own_inn if one.ours else matter.party_inn
        what: Literal["offer", "answer"] = "offer" if one.entity.kind is EntityKind.REVOCATION else "answer"
        doubts.note(uow, row, what, one.signature, one.judged, inn=inn, actor=actor)


def _wait_for_register(event: port.Event, *, tries: int, account: AccountCard, uow: UnitOfWork) -> None:
    """Raise Retry: later each time, a day at most, thirty days long. A word that was lost would never come again."""
    with uow:
        if uow.clock.now() >= event.at + undecided.FOR:
            return
        if keep_odd(uow, event, SILENT_REGISTER, account=account):
            uow.commit()
    raise Retry(undecided.pause(tries - UNDECIDED_TRIES), "the register of powers is silent")


def _matters(uow: UnitOfWork, rows: Sequence[Annulment], proposals: Sequence[port.Entity]) -> Mapping[str, _Matter]:
    """A proposal's id → what it is about; those about a document that is not here are left out."""
    about = {row.entity_ref: uow.session.get_one(Document, row.document_id) for row in rows if row.entity_ref}
    found = {one.ref.entity_id: annulments.document_of(uow, one) for one in proposals}
    return {ref: _matter(uow, document) for ref, document in (found | about).items() if document is not None}


def _matter(uow: UnitOfWork, document: Document) -> _Matter:
    main = recording.main_part(uow, document)
    signed = (row.sha256 for row in recording.signatures_of(uow, document) if row.part_id == main.id)
    return _Matter(
        own_inn=accounts.entity(uow, document.owner_id).inn,
        party_inn=document.counterparty_inn,
        kind=document.kind,
        file_name=main.file_name,
        signatures=frozenset(sha for sha in signed if sha),
    )


def _by_power(one: _Found, matter: _Matter | None, acting: Acting) -> Judged | None:
    """The МЧД of an employee who has signed: the one that a refusal cites, else one that is kept here."""
    if one.signature is None or matter is None:
        return None
    reading = annulment_papers.refusal_of(one.content) if one.entity.kind is EntityKind.REJECTION else None
    cites = reading if reading is not None and papers.powers_in(reading) else None
    principal = matter.own_inn if one.ours else matter.party_inn
    found = acting.judge(cites, [one.signature], principal_inn=principal, kind=matter.kind)
    return found.get(one.signature.sha256)


def _fetch(
    event: port.Event,
    about: Sequence[port.Entity],
    files: dict[str, str],
    *,
    account: AccountCard,
    desk: SigningDesk,
    operator: port.Operator,
) -> list[_Found]:
    """Proposals first, then what hangs on them; no transaction is open here."""
    contents: dict[str, bytes] = {}
    found: list[_Found] = []
    order = {EntityKind.REVOCATION: 0, EntityKind.REJECTION: 1}
    for entity in sorted(about, key=lambda one: order.get(one.kind, 2)):
        ours = (entity.signed_by or "").casefold() == account.box.casefold()
        ref, parent = entity.ref.entity_id, entity.parent_id or ""
        if entity.kind in {EntityKind.REVOCATION, EntityKind.REJECTION}:
            contents[ref] = operator.content(entity.ref)
            signature = _own_signature(event, entity, contents[ref], account, desk, operator)
            sha256 = desk.objects.put(contents[ref], owner=account.owner_id)
            file = ref if entity.kind is EntityKind.REVOCATION else parent
            undecided = signature is not None and _is_undecided(signature)
            found.append(
                _Found(
                    entity=entity, file=file, ours=ours, sha256=sha256, content=contents[ref],
                    signature=signature, undecided=undecided,
                )
            )  # fmt: skip
        elif entity.kind is EntityKind.SIGNATURE and (parent in contents or parent in files):
            proposal = next((one for one in found if one.entity.ref.entity_id == parent), None)
            if proposal is not None and proposal.ours == ours:
                continue  # the proposer's own signature, judged with the file
            signed = contents.get(parent) or desk.objects.get(account.owner_id, files[parent])
            kept = _judge(signed, operator.content(entity.ref), account, desk)
            found.append(
                _Found(
                    entity=entity, file=parent, ours=ours, signature=kept,
                    undecided=kept is not None and _is_undecided(kept),
                )
            )  # fmt: skip
    return found


def _own_signature(
    event: port.Event,
    entity: port.Entity,
    content: bytes,
    account: AccountCard,
    desk: SigningDesk,
    operator: port.Operator,
) -> KeptSignature | None:
    for other in event.entities:
        same = (other.signed_by or "").casefold() == (entity.signed_by or "").casefold()
        if other.kind is EntityKind.SIGNATURE and other.parent_id == entity.ref.entity_id and same:
            return _judge(content, operator.content(other.ref), account, desk)
    return None


def _judge(content: bytes, cms: bytes, account: AccountCard, desk: SigningDesk) -> KeptSignature | None:
    try:
        return desk.judge_kept(content, cms, owner=account.owner_id)
    except Rejected:
        return None


def _is_undecided(kept: KeptSignature) -> bool:
    return not kept.judgement.passed and not kept.judgement.failed


def _record(
    uow: UnitOfWork, event: port.Event, one: _Found, matter: _Matter | None, *, account: AccountCard, actor: Actor
) -> None:
    rows = annulments.of_message(uow, event.message_id)
    row = next((each for each in rows if each.entity_ref == one.file), None)
    if one.entity.kind is EntityKind.REVOCATION:
        _record_proposal(uow, event, one, matter, row, rows, account=account, actor=actor)
        return
    if row is None or matter is None:
        return
    if not _is_signed(one, matter):
        keep_odd(uow, event, BAD_SIGNATURE, account=account, document_id=row.document_id)
        return
    if one.entity.kind is EntityKind.REJECTION:
        if not annulment_papers.is_about_offer(one.content, row.file_name):
            keep_odd(uow, event, OTHER_OFFER, account=account, document_id=row.document_id)
            return
        move = AnnulmentEvent.REFUSE_OUTSIDE if one.ours else AnnulmentEvent.ARRIVE_REFUSAL
        if annulments.move_if_possible(uow, row, move, actor=actor):
            row.answer_sha256, row.answer_name = one.sha256, (one.entity.file_name or "")[-400:] or None
            row.answer_text = annulment_papers.refusal_text(one.content) or None
            row.answer_signature_sha256 = one.signature.sha256 if one.signature else None
            row.act = None
            annulments.note_power(uow, row, one.judged, "answer")
        return
    move = AnnulmentEvent.AGREE_OUTSIDE if one.ours else AnnulmentEvent.ARRIVE_CONSENT
    if annulments.move_if_possible(uow, row, move, actor=actor):
        row.answer_signature_sha256, row.act = one.signature.sha256 if one.signature else None, None
        annulments.note_power(uow, row, one.judged, "answer")


def _record_proposal(
    uow: UnitOfWork,
    event: port.Event,
    one: _Found,
    matter: _Matter | None,
    row: Annulment | None,
    rows: Sequence[Annulment],
    *,
    account: AccountCard,
    actor: Actor,
) -> None:
    if row is not None:
        return
    mine = next((each for each in rows if each.entity_ref is None and each.file_sha256 == one.sha256), None)
    if mine is not None:  # ours: seen in our own feed before the call's answer
        mine.entity_ref, mine.act = one.file, None
        annulments.move_if_possible(uow, mine, AnnulmentEvent.SEND, actor=actor)
        return
    document = annulments.document_of(uow, one.entity)
    if document is None or matter is None:
        keep_odd(uow, event, NO_DOCUMENT, account=account)
        uow.journal.write(
            "exchange.not_taken",
            owner_id=account.owner_id,
            subject=f"operator_account:{account.id}",
            actor=actor,
            message_id=event.message_id,
            kinds=[one.entity.raw_type],
            reason="a proposal to annul a document that is not known",
        )
        return
    if not _is_signed(one, matter):
        keep_odd(uow, event, BAD_SIGNATURE, account=account, document_id=document.id)
        return
    if not annulment_papers.is_about_file(one.content, matter.file_name, matter.signatures):
        keep_odd(uow, event, OTHER_FILE, account=account, document_id=document.id)
        return
    if one.ours and annulments.is_offered(annulments.of_document(uow, document.id)):
        keep_odd(uow, event, SECOND_OFFER, account=account, document_id=document.id)
        return
    _add(uow, one, document.id, account=account, actor=actor)


def _add(uow: UnitOfWork, one: _Found, document_id: UUID, *, account: AccountCard, actor: Actor) -> None:
    row = Annulment(
        owner_id=account.owner_id,
        document_id=document_id,
        account_id=account.id,
        side="ours" if one.ours else "theirs",
        state="expected" if one.ours else "required",
        reason=annulment_papers.reason_of(one.content),
        file_name=(one.entity.file_name or "proposal.xml")[-400:],
        file_sha256=one.sha256,
        signature_sha256=one.signature.sha256 if one.signature else None,
        message_ref=one.entity.ref.message_id,
        entity_ref=one.file,
        key=str(new_id()),
        by_name="",
        created_at=uow.clock.now(),
    )
    uow.session.add(row)
    uow.session.flush()
    annulments.note_power(uow, row, one.judged, "offer")
    uow.journal.write(
        "annulment.received",
        owner_id=row.owner_id,
        subject=f"document:{document_id}",
        actor=actor,
        sha256=row.file_sha256,
        reason=row.reason,
    )


def _counts(one: _Found, matter: _Matter | None) -> bool:
    return matter is not None and _is_signed(one, matter)


def _is_signed(one: _Found, matter: _Matter) -> bool:
    """Signed by the organisation whose act it is: by the counterparty, or by us when it is said to be ours.

    An employee's signature is the organisation's when her power passed the ten checks (63-ФЗ art. 17.2). What could not
    be decided after several tries does not count as broken; but a certificate without a path to an anchor counts as
    nothing: anybody could have written any ИНН into it.
    """
    kept = one.signature
    if kept is None or not kept.judgement.trusted:
        return False
    inn = matter.own_inn if one.ours else matter.party_inn
    return (bool(inn) and kept.signer_inn == inn) or (one.judged is not None and is_good(one.judged))
