"""Money, ids, clocks, the calendar, secrets, crash points: small things that everything rests on."""

import os
import re
import signal
import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from uuid import RFC_4122

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edo_service.errors import Forbidden
from edo_service.kernel import faults
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.calendar import add_business_days, is_business_day, moscow_date
from edo_service.kernel.clock import MovableClock, SystemClock
from edo_service.kernel.faults import CRASH_POINTS
from edo_service.kernel.ids import new_code, new_id
from edo_service.kernel.money import ZERO, Money, total
from edo_service.kernel.scope import Scope, SystemScope, wire
from edo_service.kernel.secrets import SecretBox, SecretUnreadable
from edo_service.kernel.tables import fold

ROOT = Path(__file__).resolve().parents[2]
KOPECKS = st.integers(min_value=-(10**15), max_value=10**15)


# --- money -----------------------------------------------------------------------------------------------------------


def test_money_is_exact() -> None:
    assert Money.of("1234567.21") == Money(123456721)
    assert Money.of(5).rubles == Decimal("5.00")
    assert str(Money(-5)) == "-0.05"
    assert str(Money(100)) == "1.00"
    assert Money.rounded(Decimal("0.005")) == Money(1)
    assert Money.rounded(Decimal("-0.005")) == Money(-1)
    assert Money.rounded(Decimal("2.674999")) == Money(267)
    assert Money(3) + Money(4) - Money(2) == Money(5)
    assert -Money(3) * 2 == Money(-6)
    assert not ZERO
    assert Money(1) > ZERO
    assert total([Money(1), Money(2)]) == Money(3)
    assert total([]) == ZERO


@pytest.mark.parametrize("bad", ["0.001", "NaN", "Infinity", "1,5"])
def test_what_is_no_sum_is_refused(bad: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        Money.of(bad)


def test_a_float_is_never_money() -> None:
    with pytest.raises(TypeError):
        Money.of(0.1)  # type: ignore[arg-type]  # the subject
    with pytest.raises(TypeError):
        Money.rounded(0.1)  # type: ignore[arg-type]  # the subject
    with pytest.raises(TypeError):
        Money(1.0)  # type: ignore[arg-type]  # the subject
    with pytest.raises(TypeError):
        Money(True)


@given(KOPECKS, st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=40).filter(any))
def test_a_split_adds_up_to_the_kopeck_and_is_fair(kopecks: int, weights: list[int]) -> None:
    parts = Money(kopecks).split(weights)
    assert total(parts) == Money(kopecks)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.kopecks * sum(weights) - kopecks * weight) < sum(weights), "less than a kopeck from its share"


@given(KOPECKS)
def test_money_survives_its_text(kopecks: int) -> None:
    assert Money.of(str(Money(kopecks))) == Money(kopecks)


def test_a_split_needs_sensible_weights() -> None:
    for weights in ([], [0, 0], [2, -1]):
        with pytest.raises(ValueError, match="weights"):
            Money(10).split(weights)


# --- ids, time, folding ----------------------------------------------------------------------------------------------


def test_ids_are_version_7_and_grow() -> None:
    made = [new_id() for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == 5000
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {RFC_4122}
    moment = datetime.fromtimestamp((made[-1].int >> 80) / 1000, UTC)
    assert abs(moment - datetime.now(UTC)) < timedelta(seconds=60)


def test_ids_of_threads_do_not_meet() -> None:
    made: list[object] = []
    threads = [threading.Thread(target=lambda: made.extend(new_id() for _ in range(2000))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8000


def test_codes_are_read_aloud_without_doubt() -> None:
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert not set("".join(codes)) & set("01ilo")


def test_clocks_speak_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
    clock = MovableClock(datetime(2026, 1, 1, 3, tzinfo=timezone(timedelta(hours=3))))
    assert clock.now() == datetime(2026, 1, 1, tzinfo=UTC)
    assert clock.move(timedelta(hours=1)) == clock.now() == datetime(2026, 1, 1, 1, tzinfo=UTC)
    clock.set(datetime(2027, 1, 1, tzinfo=UTC))
    assert clock.now().year == 2027
    with pytest.raises(ValueError, match="aware"):
        clock.set(datetime(2027, 1, 1))  # noqa: DTZ001 - the subject


@pytest.mark.parametrize(
    ("text", "folded"),
    [("ЁЛКА", "елка"), ("  ООО\u00a0«Вектор»\n", "ооо «вектор»"), ("ﬁ Ⅷ", "fi viii"), ("Straße", "strasse"), ("", "")],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded


# --- calendar --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),
        (date(2026, 11, 4), False),
        (date(2026, 1, 8), False),
        (date(2026, 1, 12), True),
        (date(2026, 5, 11), False),
        (date(2025, 11, 1), True),
        (date(2025, 11, 3), False),
        (date(2027, 2, 20), True),
        (date(2027, 2, 22), False),
        (date(2026, 12, 31), False),
    ],
)
def test_business_days_of_russia(day: date, worked: bool) -> None:  # noqa: FBT001 - a table of cases
    assert is_business_day(day) is worked


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 11, 20), 0, date(2026, 11, 20)),
        (date(2026, 11, 21), 0, date(2026, 11, 23)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
        (date(2026, 11, 20), 5, date(2026, 11, 27)),
        (date(2026, 12, 30), 1, date(2027, 1, 11)),
        (date(2025, 10, 31), 1, date(2025, 11, 1)),
    ],
)
def test_adding_business_days(start: date, count: int, end: date) -> None:
    assert add_business_days(start, count) == end


@given(st.dates(date(2024, 1, 1), date(2027, 11, 1)), st.integers(1, 30))
def test_exactly_so_many_business_days_lie_between(start: date, count: int) -> None:
    end = add_business_days(start, count)
    between = [start + timedelta(days=step) for step in range(1, (end - start).days + 1)]
    assert sum(map(is_business_day, between)) == count
    assert is_business_day(end)


def test_dates_count_by_moscow() -> None:
    assert moscow_date(datetime(2026, 11, 20, 20, 59, tzinfo=UTC)) == date(2026, 11, 20)
    assert moscow_date(datetime(2026, 11, 20, 21, 0, tzinfo=UTC)) == date(2026, 11, 21)
    with pytest.raises(ValueError, match="aware"):
        moscow_date(datetime(2026, 11, 20))  # noqa: DTZ001 - the subject
    with pytest.raises(ValueError, match="negative"):
        add_business_days(date(2026, 11, 20), -1)


# --- secrets ---------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=300), st.text(max_size=30))
def test_what_is_sealed_opens_again(content: bytes, context: str) -> None:
    box = SecretBox([b"k" * 32])
    sealed = box.seal(content, context)
    assert box.open(sealed, context) == content
    assert sealed != box.seal(content, context), "a fresh nonce each time"
    assert len(content) < 4 or content not in sealed


def test_a_sealed_value_opens_for_its_context_and_key_only() -> None:
    box = SecretBox([b"k" * 32])
    sealed = box.seal(b"secret", "row:1")
    for stranger, context in ((box, "row:2"), (SecretBox([b"x" * 32]), "row:1")):
        with pytest.raises(SecretUnreadable):
            stranger.open(sealed, context)
    for place in range(len(sealed)):
        broken = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(SecretUnreadable):
            box.open(broken, "row:1")
    for broken in (b"", sealed[:20], sealed[:-1]):
        with pytest.raises(SecretUnreadable):
            box.open(broken, "row:1")


def test_secrets_are_rotated() -> None:
    old, new = SecretBox([b"o" * 32]), SecretBox([b"n" * 32, b"o" * 32])
    sealed = old.seal(b"secret", "row:1")
    assert not new.is_current(sealed)
    fresh = new.reseal(sealed, "row:1")
    assert new.is_current(fresh)
    assert new.reseal(fresh, "row:1") == fresh
    assert SecretBox([b"n" * 32]).open(fresh, "row:1") == b"secret"


@pytest.mark.parametrize("keys", [[], [b"short"], [b"k" * 32, b"k" * 31]])
def test_keys_have_32_bytes(keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SecretBox(keys)


# --- actor, scope ----------------------------------------------------------------------------------------------------


def test_an_actor_has_the_rights_given() -> None:
    entity = new_id()
    anna = Actor(user_id=new_id(), name="А", entity_id=entity, scope=Scope.of(entity), rights=frozenset({Right.READ}))
    anna.require(Right.READ)
    with pytest.raises(Forbidden):
        anna.require(Right.SIGN)
    assert (anna.may(Right.READ), anna.may(Right.SIGN), anna.is_system, anna.entity) == (True, False, False, entity)
    system = Actor.system("health")
    assert system.is_system
    assert system.scope == SystemScope("health")
    with pytest.raises(Forbidden):
        _ = system.entity
    assert Actor.automatic("job", entity).scope == Scope.of(entity)


def test_the_scope_on_the_wire() -> None:
    one, two = sorted((new_id(), new_id()))
    assert wire(Scope.of(two, one)) == f"{one},{two}"
    assert wire(Scope(frozenset())) == ""
    assert wire(SystemScope("health")) == "*"
    assert not Scope.of(one).allows(None)
    assert not SystemScope("health").allows(None)


# --- crash points ----------------------------------------------------------------------------------------------------


def test_every_crash_point_is_reached_somewhere_and_no_other_name_is() -> None:
    reached: set[str] = set()
    for path in (ROOT / "edo_service").rglob("*.py"):
        reached |= set(re.findall(r'\breach\(\s*"([a-z_.]+)"', path.read_text(encoding="utf-8")))
    assert reached == set(CRASH_POINTS)


def test_unknown_points_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown"):
        faults.arm("no.such.place")
    with pytest.raises(ValueError, match="unknown"):
        faults.reach("no.such.place")
    faults.arm(None)
    faults.arm("")
    for name in CRASH_POINTS:
        faults.reach(name)


@pytest.mark.crash
@pytest.mark.parametrize(("setting", "survived"), [("job.claimed", 0), ("job.claimed:3", 2)])
def test_an_armed_process_kills_itself(setting: str, survived: int) -> None:
    program = (
        "import sys\nfrom edo_service.kernel import faults\n"
        "faults.arm(sys.argv[1])\n"
        "for number in range(5):\n    faults.reach('job.handled')\n    faults.reach('job.claimed')\n"
        "    print(number, flush=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, setting],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert done.stdout.split() == [str(number) for number in range(survived)]
