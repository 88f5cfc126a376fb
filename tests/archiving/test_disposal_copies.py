"""What outlives an act of disposal outside the archive: nothing but the stub, and what somebody else still holds."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import JSON, select

from edo_service.adapters.objects_files import FileObjects
from edo_service.archiving import holders, queries_disposal
from edo_service.archiving.desk_tables import ArchiveCheck, ArchiveExport
from edo_service.archiving.shelf import ExportShelf
from edo_service.archiving.tables import Package
from edo_service.archiving.use_cases.clear import CLEARED, clear_again, clear_copies
from edo_service.archiving.use_cases.export import BUILD, name_of, order_export
from edo_service.archiving.use_cases.index import write_some
from edo_service.documents import queries as documents
from edo_service.documents.tables import Document, Part, Signature
from edo_service.errors import Gone, NotFound, Unavailable
from edo_service.exchange.tables import Annulment, OperatorAccount
from edo_service.kernel.ids import new_id
from edo_service.kernel.jobs import Job, Runner
from edo_service.kernel.journal import reading
from edo_service.kernel.objects import IDLE, ObjectStore
from edo_service.kernel.tables import Base, JsonDict
from tests.archiving.test_desk_disposal import YEARS_SEVEN, dispose_of_all, machine
from tests.fixtures.archive_desk import DeskHouse


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def left(house: DeskHouse) -> set[str]:
    """What lies in the company's working store."""
    return {sha256 for owner, sha256 in house.objects.entries() if owner == house.owner}


def document_of(house: DeskHouse, package: UUID) -> Document:
    with house.uow().reading() as uow:
        return uow.session.get_one(Document, house.row(package).document_id)


def went(house: DeskHouse, *packages: UUID) -> None:
    """The rows of sets that an act has just taken, as its job leaves them; the paper of an act takes long to set."""
    with house.uow() as uow:
        for package in packages:
            row = uow.session.get_one(Package, package)
            document = uow.session.get_one(Document, row.document_id)
            row.state, document.archive, document.disposed_at = "disposed", "disposed", house.clock.now()
        uow.commit()


def sign(house: DeskHouse, package: UUID, cms: bytes, evidence: dict[str, list[bytes]]) -> None:
    """A judged signature under the set's document, with facts, as the road leaves them."""
    with house.uow() as uow:
        document = uow.session.get_one(Document, house.row(package).document_id)
        part = uow.session.scalars(select(Part).where(Part.document_id == document.id)).first()
        assert part is not None
        document.facts = {"file_id": "ON_NSCHFDOPPR_1", "lines": [{"name": "Экскаватор"}], "basis": ["Договор № 7"]}
        document.search = "экскаватор"
        document.refusal_reason = "Не та цена"
        kept = {kind: [house.objects.put(one, owner=house.owner) for one in found] for kind, found in evidence.items()}
        uow.session.add(
            Signature(
                owner_id=house.owner, document_id=document.id, part_id=part.id, origin="ours", state="made", means="server",
                sha256=house.objects.put(cms, owner=house.owner), signer_name="Ким А. А.", signer_inn="7707083893",
                verdict={"signatures": [{"signer": "Ким"}]}, evidence=kept, created_at=house.clock.now(),
            )
        )  # fmt: skip
        uow.commit()


def annul(house: DeskHouse, package: UUID, paper: bytes) -> None:
    """A proposal to annul the set's document."""
    with house.uow() as uow:
        now = house.clock.now()
        account = OperatorAccount(
            id=new_id(), owner_id=house.owner, operator="diadoc", participant_id="x", box="b", login="l",
            sealed_password=b"", client_id="c", state="working", created_at=now,
        )  # fmt: skip
        uow.session.add(account)
        uow.session.flush()
        uow.session.add(
            Annulment(
                owner_id=house.owner, document_id=house.row(package).document_id, account_id=account.id, side="ours",
                state="done", reason="Ошибка", file_name="a.xml", file_sha256=house.objects.put(paper, owner=house.owner),
                message_ref="m", key="k", by_name="Ким", created_at=now,
            )
        )  # fmt: skip
        uow.commit()


def test_after_the_act_only_the_stub_is_left(any_desk: DeskHouse) -> None:
    house = any_desk
    gone = house.keep(b"title", b"common", text="экскаватор", number="0417")
    sign(house, gone, b"cms", {"certificates": [b"ca", b"own"], "crls": [b"crl"]})
    annul(house, gone, b"annulment")
    with house.uow() as uow:
        told = {"cms": {"indication": "TOTAL-PASSED", "signer": "Ким"}}
        uow.session.add(
            ArchiveCheck(
                owner_id=house.owner, package_id=gone, person_name="Ким", at=house.clock.now(), parts=2, damaged={},
                verdicts=told,
            )
        )  # fmt: skip
        uow.commit()
    house.clock.move(YEARS_SEVEN)
    stays = house.keep(b"common", b"two", number="0500")
    sign(house, stays, b"other cms", {"certificates": [b"ca"]})
    assert len(left(house)) == 9

    act = dispose_of_all(house)

    assert left(house) == {sha(one) for one in (b"common", b"two", b"other cms", b"ca")}
    assert all(house.there(stays))
    document, other = document_of(house, gone), document_of(house, stays)
    assert (document.number, document.counterparty_inn, document.archive) == ("0417", "7700000016", "disposed")
    assert (document.facts, document.refusal_reason, document.vat) == ({"file_id": "ON_NSCHFDOPPR_1"}, None, None)
    assert other.facts["lines"]
    assert documents.list_documents(documents.Wish(text="экскаватор"), uow=house.uow().reading()).found == 1
    with house.uow().reading() as uow:
        signatures = {row.document_id: row for row in uow.session.scalars(select(Signature))}
        check = uow.session.scalars(select(ArchiveCheck)).one()
        assert reading.last(uow, CLEARED, subject=f"package:{gone}") is not None
    assert (signatures[document.id].signer_name, signatures[document.id].verdict) == (None, None)
    assert signatures[other.id].verdict is not None
    assert check.verdicts == {}
    assert house.row(gone).cleared_at is not None
    assert queries_disposal.act(act, uow=house.uow().reading())[0].state == "done"
    card = documents.card(document.id, uow=house.uow().reading())
    assert (card.disposed_at, list(card.parts)) == (document.disposed_at, [])
    with house.uow().reading() as uow:
        part = uow.session.scalars(select(Part.id).where(Part.document_id == document.id)).first()
    assert part is not None
    with pytest.raises(Gone):
        documents.part_bytes(document.id, part, uow=house.uow().reading(), objects=house.objects)
    assert write_some(actor=machine(house), uow=house.uow(), objects=house.objects) is False
    assert house.row(gone).text_row is None


def test_a_content_that_was_put_today_waits_and_one_that_came_after_the_act_is_a_new_paper(
    bare_desk: DeskHouse,
) -> None:
    house = bare_desk
    package = house.keep(b"x", b"y")
    house.clock.move(YEARS_SEVEN)
    house.objects.put(b"x", owner=house.owner)  # somebody is about to write a row, and never does
    went(house, package)
    assert house.handlers.promise_clearing() == 1
    house.work()
    assert left(house) == {sha(b"x")}
    assert house.row(package).cleared_at is None
    assert house.handlers.promise_clearing() == 0, "promised"
    house.clock.move(IDLE - timedelta(hours=1))
    assert house.work() == 0
    document = house.row(package).document_id
    with house.uow() as uow:  # late news of the destroyed document
        late = Part(
            id=new_id(), owner_id=house.owner, document_id=document, role="unknown", origin="operator", file_name="late",
            media_type="a/b", sha256=house.objects.put(b"y", owner=house.owner), size=1, created_at=house.clock.now(),
        )  # fmt: skip
        uow.session.add(late)
        uow.commit()
    house.clock.move(timedelta(hours=2))
    assert house.work() == 1
    assert left(house) == {sha(b"y")}
    assert house.row(package).cleared_at is not None
    house.clock.move(YEARS_SEVEN)
    with house.uow() as uow:
        clear_again(uow, uow.session.get_one(Package, package))
        uow.commit()
    house.work()
    found, content = documents.part_bytes(document, late.id, uow=house.uow().reading(), objects=house.objects)
    assert (found.file_name, content) == ("late", b"y"), "nobody approved that this one goes"


def test_sets_that_went_before_there_was_this_job_are_cleared_by_the_clocks_duty(any_desk: DeskHouse) -> None:
    house = any_desk
    package = house.keep(b"x")
    assert house.handlers.promise_clearing() == 0
    house.clock.move(YEARS_SEVEN)
    went(house, package)
    assert house.handlers.promise_clearing() == 1
    house.work()
    assert left(house) == set()
    assert house.handlers.promise_clearing() == 0


def export(house: DeskHouse, *sets: UUID) -> UUID:
    actor = house.actor("Орлова")
    return order_export(sets, kind="tax", title="Опись", purpose="Проверка", actor=actor, uow=house.uow())


def state_of(house: DeskHouse, found: UUID) -> str:
    with house.uow().reading() as uow:
        return uow.session.get_one(ArchiveExport, found).state


def on_shelf(house: DeskHouse, found: UUID) -> bool:
    try:
        house.shelf.open(name_of(found)).close()
    except NotFound:
        return False
    return True


def test_exports_of_a_destroyed_set_are_withdrawn_and_one_under_way_is_waited_for(bare_desk: DeskHouse) -> None:
    house = bare_desk
    package, other = house.keep(b"x"), house.keep(b"z")
    house.clock.move(YEARS_SEVEN)
    ready, foreign = export(house, package, other), export(house, other)
    house.work()
    waits, died = export(house, package), export(house, package)
    with house.uow() as uow:
        job = uow.session.scalars(select(Job).where(Job.kind == BUILD, Job.key == str(died))).one()
        job.state = "dead"
        uow.commit()
    went(house, package)
    house.store.delete(f"{house.owner}/{sha(b'x')}")
    house.handlers.promise_clearing()
    nobody_builds = {kind: act for kind, act in house.handlers.table().items() if kind != BUILD}
    Runner(house.database, house.clock, nobody_builds, worker="test").drain(100)
    assert [state_of(house, one) for one in (ready, foreign, waits, died)] == ["expired", "ready", "queued", "failed"]
    assert (on_shelf(house, ready), on_shelf(house, foreign)) == (False, True)
    assert left(house) == {sha(b"z")}
    assert house.row(package).cleared_at is None, "an export of it may still be written"
    for _ in range(2):
        house.clock.move(timedelta(minutes=11))
        house.work()
    assert (state_of(house, waits), on_shelf(house, waits)) == ("failed", False)
    assert house.row(package).cleared_at is not None


class PowerCut(Exception):
    """The process dies here; what it did before stays."""


@dataclass
class Fuse:
    """Lets so many acts through, then the process dies, before the act or after it."""

    left: int
    after: bool

    def act(self, really: Callable[[], Any]) -> Any:
        """Carry it out, or die."""
        self.left -= 1
        if self.left < 0:
            if self.after:
                really()
            raise PowerCut
        return really()


@dataclass
class Cut:
    """A store whose acts go through the fuse."""

    inner: Any
    fuse: Fuse

    def __getattr__(self, name: str) -> Any:
        """The method behind the fuse."""
        return lambda *given, **named: self.fuse.act(lambda: getattr(self.inner, name)(*given, **named))


def clear_with(house: DeskHouse, fuse: Fuse) -> None:
    desk = replace(house.desk, objects=cast("ObjectStore", Cut(house.objects, fuse)))
    shelf = cast("ExportShelf", Cut(house.shelf, fuse))
    clear_copies(actor=machine(house), uow=house.uow(), desk=desk, shelf=shelf)


def test_a_clearing_that_dies_anywhere_is_carried_on_and_takes_nothing_too_much(bare_desk: DeskHouse) -> None:
    house = bare_desk
    gone = [house.keep(b"a", b"common"), house.keep(b"b", b"common", b"shared")]
    house.clock.move(YEARS_SEVEN)
    ready = export(house, *gone)
    house.work()
    house.upload(house.objects.put(b"shared", owner=house.owner))
    went(house, *gone)
    house.handlers.promise_clearing()
    assert left(house) == {sha(one) for one in (b"a", b"b", b"common", b"shared")}
    deaths = 0
    for acts in range(40):
        try:
            clear_with(house, Fuse(acts // 2, after=acts % 2 == 1))
        except PowerCut:
            deaths += 1
            assert sha(b"shared") in left(house)
            continue
        break
    else:
        pytest.fail("it never came to its end")
    assert deaths >= 6, "the export's file, two contents: before each and after each"
    assert left(house) == {sha(b"shared")}
    assert (state_of(house, ready), on_shelf(house, ready)) == ("expired", False)
    assert None not in {house.row(one).cleared_at for one in gone}
    assert house.work() == 1, "the promise itself"
    assert left(house) == {sha(b"shared")}


def test_a_store_that_is_silent_is_asked_again(bare_desk: DeskHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    house = bare_desk
    package = house.keep(b"x")
    house.clock.move(YEARS_SEVEN)

    def silent(*_: object) -> bool:
        raise Unavailable("objects.not_deleted", reason="away")

    went(house, package)
    house.handlers.promise_clearing()
    with monkeypatch.context() as patch:
        patch.setattr(FileObjects, "delete", silent)
        house.work()
    assert house.row(package).cleared_at is None
    house.clock.move(timedelta(minutes=1))
    house.work()
    assert left(house) == set()
    assert house.row(package).cleared_at is not None


def test_every_column_with_the_address_of_a_content_is_known() -> None:
    """A new one has to say what it stands for (`archiving.holders`), or a disposal would take what it names."""
    named = {
        f"{column.class_.__tablename__}.{column.key}"
        for column in (*(one[0] for one in holders.OF_DOCUMENTS), holders.OF_SETS, *holders.FOR_EVER)
    }
    assert not named & set(holders.NO_CONTENTS)
    found = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name == "sha256" or column.name.endswith("_sha256")
    }
    assert found == named | set(holders.NO_CONTENTS)
    fields = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, JsonDict | JSON)
    }
    lists = {f"{one.class_.__tablename__}.{one.key}" for one in holders.LISTS}
    assert not lists & set(holders.NO_LISTS)
    assert fields == lists | set(holders.NO_LISTS)
