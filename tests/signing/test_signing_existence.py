"""When a signature provably existed: which time-stamp lends its time to which, and to whom it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from signing import OfflineEvidence, Report, augment, countersign_cades, sign_cades, verify
from signing._internal import assemble, der, oids
from signing._internal.cms import read_signed_data
from signing._internal.imprints import Stamped, archive_imprint_v2
from signing._internal.signer import Content
from tests.signing.conftest import World
from tests.signing.maker import NOW, YEAR, Holder, Tsa, attribute, extended_key_usage, key_usage, wrap
from tests.signing.verdict_stage import CONTENT, DAY, counter_of, signer_of, stamp, with_unsigned

_STAMPING = [key_usage("digital_signature"), extended_key_usage(oids.EKU_TIME_STAMPING, critical=True)]


def authority(world: World, days: int, *, at: timedelta = timedelta()) -> Tsa:
    """A time-stamping authority whose certificate ends after so many days."""
    made = world.issuing.issue("Служба времени", extensions=_STAMPING, not_after=NOW + days * DAY)
    return Tsa(holder=made, at=NOW + at)


def lists(world: World, at: timedelta = timedelta()) -> OfflineEvidence:
    return OfflineEvidence(crls=[world.root.crl(at=NOW + at), world.issuing.crl(at=NOW + at)])


def stamped(world: World, tsa: Tsa) -> bytes:
    one = world.signer
    return sign_cades(CONTENT, key=one.key, certificate=one.certificate, signing_time=NOW, timestamper=tsa)


def raised(world: World, cms: bytes, level: str, tsa: Tsa, at: timedelta) -> bytes:
    return augment(
        cms,
        level,  # type: ignore[arg-type]  # a parameter of tests
        content=CONTENT,
        timestamper=tsa,
        trust=world.trust,
        evidence=lists(world, at),
        at=NOW + at,
    )


def judged(world: World, cms: bytes, at: timedelta) -> Report:
    return verify(CONTENT, cms, trust=world.trust, evidence=lists(world, at), at=NOW + at)


@pytest.mark.parametrize(("level", "outer"), [("XLT1", "references_timestamp"), ("A", "archive_timestamp")])
def test_what_a_later_stamp_covers_is_judged_at_the_later_stamps_time(world: World, level: str, outer: str) -> None:
    """The first authority has expired since; the stamp over the references, or of the archive, stands for its moment."""
    first, second = authority(world, 10), authority(world, 700, at=DAY)
    plain = stamped(world, first)
    alone = judged(world, plain, 100 * DAY).signatures[0]
    assert (alone.best_time_source, alone.best_signature_time) == ("validation-time", NOW + 100 * DAY)
    later = judged(world, raised(world, plain, level, second, DAY), 100 * DAY).signatures[0]
    assert later.indication == "TOTAL-PASSED"
    assert (later.best_time_source, later.best_signature_time) == ("timestamp", NOW)
    told = {one.name: one.outcome for one in later.checks if one.name.endswith("_timestamp")}
    assert told["signature_timestamp"] == told[outer] == "passed"
    assert len(later.evidence.timestamps) >= 2


@pytest.mark.parametrize(("level", "expected"), [("T", "INDETERMINATE"), ("A", "TOTAL-PASSED")])
def test_a_stamp_on_the_signature_proves_nothing_of_who_counter_signed_it(
    world: World, level: str, expected: str
) -> None:
    """The counter-signer's certificate has expired: only an archive time-stamp covers what he did."""
    tsa, brief = authority(world, 700), world.issuing.issue("Пётр Петров", not_after=NOW + 5 * DAY)
    cms = countersign_cades(stamped(world, tsa), key=brief.key, certificate=brief.certificate, signing_time=NOW)
    if level == "A":
        cms = raised(world, cms, "A", tsa, timedelta())
    signer, counter = judged(world, cms, 10 * DAY).signatures
    assert (signer.indication, signer.best_signature_time) == ("TOTAL-PASSED", NOW)
    assert counter.indication == expected
    assert counter.sub_indication == (None if level == "A" else "OUT_OF_BOUNDS_NO_POE")
    assert counter.best_signature_time == (NOW if level == "A" else NOW + 10 * DAY)


def test_of_two_stamps_over_the_references_the_earlier_counts_for_what_they_cover(world: World) -> None:
    first = authority(world, 10)
    cms = raised(world, stamped(world, first), "XLT1", authority(world, 700, at=DAY), DAY)
    cms = raised(world, cms, "A", authority(world, 700, at=2 * DAY), 2 * DAY)
    cms = raised(world, cms, "A", authority(world, 1000, at=300 * DAY), 300 * DAY)
    found = judged(world, cms, 300 * DAY + YEAR).signatures[0]
    assert (found.indication, found.best_signature_time, found.level) == ("TOTAL-PASSED", NOW, "A")
    told = [one.outcome for one in found.checks if one.name == "archive_timestamp"]
    assert told == ["passed", "passed"]


def sealed(world: World, info: bytes, content: bytes, certificates: list[bytes], at: timedelta) -> bytes:
    """A SignerInfo with an archive time-stamp of the old form over it, over what it signs and over the certificates."""
    signed = read_signed_data(wrap([info], None, certificates=certificates))
    (signer,) = signed.signers
    stamped = Stamped(signed=signed, signer=signer, content=Content(content))
    token = stamp(world, NOW + at, next(archive_imprint_v2(stamped, signer.unsigned_attributes)))
    return assemble.with_unsigned(signer.node, [attribute(oids.ARCHIVE_TIMESTAMP_V2, token)])


def value_of(info: bytes) -> bytes:
    return der.read(info).children()[5].value


@pytest.mark.parametrize("twice", [True, False])
def test_of_two_seals_over_a_counter_signature_the_earlier_counts(world: World, twice: bool) -> None:  # noqa: FBT001 a parameter of tests
    """Who counter-signed a counter-signature: his certificate held at the inner seal and had expired by the outer one."""
    brief: Holder = world.issuing.issue("Пётр Петров", not_after=NOW - DAY)
    certificates = [world.signer.certificate.der, brief.certificate.der]
    plain = signer_of(world)
    middle = counter_of(world, plain)
    deepest = counter_of(replace(world, signer=brief), middle)
    middle = with_unsigned(middle, attribute(oids.COUNTER_SIGNATURE, deepest))
    if twice:
        middle = sealed(world, middle, value_of(plain), certificates, -2 * DAY)
    whole = sealed(
        world, with_unsigned(plain, attribute(oids.COUNTER_SIGNATURE, middle)), CONTENT, certificates, 0 * DAY
    )
    cms = wrap([whole], None, certificates=certificates)
    found = verify(CONTENT, cms, trust=world.trust, evidence=lists(world, -1.5 * DAY), at=NOW).signatures
    assert [one.countersigns for one in found] == [None, 0, 1]
    assert [one.indication for one in found[:2]] == ["TOTAL-PASSED"] * 2, [one.checks for one in found]
    expected = ("TOTAL-PASSED", NOW - 2 * DAY) if twice else ("INDETERMINATE", NOW)
    assert (found[2].indication, found[2].best_signature_time) == expected, found[2].checks


def test_a_seal_that_was_renewed_still_proves_the_counter_signature_at_its_first_moment(world: World) -> None:
    """The counter-signer's certificate ran out between the two archive time-stamps."""
    brief = world.issuing.issue("Пётр Петров", not_after=NOW + 5 * DAY)
    first, second = authority(world, 400), authority(world, 700, at=100 * DAY)
    cms = countersign_cades(stamped(world, first), key=brief.key, certificate=brief.certificate, signing_time=NOW)
    cms = raised(world, cms, "A", first, timedelta())
    cms = raised(world, cms, "A", second, 100 * DAY)
    counter = judged(world, cms, 200 * DAY).signatures[1]
    assert (counter.indication, counter.best_signature_time) == ("TOTAL-PASSED", NOW), counter.checks
