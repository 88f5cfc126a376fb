"""Parts on their own, where whole files seldom get: stream filters, algorithm identifiers, odd keys, a missing engine."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import zlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, padding, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from signing import (
    BadInput,
    BadKey,
    Unsupported,
    digest,
    export_private_key,
    generate_private_key,
    load_private_key,
    new_hash,
)
from signing._internal import der, gnutls, keys
from signing._internal.algorithms import identifier_of, scheme
from signing._internal.keys import parameter_set, public_key
from signing._internal.pdf.filters import decode
from signing._internal.pdf.syntax import Stream

RSA = "1.2.840.113549.1.1."
MGF1 = RSA + "8"
SHA256, SHA512 = "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.3"


def packed(raw: bytes, **dictionary: object) -> Stream:
    return Stream(raw=raw, dictionary=dictionary)  # type: ignore[arg-type]  # values of a dictionary, as tests write them


def filtered(rows: list[bytes], kinds: list[int]) -> bytes:
    """Rows with PNG filters applied (RFC 2083, clause 6), one byte a pixel."""
    out, above = b"", bytes(len(rows[0]))
    for row, kind in zip(rows, kinds, strict=True):
        coded = bytearray()
        for index, value in enumerate(row):
            left, corner = (row[index - 1], above[index - 1]) if index else (0, 0)
            up = above[index]
            nearest = min((left, up, corner), key=lambda one: abs(left + up - corner - one))
            coded.append((value - (0, left, up, (left + up) // 2, nearest)[kind]) & 0xFF)
        out, above = out + bytes([kind]) + bytes(coded), row
    return out


def test_every_row_filter_is_undone() -> None:
    chance = random.Random(3)
    rows = [chance.randbytes(7) for _ in range(10)]
    raw = zlib.compress(filtered(rows, [0, 1, 2, 3, 4, 4, 3, 2, 1, 0]))
    made = packed(raw, Filter="FlateDecode", DecodeParms={"Predictor": 15, "Columns": 7})
    assert decode(made) == b"".join(rows)
    assert decode(packed(raw, Filter=["Fl"], DecodeParms=[{"Predictor": 12, "Columns": 7}])) == b"".join(rows)


def test_filters_in_a_row_and_without_predictor() -> None:
    twice = zlib.compress(b"text").hex().encode() + b">rest"
    assert decode(packed(twice, Filter=["ASCIIHexDecode", "FlateDecode"])) == b"text"
    assert decode(packed(b"6 1\n7>", Filter="AHx")) == b"ap"
    assert decode(packed(zlib.compress(b"x"), Filter="FlateDecode", DecodeParms={"Predictor": 1})) == b"x"
    assert decode(packed(b"as it is")) == b"as it is"


@pytest.mark.parametrize(
    ("raw", "dictionary"),
    [
        (b"x", {"Filter": "JPXDecode"}),
        (b"not compressed", {"Filter": "FlateDecode"}),
        (b"zz>", {"Filter": "AHx"}),
        (zlib.compress(b"\x09abc"), {"Filter": "Fl", "DecodeParms": {"Predictor": 15, "Columns": 3}}),
        (zlib.compress(b"\0abc"), {"Filter": "Fl", "DecodeParms": {"Predictor": 2, "Columns": 3}}),
        (zlib.compress(b"\0abc"), {"Filter": "Fl", "DecodeParms": {"Predictor": 15, "Columns": 3, "Colors": 3}}),
        (zlib.compress(b"\0abc"), {"Filter": "Fl", "DecodeParms": {"Predictor": 15, "Columns": 0}}),
        (zlib.compress(bytes(70 << 20)), {"Filter": "Fl"}),
    ],
)
def test_streams_that_are_not_read(raw: bytes, dictionary: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        decode(packed(raw, **dictionary))


def test_a_limit_stops_a_bomb() -> None:
    with pytest.raises(BadInput):
        decode(packed(zlib.compress(bytes(1 << 20)), Filter="Fl"), limit=1000)


def pss(*members: bytes) -> bytes:
    return der.sequence(der.oid(RSA + "10"), der.sequence(*members))


def hashed(number: int, dotted: str) -> bytes:
    return der.explicit(number, der.sequence(der.oid(dotted)))


def test_pss_parameters_and_their_defaults() -> None:
    found = scheme(pss())
    assert (found.kind, found.digest, found.mask_digest, found.salt_length) == ("rsa_pss", "sha1", "sha1", 20)
    mask = der.explicit(1, der.sequence(der.oid(MGF1), der.sequence(der.oid(SHA512))))
    found = scheme(pss(hashed(0, SHA256), mask, der.explicit(2, der.integer(32))))
    assert (found.digest, found.mask_digest, found.salt_length) == ("sha256", "sha512", 32)


@pytest.mark.parametrize(
    ("identifier", "error"),
    [
        (der.sequence(der.oid(RSA + "10")), BadInput),  # PSS without parameters
        (pss(der.explicit(1, der.sequence(der.oid("1.2.3"), der.sequence(der.oid(SHA256))))), Unsupported),
        (pss(der.explicit(1, der.sequence(der.oid(MGF1)))), Unsupported),
        (pss(der.explicit(2, der.integer(1000))), BadInput),
        (pss(der.explicit(2, der.integer(-1))), BadInput),
        (der.sequence(der.oid("1.2.3.4")), Unsupported),
        (der.sequence(der.oid(RSA + "1")), BadInput),  # RSA alone names no hash
    ],
)
def test_identifiers_that_say_too_little(identifier: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        scheme(identifier)


def test_a_hash_named_twice_must_be_one() -> None:
    assert scheme(der.sequence(der.oid(RSA + "11")), "sha256").digest == "sha256"
    with pytest.raises(BadInput):
        scheme(der.sequence(der.oid(RSA + "11")), "sha512")
    with pytest.raises(Unsupported):
        identifier_of("rsa", "streebog256", cms=True)


def spki(key: object) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined,no-any-return]  # any public key


def test_plain_ecdsa_of_the_bsi() -> None:
    """r‖s without ASN.1 (TR-03111); other lengths and other keys are false, not errors."""
    key = ec.generate_private_key(ec.SECP256R1())
    r, s = decode_dss_signature(key.sign(b"data", ec.ECDSA(hashes.SHA256())))
    plain = scheme(der.sequence(der.oid("0.4.0.127.0.7.1.1.4.1.3")))
    loaded = public_key(spki(key.public_key()))
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    assert loaded.verify(plain, b"data", raw)
    assert not loaded.verify(plain, b"other", raw)
    assert not loaded.verify(plain, b"data", raw + b"\0")
    assert not loaded.verify(scheme(der.sequence(der.oid(RSA + "11"))), b"data", raw)


def test_pss_dsa_and_edwards_curves() -> None:
    one = rsa.generate_private_key(65537, 2048)
    masked = padding.PSS(padding.MGF1(hashes.SHA512()), 32)
    mask = der.explicit(1, der.sequence(der.oid(MGF1), der.sequence(der.oid(SHA512))))
    stated = scheme(pss(hashed(0, SHA256), mask, der.explicit(2, der.integer(32))))
    signature = one.sign(b"data", masked, hashes.SHA256())
    assert public_key(spki(one.public_key())).verify(stated, b"data", signature)
    assert not public_key(spki(one.public_key())).verify(scheme(pss()), b"data", signature)
    other = dsa.generate_private_key(2048)
    stated = scheme(der.sequence(der.oid("2.16.840.1.101.3.4.3.2")))
    assert public_key(spki(other.public_key())).verify(stated, b"data", other.sign(b"data", hashes.SHA256()))
    last = ed448.Ed448PrivateKey.generate()
    loaded = public_key(spki(last.public_key()))
    assert loaded.verify(scheme(der.sequence(der.oid("1.3.101.113"))), b"data", last.sign(b"data"))
    assert (loaded.algorithm, loaded.bits) == ("ed448", 255)


def test_hash_functions_that_a_key_cannot_use_are_unsupported() -> None:
    loaded = public_key(spki(rsa.generate_private_key(65537, 2048).public_key()))
    with pytest.raises(Unsupported):
        loaded.verify(scheme(der.sequence(der.oid(RSA + "1")), "streebog256"), b"data", bytes(256))


def test_keys_that_are_not_for_signing() -> None:
    agreeing = x25519.X25519PrivateKey.generate()
    with pytest.raises(Unsupported):
        public_key(spki(agreeing.public_key()))
    with pytest.raises(BadKey):
        load_private_key(agreeing.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(BadKey):
        public_key(b"\x30\x03\x02\x01\x01")
    with pytest.raises(BadKey):
        public_key(der.sequence(der.sequence(der.oid(RSA + "1")), der.bit_string(b"junk")))
    for spec in ("rsa:512", "ec:P-192", "ed25519:x", "dsa", "gost2012_256:no such curve"):
        with pytest.raises(BadKey):
            generate_private_key(spec)


def test_private_keys_and_their_passwords() -> None:
    kept = ec.generate_private_key(ec.SECP384R1())
    sealed = kept.private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"one"))
    assert load_private_key(sealed, b"one").digest_algorithm == "sha384"
    own = export_private_key(generate_private_key("gost2012_256:XA"), b"one")
    assert load_private_key(own, b"one").algorithm == "gost2012_256"
    for blob, password in (
        (sealed, b"two"),
        (own, b"two"),
        (own, None),
        (b"\x30\x03\x02\x01\x01", None),
        (b"junk", b"x"),
    ):
        with pytest.raises(BadKey):
            load_private_key(blob, password)
    with pytest.raises(BadKey):
        load_private_key(export_private_key(generate_private_key("ec:P-256")), b"needless")
    with pytest.raises(BadKey):
        export_private_key(object())  # type: ignore[arg-type]  # a key held elsewhere


def test_parameter_sets_by_name() -> None:
    assert parameter_set(generate_private_key("gost2012_256:TCB").public_key_info) == "TC26-256-B"
    assert parameter_set(generate_private_key("rsa:2048").public_key_info) == ""
    assert parameter_set(generate_private_key("ec:P-256").public_key_info) == ""
    assert keys.public_key_algorithm(der.sequence(der.sequence(der.oid("1.2.3")), der.bit_string(b""))) == "1.2.3"


def test_running_hashes_equal_those_at_once() -> None:
    data = random.Random(5).randbytes(100_000)
    for name in ("streebog256", "streebog512", "gost94", "sha256", "sha3_384"):
        running = new_hash(name)
        for start in range(0, len(data), 777):
            running.update(data[start : start + 777])
        assert running.digest() == digest(name, data), name
    for name in ("shake256", "no such"):
        with pytest.raises(Unsupported):
            new_hash(name)
    with pytest.raises(Unsupported):
        digest("no such", b"")


def test_the_hash_of_nothing_is_the_standards() -> None:
    """The engine gives another value for 34.11-94 of the empty message (ГОСТ Р 34.11-94, А.3.1 has the hash of nothing)."""
    for name in ("streebog256", "streebog512", "gost94"):
        running = new_hash(name)
        assert running.digest() == digest(name, b"") == gnutls.digest(name, b""), name
        running.update(b"")
        assert running.digest() == digest(name, b"")
        running.update(b"a")
        running.update(b"")
        assert running.digest() == digest(name, b"a") == gnutls.digest(name, b"a"), name
    assert digest("gost94", b"").hex() == "981e5f3ca30c841487830f84fb433e13ac1101569b9c13584ac483234cd656c0"


def test_without_the_engine_the_reason_is_told() -> None:
    probe = (
        "import signing\n"
        "try:\n    signing.generate_private_key('gost2012_256:XA')\n"
        "except signing.BackendMissing as error:\n    print('missing:', error)\n"
    )
    environment = os.environ | {"OPENSSL_ENGINES": "/nonexistent", "OPENSSL_CONF": "/dev/null"}
    ended = subprocess.run([sys.executable, "-c", probe], env=environment, capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("missing:")
    assert "libengine-gost-openssl" in ended.stdout
