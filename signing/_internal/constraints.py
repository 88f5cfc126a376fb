"""Certificate policies (RFC 5280, 6.1) and name constraints (4.2.1.10) along a path.

The policy tree is kept as one level of nodes merged by policy: whether the tree is empty, which is all that a path
needs here (any policy is acceptable to start with), does not depend on the parents of a node.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from signing._internal import der, oids
from signing._internal.certificates import Certificate
from signing._internal.errors import BadInput
from signing._internal.names import normal_form

_EMAIL, _DNS, _DIRECTORY, _URI, _IP = 0x81, 0x82, 0xA4, 0x86, 0x87
_EMAIL_ADDRESS = "1.2.840.113549.1.9.1"
_Level = dict[str, set[str]]


def policies_fault(path: Sequence[Certificate]) -> str | None:
    """Process policies from the anchor's first child (`path[-2]`) to the leaf (`path[0]`); what is wrong, or None."""
    state = _Policies(steps=len(path))
    for index in range(len(path) - 2, -1, -1):
        fault = state.take(path[index], last=index == 0)
        if fault:
            return fault
    return None


class _Policies:
    """The state variables of RFC 5280, 6.1.2."""

    def __init__(self, steps: int) -> None:
        self.explicit = self.mapping = self.any = steps
        self.level: _Level = {oids.ANY_POLICY: {oids.ANY_POLICY}}

    def take(self, certificate: Certificate, *, last: bool) -> str | None:
        self._narrow(certificate, last=last)
        if self.explicit <= 0 and not self.level:
            return "нет политики сертификата, которую требует удостоверяющий центр"
        if not last:
            if not self._map(certificate):
                return "сопоставление политик ссылается на anyPolicy"
            if not certificate.self_issued:
                self.explicit, self.mapping, self.any = self.explicit - 1, self.mapping - 1, self.any - 1
            self._constrain(certificate)
            return None
        self.explicit -= 1
        self._constrain(certificate, only_zero=True)
        return "нет политики сертификата, которую требует цепочка" if self.explicit <= 0 and not self.level else None

    def _narrow(self, certificate: Certificate, *, last: bool) -> None:
        if oids.CERTIFICATE_POLICIES not in certificate.extensions:
            self.level = {}
            return
        expected = set().union(*self.level.values())
        stated = certificate.policies
        wild = oids.ANY_POLICY in expected
        level: _Level = {one: {one} for one in stated if one != oids.ANY_POLICY and (one in expected or wild)}
        if oids.ANY_POLICY in stated and (self.any > 0 or (not last and certificate.self_issued)):
            for one in expected:
                level.setdefault(one, {one})
        self.level = level

    def _map(self, certificate: Certificate) -> bool:
        found = certificate.extensions.get(oids.POLICY_MAPPINGS)
        if found is None:
            return True
        pairs: _Level = {}
        for item in der.read_all(found.value, "policyMappings").sequence("policyMappings"):
            members = item.sequence("PolicyMapping", 2)
            issuer, subject = members[0].oid(), members[1].oid()
            if oids.ANY_POLICY in {issuer, subject}:
                return False
            pairs.setdefault(issuer, set()).add(subject)
        for issuer, subjects in pairs.items():
            if self.mapping <= 0:
                self.level.pop(issuer, None)
            elif issuer in self.level or oids.ANY_POLICY in self.level:
                self.level[issuer] = subjects
        return True

    def _constrain(self, certificate: Certificate, *, only_zero: bool = False) -> None:
        found = certificate.extensions.get(oids.POLICY_CONSTRAINTS)
        for member in der.read_all(found.value, "policyConstraints").sequence("policyConstraints") if found else ():
            count = int.from_bytes(member.value, "big", signed=True)
            if member.tag == 0x80 and (count == 0 or not only_zero):
                self.explicit = min(self.explicit, count)
            elif member.tag == 0x81 and not only_zero:
                self.mapping = min(self.mapping, count)
        inhibit = certificate.extensions.get(oids.INHIBIT_ANY_POLICY)
        if inhibit and not only_zero:
            self.any = min(self.any, der.read(inhibit.value).integer())


@dataclass
class _Subtrees:
    """Permitted sets (each must be satisfied) and excluded names, by kind of name."""

    permitted: list[dict[int, list[der.Node]]] = field(default_factory=list)
    excluded: list[der.Node] = field(default_factory=list)


def names_fault(path: Sequence[Certificate]) -> str | None:
    """Check name constraints from the anchor to the leaf; what is wrong, or None."""
    subtrees = _Subtrees()
    for index in range(len(path) - 1, -1, -1):
        certificate = path[index]
        if (subtrees.permitted or subtrees.excluded) and (index == 0 or not certificate.self_issued):
            for name in _names(certificate):
                if not _allowed(name, subtrees):
                    return "имя в сертификате запрещено ограничениями удостоверяющего центра"
        found = certificate.extensions.get(oids.NAME_CONSTRAINTS)
        if found is not None:
            _read(found.value, subtrees)
    return None


def _read(value: bytes, subtrees: _Subtrees) -> None:
    for member in der.read_all(value, "nameConstraints").sequence("nameConstraints"):
        bases = [item.sequence("GeneralSubtree", 1)[0] for item in member.children()]
        if member.tag == 0xA0:
            by_kind: dict[int, list[der.Node]] = {}
            for base in bases:
                by_kind.setdefault(base.tag, []).append(base)
            subtrees.permitted.append(by_kind)
        else:
            subtrees.excluded += bases


def _names(certificate: Certificate) -> list[der.Node]:
    names = []
    if der.read(certificate.subject_der).body != der.read(certificate.subject_der).stop:
        names.append(der.read(der.explicit(4, certificate.subject_der)))
    found = certificate.extensions.get(oids.SUBJECT_ALT_NAME)
    alternative = der.read_all(found.value, "subjectAltName").sequence("subjectAltName") if found else []
    names += alternative
    if not any(name.tag == _EMAIL for name in alternative):
        pairs = (pair for rdn in normal_form(certificate.subject_der) for pair in rdn)
        names += [der.read(der.tlv(_EMAIL, value.encode())) for dotted, value in pairs if dotted == _EMAIL_ADDRESS]
    return names


def _allowed(name: der.Node, subtrees: _Subtrees) -> bool:
    if any(base.tag == name.tag and _within(name, base) for base in subtrees.excluded):
        return False
    wanted = [group[name.tag] for group in subtrees.permitted if name.tag in group]
    return all(any(_within(name, base) for base in bases) for bases in wanted)


def _within(name: der.Node, base: der.Node) -> bool:
    if name.tag == _DIRECTORY:
        inside, outside = normal_form(name.inner().raw), normal_form(base.inner().raw)
        return inside[: len(outside)] == outside
    if name.tag == _IP:
        address, net = name.value, base.value
        half = len(net) // 2
        return len(address) == half and all(a & m == b & m for a, b, m in zip(address, net, net[half:], strict=False))
    text, limit = (node.value.decode("latin-1").casefold() for node in (name, base))
    if name.tag == _DNS:
        return not limit or text == limit or text.endswith("." + limit.lstrip("."))
    if name.tag == _URI:
        host = text.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]
        return host.endswith(limit) if limit.startswith(".") else host == limit
    if name.tag == _EMAIL:
        host = text.rpartition("@")[2]
        return text == limit if "@" in limit else host.endswith(limit) if limit.startswith(".") else host == limit
    raise BadInput("name constraints of an unknown kind", hex(name.tag))
