"""Searching an operator for a company by ИНН and КПП: several hits, roaming ones, and how we stand to each already."""

from collections.abc import Sequence
from uuid import UUID

from edo_service.errors import Rejected, Unavailable
from edo_service.exchange import counterparties
from edo_service.exchange.catalogue import operator_of_participant
from edo_service.exchange.counterparties import RelationLine
from edo_service.exchange.pages.ports import ExchangePorts, relation_status
from edo_service.exchange.use_cases.find import find_participants
from edo_service.exchange.views import Hit
from edo_service.parties.rules import inn_is_valid, kpp_is_valid
from edo_service.portal import Viewer
from edo_service.portal.forms import Asked, words
from operators import port

SEPARATOR = "|"


def encode_hit(one: port.Participant) -> str:
    """What names a hit in the form: ИНН, КПП and the participant's id (else its box)."""
    return SEPARATOR.join((one.inn, one.kpp or "", one.participant_id or "", one.box or ""))


def find_hits(
    asked: Asked, account_id: UUID, *, viewer: Viewer, ports: ExchangePorts
) -> tuple[tuple[Hit, port.Participant], ...]:
    """Ask the operator; what is wrong with the ИНН, or why the operator does not answer, is said beside the field."""
    inn, kpp = asked.text("inn").replace(" ", ""), asked.text("kpp").replace(" ", "").upper()
    if not inn:
        asked.refuse("inn", "ИНН: напишите 10 цифр компании или 12 цифр предпринимателя")
    elif not inn_is_valid(inn):
        asked.refuse("inn", "ИНН: цифры не сходятся. Проверьте, нет ли опечатки")
    if kpp and not kpp_is_valid(kpp):
        asked.refuse("kpp", "КПП: нужно девять знаков")
    if asked.errors:
        return ()
    try:
        found = find_participants(
            account_id, inn=inn, kpp=kpp or None, actor=viewer.actor, uow=viewer.uow(), operators=ports.operators
        )
    except (Unavailable, Rejected) as error:
        asked.refuse("inn", words(error))
        return ()
    known = _known(account_id, inn, viewer)
    return tuple(
        (_hit(one, known.get(one.participant_id or ""), selected=place == 0), one) for place, one in enumerate(found)
    )


def pick_hit(value: str, account_id: UUID, *, viewer: Viewer, ports: ExchangePorts) -> port.Participant:
    """The participant that the form names, as the operator itself tells it now. Rejected when it is none of its hits."""
    inn, _, rest = value.partition(SEPARATOR)
    kpp = rest.partition(SEPARATOR)[0]
    if not inn_is_valid(inn):
        raise Rejected("exchange.hit_needed")
    found: Sequence[port.Participant] = find_participants(
        account_id, inn=inn, kpp=kpp or None, actor=viewer.actor, uow=viewer.uow(), operators=ports.operators
    )
    for one in found:
        if encode_hit(one) == value:
            return one
    raise Rejected("exchange.hit_needed")


def _known(account_id: UUID, inn: str, viewer: Viewer) -> dict[str, RelationLine]:
    page = counterparties.list_relations(
        folder="all", text=inn, operator="", after=None, limit=100, uow=viewer.uow().reading()
    )
    return {line.participant_id or "": line for line in page.lines if line.account_id == account_id}


def _hit(one: port.Participant, line: RelationLine | None, *, selected: bool) -> Hit:
    return Hit(
        value=encode_hit(one),
        name=one.name,
        inn=one.inn,
        kpp=one.kpp or "",
        participant_id=one.participant_id or "",
        operator=operator_of_participant(one.participant_id),
        roaming=one.is_roaming,
        status=relation_status(line) if line is not None and line.state != "none" else None,
        selected=selected,
    )
