"""Attacks on the signature value, its algorithms and on who signed: keys, lengths, paddings, forged certificates."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from signing import PrivateKey, Report, digest, load_private_key
from signing._internal import der, digests, oids
from signing._internal.cms import read_signed_data
from tests.signing.attack_stage import (
    CONTENT,
    FAILED,
    UNDECIDED,
    Attack,
    Stage,
    Table,
    assert_refused,
    value_of,
    with_value,
)
from tests.signing.maker import Holder, attribute, make_cms, make_signer, wrap

attack = Table()
CRYPTO = (FAILED, "SIG_CRYPTO_FAILURE")
_RSA_SHA256 = der.sequence(der.oid("1.2.840.113549.1.1.11"), der.null())
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


@attack(*CRYPTO, "algorithms")
def digest_of_another_function_than_the_signature(stage: Stage) -> Report:
    wrong = attribute(oids.MESSAGE_DIGEST, der.octet_string(digest("sha256", CONTENT)))
    mixed = (digests.identifier("sha256"), der.sequence(der.oid("1.2.643.7.1.1.3.2")))
    return stage.judge(None, stage.attached(stage.attributes(message_digest=wrong), algorithms=mixed))


@attack(*CRYPTO, "signature_value")
def key_of_256_bits_with_the_algorithm_of_512(stage: Stage) -> Report:
    longer = attribute(oids.MESSAGE_DIGEST, der.octet_string(digest("streebog512", CONTENT)))
    algorithms = (digests.identifier("streebog512"), der.sequence(der.oid(oids.GOST2012_512)))
    return stage.judge(None, stage.attached(stage.attributes(message_digest=longer), algorithms=algorithms))


@attack(*CRYPTO, "signature_value")
def gost_key_with_the_algorithm_of_rsa(stage: Stage) -> Report:
    other = attribute(oids.MESSAGE_DIGEST, der.octet_string(digest("sha256", CONTENT)))
    algorithms = (digests.identifier("sha256"), _RSA_SHA256)
    return stage.judge(None, stage.attached(stage.attributes(message_digest=other), algorithms=algorithms))


@attack(UNDECIDED, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "algorithms")
def signature_algorithm_of_nobody(stage: Stage) -> Report:
    algorithms = (digests.identifier("streebog256"), der.sequence(der.oid("1.2.3.4.5")))
    return stage.judge(None, stage.attached(stage.attributes(), algorithms=algorithms))


_LENGTHS = {
    "gost signature with one octet more": lambda value: value + b"\0",
    "gost signature with one octet before it": lambda value: b"\0" + value,
    "gost signature cut by one octet": lambda value: value[:-1],
    "gost signature of no octets": lambda _: b"",
    "gost signature of zeros": lambda value: bytes(len(value)),
    "gost signature with its halves exchanged": lambda value: value[32:] + value[:32],
    "gost signature turned around": lambda value: value[::-1],
}
for _name, _change in _LENGTHS.items():
    attack.add(
        _name,
        lambda stage, change=_change: stage.judge(
            CONTENT, with_value(stage.signed(), change(value_of(stage.signed())))
        ),  # type: ignore[misc]  # a default binds the value
        (*CRYPTO, "signature_value"),
    )


def _ec(stage: Stage, value: bytes | None, *, suffix: bytes = b"") -> Report:
    stage.signer = stage.issuing.issue("Подписант ECDSA", spec="ec:P-256")
    cms = stage.signed()
    return stage.judge(CONTENT, with_value(cms, (value_of(cms) if value is None else value) + suffix))


@attack(*CRYPTO, "signature_value")
def ecdsa_signature_of_zeros(stage: Stage) -> Report:
    return _ec(stage, der.sequence(der.integer(0), der.integer(0)))


@attack(*CRYPTO, "signature_value")
def ecdsa_signature_with_bytes_after_it(stage: Stage) -> Report:
    return _ec(stage, None, suffix=b"\x05\x00")


@attack(*CRYPTO, "signature_value")
def rsa_signature_forged_by_a_cube_root(stage: Stage) -> Report:
    """Bleichenbacher 2006: with the exponent 3, lenient padding checks take anything behind the digest."""
    _, key = _rsa(exponent=3)
    stage.signer = stage.issuing.issue("Подписант RSA", key=key)
    cms = stage.signed()
    assert stage.judge(CONTENT, cms).indication == "TOTAL-PASSED", "the genuine signature of this key holds"
    signer = read_signed_data(cms).signers[0]
    hashed = hashlib.sha256(next(tbs for _, tbs in signer.signed_forms())).digest()
    start = b"\x00\x01" + b"\xff" * 8 + b"\x00" + _DIGEST_INFO + hashed
    wanted = int.from_bytes(start.ljust(256, b"\xff"), "big")
    root = _cube_root(wanted)
    assert (root**3).to_bytes(256, "big").startswith(start), "the cube shows the digest where a lax reader looks"
    return stage.judge(CONTENT, with_value(cms, root.to_bytes(256, "big")))


def _cube_root(value: int) -> int:
    low, high = 0, 1 << 700
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= value else (low, middle - 1)
    return low


def _rsa(bits: int = 2048, exponent: int = 65537) -> tuple[rsa.RSAPrivateKey, PrivateKey]:
    generated = rsa.generate_private_key(public_exponent=exponent, key_size=bits)
    return generated, load_private_key(generated.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def _weak(stage: Stage, name: str, function: hashes.HashAlgorithm, identifier: str) -> Report:
    private, key = _rsa()
    stage.signer = stage.issuing.issue("Подписант RSA", key=key)
    attributes = stage.attributes(
        message_digest=attribute(oids.MESSAGE_DIGEST, der.octet_string(digest(name, CONTENT)))
    )
    value = private.sign(der.set_of(attributes), padding.PKCS1v15(), function)
    algorithms = (digests.identifier(name), der.sequence(der.oid(identifier), der.null()))
    return stage.judge(None, with_value(stage.attached(attributes, algorithms=algorithms), value))


@attack(UNDECIDED, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "strength")
def sha1_today(stage: Stage) -> Report:
    return _weak(stage, "sha1", hashes.SHA1(), "1.2.840.113549.1.1.5")  # noqa: S303 the weakness is the test


@attack(UNDECIDED, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "strength")
def md5_today(stage: Stage) -> Report:
    return _weak(stage, "md5", hashes.MD5(), "1.2.840.113549.1.1.4")  # noqa: S303 the weakness is the test


@attack(UNDECIDED, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "certificate_strength", "strength")
def rsa_key_of_1024_bits(stage: Stage) -> Report:
    stage.signer = stage.issuing.issue("Короткий ключ", key=_rsa(1024)[1])
    return stage.judge(CONTENT, stage.signed())


# --- who signed ---


@attack(*CRYPTO, "signature_value")
def signature_of_a_stranger_under_the_name_of_the_signer(stage: Stage) -> Report:
    stranger = Holder(key=stage.other.key, certificate=stage.signer.certificate)
    return stage.judge(None, make_cms(stranger, CONTENT))


@attack(UNDECIDED, "NO_CERTIFICATE_CHAIN_FOUND", "certificate_chain")
def certificate_forged_with_the_same_issuer_and_serial(stage: Stage) -> Report:
    fake = _forged(stage)
    return stage.judge(None, make_cms(fake, CONTENT))


@attack(*CRYPTO, "signature_value")
def forged_certificate_beside_the_genuine_one(stage: Stage) -> Report:
    """The reference names the genuine certificate, the value is by the key of the forged one."""
    fake = _forged(stage)
    attributes = stage.attributes()
    info = make_signer(fake, CONTENT, attributes=attributes)
    return stage.judge(None, wrap([info], CONTENT, certificates=[fake.certificate.der, stage.signer.certificate.der]))


def _forged(stage: Stage) -> Holder:
    """A certificate of the signer's issuer and serial, but with the key of a stranger and signed by the stranger."""
    stranger = Holder(key=stage.other.key, certificate=stage.issuing.certificate)
    made = stranger.issue("Подделка", key=stage.other.key)
    own = der.read(made.certificate.der).children()
    tbs = [child.raw for child in own[0].children()]
    tbs[1] = der.integer(stage.signer.certificate.serial)
    body = der.sequence(*tbs)
    blob = der.sequence(body, own[1].raw, der.bit_string(stage.other.key.sign(body)))
    return Holder(key=stage.other.key, certificate=type(made.certificate).load(blob))


@attack(UNDECIDED, "NO_SIGNING_CERTIFICATE_FOUND", "signing_certificate")
def signer_whose_certificate_is_nowhere(stage: Stage) -> Report:
    info = make_signer(stage.signer, CONTENT, attributes=stage.attributes())
    return stage.judge(None, wrap([info], CONTENT))


@pytest.mark.parametrize("attack", attack.attacks, ids=str)
def test_value_attack(attack: Attack) -> None:
    assert_refused(attack, Stage())
