"""Reading CMS SignedData (RFC 5652) as it comes: DER, BER, PEM, bare base64, base64 of UTF-16; attached or detached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from signing._internal import der, oids, pem
from signing._internal.errors import BadInput

_MAX_SIGNERS = 1000
_USUAL_SIZE = 2048


class Attribute:
    """One attribute: its type and its values."""

    __slots__ = ("node", "oid", "values")

    def __init__(self, node: der.Node) -> None:
        members = node.sequence("Attribute", 2)
        self.node = node
        self.oid = members[0].oid()
        self.values = members[1].expect(der.SET, "attrValues").children()


class SignerInfo:
    """One SignerInfo (RFC 5652, 5.3)."""

    def __init__(self, node: der.Node) -> None:
        members = node.sequence("SignerInfo", 5)
        self.node = node
        self.version = members[0].integer()
        self.issuer: bytes | None = None
        self.serial: int | None = None
        self.key_id: bytes | None = None
        if members[1].tag in {0x80, 0xA0}:
            self.key_id = members[1].octets()
        else:
            identifier = members[1].sequence("IssuerAndSerialNumber", 2)
            self.issuer, self.serial = _normal(identifier[0].raw), identifier[1].integer()
        self.digest_node = members[2]
        rest = members[3:]
        self._signed: der.Node | None = rest.pop(0) if rest[0].tag == 0xA0 else None
        if len(rest) < 2:
            raise BadInput("SignerInfo is too short")
        self.signature_algorithm = _normal(rest[0].expect(der.SEQUENCE, "signatureAlgorithm").raw)
        self.signature = _octet_string(rest[1], "signature")
        self.unsigned_node = rest[2] if len(rest) > 2 and rest[2].tag == 0xA1 else None

    @property
    def has_signed_attributes(self) -> bool:
        """Whether signedAttrs are there at all."""
        return self._signed is not None

    @cached_property
    def signed_attributes(self) -> list[Attribute]:
        """The signed attributes in their order; BadInput when they are malformed."""
        return [Attribute(child) for child in self._signed_children]

    @cached_property
    def _signed_children(self) -> list[der.Node]:
        return self._signed.children() if self._signed else []

    @cached_property
    def unsigned_attributes(self) -> list[Attribute]:
        """The unsigned attributes; malformed ones are passed over, nothing rests on their presence."""
        found = []
        if self.unsigned_node is not None:
            for child in self.unsigned_node.children():
                try:
                    found.append(Attribute(child))
                except BadInput:
                    continue
        return found

    def signed_forms(self) -> Iterator[tuple[str, bytes]]:
        """What the signature may be over: DER order first (RFC 5652, 5.4), then the attributes as they are encoded."""
        if self._signed is None:
            return
        as_encoded = b"\x31" + self._signed.raw[1:]
        members = [_normal(child.raw) for child in self._signed_children]
        ordered = der.set_of(members)
        yield "der", ordered
        for unsorted in (as_encoded, der.tlv(der.SET, *members)):
            if unsorted != ordered:
                yield "as-encoded", unsorted

    def unsigned(self, dotted: str) -> list[der.Node]:
        """All values of an unsigned attribute."""
        return [value for item in self.unsigned_attributes if item.oid == dotted for value in item.values]

    def signed(self, dotted: str) -> list[der.Node]:
        """All values of a signed attribute."""
        return [value for item in self.signed_attributes if item.oid == dotted for value in item.values]


@dataclass(frozen=True, kw_only=True)
class SignedData:
    """SignedData: the content when it is attached, certificates and revocation data (DER), the signers.

    `form` is der, ber, pem or base64; `padding` counts zero octets after the value; `extra` tells of other octets.
    `parts` are encapContentInfo and, when present, certificates and crls as they are encoded.
    """

    content_type: str
    content: bytes | None
    certificates: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    ocsps: tuple[bytes, ...]
    signers: tuple[SignerInfo, ...]
    raw: bytes
    parts: tuple[der.Node, ...] = ()
    form: str = "der"
    padding: int = 0
    extra: int = 0


def read_signed_data(data: bytes) -> SignedData:
    """Read a signature file; BadInput when it is not CMS SignedData."""
    blob, form = unwrap(data)
    root = der.read(blob)
    tail = blob[root.end :]
    if form != "der" and not tail.strip():
        tail = b""
    if form == "der" and blob[root.start + 1] == 0x80:
        form = "ber"
    members = root.sequence("ContentInfo", 2)
    if members[0].oid() != oids.SIGNED_DATA:
        raise BadInput("the file is CMS, but not SignedData", members[0].oid())
    padding = 0 if tail.strip(b"\0") else len(tail)
    return _signed_data(members[1].inner(), raw=root.raw, form=form, tail=(padding, len(tail) - padding))


def _signed_data(node: der.Node, *, raw: bytes, form: str, tail: tuple[int, int]) -> SignedData:
    members = node.sequence("SignedData", 4)
    encapsulated = members[2].sequence("EncapsulatedContentInfo", 1)
    certificates: list[bytes] = []
    crls: list[bytes] = []
    ocsps: list[bytes] = []
    rest, parts = members[3:], [members[2]]
    while rest and rest[0].tag in {0xA0, 0xA1}:
        part = rest.pop(0)
        parts.append(part)
        if part.tag == 0xA0:
            certificates += [choice.raw for choice in part.children() if choice.tag == der.SEQUENCE]
        else:
            _read_revocation(part.children(), crls, ocsps)
    if not rest:
        raise BadInput("SignedData has no signerInfos")
    infos = rest[0].expect(der.SET, "signerInfos").children()
    if len(infos) > _MAX_SIGNERS:
        raise BadInput(f"more than {_MAX_SIGNERS} signers")
    return SignedData(
        content_type=encapsulated[0].oid(),
        content=_content(encapsulated),
        certificates=tuple(certificates),
        crls=tuple(crls),
        ocsps=tuple(ocsps),
        signers=tuple(SignerInfo(info) for info in infos),
        raw=raw,
        parts=tuple(parts),
        form=form,
        padding=tail[0],
        extra=tail[1],
    )


def _content(encapsulated: Sequence[der.Node]) -> bytes | None:
    if len(encapsulated) < 2:
        return None
    inner = encapsulated[1].expect(0xA0, "eContent").inner()
    if inner.tag in {der.OCTET_STRING, 0x24}:
        return inner.octets()
    return inner.value  # PKCS#7 before CMS: any value; the digest is over its contents (RFC 5652, 5.2.1)


def _normal(raw: bytes) -> bytes:
    """DER of a name, an algorithm, an attribute; many come again in each file, so those of usual size are remembered."""
    return _known_normal(raw) if len(raw) <= _USUAL_SIZE else der.read(raw).der()


@lru_cache(maxsize=1024)
def _known_normal(raw: bytes) -> bytes:
    return der.read(raw).der()


def _octet_string(node: der.Node, what: str) -> bytes:
    if node.tag not in {der.OCTET_STRING, 0x24}:
        raise BadInput(f"{what}: an octet string is expected", f"offset {node.start}")
    return node.octets()


def _read_revocation(choices: list[der.Node], crls: list[bytes], ocsps: list[bytes]) -> None:
    for choice in choices:
        if choice.tag == der.SEQUENCE:
            crls.append(choice.raw)
            continue
        members = choice.children() if choice.tag == 0xA1 else []
        if len(members) == 2 and members[0].tag == der.OID:
            dotted = members[0].oid()
            if dotted == oids.OCSP_RESPONSE_INFO:
                ocsps.append(members[1].raw)
            elif dotted == oids.OCSP_BASIC_INFO:
                ocsps.append(wrap_basic_ocsp(members[1].raw))


def wrap_basic_ocsp(basic: bytes) -> bytes:
    """Put a BasicOCSPResponse into a successful OCSPResponse (RFC 6960, 4.2.1)."""
    body = der.sequence(der.oid(oids.OCSP_BASIC_INFO), der.octet_string(basic))
    return der.sequence(der.tlv(der.ENUMERATED, b"\x00"), der.explicit(0, body))


def unwrap(data: bytes) -> tuple[bytes, str]:
    """Find the binary value in what people send: as it is, PEM, base64, either of them in UTF-16."""
    if data[:1] == b"\x30" and (data[1:2] >= b"\x80" or not _looks_like_text(data)):
        return data, "der"
    text = data
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"} or data[1:8:2] == b"\0\0\0\0" or data[0:8:2] == b"\0\0\0\0":
        little = data[:2] == b"\xff\xfe" or (data[:2] != b"\xfe\xff" and data[1:2] == b"\0")
        text = data.decode("utf-16-le" if little else "utf-16-be", "replace").lstrip("\ufeff").encode()
    text = text.removeprefix(b"\xef\xbb\xbf")
    for label, contents in pem.blocks(text):
        if label in {"CMS", "PKCS7", "PKCS #7 SIGNED DATA", "SIGNATURE", "CERTIFICATE", "SIGNED MESSAGE"}:
            return contents, "pem"
    decoded = pem.decode_base64(text)
    if decoded and decoded[:1] != b"\x30":  # base64 of UTF-16 text that is base64 itself
        inner = pem.decode_base64(decoded.replace(b"\0", b"").removeprefix(b"\xff\xfe"))
        decoded = inner or decoded
    if decoded and decoded[:1] == b"\x30":
        return decoded, "base64"
    if data[:1] == b"\x30":
        return data, "der"
    raise BadInput("neither DER nor PEM nor base64")


def _looks_like_text(data: bytes) -> bool:
    return data[:64].isascii() and data[:64].decode("ascii").replace("\n", "").replace("\r", "").isprintable()
