from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signing import SigningError
from signing.pki import AlreadyRevoked, Pki, PkiError, RevocationReason, UnknownName
from tests.signing.pki.judge import OpenSsl


def read(content: bytes) -> x509.CertificateRevocationList:
    return x509.load_der_x509_crl(content)


def number(content: bytes) -> int:
    return read(content).extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def write_crls(pki: Pki, folder: Path, now: datetime) -> None:
    """Roots and the lists of both authorities in one PEM, as `openssl verify -crl_check_all` wants them."""
    text = "".join(certificate.pem() for certificate in pki.roots())
    for name in ("root", "issuing"):
        crl = read(pki.crl(name, now=now))
        text += crl.public_bytes(Encoding.PEM).decode()
    (folder / "trust.pem").write_text(text)


def test_a_list_names_the_revoked_with_time_and_reason(pki: Pki, now: datetime) -> None:
    crl = read(pki.crl("issuing", now=now))
    entry = crl.get_revoked_certificate_by_serial_number(pki.certificate("revoked").serial)

    assert len(crl) == 1
    assert entry is not None
    assert entry.revocation_date_utc == now - timedelta(days=30)
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason is x509.ReasonFlags.key_compromise


def test_a_list_is_good_for_seven_days(pki: Pki, now: datetime) -> None:
    crl = read(pki.crl("issuing", now=now + timedelta(microseconds=7)))

    assert crl.last_update_utc == now
    assert crl.next_update_utc == now + timedelta(days=7)
    key = crl.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    issuing = x509.load_der_x509_certificate(pki.certificate("issuing").der)
    assert key == issuing.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


def test_a_list_without_entries_is_a_list(pki: Pki, now: datetime) -> None:
    assert len(read(pki.crl("root", now=now))) == 0


def test_a_revocation_shows_from_its_moment_on(own_pki: Pki, now: datetime) -> None:
    at = now + timedelta(hours=2)
    serial = own_pki.certificate("client_two_person").serial

    own_pki.revoke("client_two_person", at, RevocationReason.CESSATION_OF_OPERATION)

    before, after = (read(own_pki.crl("issuing", now=moment)) for moment in (at - timedelta(seconds=1), at))
    assert before.get_revoked_certificate_by_serial_number(serial) is None
    entry = after.get_revoked_certificate_by_serial_number(serial)
    assert entry is not None
    assert entry.revocation_date_utc == at


def test_no_reason_is_said_by_absence(own_pki: Pki, now: datetime) -> None:
    own_pki.revoke("lessor_director", now)

    entry = read(own_pki.crl("issuing", now=now)).get_revoked_certificate_by_serial_number(
        own_pki.certificate("lessor_director").serial
    )

    assert entry is not None
    assert len(entry.extensions) == 0


def test_numbers_grow_with_time_and_with_entries(own_pki: Pki, now: datetime) -> None:
    first = number(own_pki.crl("issuing", now=now))
    own_pki.revoke("lessor_director", now)
    second = number(own_pki.crl("issuing", now=now))
    third = number(own_pki.crl("issuing", now=now + timedelta(seconds=1)))

    assert first < second < third < 1 << 159


def test_a_certificate_is_revoked_once(own_pki: Pki, now: datetime) -> None:
    own_pki.revoke("lessor_director", now)

    with pytest.raises(AlreadyRevoked):
        own_pki.revoke("lessor_director", now + timedelta(days=1))
    with pytest.raises(AlreadyRevoked):
        own_pki.revoke("revoked", now)


def test_the_authority_itself_can_be_revoked_by_its_root(own_pki: Pki, now: datetime) -> None:
    own_pki.revoke("issuing", now, RevocationReason.CA_COMPROMISE)

    assert len(read(own_pki.crl("root", now=now))) == 1
    assert len(read(own_pki.crl("issuing", now=now))) == 1


def test_what_cannot_be_asked(pki: Pki, now: datetime) -> None:
    with pytest.raises(UnknownName):
        pki.crl("lessor_person", now=now)
    with pytest.raises(UnknownName):
        pki.crl("nobody", now=now)
    with pytest.raises(UnknownName):
        pki.revoke("nobody", now)
    with pytest.raises(PkiError, match="root"):
        pki.revoke("root", now)
    with pytest.raises(SigningError, match="aware"):
        pki.crl("issuing", now=now.replace(tzinfo=None))


@pytest.mark.parametrize("name", ["root", "issuing"])
def test_openssl_verifies_the_list(name: str, pki: Pki, now: datetime, files: Path, openssl: OpenSsl) -> None:
    (files / "list.crl").write_bytes(pki.crl(name, now=now))
    (files / "all.pem").write_text("".join(c.pem() for c in (*pki.roots(), *pki.intermediates())))

    done = openssl("crl", "-in", "list.crl", "-inform", "DER", "-CAfile", "all.pem", "-verify", "-noout")

    assert done.returncode == 0, done.stderr
    assert "verify OK" in done.stderr


def test_openssl_refuses_a_list_with_a_changed_octet(pki: Pki, now: datetime, files: Path, openssl: OpenSsl) -> None:
    content = bytearray(pki.crl("issuing", now=now))
    content[-1] ^= 1
    (files / "list.crl").write_bytes(content)
    (files / "all.pem").write_text("".join(c.pem() for c in (*pki.roots(), *pki.intermediates())))

    done = openssl("crl", "-in", "list.crl", "-inform", "DER", "-CAfile", "all.pem", "-verify", "-noout")

    assert "verify failure" in done.stderr


def test_openssl_refuses_the_revoked_and_passes_the_rest(
    pki: Pki, now: datetime, files: Path, openssl: OpenSsl
) -> None:
    write_crls(pki, files, now)
    command = ("verify", "-crl_check_all", "-CAfile", "trust.pem", "-untrusted", "intermediates.pem")

    assert openssl(*command, "lessor_person.pem").returncode == 0
    refused = openssl(*command, "revoked.pem")
    assert refused.returncode != 0
    assert "certificate revoked" in refused.stderr


def test_a_list_far_in_the_future_has_generalized_time(pki: Pki) -> None:
    crl = read(pki.crl("issuing", now=datetime(2049, 12, 30, tzinfo=UTC)))

    assert crl.next_update_utc == datetime(2050, 1, 6, tzinfo=UTC)
