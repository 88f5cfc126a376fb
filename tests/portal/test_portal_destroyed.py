"""A document that went by an act: its card says by which one, its files answer that they are gone, here and in the API."""

from datetime import timedelta
from uuid import UUID

from edo_service.accounts.rules import Role
from edo_service.archiving.desk_tables import DisposalAct, DisposalLine
from edo_service.archiving.tables import Package
from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.documents import queries as documents
from edo_service.documents.queries import Card
from edo_service.documents.tables import Document
from edo_service.kernel.ids import new_id
from edo_service.kernel.scope import Scope
from edo_service.kernel.uow import UnitOfWork
from tests.portal.conftest import ACCOUNTANT, CLIENT, Live


def lessor(live: Live) -> UUID:
    assert live.running.seeded is not None
    return live.running.seeded.companies[LESSOR.code].entity_id


def destroyed(live: Live) -> tuple[Card, str]:
    """An invoice whose set an act has destroyed, as the rows say it; its files and the card's path as they were before."""
    uploaded, owner = live.upload(live.number()), lessor(live)
    uow = live.running.services.uow(Scope.of(owner))
    card = documents.card(UUID(uploaded.path.rpartition("/")[2]), uow=uow.reading())
    with uow:
        now = uow.clock.now()
        document = uow.session.get_one(Document, card.line.id)
        document.delivery, document.receipt, document.response = "delivered", "received", "counter_signed"
        document.archive, document.disposed_at = "disposed", now
        package = Package(
            id=new_id(), owner_id=owner, document_id=document.id, state="disposed", kind="upd", direction="out",
            number=document.number, dated=document.dated, title=document.title, search=document.title, year=2020,
            counterparty_name=document.counterparty_name, counterparty_inn=document.counterparty_inn, manifest_sha256="0" * 64,
            retain_until=now, summary={}, created_at=now, kept_at=now, retention_kind="upd", cleared_at=now,
        )  # fmt: skip
        uow.session.add(package)
        uow.session.flush()
        put_on_act(uow, package)
        uow.commit()
    return card, uploaded.path


def put_on_act(uow: UnitOfWork, package: Package) -> None:
    now = uow.clock.now()
    act = DisposalAct(
        id=new_id(), owner_id=package.owner_id, number=4711, state="done", reason="x", law="x", sets=1, size=0,
        proposed_by_name="Ким", proposed_at=now - timedelta(days=9), first_by=new_id(), first_by_name="Ким", first_at=now,
        second_by=new_id(), second_by_name="Лосев", second_at=now, done_at=now,
    )  # fmt: skip
    uow.session.add(act)
    uow.session.flush()
    line = DisposalLine(
        owner_id=package.owner_id, act_id=act.id, package_id=package.id, position=1, state="deleted", title=package.title,
        counterparty="", dated=package.dated, kind="upd", law="x", retain_until=now, manifest_sha256="", parts=0, size=0,
        deleted_at=now,
    )  # fmt: skip
    uow.session.add(line)


def test_the_card_names_the_act_and_everything_else_is_gone(live: Live) -> None:
    before, path = destroyed(live)
    accountant, control = live.person(ACCOUNTANT), live.enter(*live.newcomer(LESSOR, Role.COMPLIANCE))
    control.say_why(live.code(LESSOR), "Проверка акта")
    shown = accountant.get(path)
    assert shown.status == 200
    assert "Уничтожен по акту № 4711 от " in shown.text
    assert "восстановить их нельзя" in shown.text
    assert before.line.title in shown.text.replace("\xa0", " ")
    assert shown.tree is not None
    assert not [one for one in shown.tree.xpath("//main//a/@href") if path in str(one)], "nothing to download"
    (part,) = before.parts
    kept = ("text", "print.pdf", "page/1", "protocol.pdf", "download", f"files/{part.id}", f"signatures/{new_id()}")
    for place in kept:
        answer = accountant.get(f"{path}/{place}")
        assert answer.status == 410, place
        assert "Документ уничтожен" in answer.text, place
        assert "На карточке документа сказано, каким актом и когда" in answer.text
    assert accountant.get(f"{path}/signatures/{new_id()}.sig").status == 410
    for place in (f"files/{part.id}", "protocol.pdf"):
        answer = accountant.get(f"/api/v1{path}/{place}")
        assert (answer.status, answer.headers["content-type"]) == (410, "application/problem+json")
        assert b"archive.destroyed" in answer.content
    assert accountant.get(f"/api/v1{path}").status == 200
    seen = control.get(path)
    assert control.get(seen.link("Акт № 4711")).status == 200
    assert "Уничтожен по акту" in control.get(seen.link("Комплект")).text
    client = live.person(CLIENT)
    foreign = path.replace(f"/o/{live.code(LESSOR)}/", f"/o/{live.code(CLIENT_ONE)}/")
    assert client.get(f"{foreign}/files/{part.id}").status == 404, "to others it never was"
