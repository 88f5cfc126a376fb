import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.x509 import ocsp

from signing import digest
from signing._internal import der, digests
from signing.pki import Pki, RevocationReason
from signing.pki.certificates import public_key_bits
from tests.signing.pki.asking import asked
from tests.signing.pki.judge import OpenSsl

STATUS = ocsp.OCSPCertStatus


def answer(pki: Pki, request: bytes, now: datetime) -> ocsp.OCSPResponse:
    return ocsp.load_der_ocsp_response(pki.ocsp(request, now=now))


def test_a_good_certificate(pki: Pki, now: datetime) -> None:
    response = answer(pki, asked(pki, pki.certificate("lessor_person").serial), now)

    assert response.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
    assert response.certificate_status is STATUS.GOOD
    assert (response.produced_at_utc, response.this_update_utc) == (now, now)
    assert response.next_update_utc == now + timedelta(hours=24)


def test_a_revoked_certificate_has_time_and_reason(pki: Pki, now: datetime) -> None:
    response = answer(pki, asked(pki, pki.certificate("revoked").serial), now)

    assert response.certificate_status is STATUS.REVOKED
    assert response.revocation_time_utc == now - timedelta(days=30)
    assert response.revocation_reason is x509.ReasonFlags.key_compromise


def test_an_unheard_of_serial_is_unknown(pki: Pki, now: datetime) -> None:
    assert answer(pki, asked(pki, 4660), now).certificate_status is STATUS.UNKNOWN
    assert answer(pki, asked(pki, pki.certificate("foreign").serial), now).certificate_status is STATUS.UNKNOWN


def test_a_revocation_shows_at_once_and_from_its_moment_on(own_pki: Pki, now: datetime) -> None:
    request = asked(own_pki, own_pki.certificate("lessor_person").serial)

    own_pki.revoke("lessor_person", now, RevocationReason.UNSPECIFIED)

    revoked = answer(own_pki, request, now)
    assert revoked.certificate_status is STATUS.REVOKED
    assert revoked.revocation_reason is None
    assert answer(own_pki, request, now - timedelta(seconds=1)).certificate_status is STATUS.GOOD


def test_the_nonce_comes_back(pki: Pki, now: datetime) -> None:
    nonce = bytes(range(32))

    response = answer(pki, asked(pki, pki.certificate("lessor_person").serial, nonce=nonce), now)

    assert response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce


def test_no_nonce_is_made_up(pki: Pki, now: datetime) -> None:
    assert len(answer(pki, asked(pki, pki.certificate("lessor_person").serial), now).extensions) == 0


def test_the_responder_names_itself_by_key_and_encloses_its_certificate(pki: Pki, now: datetime) -> None:
    response = answer(pki, asked(pki, pki.certificate("lessor_person").serial), now)
    enclosed = asn1_ocsp.OCSPResponse.load(pki.ocsp(asked(pki, 1), now=now)).basic_ocsp_response["certs"]

    bits = public_key_bits(pki.certificate("ocsp").public_key_info)
    assert response.responder_key_hash == digest("sha1", bits)
    assert [certificate.dump() for certificate in enclosed] == [pki.certificate("ocsp").der]


@pytest.mark.parametrize("name", ["sha1", "sha256", "streebog256", "streebog512"])
def test_the_issuer_may_be_named_by_any_digest(name: str, pki: Pki, now: datetime) -> None:
    above = pki.certificate("issuing")
    cert_id = der.sequence(
        digests.identifier(name),
        der.octet_string(digest(name, above.subject_der)),
        der.octet_string(digest(name, public_key_bits(above.public_key_info))),
        pki.certificate("lessor_person").serial_der,
    )

    content = pki.ocsp(der.sequence(der.sequence(der.sequence(der.sequence(cert_id)))), now=now)

    single = asn1_ocsp.OCSPResponse.load(content).basic_ocsp_response["tbs_response_data"]["responses"][0]
    assert single["cert_status"].name == "good"
    assert single["cert_id"].dump() == cert_id


def test_who_is_not_asked_does_not_answer(pki: Pki, now: datetime) -> None:
    foreign = answer(pki, asked(pki, pki.certificate("foreign").serial, issuer="foreign_root"), now)
    root = answer(pki, asked(pki, pki.certificate("issuing").serial, issuer="root"), now)

    assert foreign.response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED
    assert root.response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED


def test_more_questions_than_anyone_needs_are_malformed(pki: Pki, now: datetime) -> None:
    one = der.read(asked(pki, 5)).sequence("OCSPRequest")[0].sequence("tbs")[-1].children()[0].raw

    def many(count: int) -> bytes:
        return der.sequence(der.sequence(der.sequence(*[one] * count)))

    assert asn1_ocsp.OCSPResponse.load(pki.ocsp(many(50), now=now))["response_status"].native == "successful"
    for count in (0, 51):
        assert answer(pki, many(count), now).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


@pytest.mark.parametrize("content", [b"", b"\x30\x00", b"hello", b"\x30\x03\x02\x01\x05", b"\x30" * 4000])
def test_what_is_not_a_request_is_malformed(content: bytes, pki: Pki, now: datetime) -> None:
    assert answer(pki, content, now).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


@pytest.mark.parametrize("size", [0, 33])
def test_a_nonce_of_a_forbidden_length_is_malformed(size: int, pki: Pki, now: datetime) -> None:
    inner = b"" if size == 0 else der.octet_string(bytes(size))
    one = der.read(asked(pki, 5)).sequence("OCSPRequest")[0].sequence("tbs")[-1].raw
    extension = der.sequence(der.oid("1.3.6.1.5.5.7.48.1.2"), der.octet_string(inner))

    content = der.sequence(der.sequence(one, der.explicit(2, der.sequence(extension))))

    assert answer(pki, content, now).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_damaged_requests_never_end_in_an_exception(pki: Pki, now: datetime) -> None:
    chance = random.Random(7)
    whole = asked(pki, pki.certificate("lessor_person").serial, nonce=b"12345678")

    statuses = set()
    for _ in range(400):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 3)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        statuses.add(
            answer(pki, bytes(damaged[: chance.choice([len(damaged), chance.randrange(200)])]), now).response_status
        )

    assert statuses >= {ocsp.OCSPResponseStatus.MALFORMED_REQUEST, ocsp.OCSPResponseStatus.UNAUTHORIZED}


def test_openssl_asks_and_believes(pki: Pki, now: datetime, files: Path, openssl: OpenSsl) -> None:
    questions = ("-issuer", "issuing.pem", "-cert", "lessor_person.pem", "-cert", "revoked.pem", "-serial", "0x1234")
    assert openssl("ocsp", *questions, "-reqout", "request.der").returncode == 0
    (files / "response.der").write_bytes(pki.ocsp((files / "request.der").read_bytes(), now=now))

    done = openssl(
        *("ocsp", *questions, "-reqin", "request.der", "-no_nonce", "-respin", "response.der"),
        *("-CAfile", "roots.pem", "-verify_other", "intermediates.pem"),
    )

    assert done.returncode == 0, done.stderr
    assert "Response verify OK" in done.stderr
    assert "WARNING" not in done.stderr  # it says so when the nonce is missing
    assert "lessor_person.pem: good" in done.stdout
    assert "revoked.pem: revoked" in done.stdout
    assert "Reason: keyCompromise" in done.stdout
    assert "0x1234: unknown" in done.stdout


def test_openssl_refuses_an_answer_with_a_changed_octet(pki: Pki, now: datetime, files: Path, openssl: OpenSsl) -> None:
    content = pki.ocsp(asked(pki, pki.certificate("revoked").serial), now=now)
    good, revoked_time = b"\x80\x00", (now - timedelta(days=30)).strftime("%Y%m%d%H%M%SZ").encode()
    assert revoked_time in content
    assert good not in content
    (files / "response.der").write_bytes(content.replace(revoked_time, b"2" + b"1" + revoked_time[2:]))

    done = openssl(
        *("ocsp", "-issuer", "issuing.pem", "-cert", "revoked.pem", "-no_nonce", "-respin", "response.der"),
        *("-CAfile", "roots.pem", "-verify_other", "intermediates.pem"),
    )

    assert "Response Verify Failure" in done.stderr
