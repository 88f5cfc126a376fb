"""The head of each journal goes into the WORM store once a day; what is cut off or written anew behind it is found."""

import json
from datetime import timedelta
from uuid import UUID

import pytest

import archive
from edo_service.archiving.heads import HEAD_KEPT, KEEP_HEAD, kept_heads, shelf
from edo_service.archiving.use_cases import keep_heads
from edo_service.archiving.use_cases.keep_heads import keep_head
from edo_service.demo.companies import LESSOR
from edo_service.kernel import journal
from tests.cli.test_cli import edo
from tests.fixtures.road import ACCOUNTANT, House


def day(house: House) -> None:
    """What the clock does in a day."""
    journal.seal(house.services.database, house.clock)
    house.services.archive_handlers.promise_heads()
    house.runner.drain()
    journal.seal(house.services.database, house.clock)


def keys(house: House, owner: UUID) -> list[str]:
    return sorted(house.services.store.keys(f"{shelf(owner)}/"))


def forge(house: House, *statements: str, **values: object) -> None:
    """Change rows past the triggers that forbid it, as whoever owns the database file may."""
    connection = house.services.database.engine.raw_connection()
    triggers = connection.cursor().execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in triggers:
        connection.cursor().execute(f'DROP TRIGGER "{name}"')
    for statement in statements:
        connection.cursor().execute(statement, values)
    connection.commit()
    connection.close()


def test_a_head_is_kept_each_day_once_and_the_scrub_knows_it(any_house: House) -> None:
    house = any_house
    owner = house.entity(LESSOR)
    day(house)
    first = keys(house, owner)
    assert len(first) == 1
    day(house)
    assert keys(house, owner) == first, "once a day"
    house.clock.move(timedelta(days=1))
    day(house)
    assert len(keys(house, owner)) == 2

    report = house.services.scrub()
    assert report.sound, report.findings
    found = kept_heads(owner, store=house.services.store)
    assert len(found.heads) == 2
    assert found.damaged == ()
    for entry in (one for one in house.journal(HEAD_KEPT) if one.owner_id == owner):
        stat = house.services.store.stat(json.loads(entry.facts)["key"])
        assert stat is not None
        assert stat.retain_until is not None
        assert stat.retain_until > house.clock.now() + timedelta(days=4 * 365)
    assert house.services.verify_journal(owner).ok


def test_a_tail_cut_off_is_found_by_the_command_and_by_the_scrub(house: House) -> None:
    house.upload()
    day(house)
    owner = house.entity(LESSOR)
    root = house.services.settings.root
    whole = edo("journal", "verify", data_dir=root)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert "heads 1\tproblems 0" in whole.stdout

    forge(house, "DELETE FROM journal_entry WHERE owner_id = :owner AND position > 1", owner=owner.hex)
    assert journal.verify_chain(house.services.database, owner).ok, "the chain alone cannot know"
    broken = edo("journal", "verify", data_dir=root)
    assert broken.returncode == 1
    assert f"{LESSOR.inn}\tcut\t1\t-\t" in broken.stdout
    findings = house.services.scrub().findings
    assert sorted(one.kind for one in findings) == ["chain_broken", "orphan"], (
        "the record of the head is gone, the head is not"
    )


def test_a_crash_between_the_store_and_the_record_leaves_one_head(house: House) -> None:
    journal.seal(house.services.database, house.clock)
    house.services.archive_handlers.promise_heads()
    (job,) = [row for row in house.jobs("waiting") if row.kind == KEEP_HEAD and row.owner_id == house.entity(LESSOR)]
    owner, actor = house.entity(LESSOR), house.actor(ACCOUNTANT)
    desk = house.services.archive_desk

    class PowerCut(Exception):
        pass

    def cut(*_args: object) -> None:
        raise PowerCut

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keep_heads.reading, "last", cut)
        with pytest.raises(PowerCut):
            keep_head(job.payload, actor=actor, uow=house.uow(actor), desk=desk)
    assert len(keys(house, owner)) == 1
    assert house.services.scrub().sound, "on its way, no orphan"

    house.clock.move(timedelta(hours=1))
    day(house)
    assert len(keys(house, owner)) == 1
    assert [one.owner_id for one in house.journal(HEAD_KEPT)].count(owner) == 1
    keep_head(job.payload, actor=actor, uow=house.uow(actor), desk=desk)
    assert [one.owner_id for one in house.journal(HEAD_KEPT)].count(owner) == 1


def test_a_silent_store_delays_the_head_and_a_damaged_one_is_named(house: House) -> None:
    owner = house.entity(LESSOR)
    journal.seal(house.services.database, house.clock)

    def silent(*_args: object, **_named: object) -> archive.Stored:
        raise archive.StoreUnavailable("away")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house.services.store, "put", silent)
        day(house)
    assert keys(house, owner) == []
    house.clock.move(timedelta(minutes=1))
    day(house)
    (key,) = keys(house, owner)

    (path,) = (house.services.settings.archive_dir / "parts").rglob(key.rpartition("/")[2])
    path.chmod(0o600)
    path.write_bytes(b"{}")
    path.chmod(0o444)
    report = house.services.verify_journal(owner)
    assert [(one.kind, one.text) for one in report.problems] == [("head_damaged", key)]
