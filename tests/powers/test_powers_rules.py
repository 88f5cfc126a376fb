"""The ten checks of a signature that rests on a МЧД, one by one: what passes, what fails, what cannot be found out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from edo_service.powers.judging import judge
from edo_service.powers.rules import (
    Act,
    CodedPower,
    KeptPower,
    Outcome,
    Passing,
    Power,
    PowerFile,
    PowerVerdict,
    RegistryAnswer,
    RegistryState,
    Who,
)

NUMBER = "11111111-2222-4333-8444-555555555501"
EARLIER = "11111111-2222-4333-8444-555555555502"
COMPANY = Who(name="ООО «Ромашка»", organization_inn="7700000016")
AGENT = Who(name="Петрова Ольга", inn="780000000240", snils="90000000586")
OTHER = Who(name="Иванов Иван", inn="770000000156", snils="90000000182")
VICTIM = Who(name="ООО «Жертва»", organization_inn="6600000010")
POWER = Power(
    number=NUMBER,
    own_number="17",
    issued=date(2026, 11, 1),
    expires=date(2027, 11, 1),
    principals=(COMPANY,),
    agents=(AGENT,),
    coded=(CodedPower(code="BBDOCS_DOCS_DCSALL_SRCDOC_SOURCEDOCS5", name="УПД"),),
)
FILE_ID = f"ON_EMCHD_20261101_{NUMBER}"
FILE = PowerFile(name=f"{FILE_ID}.xml", file_id=FILE_ID, violations=(), signature="TOTAL-PASSED", signer=COMPANY)
ACTIVE = RegistryAnswer(state=RegistryState.ACTIVE)
KEPT = KeptPower(power=POWER, file=FILE, registry=ACTIVE)
ACT = Act(signer=AGENT, at=datetime(2026, 11, 20, 9, tzinfo=UTC), organization_inn="7700000016", kind="upd")


def verdict(kept: KeptPower = KEPT, act: Act = ACT, **known: KeptPower) -> PowerVerdict:
    return judge(kept, act, find={EARLIER: known.get("earlier")}.get)


def outcome(number: int, kept: KeptPower = KEPT, act: Act = ACT, **known: KeptPower) -> Outcome:
    return verdict(kept, act, **known).checks[number - 1].outcome


def power(**changes: Any) -> KeptPower:
    return replace(KEPT, power=replace(POWER, **changes))


def file(**changes: Any) -> KeptPower:
    return replace(KEPT, file=replace(FILE, **changes))


def test_all_ten_pass() -> None:
    found = verdict()
    assert [check.number for check in found.checks] == list(range(1, 11))
    assert {check.outcome for check in found.checks} == {Outcome.PASSED}
    assert (found.outcome, found.reason) == (Outcome.PASSED, "")


@pytest.mark.parametrize(
    ("number", "kept", "expected"),
    [
        (1, file(violations=("строка 3: нет СрокДейст",)), Outcome.FAILED),
        (1, replace(KEPT, file=None), Outcome.INDETERMINATE),
        (2, file(name="ON_EMCHD_20261101_other.xml"), Outcome.FAILED),
        (2, file(name=f"ON_EMCHD_20261101_{EARLIER}.xml", file_id=f"ON_EMCHD_20261101_{EARLIER}"), Outcome.FAILED),
        (2, file(name=FILE.name.upper().replace(".XML", ".xml")), Outcome.PASSED),
        (3, file(signature=None), Outcome.FAILED),
        (3, file(signature="TOTAL-FAILED"), Outcome.FAILED),
        (3, file(signature="INDETERMINATE"), Outcome.INDETERMINATE),
        (3, file(signature="INDETERMINATE", signer=replace(COMPANY, organization_inn="1")), Outcome.FAILED),
        (3, file(signer=AGENT), Outcome.FAILED),
        (3, file(signer=None), Outcome.INDETERMINATE),
        (4, power(issued=date(2026, 11, 21)), Outcome.FAILED),
        (4, power(expires=date(2026, 11, 19)), Outcome.FAILED),
        (4, power(issued=date(2026, 11, 20), expires=date(2026, 11, 20)), Outcome.PASSED),
        (5, replace(KEPT, registry=RegistryAnswer(state=RegistryState.REVOKED)), Outcome.FAILED),
        (5, replace(KEPT, registry=RegistryAnswer(state=RegistryState.ABSENT)), Outcome.INDETERMINATE),
        (5, replace(KEPT, registry=RegistryAnswer(state=RegistryState.SILENT, reason="тишина")), Outcome.INDETERMINATE),
        (6, power(agents=(OTHER,)), Outcome.FAILED),
        (6, power(agents=(replace(AGENT, snils="90000000182"),)), Outcome.FAILED),
        (6, power(agents=(replace(AGENT, snils=None),)), Outcome.PASSED),
        (3, replace(file(signer=AGENT), power=replace(POWER, notarised=True)), Outcome.INDETERMINATE),
        (3, power(principals=(COMPANY, VICTIM)), Outcome.INDETERMINATE),
        (3, replace(file(signer=VICTIM), power=replace(POWER, principals=(VICTIM, COMPANY))), Outcome.FAILED),
        (7, power(principals=(replace(COMPANY, organization_inn="7800000010"),)), Outcome.FAILED),
        (8, power(coded=(CodedPower(code="BBDOCS_DOCS_DCSALL_SRCDOC_SOURCEDOCS31", name="счета"),)), Outcome.FAILED),
        (8, power(coded=(CodedPower(code="KLASS_9_NEW", name="новое"),)), Outcome.INDETERMINATE),
        (8, power(coded=(), text="Подписывать всё"), Outcome.INDETERMINATE),
        (8, replace(power(coded=(), text="Подписывать УПД"), decided=frozenset({"upd"})), Outcome.PASSED),
        (
            8,
            replace(
                power(coded=(CodedPower(code="KLASS_2.0_SIGN", name="", limits=(("LIM_01", "LIM_01_04"),)),)),
                decided=frozenset({"upd"}),
            ),
            Outcome.FAILED,
        ),
        (8, power(coded=(CodedPower(code="KLASS_2.0_SIGN", name="всё"),)), Outcome.PASSED),
        (
            8,
            power(coded=(CodedPower(code="KLASS_2.0_SIGN", name="", limits=(("LIM_01", "LIM_01_01"),)),)),
            Outcome.PASSED,
        ),
        (
            8,
            power(coded=(CodedPower(code="KLASS_2.0_SIGN", name="", limits=(("LIM_01", "LIM_01_04"),)),)),
            Outcome.FAILED,
        ),
        (
            8,
            power(coded=(CodedPower(code="KLASS_2.0_SIGN", name="", limits=(("LIM_02", "LIM_02_07"),)),)),
            Outcome.INDETERMINATE,
        ),
        (10, power(agents=(AGENT, OTHER)), Outcome.WARNING),
    ],
)
def test_one_check_at_a_time(number: int, kept: KeptPower, expected: Outcome) -> None:
    assert outcome(number, kept) is expected


def test_revoked_after_the_signature_does_not_matter() -> None:
    later = RegistryAnswer(state=RegistryState.REVOKED, revoked_at=datetime(2026, 11, 21, tzinfo=UTC))
    assert outcome(5, replace(KEPT, registry=later)) is Outcome.PASSED
    at_once = RegistryAnswer(state=RegistryState.REVOKED, revoked_at=ACT.at)
    assert outcome(5, replace(KEPT, registry=at_once)) is Outcome.FAILED


def test_the_day_is_moscow_s() -> None:
    """At 22 hours UTC of the last day it is the next day in Moscow."""
    kept = power(expires=date(2026, 11, 20))
    assert outcome(4, kept, replace(ACT, at=datetime(2026, 11, 20, 20, 59, tzinfo=UTC))) is Outcome.PASSED
    assert outcome(4, kept, replace(ACT, at=datetime(2026, 11, 20, 21, 0, tzinfo=UTC))) is Outcome.FAILED


def test_a_certificate_without_numbers_proves_nothing() -> None:
    assert outcome(6, act=replace(ACT, signer=Who(name="Петрова Ольга"))) is Outcome.INDETERMINATE


def test_failed_weighs_more_than_unknown_and_that_more_than_a_warning() -> None:
    unknown = replace(KEPT, registry=RegistryAnswer(state=RegistryState.SILENT))
    assert verdict(unknown).outcome is Outcome.INDETERMINATE
    assert verdict(replace(unknown, file=replace(FILE, signature=None))).outcome is Outcome.FAILED
    assert verdict(power(agents=(AGENT, OTHER))).outcome is Outcome.WARNING


# --- передоверие

MIDDLE = Who(name="Сидоров Пётр", inn="770000000220", snils="90000000283")
FIRST = replace(
    KEPT,
    power=replace(POWER, number=EARLIER, own_number="1", agents=(MIDDLE,), passing=Passing.ONCE),
    file=replace(FILE, name=f"ON_EMCHD_20261101_{EARLIER}.xml", file_id=f"ON_EMCHD_20261101_{EARLIER}"),
)
PASSED_ON = replace(
    KEPT,
    power=replace(POWER, previous=EARLIER, passers=(MIDDLE,)),
    file=replace(FILE, signer=MIDDLE),
)


def test_a_power_passed_on_rests_on_the_first() -> None:
    found = verdict(PASSED_ON, earlier=FIRST)
    assert [check.number for check in found.checks if check.outcome is not Outcome.PASSED] == [10]
    assert found.checks[9].outcome is Outcome.WARNING, "a person passed it on without a notary"
    by_notary = replace(PASSED_ON, power=replace(PASSED_ON.power, notarised=True))
    assert verdict(by_notary, earlier=FIRST).outcome is Outcome.PASSED


def test_the_principal_is_the_first_power_s_not_what_the_later_file_claims() -> None:
    """Who holds a power of one company and writes another's name into what he passes on."""
    claims = replace(PASSED_ON, power=replace(PASSED_ON.power, principals=(VICTIM,)))
    act = replace(ACT, organization_inn=str(VICTIM.organization_inn))
    found = verdict(claims, act, earlier=FIRST)
    assert (found.checks[6].outcome, found.checks[8].outcome) == (Outcome.FAILED, Outcome.FAILED)
    assert outcome(7, claims, act) is Outcome.INDETERMINATE, "without the first power nothing tells"


def test_who_signed_the_passing_on_is_who_was_entitled() -> None:
    """Named as one of the passers, but not the agent of the first power."""
    kept = replace(
        PASSED_ON, power=replace(PASSED_ON.power, passers=(MIDDLE, OTHER)), file=replace(PASSED_ON.file, signer=OTHER)
    )
    assert outcome(9, kept, earlier=FIRST) is Outcome.FAILED


def test_nobody_passes_on_more_than_he_has() -> None:
    narrow = replace(FIRST.power, coded=(CodedPower(code="BBDOCS_DOCS_DCSALL_SRCDOC_SOURCEDOCS14", name="КС-2"),))
    wide = replace(PASSED_ON, power=replace(PASSED_ON.power, coded=(CodedPower(code="KLASS_2.0_SIGN", name="всё"),)))
    assert outcome(9, wide, earlier=replace(FIRST, power=narrow)) is Outcome.FAILED
    faulty = replace(FIRST, file=replace(FIRST.file, violations=("строка 1",)))
    assert outcome(9, PASSED_ON, earlier=faulty) is Outcome.FAILED


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ({"passing": Passing.FORBIDDEN}, Outcome.FAILED),
        ({"expires": date(2027, 1, 1)}, Outcome.FAILED),
        ({"issued": date(2026, 11, 2)}, Outcome.FAILED),
        ({"agents": (OTHER,)}, Outcome.FAILED),
        ({"previous": "11111111-2222-4333-8444-555555555503"}, Outcome.FAILED),
    ],
)
def test_a_broken_link_is_found(first: dict[str, Any], expected: Outcome) -> None:
    assert outcome(9, PASSED_ON, earlier=replace(FIRST, power=replace(FIRST.power, **first))) is expected


def test_a_missing_or_revoked_link_is_told() -> None:
    assert outcome(9, PASSED_ON) is Outcome.INDETERMINATE
    revoked = replace(FIRST, registry=RegistryAnswer(state=RegistryState.REVOKED))
    assert outcome(9, PASSED_ON, earlier=revoked) is Outcome.FAILED
    silent = replace(FIRST, registry=RegistryAnswer(state=RegistryState.SILENT))
    assert outcome(9, PASSED_ON, earlier=silent) is Outcome.INDETERMINATE


def test_a_ring_of_powers_ends() -> None:
    ring = replace(PASSED_ON, power=replace(PASSED_ON.power, number=EARLIER, agents=(MIDDLE,), passing=Passing.FURTHER))
    assert judge(PASSED_ON, ACT, find=lambda _: ring).checks[8].outcome is Outcome.FAILED
