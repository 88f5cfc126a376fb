"""Keys, hash functions and raw signatures, against vectors of others where they exist."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import signing
from signing import (
    BadCertificate,
    BadKey,
    Unsupported,
    digest,
    export_private_key,
    generate_private_key,
    load_private_key,
)
from signing._internal import algorithms, der, gost, keys, pem

SPECS = [
    "gost2012_256:A",
    "gost2012_256:XA",
    "gost2012_256:TCA",
    "gost2012_256:TCB",
    "gost2012_512:A",
    "gost2012_512:B",
    "gost2012_512:C",
    "rsa:2048",
    "ec:P-256",
    "ec:P-384",
    "ec:P-521",
    "ed25519",
]


@pytest.mark.parametrize("spec", SPECS)
def test_a_key_is_exported_loaded_and_signs(spec: str) -> None:
    key = generate_private_key(spec)
    for password in (None, b"secret"):
        blob = export_private_key(key, password)
        label = "PRIVATE KEY" if password is None else "ENCRYPTED PRIVATE KEY"
        for data in (blob, pem.encode(label, blob)):
            again = load_private_key(data, password)
            assert again.public_key_info == key.public_key_info
            scheme = algorithms.scheme(signing.signature_algorithm(key))
            public = keys.public_key(key.public_key_info)
            signature = again.sign(b"data")
            assert public.verify(scheme, b"data", signature)
            assert not public.verify(scheme, b"Data", signature)
            assert not public.verify(scheme, b"data", signature + b"\0")
            assert not public.verify(scheme, b"data", signature[:-1])


@pytest.mark.parametrize("spec", ["gost2012_256:XA", "rsa:2048"])
def test_passwords_are_checked(spec: str) -> None:
    key = generate_private_key(spec)
    sealed = export_private_key(key, b"right")
    for blob, password in ((sealed, b"wrong"), (sealed, None), (export_private_key(key), b"needless"), (b"junk", None)):
        with pytest.raises(BadKey):
            load_private_key(blob, password)


def test_unknown_specifications_are_refused() -> None:
    for spec in ("gost2012_256:NOSUCH", "rsa:512", "ec:P-111", "ed25519:x", "dsa:2048", ""):
        with pytest.raises(BadKey):
            generate_private_key(spec)


def test_openssl_reads_our_key_and_checks_its_signature(tmp_path: Path) -> None:
    key = generate_private_key("gost2012_512:A")
    (tmp_path / "key.pem").write_bytes(pem.encode("PRIVATE KEY", export_private_key(key)))
    (tmp_path / "public.pem").write_bytes(pem.encode("PUBLIC KEY", key.public_key_info))
    (tmp_path / "data").write_bytes(b"data")
    (tmp_path / "signature").write_bytes(key.sign(b"data"))
    command = ["openssl", "dgst", "-engine", "gost", "-md_gost12_512", "-verify", "public.pem"]
    done = subprocess.run(
        [*command, "-signature", "signature", "data"], cwd=tmp_path, capture_output=True, check=False, timeout=30
    )
    assert b"Verified OK" in done.stdout, done.stderr


def test_streebog_gives_the_digests_of_the_standard() -> None:
    message = b"012345678901234567890123456789012345678901234567890123456789012"
    expected = {
        "streebog256": "9d151eefd8590b89daa6ba6cb74af9275dd051026bb149a452fd84e5e57b5500",
        "streebog512": "1b54d01a4af5b9d5cc3d86d68d285462b19abc2475222f35c085122be4ba1ffa"
        "00ad30f8767b3a82384c6574f024c311e2a481332b08ef7f41797891c1646f48",
    }
    for name, wanted in expected.items():
        assert digest(name, message).hex() == wanted
        running = signing.new_hash(name)
        for part in (message[:10], b"", message[10:]):
            running.update(part)
        assert running.digest().hex() == wanted
    assert digest("sha256", b"").hex().startswith("e3b0c442")
    with pytest.raises(Unsupported):
        digest("crc32", b"")


def test_threads_share_the_library() -> None:
    key = generate_private_key("gost2012_256:XA")
    scheme = algorithms.scheme(signing.signature_algorithm(key))
    wrong: list[object] = []

    def work(number: int) -> None:
        for index in range(150):
            data = f"{number}-{index}".encode()
            public = keys.GostPublicKey(key.public_key_info)
            if not public.verify(scheme, data, key.sign(data)) or public.verify(scheme, b"other", key.sign(data)):
                wrong.append(data)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    assert not wrong
    assert not any(thread.is_alive() for thread in threads)


def test_importing_signing_loads_nothing_heavy() -> None:
    code = (
        "import sys, signing; heavy = {'cffi', 'cryptography', 'asn1crypto', 'pyhanko'} & set(sys.modules);"
        "assert not heavy, heavy; signing.verify; assert 'cffi' not in sys.modules; signing.digest('streebog256', b'')"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=240, cwd=Path(signing.__file__).parent.parent)


def test_every_public_name_is_there() -> None:
    for name in signing.__all__:
        assert getattr(signing, name) is not None
    with pytest.raises(AttributeError):
        _ = signing.nonsense


def test_errors_name_the_package_to_install() -> None:
    missing = signing.BackendMissing("the engine is absent", "libengine-gost-openssl")
    assert missing.package == "libengine-gost-openssl"
    assert "apt-get install libengine-gost-openssl" in str(missing)
    assert isinstance(missing, signing.SigningError)


@pytest.mark.parametrize(
    "name",
    ["ecdsa_secp384r1_sha384_test", "rsa_pss_2048_sha256_mgf1_32_test", "rsa_signature_2048_sha256_test"],
)
def test_wycheproof_vectors(shared_data: Path, name: str) -> None:
    vectors = json.loads((shared_data / f"signatures/corpus/wycheproof/{name}.json").read_text())
    scheme = {
        "ecdsa": algorithms.SignatureScheme(kind="ec", digest="sha384"),
        "rsa_pss": algorithms.SignatureScheme(kind="rsa_pss", digest="sha256", mask_digest="sha256", salt_length=32),
        "rsa_signature": algorithms.SignatureScheme(kind="rsa", digest="sha256"),
    }[next(kind for kind in ("ecdsa", "rsa_pss", "rsa_signature") if name.startswith(kind))]
    wrong = []
    for group in vectors["testGroups"]:
        public = keys.public_key(bytes.fromhex(group["publicKeyDer"]))
        for test in group["tests"]:
            holds = public.verify(scheme, bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"]))
            if test["result"] != "acceptable" and holds != (test["result"] == "valid"):
                wrong.append((test["tcId"], test["comment"], test["result"]))
    assert not wrong


def test_russian_authorities_can_be_read(shared_data: Path) -> None:
    found = 0
    for path in sorted((shared_data / "signatures/corpus/russian-ca").glob("*")):
        if path.suffix.lower() not in {".pem", ".crt", ".cer", ".der"}:
            continue
        certificate = signing.Certificate.load(path.read_bytes())
        assert certificate.is_ca
        assert certificate.public_key_algorithm.startswith("gost")
        assert certificate.subject.common_name
        assert certificate.subject.organization_inn.isdigit(), certificate.subject
        assert signing.Certificate.load(certificate.pem().encode()) == certificate
        assert keys.public_key(certificate.public_key_info).bits in {256, 512}
        found += 1
    assert found >= 10


def test_what_is_no_certificate_is_refused() -> None:
    for junk in (b"", b"0", b"hello", b"\x30\x00", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        with pytest.raises(BadCertificate):
            signing.Certificate.load(junk)


def test_object_identifiers_and_times_survive_encoding() -> None:
    for dotted in ("1.2.643.7.1.1.3.2", "2.16.840.1.101.3.4.2.1", "2.999.3", "0.4.0.1733.2.4"):
        assert der.read(der.oid(dotted)).oid() == dotted
    for number in (0, 1, 127, 128, 255, 256, -1, -128, -129, 2**100):
        assert der.read(der.integer(number)).integer() == number


def test_the_library_is_loaded_once() -> None:
    assert gost.library() is gost.library()


def test_an_rsa_modulus_without_its_leading_zero_is_read_as_it_is_meant() -> None:
    key = generate_private_key("rsa:2048")
    algorithm, bits = der.read(key.public_key_info).children()
    modulus, exponent = der.read(bits.bits()).children()
    assert modulus.value[0] == 0
    bare = der.sequence(der.tlv(der.INTEGER, modulus.value[1:]), exponent.raw)
    public = keys.public_key(der.sequence(algorithm.raw, der.bit_string(bare)))
    scheme = algorithms.SignatureScheme(kind="rsa", digest="sha256")
    assert public.verify(scheme, b"data", key.sign(b"data"))
    assert not public.verify(scheme, b"other", key.sign(b"data"))
