"""The order of renewal by a port without signatures: what is raised, and what is not worth keeping."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

import archive

NOW = datetime(2030, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Told:
    """A renewer that says what it was told to."""

    ages: datetime
    then: datetime

    stamps: tuple[archive.Stamp, ...] = ()
    readable: bool = True

    def outlook(self, signed: archive.Signed) -> archive.Outlook:
        if not self.readable:
            raise archive.NotRenewable(f"nobody can tell of {signed.name}")
        return archive.Outlook(ages_at=self.ages, stamps=self.stamps)

    def renew(self, signed: archive.Signed) -> archive.Renewed:
        return archive.Renewed(content=signed.signature + b"!", ages_at=self.then)


@pytest.mark.parametrize(("gained", "kept"), [(DAY, True), (timedelta(), False), (-DAY, False)])
def test_a_time_stamp_that_ages_no_later_is_not_kept(gained: timedelta, *, kept: bool) -> None:
    ages = NOW + 5 * DAY
    signed = archive.Signed(name="s", form="cms", signature=b"s")
    found = archive.refresh([signed], now=NOW, before=NOW + 30 * DAY, renewer=Told(ages, ages + gained))
    assert (list(found.made), list(found.refused)) == ((["s"], []) if kept else ([], ["s"]))
    assert found.due_at == (ages + gained if kept else ages), "asked again"


@pytest.mark.parametrize(
    ("indication", "readable", "due"),
    [("TOTAL-PASSED", True, False), ("TOTAL-FAILED", True, False), ("INDETERMINATE", True, True), ("", False, True)],
)
def test_what_nobody_could_judge_is_due_at_the_next_look_and_is_no_proof(
    indication: str, *, readable: bool, due: bool
) -> None:
    """Aged as far as anybody can tell: only a time-stamp that may yet be proven, or a signature not read, is asked again."""
    signed, before = archive.Signed(name="s", form="cms", signature=b"s"), NOW + 30 * DAY
    stamp = archive.Stamp(indication=indication, sub_indication="X", at=NOW - DAY)
    told = Told(NOW - DAY, NOW, stamps=(stamp,), readable=readable)
    found = archive.refresh([signed], now=NOW, before=before, renewer=told)
    assert (list(found.made), list(found.refused)) == ([], ["s"])
    assert found.due_at == (before if due else None)
    assert found.due_after(DAY) == (before + DAY if due else None)
    assert (list(found.doubts) == ["s"]) == (readable and indication != "TOTAL-PASSED")
