"""Samples of TC26 (Р 1323565.1.025) and the vectors of ГОСТ Р 34.11-2012: signed, digested, certificates."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from signing import Certificate, OfflineEvidence, Policy, TrustStore, digest, inspect_cms, new_hash, verify
from signing._internal import der, digests, gnutls
from signing._internal.cms import unwrap
from signing._internal.run import Memory, Run

AT = datetime(2026, 1, 1, tzinfo=UTC)
PLAIN = Policy(check_revocation=False, require_signed_attributes=False, require_signing_certificate=False)


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "signatures/corpus/tc26"


@pytest.mark.parametrize(
    ("name", "certificate"),
    [
        ("signed_a111.pem", None),
        ("pygost/TestSigned_test_256_0.der", "pygost/TestCertificate_test_256_0.der"),
        ("pygost/TestSigned_test_512_1.der", "pygost/TestCertificate_test_512_1.der"),
    ],
)
def test_signed_samples_hold_and_break(folder: Path, name: str, certificate: str | None) -> None:
    data = unwrap((folder / name).read_bytes())[0]
    known = (
        [Certificate.load((folder / certificate).read_bytes())] if certificate else list(inspect_cms(data).certificates)
    )
    content = inspect_cms(data).content
    assert content
    for signature, outcome in ((data, "passed"), (data.replace(content, content[:-1] + b"!"), "failed")):
        report = verify(None, signature, trust=TrustStore(known), evidence=OfflineEvidence(), at=AT, policy=PLAIN)
        checks = {one.name: one.outcome for one in report.signatures[0].checks}
        decisive = "message_digest" if "message_digest" in checks else "signature_value"
        assert checks[decisive] == outcome, checks
        assert (report.indication == "TOTAL-FAILED") is (outcome == "failed"), checks


@pytest.mark.parametrize(
    "name",
    [
        "hashed_a311.pem",
        "hashed_a321.pem",
        "pygost/TestDigested_test_256_2.der",
        "pygost/TestDigested_test_512_3.der",
    ],
)
def test_digested_samples(folder: Path, name: str) -> None:
    """DigestedData (RFC 5652, 7): version, digest algorithm, content, digest."""
    whole = der.read(unwrap((folder / name).read_bytes())[0]).sequence("ContentInfo", 2)
    _, algorithm, encapsulated, expected = whole[1].inner().sequence("DigestedData", 4)
    function = digests.name_of(algorithm.sequence("digestAlgorithm", 1)[0].oid())
    content = encapsulated.sequence("EncapsulatedContentInfo", 2)[1].inner().octets()
    assert function in {"streebog256", "streebog512"}
    assert digest(function, content) == expected.octets()
    assert gnutls.digest(function, content) == expected.octets()


def test_certificates_of_the_samples(folder: Path) -> None:
    run = Run(trust=TrustStore(), source=OfflineEvidence(), at=AT, policy=PLAIN, memory=Memory())
    root = Certificate.load((folder / "root256_cert.pem").read_bytes())
    for name in ("sender256", "sender512", "recipient256", "recipient512", "root256"):
        certificate = Certificate.load((folder / f"{name}_cert.pem").read_bytes())
        assert run.issued_by(certificate, root), name
    for name in ("256_0", "512_1"):
        own = Certificate.load((folder / f"pygost/TestCertificate_test_{name}.der").read_bytes())
        assert own.self_issued
        assert run.issued_by(own, own)
        assert not run.issued_by(own, root)


def test_the_hash_gives_the_standards_vectors(folder: Path) -> None:
    found = 0
    for line in (folder / "etalon/dgst.result").read_text().splitlines():
        matched = re.match(r"md_gost12_(256|512)\((\w+)\)= ([0-9a-f]+)", line)
        path = folder / "etalon" / matched.group(2) if matched else None
        if matched is None or path is None or not path.exists():
            continue
        name, data = f"streebog{matched.group(1)}", path.read_bytes()
        running = new_hash(name)
        for octet in range(len(data)):
            running.update(data[octet : octet + 1])
        assert {digest(name, data).hex(), gnutls.digest(name, data).hex(), running.digest().hex()} == {matched.group(3)}
        found += 1
    assert found >= 12
