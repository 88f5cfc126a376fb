"""Any sequence of calls by three people and the clock: nothing is disposed of early, alone or under a hold, and no copy.

Three sets share a content with each other and with documents that live; whoever needs a content puts it, then writes the row.
"""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

import archive
from edo_service.archiving import queries_disposal
from edo_service.archiving.desk_tables import LegalHold
from edo_service.archiving.queries_disposal import ActLine
from edo_service.archiving.tables import Package
from edo_service.archiving.use_cases.clear import clear_again
from edo_service.archiving.use_cases.disposal import propose_disposal, reject_disposal
from edo_service.archiving.use_cases.dispose import dispose
from edo_service.archiving.use_cases.retain import extend_term
from edo_service.errors import EdoError
from edo_service.kernel.objects import IDLE
from tests.archiving.test_desk_disposal import approve, hold, lift, machine
from tests.fixtures.archive_desk import desk_house

LONG = 100
CONTENTS = (b"common", b"\x00", b"\x01", b"\x02")


class NothingGoesEarly(RuleBasedStateMachine):
    """Any sequence of calls by three people and the clock. What the test believes stands beside what the store holds."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.opened = desk_house("", Path(self.folder.name), self.template)
        self.house = self.opened.__enter__()
        self.sets: list[UUID] = []
        self.until: dict[UUID, object] = {}
        self.holds: dict[UUID, set[UUID]] = {}
        self.approvals: dict[UUID, set[str]] = {}
        self.listed: dict[UUID, set[UUID]] = {}
        self.end_needed: set[UUID] = set()
        self.day_told: set[UUID] = set()
        self.own: dict[UUID, set[str]] = {}
        self.living: set[str] = set()
        self.put_ever: set[str] = set()
        self.about_to_write: list[tuple[str, datetime]] = []

    def teardown(self) -> None:
        self.opened.__exit__(None, None, None)
        self.folder.cleanup()

    @initialize()
    def begin(self) -> None:
        for number, kind in enumerate(("upd", "upd", "contract")):
            contents = (b"common", bytes([number]))
            self.sets.append(self.house.keep(*contents, kind=kind))
            self.own[self.sets[-1]] = {hashlib.sha256(one).hexdigest() for one in contents}
        self.end_needed.add(self.sets[2])

    def attempt(self, act: Callable[[], object]) -> object:
        try:
            return act()
        except EdoError:
            return None

    @rule(years=st.sampled_from([1, 3, 7]))
    def time_passes(self, years: int) -> None:
        if self.house.clock.now().year < 2060:
            self.house.clock.move(timedelta(days=366 * years))

    @rule(which=st.integers(0, 2), name=st.sampled_from(["Ким", "Лосев"]))
    def hold(self, which: int, name: str) -> None:
        package = self.sets[which]
        found = self.attempt(lambda: hold(self.house, package, name=name))
        if isinstance(found, UUID):
            self.holds[found] = {package}

    @rule(name=st.sampled_from(["Ким", "Лосев", "Орлова"]))
    def lift(self, name: str) -> None:
        for found in list(self.holds):
            before = self.state_of(found)
            self.attempt(lambda one=found: lift(self.house, one, name))
            if before in {"setting", "on"} and self.state_of(found) == "lifting":
                del self.holds[found]

    @rule(
        which=st.integers(0, 2),
        day=st.none() | st.dates(date(2027, 1, 1), date(2050, 1, 1)),
        kind=st.sampled_from(["upd", "primary", "contract", "property"]),
    )
    def relabel(self, which: int, day: date | None, kind: str) -> None:
        package, actor = self.sets[which], self.house.actor()

        def act() -> bool:
            extend_term(package, kind=kind, counted_from=day, reason="x", actor=actor, uow=self.house.uow())
            return True

        if self.attempt(act):
            self.end_needed |= {package} if kind in {"contract", "property"} else set()
            self.day_told |= {package} if day is not None else set()

    @rule(which=st.integers(0, 2))
    def call_it_an_invoice(self, which: int) -> None:
        """A lease under another name is still a lease. Without a day only a longer term is taken: years go by between."""
        for kind in ("contract", "upd"):
            self.time_passes(1)
            self.relabel(which, None, kind)

    @rule(chosen=st.none() | st.sets(st.integers(0, 2), min_size=1))
    def propose(self, chosen: set[int] | None = None) -> None:
        only = None if chosen is None else [self.sets[one] for one in sorted(chosen)]
        found = self.attempt(
            lambda: propose_disposal(reason="x", actor=self.house.actor(), uow=self.house.uow(), package_ids=only)
        )
        if isinstance(found, UUID):
            self.approvals[found] = set()
            self.listed[found] = {line.package_id for line in self.lines(found)}

    @rule(name=st.sampled_from(["Ким", "Лосев", "Орлова"]))
    def approve(self, name: str) -> None:
        for act, names in self.approvals.items():
            if self.attempt(lambda one=act: approve(self.house, one, name)):
                names.add(name)

    @rule()
    def reject(self) -> None:
        for act in self.approvals:
            self.attempt(
                lambda one=act: reject_disposal(one, reason="x", actor=self.house.actor(), uow=self.house.uow())
            )

    @rule(content=st.none() | st.sampled_from(CONTENTS))
    def dispose_of_what_may_go(self, content: bytes | None) -> None:
        """The whole way, so that sequences are about sets that do go; somebody may just be sending a file of theirs again."""
        self.time_passes(7)
        self.house.work()
        self.propose()
        self.approve("Ким")
        self.approve("Лосев")
        if content is not None:
            self.somebody_puts_a_file_that_is_known(content)
        self.house.work()
        self.a_copy_lies_as_long_as_something_that_lives_holds_it_and_no_longer()
        self.and_writes_its_row()

    @rule()
    def force(self) -> None:
        """The job's own verb, called by whoever pleases."""
        for act in self.approvals:
            self.attempt(
                lambda one=act: dispose(one, actor=machine(self.house), uow=self.house.uow(), desk=self.house.desk)
            )

    @rule(which=st.integers(0, 2), on=st.booleans())
    def the_store_protects_a_part(self, which: int, on: bool) -> None:  # noqa: FBT001 drawn by hypothesis
        """On its own, without a row of ours: a set may be halted half-way, and go on when the store lets go."""
        key = archive.key_of(str(self.house.owner), bytes([which]))
        if self.house.store.stat(key) is not None:
            self.house.store.set_hold(key, on)

    @rule(content=st.sampled_from(CONTENTS))
    def somebody_puts_a_file_that_is_known(self, content: bytes) -> None:
        """The same bytes again, in a new document: its row is not written yet."""
        sha256 = self.house.objects.put(content, owner=self.house.owner)
        self.about_to_write.append((sha256, self.house.clock.now()))
        self.put_ever.add(sha256)

    @rule()
    def and_writes_its_row(self) -> None:
        """Within a day of the put; later it would be put again."""
        for sha256, at in self.about_to_write:
            if self.house.clock.now() - at < IDLE:
                self.house.upload(sha256)
                self.living.add(sha256)
        self.about_to_write.clear()

    @rule()
    def a_refreshed_set_is_asked_to_be_cleared_again(self) -> None:
        with self.house.uow() as uow:
            for package in self.sets:
                clear_again(uow, uow.session.get_one(Package, package))
            uow.commit()

    @rule()
    def work(self) -> None:
        self.house.work()

    @invariant()
    def a_copy_lies_as_long_as_something_that_lives_holds_it_and_no_longer(self) -> None:
        kept = {sha256 for _, sha256 in self.house.objects.entries()}
        rows = {package: self.house.row(package) for package in self.sets}
        needed = self.living.union(*(self.own[one] for one, row in rows.items() if row.state != "disposed"))
        assert needed <= kept, "a copy went that something else holds"
        lately = {sha256 for sha256, at in self.about_to_write if self.house.clock.now() - at < IDLE}
        assert lately <= kept, "somebody is about to write a row that holds it"
        cleared = {sha256 for one, row in rows.items() if row.cleared_at is not None for sha256 in self.own[one]}
        assert not kept & (cleared - needed - self.put_ever), "called cleared, and is not"

    def lines(self, act: UUID) -> Sequence[ActLine]:
        return queries_disposal.act(act, uow=self.house.uow().reading())[1]

    def state_of(self, found: UUID) -> str:
        with self.house.uow().reading() as uow:
            return uow.session.get_one(LegalHold, found).state

    @invariant()
    def nothing_went_early_alone_or_under_a_hold(self) -> None:
        for package in self.sets:
            row = self.house.row(package)
            self.until[package] = max(self.until.get(package, row.retain_until), row.retain_until)  # type: ignore[type-var]  # moments, seen as rows' columns
            assert row.retain_until == self.until[package], "a term was shortened"
            assert row.state != "disposed" or not any(self.house.there(package)[1:]), (
                "gone by the act, but not all of it"
            )
            if all(self.house.there(package)):
                continue
            assert row.state in {"disposing", "disposed"}
            assert row.retain_until <= self.house.clock.now()
            assert not any(package in held for held in self.holds.values())
            assert package not in self.end_needed or package in self.day_told, "nobody said when the contract ended"
            by = [
                act for act in self.approvals for line in self.lines(act)
                if line.package_id == package and line.state in {"deleting", "deleted"}
            ]  # fmt: skip
            assert len(by) == 1, "it went by one act"
            assert package in self.listed[by[0]]
            assert len(self.approvals[by[0]]) == 2, "two persons approved the act that it went by"


def run_machine(template: Path, *, examples: int, steps: int, number: int | None = None) -> None:
    """Run so many sequences: always the same ones, or those that a number stands for."""
    machine = type("Machine", (NothingGoesEarly,), {"template": template})
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=number is None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine if number is None else seed(number)(machine), settings=chosen)  # type: ignore[no-untyped-call]  # hypothesis publishes no types for it


def test_no_sequence_of_calls_disposes_early_alone_or_under_a_hold(sqlite_template: Path) -> None:
    run_machine(sqlite_template, examples=3, steps=10)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_long_sequences_of_calls_dispose_of_nothing_early(
    sqlite_template: Path, record_property: Callable[[str, object], None]
) -> None:
    number = int(os.environ.get("EDO_SOAK_SEED") or secrets.randbelow(2**32))
    record_property("sequences of disposal", LONG)
    run_machine(sqlite_template, examples=LONG, steps=25, number=number)
