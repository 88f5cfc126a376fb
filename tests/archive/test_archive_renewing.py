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

    def ages_at(self, signed: archive.Signed) -> datetime:  # noqa: ARG002 the port's shape
        return self.ages

    def renew(self, signed: archive.Signed) -> archive.Renewed:
        return archive.Renewed(content=signed.signature + b"!", ages_at=self.then)


@pytest.mark.parametrize(("gained", "kept"), [(DAY, True), (timedelta(), False), (-DAY, False)])
def test_a_time_stamp_that_ages_no_later_is_not_kept(gained: timedelta, *, kept: bool) -> None:
    ages = NOW + 5 * DAY
    signed = archive.Signed(name="s", form="cms", signature=b"s")
    found = archive.refresh([signed], now=NOW, before=NOW + 30 * DAY, renewer=Told(ages, ages + gained))
    assert (list(found.made), list(found.refused)) == ((["s"], []) if kept else ([], ["s"]))
    assert found.due_at == (ages + gained if kept else ages), "asked again"
