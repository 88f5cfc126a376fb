"""Several signers, and keys that are elsewhere: two phases, remote services, co-signatures, counter-signatures."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

import signing
from signing import (
    BadInput,
    BadKey,
    Certificate,
    PreparedSignature,
    PrivateKey,
    RemoteKey,
    Unsupported,
    augment,
    complete_signature,
    cosign_cades,
    countersign_cades,
    generate_private_key,
    prepare_signature,
    sign_cades,
    verify,
)
from signing._internal import oids
from signing._internal.cms import read_signed_data
from tests.signing.conftest import World, build_world, failing, shared_world
from tests.signing.maker import NOW, Holder
from tests.signing.test_signing_round_trip import CONTENT, openssl_verify

SPECS = ["gost2012_256:XA", "gost2012_512:A", "rsa:2048", "ec:P-256", "ec:P-384", "ed25519"]


class HashSigner:
    """A signing service over a key of our own: it is given a hash and never sees the data."""

    def __init__(self, key: PrivateKey, data: bytes = b"") -> None:
        self.key, self.data, self.asked = key, data, []

    def sign_digest(self, digest_algorithm: str, digest: bytes) -> bytes:
        self.asked.append((digest_algorithm, digest))
        return self.key.sign(self.data)


def bes(world: World, who: Holder | None = None, *, detached: bool = True) -> bytes:
    who = who or world.signer
    return sign_cades(
        CONTENT, key=who.key, certificate=who.certificate, chain=who.chain, signing_time=NOW, detached=detached
    )


def prepare(world: World, *, detached: bool = True, beside: bytes | None = None) -> PreparedSignature:
    return prepare_signature(
        CONTENT,
        certificate=world.signer.certificate,
        chain=[world.issuing.certificate],
        signing_time=NOW,
        detached=detached,
        beside=beside,
    )


@pytest.mark.parametrize("spec", SPECS)
def test_a_key_elsewhere_signs_what_was_prepared(spec: str, tmp_path: Path) -> None:
    world = shared_world(spec)
    for detached in (True, False):
        kept = prepare(world, detached=detached).draft
        prepared = PreparedSignature(draft=kept)  # nothing but the draft is kept between the phases
        assert prepared.digest_algorithm == world.signer.key.digest_algorithm
        cms = complete_signature(prepared, world.signer.key.sign(prepared.to_sign), timestamper=world.tsa)
        report = world.verify(CONTENT if detached else None, cms)
        assert (report.indication, report.signatures[0].level) == ("TOTAL-PASSED", "T"), failing(report)
    if spec != "ed25519":
        done = openssl_verify(
            world, complete_signature(prepare(world), world.signer.key.sign(prepare(world).to_sign)), tmp_path
        )
        assert done.returncode == 0, done.stderr.decode()


def test_a_value_of_another_key_or_over_other_data_is_not_put_in(world: World) -> None:
    prepared = prepare(world)
    for value in (generate_private_key().sign(prepared.to_sign), world.signer.key.sign(CONTENT), b"", bytes(64)):
        with pytest.raises(BadInput, match="signature"):
            complete_signature(prepared, value)


def test_the_octets_of_a_gost_value_may_come_in_reverse_as_cryptopro_gives_them(world: World) -> None:
    prepared = prepare(world)
    cms = complete_signature(prepared, world.signer.key.sign(prepared.to_sign)[::-1])
    assert world.verify(CONTENT, cms).indication == "TOTAL-PASSED"


def test_a_stream_is_prepared_as_its_bytes_are(world: World) -> None:
    arguments = {"certificate": world.signer.certificate, "signing_time": NOW}
    from_stream = prepare_signature(io.BytesIO(CONTENT), **arguments)  # type: ignore[arg-type]  # a plain dict
    from_bytes = prepare_signature(CONTENT, **arguments)  # type: ignore[arg-type]  # the same
    assert from_stream == from_bytes
    with pytest.raises(BadInput, match="detached"):
        prepare_signature(io.BytesIO(CONTENT), detached=False, **arguments)  # type: ignore[arg-type]  # the same


def test_a_hash_function_that_the_key_does_not_use_is_refused() -> None:
    rsa = shared_world("rsa:2048").signer.certificate
    wide = prepare_signature(CONTENT, certificate=rsa, signing_time=NOW, digest_algorithm="sha512")
    assert wide.digest_algorithm == "sha512"
    assert len(wide.to_sign_digest) == 64
    with pytest.raises(BadInput, match="streebog256"):
        prepare_signature(CONTENT, certificate=rsa, signing_time=NOW, digest_algorithm="streebog256")
    with pytest.raises(BadInput, match="aware"):
        prepare_signature(CONTENT, certificate=rsa, signing_time=NOW.replace(tzinfo=None))


def test_a_file_that_is_no_draft_is_refused(world: World) -> None:
    with pytest.raises(BadInput, match="draft"):
        complete_signature(PreparedSignature(draft=bes(world)), b"")


def test_a_remote_key_is_given_hashes_and_its_answers_are_checked(world: World) -> None:
    service = HashSigner(world.signer.key)
    key = RemoteKey(world.signer.certificate, service)

    class Relay:
        def sign_digest(self, digest_algorithm: str, digest: bytes) -> bytes:
            assert (digest_algorithm, len(digest)) == ("streebog256", 32)
            return world.signer.key.sign(prepared.to_sign)

    prepared = prepare(world)
    good = RemoteKey(world.signer.certificate, Relay())
    assert good.sign(prepared.to_sign)
    with pytest.raises(BadKey, match="not a signature"):
        key.sign(b"other data than the service signs")
    assert [name for name, _ in service.asked] == ["streebog256"]
    with pytest.raises(BadKey, match="Ed25519"):
        RemoteKey(build_world("ed25519").signer.certificate, service)


@pytest.mark.parametrize("detached", [True, False])
def test_another_signer_of_another_algorithm_stands_beside(world: World, tmp_path: Path, *, detached: bool) -> None:
    first = bes(world, detached=detached)
    second = world.issuing.issue("Пётр Петров", spec="rsa:2048")
    both = cosign_cades(
        first,
        content=CONTENT if detached else None,
        key=second.key,
        certificate=second.certificate,
        signing_time=NOW,
        timestamper=world.tsa,
    )
    report = world.verify(CONTENT if detached else None, both)
    assert report.indication == "TOTAL-PASSED", failing(report)
    assert {(one.signer, one.level) for one in report.signatures} == {
        (world.signer.certificate, "BES"),
        (second.certificate, "T"),
    }
    kept = [one.node.raw for one in read_signed_data(both).signers]
    assert read_signed_data(first).signers[0].node.raw in kept
    done = openssl_verify(world, both, tmp_path)
    assert done.returncode == 0, done.stderr.decode()


def test_a_further_signer_may_be_prepared_too(world: World) -> None:
    second = world.issuing.issue("Пётр Петров", spec="gost2012_512:A")
    prepared = prepare(world, beside=bes(world, second))
    both = complete_signature(prepared, world.signer.key.sign(prepared.to_sign))
    report = world.verify(CONTENT, both)
    assert [one.indication for one in report.signatures] == ["TOTAL-PASSED"] * 2
    assert {one.signer for one in report.signatures} == {world.signer.certificate, second.certificate}


def test_nobody_is_put_beside_a_signature_of_another_content(world: World) -> None:
    arguments = {"key": world.signer.key, "certificate": world.signer.certificate, "signing_time": NOW}
    with pytest.raises(BadInput, match="another content"):
        cosign_cades(bes(world), content=b"other", **arguments)  # type: ignore[arg-type]  # a plain dict
    with pytest.raises(BadInput, match="another content"):
        cosign_cades(bes(world), content=io.BytesIO(b"other"), **arguments)  # type: ignore[arg-type]  # the same
    with pytest.raises(BadInput, match="needed"):
        cosign_cades(bes(world), **arguments)  # type: ignore[arg-type]  # the same
    with pytest.raises(BadInput, match="another one"):
        cosign_cades(bes(world, detached=False), content=b"other", **arguments)  # type: ignore[arg-type]  # the same


@pytest.mark.parametrize("spec", ["gost2012_256:XA", "rsa:2048"])
def test_a_signature_is_countersigned_and_the_countersignature_is_judged(
    world: World, spec: str, tmp_path: Path
) -> None:
    notary = world.issuing.issue("Нотариус", spec=spec)
    cms = countersign_cades(
        bes(world), key=notary.key, certificate=notary.certificate, signing_time=NOW, timestamper=world.tsa
    )
    report = world.verify(CONTENT, cms)
    assert report.indication == "TOTAL-PASSED", failing(report)
    own, counter = report.signatures
    assert (own.countersigns, counter.countersigns) == (None, 0)
    assert (counter.signer, counter.level) == (notary.certificate, "T")
    done = openssl_verify(world, cms, tmp_path)
    assert done.returncode == 0, done.stderr.decode()


def test_one_signer_of_two_is_countersigned(world: World) -> None:
    second = world.issuing.issue("Пётр Петров")
    both = cosign_cades(bes(world), content=CONTENT, key=second.key, certificate=second.certificate, signing_time=NOW)
    arguments = {"key": world.signer.key, "certificate": world.signer.certificate, "signing_time": NOW}
    cms = countersign_cades(both, signer=1, **arguments)  # type: ignore[arg-type]  # a plain dict
    signers = read_signed_data(cms).signers
    assert sorted(len(one.unsigned(oids.COUNTER_SIGNATURE)) for one in signers) == [0, 1]
    assert world.verify(CONTENT, cms).indication == "TOTAL-PASSED"
    with pytest.raises(BadInput, match="2 signers"):
        countersign_cades(both, signer=2, **arguments)  # type: ignore[arg-type]  # the same


def test_a_file_sealed_by_the_old_archive_timestamp_takes_no_further_signer(world: World) -> None:
    sealed = augment(
        bes(world), "AV2", content=CONTENT, timestamper=world.tsa, trust=world.trust, evidence=world.evidence, at=NOW
    )
    arguments = {"key": world.signer.key, "certificate": world.signer.certificate, "signing_time": NOW}
    with pytest.raises(BadInput, match="seals"):
        cosign_cades(sealed, content=CONTENT, **arguments)  # type: ignore[arg-type]  # a plain dict
    with pytest.raises(BadInput, match="seals"):
        countersign_cades(sealed, **arguments)  # type: ignore[arg-type]  # the same
    with pytest.raises(BadInput, match="seals"):
        prepare(world, beside=sealed)


def test_a_countersigned_archive_signature_still_holds(world: World) -> None:
    archived = augment(
        bes(world), "A", content=CONTENT, timestamper=world.tsa, trust=world.trust, evidence=world.evidence, at=NOW
    )
    cms = countersign_cades(archived, key=world.signer.key, certificate=world.signer.certificate, signing_time=NOW)
    report = verify(CONTENT, cms, trust=world.trust, evidence=world.evidence, at=NOW)
    assert report.indication == "TOTAL-PASSED", failing(report)
    assert [one.outcome for one in report.signatures[0].checks if one.name == "archive_timestamp"] == ["passed"]


def test_the_key_is_the_same_however_its_parameters_are_written(world: World) -> None:
    """Authorities write ГОСТ parameters with the hash's or without it (RFC 4491, RFC 9215)."""
    key = world.signer.key
    with_hash = bytes.fromhex("06072a85030202240006082a85030701010202")
    without = bytes.fromhex("06072a850302022400")
    info = key.public_key_info
    other = info.replace(b"\x30\x13" + with_hash, b"\x30\x09" + without)
    other = other.replace(info[:2], bytes([0x30, info[1] - 10]), 1).replace(b"\x30\x1f\x06\x08", b"\x30\x15\x06\x08", 1)
    assert other != info

    class Same:
        algorithm, digest_algorithm, public_key_info = key.algorithm, key.digest_algorithm, other

        def sign(self, data: bytes) -> bytes:
            return key.sign(data)

    certificate: Certificate = world.signer.certificate
    assert sign_cades(CONTENT, key=Same(), certificate=certificate, signing_time=NOW)


def test_keys_that_only_check_do_not_prepare(world: World) -> None:
    known, unknown = (bytes.fromhex(f"06082a850307{last}") for last in ("01010101", "01010909"))
    old = world.signer.certificate.der.replace(known, unknown)
    with pytest.raises(Unsupported):
        prepare_signature(CONTENT, certificate=Certificate.load(old), signing_time=NOW)


def test_the_page_about_making_signatures_names_what_there_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "signing" / "creating.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_0-9]+|[A-Z][A-Za-z0-9]+)\(", page)) - {"signer"}
    assert {"sign_cades", "sign_pdf", "augment", "prepare_signature", "open_pkcs11_key", "RemoteKey"} <= named
    assert named <= set(signing.__all__)
