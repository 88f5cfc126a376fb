"""The old form of CAdES-A, its renewal, and what several signers do to levels."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from signing import BadInput, OfflineEvidence, augment, cosign_cades, countersign_cades, sign_cades, verify
from signing._internal import der, oids
from signing._internal.attributes import level_of, read_signed_attributes
from signing._internal.cms import read_signed_data
from signing._internal.timestamps import read_token
from tests.signing.conftest import World, build_world, failing
from tests.signing.maker import NOW, YEAR, Tsa, extended_key_usage, key_usage
from tests.signing.test_signing_round_trip import CONTENT, openssl_verify

NOTHING = OfflineEvidence()
_STAMPING = [key_usage("digital_signature"), extended_key_usage(oids.EKU_TIME_STAMPING, critical=True)]


def lists(world: World, at: datetime) -> OfflineEvidence:
    return OfflineEvidence(crls=[world.root.crl(at=at), world.issuing.crl(at=at)])


def raised(world: World, cms: bytes, level: str, *, at: datetime = NOW, tsa: Tsa | None = None) -> bytes:
    return augment(
        cms,
        level,  # type: ignore[arg-type]  # a parameter of tests
        content=CONTENT,
        timestamper=tsa or world.tsa,
        trust=world.trust,
        evidence=lists(world, at),
        at=at,
    )


def bes(world: World) -> bytes:
    who = world.signer
    return sign_cades(CONTENT, key=who.key, certificate=who.certificate, chain=who.chain, signing_time=NOW)


def outcomes(world: World, cms: bytes, at: datetime) -> tuple[str, list[str]]:
    report = verify(CONTENT, cms, trust=world.trust, evidence=NOTHING, at=at)
    checks = report.signatures[0].checks
    return report.indication, [one.outcome for one in checks if one.name == "archive_timestamp"]


@pytest.mark.parametrize("spec", ["gost2012_256:XA", "rsa:2048"])
def test_the_old_archive_form_is_made_renewed_and_taken_years_later(spec: str, tmp_path: Path) -> None:
    world = build_world(spec)
    first = raised(world, bes(world), "AV2")
    assert outcomes(world, first, NOW) == ("TOTAL-PASSED", ["passed"])
    done = openssl_verify(world, first, tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    later, much_later = NOW + timedelta(days=300), NOW + 3 * YEAR
    second_tsa = Tsa(
        holder=world.issuing.issue("Служба времени 2", spec=spec, extensions=_STAMPING, not_after=NOW + 4 * YEAR),
        at=later,
    )
    renewed = raised(world, first, "AV2", at=later, tsa=second_tsa)
    signer = read_signed_data(renewed).signers[0]
    assert len(signer.unsigned(oids.ARCHIVE_TIMESTAMP_V2)) == 2
    # the first authority's certificate has expired by then: only the second seal carries the first over the years
    world.refresh(much_later)
    report = verify(CONTENT, renewed, trust=world.trust, evidence=world.evidence, at=much_later)
    assert report.indication == "TOTAL-PASSED", failing(report)
    assert [one.outcome for one in report.signatures[0].checks if one.name == "archive_timestamp"] == ["passed"] * 2
    old = verify(CONTENT, first, trust=world.trust, evidence=world.evidence, at=much_later)
    assert old.indication == "INDETERMINATE"


def test_renewal_in_the_new_form_does_not_break_the_old_seal(world: World) -> None:
    both = raised(
        world,
        raised(world, bes(world), "AV2"),
        "A",
        at=NOW + timedelta(hours=1),
        tsa=Tsa(holder=world.tsa.holder, at=NOW + timedelta(hours=1)),
    )
    present = {one.oid for one in read_signed_data(both).signers[0].unsigned_attributes}
    assert {oids.ARCHIVE_TIMESTAMP_V2, oids.ARCHIVE_TIMESTAMP_V3} <= present
    world.refresh(NOW + timedelta(hours=1))
    assert outcomes(world, both, NOW + timedelta(hours=1)) == ("TOTAL-PASSED", ["passed", "passed"])


def test_evidence_of_a_renewed_old_seal_goes_into_its_token(world: World) -> None:
    first = raised(world, bes(world), "AV2")
    renewed = raised(
        world, first, "AV2", at=NOW + timedelta(hours=1), tsa=Tsa(holder=world.tsa.holder, at=NOW + timedelta(hours=1))
    )
    before, after = (read_signed_data(one) for one in (first, renewed))
    assert [part.raw for part in before.parts] == [part.raw for part in after.parts]
    tokens = [read_token(value.raw) for value in after.signers[0].unsigned(oids.ARCHIVE_TIMESTAMP_V2)]
    oldest = min(tokens, key=lambda one: one.info.at).signed.signers[0]
    assert oldest.unsigned(oids.CERTIFICATE_VALUES)
    assert oldest.unsigned(oids.REVOCATION_VALUES)


def test_answers_inside_the_file_make_it_version_5(world: World) -> None:
    """RFC 5652, 5.1: other forms of revocation data need version 5."""
    answers = [world.issuing.ocsp(one.certificate) for one in (world.signer, world.tsa.holder)]
    source = OfflineEvidence(ocsp=answers, crls=[world.root.crl()])
    cms = augment(bes(world), "A", content=CONTENT, timestamper=world.tsa, trust=world.trust, evidence=source, at=NOW)
    body = der.read(cms).children()[1].inner().children()
    assert body[0].integer() == 5
    assert outcomes(world, cms, NOW)[0] == "TOTAL-PASSED"


def test_a_signer_who_came_later_is_raised_beside_one_who_is_archived(world: World) -> None:
    second = world.issuing.issue("Пётр Петров", spec="gost2012_512:A")
    both = cosign_cades(
        raised(world, bes(world), "A"),
        content=CONTENT,
        key=second.key,
        certificate=second.certificate,
        signing_time=NOW,
    )
    cms = raised(world, both, "A")
    assert outcomes(world, cms, NOW)[0] == "TOTAL-PASSED"
    signers = read_signed_data(cms).signers
    levels = [level_of(one, read_signed_attributes(one), embedded_revocation=True) for one in signers]
    assert levels == ["A", "A"]


@pytest.mark.parametrize("level", ["A", "AV2"])
def test_an_archive_timestamp_carries_a_countersignature_over_the_years(world: World, level: str) -> None:
    """The counter-signer has no time-stamp of his own and his certificate expires: the seal proves when he signed."""
    notary = world.issuing.issue("Нотариус", not_after=NOW + timedelta(days=90))
    signed = countersign_cades(bes(world), key=notary.key, certificate=notary.certificate, signing_time=NOW)
    cms = raised(world, signed, level)
    later = NOW + timedelta(days=200)
    world.refresh(later)
    report = verify(CONTENT, cms, trust=world.trust, evidence=NOTHING, at=NOW)
    assert [one.indication for one in report.signatures] == ["TOTAL-PASSED"] * 2, failing(report, 1)
    years_on = world.verify(CONTENT, cms, at=later)
    assert [one.indication for one in years_on.signatures] == ["TOTAL-PASSED"] * 2, failing(years_on, 1)
    assert years_on.signatures[1].best_time_source == "timestamp"
    assert world.verify(CONTENT, signed, at=later).signatures[1].indication == "INDETERMINATE"


def test_a_countersignature_after_the_seal_is_not_carried(world: World) -> None:
    notary = world.issuing.issue("Нотариус", not_after=NOW + timedelta(days=90))
    cms = countersign_cades(
        raised(world, bes(world), "A"), key=notary.key, certificate=notary.certificate, signing_time=NOW
    )
    later = NOW + timedelta(days=200)
    world.refresh(later)
    report = world.verify(CONTENT, cms, at=later)
    assert [one.indication for one in report.signatures] == ["TOTAL-PASSED", "INDETERMINATE"]


def test_a_countersignature_that_does_not_hold_is_not_archived(world: World) -> None:
    notary = world.issuing.issue("Нотариус", not_after=NOW - timedelta(days=1))
    signed = countersign_cades(bes(world), key=notary.key, certificate=notary.certificate, signing_time=NOW)
    with pytest.raises(BadInput, match="counter-signer"):
        raised(world, signed, "A")
