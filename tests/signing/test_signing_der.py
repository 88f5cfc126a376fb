"""The reader of DER at its limits."""

import pytest

from signing import BadCertificate, BadInput, Certificate, inspect_cms
from signing._internal import der
from tests.signing.conftest import build_world


@pytest.mark.parametrize("octets", [101, 2_048, 5_000, 70_000])
@pytest.mark.parametrize("arc", [b"\xff", b"\x01"], ids=["one long number", "many small ones"])
def test_a_monstrous_object_identifier_is_bad_input(octets: int, arc: bytes) -> None:
    """One arc of 2 KB is a number of some 4,300 digits: Python refuses to print such a one with ValueError."""
    value = b"\x2a" + arc * (octets - 2) + b"\x7f"

    with pytest.raises(BadInput, match="object identifier"):
        der.read(der.tlv(der.OID, value)).oid()


def test_the_longest_object_identifier_is_read() -> None:
    value = b"\x2a" + b"\xff" * 98 + b"\x7f"

    assert der.read(der.tlv(der.OID, value)).oid() == f"1.2.{2**693 - 1}"


def test_a_certificate_and_a_message_with_one_are_refused_in_our_words() -> None:
    monster = der.tlv(der.OID, b"\x2a" + b"\xff" * 3_000 + b"\x7f")
    genuine = build_world().signer.certificate.der
    names = der.read(genuine).children()[0].children()
    subject = names[5].raw
    name = der.tlv(der.SEQUENCE, der.tlv(der.SET, der.tlv(der.SEQUENCE, monster + der.tlv(der.UTF8_STRING, b"x"))))
    members = b"".join(name if one.raw == subject else one.raw for one in names)
    outer = [one.raw for one in der.read(genuine).children()[1:]]

    with pytest.raises(BadCertificate, match="object identifier"):
        Certificate.load(der.tlv(der.SEQUENCE, der.tlv(der.SEQUENCE, members) + b"".join(outer)))
    with pytest.raises(BadInput):
        inspect_cms(der.tlv(der.SEQUENCE, monster + der.tlv(0xA0, der.tlv(der.SEQUENCE, b""))))
