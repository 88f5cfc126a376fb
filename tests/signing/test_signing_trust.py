"""Files of trusted certificates and evidence as people keep them."""

from __future__ import annotations

from pathlib import Path

import pytest

from signing import BadCertificate, BadInput, OfflineEvidence, TrustStore, sign_cades, verify
from signing._internal import pem
from tests.signing.conftest import World
from tests.signing.maker import NOW

CONTENT = b"content"


def passes(world: World, trust: TrustStore, evidence: OfflineEvidence) -> bool:
    cms = sign_cades(CONTENT, key=world.signer.key, certificate=world.signer.certificate, signing_time=NOW)
    return verify(CONTENT, cms, trust=trust, evidence=evidence, at=NOW).indication == "TOTAL-PASSED"


def test_bundles_der_files_and_folders(world: World, tmp_path: Path) -> None:
    root, issuing = world.root.certificate, world.issuing.certificate
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(f"Корень\n{root.pem()}\nИздатель\n{issuing.pem()}")
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    (folder / "root.cer").write_bytes(root.der)
    (folder / "deep" / "issuing.crt").write_bytes(issuing.der)
    (folder / "readme.txt").write_text("not a certificate")
    for paths in ([bundle], [folder], [folder / "root.cer", str(bundle)]):
        trust = TrustStore.from_files(paths)
        assert set(trust.anchors) == {root}
        assert issuing in {*trust.intermediates}
        assert passes(world, trust, world.evidence)


def test_a_file_of_an_authority_without_its_root_names_an_anchor(world: World, tmp_path: Path) -> None:
    (tmp_path / "issuing.pem").write_text(world.issuing.certificate.pem())
    trust = TrustStore.from_files([tmp_path / "issuing.pem"])
    assert trust.anchors == (world.issuing.certificate,)
    assert passes(world, trust, OfflineEvidence(crls=[world.issuing.crl()]))


def test_files_that_hold_nothing_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    (tmp_path / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    for name in ("empty.pem", "key.pem"):
        with pytest.raises(BadCertificate):
            TrustStore.from_files([tmp_path / name])
    with pytest.raises(BadInput):
        TrustStore.from_files([tmp_path / "absent.pem"])


def test_evidence_may_be_a_bundle(world: World) -> None:
    trust = TrustStore([world.root.certificate])
    crls = b"".join(pem.encode("X509 CRL", crl) for crl in (world.root.crl(), world.issuing.crl()))
    certificates = world.issuing.certificate.pem().encode()
    assert passes(world, trust, OfflineEvidence(crls=[crls], certificates=[certificates]))
    assert not passes(world, trust, OfflineEvidence(crls=[crls]))
