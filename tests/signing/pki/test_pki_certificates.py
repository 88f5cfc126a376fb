"""Certificates as other libraries read them: asn1crypto, cryptography, openssl."""

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from edo_service.demo.make_pki import DECLARATION
from signing.pki import Pki, PkiDeclaration, build, load_declaration
from tests.signing.pki.judge import OpenSsl

SUBJECT_SIGN_TOOL = x509.ObjectIdentifier("1.2.643.100.111")
ISSUER_SIGN_TOOL = x509.ObjectIdentifier("1.2.643.100.112")
IDENTIFICATION_KIND = x509.ObjectIdentifier("1.2.643.100.114")
GOOD = ["operator", "lessor_person", "lessor_organization", "lessor_employee", "client_one_person", "tsa", "ocsp"]


def read(pki: Pki, name: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(pki.certificate(name).der)


def attributes(pki: Pki, name: str) -> dict[str, tuple[int, str]]:
    """Subject attributes: object identifier -> (ASN.1 tag, text)."""
    subject = asn1_x509.Certificate.load(pki.certificate(name).der)["tbs_certificate"]["subject"].dump()
    found = {}
    for relative in core.SequenceOf.load(subject, spec=core.Any):
        (attribute,) = relative.parse(core.SetOf, spec_params={"spec": core.Any})
        kind, value = attribute.parse(core.SequenceOf, spec_params={"spec": core.Any})
        found[kind.parse().dotted] = (value.parse().tag, value.parse().native)
    return found


def extension(pki: Pki, name: str, kind: type[Any]) -> Any:
    return read(pki, name).extensions.get_extension_for_class(kind)


def unknown_extension(pki: Pki, name: str, oid: x509.ObjectIdentifier) -> bytes:
    value = read(pki, name).extensions.get_extension_for_oid(oid).value
    assert isinstance(value, x509.UnrecognizedExtension)
    return value.value


def test_a_persons_subject_has_the_russian_fields_with_their_types(pki: Pki) -> None:
    assert attributes(pki, "lessor_person") == {
        "2.5.4.6": (19, "RU"),
        "2.5.4.8": (12, "77 г. Москва"),
        "2.5.4.7": (12, "г. Москва"),
        "2.5.4.9": (12, "Промышленная улица, д. 3"),
        "2.5.4.10": (12, "ООО «ЛизингПром»"),
        "2.5.4.12": (12, "Главный бухгалтер"),
        "2.5.4.4": (12, "Соколова"),
        "2.5.4.42": (12, "Марина Андреевна"),
        "1.2.840.113549.1.9.1": (22, "sokolova@lizingprom.demo.test"),
        "1.2.643.100.1": (18, "1997700000010"),
        "1.2.643.100.3": (18, "90000000182"),
        "1.2.643.100.4": (18, "7700000016"),
        "1.2.643.3.131.1.1": (18, "770000000156"),
        "2.5.4.3": (12, "ООО «ЛизингПром»"),
    }


def test_an_organizations_subject_has_no_person_and_an_employees_no_company(pki: Pki) -> None:
    organization, employee = attributes(pki, "lessor_organization"), attributes(pki, "lessor_employee")

    assert not {"2.5.4.4", "2.5.4.42", "2.5.4.12", "1.2.643.100.3", "1.2.643.3.131.1.1"} & set(organization)
    assert not {"2.5.4.10", "1.2.643.100.1", "1.2.643.100.4"} & set(employee)
    assert employee["2.5.4.3"][1] == "Громов Пётр Ильич"


def test_our_own_reader_finds_the_same_subject(pki: Pki) -> None:
    subject = pki.certificate("client_one_person").subject

    assert (subject.inn, subject.inn_le, subject.ogrn, subject.snils) == (
        "780000000177",
        "7800000010",
        "1997800000010",
        "90000000384",
    )
    assert (subject.surname, subject.given_name, subject.title) == (
        "Лебедева",
        "Анна Сергеевна",
        "Генеральный директор",
    )


def test_a_signer_may_sign_and_is_qualified_in_form(pki: Pki) -> None:
    usage = extension(pki, "lessor_person", x509.KeyUsage)
    policies = extension(pki, "lessor_person", x509.CertificatePolicies)
    subject_tool, issuer_tool, identified = (
        unknown_extension(pki, "lessor_person", oid)
        for oid in (SUBJECT_SIGN_TOOL, ISSUER_SIGN_TOOL, IDENTIFICATION_KIND)
    )

    assert usage.critical
    assert usage.value.digital_signature
    assert usage.value.content_commitment
    assert not usage.value.key_cert_sign
    assert [policy.policy_identifier.dotted_string for policy in policies.value] == ["1.2.643.100.113.1"]
    assert core.UTF8String.load(subject_tool).native.startswith("Демонстрационное средство ЭП")
    assert len(core.SequenceOf.load(issuer_tool, spec=core.UTF8String)) == 4
    assert core.Integer.load(identified).native == 0
    with pytest.raises(x509.ExtensionNotFound):
        extension(pki, "lessor_person", x509.BasicConstraints)


def test_a_certificate_tells_where_its_evidence_is(pki: Pki) -> None:
    access = {
        description.access_method: description.access_location.value
        for description in extension(pki, "lessor_person", x509.AuthorityInformationAccess).value
    }
    points = extension(pki, "lessor_person", x509.CRLDistributionPoints).value
    above = extension(pki, "issuing", x509.CRLDistributionPoints).value

    assert access == {
        AuthorityInformationAccessOID.OCSP: "http://pki.demo.test/ocsp",
        AuthorityInformationAccessOID.CA_ISSUERS: "http://pki.demo.test/ca/issuing.cer",
    }
    assert [name.value for point in points for name in point.full_name] == ["http://pki.demo.test/crl/issuing.crl"]
    assert [name.value for point in above for name in point.full_name] == ["http://pki.demo.test/crl/root.crl"]


def test_keys_are_linked_by_identifiers(pki: Pki) -> None:
    authority_key = extension(pki, "lessor_person", x509.AuthorityKeyIdentifier).value.key_identifier

    assert authority_key == extension(pki, "issuing", x509.SubjectKeyIdentifier).value.digest
    assert authority_key != extension(pki, "root", x509.SubjectKeyIdentifier).value.digest


def test_the_timestamping_authority_has_its_only_purpose_critical(pki: Pki) -> None:
    purposes = extension(pki, "tsa", x509.ExtendedKeyUsage)

    assert purposes.critical
    assert list(purposes.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def test_the_responder_is_delegated_and_not_asked_about(pki: Pki) -> None:
    purposes = extension(pki, "ocsp", x509.ExtendedKeyUsage)

    assert list(purposes.value) == [ExtendedKeyUsageOID.OCSP_SIGNING]
    assert extension(pki, "ocsp", x509.OCSPNoCheck)
    assert pki.certificate("ocsp").issuer_der == pki.certificate("issuing").subject_der
    with pytest.raises(x509.ExtensionNotFound):
        extension(pki, "ocsp", x509.CRLDistributionPoints)


def test_authorities_may_only_certify(pki: Pki) -> None:
    for name, length in (("root", None), ("issuing", 0)):
        constraints = extension(pki, name, x509.BasicConstraints)
        usage = extension(pki, name, x509.KeyUsage).value

        assert constraints.critical
        assert constraints.value == x509.BasicConstraints(ca=True, path_length=length)
        assert (usage.key_cert_sign, usage.crl_sign, usage.digital_signature) == (True, True, False)


def test_leaves_live_fifteen_months_and_authorities_ten_years(pki: Pki, now: datetime) -> None:
    leaf, authority = pki.certificate("lessor_person"), pki.certificate("issuing")

    assert leaf.not_before == now - timedelta(days=1)
    assert 455 <= (leaf.not_after - now).days <= 459
    assert 3651 <= (authority.not_after - now).days <= 3653
    assert pki.certificate("expired").not_after < now < pki.certificate("not_yet_valid").not_before


def test_keys_are_gost(pki: Pki) -> None:
    assert pki.certificate("root").public_key_algorithm == "gost2012_512"
    assert pki.certificate("lessor_person").public_key_algorithm == "gost2012_256"
    # the parameter set CryptoPro-XchA (RFC 9215) stands in the key
    assert bytes.fromhex("06072a850302022400") in pki.certificate("lessor_person").public_key_info


def test_serial_numbers_are_positive_long_and_different(pki: Pki) -> None:
    serials = [pki.certificate(name).serial for name in pki.names]

    assert len(set(serials)) == len(serials)
    assert all(0 < serial < 1 << 159 for serial in serials)
    assert all(serial.bit_length() > 100 for serial in serials)


@pytest.mark.parametrize("name", GOOD)
def test_openssl_accepts_the_chain(name: str, files: Path, openssl: OpenSsl) -> None:
    chain = ("-CAfile", "roots.pem", "-untrusted", "intermediates.pem")

    done = openssl("verify", "-x509_strict", "-check_ss_sig", *chain, f"{name}.pem")

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"{name}.pem: OK"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("expired", "certificate has expired"),
        ("not_yet_valid", "certificate is not yet valid"),
        ("foreign", "unable to get local issuer certificate"),
    ],
)
def test_openssl_refuses_what_must_not_pass(name: str, reason: str, files: Path, openssl: OpenSsl) -> None:
    done = openssl("verify", "-CAfile", "roots.pem", "-untrusted", "intermediates.pem", f"{name}.pem")

    assert done.returncode != 0
    assert reason in done.stderr


@pytest.mark.parametrize(
    ("name", "purpose", "passes"),
    [
        ("tsa", "timestampsign", True),
        ("lessor_person", "timestampsign", False),
        ("lessor_person", "smimesign", True),
        ("tsa", "smimesign", False),
        ("ocsp", "ocsphelper", True),
    ],
)
def test_openssl_sees_the_purpose(name: str, purpose: str, passes: bool, files: Path, openssl: OpenSsl) -> None:  # noqa: FBT001 a parameter of the table
    done = openssl(
        *("verify", "-purpose", purpose, "-CAfile", "roots.pem", "-untrusted", "intermediates.pem", f"{name}.pem")
    )

    assert (done.returncode == 0) is passes, done.stderr


def test_openssl_shows_the_russian_extensions(files: Path, openssl: OpenSsl) -> None:
    shown = openssl("x509", "-in", "lessor_person.pem", "-noout", "-text", "-nameopt", "utf8").stdout

    assert "Signing Tool of Subject" in shown
    assert "cATool      : Демонстрационное средство УЦ" in shown
    assert "Class of Signing Tool KC1" in shown
    assert "SNILS" in shown


def test_another_algorithm_needs_only_another_word(now: datetime) -> None:
    text = DECLARATION.read_text(encoding="utf-8")
    text = text.replace('key = "gost2012_512:A"', 'key = "ec:P-256"').replace(
        'key = "gost2012_256:XA"', 'key = "ec:P-256"'
    )
    western = build(load_declaration(text.encode()), now=now, host="pki.example")
    issuing, root = read(western, "issuing"), read(western, "root")

    public = root.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    issuing.verify_directly_issued_by(root)
    assert western.addresses.ocsp == "http://pki.example/ocsp"


def test_building_is_quick(declaration: PkiDeclaration, now: datetime) -> None:
    started = time.thread_time()

    build(declaration, now=now, host="pki.demo.test")

    assert time.thread_time() - started < 5
