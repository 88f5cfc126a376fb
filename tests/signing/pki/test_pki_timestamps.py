import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import tsp

from signing import digest
from signing._internal import der, digests, keys
from signing._internal.algorithms import scheme
from signing.pki import Pki, UnknownName
from tests.signing.pki.asking import request, token
from tests.signing.pki.judge import OpenSsl

POLICY = "1.3.6.1.4.1.32473.2.1"
OPENSSL_NAMES = {"streebog256": "md_gost12_256", "streebog512": "md_gost12_512", "sha256": "sha256", "sha512": "sha512"}


def refusal(content: bytes) -> str:
    """The failure bit of a rejection, which must not carry a token."""
    members = der.read_all(content, "TimeStampResp").sequence("TimeStampResp")
    assert len(members) == 1
    status = tsp.PKIStatusInfo.load(members[0].raw, strict=True)
    assert status["status"].native == "rejection"
    (failure,) = status["fail_info"].native
    return str(failure)


@pytest.mark.parametrize("name", OPENSSL_NAMES)
def test_a_token_tells_what_when_and_by_which_policy(name: str, pki: Pki, now: datetime) -> None:
    _, info = token(pki.timestamp(request(name), now=now + timedelta(microseconds=3)))

    assert info["policy"].dotted == POLICY
    assert info["gen_time"].native == now
    assert info["accuracy"]["seconds"].native == 1
    assert info["message_imprint"]["hashed_message"].native == digest(name, b"content")
    assert info["message_imprint"]["hash_algorithm"].dump() == digests.identifier(name)
    assert info["tsa"].chosen.untag().dump() == pki.certificate("tsa").subject_der


def test_null_parameters_come_back_as_they_were(pki: Pki, now: datetime) -> None:
    algorithm = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"), der.null())

    _, info = token(pki.timestamp(request("sha256", algorithm=algorithm), now=now))

    assert info["message_imprint"]["hash_algorithm"].dump() == algorithm


def test_certificates_come_only_when_asked_for(pki: Pki, now: datetime) -> None:
    without, _ = token(pki.timestamp(request(), now=now))
    with_them, _ = token(pki.timestamp(request(tail=[der.boolean(True)]), now=now))

    assert not without["certificates"]
    enclosed = {choice.chosen.dump() for choice in with_them["certificates"]}
    assert enclosed == {pki.certificate("tsa").der, pki.certificate("issuing").der}


def test_the_nonce_comes_back_or_stays_away(pki: Pki, now: datetime) -> None:
    nonce = random.Random(3).getrandbits(64)

    _, with_nonce = token(pki.timestamp(request(tail=[der.integer(nonce)]), now=now))
    _, without = token(pki.timestamp(request(), now=now))

    assert with_nonce["nonce"].native == nonce
    assert without["nonce"].native is None


def test_the_known_policy_may_be_asked_for(pki: Pki, now: datetime) -> None:
    _, info = token(pki.timestamp(request(tail=[der.oid(POLICY), der.integer(5), der.boolean(True)]), now=now))

    assert info["policy"].dotted == POLICY


def test_the_signer_is_bound_by_essertidv2_with_streebog(pki: Pki, now: datetime) -> None:
    signed, _ = token(pki.timestamp(request(), now=now))
    (signer,) = signed["signer_infos"]
    attributes = {attribute["type"].dotted: attribute["values"] for attribute in signer["signed_attrs"]}
    (bound,) = attributes["1.2.840.113549.1.9.16.2.47"][0]["certs"]

    certificate = pki.certificate("tsa")
    assert set(attributes) == {
        "1.2.840.113549.1.9.3",
        "1.2.840.113549.1.9.4",
        "1.2.840.113549.1.9.5",
        "1.2.840.113549.1.9.16.2.47",
    }
    assert bound["hash_algorithm"]["algorithm"].dotted == "1.2.643.7.1.1.2.2"
    assert bound["cert_hash"].native == digest("streebog256", certificate.der)
    assert bound["issuer_serial"]["serial_number"].native == certificate.serial
    assert bound["issuer_serial"]["issuer"][0].chosen.untag().dump() == certificate.issuer_der


def test_the_signature_covers_the_attributes_and_they_the_info(pki: Pki, now: datetime) -> None:
    signed, info = token(pki.timestamp(request(), now=now))
    (signer,) = signed["signer_infos"]
    attributes = signer["signed_attrs"].untag().dump()
    message_digest = next(a["values"][0].native for a in signer["signed_attrs"] if a["type"].native == "message_digest")
    key = keys.public_key(pki.certificate("tsa").public_key_info)
    algorithm = scheme(signer["signature_algorithm"].dump(), "streebog256")

    assert message_digest == digest("streebog256", info.dump())
    assert key.verify(algorithm, attributes, signer["signature"].native)
    assert not key.verify(algorithm, attributes + b"\x00", signer["signature"].native)


def test_serial_numbers_are_random(pki: Pki, now: datetime) -> None:
    serials = {token(pki.timestamp(request(), now=now))[1]["serial_number"].native for _ in range(200)}

    assert len(serials) == 200
    assert all(0 < serial < 1 << 64 for serial in serials)
    assert max(serials) > 1 << 56


def test_many_threads_get_good_tokens_at_once(pki: Pki, now: datetime) -> None:
    key = keys.public_key(pki.certificate("tsa").public_key_info)

    def ask(_: int) -> int:
        signed, info = token(pki.timestamp(request(), now=now))
        (signer,) = signed["signer_infos"]
        algorithm = scheme(signer["signature_algorithm"].dump(), "streebog256")
        assert key.verify(algorithm, signer["signed_attrs"].untag().dump(), signer["signature"].native)
        return int(info["serial_number"].native)

    with ThreadPoolExecutor(8) as threads:
        serials = list(threads.map(ask, range(160)))

    assert len(set(serials)) == 160


@pytest.mark.parametrize(
    ("content", "failure"),
    [
        (b"", "bad_data_format"),
        (b"\x30\x00", "bad_data_format"),
        (b"not a request", "bad_data_format"),
        (request() + b"\x00", "bad_data_format"),
        (request(version=2), "bad_request"),
        (request("sha1"), "bad_alg"),
        (request("sha384"), "bad_alg"),
        (request(algorithm=der.sequence(der.oid("1.2.3.4"))), "bad_alg"),
        (request(algorithm=der.sequence(der.oid("1.2.643.7.1.1.2.2"), der.integer(1))), "bad_alg"),
        (request(imprint=bytes(31)), "bad_data_format"),
        (request("streebog512", imprint=bytes(32)), "bad_data_format"),
        (request(tail=[der.oid("1.2.3.4")]), "unaccepted_policy"),
        (request(tail=[der.tlv(0xA0, der.sequence(der.oid("1.2.3"), der.octet_string(b"")))]), "unaccepted_extensions"),
        (request(tail=[der.integer(1), der.integer(2)]), "bad_data_format"),
        (request(tail=[der.octet_string(b"?")]), "bad_data_format"),
    ],
)
def test_a_bad_request_is_rejected_with_its_reason(content: bytes, failure: str, pki: Pki, now: datetime) -> None:
    assert refusal(pki.timestamp(content, now=now)) == failure


def test_damaged_requests_never_end_in_an_exception(pki: Pki, now: datetime) -> None:
    chance = random.Random(5)
    whole = request(tail=[der.oid(POLICY), der.integer(1 << 60), der.boolean(True)])

    granted = 0
    for _ in range(400):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        content = pki.timestamp(bytes(damaged), now=now)
        granted += der.read(content).sequence("response")[0].sequence("status")[0].integer() == 0

    assert 0 < granted < 400


def test_an_authority_that_was_not_declared(pki: Pki, now: datetime) -> None:
    assert token(pki.timestamp(request(), now=now, name="tsa"))
    with pytest.raises(UnknownName):
        pki.timestamp(request(), now=now, name="lessor_person")


@pytest.mark.parametrize("name", OPENSSL_NAMES)
def test_openssl_asks_and_believes(name: str, pki: Pki, now: datetime, files: Path, openssl: OpenSsl) -> None:
    (files / "content").write_bytes(b"content")
    query = ("ts", "-query", "-data", "content", f"-{OPENSSL_NAMES[name]}", "-cert", "-out", "query.tsq")
    assert openssl(*query).returncode == 0
    (files / "reply.tsr").write_bytes(pki.timestamp((files / "query.tsq").read_bytes(), now=now))

    done = openssl("ts", "-verify", "-queryfile", "query.tsq", "-in", "reply.tsr", "-CAfile", "roots.pem")

    assert done.returncode == 0, done.stderr
    assert "Verification: OK" in done.stdout + done.stderr


def test_openssl_checks_a_token_without_certificates_by_ours(
    pki: Pki, now: datetime, files: Path, openssl: OpenSsl
) -> None:
    (files / "content").write_bytes(b"content")
    (files / "reply.tsr").write_bytes(pki.timestamp(request(), now=now))
    (files / "others.pem").write_text(pki.certificate("tsa").pem() + pki.certificate("issuing").pem())
    command = ("ts", "-verify", "-data", "content", "-in", "reply.tsr", "-CAfile", "roots.pem")

    assert openssl(*command, "-untrusted", "others.pem").returncode == 0
    assert openssl(*command).returncode != 0


def test_openssl_refuses_a_token_over_something_else(pki: Pki, now: datetime, files: Path, openssl: OpenSsl) -> None:
    (files / "content").write_bytes(b"content, changed")
    (files / "reply.tsr").write_bytes(pki.timestamp(request(tail=[der.boolean(True)]), now=now))

    done = openssl("ts", "-verify", "-data", "content", "-in", "reply.tsr", "-CAfile", "roots.pem")

    assert done.returncode != 0
    assert "message imprint mismatch" in done.stderr


def test_openssl_reads_the_reason_of_a_rejection(pki: Pki, now: datetime, files: Path, openssl: OpenSsl) -> None:
    (files / "reply.tsr").write_bytes(pki.timestamp(request("sha1"), now=now))

    shown = openssl("ts", "-reply", "-in", "reply.tsr", "-text").stdout

    assert "Status: Rejected." in shown
    assert "unrecognized or unsupported algorithm identifier" in shown
