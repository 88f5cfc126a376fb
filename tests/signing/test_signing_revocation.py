"""CRLs and OCSP answers: which of them decide, and what happens when none does."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from signing import (
    FetchingEvidence,
    FetchRequest,
    MemoryCache,
    OfflineEvidence,
    Policy,
    Report,
    TrustStore,
    sign_cades,
    verify,
)
from signing._internal import der, oids
from signing._internal.revocation import ocsp_request
from tests.signing.conftest import World, failing
from tests.signing.maker import (
    NOW,
    Holder,
    Tsa,
    addresses,
    basic_constraints,
    extended_key_usage,
    key_usage,
    make_root,
    make_signer,
    usual_attributes,
    wrap,
)

CONTENT = b"content"
DAY = timedelta(days=1)
NO_CHECK = (oids.OCSP_NO_CHECK, False, der.null())


def signed(world: World, *, stamped: bool = False) -> bytes:
    return sign_cades(
        CONTENT,
        key=world.signer.key,
        certificate=world.signer.certificate,
        signing_time=NOW,
        timestamper=world.tsa if stamped else None,
    )


def outcome(report: Report) -> tuple[str, str | None]:
    return report.indication, report.sub_indication


def responder(issuer: Holder, *, purposes: tuple[str, ...] = (oids.EKU_OCSP_SIGNING,)) -> Holder:
    extensions = [key_usage("digital_signature"), NO_CHECK]
    extensions += [extended_key_usage(*purposes)] if purposes else []
    return issuer.issue("Служба OCSP", extensions=extensions)


def test_a_revoked_certificate_does_not_pass(world: World) -> None:
    world.issuing.revoke(world.signer.certificate, NOW - DAY, reason=1)
    world.refresh()
    report = world.verify(CONTENT, signed(world))
    assert outcome(report) == ("INDETERMINATE", "REVOKED_NO_POE")
    (check,) = [one for one in report.signatures[0].checks if one.name == "revocation" and one.outcome != "passed"]
    assert check.data["revoked_at"] == "2026-11-19T12:00:00Z"
    assert check.data["reason"] == "key_compromise"


def test_a_revoked_authority_does_not_pass(world: World) -> None:
    world.root.revoke(world.issuing.certificate, NOW - DAY)
    world.refresh()
    assert outcome(world.verify(CONTENT, signed(world))) == ("INDETERMINATE", "REVOKED_CA_NO_POE")


def test_a_suspended_certificate_is_to_be_tried_later(world: World) -> None:
    world.issuing.revoke(world.signer.certificate, NOW - DAY, reason=6)
    world.refresh()
    assert outcome(world.verify(CONTENT, signed(world))) == ("INDETERMINATE", "TRY_LATER")


def test_without_evidence_the_verdict_waits(world: World) -> None:
    report = world.verify(CONTENT, signed(world), evidence=OfflineEvidence())
    assert outcome(report) == ("INDETERMINATE", "TRY_LATER")
    unchecked = Policy(check_revocation=False)
    assert (
        world.verify(CONTENT, signed(world), evidence=OfflineEvidence(), policy=unchecked).indication == "TOTAL-PASSED"
    )


@pytest.mark.parametrize(
    "flaw", ["stale", "future", "stranger", "subscriber", "delta", "attributes", "unknown critical"]
)
def test_an_unfit_crl_is_no_evidence(world: World, flaw: str) -> None:
    stranger = make_root("Тестовый УЦ")
    point = {
        "attributes": (oids.ISSUING_DISTRIBUTION_POINT, True, der.sequence(der.tlv(0x85, b"\xff"))),
        "delta": (oids.DELTA_CRL, True, der.integer(1)),
        "unknown critical": ("1.2.3.4", True, der.null()),
    }
    lists = {
        "stale": lambda: world.issuing.crl(at=NOW - 10 * DAY, until=NOW - 3 * DAY),
        "future": lambda: world.issuing.crl(at=NOW + DAY),
        "stranger": lambda: world.issuing.crl(signer=stranger),
        "subscriber": lambda: world.issuing.crl(signer=world.signer),
    }
    crl = lists[flaw]() if flaw in lists else world.issuing.crl(extensions=[point[flaw]])
    evidence = OfflineEvidence(crls=[world.root.crl(), crl])
    report = world.verify(CONTENT, signed(world), evidence=evidence)
    assert outcome(report) == ("INDETERMINATE", "TRY_LATER")
    assert failing(report) == {"revocation"}


def test_a_stale_crl_that_says_revoked_still_counts(world: World) -> None:
    world.issuing.revoke(world.signer.certificate, NOW - 20 * DAY)
    old = world.issuing.crl(at=NOW - 10 * DAY, until=NOW - 3 * DAY)
    evidence = OfflineEvidence(crls=[world.root.crl(), old])
    assert outcome(world.verify(CONTENT, signed(world), evidence=evidence)) == ("INDETERMINATE", "REVOKED_NO_POE")


@pytest.mark.parametrize("hash_name", ["sha1", "sha256", "streebog256"])
def test_ocsp_of_the_authority_and_of_its_responder(world: World, hash_name: str) -> None:
    for who in (None, responder(world.issuing)):
        answer = world.issuing.ocsp(world.signer.certificate, responder=who, hash_name=hash_name)
        evidence = OfflineEvidence(crls=[world.root.crl()], ocsp=[answer])
        report = world.verify(CONTENT, signed(world), evidence=evidence)
        assert report.indication == "TOTAL-PASSED", report.signatures[0].checks
        assert report.signatures[0].evidence.ocsps == (answer,)


@pytest.mark.parametrize(
    "flaw",
    [
        "no purpose",
        "other issuer",
        "stale",
        "expired responder",
        "other certificate",
        "other issuer name",
        "other issuer key",
        "other responder name",
    ],
)
def test_an_unfit_ocsp_answer_is_no_evidence(world: World, flaw: str) -> None:
    subject = world.signer.certificate
    other = world.issuing.issue("Другой").certificate
    expired = world.issuing.issue(
        "Служба OCSP",
        extensions=[key_usage("digital_signature"), extended_key_usage(oids.EKU_OCSP_SIGNING), NO_CHECK],
        not_after=NOW - DAY,
    )
    answers = {
        "no purpose": lambda: world.issuing.ocsp(subject, responder=responder(world.issuing, purposes=())),
        "other issuer": lambda: world.issuing.ocsp(subject, responder=responder(world.root)),
        "stale": lambda: world.issuing.ocsp(subject, at=NOW - 3 * DAY),
        "expired responder": lambda: world.issuing.ocsp(subject, responder=expired),
        "other certificate": lambda: world.issuing.ocsp(other),
        "other issuer name": lambda: world.issuing.ocsp(subject, name_of=world.root.certificate),
        "other issuer key": lambda: world.issuing.ocsp(subject, key_of=world.root.certificate),
        "other responder name": lambda: world.issuing.ocsp(
            subject, responder=responder(world.issuing), responder_name=world.root.certificate.subject_der
        ),
    }
    evidence = OfflineEvidence(crls=[world.root.crl()], ocsp=[answers[flaw]()])
    report = world.verify(CONTENT, signed(world), evidence=evidence)
    assert outcome(report) == ("INDETERMINATE", "TRY_LATER")


def test_a_revoked_responder_without_nocheck_is_not_believed(world: World) -> None:
    extensions = [key_usage("digital_signature"), extended_key_usage(oids.EKU_OCSP_SIGNING)]
    extensions += addresses(crl="http://pki.test/issuing.crl")
    who = world.issuing.issue("Служба OCSP", extensions=extensions)
    answer = world.issuing.ocsp(world.signer.certificate, responder=who)
    world.issuing.revoke(who.certificate, NOW - DAY)
    source = _OcspFirst(world, answer)
    report = verify(CONTENT, signed(world), trust=world.trust, evidence=source, at=NOW)
    revocation = [one for one in report.signatures[0].checks if one.name == "revocation"]
    assert revocation[0].data["source"] == "crl", "the answer of a revoked responder was believed"


class _OcspFirst:
    """A source with an OCSP answer for the signer and CRLs for everyone."""

    def __init__(self, world: World, answer: bytes) -> None:
        self._world, self._answer = world, answer

    def crls(self, _certificate: object, _issuer: object) -> list[bytes]:
        return [self._world.root.crl(), self._world.issuing.crl()]

    def ocsp(self, _certificate: object, _issuer: object) -> list[bytes]:
        return [self._answer]

    def certificates(self, _issuer_of: object) -> list[bytes]:
        return []


def test_ocsp_says_revoked(world: World) -> None:
    world.issuing.revoke(world.signer.certificate, NOW - DAY)
    answer = world.issuing.ocsp(world.signer.certificate)
    evidence = OfflineEvidence(crls=[world.root.crl()], ocsp=[answer])
    assert outcome(world.verify(CONTENT, signed(world), evidence=evidence)) == ("INDETERMINATE", "REVOKED_NO_POE")


def test_evidence_inside_the_file_counts_but_does_not_outweigh_a_revocation(world: World) -> None:
    attributes = list(usual_attributes(world.signer, CONTENT).values())
    signer = make_signer(world.signer, CONTENT, attributes=attributes)
    crls = [world.root.crl(), world.issuing.crl()]
    cms = wrap([signer], CONTENT, certificates=[world.signer.certificate.der], crls=crls)
    assert world.verify(None, cms, evidence=OfflineEvidence()).indication == "TOTAL-PASSED"
    world.issuing.revoke(world.signer.certificate, NOW - DAY)
    world.refresh()
    assert outcome(world.verify(None, cms)) == ("INDETERMINATE", "REVOKED_NO_POE")


class Web:
    """The addresses of a small PKI; counts what is asked."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked: list[FetchRequest] = []
        self.down: set[str] = set()

    def fetch(self, request: FetchRequest) -> bytes | None:
        self.asked.append(request)
        if request.kind in self.down:
            return None
        world = self.world
        return {
            "http://pki.test/root.crl": world.root.crl,
            "http://pki.test/issuing.crl": world.issuing.crl,
            "http://pki.test/issuing.cer": lambda: world.issuing.certificate.pem().encode(),
            "http://pki.test/ocsp": lambda: world.issuing.ocsp(world.signer.certificate),
        }[request.url]()


@pytest.fixture
def web() -> Web:
    root = make_root()
    authority = [basic_constraints(authority=True), key_usage("key_cert_sign", "crl_sign")]
    issuing = root.issue("УЦ в сети", extensions=[*authority, *addresses(crl="http://pki.test/root.crl")])
    links = addresses(
        crl="http://pki.test/issuing.crl", ocsp="http://pki.test/ocsp", issuer="http://pki.test/issuing.cer"
    )
    signer = issuing.issue("Иванов", extensions=[key_usage("digital_signature"), *links])
    return Web(World(root=root, issuing=issuing, signer=signer, tsa=Tsa(holder=signer)))


def test_evidence_is_fetched_from_the_addresses_in_certificates_and_cached(web: Web) -> None:
    world, cache, clock = web.world, MemoryCache(), [NOW]

    def now() -> datetime:
        return clock[0]

    evidence = FetchingEvidence(web.fetch, cache, now)
    trust = TrustStore([world.root.certificate])
    cms = signed(world)
    report = verify(CONTENT, cms, trust=trust, evidence=evidence, at=NOW)
    assert report.indication == "TOTAL-PASSED", report.signatures[0].checks
    assert {request.kind for request in web.asked} == {"certificate", "ocsp", "crl"}
    (ocsp,) = [request for request in web.asked if request.kind == "ocsp"]
    assert ocsp.body == ocsp_request(world.signer.certificate, world.issuing.certificate)
    assert ocsp.content_type == "application/ocsp-request"
    count = len(web.asked)
    assert verify(CONTENT, cms, trust=trust, evidence=evidence, at=NOW).indication == "TOTAL-PASSED"
    assert len(web.asked) == count, "what is fresh is not fetched again"
    clock[0] = NOW + 8 * DAY
    verify(CONTENT, cms, trust=trust, evidence=evidence, at=NOW)
    assert len(web.asked) > count


def test_a_silent_responder_gives_way_to_the_crl(web: Web) -> None:
    web.down = {"ocsp"}
    evidence = FetchingEvidence(web.fetch, MemoryCache(), NOW)
    trust = TrustStore([web.world.root.certificate])
    report = verify(CONTENT, signed(web.world), trust=trust, evidence=evidence, at=NOW)
    assert report.indication == "TOTAL-PASSED"
    web.down = {"ocsp", "crl"}
    evidence = FetchingEvidence(web.fetch, MemoryCache(), NOW)
    report = verify(CONTENT, signed(web.world), trust=trust, evidence=evidence, at=NOW)
    assert outcome(report) == ("INDETERMINATE", "TRY_LATER")


def test_a_delta_crl_can_say_revoked_but_not_good(world: World) -> None:
    delta = (oids.DELTA_CRL, True, der.integer(1))
    complete = world.issuing.crl()
    world.issuing.revoke(world.signer.certificate, NOW - DAY)
    crls = [world.root.crl(), complete, world.issuing.crl(extensions=[delta])]
    report = world.verify(CONTENT, signed(world), evidence=OfflineEvidence(crls=crls))
    assert outcome(report) == ("INDETERMINATE", "REVOKED_NO_POE")


def test_a_crl_of_a_namesake_under_another_trusted_root_is_not_believed(world: World) -> None:
    other_root = make_root("Другой корень")
    namesake = other_root.authority("Тестовый УЦ")
    world.issuing.revoke(world.signer.certificate, NOW - DAY)
    clean = namesake.crl()
    trust = TrustStore(
        [world.root.certificate, other_root.certificate], [world.issuing.certificate, namesake.certificate]
    )
    evidence = OfflineEvidence(crls=[world.root.crl(), other_root.crl(), clean])
    report = verify(CONTENT, signed(world), trust=trust, evidence=evidence, at=NOW)
    assert outcome(report) == ("INDETERMINATE", "TRY_LATER")


def test_an_authority_may_sign_crls_with_another_key_of_its_own(world: World) -> None:
    for_lists = world.root.issue("Тестовый УЦ", extensions=[key_usage("crl_sign")])
    crls = [world.root.crl(), world.issuing.crl(signer=for_lists)]
    evidence = OfflineEvidence(crls=crls)
    trust = TrustStore([world.root.certificate], [world.issuing.certificate, for_lists.certificate])
    assert verify(CONTENT, signed(world), trust=trust, evidence=evidence, at=NOW).indication == "TOTAL-PASSED"
