"""Certificate revocation lists (RFC 5280, 5): complete, delta, partitioned and indirect ones.

Reading says what a list states and for which certificates it may speak; who signed it and whether it is fresh is
judged in `status`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import NamedTuple

from signing._internal import der, oids
from signing._internal.certificates import (
    ALL_REASONS,
    Certificate,
    DistributionPoint,
    Extension,
    point_names,
    read_extensions,
    read_point,
    reason_flags,
)
from signing._internal.der import Node
from signing._internal.errors import BadInput
from signing._internal.names import same_name

REASONS = {
    0: "unspecified",
    1: "key_compromise",
    2: "ca_compromise",
    3: "affiliation_changed",
    4: "superseded",
    5: "cessation_of_operation",
    6: "certificate_hold",
    8: "remove_from_crl",
    9: "privilege_withdrawn",
    10: "aa_compromise",
}
_KNOWN_CRL_EXTENSIONS = {
    oids.ISSUING_DISTRIBUTION_POINT,
    oids.AUTHORITY_KEY_ID,
    oids.CRL_NUMBER,
    oids.DELTA_CRL,
}
_KNOWN_ENTRY_EXTENSIONS = {oids.REASON_CODE, oids.INVALIDITY_DATE}
# critical TRUE before extnValue: a list without these octets has no critical entry extension and need not be walked
_CRITICAL = re.compile(rb"\x01\x01[^\x00][\x04\x24]")


@dataclass(frozen=True, kw_only=True)
class Revoked:
    """When and why a certificate was revoked."""

    at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Signed:
    """Something signed: the bytes under the signature, the AlgorithmIdentifier, the signature."""

    data: bytes
    algorithm: bytes
    signature: bytes


@dataclass(frozen=True, kw_only=True)
class IssuingPoint:
    """issuingDistributionPoint (RFC 5280, 5.2.5); `names` are encoded GeneralNames, None when there are none."""

    names: frozenset[bytes] | None = None
    users: bool = False
    authorities: bool = False
    attributes: bool = False
    indirect: bool = False
    reasons: frozenset[int] = ALL_REASONS
    unknown: bool = False


_NO_LIMITS = IssuingPoint()
_Entry = list[Node]


@dataclass(frozen=True, kw_only=True)
class Crl:
    """A certificate revocation list."""

    der: bytes
    issuer: bytes
    this_update: datetime
    next_update: datetime | None
    signed: Signed
    extensions: dict[str, Extension]
    entries: tuple[int, int]  # where revokedCertificates stand in `der`

    def find(self, certificate: Certificate) -> Revoked | None:
        """Look the certificate up by its serial number, in an indirect list by its issuer too; BadInput."""
        start, stop = self.entries
        # DER writes a serial in one way only, so a CRL without these octets does not list the certificate
        if self.der.find(certificate.serial_der, start, stop) < 0:
            return None
        indirect, issuer = self.point is not None and self.point.indirect, self.issuer
        for members in self._walk():
            if indirect and len(members) > 2:
                issuer = _certificate_issuer(members[2]) or issuer
            if members[0].integer() != certificate.serial:
                continue
            if not indirect or same_name(issuer, certificate.issuer_der):
                return _revoked(members)
        return None

    def _walk(self) -> Iterator[_Entry]:
        position, stop = self.entries
        while position < stop:
            entry = der.read(self.der, position, stop)
            position = entry.end
            yield entry.sequence("revokedCertificates", 2)

    @cached_property
    def point(self) -> IssuingPoint | None:
        """issuingDistributionPoint, None without the extension; BadInput."""
        found = self.extensions.get(oids.ISSUING_DISTRIBUTION_POINT)
        return _read_point(found.value, self.issuer) if found else None

    @cached_property
    def number(self) -> int | None:
        """CRLNumber."""
        found = self.extensions.get(oids.CRL_NUMBER)
        return der.read(found.value).integer() if found else None

    @cached_property
    def base_number(self) -> int | None:
        """BaseCRLNumber of a delta CRL; None for a complete list."""
        found = self.extensions.get(oids.DELTA_CRL)
        return der.read(found.value).integer() if found else None

    @cached_property
    def strange(self) -> str | None:
        """An extension that must be understood and is not (RFC 5280, 5.2, 5.3): the list may not be used then."""
        for dotted, item in self.extensions.items():
            if item.critical and dotted not in _KNOWN_CRL_EXTENSIONS:
                return f"неизвестное критическое расширение {dotted}"
        start, stop = self.entries
        if not _CRITICAL.search(self.der, start, stop):
            return None
        known = _KNOWN_ENTRY_EXTENSIONS
        if self.point is not None and self.point.indirect:
            known = known | {oids.CERTIFICATE_ISSUER}
        for members in self._walk():
            for dotted, item in (read_extensions(members[2]) if len(members) > 2 else {}).items():
                if item.critical and dotted not in known:
                    return f"неизвестное критическое расширение {dotted} в записи списка"
        return None

    def fits(self, base: Crl) -> bool:
        """Whether this delta CRL continues `base` (RFC 5280, 6.3.3, step c; 5.2.4)."""
        if self.base_number is None or self.number is None or base.number is None or base.base_number is not None:
            return False
        same_scope = all(
            _value(self, dotted) == _value(base, dotted)
            for dotted in (oids.ISSUING_DISTRIBUTION_POINT, oids.AUTHORITY_KEY_ID)
        )
        return same_scope and same_name(self.issuer, base.issuer) and self.base_number <= base.number < self.number

    @cached_property
    def freshest_crl(self) -> tuple[DistributionPoint, ...]:
        """Where delta CRLs of this complete list are (RFC 5280, 5.2.6)."""
        found = self.extensions.get(oids.FRESHEST_CRL)
        if found is None:
            return ()
        return tuple(read_point(item, self.issuer) for item in der.read(found.value).sequence("FreshestCRL"))

    @property
    def keeps_expired_since(self) -> datetime | None:
        """expiredCertsOnCRL: certificates that expired after this moment stay on the list (X.509, 9.5.2.8)."""
        found = self.extensions.get(oids.EXPIRED_CERTS_ON_CRL)
        return der.read(found.value).time() if found else None


def _value(crl: Crl, dotted: str) -> bytes | None:
    found = crl.extensions.get(dotted)
    return found.value if found else None


@lru_cache(maxsize=32)  # lists of large authorities take megabytes
def read_crl(data: bytes) -> Crl:
    """Read a CRL (DER); BadInput."""
    outer = der.read_all(data, "CertificateList").sequence("CertificateList", 3)
    tbs = outer[0].sequence("TBSCertList", 3)
    if tbs[0].tag == der.INTEGER:
        tbs.pop(0)
    if len(tbs) < 3:
        raise BadInput("TBSCertList has fewer than the algorithm, the issuer and the time (RFC 5280, 5.1)")
    if outer[1].raw != tbs[0].raw:
        raise BadInput("the signature algorithms of the CRL differ inside and outside")
    rest = tbs[3:]
    next_update = rest.pop(0).time() if rest and rest[0].tag in {der.UTC_TIME, der.GENERALIZED_TIME} else None
    entries = (0, 0)
    if rest and rest[0].tag == der.SEQUENCE:
        listed = rest.pop(0)
        entries = (listed.body, listed.stop)
    extensions = read_extensions(rest[0].inner()) if rest and rest[0].tag == 0xA0 else {}
    return Crl(
        der=data,
        issuer=tbs[1].expect(der.SEQUENCE, "issuer").raw,
        this_update=tbs[2].time(),
        next_update=next_update,
        signed=Signed(data=outer[0].raw, algorithm=outer[1].raw, signature=outer[2].bits()),
        extensions=extensions,
        entries=entries,
    )


def _revoked(members: list[der.Node]) -> Revoked:
    reason = "unspecified"
    found = (read_extensions(members[2]) if len(members) > 2 else {}).get(oids.REASON_CODE)
    if found is not None:
        reason = REASONS.get(der.read(found.value).integer(), "unspecified")
    return Revoked(at=members[1].time(), reason=reason)


def _certificate_issuer(extensions: der.Node) -> bytes | None:
    """The issuer that an entry of an indirect list names; it holds for the entries that follow (RFC 5280, 5.3.3)."""
    found = read_extensions(extensions).get(oids.CERTIFICATE_ISSUER)
    if found is None:
        return None
    names = der.read_all(found.value, "certificateIssuer").sequence("certificateIssuer", 1)
    directory = [name.inner().raw for name in names if name.tag == 0xA4]
    if not directory:
        raise BadInput("certificateIssuer of a CRL entry is no distinguished name")
    return directory[0]


def _read_point(value: bytes, issuer: bytes) -> IssuingPoint:
    names: frozenset[bytes] | None = None
    reasons, unknown = ALL_REASONS, False
    flags = {0x81: False, 0x82: False, 0x84: False, 0x85: False}
    for member in der.read_all(value, "issuingDistributionPoint").sequence("issuingDistributionPoint"):
        if member.tag == 0xA0:
            names = point_names(member, issuer)
        elif member.tag == 0x83:
            reasons = reason_flags(member)
        elif member.tag in flags:
            flags[member.tag] = member.value != b"\0"
        else:
            unknown = True
    return IssuingPoint(
        names=names,
        users=flags[0x81],
        authorities=flags[0x82],
        indirect=flags[0x84],
        attributes=flags[0x85],
        reasons=reasons,
        unknown=unknown,
    )


class Scope(NamedTuple):
    """For which reasons a list may speak of a certificate; `why` tells what keeps it from speaking at all."""

    reasons: frozenset[int] = frozenset()
    why: str = ""


def scope_of(crl: Crl, certificate: Certificate) -> Scope:
    """Match a list with the certificate's distribution points (RFC 5280, 6.3.3, step b); BadInput."""
    if crl.strange:
        return Scope(why=crl.strange)
    point = crl.point or _NO_LIMITS
    if point.unknown:
        return Scope(why="список с неизвестным ограничением")
    if point.attributes:
        return Scope(why="список только для атрибутных сертификатов")
    if point.users and certificate.is_ca:
        return Scope(why="список только для сертификатов пользователей")
    if point.authorities and not certificate.is_ca:
        return Scope(why="список только для сертификатов удостоверяющих центров")
    reasons: frozenset[int] = frozenset()
    spoken = False
    for own in certificate.points_spoken_for:
        if _of_issuer(crl, point, own, certificate) and _of_point(point, own):
            spoken = True
            reasons |= own.reasons & point.reasons
    return Scope(reasons=reasons) if spoken else Scope(why="список относится к другой точке распространения")


def _of_issuer(crl: Crl, point: IssuingPoint, own: DistributionPoint, certificate: Certificate) -> bool:
    if own.issuers:
        return point.indirect and any(same_name(crl.issuer, name) for name in own.issuers)
    return same_name(crl.issuer, certificate.issuer_der)


def _of_point(point: IssuingPoint, own: DistributionPoint) -> bool:
    if point.names is None:
        return True
    wanted = own.names if own.names is not None else {der.explicit(4, name) for name in own.issuers}
    return bool(point.names & wanted)


def may_speak(crl: Crl, certificate: Certificate) -> bool:
    """Whether the list's issuer is the certificate's, or one that its distribution points name."""
    if same_name(crl.issuer, certificate.issuer_der):
        return True
    return any(same_name(crl.issuer, name) for point in certificate.distribution_points for name in point.issuers)
