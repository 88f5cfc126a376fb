"""Over the real wire: a request for a correction of an archived document joins the sets of both sides."""

from uuid import UUID

import pytest

from edo_service.archiving import queries
from edo_service.archiving.queries import SetCard
from edo_service.demo.companies import DemoPerson
from edo_service.documents.use_cases.clarify import prepare_request
from tests.fixtures.road import ACCOUNTANT, CLIENT, House


def card(house: House, document: UUID, person: DemoPerson) -> SetCard | None:
    uow = house.uow(house.actor(person))
    line = queries.package_of_document(document, uow=uow)
    return None if line is None else queries.set_card(line.id, uow=uow)


def papers(house: House, document: UUID, person: DemoPerson) -> set[str]:
    """Service messages that joined the set later, each with what signs it."""
    found = card(house, document, person)
    parts = [] if found is None else [part for part in found.parts if part.supplement]
    signed = {part.of for part in parts if part.role == "signature"}
    return {part.name.rpartition("/")[2][:10] for part in parts if part.role == "service" and part.name in signed}


@pytest.mark.soak
def test_a_request_after_the_archive_joins_both_sets_with_what_confirms_it(house: House) -> None:
    document = house.upload(function="СЧФ")
    theirs = house.deliver(document)
    both = ((document, ACCOUNTANT), (theirs, CLIENT))
    house.settle(lambda: all(house.card(one, person).line.archive == "kept" for one, person in both))
    actor, objects = house.actor(CLIENT), house.services.objects
    prepare_request(theirs, text="Цена другая", actor=actor, uow=house.uow(actor), objects=objects)
    house.settle(lambda: not house.jobs("waiting", "running") or papers(house, theirs, CLIENT) != set())
    assert papers(house, theirs, CLIENT) == set(), "a draft may be taken back"
    house.sign(theirs)
    house.settle(lambda: all({"DP_UVUTOCH"} < papers(house, one, person) for one, person in both))
    for one, person in both:
        late = card(house, one, person)
        assert late is not None
        assert [each.number for each in late.supplements] == list(range(1, len(late.supplements) + 1))
