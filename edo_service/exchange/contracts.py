"""Agreed files that came through an operator: opened without a format, answered by a second signature on the same bytes."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from edo_service.accounts import queries as accounts
from edo_service.documents import letters, recording
from edo_service.documents.rules import (
    DeliveryEvent,
    Direction,
    Kind,
    ResponseEvent,
    Route,
    initial_lives,
    stops,
)
from edo_service.documents.signing_desk import KeptSignature
from edo_service.documents.tables import Document, Signature
from edo_service.exchange import arrivals, fitness
from edo_service.exchange.accounts import AccountCard
from edo_service.exchange.incoming import Fetched
from edo_service.exchange.rules import Terms
from edo_service.kernel.actor import Actor
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.uow import UnitOfWork
from edo_service.parties import queries as parties
from edo_service.powers import queries as powers
from edo_service.powers.rules import Outcome
from edo_service.trust.judge import leads_to_anchor
from operators import port

LONGEST_TITLE = 300
UNKNOWN_SENDER = "Неизвестный отправитель"


def open_contract(uow: UnitOfWork, item: Fetched, event: port.Event, *, account: AccountCard, terms: Terms) -> Document:
    """The row of an agreed file that has just come in; in doubt when its signature is bad or another company's."""
    known = parties.counterparty_by_box(uow, event.from_box) if event.from_box else None
    inn = known.inn if known else ""
    objection = fitness.objection_to(
        None,
        [arrivals.signed_of(one, item) for one in item.signatures],
        expected_inn=inn or _signer_inn(item),
        unreadable=item.unreadable,
    )
    lives = dict(
        initial_lives(
            direction=Direction.IN,
            kind=Kind.CONTRACT,
            route=Route.OPERATOR,
            function=None,
            in_doubt=stops(objection),
        )
    )
    if not item.entity.needs_answer:
        lives["response"] = "not_needed"
    now, today = uow.clock.now(), moscow_date(uow.clock.now())
    day, name = moscow_date(event.at), (item.entity.file_name or "Документ")[-LONGEST_TITLE:]
    document = Document(
        owner_id=account.owner_id,
        direction=Direction.IN.value,
        route=Route.OPERATOR.value,
        kind=Kind.CONTRACT.value,
        number=PurePath(name).stem[:255],
        dated=day,
        title=f"{name} от {day:%d.%m.%Y}",
        currency="643",
        content_sha256=item.sha256,
        facts={},
        counterparty_id=known.id if known else None,
        counterparty_name=known.name if known else _signer_name(item),
        counterparty_inn=inn or _signer_inn(item),
        counterparty_kpp=known.kpp if known else None,
        box=event.box,
        peer_box=event.from_box,
        message_ref=event.message_id,
        entity_ref=item.entity.ref.entity_id,
        search=f"{name} {known.name if known else ''} {inn}",
        created_at=now,
        arrived_at=now,
        answer_due=terms.answer_due(today) if lives["response"] == "required" else None,
        **lives,
    )
    uow.session.add(document)
    uow.session.flush()
    letters.promise_letters(uow, document)
    return document


def note_signatures(
    uow: UnitOfWork,
    document: Document,
    rows: Sequence[Signature],
    *,
    signers: Mapping[str, str],
    actor: Actor,
) -> None:
    """Move the response by new signatures on the agreed file: the counterparty's on ours, our own made elsewhere on theirs.

    Whose a signature should be is the operator's word (`signers`: SHA-256 → box), and the certificate, or the power it
    rests on, must say the same: one of ours that the other side brings along is no answer of ours.
    """
    own_inn = accounts.entity(uow, document.owner_id).inn
    uses = powers.uses(uow, document.id)
    for row in rows:
        box = signers.get(row.sha256 or "")
        ours = row.signer_inn == own_inn if box is None else box.casefold() == (document.box or "").casefold()
        use, inn = uses.get(row.id), own_inn if ours else document.counterparty_inn
        by_power = use is not None and use.outcome in {Outcome.PASSED.value, Outcome.WARNING.value}
        good = leads_to_anchor(row.indication, row.sub_indication) and (by_power or bool(inn and row.signer_inn == inn))
        if document.direction == Direction.IN.value:
            if (
                ours
                and good
                and recording.move_if_possible(uow, document, "response", ResponseEvent.SIGN_OUTSIDE, actor=actor)
            ):
                document.trouble = None
        elif not ours:
            recording.move_if_possible(uow, document, "delivery", DeliveryEvent.DELIVER, actor=actor)
            event = ResponseEvent.ARRIVE if good else ResponseEvent.ARRIVE_INVALID
            if recording.move_if_possible(uow, document, "response", event, actor=actor):
                document.answered_at = uow.clock.now()


def _believed(item: Fetched) -> Iterator[KeptSignature]:
    """Signatures whose certificates may be believed: into others anybody could have written any name."""
    return (one for one in item.signatures if one.judgement.trusted)


def _signer_inn(item: Fetched) -> str:
    return next((one.signer_inn for one in _believed(item) if one.signer_inn), "")[:12]


def _signer_name(item: Fetched) -> str:
    signer = next((one.judgement.verdict.signer for one in _believed(item)), None)
    return UNKNOWN_SENDER if signer is None else (signer.subject.organization or signer.subject.common_name)[:1000]
