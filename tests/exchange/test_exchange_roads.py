"""The matrix of roads: three operators, either company sells; an invoice, an agreed file, a correction, an annulment.

Each end is compared on both sides and at the operator. The other company as the seller is under soak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edo_service.demo.companies import CLIENT_ONE, LESSOR, DemoCompany
from edo_service.demo.side_servers import SandboxOf
from operators.port import Response, Revocation
from operators.saby import SabyOperator
from tests.exchange.roads import Roads, corrected, open_roads
from tests.fixtures.road import MakeHouse

PDF = b"%PDF-1.7 an agreed file"
TEXT = "Цена другая"


def invoice(roads: Roads) -> None:
    ours = roads.seller.upload(roads.write())
    theirs = roads.arrive(ours)
    roads.buyer.accept(theirs)
    roads.settle(lambda: all(line.archive == "kept" for line in roads.lines(ours, theirs)))
    _same(roads, ours, theirs, "seller_title", "buyer_title", "receipt_notice")
    assert [line.response for line in roads.lines(ours, theirs)] == ["counter_signed", "signed_confirmed"]
    assert {_response(roads, one) for one in ((roads.seller, ours), (roads.buyer, theirs))} == {Response.SIGNED}


def agreed_file(roads: Roads) -> None:
    ours = roads.seller.agree(PDF, roads.buyer.company)
    theirs = roads.arrive(ours)
    roads.buyer.accept(theirs)
    roads.settle(lambda: all(line.archive == "kept" for line in roads.lines(ours, theirs)))
    for card in (roads.seller.card(ours), roads.buyer.card(theirs)):
        (part,) = [one for one in card.parts if one.role == "contract"]
        assert [one.indication for one in part.signatures] == ["TOTAL-PASSED"] * 2, (
            "both sides have signed the same bytes"
        )
    _same(roads, ours, theirs, "contract")
    assert {_response(roads, one) for one in ((roads.seller, ours), (roads.buyer, theirs))} == {Response.SIGNED}


def correction(roads: Roads) -> None:
    """Saby carries no request besides a refusal: there the text goes with that, and the correction answers it."""
    written = roads.write()
    ours = roads.seller.upload(written)
    theirs = roads.arrive(ours)
    if roads.operator == "saby":
        roads.buyer.refuse(theirs, TEXT)
        roads.settle(lambda: roads.seller.card(ours).line.response == "counter_refused")
        assert roads.seller.card(ours).refusal_reason == TEXT
    else:
        roads.buyer.clarify(theirs, TEXT)
        asked = ("required", "requested")
        roads.settle(lambda: tuple(line.correction for line in roads.lines(ours, theirs)) == asked)
        _same(roads, ours, theirs, "correction_request")
    newer = roads.seller.upload(corrected(written))
    arrived = roads.arrive(newer)
    roads.settle(lambda: {line.correction for line in roads.lines(ours, theirs)} == {"corrected"})
    for hands, old, new in ((roads.seller, ours, newer), (roads.buyer, theirs, arrived)):
        before, after = hands.card(old).corrected_by, hands.card(new).corrects
        assert before is not None
        assert after is not None
        assert (before.id, after.id) == (new, old)
    roads.buyer.accept(arrived)
    roads.settle(lambda: all(line.response != "expected" for line in roads.lines(newer, arrived)))
    roads.settle(
        lambda: all(line.archive == "kept" for line in (*roads.lines(ours, theirs), *roads.lines(newer, arrived)))
    )
    assert _response(roads, (roads.buyer, arrived)) is Response.SIGNED
    left = Response.REJECTED if roads.operator == "saby" else Response.WAITING
    assert _response(roads, (roads.seller, ours)) is left


def annulment(roads: Roads) -> None:
    ours = roads.seller.upload(roads.write())
    theirs = roads.arrive(ours)
    roads.buyer.accept(theirs)
    roads.settle(lambda: roads.seller.card(ours).line.response == "counter_signed")
    roads.seller.propose(ours, "Выставлен дважды")
    roads.settle(lambda: _annulled(roads, ours, theirs) == ("expected", "required"))
    roads.buyer.consent(theirs)
    roads.settle(lambda: _annulled(roads, ours, theirs) == ("annulled", "annulled"))
    for hands, document in ((roads.seller, ours), (roads.buyer, theirs)):
        seen = hands.seen(document)
        assert seen is not None
        assert seen.revocation is Revocation.ACCEPTED


ROADS: tuple[Callable[[Roads], None], ...] = (invoice, agreed_file, correction, annulment)


def cells() -> Iterator[Any]:
    for operator in ("diadoc", "saby", "taxcom"):
        for seller in (LESSOR, CLIENT_ONE):
            for drive in ROADS:
                yield pytest.param(
                    operator,
                    seller,
                    drive,
                    id=f"{operator}-{seller.code}-{drive.__name__}",
                    marks=[pytest.mark.soak] if seller is CLIENT_ONE else [],
                )


@pytest.mark.parametrize(("operator", "seller", "drive"), list(cells()))
def test_every_road_ends_alike_on_both_sides_and_at_the_operator(
    make_house: MakeHouse,
    operator: SandboxOf,
    seller: DemoCompany,
    drive: Callable[[Roads], None],
    record_property: Callable[[str, object], None],
) -> None:
    roads = open_roads(make_house, operator, seller)
    drive(roads)
    record_property("road_documents", len(roads.seller.all()) + len(roads.buyer.all()))


def test_the_operator_without_requests_says_so() -> None:
    assert "correction_requests" not in SabyOperator.capabilities


def _same(roads: Roads, ours: Any, theirs: Any, *roles: str) -> None:
    """The files of these roles are the same bytes on both sides, each whole and signed well."""
    sides = [
        {
            part.role: (part.sha256, {one.indication for one in part.signatures}, part.objection)
            for part in card.parts
            if part.role in roles
        }
        for card in (roads.seller.card(ours), roads.buyer.card(theirs))
    ]
    assert sides[0] == sides[1]
    assert set(sides[0]) == set(roles)
    assert all(found[1:] == ({"TOTAL-PASSED"}, None) for found in sides[0].values())


def _response(roads: Roads, end: tuple[Any, Any]) -> Response:
    hands, document = end
    seen = hands.seen(document)
    assert seen is not None, roads.operator
    return seen.response  # type: ignore[no-any-return]  # a word of the port


def _annulled(roads: Roads, ours: Any, theirs: Any) -> tuple[str, str]:
    found = roads.seller.annulment(ours), roads.buyer.annulment(theirs)
    return tuple(one.state if one else "none" for one in found)  # type: ignore[return-value]  # two of them
