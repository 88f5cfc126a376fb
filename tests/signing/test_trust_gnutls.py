"""Two ГОСТ libraries over the same cases: they must agree on every signature and hash; one serves without the other."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

import signing
from signing import Unsupported, digest, generate_private_key
from signing._internal import gnutls, gost, pem

SPECS = ("gost2012_256:A", "gost2012_256:XA", "gost2012_256:TCB", "gost2012_512:A")
LACKING = ("gost2012_256:TCA", "gost2012_512:B", "gost2012_512:C")


def damaged(value: bytes, chance: random.Random) -> bytes:
    """A signature spoilt in one of the ways that differ between libraries, of the right length."""
    half = len(value) // 2
    at = chance.randrange(len(value))
    ways = (
        value[:at] + bytes([value[at] ^ 1 << chance.randrange(8)]) + value[at + 1 :],
        value[half:] + value[:half],
        value[::-1],
        bytes(half) + value[half:],
        value[:half] + bytes(half),
        b"\xff" * half + value[half:],
        bytes(len(value)),
        chance.randbytes(len(value)),
    )
    return chance.choice(ways)


def disagreements(count: int, seed: int) -> list[tuple[str, str, bool, bool]]:
    """Random keys, messages and signatures, genuine and spoilt, judged by both libraries."""
    chance, found = random.Random(seed), []
    for number in range(count):
        spec = SPECS[number % len(SPECS)]
        key = generate_private_key(spec)
        message = chance.randbytes(chance.choice((0, 1, 63, 64, 65, chance.randrange(5000))))
        value = key.sign(message)
        judges = [library.NativeKey.public(key.public_key_info) for library in (gost, gnutls)]
        other = generate_private_key(spec).sign(message)
        for over, signature, expected in (
            (message, value, True),
            (message, damaged(value, chance), False),
            (message + b"\0", value, False),
            (message, other, False),
        ):
            one, two = (judge.verify(key.digest_algorithm, over, signature) for judge in judges)
            if not one == two == expected:
                found.append((spec, signature.hex(), one, two))
    return found


def test_both_libraries_agree_on_signatures() -> None:
    assert disagreements(60, seed=1) == []


@pytest.mark.soak
def test_both_libraries_agree_on_many_signatures(record_property: pytest.RecordProperty) -> None:
    seed = int(os.environ.get("EDO_SOAK_SEED", "1"))
    record_property("signatures_judged_by_two_libraries", 4 * 5_000)
    assert disagreements(5_000, seed) == []


def test_both_libraries_agree_on_hashes() -> None:
    chance = random.Random(2)
    for name in ("streebog256", "streebog512", "gost94"):
        for size in (0, 1, 31, 32, 33, 63, 64, 65, 127, 128, 1000, 70_000):
            data = chance.randbytes(size)
            assert gnutls.digest(name, data) == digest(name, data), (name, size)
            running = gnutls.Hash(name)
            running.update(data[: size // 3])
            assert running.digest() == digest(name, data[: size // 3])
            running.update(data[size // 3 :])
            assert running.hexdigest() == digest(name, data).hex()


@pytest.mark.parametrize("spec", LACKING)
def test_a_parameter_set_that_one_lacks_is_unsupported_and_not_false(spec: str) -> None:
    key = generate_private_key(spec)
    with pytest.raises(Unsupported):
        gnutls.NativeKey.public(key.public_key_info)


def test_what_is_no_key_is_a_bad_key() -> None:
    info = generate_private_key("gost2012_256:XA").public_key_info
    for blob in (b"", b"\x30\x00", info[:-1], info[:-10] + bytes(10)[:5]):
        with pytest.raises(signing.BadKey):
            gnutls.NativeKey.public(blob)


_JUDGE = """
import pathlib, sys, signing
folder = pathlib.Path(sys.argv[1])
try:
    trust = signing.TrustStore.from_files([folder / "root.pem"])
    evidence = signing.OfflineEvidence(crls=[path.read_bytes() for path in folder.glob("*.crl")])
    at = signing.inspect_cms((folder / "sig").read_bytes()).signers[0].signing_time
    for content in (b"genuine content", b"another content"):
        report = signing.verify(content, (folder / "sig").read_bytes(), trust=trust, evidence=evidence, at=at)
        print(report.indication, report.sub_indication)
    signing.generate_private_key()
except signing.BackendMissing as error:
    print(error.package)
print(signing.digest("sha256", b"").hex()[:8])
"""


def without_engine(folder: Path, **environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _JUDGE, str(folder)],
        env={"OPENSSL_ENGINES": str(folder), "PYTHONPATH": str(Path(signing.__file__).parent.parent), **environment},
        capture_output=True,
        check=True,
        timeout=240,
        text=True,
    )
    return done.stdout.splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A signature with what its verification needs, as files; the root is of a set that both libraries know."""
    from tests.signing.conftest import build_world

    world = build_world()
    content = b"genuine content"
    (tmp_path / "sig").write_bytes(
        signing.sign_cades(
            content,
            key=world.signer.key,
            certificate=world.signer.certificate,
            chain=[world.issuing.certificate],
            signing_time=world.tsa.at,
        )
    )
    (tmp_path / "root.pem").write_text(world.root.certificate.pem())
    (tmp_path / "one.crl").write_bytes(pem.encode("X509 CRL", world.root.crl()))
    (tmp_path / "two.crl").write_bytes(world.issuing.crl())
    return tmp_path


def test_without_the_engine_gnutls_verifies_and_signing_names_the_package(folder: Path) -> None:
    assert without_engine(folder) == [
        "TOTAL-PASSED None",
        "TOTAL-FAILED HASH_FAILURE",
        "libengine-gost-openssl",
        "e3b0c442",
    ]


def test_without_both_the_package_is_named(folder: Path) -> None:
    (folder / "libgnutls.so.30").write_bytes(b"no library")
    assert without_engine(folder, LD_LIBRARY_PATH=str(folder)) == ["libengine-gost-openssl", "e3b0c442"]
