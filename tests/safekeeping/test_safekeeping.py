"""The continuous scrub: goes on where a kill left it, tells what it found once, mends from the mirror; the canary's alarm."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import archive
from archive import MirrorStore, key_of
from archive.errors import StoreUnavailable
from edo_service import bootstrap
from edo_service.archiving.promises import PAGE, PartPromises, _place, all_promises
from edo_service.archiving.tables import Package, PackagePart
from edo_service.bootstrap import Services
from edo_service.errors import Unavailable
from edo_service.kernel import journal, schema
from edo_service.kernel.clock import MovableClock
from edo_service.kernel.database import Database
from edo_service.kernel.ids import new_id
from edo_service.kernel.journal import PLATFORM, reading
from edo_service.kernel.uow import UnitOfWork
from edo_service.main.health import Readiness
from edo_service.safekeeping import queries, rules
from edo_service.safekeeping.use_cases.scrub import Ground, begin_round, open_round, scrub_on
from edo_service.safekeeping.use_cases.watch import note_canary
from edo_service.settings import Settings
from tests.fixtures.databases import START

DAY = timedelta(days=1)
OWNER = new_id()


def kept_set(
    uow: UnitOfWork, contents: list[bytes], *, state: str = "kept", store: archive.Store | None = None
) -> None:
    """A set's rows, and its parts in the store."""
    package_id, until = new_id(), uow.clock.now() + 30 * DAY
    with uow:
        uow.session.add(
            Package(
                id=package_id,
                owner_id=OWNER,
                document_id=new_id(),
                state=state,
                kind="upd",
                direction="out",
                number="1",
                dated=START.date(),
                title="УПД",
                counterparty_name="Вектор",
                counterparty_inn="6600000010",
                search="",
                retain_until=until,
                summary={},
                created_at=uow.clock.now(),
            )
        )
        uow.session.flush()
        for position, content in enumerate(contents):
            key = key_of(str(OWNER), content)
            if store is not None:
                store.put(key, content, retain_until=until)
            uow.session.add(
                PackagePart(
                    owner_id=OWNER,
                    package_id=package_id,
                    position=position,
                    role="title",
                    name=str(position),
                    media_type="",
                    sha256=key.rpartition("/")[2],
                    size=len(content),
                    source="",
                )
            )
        uow.commit()


@pytest.fixture
def services(tmp_path: Path, sqlite_url: str) -> Iterator[Services]:
    """Services over a mirror of two folders with one kept set of eight parts; nothing works by itself."""
    clock = MovableClock(START)
    settings = Settings(data_dir=tmp_path / "data", database_url=sqlite_url, mirror_dir=tmp_path / "second")
    made = bootstrap.build(settings, clock=clock)
    assert isinstance(made.store, MirrorStore)
    kept_set(made.system_uow("archiving.scrub"), [f"part {one}".encode() for one in range(8)], store=made.store)
    yield made
    made.close()


def part(services: Services, root: str, number: int) -> Path:
    digest = key_of("e", f"part {number}".encode()).rpartition("/")[2]
    folder = services.settings.archive_dir if root == "first" else services.settings.mirror_dir
    assert folder is not None
    return next((folder / "parts").rglob(digest))


def spoil(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(b"?")
    path.chmod(0o444)


def events(services: Services, event: str) -> int:
    with services.system_uow("archiving.scrub") as uow:
        return journal.reading.entries(uow, text=event).found


def test_a_round_goes_on_where_it_was_cut_off(services: Services) -> None:
    uow, ground = services.system_uow("archiving.scrub"), services.scrub_ground
    stands = open_round("clock", every=DAY, uow=uow)
    assert stands is not None
    stands, _ = scrub_on(stands, ground=ground, uow=uow, most_objects=3)
    assert (stands.objects, stands.finished_at) == (3, None)
    again = open_round("clock", every=DAY, uow=uow)  # the process died; the next one finds the row
    assert again == stands
    while again.finished_at is None:
        again, found = scrub_on(again, ground=ground, uow=uow, most_objects=3)
        assert not found
    assert again.objects == 8
    assert open_round("clock", every=DAY, uow=uow) is None, "the next one waits for its time"
    services.clock.move(DAY)  # type: ignore[attr-defined]  # a movable one
    begun = open_round("clock", every=DAY, uow=uow)
    assert begun is not None
    assert begun.after == ""


def test_two_clocks_do_not_count_twice(services: Services) -> None:
    uow, ground = services.system_uow("archiving.scrub"), services.scrub_ground
    stands = begin_round("clock", uow=uow)
    first, _ = scrub_on(stands, ground=ground, uow=uow, most_objects=3)
    second, _ = scrub_on(stands, ground=ground, uow=uow, most_objects=3)
    assert first == second


def test_damage_is_told_once_mended_and_warned_of(services: Services) -> None:
    spoil(part(services, "first", 3))
    both = part(services, "first", 5), part(services, "second", 5)
    for path in both:
        spoil(path)
    services.scrub_some()
    with services.system_uow("archiving.scrub") as uow:
        last = queries.last_round(uow, finished=True)
        assert last is not None
        found = queries.found(uow, last.id, shelf=str(OWNER))
        assert queries.found(uow, last.id, shelf="other") == []
    assert (last.objects, last.findings, last.repaired) == (8, 3, 1)
    assert {(one.kind, bool(one.repaired)) for one in found} == {("corrupt", True), ("corrupt", False)}
    assert events(services, rules.ROUND_FOUND) == 2
    assert events(services, rules.ROUND_DONE) == 1
    checks = {one.name: one for one in Readiness(services=services).checks()}
    assert (checks["scrub"].outcome, checks["scrub"].detail[:1]) == ("warning", "1")
    for path in both:
        path.chmod(0o600)
        path.write_bytes(b"part 5")
        path.chmod(0o444)
    services.clock.move(DAY)  # type: ignore[attr-defined]  # a movable one
    services.scrub_some()
    assert {one.name: one.outcome for one in Readiness(services=services).checks()}["scrub"] == "ok"


def test_a_silent_store_is_no_damage(services: Services) -> None:
    class Silent(archive.FileStore):
        def examine(self, key: str) -> archive.Examined:
            raise StoreUnavailable(key)

    uow = services.system_uow("archiving.scrub")
    store = Silent(services.settings.archive_dir, services.clock)
    ground = Ground(store=store, promises=services.promises, chains=lambda: ())
    stands = begin_round("clock", uow=uow)
    with pytest.raises(Unavailable):
        scrub_on(stands, ground=ground, uow=uow)
    with uow:
        assert queries.last_round(uow) == stands


def test_a_broken_chain_is_found_in_the_same_pass(services: Services) -> None:
    problem = archive.Finding(kind="chain_broken", key=f"journal-{OWNER}", detail="changed at 3")
    ground = replace(services.scrub_ground, chains=lambda: (problem,))
    uow = services.system_uow("archiving.scrub")
    stands, found = scrub_on(begin_round("clock", uow=uow), ground=ground, uow=uow)
    assert found == [problem]
    assert stands.findings == 1


def test_nothing_is_read_when_the_rate_is_nought(services: Services) -> None:
    still = replace(services, settings=services.settings.model_copy(update={"scrub_megabytes_per_second": 0.0}))
    still.scrub_some()
    with services.system_uow("archiving.scrub") as uow:
        assert queries.last_round(uow) is None


def test_what_the_archive_must_hold_is_named_in_the_order_of_keys(
    database: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In pages; longest term of kept sets; what is on its way is no promise; what was disposed of is none at all."""
    from edo_service.archiving import promises as module
    from edo_service.kernel.scope import SystemScope

    def uow() -> UnitOfWork:
        return UnitOfWork(database, clock, SystemScope("archiving.scrub"))

    assert PAGE > 3
    monkeypatch.setattr(module, "PAGE", 3)
    kept_set(uow(), [b"1", b"2", b"3", b"4", b"5", b"6", b"7"])
    clock.move(DAY)
    kept_set(uow(), [b"2", b"8"])
    kept_set(uow(), [b"3", b"9"], state="assembled")
    kept_set(uow(), [b"4", b"10"], state="disposed")
    promises = PartPromises(uow=uow)
    expected = list(promises.after(""))
    keys = sorted(key_of(str(OWNER), one) for one in (b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"8", b"9"))
    assert [one.key for one in expected] == keys
    assert {one.key for one in expected if one.underway} == {key_of(str(OWNER), b"9")}
    later = {one.key for one in expected if one.retain_until == clock.now() + 30 * DAY}
    assert later == {key_of(str(OWNER), b"2"), key_of(str(OWNER), b"8")}
    for key in (*keys, key_of("canary", b""), key_of("journal-x", b""), key_of("0000", b"")):
        assert [one.key for one in all_promises(uow).after(key)] == [one for one in keys if one > key]
        assert all_promises(uow).of(key) == next((one for one in expected if one.key == key), None)
    assert _place("journal-1/00") is None


def test_the_canary_raises_the_alarm_once_and_again_the_next_day(services: Services) -> None:
    uow = services.system_uow("archiving.scrub")
    well = archive.CanaryReport(ok=True, attempts=(("delete", True, ""),))
    harmed = archive.CanaryReport(ok=False, attempts=(("shorten", False, "was not refused"),))
    to = ("admin@example.test", "chief@example.test")
    assert note_canary(well, to=to, uow=uow) == []
    letters = note_canary(harmed, to=to, uow=uow)
    assert [one.to for one in letters] == list(to)
    assert "shorten" in letters[0].text
    assert note_canary(harmed, to=to, uow=uow) == []
    services.clock.move(rules.ALARM_AGAIN)  # type: ignore[attr-defined]  # a movable one
    assert len(note_canary(harmed, to=to, uow=uow)) == 2
    assert len(note_canary(well, to=to, uow=uow)) == 2
    assert note_canary(well, to=to, uow=uow) == []
    with uow:
        last = reading.last(uow, rules.CANARY_HARMED)
    assert last is not None
    assert last.facts == {"attempts": ["shorten: was not refused"]}
    alert = replace(services, settings=services.settings.model_copy(update={"alert_mail": to}))
    alert.sound_alarm(harmed)
    assert len(list(services.settings.mail_dir.rglob("*.eml"))) == 2
    journal.seal(services.database, services.clock)
    assert services.verify_journal(PLATFORM).ok
    assert schema.differences(services.settings.database) == ()
