"""Foreign judges: GnuTLS and pyHanko take what we sign, we take what GnuTLS signs."""

from __future__ import annotations

import asyncio
import io
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from signing import cosign_cades, export_private_key, sign_cades
from signing._internal import pem
from signing._internal.policy import DEFAULT_POLICY
from tests.signing.conftest import World, failing, shared_world
from tests.signing.maker import NOW
from tests.signing.test_signing_round_trip import CONTENT

# GnuTLS 3.7 knows these parameter sets of ГОСТ and no others
SPECS = ["gost2012_256:A", "gost2012_256:XA", "gost2012_256:TCB", "gost2012_512:A", "rsa:2048", "ec:P-256", "ec:P-384"]


def certtool(folder: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = ["faketime", f"{NOW:%Y-%m-%d %H:%M:%S}", "certtool", *arguments]
    return subprocess.run(command, cwd=folder, input=stdin, capture_output=True, check=False, timeout=240)


def put(world: World, folder: Path) -> None:
    (folder / "root.pem").write_text(world.root.certificate.pem())
    (folder / "content").write_bytes(CONTENT)
    (folder / "key.pem").write_bytes(pem.encode("PRIVATE KEY", export_private_key(world.signer.key)))
    (folder / "signer.pem").write_text(world.signer.certificate.pem() + world.issuing.certificate.pem())


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("detached", [True, False])
def test_gnutls_takes_what_we_sign(spec: str, tmp_path: Path, *, detached: bool) -> None:
    world = shared_world(spec)
    put(world, tmp_path)
    cms = sign_cades(
        CONTENT,
        key=world.signer.key,
        certificate=world.signer.certificate,
        chain=[world.issuing.certificate],
        signing_time=NOW,
        detached=detached,
        timestamper=world.tsa,
    )
    (tmp_path / "cms").write_bytes(cms)
    data = ["--load-data", "content"] if detached else []
    check = ["--p7-verify", "--inder", "--infile", "cms", "--load-ca-certificate", "root.pem", *data]
    done = certtool(tmp_path, *check)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    assert b"Signature status: ok" in done.stderr + done.stdout
    if detached:
        (tmp_path / "content").write_bytes(CONTENT + b"!")
        assert certtool(tmp_path, *check).returncode != 0


@pytest.mark.parametrize("spec", SPECS)
def test_we_take_what_gnutls_signs_and_stand_beside_it(spec: str, tmp_path: Path) -> None:
    world = shared_world(spec)
    put(world, tmp_path)
    done = certtool(
        tmp_path, "--p7-detached-sign", "--load-privkey", "key.pem", "--load-certificate", "signer.pem",
        "--infile", "content", "--outder", "--outfile", "cms", "--p7-time",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    plain = replace(DEFAULT_POLICY, require_signing_certificate=False)  # GnuTLS makes CMS, not CAdES
    cms = (tmp_path / "cms").read_bytes()
    report = world.verify(CONTENT, cms, policy=plain)
    assert report.indication == "TOTAL-PASSED", failing(report)
    assert world.verify(CONTENT + b"!", cms, policy=plain).sub_indication == "HASH_FAILURE"
    second = world.issuing.issue("Пётр Петров", spec=spec)
    both = cosign_cades(cms, content=CONTENT, key=second.key, certificate=second.certificate, signing_time=NOW)
    assert world.verify(CONTENT, both, policy=plain).indication == "TOTAL-PASSED"


@pytest.mark.parametrize("spec", ["rsa:2048", "ec:P-256"])
def test_pyhanko_takes_what_we_sign(spec: str) -> None:
    from asn1crypto import cms as asn1_cms
    from asn1crypto import x509
    from pyhanko.sign.validation import async_validate_detached_cms
    from pyhanko_certvalidator import ValidationContext

    world = shared_world(spec)
    made = sign_cades(
        CONTENT,
        key=world.signer.key,
        certificate=world.signer.certificate,
        chain=[world.issuing.certificate],
        signing_time=NOW,
        timestamper=world.tsa,
    )
    signed = asn1_cms.ContentInfo.load(made)["content"]
    roots = [x509.Certificate.load(world.root.certificate.der)]
    context = ValidationContext(trust_roots=roots, moment=NOW, best_signature_time=NOW)
    status = asyncio.run(
        async_validate_detached_cms(
            io.BytesIO(CONTENT), signed, signer_validation_context=context, ts_validation_context=context
        )
    )
    assert status.bottom_line, status.pretty_print_details()
    assert status.timestamp_validity.valid


@pytest.mark.parametrize("spec", ["rsa:2048", "ec:P-256"])
@pytest.mark.parametrize("detached", [True, False])
def test_we_take_what_pyhanko_signs(spec: str, *, detached: bool) -> None:
    from asn1crypto import keys as asn1_keys
    from asn1crypto import x509
    from pyhanko.sign import signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    world = shared_world(spec)
    store = SimpleCertificateStore()
    store.register(x509.Certificate.load(world.issuing.certificate.der))
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(world.signer.certificate.der),
        signing_key=asn1_keys.PrivateKeyInfo.load(export_private_key(world.signer.key)),
        cert_registry=store,
    )
    made = asyncio.run(signer.async_sign_general_data(CONTENT, "sha256", detached=detached)).dump()
    report = world.verify(CONTENT, made)
    assert report.indication == "TOTAL-PASSED", failing(report)
    assert report.signatures[0].level == "BES"
    assert world.verify(CONTENT + b"!", made).sub_indication == "HASH_FAILURE"
