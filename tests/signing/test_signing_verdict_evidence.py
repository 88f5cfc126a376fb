"""What a verdict rests on: lists inside the file and from the source, their moments, issuers that are asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from signing import (
    Certificate,
    FetchingEvidence,
    MemoryCache,
    OfflineEvidence,
    TrustStore,
    digest,
    report_text,
    report_xml,
    sign_cades,
    verify,
    verify_pdf,
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
    extended_key_usage,
    key_usage,
    make_root,
    make_signer,
    usual_attributes,
    wrap,
)
from tests.signing.pdf_maker import Pdf, cades
from tests.signing.verdict_stage import CONTENT, DAY, SECOND, judged, outcome, signer_of, stamp, with_unsigned


@pytest.fixture(scope="module")
def stage() -> World:
    return build_world()


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


def test_a_crowd_of_strangers_does_not_make_us_ask_for_ever(stage: World) -> None:
    """Each certificate names addresses of its own: a file with many signers must not send us to all of them."""
    strangers = [make_root(f"Чужой {number}").issue("Иванов") for number in range(20)]
    infos = [make_signer(one, CONTENT, attributes=list(usual_attributes(one, CONTENT).values())) for one in strangers]
    cms = wrap(infos, None, certificates=[one.certificate.der for one in strangers])
    source = Asked(stage, [])
    report = verify(CONTENT, cms, trust=stage.trust, evidence=source, at=NOW)
    assert {one.sub_indication for one in report.signatures} == {"NO_CERTIFICATE_CHAIN_FOUND"}
    assert len(source.about) == 16


@pytest.mark.parametrize("dotted", [oids.CRL_DISTRIBUTION_POINTS, oids.FRESHEST_CRL, oids.AUTHORITY_INFO_ACCESS])
def test_malformed_addresses_lead_nowhere_and_break_nothing(stage: World, dotted: str) -> None:
    """Found by the fuzz: addresses are read late, by the source of evidence and by the report's advice."""
    malformed = (dotted, False, der.sequence(der.null()))
    signer = stage.issuing.issue("Иванов", extensions=[key_usage("digital_signature"), malformed])
    stamping = [key_usage("digital_signature"), extended_key_usage(oids.EKU_TIME_STAMPING, critical=True), malformed]
    tsa = Tsa(holder=stage.issuing.issue("Служба времени", extensions=stamping))
    arguments = {"key": signer.key, "certificate": signer.certificate, "signing_time": NOW}
    cms = sign_cades(CONTENT, timestamper=tsa, **arguments)  # type: ignore[arg-type]  # values of several types
    pdf = Pdf.plain().sign(cades(stage)).sign(
        lambda content: tsa.timestamp("streebog256", digest("streebog256", content)),
        name=b"Stamp", sub_filter=b"ETSI.RFC3161", kind=b"DocTimeStamp",
    )  # fmt: skip
    silent = FetchingEvidence(lambda _: None, MemoryCache(), NOW)
    stranger = build_world()
    others = OfflineEvidence(crls=[stranger.issuing.crl(at=NOW)])
    for source in (silent, stage.evidence, others):
        for trust in (stage.trust, TrustStore()):
            given: dict[str, Any] = {"trust": trust, "evidence": source, "at": NOW}
            for report in (verify(CONTENT, cms, **given), verify_pdf(pdf.data, **given)):
                assert report.indication in {"TOTAL-PASSED", "INDETERMINATE"}, failing(report)
                assert report.sub_indication in {None, "TRY_LATER", "NO_CERTIFICATE_CHAIN_FOUND"}
                assert report_text(report)
                assert report_xml(report)
                assert report.to_json()
