"""The renewer of signatures: the patience of its sources, and which time-stamps count."""

from datetime import datetime, timedelta

import pytest

import archive
import signing
from edo_service.archiving.renewer import Both, SigningRenewer
from signing._internal import der, oids
from tests.signing.attack_stage import CONTENT, Stage, replaced_signer
from tests.signing.maker import NOW, attribute
from tests.signing.pades_stage import PLAIN, signatures


class Counting(signing.OfflineEvidence):
    """Evidence that counts verifications."""

    begun = 0

    def begin(self) -> None:
        self.begun += 1


def test_a_verification_begins_in_both_sources() -> None:
    first, second = Counting(), Counting()
    Both(first, Both(signing.OfflineEvidence(), second)).begin()
    assert (first.begun, second.begun) == (1, 1)


def renewer_of(stage: Stage, soon: datetime) -> SigningRenewer:
    return SigningRenewer(
        timestamper=stage.tsa,
        trust=stage.trust,
        evidence=signing.OfflineEvidence(crls=stage.lists()),
        at=NOW,
        policy=signing.Policy(digest_until={"streebog256": soon}),
    )


@pytest.mark.parametrize("stamped", [True, False])
def test_a_time_stamp_that_cannot_be_read_stands_in_nobodys_way(*, stamped: bool) -> None:
    stage, soon = Stage(), NOW + timedelta(days=9)
    token = stage.tsa.timestamp("streebog256", signing.digest("streebog256", b"a signature"))
    renewer = renewer_of(stage, soon)

    def ages(*tokens: bytes) -> object:
        added = der.set_of([attribute(oids.SIGNATURE_TIMESTAMP, one) for one in tokens], tag=0xA1)
        cms = replaced_signer(stage.signed(), lambda members: [*members, added])
        return renewer.ages_at(archive.Signed(name="s", form="cms", signature=cms, content=CONTENT))

    if stamped:
        assert ages(der.null(), token) == ages(token) == soon
    else:
        assert ages(der.null()) == stage.signer.certificate.not_after


@pytest.mark.parametrize("spoilt", [b"\x30\x85\xff\xff\xff\xff\xff", der.octet_string(b"")])
def test_a_document_time_stamp_that_cannot_be_read_is_passed_over(spoilt: bytes) -> None:
    stage, soon = Stage(), NOW + timedelta(days=9)
    renewer, who = renewer_of(stage, soon), stage.signer
    pdf = signing.sign_pdf(
        PLAIN, key=who.key, certificate=who.certificate, chain=who.chain, signing_time=NOW, timestamper=stage.tsa
    )
    for _ in range(2):
        pdf = signing.extend_pdf(
            pdf, "LTA", timestamper=stage.tsa, trust=stage.trust, evidence=renewer.evidence, at=NOW
        )
    last = max(signatures(pdf), key=lambda one: one.end).contents.hex().encode()
    at = pdf.lower().rindex(last[:200])
    broken = pdf[:at] + spoilt.hex().encode() + pdf[at + 2 * len(spoilt) :]
    assert len(signing.pdf_timestamps(pdf)) == 2
    assert renewer.ages_at(archive.Signed(name="d", form="pdf", signature=broken)) == soon
