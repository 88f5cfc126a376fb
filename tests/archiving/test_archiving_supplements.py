"""What comes after a set went to the archive joins it: with a manifest of its own, proven by the set's own export."""

import hashlib
import importlib
import io
import subprocess
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

import archive
from edo_service.archiving import queries
from edo_service.archiving.evidence_promises import ComingPromises
from edo_service.archiving.queries import Search, SetCard
from edo_service.archiving.supplement_tables import PackageSupplement
from edo_service.archiving.tables import Package, PackagePart
from edo_service.archiving.use_cases import supplement
from edo_service.archiving.use_cases.check import check_set
from edo_service.archiving.use_cases.clear import clear_copies
from edo_service.archiving.use_cases.hold import set_hold
from edo_service.archiving.use_cases.protect import protect
from edo_service.archiving.use_cases.supplement import SUPPLEMENTED, join_late
from edo_service.archiving.use_cases.take_out import take_out
from edo_service.demo.companies import LESSOR
from edo_service.documents import recording
from edo_service.documents.rules import Origin, Role
from edo_service.documents.tables import Document, Part, Signature
from edo_service.errors import NotFound, Unavailable
from edo_service.exchange.tables import Annulment, OperatorAccount
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.kernel.uow import UnitOfWork
from tests.archiving.test_archiving_evidence import day, scoped
from tests.archiving.test_archiving_refresh import keep_signed
from tests.fixtures.road import ACCOUNTANT, CLIENT, COMPLIANCE, House

REQUEST = b"<request>please correct</request>"
NAME = "DP_UVUTOCH_late.xml"
LONG = f"{'a' * 380}DP_PRANNUL.xml"
"""As long as a stranger may make it."""


@pytest.fixture
def kept(house: House) -> tuple[UUID, UUID]:
    """A contract whose set lies in the archive: the document, the set."""
    document, package = house.contract(), keep_signed(house)
    with scoped(house) as uow:
        uow.session.execute(update(Package).where(Package.id == package).values(document_id=document))
        row = recording.take(uow, document)
        row.delivery, row.archive = "delivered", "kept"
        part = recording.main_part(uow, row)
        for place, sha256 in enumerate({part.sha256, *_signatures(uow, document)}):
            uow.session.add(
                PackagePart(
                    owner_id=row.owner_id, package_id=package, position=100 + place, role="document",
                    name=f"{place}.pdf", media_type="x/y", sha256=sha256, size=part.size, source="test",
                )
            )  # fmt: skip
            content = house.services.objects.get(row.owner_id, sha256)
            until = house.clock.now() + timedelta(days=7300)
            house.services.store.put(f"{row.owner_id}/{sha256}", content, retain_until=until)
        uow.commit()
    return document, package


def _signatures(uow: UnitOfWork, document: UUID) -> list[str]:
    return [one.sha256 for one in recording.signatures_of(uow, recording.take(uow, document)) if one.sha256]


def arrive(house: House, document: UUID, content: bytes = REQUEST, *, name: str = NAME) -> None:
    """A signed request for a correction comes from the counterparty."""
    owner, cms = house.entity(LESSOR), house.cms(content)
    objects = house.services.objects
    with scoped(house) as uow:
        row = recording.take(uow, document)
        sha256 = objects.put(content, owner=owner)
        part = recording.add_part(
            uow, row, role=Role.CORRECTION_REQUEST, origin=Origin.COUNTERPARTY, file_name=name,
            media_type="application/xml", sha256=sha256, size=len(content), parent=recording.main_part(uow, row),
        )  # fmt: skip
        uow.session.add(
            Signature(
                owner_id=owner, document_id=document, part_id=part.id, origin="counterparty", state="received",
                means="received", sha256=objects.put(cms, owner=owner), created_at=house.clock.now(),
            )
        )  # fmt: skip
        uow.commit()


def countersign(house: House, document: UUID) -> None:
    """A second signature under the request, which lies in the archive already; nothing promises that it joins."""
    owner = house.entity(LESSOR)
    with scoped(house) as uow:
        first = uow.session.scalars(select(Part).where(Part.sha256 == hashlib.sha256(REQUEST).hexdigest())).first()
        assert first is not None
        sha256 = house.services.objects.put(house.cms(REQUEST, "lessor_person"), owner=owner)
        uow.session.add(
            Signature(
                owner_id=owner, document_id=document, part_id=first.id, origin="counterparty", state="received",
                means="received", sha256=sha256, created_at=house.clock.now() + timedelta(seconds=1),
            )
        )  # fmt: skip
        uow.commit()


def join(house: House, document: UUID) -> int:
    actor = Actor.automatic("test", house.entity(LESSOR))
    return join_late(document, actor=actor, uow=scoped(house), desk=house.services.archive_desk)


def card(house: House, package: UUID) -> SetCard:
    return queries.set_card(package, uow=scoped(house).reading())


def rows(house: House) -> list[PackageSupplement]:
    with scoped(house) as uow:
        return list(uow.session.scalars(select(PackageSupplement).order_by(PackageSupplement.number)))


def exported(house: House, package: UUID, folder: Path) -> Path:
    out, actor = io.BytesIO(), house.actor(COMPLIANCE)
    take_out(package, out, purpose="x", actor=actor, uow=house.uow(actor), desk=house.services.archive_desk)
    zipfile.ZipFile(out).extractall(folder)
    return folder


def verified(folder: Path) -> tuple[int, str]:
    done = subprocess.run(["sh", "verify.sh"], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_late_paper_joins_by_its_own_promise_and_the_export_proves_both(
    house: House, kept: tuple[UUID, UUID], tmp_path: Path
) -> None:
    document, package = kept
    before = card(house, package)
    arrive(house, document)
    house.settle(lambda: bool(card(house, package).supplements))

    after = card(house, package)
    assert (after.manifest_sha256, after.line.retain_until) == (before.manifest_sha256, before.line.retain_until)
    late = {part.name.removeprefix("supplement-1/"): part for part in after.parts if part.supplement == 1}
    assert {NAME, f"{NAME}.1.sig", "events.json", "manifest.json", "manifest.json.sig", "manifest.json.tst"} <= set(
        late
    )
    for part in late.values():
        stat = house.services.store.stat(f"{after.line.owner_id}/{part.sha256}")
        assert stat is not None
        assert stat.retain_until is not None
        assert stat.retain_until >= after.line.retain_until
    assert after.line.size == before.line.size + sum(part.size for part in late.values())
    found = queries.search(Search(text="DP_UVUTOCH_late"), uow=scoped(house).reading())
    assert [line.id for line in found.lines] == [package], "found by the paper that came late"

    day(house)
    (one,) = card(house, package).supplements
    assert one.rooted
    folder = exported(house, package, tmp_path / "x")
    assert hashlib.sha256((folder / "supplements/1/manifest.json").read_bytes()).hexdigest() == one.manifest_sha256
    assert (folder / f"supplements/1/parts/{NAME}").read_bytes() == REQUEST
    code, said = verified(folder)
    assert code == 0, said
    assert "[верно]    supplements/1: проверка пройдена" in said
    assert said.count("[верно]    evidence/record.er: метка 1 из 1") == 2, "both stand under a root"
    (folder / f"supplements/1/parts/{NAME}").write_bytes(b"another request")
    code, said = verified(folder)
    assert (code, "[НАРУШЕНО] supplements/1: " in said) == (1, True)

    actor, uow = house.actor(COMPLIANCE), house.uow(house.actor(COMPLIANCE))
    assert check_set(package, purpose="x", actor=actor, uow=uow, desk=house.services.archive_desk) == ()
    assert (join(house, document), len(rows(house)), len(house.journal(SUPPLEMENTED))) == (0, 1, 1)
    stranger = house.uow(house.actor(CLIENT))
    with pytest.raises(NotFound):
        queries.set_card(package, uow=stranger.reading())


def test_every_paper_joins_once_and_what_may_be_taken_back_waits(house: House, kept: tuple[UUID, UUID]) -> None:
    document, package = kept
    assert join(house, document) == 0, "nothing came"
    with scoped(house) as uow:  # a draft of ours, not signed
        row = recording.take(uow, document)
        row.correction = "prepared"
        sha256 = house.services.objects.put(b"<draft/>", owner=row.owner_id)
        recording.freeze(
            uow, row, role=Role.CORRECTION_REQUEST, file_name="draft.xml", content=b"<draft/>", sha256=sha256
        )
        uow.commit()
    assert join(house, document) == 0
    arrive(house, document)
    assert (join(house, document), join(house, document)) == (1, 0)
    assert supplement.promise_late(uow=scoped(house)) == 0
    countersign(house, document)
    assert supplement.promise_late(uow=scoped(house)) == 1, "the clock finds what nobody promised"
    arrive(house, document, b"<second/>", name="second.xml")
    arrive(house, document, REQUEST, name="the same again.xml")
    assert join(house, document) == 1
    names = [part.name for part in card(house, package).parts if part.supplement == 2]
    assert "supplement-2/second.xml" in names
    assert {f"supplement-2/{NAME}", f"supplement-2/{NAME}.2.sig"} <= set(names), "a late signature with what it signs"
    assert not any("draft" in name for name in names)
    arrive(house, document, b"<third/>", name="third.xml")
    with scoped(house) as uow:
        uow.session.get_one(Package, package).retain_until = house.clock.now() + timedelta(hours=23)
        uow.commit()
    assert (join(house, document), len(rows(house))) == (0, 2), "nothing is put in the last day of a term"


def test_a_proposal_to_annul_joins_and_then_the_answer(house: House, kept: tuple[UUID, UUID]) -> None:
    document, package = kept
    owner, objects = house.entity(LESSOR), house.services.objects
    offer, refusal = b"<offer/>", b"<no/>"
    with scoped(house) as uow:
        account = uow.session.scalars(select(OperatorAccount.id).limit(1)).one()
        row = Annulment(
            id=new_id(), owner_id=owner, document_id=document, account_id=account, side="theirs", state="required",
            reason="Ошиблись договором", file_name=LONG, file_sha256=objects.put(offer, owner=owner),
            signature_sha256=objects.put(house.cms(offer), owner=owner), message_ref="m", entity_ref="e",
            key="k", by_name="", created_at=house.clock.now(),
        )  # fmt: skip
        uow.session.add(row)
        uow.commit()
    house.services.archive_handlers.promise_late()
    house.settle(lambda: len(card(house, package).supplements) == 1)
    with scoped(house) as uow:
        found = uow.session.get_one(Annulment, row.id)
        found.state, found.decided_at, found.answer_name = "refused", house.clock.now(), "DP_UVUTOCH.xml"
        found.answer_sha256 = objects.put(refusal, owner=owner)
        found.answer_signature_sha256 = objects.put(house.cms(refusal, "lessor_person"), owner=owner)
        uow.commit()
    house.services.archive_handlers.promise_late()
    house.settle(lambda: len(card(house, package).supplements) == 2)
    names = [part.name for part in card(house, package).parts if part.supplement == 2]
    assert "supplement-2/DP_UVUTOCH.xml" in names
    assert len(names) == len(set(names))
    assert not any("DP_PRANNUL" in name for name in names), "it lies there already"
    found_by = queries.search(Search(text="ошиблись договором"), uow=scoped(house).reading())
    assert [line.id for line in found_by.lines] == [package]


def test_a_process_that_dies_anywhere_leaves_one_supplement_and_no_orphan(
    house: House, kept: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    document, package = kept
    for number, cut in enumerate(("seal", "_add_parts"), start=1):
        arrive(house, document, cut.encode(), name=f"{cut}.xml")
        whole = getattr(supplement, cut)

        def cut_off(*args: object, done: Callable[..., object] = whole, **named: object) -> None:
            done(*args, **named)
            raise KeyboardInterrupt

        monkeypatch.setattr(supplement, cut, cut_off)
        with pytest.raises(KeyboardInterrupt):
            join(house, document)
        promised = list(ComingPromises(uow=lambda: scoped(house)).after(""))
        made = {one["sha256"] for row in rows(house) for one in row.made.values()}
        assert {one.key.rpartition("/")[2] for one in promised if one.underway} == made
        assert bool(made) == (cut != "seal")
        monkeypatch.setattr(supplement, cut, whole)
        assert join(house, document) == 1
        last = rows(house)[-1]
        assert (last.state, last.number, last.made) == ("kept", number, {})
        there = {part.sha256 for part in card(house, package).parts if part.supplement == number}
        assert there == (made or there), "the bytes that were sealed first"


def test_a_silent_store_is_asked_again_and_a_held_set_holds_what_joins(
    house: House, kept: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    document, package = kept
    compliance, desk = house.actor(COMPLIANCE), house.services.archive_desk
    set_hold([package], ground="g", reason="r", actor=compliance, uow=house.uow(compliance))
    system = Actor.automatic("protect", house.entity(LESSOR))
    protect(actor=system, uow=scoped(house), desk=desk)
    arrive(house, document)

    def silent(*_args: object, **_named: object) -> None:
        raise archive.StoreUnavailable("away")

    monkeypatch.setattr(type(desk.store), "put_all", silent)
    with pytest.raises(Unavailable):
        join(house, document)
    monkeypatch.undo()
    assert join(house, document) == 1
    protect(actor=system, uow=scoped(house), desk=desk)
    for part in card(house, package).parts:
        if part.supplement == 1:
            stat = desk.store.stat(f"{house.entity(LESSOR)}/{part.sha256}")
            assert stat is not None
            assert stat.hold


def test_a_set_that_goes_meanwhile_takes_what_was_put_along(
    house: House, kept: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    document, package = kept
    arrive(house, document)
    put = supplement._put

    def gone(row: Package, made: dict[str, object], desk: object) -> None:
        put(row, made, desk)  # type: ignore[arg-type]  # as it was called
        with scoped(house) as uow:
            uow.session.get_one(Package, package).state = "disposed"
            found = uow.session.get_one(Document, document)
            found.archive, found.disposed_at = "disposed", house.clock.now()
            uow.commit()

    monkeypatch.setattr(supplement, "_put", gone)
    assert join(house, document) == 0
    monkeypatch.undo()
    made = {one["sha256"] for row in rows(house) for one in row.made.values()}
    assert made
    house.work()  # the promise finds that the set has gone
    house.clock.move(timedelta(days=8000))
    services = house.services
    clear_copies(
        actor=Actor.automatic("t", house.entity(LESSOR)),
        uow=scoped(house),
        desk=services.archive_desk,
        shelf=services.desk_handlers.shelf,
    )
    owner = house.entity(LESSOR)
    assert [one for one in made if services.store.stat(f"{owner}/{one}") is not None] == []
    assert [row.state for row in rows(house)] == ["dropped"]
    assert house.card(document, ACCOUNTANT).disposed_at is not None


def test_old_words_about_signatures_become_values() -> None:
    read = importlib.import_module("edo_service.migrations.versions.0018_supplements").read_trouble
    stamp = "the time-stamp of 2026-11-20 is INDETERMINATE NO_POE: it counts as no proof"
    alien = "the time-stamp is TOTAL-FAILED: it counts as no proof"
    refused, doubts = read(f"a: {stamp}; {alien}; b.sig: what proves it aged on 2026-01-01; and more")
    assert refused == {"b.sig": "what proves it aged on 2026-01-01; and more"}
    assert doubts == {
        "a": [
            {"indication": "INDETERMINATE", "sub_indication": "NO_POE", "at": "2026-11-20"},
            {"indication": "TOTAL-FAILED", "sub_indication": None, "at": None},
        ]
    }
    assert read("Damaged: x: its content is another") == ({"Damaged": "x: its content is another"}, {})
