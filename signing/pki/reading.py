"""Read the TOML declaration of a PKI and refuse what cannot be built, naming the place."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from signing.pki import identifiers
from signing.pki.declaration import (
    Authority,
    Company,
    Issued,
    Name,
    Offset,
    Person,
    PkiDeclaration,
    Responder,
    RevocationReason,
    Signer,
    SigningTools,
    TimestampAuthority,
)
from signing.pki.errors import BadDeclaration

_T = TypeVar("_T")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")  # becomes a file name and a part of a URL
_OID = re.compile(r"[0-2](\.(0|[1-9]\d*))+")
_DEFAULT_KEY = "gost2012_256:XA"
_DEFAULT_FROM = "-1d"
_DEFAULT_UNTIL = "+15mo"  # the usual life of a qualified certificate
_NUMBERS: Mapping[str, Callable[[str], bool]] = {
    "inn": identifiers.is_inn_of_person,
    "inn_le": identifiers.is_inn_of_company,
    "ogrn": identifiers.is_ogrn,
    "ogrnip": identifiers.is_ogrnip,
    "snils": identifiers.is_snils,
}


class _Table:
    """One TOML table: takes keys out with their types, complains about those that nobody took."""

    def __init__(self, where: str, data: object) -> None:
        if not isinstance(data, dict):
            raise BadDeclaration(where, "a table is expected")
        self.where = where
        self._data: dict[str, Any] = dict(data)

    def bad(self, key: str, what: str) -> BadDeclaration:
        return BadDeclaration(f"{self.where}.{key}" if self.where else key, what)

    def has(self, key: str) -> bool:
        return key in self._data

    def take(self, key: str, kind: type[_T], default: _T | None = None) -> _T:
        value = self._data.pop(key, default)
        if value is None:
            raise self.bad(key, "is missing")
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.bad(key, f"must be {kind.__name__}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        value = self.take(key, str, default)
        if not value.strip():
            raise self.bad(key, "is empty")
        return value

    def optional_text(self, key: str) -> str | None:
        return self.text(key) if self.has(key) else None

    def offset(self, key: str, default: str | None = None) -> Offset:
        text = self.text(key, default)
        try:
            return Offset.parse(text)
        except ValueError:
            raise self.bad(key, f"{text!r} is not an offset like -3y, +15mo, -90d or +1h") from None

    def number(self, key: str, kind: str, default: str | None = None) -> str:
        value = self.text(key, default)
        if not _NUMBERS[kind](value):
            raise self.bad(key, f"{value!r} has the wrong length or check digits")
        return value

    def positive(self, key: str, default: int) -> int:
        value = self.take(key, int, default)
        if value < 1:
            raise self.bad(key, "must be at least 1")
        return value

    def oid(self, key: str) -> str:
        value = self.text(key)
        if _OID.fullmatch(value) is None:
            raise self.bad(key, f"{value!r} is not an object identifier")
        return value

    def table(self, key: str) -> _Table:
        return _Table(f"{self.where}.{key}" if self.where else key, self.take(key, dict))

    def tables(self, key: str) -> list[tuple[str, _Table]]:
        where = f"{self.where}.{key}" if self.where else key
        found = _Table(where, self.take(key, dict, {}))
        for name in found._data:
            if _NAME.fullmatch(name) is None:
                raise found.bad(name, "a name is Latin lower case, digits and _, up to 40 characters")
        return [(name, _Table(f"{where}.{name}", data)) for name, data in found._data.items()]

    def done(self) -> None:
        for key in self._data:
            raise self.bad(key, "is not known")


def load_declaration(source: Path | str | bytes) -> PkiDeclaration:
    """Read a declaration from a file or from its bytes; BadDeclaration names what is wrong and where."""
    if isinstance(source, bytes):
        content = source
    else:
        try:
            content = Path(source).read_bytes()
        except OSError as error:
            raise BadDeclaration(str(source), f"cannot be read: {error.strerror}") from error
    try:
        root = _Table("", tomllib.loads(content.decode()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadDeclaration("file", f"is not TOML: {error}") from error
    companies = {code: _company(code, table) for code, table in root.tables("companies")}
    people = {code: _person(code, table) for code, table in root.tables("people")}
    declaration = PkiDeclaration(
        source=content,
        tools=_tools(root.table("profile")),
        authorities={name: _authority(name, table) for name, table in root.tables("authorities")},
        responders={name: _responder(name, table) for name, table in root.tables("responders")},
        timestampers={name: _timestamper(name, table) for name, table in root.tables("timestampers")},
        companies=companies,
        people=people,
        subjects={name: _signer(name, table, companies, people) for name, table in root.tables("subjects")},
    )
    root.done()
    _check_references(declaration)
    return declaration


def _tools(table: _Table) -> SigningTools:
    tools = SigningTools(**{field.name: table.text(field.name) for field in dataclasses.fields(SigningTools)})
    table.done()
    return tools


def _company(code: str, table: _Table) -> Company:
    kpp = table.text("kpp")
    if re.fullmatch(r"\d{4}[\dA-Z]{2}\d{3}", kpp) is None:
        raise table.bad("kpp", f"{kpp!r} is not a КПП")
    company = Company(
        code=code,
        kpp=kpp,
        name=table.text("name"),
        inn=table.number("inn", "inn_le"),
        ogrn=table.number("ogrn", "ogrn"),
        region=table.text("region"),
        locality=table.text("locality"),
        street=table.text("street"),
    )
    table.done()
    return company


def _person(code: str, table: _Table) -> Person:
    person = Person(
        code=code,
        surname=table.text("surname"),
        given_name=table.text("given_name"),
        inn=table.number("inn", "inn"),
        snils=table.number("snils", "snils"),
        email=table.optional_text("email"),
    )
    table.done()
    return person


def _name(table: _Table) -> Name:
    fields = {}
    for field in dataclasses.fields(Name):
        if field.name in _NUMBERS and table.has(field.name):
            fields[field.name] = table.number(field.name, field.name)
        elif field.name == "common_name" or table.has(field.name):
            fields[field.name] = table.text(field.name)
    country = fields.get("country")
    if country is not None and re.fullmatch(r"[A-Z]{2}", country) is None:
        raise table.bad("country", "is two capital Latin letters")
    table.done()
    return Name(**fields)


def _common(name: str, table: _Table, subject: Name) -> dict[str, Any]:
    return {
        "name": name,
        "subject": subject,
        "key": table.text("key", _DEFAULT_KEY),
        "valid_from": table.offset("from", _DEFAULT_FROM),
        "valid_until": table.offset("until", _DEFAULT_UNTIL),
        "issuer": table.optional_text("issuer"),
    }


def _authority(name: str, table: _Table) -> Authority:
    policies = table.take("policies", list, [])
    for policy in policies:
        if not isinstance(policy, str) or _OID.fullmatch(policy) is None:
            raise table.bad("policies", f"{policy!r} is not an object identifier")
    common = _common(name, table, _name(table.table("subject")))
    authority = Authority(
        **common,
        policies=tuple(policies),
        trusted=table.take("trusted", bool, default=False),
        crl_days=table.positive("crl_days", 7),
        responder=table.optional_text("responder"),
    )
    if authority.trusted and authority.issuer is not None:
        raise table.bad("trusted", "is said of roots only")
    table.done()
    return authority


def _responder(name: str, table: _Table) -> Responder:
    common = _common(name, table, _name(table.table("subject")))
    responder = Responder(**common, answer_hours=table.positive("answer_hours", 24))
    table.done()
    return responder


def _timestamper(name: str, table: _Table) -> TimestampAuthority:
    common = _common(name, table, _name(table.table("subject")))
    tsa = TimestampAuthority(
        **common, policy=table.oid("policy"), accuracy_seconds=table.positive("accuracy_seconds", 1)
    )
    table.done()
    return tsa


def _signer(name: str, table: _Table, companies: Mapping[str, Company], people: Mapping[str, Person]) -> Signer:
    company_code, person_code = table.optional_text("company"), table.optional_text("person")
    company = companies.get(company_code) if company_code else None
    person = people.get(person_code) if person_code else None
    if company_code and company is None:
        raise table.bad("company", f"there is no company {company_code!r}")
    if person_code and person is None:
        raise table.bad("person", f"there is no person {person_code!r}")
    revoked_at, reason = _revocation(table)
    signer = Signer(
        **_common(name, table, _signer_name(table, company, person)),
        company=company_code,
        person=person_code,
        revoked_at=revoked_at,
        revocation_reason=reason,
    )
    table.done()
    return signer


def _signer_name(table: _Table, company: Company | None, person: Person | None) -> Name:
    """The subject as приказ ФСБ № 795 wants it: of a company, of a company's person, or of a natural person."""
    title = table.optional_text("title")
    if company is None and person is None:
        raise table.bad("company", "a subject has a company, a person or both")
    if title is not None and (company is None or person is None):
        raise table.bad("title", "is of a person in a company")
    return Name(
        common_name=company.name if company else f"{person.surname} {person.given_name}" if person else "",
        surname=person.surname if person else None,
        given_name=person.given_name if person else None,
        title=title,
        organization=company.name if company else None,
        inn=person.inn if person else None,
        inn_le=company.inn if company else None,
        ogrn=company.ogrn if company else None,
        snils=person.snils if person else None,
        country="RU",
        region=company.region if company else None,
        locality=company.locality if company else None,
        street=company.street if company else None,
        email=person.email if person else None,
    )


def _revocation(table: _Table) -> tuple[Offset | None, RevocationReason]:
    if not table.has("revoked"):
        return None, RevocationReason.UNSPECIFIED
    revoked = table.table("revoked")
    at, word = revoked.offset("at"), revoked.text("reason", RevocationReason.UNSPECIFIED)
    try:
        reason = RevocationReason(word)
    except ValueError:
        raise revoked.bad("reason", f"{word!r} is not a CRLReason of RFC 5280") from None
    revoked.done()
    return at, reason


def _check_references(declaration: PkiDeclaration) -> None:
    """Names are unique over the whole PKI, issuers stand before what they issue, responders answer for their issuer."""
    seen: set[str] = set()
    for issued in declaration.issued():
        where = f"{_section(issued)}.{issued.name}"
        if issued.name in seen:
            raise BadDeclaration(where, "the name is used twice")
        if issued.issuer is None and not isinstance(issued, Authority):
            raise BadDeclaration(f"{where}.issuer", "is missing")
        if issued.issuer is not None and (issued.issuer not in declaration.authorities or issued.issuer not in seen):
            raise BadDeclaration(f"{where}.issuer", f"no authority {issued.issuer!r} is declared above")
        seen.add(issued.name)
    for authority in declaration.authorities.values():
        if authority.responder is None:
            continue
        responder = declaration.responders.get(authority.responder)
        if responder is None or responder.issuer != authority.name:
            raise BadDeclaration(f"authorities.{authority.name}.responder", "is not a responder issued by it")


def _section(issued: Issued) -> str:
    match issued:
        case Authority():
            return "authorities"
        case Responder():
            return "responders"
        case TimestampAuthority():
            return "timestampers"
        case _:
            return "subjects"
