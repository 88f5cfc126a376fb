"""The DER forms that issuing needs beyond those of `signing._internal.der` (X.690)."""

from __future__ import annotations

from signing._internal import der

_CONSTRUCTED = 0x20


def text(value: str) -> bytes:
    """UTF8String."""
    return der.tlv(der.UTF8_STRING, value.encode())


def printable(value: str) -> bytes:
    """PrintableString."""
    return der.tlv(der.PRINTABLE_STRING, value.encode("ascii"))


def numeric(digits: str) -> bytes:
    """NumericString."""
    return der.tlv(der.NUMERIC_STRING, digits.encode("ascii"))


def ia5(value: str) -> bytes:
    """IA5String."""
    return der.tlv(der.IA5_STRING, value.encode("ascii"))


def enumerated(value: int) -> bytes:
    """ENUMERATED of a small number."""
    return der.tlv(der.ENUMERATED, bytes((value,)))


def named_bits(*bits: int) -> bytes:
    """BIT STRING of a named bit list, without trailing zero bits (X.690, 11.2.2)."""
    last = max(bits)
    octets = bytearray(last // 8 + 1)
    for bit in bits:
        octets[bit // 8] |= 0x80 >> bit % 8
    return der.tlv(der.BIT_STRING, bytes((7 - last % 8,)), bytes(octets))


def implicit(number: int, element: bytes) -> bytes:
    """[number] IMPLICIT: the element's own tag is replaced, its constructed bit stays."""
    return bytes((0x80 | element[0] & _CONSTRUCTED | number,)) + element[1:]


def extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    """Extension of a certificate, a CRL or an OCSP answer around the DER of its value (RFC 5280, 4.1)."""
    flag = der.boolean(True) if critical else b""  # DEFAULT FALSE is not written
    return der.sequence(der.oid(oid), flag, der.octet_string(value))
