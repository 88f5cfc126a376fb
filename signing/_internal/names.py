"""Distinguished names with the Russian fields (приказ ФСБ России № 795, приложение; RFC 4514, RFC 5280 § 7.1)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from signing._internal import der, oids
from signing._internal.errors import BadInput

_FIELDS = {
    "2.5.4.3": ("common_name", "CN"),
    "2.5.4.4": ("surname", "SN"),
    "2.5.4.42": ("given_name", "GN"),
    "2.5.4.12": ("title", "T"),
    "2.5.4.10": ("organization", "O"),
    "2.5.4.11": ("unit", "OU"),
    "2.5.4.6": ("country", "C"),
    "2.5.4.8": ("region", "ST"),
    "2.5.4.7": ("locality", "L"),
    "2.5.4.9": ("street", "STREET"),
    "1.2.840.113549.1.9.1": ("email", "E"),
    oids.INN: ("inn", "INN"),
    oids.INN_LE: ("inn_le", "INNLE"),
    oids.OGRN: ("ogrn", "OGRN"),
    oids.OGRNIP: ("ogrnip", "OGRNIP"),
    oids.SNILS: ("snils", "SNILS"),
    "0.9.2342.19200300.100.1.25": ("", "DC"),
    "0.9.2342.19200300.100.1.1": ("", "UID"),
    "2.5.4.5": ("", "SERIALNUMBER"),
}
_SPECIAL = frozenset('",+;<>\\')

_Names = tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The fields of a distinguished name; a field that is absent is an empty string.

    `inn` is the person's ИНН (in certificates issued before 2021 the organisation's one, with two zeros in front),
    `inn_le` the organisation's (ИННЮЛ). `rfc4514` is the whole name as text, last RDN first.
    """

    common_name: str = ""
    surname: str = ""
    given_name: str = ""
    title: str = ""
    organization: str = ""
    unit: str = ""
    inn: str = ""
    inn_le: str = ""
    ogrn: str = ""
    ogrnip: str = ""
    snils: str = ""
    country: str = ""
    region: str = ""
    locality: str = ""
    street: str = ""
    email: str = ""
    rfc4514: str = ""

    @property
    def organization_inn(self) -> str:
        """The organisation's ИНН wherever the authority wrote it; "" for a natural person."""
        if self.inn_le:
            return self.inn_le
        return self.inn[2:] if len(self.inn) == 12 and self.inn.startswith("00") else ""

    @property
    def person_inn(self) -> str:
        """The person's ИНН; "" when the field holds the organisation's."""
        return "" if len(self.inn) == 12 and self.inn.startswith("00") else self.inn

    @property
    def full_name(self) -> str:
        """Фамилия, имя и отчество; "" when the name is not a person's."""
        return f"{self.surname} {self.given_name}".strip()


def encode_name(parts: list[tuple[str, str]]) -> bytes:
    """DER of Name from (field of Subject or dotted identifier, value): ИНН, ОГРН, СНИЛС as NumericString."""
    by_field = {field: dotted for dotted, (field, _) in _FIELDS.items() if field}
    numeric = {oids.INN, oids.INN_LE, oids.OGRN, oids.OGRNIP, oids.SNILS}
    out = []
    for field, value in parts:
        dotted = by_field.get(field, field)
        tag = der.UTF8_STRING
        if dotted in numeric:
            tag = der.NUMERIC_STRING
        elif dotted == "2.5.4.6":
            tag = der.PRINTABLE_STRING
        elif dotted == "1.2.840.113549.1.9.1":
            tag = der.IA5_STRING
        out.append(der.set_of([der.sequence(der.oid(dotted), der.tlv(tag, value.encode()))]))
    return der.sequence(*out)


@lru_cache(maxsize=2048)
def read_name(raw: bytes) -> Subject:
    """Read Name (DER); BadInput."""
    fields: dict[str, str] = {}
    texts = []
    for rdn in _pairs(raw):
        texts.append("+".join(f"{_FIELDS.get(dotted, ('', dotted))[1]}={_escape(value)}" for dotted, value in rdn))
        for dotted, value in rdn:
            field = _FIELDS.get(dotted, ("", ""))[0]
            if field:
                fields[field] = f"{fields[field]}, {value}" if field == "unit" and field in fields else value
    return Subject(**fields, rfc4514=",".join(reversed(texts)))


@lru_cache(maxsize=4096)
def normal_form(raw: bytes) -> _Names:
    """The name in a form that compares as RFC 5280 § 7.1 asks: case and spaces do not matter."""
    return tuple(tuple(sorted((dotted, _fold(value)) for dotted, value in rdn)) for rdn in _pairs(raw))


def same_name(one: bytes, other: bytes) -> bool:
    """Whether two encoded names are the same name."""
    if one == other:
        return True
    try:
        return normal_form(one) == normal_form(other)
    except BadInput:
        return False


def _fold(value: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def _pairs(raw: bytes) -> _Names:
    rdns = []
    for rdn in der.read(raw).sequence("Name"):
        pairs = []
        for pair in rdn.expect(der.SET, "RelativeDistinguishedName").children():
            members = pair.sequence("AttributeTypeAndValue", 2)
            pairs.append((members[0].oid(), _value(members[1])))
        rdns.append(tuple(pairs))
    return tuple(rdns)


def _value(node: der.Node) -> str:
    try:
        return node.text()
    except BadInput:
        return "#" + node.raw.hex()


def _escape(value: str) -> str:
    escaped = "".join("\\" + char if char in _SPECIAL else "\\00" if char == "\0" else char for char in value)
    if escaped[:1] in {"#", " "}:
        escaped = "\\" + escaped
    if escaped.endswith(" ") and not escaped.endswith("\\ "):
        escaped = escaped[:-1] + "\\ "
    return escaped
