"""A signer is believed only when everything but revocation was established, whatever was found to be wrong first."""

from __future__ import annotations

import pytest

import signing
from edo_service.exchange.fitness import UNPROVED
from edo_service.exchange.undecided import MAY_COME
from edo_service.trust.judge import CERTIFICATE_HOLD, leads_to_anchor
from tests.fixtures.forgery import FORGERIES, forge
from tests.fixtures.road import House

CONTENT = b"content"


@pytest.mark.parametrize("how", FORGERIES)
def test_nobody_is_believed_by_a_certificate_that_others_could_have_made(house: House, how: str) -> None:
    found = house.services.judge.judge(CONTENT, forge(house, CONTENT, "lessor_person", how))
    assert found is not None
    assert found.verdict.signer is not None
    assert found.verdict.signer.subject.organization_inn == house.pki.entity("lessor_person").certificate.subject.inn_le
    assert (found.passed, found.failed) == (False, False), "nothing proves it bad"
    assert (found.trusted, found.awaits_revocation) == (False, False)
    assert found.doubt


def test_silence_about_revocation_alone_leaves_the_signer_believed(house: House) -> None:
    house.network.silent |= {"ocsp", "crl"}
    found = house.services.judge.judge(CONTENT, house.cms(CONTENT))
    assert found is not None
    assert (found.trusted, found.awaits_revocation, found.sub_indication) == (True, True, "TRY_LATER")


def test_what_silence_hides_is_looked_for(house: House) -> None:
    """A revoked authority's certificates have no list any more: the missing list is found first and is not all."""
    house.pki.revoke("issuing", house.clock.now(), signing.pki.RevocationReason.CA_COMPROMISE)
    cms = house.cms(CONTENT)
    network, answer = house.network, house.network.fetch

    def fetch(request: signing.FetchRequest) -> bytes | None:
        return answer(request) if "root" in request.url else None

    network.__dict__["fetch"] = fetch
    found = house.services.judge.judge(CONTENT, cms)
    assert found is not None
    assert (found.sub_indication, found.trusted) == ("REVOKED_CA_NO_POE", False)


@pytest.mark.parametrize("suspended", ["client_one_person", "issuing"])
def test_a_suspended_certificate_is_not_believed(house: House, suspended: str) -> None:
    house.pki.revoke(suspended, house.clock.now(), signing.pki.RevocationReason.CERTIFICATE_HOLD)
    found = house.services.judge.judge(CONTENT, house.cms(CONTENT))
    assert found is not None
    assert (found.passed, found.failed, found.trusted, found.awaits_revocation) == (False, False, False, False)
    assert found.sub_indication == CERTIFICATE_HOLD
    assert "приостановлено" in found.doubt
    assert CERTIFICATE_HOLD in MAY_COME, "looked at again: a suspension is lifted or becomes a revocation"
    assert CERTIFICATE_HOLD in UNPROVED


@pytest.mark.parametrize(
    ("indication", "sub_indication", "believed"),
    [
        ("TOTAL-PASSED", None, True),
        ("INDETERMINATE", "TRY_LATER", True),
        ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND", False),
        ("INDETERMINATE", CERTIFICATE_HOLD, False),
        ("INDETERMINATE", "A_NEW_ONE", False),
        ("INDETERMINATE", None, False),
        ("TOTAL-FAILED", "TRY_LATER", False),
        (None, None, False),
    ],
)
def test_what_is_not_known_is_not_believed(
    indication: str | None, sub_indication: str | None, *, believed: bool
) -> None:
    assert leads_to_anchor(indication, sub_indication) is believed
