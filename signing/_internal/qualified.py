"""What a qualified certificate says of itself (приказ ФСБ России 27.12.2011 № 795): owner, tools, limits, faults.

The fields are told as they are written; a certificate that breaks the form is still verified, the breaches are told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar

from signing._internal import der, oids
from signing._internal.certificates import Certificate
from signing._internal.errors import BadInput

Owner = Literal["person", "entrepreneur", "representative", "organization", "authority", "unknown"]
_Value = TypeVar("_Value")
_CLASSES = {"1": "КС1", "2": "КС2", "3": "КС3", "4": "КВ1", "5": "КВ2", "6": "КА1"}
_IDENTIFICATIONS = {
    0: "личное присутствие",
    1: "квалифицированная подпись",
    2: "загранпаспорт с биометрией",
    3: "ЕСИА и единая биометрическая система",
}
_LENGTHS = {"inn": 12, "inn_le": 10, "ogrn": 13, "ogrnip": 15, "snils": 11}
_NAMES = {"inn": "ИНН", "inn_le": "ИНН ЮЛ", "ogrn": "ОГРН", "ogrnip": "ОГРНИП", "snils": "СНИЛС"}
_REQUIRED: dict[Owner, tuple[str, ...]] = {
    "person": ("snils", "inn"),
    "entrepreneur": ("snils", "inn", "ogrnip"),
    "representative": ("snils", "inn", "inn_le", "ogrn"),
    "organization": ("inn_le", "ogrn"),
    "authority": ("ogrn",),
    "unknown": (),
}


@dataclass(frozen=True, kw_only=True)
class QualifiedFields:
    """The fields of приказ 795 in one certificate.

    `owner`: "person" (physical), "entrepreneur", "representative" (a person acting for an organisation),
    "organization" (no person: automatic signing), "authority". `issuer_sign_tool`: the tool, the authority's tools and
    their certificates. `identification`: how the owner was identified, -1 and "" when the certificate does not say.
    `purposes` are dotted extended key usages: limits of use. `key_until`: the end of the private key's own period.
    `faults`: how the certificate departs from the form, in Russian.
    """

    owner: Owner
    subject_sign_tool: str = ""
    issuer_sign_tool: tuple[str, ...] = ()
    identification: int = -1
    identification_ru: str = ""
    tool_classes: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    key_from: datetime | None = None
    key_until: datetime | None = None
    faults: tuple[str, ...] = ()

    @property
    def qualified(self) -> bool:
        """Whether the marks of a qualified certificate are there: a class of tools and both names of tools."""
        return bool(self.tool_classes and self.subject_sign_tool and self.issuer_sign_tool)


def qualified_fields(certificate: Certificate) -> QualifiedFields:
    """Read the fields; never raises on a malformed extension, `faults` tells."""
    faults: list[str] = []
    tool = _guarded(faults, "subjectSignTool", lambda: _text(certificate, oids.SUBJECT_SIGN_TOOL)) or ""
    tools = _guarded(faults, "issuerSignTool", lambda: _texts(certificate, oids.ISSUER_SIGN_TOOL)) or ()
    found = _guarded(faults, "identificationKind", lambda: _number(certificate, oids.IDENTIFICATION_KIND))
    policies = _guarded(faults, "certificatePolicies", lambda: certificate.policies) or ()
    period = _guarded(faults, "privateKeyUsagePeriod", lambda: _period(certificate)) or (None, None)
    purposes = _guarded(faults, "extendedKeyUsage", lambda: certificate.extended_key_usage) or ()
    owner = owner_of(certificate)
    classes = tuple(
        _CLASSES[one.removeprefix(oids.QUALIFIED_POLICY_PREFIX)]
        for one in policies
        if one.removeprefix(oids.QUALIFIED_POLICY_PREFIX) in _CLASSES and one.startswith(oids.QUALIFIED_POLICY_PREFIX)
    )
    kind = -1 if found is None else found
    if tools and len(tools) != 4:
        faults.append(f"в issuerSignTool {len(tools)} строк вместо четырёх")
    if found is not None and found not in _IDENTIFICATIONS:
        faults.append(f"неизвестный способ идентификации {found}")
    faults += _subject_faults(certificate, owner)
    return QualifiedFields(
        owner=owner,
        subject_sign_tool=tool,
        issuer_sign_tool=tools,
        identification=kind,
        identification_ru=_IDENTIFICATIONS.get(kind, ""),
        tool_classes=classes,
        policies=policies,
        purposes=purposes,
        key_from=period[0],
        key_until=period[1],
        faults=tuple(faults),
    )


def owner_of(certificate: Certificate) -> Owner:
    """Whose certificate it is, by the fields of its subject (приказ 795, пп. 17-20)."""
    subject = certificate.subject
    if certificate.is_ca:
        return "authority"
    person = bool(subject.surname or subject.given_name)
    if subject.ogrnip:
        return "entrepreneur"
    if subject.organization_inn or subject.ogrn:
        return "representative" if person else "organization"
    return "person" if person or subject.snils else "unknown"


def _subject_faults(certificate: Certificate, owner: Owner) -> list[str]:
    subject = certificate.subject
    faults = [
        f"нет поля {_NAMES[field]}"
        for field in _REQUIRED[owner]
        if not getattr(subject, field) and not (field == "inn_le" and subject.organization_inn)
    ]
    for field, length in _LENGTHS.items():
        value = getattr(subject, field)
        if value and not (value.isascii() and value.isdigit() and len(value) == length):
            faults.append(f"{_NAMES[field]} не из {length} цифр")
    return faults


def _guarded(faults: list[str], what: str, read: Callable[[], _Value]) -> _Value | None:
    try:
        return read()
    except BadInput as error:
        faults.append(f"{what} не читается: {error}")
        return None


def _text(certificate: Certificate, dotted: str) -> str:
    found = certificate.extensions.get(dotted)
    return der.read_all(found.value, "sign tool").text() if found else ""


def _texts(certificate: Certificate, dotted: str) -> tuple[str, ...]:
    found = certificate.extensions.get(dotted)
    return tuple(one.text() for one in der.read_all(found.value, "sign tool").sequence("sign tool")) if found else ()


def _number(certificate: Certificate, dotted: str) -> int | None:
    found = certificate.extensions.get(dotted)
    return der.read_all(found.value, "identificationKind").integer() if found else None


def _period(certificate: Certificate) -> tuple[datetime | None, datetime | None]:
    """privateKeyUsagePeriod: implicit GeneralizedTimes (RFC 3280, 4.2.1.4)."""
    found = certificate.extensions.get(oids.PRIVATE_KEY_USAGE_PERIOD)
    if found is None:
        return None, None
    members = der.read_all(found.value, "privateKeyUsagePeriod").sequence("privateKeyUsagePeriod")
    instants = {one.tag: der.read(der.tlv(der.GENERALIZED_TIME, one.value)).time() for one in members}
    return instants.get(0x80), instants.get(0x81)
