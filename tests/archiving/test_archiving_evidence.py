"""Roots of the day and renewals: promised by the clock, kept once whatever dies on the way, proven years later."""

import hashlib
import io
import json
import subprocess
import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

import archive
from edo_service import bootstrap
from edo_service.archiving.evidence_desk import EvidenceDesk
from edo_service.archiving.evidence_handlers import EvidenceHandlers
from edo_service.archiving.evidence_promises import EvidencePromises
from edo_service.archiving.evidence_reading import GROUP
from edo_service.archiving.evidence_tables import EvidenceTree
from edo_service.archiving.evidence_views import EvidenceChain, evidence_chain, evidence_state
from edo_service.archiving.sealing import MANIFEST, MANIFEST_SIGNATURE, MANIFEST_TIMESTAMP
from edo_service.archiving.tables import Package, PackagePart
from edo_service.archiving.use_cases import stamp_evidence
from edo_service.archiving.use_cases.promise_evidence import promise_day_root
from edo_service.archiving.use_cases.prove import evidence_of, verify_evidence
from edo_service.archiving.use_cases.stamp_evidence import REFUSED, ROOT_KEPT
from edo_service.cli.archive import app
from edo_service.demo.companies import LESSOR
from edo_service.errors import NotFound
from edo_service.kernel import journal
from edo_service.kernel.ids import new_id
from edo_service.kernel.scope import Scope
from edo_service.kernel.uow import UnitOfWork
from tests.fixtures.road import ACCOUNTANT, CLIENT, COMPLIANCE, House

DAY, YEAR = timedelta(days=1), timedelta(days=365)


def keep(house: House, number: str = "1") -> UUID:
    """A kept set of the accountant's company, put straight into the store; its id."""
    services, owner, package_id = house.services, house.entity(LESSOR), new_id()
    desk, content = services.archive_desk, f"document {number}".encode()
    part = archive.Part(role="document", name="d.txt", media_type="text/plain", content=content)
    manifest = archive.build_manifest(
        [part], package_id=str(package_id), facts={}, digests=desk.digests, created_at=house.clock.now()
    )
    signature = desk.sign_manifest(manifest, owner)
    until = house.clock.now() + 7 * YEAR
    parts = dict(zip(GROUP, (manifest, signature, desk.stamp(signature)), strict=True)) | {"document": content}
    names = (MANIFEST, MANIFEST_SIGNATURE, MANIFEST_TIMESTAMP, part.name)
    with scoped(house) as uow:
        uow.session.add(_package(house, package_id, number, hashlib.sha256(manifest).hexdigest()))
        uow.session.flush()
        for position, ((role, content), name) in enumerate(zip(parts.items(), names, strict=True)):
            stored = services.store.put(archive.key_of(str(owner), content), content, retain_until=until)
            row = {"role": role, "name": name, "media_type": "x/y", "sha256": stored.sha256, "size": len(content)}
            uow.session.add(
                PackagePart(
                    owner_id=owner, package_id=package_id, position=position, of_name=None, source="test", **row
                )
            )
        uow.commit()
    return package_id


def _package(house: House, package_id: UUID, number: str, manifest_sha256: str) -> Package:
    now = house.clock.now()
    return Package(
        id=package_id,
        owner_id=house.entity(LESSOR),
        document_id=new_id(),
        state="kept",
        kind="upd",
        direction="out",
        number=number,
        dated=now.date(),
        title=number,
        counterparty_name="ООО «Вектор»",
        counterparty_inn="7700000016",
        search=number,
        manifest_sha256=manifest_sha256,
        retain_until=now + 7 * YEAR,
        summary={},
        created_at=now,
        kept_at=now,
    )


def scoped(house: House) -> UnitOfWork:
    return house.uow(house.actor(ACCOUNTANT))


def chain(house: House, package: UUID) -> EvidenceChain:
    return evidence_chain(package, uow=scoped(house))


def day(house: House, handlers: EvidenceHandlers | None = None) -> None:
    """What the clock does in a day, of the evidence alone."""
    journal.seal(house.services.database, house.clock)
    used = handlers or house.services.evidence_handlers
    house.runner.handlers.update(used.table())
    used.promise_for(house.entity(LESSOR))
    house.runner.drain()


def events(house: House, event: str) -> list[dict[str, object]]:
    owner = house.entity(LESSOR)
    return [json.loads(one.facts) for one in house.journal(event) if one.owner_id == owner]


def expected(house: House) -> set[str]:
    promises = EvidencePromises(uow=lambda: house.services.system_uow("archiving.scrub"))
    return {one.key for one in promises.after("") if not one.underway}


def shelf(house: House) -> set[str]:
    return set(house.services.store.keys("evidence-"))


def test_a_package_has_its_own_timestamp_first_then_the_root_of_the_day(any_house: House) -> None:
    house = any_house
    package = keep(house)
    before = chain(house, package)
    assert (before.state, before.aged, before.roots, before.stamps, before.journal) == ("own", False, [], [], None)
    assert before.own_timestamp_sha256 is not None
    desk = house.services.evidence_desk
    own = evidence_of(package, uow=scoped(house), desk=desk)
    assert (own.rooted, len(own.objects)) == (False, 1)
    assert verify_evidence(package, uow=scoped(house), desk=desk).indication == "TOTAL-PASSED"

    house.clock.move(DAY)
    journal.seal(house.services.database, house.clock)
    house.services.evidence_handlers.promise_evidence()
    house.runner.drain()
    after = chain(house, package)
    assert (after.state, len(after.roots), [one.kind for one in after.stamps]) == ("rooted", 1, ["day"])
    assert after.roots[0].leaves == 2, "the package and the head of the journal"
    assert after.journal is not None
    entry = next(
        one
        for one in house.journal()
        if one.owner_id == house.entity(LESSOR) and one.position == after.journal.position
    )
    assert entry.hash == after.journal.hash
    report = verify_evidence(package, uow=scoped(house), desk=desk)
    assert (report.indication, report.proven_at, report.reasons) == ("TOTAL-PASSED", after.stamps[0].at, ())
    assert after.stamps[0].ages_at > house.clock.now() + YEAR
    (root,) = events(house, ROOT_KEPT)
    assert (root["root"], root["leaves"]) == (after.roots[0].root, 2)
    stat = house.services.store.stat(next(iter(shelf(house))))
    assert stat is not None
    assert stat.retain_until is not None
    assert stat.retain_until > house.clock.now() + 5 * YEAR
    with pytest.raises(NotFound):
        evidence_chain(package, uow=house.uow(house.actor(CLIENT)))

    day(house)
    assert chain(house, package) == after, "once a day"
    assert shelf(house) == expected(house)


def test_the_root_waits_for_packages_and_a_later_package_comes_under_a_later_root(house: House) -> None:
    day(house)
    assert events(house, ROOT_KEPT) == [], "the first root of a young journal waits for a package"
    first = keep(house)
    day(house)
    second = keep(house, "Л-2")
    day(house)
    assert (chain(house, first).state, chain(house, second).state) == ("rooted", "own")
    house.clock.move(DAY)
    day(house)
    assert chain(house, second).state == "rooted"
    assert chain(house, first).roots != chain(house, second).roots
    house.clock.move(DAY)
    day(house)
    assert len(events(house, ROOT_KEPT)) == 2, "a day without packages needs no root"
    house.clock.move(8 * DAY)
    day(house)
    assert len(events(house, ROOT_KEPT)) == 3, "the journal's head does not wait for ever"
    assert evidence_state(uow=scoped(house)).promised_since is None


def test_the_export_and_the_command_carry_the_record_and_verify_sh_climbs_it(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = keep(house)
    day(house)
    out = io.BytesIO()
    actor = house.actor(ACCOUNTANT)
    auditor = replace(actor, rights=frozenset({*actor.rights, *house.actor(COMPLIANCE).rights}))
    house.services.take_out(package, out, purpose="проверка", actor=auditor)
    tmp_path = tmp_path / "x"
    zipfile.ZipFile(out).extractall(tmp_path)
    content = (tmp_path / "evidence/record.er").read_bytes()
    assert content == evidence_of(package, uow=scoped(house), desk=house.services.evidence_desk).record
    done = subprocess.run(["sh", "verify.sh"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[верно]    evidence/record.er: метка 1 из 1" in done.stdout

    monkeypatch.setattr(bootstrap, "build", lambda: house.services)
    told = CliRunner().invoke(app, ["evidence", str(package), "-o", str(tmp_path / "record")])
    assert told.exit_code == 0, told.output
    assert told.output.startswith("TOTAL-PASSED\t-\t2026-11-20")
    assert "\ninitial\t2026-11-20" in told.output
    assert CliRunner().invoke(app, ["evidence", str(new_id())]).exit_code == 64
    assert (tmp_path / "record").read_bytes() == content


class PowerCut(BaseException):
    """Nothing may catch it."""


@dataclass(kw_only=True)
class Fuse:
    """Lets so many calls of its own thread through and then cuts the power, before the call or after it."""

    left: int
    after: bool = False
    thread: int = field(default_factory=threading.get_ident)

    def guard(self, act: Callable[..., object]) -> Callable[..., object]:
        def guarded(*words: object, **named: object) -> object:
            if threading.get_ident() != self.thread:
                return act(*words, **named)
            self.left -= 1
            if self.left == 0 and not self.after:
                raise PowerCut
            done = act(*words, **named)
            if self.left == 0:
                raise PowerCut
            return done

        return guarded


@pytest.mark.parametrize("after", [False, True])
def test_power_cuts_at_every_step_leave_one_root_and_no_orphan(house: House, after: bool) -> None:  # noqa: FBT001 - a parameter of the test
    package = keep(house)
    journal.seal(house.services.database, house.clock)
    actor, owner = house.actor(ACCOUNTANT), house.entity(LESSOR)
    services = house.services
    tree = None
    for step in range(1, 12):
        fuse = Fuse(left=step, after=after)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(UnitOfWork, "commit", fuse.guard(UnitOfWork.commit))
            patch.setattr(stamp_evidence.EvidenceDesk, "put", fuse.guard(EvidenceDesk.put))
            patch.setattr(type(services.objects), "put", fuse.guard(type(services.objects).put))
            try:
                services_uow = services.uow(Scope.of(owner))
                tree = tree or stamp_evidence_promise(services_uow, owner, services.evidence_desk)
                stamp_evidence.stamp_tree(
                    tree, actor=actor, uow=services.uow(Scope.of(owner)), desk=services.evidence_desk
                )
            except PowerCut:
                tree = tree or promised(house)
                assert shelf(house) <= all_known(house), "what lies there was recorded before"
                continue
        break
    else:
        pytest.fail("never came through")
    assert chain(house, package).state == "rooted"
    assert shelf(house) == expected(house)
    assert len(events(house, ROOT_KEPT)) == 1
    assert verify_evidence(package, uow=scoped(house), desk=services.evidence_desk).indication == "TOTAL-PASSED"


def stamp_evidence_promise(uow: UnitOfWork, owner: UUID, desk: EvidenceDesk) -> UUID | None:
    return promise_day_root(owner, uow=uow, policy=desk.policy)


def promised(house: House) -> UUID | None:
    with scoped(house) as uow:
        return uow.session.scalars(select(EvidenceTree.id)).one_or_none()


def all_known(house: House) -> set[str]:
    promises = EvidencePromises(uow=lambda: house.services.system_uow("archiving.scrub"))
    return {one.key for one in promises.after("")}


def test_a_silent_authority_delays_the_root_and_a_damaged_package_is_left_out(house: House) -> None:
    sound, damaged = keep(house), keep(house, "Л-2")
    house.network.silent.add("tsa")
    day(house)
    assert chain(house, sound).state == "own"
    assert evidence_state(uow=scoped(house)).promised_since is not None
    manifest = chain(house, damaged).manifest_sha256
    (path,) = (house.services.settings.archive_dir / "parts").rglob(manifest)
    path.chmod(0o600)
    path.write_bytes(b"{}")
    house.network.silent.clear()
    house.clock.move(timedelta(hours=1))
    day(house)
    assert (chain(house, sound).state, chain(house, damaged).state) == ("rooted", "own")
    (refused,) = events(house, REFUSED)
    assert "SHA-256" in str(refused["reason"])
    with pytest.raises(archive.Damaged):
        evidence_of(damaged, uow=scoped(house), desk=house.services.evidence_desk)


def test_a_longer_term_of_a_set_is_a_longer_term_of_its_evidence(house: House) -> None:
    package = keep(house)
    day(house)
    longer = house.clock.now() + 30 * YEAR
    with scoped(house) as uow:
        uow.session.get_one(Package, package).retain_until = longer
        uow.commit()
    day(house)
    ends = [stat.retain_until for key in shelf(house) if (stat := house.services.store.stat(key)) is not None]
    assert ends == [longer, longer]
    day(house)
    assert [job.kind for job in house.jobs() if job.state != "done"] == []
