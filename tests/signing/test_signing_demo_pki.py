"""The demo PKI and the verifier together, everything fetched by the addresses in certificates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signing import FetchingEvidence, FetchRequest, HttpTimestamper, MemoryCache, Report, TrustStore, sign_cades, verify
from signing.pki import Pki, build, load_declaration

NOW = datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CONTENT = b"<xml/>"
DECLARATION = Path(__file__).parents[2] / "edo_service/demo/pki.toml"


class Net:
    """The addresses of the demo PKI, answered without a socket, at a clock that a test moves."""

    def __init__(self, pki: Pki) -> None:
        self.pki, self.now, self.asked = pki, NOW, []

    def fetch(self, request: FetchRequest) -> bytes | None:
        self.asked.append(request)
        path = request.url.removeprefix("http://pki.demo.test")
        if path == "/ocsp":
            return self.pki.ocsp(request.body or b"", now=self.now)
        name = Path(path).stem
        if path.startswith("/crl/"):
            return self.pki.crl(name, now=self.now)
        return self.pki.certificate(name).der if path.startswith("/ca/") else None

    def post(self, _url: str, body: bytes, _content_type: str) -> bytes:
        return self.pki.timestamp(body, now=self.now)


@pytest.fixture(scope="module")
def shared_pki() -> Pki:
    return build(load_declaration(DECLARATION), now=NOW, host="pki.demo.test")


@pytest.fixture
def net(shared_pki: Pki) -> Net:
    return Net(shared_pki)


def signed(net: Net, name: str, *, stamped: bool = True) -> bytes:
    entity = net.pki.entity(name)
    client = HttpTimestamper(["http://pki.demo.test/tsa"], net.post)
    return sign_cades(
        CONTENT,
        key=entity.key,
        certificate=entity.certificate,
        chain=entity.chain,
        signing_time=net.now,
        timestamper=client if stamped else None,
    )


def judged(net: Net, signature: bytes) -> Report:
    evidence = FetchingEvidence(net.fetch, MemoryCache(), net.now)
    return verify(CONTENT, signature, trust=TrustStore(net.pki.roots()), evidence=evidence, at=net.now)


@pytest.mark.parametrize("name", ["lessor_person", "client_one_organization", "client_two_person", "operator"])
def test_demo_companies_sign_and_pass(net: Net, name: str) -> None:
    report = judged(net, signed(net, name))
    assert report.indication == "TOTAL-PASSED", report.to_json()
    (verdict,) = report.signatures
    assert verdict.level == "T"
    assert verdict.signer is not None
    assert verdict.signer.subject.inn_le.isdigit()
    assert verdict.evidence.ocsps
    assert [condition.outcome for condition in verdict.conditions_63fz] == ["unknown", "passed", "passed", "passed"]


@pytest.mark.parametrize(
    ("name", "sub_indication"),
    [
        ("revoked", "REVOKED_NO_POE"),
        ("expired", "OUT_OF_BOUNDS_NO_POE"),
        ("not_yet_valid", "NOT_YET_VALID"),
        ("foreign", "NO_CERTIFICATE_CHAIN_FOUND"),
    ],
)
def test_demo_certificates_that_must_not_pass(net: Net, name: str, sub_indication: str) -> None:
    report = judged(net, signed(net, name))
    assert report.indication != "TOTAL-PASSED"
    assert report.sub_indication == sub_indication


def test_a_demo_signature_outlives_the_revocation_of_its_certificate() -> None:
    pki = build(load_declaration(DECLARATION), now=NOW, host="pki.demo.test")
    net = Net(pki)
    stamped, plain = signed(net, "lessor_person"), signed(net, "lessor_person", stamped=False)
    pki.revoke("lessor_person", NOW + DAY)
    net.now = NOW + 2 * DAY
    assert judged(net, stamped).indication == "TOTAL-PASSED"
    assert judged(net, plain).sub_indication == "REVOKED_NO_POE"
