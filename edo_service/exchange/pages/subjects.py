"""What the things of the exchange are called where the journal tells of them."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from uuid import UUID

from edo_service.exchange.catalogue import operator_name
from edo_service.exchange.tables import InvitationBatch, OperatorAccount, Relation
from edo_service.kernel.actor import Right
from edo_service.parties.tables import Counterparty
from edo_service.portal import Portal, Viewer
from edo_service.portal.subjects import found_by, rows_of
from edo_service.web.views import Subject


def add_names(portal: Portal) -> None:
    """Fill the area's places in the journal."""
    portal.slots.add_names("relation", name_relations)
    portal.slots.add_names("counterparty", name_counterparties)
    portal.slots.add_search("relation", find_relations)
    portal.slots.add_search("counterparty", find_counterparties)
    portal.slots.add_names("operator_account", name_accounts)
    portal.slots.add_names("invitation_batch", name_batches)


def find_relations(viewer: Viewer, word: str) -> Sequence[UUID]:
    """By name, ИНН and КПП."""
    return found_by(viewer, word, Relation.id, Relation.search)


def find_counterparties(viewer: Viewer, word: str) -> Sequence[UUID]:
    """As `find_relations`."""
    return found_by(viewer, word, Counterparty.id, Counterparty.search)


def name_relations(viewer: Viewer, ids: AbstractSet[UUID]) -> Mapping[UUID, Subject]:
    """The counterparty's name and ИНН; its card."""
    rows = rows_of(viewer, ids, Relation.id, Relation.name, Relation.inn)
    return {
        row.id: Subject(
            name=row.name,
            note=f"ИНН {row.inn}",
            url=viewer.url(f"/exchange/counterparties/{row.id}") if viewer.may(Right.READ) else "",
        )
        for row in rows
    }


def name_counterparties(viewer: Viewer, ids: AbstractSet[UUID]) -> Mapping[UUID, Subject]:
    """The name and ИНН."""
    rows = rows_of(viewer, ids, Counterparty.id, Counterparty.name, Counterparty.inn)
    return {row.id: Subject(name=row.name, note=f"ИНН {row.inn}") for row in rows}


def name_accounts(viewer: Viewer, ids: AbstractSet[UUID]) -> Mapping[UUID, Subject]:
    """The operator; its settings for those who may set it up."""
    rows = rows_of(viewer, ids, OperatorAccount.id, OperatorAccount.operator)
    url = viewer.url("/exchange") if viewer.may(Right.OPERATORS) else ""
    return {row.id: Subject(name=operator_name(row.operator), note="подключение к оператору", url=url) for row in rows}


def name_batches(viewer: Viewer, ids: AbstractSet[UUID]) -> Mapping[UUID, Subject]:
    """The file of invitations."""
    rows = rows_of(viewer, ids, InvitationBatch.id, InvitationBatch.file_name)
    return {row.id: Subject(name=row.file_name, note="список приглашений") for row in rows}
