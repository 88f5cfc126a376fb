"""Attacks on what a path may hold (RFC 5280, 4.2.1.10, 6.1): names outside the constraints, policies not required."""

from __future__ import annotations

import pytest

from signing import Report
from signing._internal import der, oids
from tests.signing.attack_stage import (
    AUTHORITY,
    CHAIN,
    GENERAL,
    MAY_SIGN,
    Attack,
    Stage,
    Table,
    assert_refused,
    below,
    judged,
    under,
)
from tests.signing.maker import NOW, YEAR, Extension

attack = Table()
_POLICY_ONE, _POLICY_TWO = "1.2.643.100.113.1", "1.2.643.100.113.2"


# --- name constraints ---


def _limits(*, permitted: bytes = b"", excluded: bytes = b"") -> Extension:
    parts = [der.tlv(0xA0, der.sequence(permitted)) if permitted else b""]
    parts += [der.tlv(0xA1, der.sequence(excluded)) if excluded else b""]
    return oids.NAME_CONSTRAINTS, True, der.sequence(*parts)


def _alternative(*names: bytes) -> Extension:
    return oids.SUBJECT_ALT_NAME, False, der.sequence(*names)


def _directory(country: str) -> bytes:
    pair = der.sequence(der.oid("2.5.4.6"), der.tlv(der.PRINTABLE_STRING, country.encode()))
    return der.explicit(4, der.sequence(der.set_of([pair])))


@attack(*CHAIN, "certificate_constraints")
def name_outside_the_permitted_country(stage: Stage) -> Report:
    return under(stage, _limits(permitted=_directory("BY")))


@attack(*CHAIN, "certificate_constraints")
def name_inside_the_excluded_country(stage: Stage) -> Report:
    return under(stage, _limits(excluded=_directory("RU")))


_NAMES = {
    "mail of a foreign host": (der.tlv(0x81, b"good.test"), der.tlv(0x81, b"ivanov@evil.test")),
    "mail of a host whose name ends alike": (der.tlv(0x81, b"good.test"), der.tlv(0x81, b"ivanov@notgood.test")),
    "host of a foreign domain": (der.tlv(0x82, b"good.test"), der.tlv(0x82, b"www.evil.test")),
    "host whose name ends alike": (der.tlv(0x82, b"good.test"), der.tlv(0x82, b"notgood.test")),
    "address of a foreign site": (der.tlv(0x86, b".good.test"), der.tlv(0x86, b"http://evil.test/.good.test")),
    "address of a foreign net": (der.tlv(0x87, b"\x0a\0\0\0\xff\0\0\0"), der.tlv(0x87, b"\x0b\0\0\1")),
}
for _name, (_base, _own) in _NAMES.items():
    attack.add(
        _name,
        lambda stage, base=_base, own=_own: under(  # type: ignore[misc]  # defaults bind the values
            stage, _limits(permitted=base), leaf=(MAY_SIGN, _alternative(own))
        ),
        (*CHAIN, "certificate_constraints"),
    )


@attack(*GENERAL, "certificate_chain")
def constraint_on_a_kind_of_name_that_is_unknown(stage: Stage) -> Report:
    return under(
        stage, _limits(permitted=der.tlv(0x88, b"\x2a\x03")), leaf=(MAY_SIGN, _alternative(der.tlv(0x88, b"\x2a")))
    )


# --- policies ---


def _policies(*dotted: str) -> Extension:
    return oids.CERTIFICATE_POLICIES, False, der.sequence(*(der.sequence(der.oid(one)) for one in dotted))


_EXPLICIT: Extension = (oids.POLICY_CONSTRAINTS, True, der.sequence(der.tlv(0x80, b"\0")))
_NO_MAPPING: Extension = (oids.POLICY_CONSTRAINTS, True, der.sequence(der.tlv(0x80, b"\0"), der.tlv(0x81, b"\0")))
_NO_ANY: Extension = (oids.INHIBIT_ANY_POLICY, True, der.integer(0))


def _mapping(one: str, other: str) -> Extension:
    return oids.POLICY_MAPPINGS, True, der.sequence(der.sequence(der.oid(one), der.oid(other)))


@attack(*CHAIN, "certificate_constraints")
def no_policy_where_one_is_required(stage: Stage) -> Report:
    return under(stage, _EXPLICIT, _policies(_POLICY_ONE))


@attack(*CHAIN, "certificate_constraints")
def another_policy_than_the_required_one(stage: Stage) -> Report:
    return under(stage, _EXPLICIT, _policies(_POLICY_ONE), leaf=(MAY_SIGN, _policies(_POLICY_TWO)))


@attack(*CHAIN, "certificate_constraints")
def any_policy_where_it_is_inhibited(stage: Stage) -> Report:
    leaf = (MAY_SIGN, _policies(oids.ANY_POLICY))
    return under(stage, _EXPLICIT, _NO_ANY, _policies(_POLICY_ONE), leaf=leaf)


@attack(*CHAIN, "certificate_constraints")
def mapping_to_any_policy(stage: Stage) -> Report:
    return under(stage, _policies(_POLICY_ONE), _mapping(_POLICY_ONE, oids.ANY_POLICY))


@attack(*CHAIN, "certificate_constraints")
def mapping_where_it_is_inhibited(stage: Stage) -> Report:
    first = below(stage, *AUTHORITY, _NO_MAPPING, _policies(_POLICY_ONE))
    mapped = [*AUTHORITY, _policies(_POLICY_ONE), _mapping(_POLICY_ONE, _POLICY_TWO)]
    second = first.issue("Второй УЦ", extensions=mapped, not_after=NOW + YEAR)
    return judged(stage, second.issue("Иванов", extensions=[MAY_SIGN, _policies(_POLICY_TWO)]), first, second)


# --- what is fine, so that the refusals above are not for nothing ---


def test_the_same_names_and_policies_pass_when_they_are_right() -> None:
    stage = Stage()
    good: dict[str, Report] = {
        "names": under(stage, _limits(permitted=_directory("RU"), excluded=_directory("BY"))),
        "mail": under(
            stage,
            _limits(permitted=der.tlv(0x81, b"good.test")),
            leaf=(MAY_SIGN, _alternative(der.tlv(0x81, b"ivanov@good.test"))),
        ),
        "host": under(
            stage,
            _limits(permitted=der.tlv(0x82, b"good.test")),
            leaf=(MAY_SIGN, _alternative(der.tlv(0x82, b"www.good.test"))),
        ),
        "site": under(
            stage,
            _limits(permitted=der.tlv(0x86, b".good.test")),
            leaf=(MAY_SIGN, _alternative(der.tlv(0x86, b"http://www.good.test:80/x"))),
        ),
        "net": under(
            stage,
            _limits(permitted=der.tlv(0x87, b"\x0a\0\0\0\xff\0\0\0")),
            leaf=(MAY_SIGN, _alternative(der.tlv(0x87, b"\x0a\1\2\3"))),
        ),
        "policy": under(stage, _EXPLICIT, _policies(_POLICY_ONE), leaf=(MAY_SIGN, _policies(_POLICY_ONE))),
        "any policy": under(stage, _EXPLICIT, _policies(_POLICY_ONE), leaf=(MAY_SIGN, _policies(oids.ANY_POLICY))),
        "mapping": under(
            stage,
            _EXPLICIT,
            _policies(_POLICY_ONE),
            _mapping(_POLICY_ONE, _POLICY_TWO),
            leaf=(MAY_SIGN, _policies(_POLICY_TWO)),
        ),
    }
    assert {name: report.sub_indication for name, report in good.items() if report.indication != "TOTAL-PASSED"} == {}


@pytest.mark.parametrize("attack", attack.attacks, ids=str)
def test_constraint_attack(attack: Attack) -> None:
    assert_refused(attack, Stage())
