"""Take what an event says of an annulment: their proposal, their consent, their refusal; ours seen in our own feed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Literal
from uuid import UUID

from edo_service.documents import recording
from edo_service.documents.signing_desk import SigningDesk
from edo_service.errors import Unavailable
from edo_service.exchange import annulment_arrivals as arrived
from edo_service.exchange import annulment_doubts as doubts
from edo_service.exchange import annulment_papers, annulments, undecided
from edo_service.exchange.accounts import AccountCard, OperatorFactory, account_of_box
from edo_service.exchange.acting import Acting
from edo_service.exchange.annulment_arrivals import Found, Matter
from edo_service.exchange.lives import AnnulmentEvent
from edo_service.exchange.odd import keep_odd, settle_odd
from edo_service.exchange.rules import UNDECIDED_TRIES
from edo_service.exchange.tables import Annulment
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.kernel.jobs import Retry
from edo_service.kernel.uow import UnitOfWork
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
OTHER_MESSAGE = (
    "На предложение об аннулировании пришло универсальное сообщение, но это не отказ (код 3999) контрагента. "
    "Предложение ждёт ответа как прежде"
)
OTHER_NEWS = (
    "К предложению об аннулировании пришло сообщение, которое ответом не считается. Предложение ждёт ответа как прежде"
)
_SAYS_NOTHING = frozenset({EntityKind.UNKNOWN, EntityKind.INFORMATION, EntityKind.CORRECTION_REQUEST})
"""Kinds that may hang on a proposal and move nothing: kept and shown, so that nobody's words are lost."""
OTHER_FILE = "Предложение об аннулировании названо к одному документу, а внутри него другой. Подпись под ним аннулировала бы другой"
OTHER_OFFER = "Отказ пришёл на одно предложение об аннулировании, а написан о другом. Он не учтён"


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
        matters = arrived.matters(uow, rows, proposals)
    found = arrived.fetch(event, about, files, account=account, desk=desk, operator=operator)
    acting = Acting(owner=account.owner_id, uow=uow, desk=desk)
    found = [replace(one, judged=arrived.by_power(one, matters.get(one.file), acting)) for one in found]
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
        if all(arrived.counts(one, matters.get(one.file)) for one in found):
            settle_odd(uow, event, BAD_SIGNATURE, SILENT_REGISTER, account=account)
        _note_rest(uow, event, about, found, account=account)
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
        rest, about = annulments.split(event, proposals)
        _, about = arrived.put_right(rest, about, uow=uow, operator=operators(account))
        is_open = bool(about) and take_annulment(
            event, about, tries=TRIES + tries, account=account, actor=actor, uow=uow, desk=desk,
            operator=operators(account), promise=False,
        )  # fmt: skip
    except (OperatorError, Unavailable) as error:
        raise Retry(undecided.pause(tries), str(error)) from error
    if is_open:
        raise Retry(undecided.pause(tries), "a signature about an annulment cannot be decided yet")


def _note_rest(
    uow: UnitOfWork, event: port.Event, about: Sequence[port.Entity], found: Sequence[Found], *, account: AccountCard
) -> None:
    """Keep what hangs on a proposal and is no answer to it: a person reads it."""
    taken = {one.entity.ref for one in found}
    rest = [one for one in about if one.kind in _SAYS_NOTHING and one.ref not in taken]
    if rest:
        rows = annulments.of_message(uow, event.message_id)
        mine = {name for one in about for name in (one.parent_id, one.ref.entity_id)}
        document_id = next((row.document_id for row in rows if row.entity_ref in mine), None)
        keep_odd(uow, event, OTHER_NEWS, account=account, document_id=document_id)


def _note_doubt(uow: UnitOfWork, event: port.Event, one: Found, matter: Matter | None, *, actor: Actor) -> None:
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


def _record(
    uow: UnitOfWork, event: port.Event, one: Found, matter: Matter | None, *, account: AccountCard, actor: Actor
) -> None:
    rows = annulments.of_message(uow, event.message_id)
    row = next((each for each in rows if each.entity_ref == one.file), None)
    if one.entity.kind is EntityKind.REVOCATION:
        _record_proposal(uow, event, one, matter, row, rows, account=account, actor=actor)
        return
    if row is None or matter is None:
        return
    if not arrived.is_by_its_side(one, matter):
        reason = OTHER_MESSAGE if one.told is not None else BAD_SIGNATURE
        keep_odd(uow, event, reason, account=account, document_id=row.document_id)
        return
    if one.is_refusal:
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
    one: Found,
    matter: Matter | None,
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
    if not arrived.is_by_its_side(one, matter):
        keep_odd(uow, event, BAD_SIGNATURE, account=account, document_id=document.id)
        return
    if not annulment_papers.is_about_file(one.content, matter.file_name, matter.signatures):
        keep_odd(uow, event, OTHER_FILE, account=account, document_id=document.id)
        return
    if one.ours and annulments.is_offered(annulments.of_document(uow, document.id)):
        keep_odd(uow, event, SECOND_OFFER, account=account, document_id=document.id)
        return
    _add(uow, one, document.id, account=account, actor=actor)
    recording.tell_late(uow, document)


def _add(uow: UnitOfWork, one: Found, document_id: UUID, *, account: AccountCard, actor: Actor) -> None:
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
