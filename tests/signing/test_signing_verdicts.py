"""The logic of verdicts itself: who is judged, in what order, at which moment, and with which sub-indication."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from signing import (
    Certificate,
    OfflineEvidence,
    Policy,
    Report,
    SignatureVerdict,
    TrustStore,
    digest,
    sign_cades,
    verify,
)
from signing._internal import der, oids
from signing._internal.policy import DEFAULT_POLICY
from signing._internal.run import Run
from tests.signing.conftest import World, build_world, failing
from tests.signing.maker import (
    NOW,
    YEAR,
    Tsa,
    attribute,
    basic_constraints,
    key_usage,
    make_signer,
    usual_attributes,
    wrap,
)

CONTENT = b"content"
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def signer_of(world: World, *, content: bytes = CONTENT, extra: tuple[bytes, ...] = (), **unsigned: bytes) -> bytes:
    """A SignerInfo with unsigned attributes by the names of `oids`."""
    attributes = [*usual_attributes(world.signer, content).values(), *extra]
    named = {getattr(oids, name.upper()): value for name, value in unsigned.items()}
    return make_signer(world.signer, content, attributes=attributes, unsigned=named)


def counter_of(world: World, signer: bytes, **unsigned: bytes) -> bytes:
    """A counter-signature over the value of a SignerInfo: no content type."""
    value = der.read(signer).children()[5].value
    attributes = usual_attributes(world.signer, value)
    attributes.pop("content_type")
    named = {getattr(oids, name.upper()): one for name, one in unsigned.items()}
    return make_signer(world.signer, value, attributes=list(attributes.values()), unsigned=named)


def with_unsigned(signer: bytes, *attributes: bytes) -> bytes:
    members = [one.raw for one in der.read(signer).children()]
    return der.sequence(*members, der.set_of(attributes, tag=0xA1))


def judged(world: World, *signers: bytes, at: datetime = NOW, policy: Policy = DEFAULT_POLICY) -> Report:
    cms = wrap(signers, None, certificates=[world.signer.certificate.der])
    return world.verify(CONTENT, cms, at=at, policy=policy)


def outcome(one: SignatureVerdict | Report) -> tuple[str, str | None]:
    return one.indication, one.sub_indication


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


def stamp(world: World, at: datetime, over: bytes) -> bytes:
    tsa = Tsa(holder=world.tsa.holder, at=at)
    return tsa.timestamp("streebog256", digest("streebog256", over))


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


def test_revocation_inside_the_file_makes_a_stamped_signature_long_term(stage: World) -> None:
    plain = signer_of(stage)
    value = der.read(plain).children()[5].value
    stamped = with_unsigned(plain, attribute(oids.SIGNATURE_TIMESTAMP, stamp(stage, NOW, value)))
    held = [stage.signer.certificate.der]
    crls = [stage.issuing.crl(at=NOW), stage.root.crl(at=NOW)]
    levels = [
        stage.verify(CONTENT, wrap([stamped], None, certificates=held, crls=given)).signatures[0].level
        for given in ((), crls)
    ]
    assert levels == ["T", "LT"]


def test_evidence_inside_the_file_is_enough(stage: World) -> None:
    chain = [stage.signer.certificate.der, stage.issuing.certificate.der]
    crls = [stage.issuing.crl(at=NOW), stage.root.crl(at=NOW)]
    cms = wrap([signer_of(stage)], None, certificates=chain, crls=[*crls, *crls])
    (one,) = stage.verify(CONTENT, cms, evidence=OfflineEvidence()).signatures
    assert one.indication == "TOTAL-PASSED"
    assert sorted(one.evidence.crls) == sorted(crls)


class Asked:
    """Lists of a world, and certificates of issuers that may be given; remembers who was asked about."""

    def __init__(self, world: World, given: list[bytes]) -> None:
        self.world, self.given = world, given
        self.about: list[bytes] = []

    def crls(self, certificate: Certificate, issuer: Certificate) -> list[bytes]:  # noqa: ARG002 the port's shape
        return [self.world.root.crl(at=NOW), self.world.issuing.crl(at=NOW)]

    def ocsp(self, certificate: Certificate, issuer: Certificate) -> list[bytes]:  # noqa: ARG002 the port's shape
        return []

    def certificates(self, issuer_of: Certificate) -> list[bytes]:
        self.about.append(issuer_of.der)
        return self.given


def test_the_issuer_is_asked_for_once(stage: World) -> None:
    """The source gives certificates that are missing; about one certificate it is asked once for all signers."""
    cms = wrap([signer_of(stage), signer_of(stage)], None, certificates=[stage.signer.certificate.der])
    trust = TrustStore([stage.root.certificate])
    cases: tuple[tuple[list[bytes], str], ...] = (
        ([stage.issuing.certificate.der], "TOTAL-PASSED"),
        ([], "INDETERMINATE"),
    )
    for given, expected in cases:
        source = Asked(stage, given)
        report = verify(CONTENT, cms, trust=trust, evidence=source, at=NOW)
        assert {one.indication for one in report.signatures} == {expected}
        assert source.about == [stage.signer.certificate.der]


def test_lists_from_the_future_do_not_count(stage: World) -> None:
    skew = DEFAULT_POLICY.clock_skew
    for ahead, expected in ((skew, "TOTAL-PASSED"), (skew + SECOND, "INDETERMINATE")):
        crls = [stage.root.crl(at=NOW + ahead, until=NOW + YEAR), stage.issuing.crl(at=NOW + ahead, until=NOW + YEAR)]
        cms = wrap([signer_of(stage)], None, certificates=[stage.signer.certificate.der])
        assert stage.verify(CONTENT, cms, evidence=OfflineEvidence(crls=crls)).indication == expected


def test_a_list_is_good_until_its_next_update(stage: World) -> None:
    cms = wrap([signer_of(stage)], None, certificates=[stage.signer.certificate.der])
    crls = [one.crl(at=NOW, until=NOW + 7 * DAY) for one in (stage.root, stage.issuing)]
    for later, expected in ((7 * DAY, "TOTAL-PASSED"), (7 * DAY + SECOND, "INDETERMINATE")):
        report = stage.verify(CONTENT, cms, at=NOW + later, evidence=OfflineEvidence(crls=crls))
        assert report.indication == expected


def test_an_authority_that_may_not_sign_lists_gives_none() -> None:
    world = build_world()
    extensions = [basic_constraints(authority=True), key_usage("key_cert_sign")]
    silent = world.root.issue("УЦ без списков", extensions=extensions, not_after=NOW + YEAR)
    world.issuing, world.signer = silent, silent.issue("Иванов")
    world.refresh()
    report = judged(world, signer_of(world))
    assert outcome(report) == ("INDETERMINATE", "TRY_LATER")


@pytest.mark.parametrize(
    ("kept_since", "expected"), [(-YEAR, None), (timedelta(0), None), (SECOND, "REVOCATION_OUT_OF_BOUNDS_NO_POE")]
)
def test_lists_that_keep_expired_certificates_tell_of_them(kept_since: timedelta, expected: str | None) -> None:
    """expiredCertsOnCRL: a list issued after the certificate expired still speaks of it (X.509, 9.5.2.8)."""
    world = build_world()
    end = NOW + timedelta(hours=1)
    world.signer = world.issuing.issue("Иванов", not_after=end)
    plain = signer_of(world)
    token = stamp(world, NOW, der.read(plain).children()[5].value)
    cms = wrap(
        [with_unsigned(plain, attribute(oids.SIGNATURE_TIMESTAMP, token))],
        None,
        certificates=[world.signer.certificate.der],
    )
    since = [(oids.EXPIRED_CERTS_ON_CRL, False, der.generalized_time(end + kept_since))]
    later = NOW + DAY
    crls = [world.root.crl(at=later), world.issuing.crl(at=later, extensions=since)]
    report = world.verify(CONTENT, cms, at=later, evidence=OfflineEvidence(crls=crls))
    assert report.sub_indication == expected


def test_a_revocation_counts_from_its_very_moment() -> None:
    for ahead, expected in ((timedelta(0), "REVOKED_NO_POE"), (SECOND, None)):
        world = build_world()
        world.issuing.revoke(world.signer.certificate, NOW + ahead)
        world.refresh()
        assert judged(world, signer_of(world)).sub_indication == expected


def test_what_a_run_keeps_and_asks(stage: World) -> None:
    """Evidence is kept once, an issuer is asked for once, and what cannot be understood does not hold."""
    source = Asked(stage, [stage.issuing.certificate.der])
    run = Run(trust=TrustStore(), source=source, at=NOW, policy=DEFAULT_POLICY)
    for _ in range(2):
        run.add((), [b"list", b"other"], [b"answer"])
    assert (run.crls, run.ocsps) == ([b"list", b"other"], [b"answer"])
    assert run.ask_for_issuer(stage.signer.certificate)
    assert not run.ask_for_issuer(stage.signer.certificate)
    assert not run.ask_for_issuer(stage.issuing.certificate)  # nothing new came
    info, unknown = stage.signer.certificate.public_key_info, der.sequence(der.oid("1.2.3"))
    assert not run.signature_holds(info, unknown, b"data", bytes(64))
    assert not run.signature_holds(b"junk", stage.signer.certificate.signature_algorithm, b"data", bytes(64))
    assert run.issued_by(stage.signer.certificate, stage.issuing.certificate)
    assert not run.issued_by(stage.issuing.certificate, stage.signer.certificate)
