"""Kinds of keys that we do not sign with, or not in that way: what OpenSSL makes with them we take, and see broken."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signing import OfflineEvidence, Policy, Report, TrustStore, load_certificates, verify
from tests.signing.conftest import failing

CONTENT = "Договор поставки № 1".encode()
PLAIN = Policy(check_revocation=False)
OLD = Policy(check_revocation=False, digest_until={}, key_until={})
PSS = ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:32"]
GOST01 = ["-algorithm", "gost2001", "-pkeyopt"]
GOST256 = ["-algorithm", "gost2012_256", "-pkeyopt"]
GOST512 = ["-algorithm", "gost2012_512", "-pkeyopt"]
RSA = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
EC = ["-algorithm", "EC", "-pkeyopt"]

KINDS: dict[str, tuple[list[str], str, list[str]]] = {
    "RSA-PSS": (RSA, "sha256", PSS),
    "RSA-PSS, SHA-512": (RSA, "sha512", [*PSS[:2], "-keyopt", "rsa_pss_saltlen:64"]),
    "RSA, SHA-384": (RSA, "sha384", []),
    "ECDSA P-521": ([*EC, "ec_paramgen_curve:P-521"], "sha512", []),
    "ECDSA brainpool": ([*EC, "ec_paramgen_curve:brainpoolP256r1"], "sha256", []),
    "ГОСТ 2001, A": ([*GOST01, "paramset:A"], "md_gost94", []),
    "ГОСТ 2001, B": ([*GOST01, "paramset:B"], "md_gost94", []),
    "ГОСТ 2001, C": ([*GOST01, "paramset:C"], "md_gost94", []),
    "ГОСТ 2001, XA": ([*GOST01, "paramset:XA"], "md_gost94", []),
    "ГОСТ 2012, B": ([*GOST256, "paramset:B"], "md_gost12_256", []),
    "ГОСТ 2012, C": ([*GOST256, "paramset:C"], "md_gost12_256", []),
    "ГОСТ 2012, XB": ([*GOST256, "paramset:XB"], "md_gost12_256", []),
    "ГОСТ 2012, TC26 A": ([*GOST256, "paramset:TCA"], "md_gost12_256", []),
    "ГОСТ 2012, TC26 C": ([*GOST256, "paramset:TCC"], "md_gost12_256", []),
    "ГОСТ 2012, TC26 D": ([*GOST256, "paramset:TCD"], "md_gost12_256", []),
    "ГОСТ 2012-512, B": ([*GOST512, "paramset:B"], "md_gost12_512", []),
    "ГОСТ 2012-512, C": ([*GOST512, "paramset:C"], "md_gost12_512", []),
}


def openssl(folder: Path, *arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr.decode()


def made(folder: Path, kind: str) -> tuple[bytes, TrustStore]:
    """A detached CAdES signature of CONTENT by a fresh self-signed certificate."""
    key, digest, options = KINDS[kind]
    (folder / "content").write_bytes(CONTENT)
    openssl(folder, "genpkey", "-engine", "gost", *key, "-out", "key.pem")
    name = ["-subj", "/CN=Foreign", "-days", "30", "-addext", "keyUsage=digitalSignature"]
    openssl(
        folder, "req", "-engine", "gost", "-x509", "-new", "-key", "key.pem", f"-{digest}", *name, "-out", "own.pem"
    )
    signing = ["cms", "-sign", "-engine", "gost", "-cades", "-binary", "-md", digest, "-signer", "own.pem"]
    openssl(folder, *signing, "-inkey", "key.pem", *options, "-in", "content", "-outform", "DER", "-out", "sig")
    return (folder / "sig").read_bytes(), TrustStore(load_certificates((folder / "own.pem").read_bytes()))


def judged(content: bytes, cms: bytes, trust: TrustStore, policy: Policy) -> Report:
    at = trust.anchors[0].not_before + timedelta(days=1)
    return verify(content, cms, trust=trust, evidence=OfflineEvidence(), at=at, policy=policy)


@pytest.mark.parametrize("kind", KINDS)
def test_what_openssl_signs_we_take(kind: str, tmp_path: Path) -> None:
    cms, trust = made(tmp_path, kind)
    old = "2001" in kind
    report = judged(CONTENT, cms, trust, OLD if old else PLAIN)
    assert report.indication == "TOTAL-PASSED", failing(report)
    other = judged(CONTENT + b"!", cms, trust, OLD)
    assert (other.indication, other.sub_indication) == ("TOTAL-FAILED", "HASH_FAILURE")
    broken = judged(CONTENT, cms[:-1] + bytes([cms[-1] ^ 1]), trust, OLD)
    assert (broken.indication, broken.sub_indication) == ("TOTAL-FAILED", "SIG_CRYPTO_FAILURE")
    if old:
        today = judged(CONTENT, cms, trust, PLAIN)
        assert (today.indication, today.sub_indication) == ("INDETERMINATE", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE")


def test_the_old_algorithm_was_good_in_its_time(tmp_path: Path) -> None:
    """ГОСТ Р 34.10-2001 signed until the end of 2019: judged as of then, by policy and not by name."""
    cms, _ = made(tmp_path, "ГОСТ 2001, A")
    then = datetime(2019, 12, 31, tzinfo=UTC)
    trust = TrustStore(load_certificates((tmp_path / "own.pem").read_bytes()))
    report = verify(CONTENT, cms, trust=trust, evidence=OfflineEvidence(), at=then, policy=PLAIN)
    assert "strength" not in failing(report)
    assert failing(report) == {"certificate_validity"}, "the certificate of this test is younger"
