"""The renewer of signatures: the patience of its sources, and which time-stamps count."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

import archive
import signing
from edo_service.archiving.renewer import Both, SigningRenewer
from signing._internal import assemble, der, oids
from signing._internal.cms import read_signed_data
from signing._internal.imprints import Stamped, references_imprint
from signing._internal.signer import Content
from tests.signing.attack_stage import CONTENT, Stage, replaced_signer
from tests.signing.maker import NOW, Tsa, attribute, extended_key_usage, key_usage
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


def outlook_of(renewer: SigningRenewer, cms: bytes, *tokens: bytes) -> archive.Outlook:
    """The outlook of a signature with these signature time-stamps."""
    added = der.set_of([attribute(oids.SIGNATURE_TIMESTAMP, one) for one in tokens], tag=0xA1)
    stamped = replaced_signer(cms, lambda members: [*members, added])
    return renewer.outlook(archive.Signed(name="s", form="cms", signature=stamped, content=CONTENT))


def token_over(stage: Stage, data: bytes) -> bytes:
    return stage.tsa.timestamp("streebog256", signing.digest("streebog256", data))


def value_of(cms: bytes, renewer: SigningRenewer) -> bytes:
    report = signing.verify(CONTENT, cms, trust=renewer.trust, evidence=renewer.evidence, at=NOW, policy=renewer.policy)
    return report.signatures[0].signature_value


def test_only_a_time_stamp_that_holds_over_this_very_signature_counts_as_proof() -> None:
    stage, soon = Stage(), NOW + timedelta(days=9)
    renewer, cms, end = renewer_of(stage, soon), stage.signed(), stage.signer.certificate.not_after
    true, other = token_over(stage, value_of(cms, renewer)), token_over(stage, b"another signature")
    fine = outlook_of(renewer, cms, true)
    assert (fine.ages_at, [one.proves for one in fine.stamps], fine.doubts) == (soon, [True], [])
    beside = outlook_of(renewer, cms, der.null(), true)
    assert (beside.ages_at, sorted(one.proves for one in beside.stamps)) == (soon, [False, True]), (
        "junk stands in nobody's way"
    )
    assert outlook_of(renewer, cms, der.null()).ages_at == end
    alien = outlook_of(renewer, cms, other)
    assert (alien.ages_at, alien.may_change) == (end, False)
    assert "TOTAL-FAILED HASH_FAILURE: it counts as no proof" in archive.told(alien.doubts)


def test_a_time_stamp_of_an_authority_that_nobody_knows_is_indeterminate_and_asked_again() -> None:
    stage, soon = Stage(), NOW + timedelta(days=9)
    renewer, cms = renewer_of(stage, soon), stage.signed()
    token = token_over(stage, value_of(cms, renewer))
    unknown = replace(renewer, trust=signing.TrustStore((), ()))
    found = outlook_of(unknown, cms, token)
    assert [(one.indication, one.proves) for one in found.stamps] == [("INDETERMINATE", False)]
    assert (found.ages_at, found.may_change) == (stage.signer.certificate.not_after, True)
    assert f"the time-stamp of {NOW:%Y-%m-%d} is INDETERMINATE" in archive.told(found.doubts)


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
    assert renewer.outlook(archive.Signed(name="d", form="pdf", signature=broken)).ages_at == soon


def short_lived(stage: Stage, days: int, since: timedelta) -> Tsa:
    """A time-stamping authority whose certificate ends after so many days."""
    stamping = [key_usage("digital_signature"), extended_key_usage(oids.EKU_TIME_STAMPING, critical=True)]
    made = stage.issuing.issue("Служба времени", extensions=stamping, not_after=NOW + timedelta(days=days))
    return Tsa(holder=made, at=NOW + since)


def test_a_time_stamp_that_only_a_later_one_keeps_alive_ends_with_that_one() -> None:
    """The first authority's key is known to others since the second day: what it stamped holds by the archive time-stamp."""
    stage, one = Stage(), timedelta(days=1)
    stage.issuing = replace(stage.issuing, revoked={})
    inner, outer = short_lived(stage, 360, timedelta()), short_lived(stage, 200, one)
    who = stage.signer
    cms = signing.sign_cades(CONTENT, key=who.key, certificate=who.certificate, signing_time=NOW, timestamper=inner)
    lists = signing.OfflineEvidence(crls=[each.crl(at=NOW + one) for each in (stage.root, stage.issuing)])
    cms = signing.augment(cms, "A", content=CONTENT, timestamper=outer, trust=stage.trust, evidence=lists, at=NOW + one)
    day = NOW + timedelta(days=180)
    stage.issuing.revoke(inner.holder.certificate, NOW + 2 * one, reason=1)
    later = [each.crl(at=day) for each in (stage.root, stage.issuing)]
    renewer = replace(
        renewer_of(stage, NOW), evidence=signing.OfflineEvidence(crls=later), at=day, policy=signing.Policy()
    )
    found = renewer.outlook(archive.Signed(name="s", form="cms", signature=cms, content=CONTENT))
    assert [each.proves for each in found.stamps] == [True] * len(found.stamps)
    assert found.ages_at == outer.holder.certificate.not_after


def test_a_time_stamp_over_the_references_alone_proves_nothing_of_the_signature() -> None:
    """It does not cover the signature's value, so its far end is no reason to wait."""
    stage, one = Stage(), timedelta(days=1)
    first, far = short_lived(stage, 200, timedelta()), short_lived(stage, 360, one)
    who, lists = (
        stage.signer,
        signing.OfflineEvidence(crls=[each.crl(at=NOW + one) for each in (stage.root, stage.issuing)]),
    )
    cms = signing.sign_cades(CONTENT, key=who.key, certificate=who.certificate, signing_time=NOW, timestamper=first)
    cms = signing.augment(
        cms, "XLT1", content=CONTENT, timestamper=replace(first, at=NOW + one), trust=stage.trust, evidence=lists, at=NOW + one
    )  # fmt: skip
    (info,) = (read := read_signed_data(cms)).signers
    whole = Stamped(signed=read, signer=info, content=Content(CONTENT))
    over = next(iter(references_imprint(whole, oids.CERT_CRL_TIMESTAMP)))
    token = far.timestamp("streebog256", signing.digest("streebog256", over))
    more = assemble.with_unsigned(info.node, [attribute(oids.CERT_CRL_TIMESTAMP, token)])
    stamped = assemble.replace(read, [more], certificates=(), revocations=()).raw
    renewer = replace(renewer_of(stage, NOW), evidence=lists, at=NOW + one, policy=signing.Policy())
    found = renewer.outlook(archive.Signed(name="s", form="cms", signature=stamped, content=CONTENT))
    assert [each.proves for each in found.stamps] == [True, True, True]
    assert found.ages_at == first.holder.certificate.not_after
