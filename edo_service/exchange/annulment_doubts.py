"""What speaks against the signature under a proposal to annul, or under the answer to it, and the promise to look again.

Evidence may come later: a list of revocations, an anchor, the end of a suspension (`undecided.MAY_COME`). The operator's
state moves by its word only, so a signature that proves bad later is shown and stops our consent; it undoes nothing.
In the caller's unit of work.

A power (МЧД) that is revoked after the signature changes nothing here on purpose: what was done before the principal told
of the revocation binds it (ГК РФ art. 189 p. 1), and the ten checks ask whether the power was in force when it was signed.
"""

from typing import Literal
from uuid import UUID

from edo_service.documents.rules import stops
from edo_service.documents.signing_desk import KeptSignature
from edo_service.exchange import fitness, undecided
from edo_service.exchange.fitness import Signed
from edo_service.exchange.rules import RETAKE
from edo_service.exchange.tables import Annulment
from edo_service.exchange.wire import event_to_json
from edo_service.kernel.actor import Actor
from edo_service.kernel.uow import UnitOfWork
from edo_service.powers.desk import Judged
from operators import port

UNDECIDED = "exchange.annulment_undecided"


def may_heal(kept: KeptSignature | None) -> bool:
    """Whether time may decide about a signature that is neither proved good nor bad."""
    if kept is None or kept.judgement.passed or kept.judgement.failed:
        return False
    return kept.judgement.sub_indication in undecided.MAY_COME


def objection_to(kept: KeptSignature, judged: Judged | None, *, inn: str) -> str | None:
    """What speaks against a signature that should be by the organisation `inn`; None when nothing does."""
    signed = Signed(
        indication=kept.judgement.report.indication,
        inn=kept.signer_inn,
        power=judged.verdict.outcome.value if judged else None,
        power_reason=judged.verdict.reason if judged else "",
        sub_indication=kept.judgement.sub_indication,
    )
    found = fitness.objection_to(None, [signed], expected_inn=inn)
    return found or (None if kept.judgement.passed else UNDECIDED)


def note(
    uow: UnitOfWork,
    row: Annulment,
    what: Literal["offer", "answer"],
    kept: KeptSignature | None,
    judged: Judged | None,
    *,
    inn: str,
    actor: Actor,
) -> None:
    """Keep what speaks against the row's own signature; another one (a later answer's) is left alone."""
    mine = row.signature_sha256 if what == "offer" else row.answer_signature_sha256
    if kept is None or kept.sha256 != mine:
        return
    name = f"{what}_objection"
    before, now = getattr(row, name), objection_to(kept, judged, inn=inn)
    if now == before:
        return
    setattr(row, name, now)
    uow.journal.write(
        "annulment.judged",
        owner_id=row.owner_id,
        subject=f"document:{row.document_id}",
        actor=actor,
        what=what,
        verdict=kept.judgement.report.indication,
        objection=now or "",
    )


def stops_consent(row: Annulment) -> bool:
    """Whether the proposal's signature has proved bad: what is only undecided yet stops nothing."""
    return row.offer_objection != UNDECIDED and stops(row.offer_objection)


def is_over(uow: UnitOfWork, event: port.Event) -> bool:
    """Whether looking again has gone on for long enough; then a person decides by what the card says."""
    return uow.clock.now() >= event.at + undecided.FOR


def promise_look(uow: UnitOfWork, event: port.Event, *, owner_id: UUID) -> None:
    """Promise to look at the event again. The job that looks again never promises itself: it would be due at once.

    Both companies of a proposal may be here and have an event of the same id: the box tells whose it is.
    """
    uow.jobs.put(
        RETAKE,
        owner_id=owner_id,
        key=f"{event.box}:{event.id}",
        queue="exchange",
        run_after=uow.clock.now() + undecided.FIRST,
        payload={"event": event_to_json(event)},
    )
