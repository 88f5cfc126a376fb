"""Making and taking signatures: with a server-held key, or from a `.sig` made elsewhere. What was frozen is what is signed."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

import signing
from edo_service.accounts import queries as accounts
from edo_service.documents import held, papers, recording, rules
from edo_service.documents.signing_desk import KeptSignature, SigningDesk, write_down
from edo_service.documents.tables import Document, Part, Signature
from edo_service.errors import Conflict, NotFound, Rejected, Unavailable
from edo_service.kernel import faults
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.uow import UnitOfWork
from edo_service.keys import queries as keys_queries
from edo_service.keys.queries import UnlockedKey
from edo_service.keys.use_cases import KeyRoom
from edo_service.powers import queries as powers
from edo_service.powers.desk import Judged, best_of, who
from edo_service.powers.rules import Act
from edo_service.powers.use_cases import note_use, refuse_unless_good
from edo_service.texts import write_trouble

_ANSWERS = frozenset({rules.Role.BUYER_TITLE.value, rules.Role.REJECTION.value, rules.Role.CONTRACT.value})


@dataclass(frozen=True, kw_only=True)
class Intended:
    """What an intent says: the file to be signed and the document it belongs to."""

    signature_id: UUID
    document_id: UUID
    owner_id: UUID
    sha256: str
    done: bool


def sign_intended(
    signature_id: UUID, *, actor: Actor, uow: UnitOfWork, desk: SigningDesk, unlocked: UnlockedKey
) -> None:
    """Carry out an intended signature with an unlocked key: read, sign and judge without a transaction, record.

    Repeating is harmless: a signature that is already made stays the only one. Raises Rejected (`wrong_organization`,
    `signature_not_passed`), Unavailable (`signature_undecided`), Conflict (`changed_meanwhile`: the file is not to be
    signed any more), signing.SigningError.
    """
    with uow:
        intent = _intent(uow, signature_id)
    if intent.done:
        return
    content = desk.objects.get(intent.owner_id, intent.sha256)
    cms = desk.sign(content, key=unlocked.key, certificate=unlocked.certificate)
    kept = desk.judge_kept(content, cms, owner=intent.owner_id)
    faults.reach("documents.signed")
    judged = _by_power(intent, kept, content, uow=uow, desk=desk)
    _record(intent, kept, judged, actor=actor, uow=uow)


def accept_upload(document_id: UUID, signature: bytes, *, actor: Actor, uow: UnitOfWork, desk: SigningDesk) -> UUID:
    """Take a detached signature made elsewhere over the frozen file; adds our timestamp. Returns the signature's id.

    Raises Rejected: `signature_unreadable`, `signature_of_other_file`, `signature_not_passed`, `wrong_organization`;
    Unavailable `signature_undecided` when revocation cannot be asked now; Conflict when another was faster.
    """
    actor.require(Right.SIGN)
    with uow:
        document = recording.take(uow, document_id)
        part = part_to_sign(uow, document)
        row = recording.intend_signature(uow, part, means="upload", key_id=None, person_id=actor.user_id)
        if row.state != "intended":
            raise Conflict("document.already_signed", id=str(document_id))
        intent = _intended(row, part)
        uow.commit()
    content = desk.objects.get(intent.owner_id, intent.sha256)
    cms = _timestamped(_one_signature(signature), desk)
    kept = desk.judge_kept(content, cms, owner=intent.owner_id)
    judged = _by_power(intent, kept, content, uow=uow, desk=desk)
    if not _record(intent, kept, judged, actor=actor, uow=uow):
        raise Conflict("document.already_signed", id=str(document_id))
    return intent.signature_id


def sign_with_own_key(
    document_id: UUID, *, key_id: UUID, pin: str, actor: Actor, uow: UnitOfWork, desk: SigningDesk, keys: KeyRoom
) -> UUID:
    """Sign the frozen file with the person's key kept here, unlocked by her PIN for this act only (journalled).

    Returns the signature's id. Raises Rejected (`wrong_pin`, `key_locked`), Conflict, NotFound.
    """
    actor.require(Right.SIGN)
    with uow:
        document = recording.take(uow, document_id)
        part = part_to_sign(uow, document)
        if keys_queries.key(uow, key_id).person_id != actor.user_id:
            raise NotFound("key.absent", id=str(key_id))
        row = recording.intend_signature(uow, part, means="own_key", key_id=key_id, person_id=actor.user_id)
        if row.state != "intended":
            raise Conflict("document.already_signed", id=str(document_id))
        signature_id = row.id
        uow.commit()
    unlocked = keys.unlock_personal(key_id, pin=pin, purpose=f"document:{document_id}", actor=actor, uow=uow)
    sign_intended(signature_id, actor=actor, uow=uow, desk=desk, unlocked=unlocked)
    return signature_id


def part_to_sign(uow: UnitOfWork, document: Document) -> Part:
    """The frozen file that the recipient signs now: her request, title or refusal, or the contract itself. Conflict if none."""
    if document.direction == rules.Direction.OUT.value:
        raise Conflict("document.not_yours_to_answer", id=str(document.id))
    if document.correction == "prepared":
        return _frozen(uow, document, rules.Role.CORRECTION_REQUEST)
    if document.response not in {"prepared", "refusal_prepared"}:
        raise Conflict("document.nothing_to_sign", id=str(document.id))
    if document.response == "refusal_prepared":
        return _frozen(uow, document, rules.Role.REJECTION)
    is_contract = document.kind == rules.Kind.CONTRACT.value
    return _frozen(uow, document, rules.Role.CONTRACT if is_contract else rules.Role.BUYER_TITLE)


def _frozen(uow: UnitOfWork, document: Document, role: rules.Role) -> Part:
    part = recording.part_of_role(uow, document, role)
    if part is None:
        raise NotFound("document.part_absent", id=str(document.id))
    return part


def note_failure(
    signature_id: UUID, *, reason: str, actor: Actor, uow: UnitOfWork, params: Mapping[str, object] | None = None
) -> None:
    """Show on the card why the promised signature could not be made; the intent stays. Said once, not at every try."""
    trouble = write_trouble(reason, params)
    with uow:
        row = _row(uow, signature_id)
        document = recording.take_or_stub(uow, row.document_id)
        if document.trouble == trouble or document.delivery == rules.DISCARDED:
            return
        held.say(document, trouble)
        uow.journal.write(
            "signature.failed",
            owner_id=row.owner_id,
            subject=f"document:{row.document_id}",
            actor=actor,
            reason=reason,
        )
        uow.commit()


def intended_key(signature_id: UUID, *, uow: UnitOfWork) -> tuple[UUID, UUID | None] | None:
    """The server-held key that an intent names and the person it signs for (None: an automatic act).

    None when it is carried out, or its file is not to be signed any more.

    Raises NotFound.
    """
    with uow:
        row = _row(uow, signature_id)
        if row.state != "intended" or not _is_wanted(uow, row):
            return None
        if row.key_id is None:
            raise NotFound("document.key_absent", id=str(signature_id))
        return row.key_id, row.person_id


def _by_power(
    intent: Intended, kept: KeptSignature, content: bytes, *, uow: UnitOfWork, desk: SigningDesk
) -> Judged | None:
    """The МЧД that a signature by an employee's own certificate rests on (63-ФЗ art. 17.2); None when none is needed.

    A power that the frozen file cites is the only one that counts. Rejected `power.not_good` names the first check that
    the best of her powers did not pass.
    """
    signer = kept.judgement.verdict.signer
    if signer is None:
        return None
    person = who(signer)
    with uow:
        inn = _owner_inn(uow, intent.owner_id)
        if person.organization_inn is not None or person.inn == inn:
            return None
        kind = recording.take_or_stub(uow, intent.document_id).kind
        day = moscow_date(desk.clock.now())
        cards = powers.for_agent(uow, intent.owner_id, person, principal_inn=inn, on=day, revoked=True)
    cited = {number.casefold() for number in papers.cited_powers(content)}
    if cited:
        cards = [card for card in cards if card.power.number.casefold() in cited]
        if not cards:
            raise Rejected("power.not_good", reason="В файле названа доверенность, по которой вы подписать не можете")
    act = Act(signer=person, at=kept.judgement.verdict.best_signature_time, organization_inn=inn, kind=kind)
    best = best_of([desk.powers.verdict(card, act, uow=uow) for card in cards])
    if best is not None:
        refuse_unless_good(best)
    return best


def _record(intent: Intended, kept: KeptSignature, judged: Judged | None, *, actor: Actor, uow: UnitOfWork) -> bool:
    """Write the judged signature down and announce it; False when there is one already.

    A bad one is refused and the intent stays as it was; so is one over a file that was discarded or taken back
    meanwhile, and one by a power that was revoked meanwhile.
    """
    _refuse_unless_passed(kept)
    with uow:
        row = _row(uow, intent.signature_id)
        if row.state != "intended":
            return False
        inn = _owner_inn(uow, row.owner_id)
        if judged is not None:
            if powers.is_revoked(uow, row.owner_id, judged.numbers):
                raise Rejected("power.not_good", reason="Доверенность отозвана")
            note_use(uow, judged, owner_id=row.owner_id, signature_id=row.id, document_id=row.document_id)
        elif kept.signer_inn != inn:
            raise Rejected("document.wrong_organization", expected=inn, found=kept.signer_inn)
        if not _is_wanted(uow, row):
            raise Conflict("document.changed_meanwhile", id=str(row.document_id))
        write_down(row, kept, state="made")
        document = recording.take(uow, row.document_id)
        if document.trouble != rules.NO_KEY:
            held.say(document, None)
        if document.delivery == "queued":
            flag_modified(
                document, "trouble"
            )  # its version goes on: whoever takes it back at this moment wins or loses whole
        part = uow.session.get_one(Part, row.part_id)
        _answer_moves(uow, document, part, actor=actor)
        uow.journal.write(
            "signature.made",
            owner_id=row.owner_id,
            subject=f"document:{row.document_id}",
            actor=actor,
            part_sha256=intent.sha256,
            signature_sha256=kept.sha256,
            certificate_sha256=row.certificate_sha256,
            indication=row.indication,
            means=row.means,
        )
        recording.announce_signed(uow, row)
        uow.commit()
        return True


def _refuse_unless_passed(kept: KeptSignature) -> None:
    """Only TOTAL-PASSED leaves the house under our name; what cannot be decided now is asked again later."""
    if kept.judgement.passed:
        return
    found = kept.judgement
    if found.sub_indication == "HASH_FAILURE":
        raise Rejected("document.signature_of_other_file")
    if found.sub_indication == "TRY_LATER":
        raise Unavailable("document.signature_undecided")
    raise Rejected("document.signature_not_passed", reason=(found.doubt or found.sub_indication or "").rstrip("."))


def _is_wanted(uow: UnitOfWork, row: Signature) -> bool:
    """Whether the file of the intent is still the one to be signed: neither discarded nor taken back."""
    part = uow.session.get_one(Part, row.part_id)
    if part.discarded_at is not None:
        return False
    document = recording.take(uow, row.document_id)
    if document.direction == rules.Direction.OUT.value:
        return document.delivery == "queued"
    if part.role not in {*_ANSWERS, rules.Role.CORRECTION_REQUEST.value}:
        return True
    try:
        return part_to_sign(uow, document).id == part.id
    except (Conflict, NotFound):
        return False


def _answer_moves(uow: UnitOfWork, document: Document, part: Part, *, actor: Actor) -> None:
    mine = document.direction == rules.Direction.IN.value
    if mine and part.role == rules.Role.CORRECTION_REQUEST.value:
        recording.move(uow, document, "correction", rules.CorrectionEvent.SIGN, actor=actor)
    if mine and part.role in _ANSWERS:
        recording.move(uow, document, "response", rules.ResponseEvent.SIGN, actor=actor)
        document.answered_at = uow.clock.now()


def _intent(uow: UnitOfWork, signature_id: UUID) -> Intended:
    row = _row(uow, signature_id)
    part = uow.session.get_one(Part, row.part_id)
    return _intended(row, part)


def _intended(row: Signature, part: Part) -> Intended:
    return Intended(
        signature_id=row.id,
        document_id=row.document_id,
        owner_id=row.owner_id,
        sha256=part.sha256,
        done=row.state != "intended",
    )


def _row(uow: UnitOfWork, signature_id: UUID) -> Signature:
    row = uow.session.scalars(select(Signature).where(Signature.id == signature_id)).one_or_none()
    if row is None:
        raise NotFound("document.signature_absent", id=str(signature_id))
    return row


def _owner_inn(uow: UnitOfWork, owner_id: UUID) -> str:
    return accounts.entity(uow, owner_id).inn


def _one_signature(data: bytes) -> bytes:
    """The same bytes when they hold one signature in any of the usual coats; Rejected otherwise."""
    try:
        info = signing.inspect_cms(data)
    except signing.SigningError as error:
        raise Rejected("document.signature_unreadable", reason=str(error)) from error
    if len(info.signers) != 1 or not info.detached:
        raise Rejected("document.signature_not_detached", signers=len(info.signers))
    return data


def _timestamped(cms: bytes, desk: SigningDesk) -> bytes:
    return signing.add_signature_timestamp(cms, desk.timestamper)
