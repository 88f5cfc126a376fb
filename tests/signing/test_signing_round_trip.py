"""What we sign, we and OpenSSL accept; one changed byte is refused."""

from __future__ import annotations

import subprocess
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from signing import (
    BadInput,
    Certificate,
    OfflineEvidence,
    add_signature_timestamp,
    generate_private_key,
    inspect_cms,
    sign_cades,
)
from signing._internal import pem
from tests.signing.conftest import World, build_world, failing
from tests.signing.maker import NOW

CONTENT = "Счёт-фактура № 1 от 20.11.2026\n".encode()
GOST = ["gost2012_256:A", "gost2012_256:XA", "gost2012_256:TCA", "gost2012_256:TCB", "gost2012_512:A", "gost2012_512:B"]
ALL = [*GOST, "gost2012_512:C", "rsa:2048", "ec:P-256", "ec:P-384", "ec:P-521", "ed25519"]


def sign(world: World, *, detached: bool = True, stamped: bool = False) -> bytes:
    return sign_cades(
        CONTENT,
        key=world.signer.key,
        certificate=world.signer.certificate,
        chain=[world.issuing.certificate],
        signing_time=NOW,
        timestamper=world.tsa if stamped else None,
        detached=detached,
    )


def openssl_verify(world: World, signature: bytes, folder: Path) -> subprocess.CompletedProcess[bytes]:
    (folder / "content").write_bytes(CONTENT)
    (folder / "signature").write_bytes(signature)
    crls = b"".join(pem.encode("X509 CRL", crl) for crl in (world.root.crl(), world.issuing.crl()))
    (folder / "trust.pem").write_bytes(world.root.certificate.pem().encode() + crls)
    command = [
        "openssl",
        "cms",
        "-verify",
        "-engine",
        "gost",
        "-cades",
        "-binary",
        "-inform",
        "DER",
        "-in",
        "signature",
    ]
    command += ["-content", "content", "-CAfile", "trust.pem", "-crl_check_all", "-purpose", "any", "-out", "out"]
    command += ["-attime", str(int(NOW.timestamp()))]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=240)


@pytest.mark.parametrize("spec", ALL)
@pytest.mark.parametrize("level", ["BES", "T"])
def test_signed_here_is_accepted_here_and_a_changed_content_is_not(spec: str, level: str) -> None:
    world, stamped = build_world(spec), level == "T"
    for detached in (True, False):
        signature = sign(world, detached=detached, stamped=stamped)
        report = world.verify(CONTENT if detached else None, signature)
        assert report.indication == "TOTAL-PASSED", failing(report)
        (verdict,) = report.signatures
        assert verdict.level == level
        assert verdict.signer == world.signer.certificate
        assert verdict.best_time_source == ("timestamp" if stamped else "validation-time")
        changed = world.verify(CONTENT + b"!", signature)
        assert (changed.indication, changed.sub_indication) == ("TOTAL-FAILED", "HASH_FAILURE")


@pytest.mark.parametrize("spec", [*GOST, "rsa:2048", "ec:P-256"])
def test_openssl_accepts_what_we_sign(spec: str, tmp_path: Path) -> None:
    world = build_world(spec)
    for stamped in (False, True):
        done = openssl_verify(world, sign(world, stamped=stamped), tmp_path)
        assert done.returncode == 0, done.stderr.decode()
    world.issuing.revoke(world.signer.certificate, NOW - timedelta(days=1))
    refused = openssl_verify(world, sign(world), tmp_path)
    assert b"certificate revoked" in refused.stderr
    assert refused.returncode != 0


def test_an_attached_content_must_be_the_file_that_is_shown(world: World) -> None:
    report = world.verify(b"another file", sign(world, detached=False))
    assert (report.indication, report.sub_indication) == ("TOTAL-FAILED", "HASH_FAILURE")
    assert "attached_content" in failing(report)


def test_a_detached_signature_without_its_file_is_undecided(world: World) -> None:
    report = world.verify(None, sign(world))
    assert (report.indication, report.sub_indication) == ("INDETERMINATE", "SIGNED_DATA_NOT_FOUND")


def test_a_timestamp_added_later_keeps_the_signature(world: World) -> None:
    bes = sign(world)
    stamped = add_signature_timestamp(bes, world.tsa)
    assert add_signature_timestamp(stamped, world.tsa) == stamped
    report = world.verify(CONTENT, stamped)
    assert report.indication == "TOTAL-PASSED"
    assert report.signatures[0].best_signature_time == world.tsa.at
    assert inspect_cms(bes).signers[0].message_digest == inspect_cms(stamped).signers[0].message_digest


@pytest.mark.parametrize("form", ["pem", "base64", "lines", "utf-16", "base64 of utf-16"])
def test_a_signature_may_come_as_text(world: World, form: str) -> None:
    signature = sign(world)
    text = pem.encode("CMS", signature)
    bare = b"".join(text.splitlines()[1:-1])
    shapes = {
        "pem": b"\r\n".join(text.splitlines()),
        "base64": bare,
        "lines": b"\n".join(text.splitlines()[1:-1]) + b"\n",
        "utf-16": bare.decode().encode("utf-16"),
        "base64 of utf-16": b"".join(pem.encode("X", bare.decode().encode("utf-16-le")).splitlines()[1:-1]),
    }
    assert world.verify(CONTENT, shapes[form]).indication == "TOTAL-PASSED"


def test_signing_refuses_a_foreign_certificate_and_a_naive_time(world: World) -> None:
    arguments = {"key": world.signer.key, "certificate": world.signer.certificate, "signing_time": NOW}
    for change in (
        {"key": generate_private_key()},
        {"signing_time": NOW.replace(tzinfo=None)},
        {"digest_algorithm": "sha256"},
    ):
        with pytest.raises(BadInput):
            sign_cades(CONTENT, **(arguments | change))


def test_the_report_in_json_has_the_keys_that_others_rely_on(world: World) -> None:
    report = world.verify(CONTENT, sign(world, stamped=True)).to_json()
    assert report["indication"] == "TOTAL-PASSED"
    (signature,) = report["signatures"]
    expected = {"indication", "sub_indication", "level", "signer", "signing_time", "best_signature_time", "checks"}
    assert expected <= signature.keys()
    assert signature["signer"]["common_name"] == "Иванов Иван"
    assert signature["signing_time"] == "2026-11-20T12:00:00Z"
    assert {"name", "outcome", "text", "data"} == signature["checks"][0].keys()


def test_evidence_of_a_passed_signature_suffices_to_verify_it_again(world: World) -> None:
    signature = sign(world, stamped=True)
    first = world.verify(CONTENT, signature)
    used = first.signatures[0].evidence
    assert len(used.crls) == 2
    assert len(used.timestamps) == 1
    assert {Certificate.load(one) for one in used.certificates} >= {
        world.signer.certificate,
        world.issuing.certificate,
        world.root.certificate,
        world.tsa.holder.certificate,
    }
    again = OfflineEvidence(crls=used.crls, ocsp=used.ocsps, certificates=used.certificates)
    assert world.verify(CONTENT, signature, evidence=again).indication == "TOTAL-PASSED"


def test_the_time_of_verification_is_aware_and_told_in_utc(world: World) -> None:
    moscow = NOW.astimezone(timezone(timedelta(hours=3)))
    assert world.verify(CONTENT, sign(world), at=moscow).to_json()["at"] == "2026-11-20T12:00:00Z"
    with pytest.raises(BadInput):
        world.verify(CONTENT, sign(world), at=NOW.replace(tzinfo=None))
