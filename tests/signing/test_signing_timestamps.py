"""Time-stamps: what proves existence, and how a proof saves a signature from expiry and revocation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from signing import (
    BadInput,
    HttpTimestamper,
    OfflineEvidence,
    Report,
    TimestampFailed,
    add_signature_timestamp,
    digest,
    sign_cades,
)
from signing._internal import der, oids
from signing._internal.timestamps import read_token
from tests.signing.conftest import World, build_world, failing
from tests.signing.maker import (
    NOW,
    YEAR,
    Tsa,
    extended_key_usage,
    key_usage,
    make_cms,
    make_signer,
    usual_attributes,
    wrap,
)

CONTENT = b"content"
DAY = timedelta(days=1)


def stamped(world: World, tsa: Tsa | None = None) -> bytes:
    return sign_cades(
        CONTENT,
        key=world.signer.key,
        certificate=world.signer.certificate,
        signing_time=NOW,
        timestamper=tsa or world.tsa,
    )


def outcome(report: Report) -> tuple[str, str | None]:
    return report.indication, report.sub_indication


@pytest.mark.parametrize("spec", ["gost2012_256:XA", "rsa:2048"])
def test_a_certificate_revoked_after_the_timestamp_still_passes(spec: str) -> None:
    world = build_world(spec)
    cms = stamped(world)
    world.issuing.revoke(world.signer.certificate, NOW + 10 * DAY)
    later = NOW + 20 * DAY
    world.refresh(at=later)
    report = world.verify(CONTENT, cms, at=later)
    assert report.indication == "TOTAL-PASSED", failing(report)
    assert report.signatures[0].best_signature_time == NOW
    assert report.signatures[0].best_time_source == "timestamp"
    plain = sign_cades(CONTENT, key=world.signer.key, certificate=world.signer.certificate, signing_time=NOW)
    assert outcome(world.verify(CONTENT, plain, at=later)) == ("INDETERMINATE", "REVOKED_NO_POE")


def test_a_certificate_revoked_before_the_timestamp_does_not(world: World) -> None:
    world.issuing.revoke(world.signer.certificate, NOW - DAY)
    world.refresh()
    assert outcome(world.verify(CONTENT, stamped(world))) == ("INDETERMINATE", "REVOKED_NO_POE")


def test_a_certificate_expired_after_the_timestamp_still_passes(world: World) -> None:
    world.signer = world.issuing.issue("Иванов", not_after=NOW + 30 * DAY)
    cms = stamped(world)
    later = NOW + 100 * DAY
    fresh = [world.root.crl(at=later), world.issuing.crl(at=later), world.issuing.crl(at=NOW + DAY)]
    report = world.verify(CONTENT, cms, at=later, evidence=OfflineEvidence(crls=fresh))
    assert report.indication == "TOTAL-PASSED", failing(report)
    plain = sign_cades(CONTENT, key=world.signer.key, certificate=world.signer.certificate, signing_time=NOW)
    undecided = world.verify(CONTENT, plain, at=later, evidence=OfflineEvidence(crls=fresh))
    assert outcome(undecided) == ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE")


def test_a_crl_made_after_expiry_says_nothing_of_the_expired(world: World) -> None:
    world.signer = world.issuing.issue("Иванов", not_after=NOW + 30 * DAY)
    cms = stamped(world)
    later = NOW + 100 * DAY
    world.refresh(at=later)
    assert outcome(world.verify(CONTENT, cms, at=later)) == ("INDETERMINATE", "REVOCATION_OUT_OF_BOUNDS_NO_POE")
    keeps = (oids.EXPIRED_CERTS_ON_CRL, False, der.generalized_time(NOW - 10 * YEAR))
    crls = [world.root.crl(at=later), world.issuing.crl(at=later, extensions=[keeps])]
    assert world.verify(CONTENT, cms, at=later, evidence=OfflineEvidence(crls=crls)).indication == "TOTAL-PASSED"


def test_the_signature_may_not_be_older_than_its_certificate(world: World) -> None:
    world.tsa.at = world.signer.certificate.not_before - DAY
    world.tsa.holder = world.issuing.issue(
        "Старая служба",
        extensions=[key_usage("digital_signature"), extended_key_usage(oids.EKU_TIME_STAMPING, critical=True)],
        not_before=NOW - 2 * YEAR,
    )
    assert outcome(world.verify(CONTENT, stamped(world))) == ("TOTAL-FAILED", "NOT_YET_VALID")


def bad_tsa(world: World, flaw: str) -> Tsa:
    stamping = extended_key_usage(oids.EKU_TIME_STAMPING, critical=True)
    usage = key_usage("digital_signature")
    extensions = {
        "not critical": [usage, extended_key_usage(oids.EKU_TIME_STAMPING)],
        "not sole": [usage, extended_key_usage(oids.EKU_TIME_STAMPING, oids.EKU_OCSP_SIGNING, critical=True)],
        "no purpose": [usage],
    }
    if flaw in extensions:
        return replace(world.tsa, holder=world.issuing.issue("Служба", extensions=extensions[flaw]))
    if flaw == "untrusted":
        return replace(build_world().tsa)
    if flaw == "expired":
        holder = world.issuing.issue("Служба", extensions=[usage, stamping], not_after=NOW + DAY)
        return replace(world.tsa, holder=holder)
    if flaw == "revoked":
        world.issuing.revoke(world.tsa.holder.certificate, NOW - DAY)
        return world.tsa
    times = {"before its certificate": world.tsa.holder.certificate.not_before - DAY, "future": NOW + 100 * DAY}
    if flaw in times:
        return replace(world.tsa, at=times[flaw])
    return replace(world.tsa, wrong_imprint=True)


@pytest.mark.parametrize(
    "flaw",
    [
        "not critical",
        "not sole",
        "no purpose",
        "untrusted",
        "expired",
        "revoked",
        "future",
        "wrong imprint",
        "before its certificate",
    ],
)
def test_a_bad_timestamp_proves_nothing(world: World, flaw: str) -> None:
    cms = stamped(world, bad_tsa(world, flaw))
    world.issuing.revoke(world.signer.certificate, NOW + 10 * DAY)
    later = NOW + 20 * DAY
    world.refresh(at=later)
    report = world.verify(CONTENT, cms, at=later)
    assert outcome(report) == ("INDETERMINATE", "REVOKED_NO_POE"), "the bad time-stamp saved the signature"
    (verdict,) = report.signatures
    assert verdict.best_time_source == "validation-time"
    (check,) = [one for one in verdict.checks if one.name == "signature_timestamp"]
    assert check.outcome == "warning"
    assert check.data["indication"] != "TOTAL-PASSED"


def test_the_earliest_good_timestamp_counts(world: World) -> None:
    early = replace(world.tsa, at=NOW - 2 * DAY).timestamp
    signer = make_signer(world.signer, CONTENT, attributes=list(usual_attributes(world.signer, CONTENT).values()))
    members = [child.raw for child in der.read(signer).children()]
    signature = der.read(members[5]).octets()
    over = digest("streebog256", signature)
    tokens = [early("streebog256", over), world.tsa.timestamp("streebog256", over), early("streebog256", bytes(32))]
    values = der.sequence(der.oid(oids.SIGNATURE_TIMESTAMP), der.set_of(tokens))
    full = der.sequence(*members, der.set_of([values], tag=0xA1))
    report = world.verify(None, wrap([full], CONTENT, certificates=[world.signer.certificate.der]))
    assert report.indication == "TOTAL-PASSED", failing(report)
    assert report.signatures[0].best_signature_time == NOW - 2 * DAY


def test_certificates_in_the_unsigned_attributes_of_a_token_are_read(world: World) -> None:
    """CryptoPro moves them there; the token's own set is then empty."""
    values = der.sequence(world.tsa.holder.certificate.der)
    tsa = replace(world.tsa, embed=False, unsigned={oids.CERTIFICATE_VALUES: values})
    report = world.verify(CONTENT, stamped(world, tsa))
    assert report.signatures[0].best_time_source == "timestamp", report.signatures[0].checks
    bare = world.verify(CONTENT, stamped(world, replace(world.tsa, embed=False)))
    assert bare.signatures[0].best_time_source == "validation-time"


def test_a_content_timestamp_is_not_later_than_the_signature(world: World) -> None:
    for at, passes in ((NOW - DAY, True), (NOW + DAY, False)):
        token = replace(world.tsa, at=at).timestamp("streebog256", digest("streebog256", CONTENT))
        usual = usual_attributes(world.signer, CONTENT)
        usual["content_timestamp"] = der.sequence(der.oid(oids.CONTENT_TIMESTAMP), der.set_of([token]))
        signer = make_signer(world.signer, CONTENT, attributes=list(usual.values()))
        cms = wrap([signer], CONTENT, certificates=[world.signer.certificate.der])
        later = NOW + 2 * DAY
        report = world.verify(None, add_signature_timestamp(cms, world.tsa), at=later)
        assert (report.indication == "TOTAL-PASSED") is passes
        assert passes or report.sub_indication == "TIMESTAMP_ORDER_FAILURE"


class Server:
    """A time-stamping server over HTTP, in memory: reads the request as RFC 3161 has it."""

    def __init__(self, tsa: Tsa, *, flaw: str = "") -> None:
        self.tsa, self.flaw, self.count = tsa, flaw, 0

    def post(self, url: str, body: bytes, content_type: str) -> bytes:
        self.count += 1
        if "down" in url:
            raise ConnectionRefusedError(111, "refused")
        assert content_type == "application/timestamp-query"
        version, imprint, *rest = der.read_all(body, "request").children()
        assert version.integer() == 1
        algorithm, hashed = imprint.children()
        name = {"1.2.643.7.1.1.2.2": "streebog256"}[algorithm.children()[0].oid()]
        nonce = next(item.integer() for item in rest if item.tag == der.INTEGER)
        assert rest[-1].boolean(), "the certificate is asked for"
        if self.flaw == "refusal":
            return der.sequence(der.sequence(der.integer(2), der.tlv(der.BIT_STRING, b"\x05\x20")))
        if self.flaw == "junk":
            return b"<html>busy</html>"
        self.tsa.nonce = nonce + (self.flaw == "nonce")
        self.tsa.wrong_imprint = self.flaw == "imprint"
        token = self.tsa.timestamp(name, hashed.octets())
        if self.flaw == "refusal with a token":
            return der.sequence(der.sequence(der.integer(2)), token)
        if self.flaw == "signature":
            token = _break_signature(token)
        return der.sequence(der.sequence(der.integer(0)), token)


def _break_signature(token: bytes) -> bytes:
    signature = read_token(token).signed.signers[0].signature
    return token.replace(signature, bytes(64))


def test_the_client_checks_the_answer_and_goes_to_the_next_authority(world: World) -> None:
    server = Server(world.tsa)
    client = HttpTimestamper(["http://down.test/", "http://tsa.test/"], server.post)
    token = client.timestamp("streebog256", bytes(32))
    assert read_token(token).info.digest == bytes(32)
    assert server.count == 2
    assert world.verify(CONTENT, stamped(world, client)).indication == "TOTAL-PASSED"


@pytest.mark.parametrize("flaw", ["refusal", "refusal with a token", "junk", "nonce", "imprint", "signature"])
def test_the_client_refuses_a_bad_answer(world: World, flaw: str) -> None:
    client = HttpTimestamper(["http://tsa.test/"], Server(world.tsa, flaw=flaw).post)
    with pytest.raises(TimestampFailed):
        client.timestamp("streebog256", b"\x01" * 32)


def test_the_client_asks_for_its_policy(world: World) -> None:
    good = HttpTimestamper(["http://tsa.test/"], Server(world.tsa).post, policy=world.tsa.policy)
    assert good.timestamp("streebog256", bytes(32))
    with pytest.raises(TimestampFailed, match="policy"):
        HttpTimestamper(["http://tsa.test/"], Server(world.tsa).post, policy="1.2.3").timestamp(
            "streebog256", bytes(32)
        )
    with pytest.raises(BadInput):
        HttpTimestamper([], Server(world.tsa).post)


def test_a_document_signature_is_no_timestamp(world: World) -> None:
    with pytest.raises(BadInput):
        read_token(make_cms(world.signer, CONTENT))
