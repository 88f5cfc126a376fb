"""The logic of verdicts itself: who is judged, in what order, at which moment, and with which sub-indication."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from signing import OfflineEvidence, Policy, TrustStore, digest, sign_cades, verify
from signing._internal import der, oids
from signing._internal.policy import DEFAULT_POLICY
from tests.signing.conftest import World, build_world, failing
from tests.signing.maker import NOW, Tsa, attribute, make_signer, usual_attributes, wrap
from tests.signing.verdict_stage import (
    CONTENT,
    DAY,
    SECOND,
    counter_of,
    judged,
    outcome,
    signer_of,
    stamp,
    with_unsigned,
)


@pytest.fixture(scope="module")
def stage() -> World:
    return build_world()


def test_a_file_without_signers_is_refused(stage: World) -> None:
    report = judged(stage)
    assert outcome(report) == ("TOTAL-FAILED", "FORMAT_FAILURE")
    assert len(report.signatures) == 1
    assert report.signatures[0].level == ""


def test_every_signer_has_a_verdict_and_the_worst_decides(stage: World) -> None:
    good, bad = signer_of(stage), signer_of(stage, content=b"another")
    for signers in ((good, bad), (bad, good)):
        report = judged(stage, *signers)
        assert outcome(report) == ("TOTAL-FAILED", "HASH_FAILURE")
        assert sorted(one.indication for one in report.signatures) == ["TOTAL-FAILED", "TOTAL-PASSED"]
    assert judged(stage, good, good).indication == "TOTAL-PASSED"


def test_what_a_verdict_tells_of_a_plain_signature(stage: World) -> None:
    (one,) = judged(stage, signer_of(stage)).signatures
    assert outcome(one) == ("TOTAL-PASSED", None)
    assert (one.level, one.best_time_source, one.best_signature_time) == ("BES", "validation-time", NOW)
    assert one.signing_time == NOW
    assert one.signer == stage.signer.certificate
    assert one.countersigns is None
    assert len(one.signature_value) == 64
    assert one.evidence.certificates[0] == stage.signer.certificate.der
    assert len(one.evidence.crls) == 2


def test_counter_signatures_name_whom_they_counter_sign(stage: World) -> None:
    plain = signer_of(stage)
    counter = counter_of(stage, plain)
    signed = with_unsigned(plain, attribute(oids.COUNTER_SIGNATURE, counter))
    report = judged(stage, plain, signed)
    assert [(one.indication, one.countersigns) for one in report.signatures] == [
        ("TOTAL-PASSED", None),
        ("TOTAL-PASSED", None),
        ("TOTAL-PASSED", 1),
    ]


def test_a_counter_signature_that_names_a_content_type_is_told_of(stage: World) -> None:
    """It should not (RFC 5652, 11.4): it may have been made as the signature of a file of these very octets."""
    plain = signer_of(stage)
    value = der.read(plain).children()[5].value
    odd = make_signer(stage.signer, value, attributes=list(usual_attributes(stage.signer, value).values()))
    report = judged(stage, with_unsigned(plain, attribute(oids.COUNTER_SIGNATURE, odd)))
    assert [one.indication for one in report.signatures] == ["TOTAL-PASSED"] * 2
    warned = [{one.name for one in item.checks if one.outcome == "warning"} for item in report.signatures]
    assert warned == [set(), {"content_type"}]


def test_counter_signatures_are_followed_three_deep(stage: World) -> None:
    plain = signer_of(stage)
    made, inner = [plain], plain
    for _ in range(5):
        inner = counter_of(stage, inner)
        made.append(inner)
    nested = made[-1]
    for one in reversed(made[:-1]):
        nested = with_unsigned(one, attribute(oids.COUNTER_SIGNATURE, nested))
    report = judged(stage, nested)
    assert [one.countersigns for one in report.signatures] == [None, 0, 1, 2]
    assert report.indication == "TOTAL-PASSED"


def test_a_broken_counter_signature_is_told_with_its_place(stage: World) -> None:
    plain = signer_of(stage)
    broken = with_unsigned(
        plain, attribute(oids.COUNTER_SIGNATURE, der.sequence(der.integer(1)), counter_of(stage, plain))
    )
    report = judged(stage, broken)
    assert outcome(report) == ("TOTAL-FAILED", "FORMAT_FAILURE")
    told = sorted((one.indication, one.countersigns) for one in report.signatures[1:])
    assert told == [("TOTAL-FAILED", 0), ("TOTAL-PASSED", 0)]


@pytest.mark.parametrize(
    ("content_at", "signature_at", "expected"),
    [
        (NOW - 2 * DAY, NOW - DAY, "TOTAL-PASSED"),
        (NOW - DAY, NOW - DAY, "TOTAL-PASSED"),
        (NOW - DAY, NOW - 2 * DAY, "INDETERMINATE"),
        (NOW - DAY, None, "TOTAL-PASSED"),
    ],
)
def test_a_content_stamp_comes_before_the_signature(
    content_at: datetime, signature_at: datetime | None, expected: str
) -> None:
    world = build_world()
    extra = attribute(oids.CONTENT_TIMESTAMP, stamp(world, content_at, CONTENT))
    plain = signer_of(world, extra=(extra,))
    if signature_at is not None:
        value = der.read(plain).children()[5].value
        plain = with_unsigned(plain, attribute(oids.SIGNATURE_TIMESTAMP, stamp(world, signature_at, value)))
    report = judged(world, plain)
    assert report.indication == expected
    assert ("timestamp_order" in failing(report)) == (expected != "TOTAL-PASSED")
    if expected != "TOTAL-PASSED":
        assert report.sub_indication == "TIMESTAMP_ORDER_FAILURE"
    names = {check.name for check in report.signatures[0].checks}
    assert "content_timestamp" in names
    assert "content_timestamp" not in {
        check.name
        for check in world.verify(None, wrap([plain], None, certificates=[world.signer.certificate.der]))
        .signatures[0]
        .checks
    }


def test_a_foreign_content_stamp_orders_nothing(stage: World) -> None:
    extra = attribute(oids.CONTENT_TIMESTAMP, stamp(stage, NOW, b"other content"))
    plain = signer_of(stage, extra=(extra,))
    value = der.read(plain).children()[5].value
    early = attribute(oids.SIGNATURE_TIMESTAMP, stamp(stage, NOW - DAY, value))
    report = judged(stage, with_unsigned(plain, early))
    assert report.indication == "TOTAL-PASSED"
    warned = {check.name for check in report.signatures[0].checks if check.outcome == "warning"}
    assert "content_timestamp" in warned


def test_the_best_time_is_the_earliest_stamp_that_holds(stage: World) -> None:
    plain = signer_of(stage)
    value = der.read(plain).children()[5].value
    stamps = [stamp(stage, NOW - 2 * DAY, value), stamp(stage, NOW - DAY, value), stamp(stage, NOW - 3 * DAY, b"other")]
    (one,) = judged(stage, with_unsigned(plain, attribute(oids.SIGNATURE_TIMESTAMP, *stamps))).signatures
    assert outcome(one) == ("TOTAL-PASSED", None)
    assert (one.best_time_source, one.best_signature_time, one.level) == ("timestamp", NOW - 2 * DAY, "T")
    told = [check.outcome for check in one.checks if check.name == "signature_timestamp"]
    assert sorted(told) == ["passed", "passed", "warning"]
    assert len(one.evidence.timestamps) == 2


def test_a_stamp_of_another_signature_proves_nothing(stage: World) -> None:
    plain = signer_of(stage)
    token = stamp(stage, NOW - DAY, b"another signature")
    (one,) = judged(stage, with_unsigned(plain, attribute(oids.SIGNATURE_TIMESTAMP, token))).signatures
    assert (one.indication, one.best_time_source, one.best_signature_time) == ("TOTAL-PASSED", "validation-time", NOW)
    assert one.evidence.timestamps == ()


@pytest.mark.parametrize(
    ("stamped", "sub"), [(False, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"), (True, "CRYPTO_CONSTRAINTS_FAILURE")]
)
@pytest.mark.parametrize("kind", ["digest", "key"])
def test_strength_is_judged_at_the_proven_time(stage: World, *, stamped: bool, sub: str, kind: str) -> None:
    plain = signer_of(stage)
    at = NOW - DAY
    if stamped:
        value = der.read(plain).children()[5].value
        plain = with_unsigned(plain, attribute(oids.SIGNATURE_TIMESTAMP, stamp(stage, at, value)))
    best = at if stamped else NOW

    def strict(until: datetime) -> Policy:
        if kind == "digest":
            return replace(DEFAULT_POLICY, digest_until={"streebog256": until}, check_revocation=False)
        return replace(DEFAULT_POLICY, key_until={"gost2012_256": (512, until)}, check_revocation=False)

    def strength(policy: Policy) -> list[tuple[object, str]]:
        found = judged(stage, plain, policy=policy).signatures[0].checks
        return [(check.data["sub_indication"], check.text_ru) for check in found if check.name == "strength"]

    ((told, text),) = strength(strict(best))
    if stamped and kind == "digest":  # the time-stamp's own hash is no longer trusted: it proves nothing
        assert told == "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    elif not stamped:
        assert told == sub
    assert ("streebog256" in text) == (kind == "digest")
    assert ("ключ" in text) == (kind == "key")
    assert strength(strict(NOW + SECOND)) == []


def test_an_algorithm_that_was_weak_already_at_the_proven_time(stage: World) -> None:
    """A time-stamp by a service with other algorithms proves that the signature was made too late."""
    other = build_world("ec:P-256")
    at = NOW - DAY
    plain = signer_of(stage)
    token = Tsa(holder=other.tsa.holder, at=at).timestamp(
        "sha256", digest("sha256", der.read(plain).children()[5].value)
    )
    cms = wrap(
        [with_unsigned(plain, attribute(oids.SIGNATURE_TIMESTAMP, token))],
        None,
        certificates=[stage.signer.certificate.der],
    )
    trust = TrustStore(
        [stage.root.certificate, other.root.certificate], [stage.issuing.certificate, other.issuing.certificate]
    )
    for until, expected in ((at, {"CRYPTO_CONSTRAINTS_FAILURE"}), (at + SECOND, set())):
        policy = replace(DEFAULT_POLICY, key_until={"gost2012_256": (512, until)}, check_revocation=False)
        report = verify(CONTENT, cms, trust=trust, evidence=OfflineEvidence(), at=NOW, policy=policy)
        (one,) = report.signatures
        assert one.best_signature_time == at
        assert {check.data["sub_indication"] for check in one.checks if check.name == "strength"} == expected
        assert (report.indication == "TOTAL-PASSED") == (not expected)


@pytest.mark.parametrize(
    ("claimed", "outcome_of"),
    [(NOW + timedelta(minutes=5), "info"), (NOW + timedelta(minutes=5, seconds=1), "warning")],
)
def test_a_claimed_time_in_the_future_is_noted(stage: World, claimed: datetime, outcome_of: str) -> None:
    cms = sign_cades(CONTENT, key=stage.signer.key, certificate=stage.signer.certificate, signing_time=claimed)
    report = stage.verify(CONTENT, cms)
    (check,) = [one for one in report.signatures[0].checks if one.name == "signing_time"]
    assert check.outcome == outcome_of
    assert ("позже" in check.text_ru) == (outcome_of == "warning")
    assert report.indication == "TOTAL-PASSED"


def test_a_signer_without_a_claimed_time_is_fine(stage: World) -> None:
    attributes = usual_attributes(stage.signer, CONTENT)
    attributes.pop("signing_time")
    (one,) = judged(stage, make_signer(stage.signer, CONTENT, attributes=list(attributes.values()))).signatures
    assert (one.indication, one.signing_time) == ("TOTAL-PASSED", None)
    assert "signing_time" not in {check.name for check in one.checks}


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (
            der.sequence(der.oid("1.2.643.7.99"), der.sequence(der.sequence(der.oid("1.2")), der.octet_string(b"x"))),
            "1.2.643.7.99",
        ),
        (der.null(), ""),
        (der.sequence(der.tlv(der.UTF8_STRING, b"policy")), ""),
    ],
)
def test_a_signature_policy_is_told_to_be_unchecked(stage: World, value: bytes, named: str) -> None:
    (one,) = judged(stage, signer_of(stage, extra=(attribute(oids.SIGNATURE_POLICY, value),))).signatures
    assert (one.indication, one.level) == ("TOTAL-PASSED", "EPES")
    (told,) = [check for check in one.checks if check.name == "signature_policy"]
    assert (told.outcome, told.data["policy"]) == ("warning", named)
    assert "не проверялись" in told.text_ru
    assert named in told.text_ru


def test_no_policy_is_told_of_where_there_is_none(stage: World) -> None:
    (one,) = judged(stage, signer_of(stage)).signatures
    assert "signature_policy" not in {check.name for check in one.checks}


def test_signed_attributes_that_cannot_be_read_end_the_matter(stage: World) -> None:
    """One verdict on the signer, none on who counter-signed what cannot be read; the other signer has his own."""
    broken = signer_of(stage, extra=(der.integer(5),))
    signed = with_unsigned(broken, attribute(oids.COUNTER_SIGNATURE, counter_of(stage, broken)))
    report = judged(stage, signed, signer_of(stage))
    assert sorted(outcome(one)[0] for one in report.signatures) == ["TOTAL-FAILED", "TOTAL-PASSED"]
    (bad,) = [one for one in report.signatures if one.indication == "TOTAL-FAILED"]
    assert (outcome(bad), bad.countersigns) == (("TOTAL-FAILED", "FORMAT_FAILURE"), None)
    assert "не читается" in bad.checks[0].text_ru
