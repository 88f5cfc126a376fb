"""Take what an event says of an annulment: their proposal, their consent, their refusal; ours seen in our own feed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from edo_service.accounts import queries as accounts
from edo_service.documents.signing_desk import KeptSignature, SigningDesk
from edo_service.documents.tables import Document
from edo_service.errors import Rejected
from edo_service.exchange import annulment_papers, annulments
from edo_service.exchange.accounts import AccountCard
from edo_service.exchange.lives import AnnulmentEvent
from edo_service.exchange.odd import keep_odd
from edo_service.exchange.rules import UNDECIDED_TRIES
from edo_service.exchange.tables import Annulment
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.kernel.jobs import Retry
from edo_service.kernel.uow import UnitOfWork
from operators import port
from operators.port import EntityKind

WAIT = timedelta(seconds=20)
TRIES = 20
NO_DOCUMENT = "Предложение об аннулировании документа, которого на портале нет"
SECOND_OFFER = (
    "Второе ваше предложение об аннулировании того же документа, отправленное не с портала. Первое ещё открыто"
)
BAD_SIGNATURE = "Подпись под предложением об аннулировании или ответом на него недействительна. Оно не учтено"


@dataclass(frozen=True, kw_only=True)
class _Found:
    """One file or signature about an annulment, fetched and judged. `file` names the proposal that it is or hangs on."""

    entity: port.Entity
    file: str
    ours: bool
    sha256: str = ""
    content: bytes = b""
    signature: KeptSignature | None = None
    undecided: bool = False


def take_annulment(
    event: port.Event,
    about: Sequence[port.Entity],
    *,
    tries: int,
    account: AccountCard,
    actor: Actor,
    uow: UnitOfWork,
    desk: SigningDesk,
    operator: port.Operator,
) -> None:
    """Record it; harmless when it comes twice. Raises Retry while its document or evidence for a signature is missing."""
    with uow:
        rows = annulments.of_message(uow, event.message_id)
        files = {row.entity_ref: row.file_sha256 for row in rows if row.entity_ref}
        proposals = [one for one in about if one.kind is EntityKind.REVOCATION]
        if any(annulments.document_of(uow, one) is None for one in proposals) and tries < TRIES:
            raise Retry(WAIT, "the document that is to be annulled has not come yet")
    found = _fetch(event, about, files, account=account, desk=desk, operator=operator)
    if tries <= UNDECIDED_TRIES and any(one.undecided for one in found):
        raise Retry(WAIT, "a signature cannot be decided yet")
    with uow:
        for one in found:
            _record(uow, event, one, account=account, actor=actor)
        uow.commit()


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


def _record(uow: UnitOfWork, event: port.Event, one: _Found, *, account: AccountCard, actor: Actor) -> None:
    rows = annulments.of_message(uow, event.message_id)
    row = next((each for each in rows if each.entity_ref == one.file), None)
    if one.entity.kind is EntityKind.REVOCATION:
        _record_proposal(uow, event, one, row, rows, account=account, actor=actor)
        return
    if row is None:
        return
    document = uow.session.get_one(Document, row.document_id)
    if not _is_signed(uow, one, document):
        keep_odd(uow, event, BAD_SIGNATURE, account=account, document_id=document.id)
        return
    if one.entity.kind is EntityKind.REJECTION:
        move = AnnulmentEvent.REFUSE_OUTSIDE if one.ours else AnnulmentEvent.ARRIVE_REFUSAL
        if annulments.move_if_possible(uow, row, move, actor=actor):
            row.answer_sha256, row.answer_name = one.sha256, (one.entity.file_name or "")[-400:] or None
            row.answer_text = annulment_papers.refusal_text(one.content) or None
            row.answer_signature_sha256 = one.signature.sha256 if one.signature else None
            row.act = None
        return
    move = AnnulmentEvent.AGREE_OUTSIDE if one.ours else AnnulmentEvent.ARRIVE_CONSENT
    if annulments.move_if_possible(uow, row, move, actor=actor):
        row.answer_signature_sha256, row.act = one.signature.sha256 if one.signature else None, None


def _record_proposal(
    uow: UnitOfWork,
    event: port.Event,
    one: _Found,
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
    if document is None:
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
    if not _is_signed(uow, one, document):
        keep_odd(uow, event, BAD_SIGNATURE, account=account, document_id=document.id)
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
    uow.journal.write(
        "annulment.received",
        owner_id=row.owner_id,
        subject=f"document:{document_id}",
        actor=actor,
        sha256=row.file_sha256,
        reason=row.reason,
    )


def _is_signed(uow: UnitOfWork, one: _Found, document: Document) -> bool:
    """Signed by the organisation whose act it is: by the counterparty, or by us when it is said to be ours.

    What could not be decided after several tries does not count as broken; but a certificate without a path to an anchor
    counts as nothing: anybody could have written any ИНН into it.
    """
    kept = one.signature
    if kept is None or not kept.judgement.trusted:
        return False
    inn = accounts.entity(uow, document.owner_id).inn if one.ours else document.counterparty_inn
    return kept.signer_inn == inn
