"""What is missing of the evidence is said: to whoever watches the service, and in the report about integrity."""

from datetime import timedelta

from sqlalchemy import select

from edo_service.archiving import papers, queries_desk
from edo_service.archiving.evidence_tables import EvidenceTree
from edo_service.archiving.evidence_views import evidence_state
from edo_service.main.health import Readiness
from tests.archiving.test_archiving_evidence import DAY, YEAR, chain, day, keep, scoped
from tests.archiving.test_archiving_evidence_years import years
from tests.fixtures.road import House


def said(house: House) -> tuple[str, str]:
    """The check of health, asked anew."""
    return next(
        (one.outcome, one.detail) for one in Readiness(services=house.services).checks() if one.name == "evidence"
    )


def test_a_closed_day_without_a_root_a_late_renewal_and_an_aged_stamp_are_each_told(house: House) -> None:
    package, clock = keep(house), years(house, quiet=20 * YEAR)
    assert said(house) == ("ok", ""), "its day has not closed"
    house.clock.move(3 * DAY)
    assert said(house) == ("warning", "1 sets of closed days are under no time-stamped root")
    assert evidence_state(uow=scoped(house)).unrooted == 1
    day(house, clock)
    assert said(house) == ("ok", "")
    (stamp,) = chain(house, package).stamps
    house.clock.set(stamp.ages_at - 85 * DAY)
    assert said(house)[0] == "ok", "due, and still on its way"
    house.clock.set(stamp.ages_at - 60 * DAY)
    assert said(house) == (
        "warning",
        f"1 time-stamps are overdue for renewal, the first ages {stamp.ages_at:%Y-%m-%d}",
    )
    house.clock.set(stamp.ages_at + DAY)
    assert said(house) == ("warning", "1 time-stamps aged without renewal")


def test_a_time_stamp_too_young_to_be_renewed_is_not_overdue(house: House) -> None:
    """Of an authority that is about to end: near its age from the first day, and renewed after the pause at the earliest."""
    keep(house)
    house.clock.move(DAY)
    day(house, years(house, quiet=20 * YEAR))
    with scoped(house) as uow:
        tree = uow.session.scalars(select(EvidenceTree)).one()
        stamped_at = tree.stamped_at
        assert stamped_at is not None
        tree.ages_at = stamped_at + 60 * DAY
        uow.commit()
    house.clock.set(stamped_at + 40 * DAY)
    assert said(house) == ("ok", "")
    house.clock.set(stamped_at + 45 * DAY)
    assert said(house)[0] == "warning"


def test_the_report_about_integrity_says_the_same(house: House) -> None:
    keep(house)
    house.clock.move(3 * DAY)
    now = house.clock.now()
    found = queries_desk.period(now - YEAR, now, uow=scoped(house))
    state = evidence_state(uow=scoped(house))
    assert not state.sound
    since, until = now.date() - timedelta(days=30), now.date()
    pdf = papers.integrity_pdf(found, state, since=since, until=until, company="ООО «ЛизингПром»", at=now)
    assert pdf.startswith(b"%PDF")
