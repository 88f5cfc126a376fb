"""The register of powers over the demo companies: what is kept, by whom, and what a signature rests on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from edo_service import formats
from edo_service.adapters.power_registry import FolderRegistry
from edo_service.archiving.tables import Package, PackagePart
from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO, LESSOR
from edo_service.demo.power import UPD_CODE, demo_power, person
from edo_service.documents.rules import Role
from edo_service.documents.tables import Document
from edo_service.documents.use_cases.sign import accept_upload
from edo_service.errors import Conflict, Forbidden, NotFound, Rejected, Unavailable
from edo_service.exchange.accounts import card as account_card
from edo_service.exchange.tables import OperatorAccount
from edo_service.kernel.actor import Right
from edo_service.powers import queries
from edo_service.powers.rules import RegistryAnswer, RegistryState
from edo_service.powers.use_cases import NewPower, decide_power, keep_by_requisites, keep_power, revoke_power
from operators.port import PowerRef
from tests.fixtures.road import CLIENT, House

PETROVA = person("Петрова", "Ольга", "Николаевна", inn="780000000240", snils="90000000586", position="Бухгалтер")


class Register:
    """The folder that plays the register of powers, and the desk that asks it."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.folder = house, folder
        folder.mkdir()
        services = house.services
        self.desk = replace(services.power_desk, registry=FolderRegistry(folder=folder))
        services.__dict__["power_desk"] = self.desk
        services.__dict__.pop("signing_desk", None)
        self.actor = replace(house.actor(CLIENT), rights=house.actor(CLIENT).rights | {Right.KEYS})

    def power(self, *, codes: tuple[str, ...] = (UPD_CODE,), days: int = 300) -> tuple[UUID, formats.WrittenFile]:
        number = uuid4()
        today = self.house.clock.now().date()
        file = demo_power(
            CLIENT_ONE, PETROVA, number=number, issued=today - timedelta(days=5), expires=today + timedelta(days=days),
            codes=codes,
        )  # fmt: skip
        self.tell(number, "active")
        return number, file

    def tell(self, number: UUID, state: str, **more: str) -> None:
        (self.folder / f"{number}.json").write_text(json.dumps({"state": state, **more}), "utf-8")

    def keep(
        self, file: formats.WrittenFile, *, signer: str = "client_one_person", signed: bytes | None = None
    ) -> UUID:
        signature = self.house.cms(signed or file.content, signer)
        new = NewPower(file_name=file.file_name, content=file.content, signature=signature)
        return keep_power(new, actor=self.actor, uow=self.house.uow(self.actor), desk=self.desk)

    def card(self, power_id: UUID) -> queries.PowerCard:
        uow = self.house.uow(self.actor)
        with uow:
            return queries.power(uow, power_id)

    def told_at_the_operator(self, document: UUID) -> list[PowerRef]:
        uow = self.house.services.system_uow("exchange.poll")
        with uow:
            row = uow.session.get_one(Document, document)
            account = uow.session.scalars(select(OperatorAccount).where(OperatorAccount.box == row.box)).one()
            operator = self.house.services.operator(account_card(account))
            box, message = row.box or "", row.message_ref or ""
        return [one.power for one in operator.message(box, message) if one.power is not None]


@pytest.fixture
def register(house: House, tmp_path: Path) -> Register:
    return Register(house, tmp_path / "register")


def test_a_power_is_kept_once_with_its_bytes(register: Register) -> None:
    number, file = register.power()
    kept = register.keep(file)
    assert register.keep(file) == kept
    card = register.card(kept)
    assert (card.power.number, card.file.signature) == (str(number), "TOTAL-PASSED")
    assert register.house.services.objects.get(card.owner_id, card.file_sha256) == file.content
    assert [row.event for row in register.house.journal("power.")] == ["power.kept"]


def test_what_is_no_good_power_is_refused(register: Register) -> None:
    number, file = register.power()
    house = register.house
    with pytest.raises(Rejected, match="signature_failed"):
        register.keep(file, signed=b"another file")
    with pytest.raises(Rejected, match="unreadable"):
        register.keep(formats.WrittenFile(file_name="x.xml", content=b"<x/>"))
    scrap = NewPower(file_name=file.file_name, content=file.content, signature=b"nothing")
    with pytest.raises(Rejected, match="signature_failed"):
        keep_power(scrap, actor=register.actor, uow=house.uow(register.actor), desk=register.desk)
    without_right = house.actor(CLIENT)
    with pytest.raises(Forbidden):
        keep_power(scrap, actor=without_right, uow=house.uow(without_right), desk=register.desk)
    register.keep(file)
    today = house.clock.now().date()
    other = demo_power(CLIENT_ONE, PETROVA, number=number, issued=today, expires=today + timedelta(days=9))
    with pytest.raises(Conflict, match="other_file"):
        register.keep(other)


def test_a_better_signature_of_the_same_file_takes_the_place_of_a_poor_one(register: Register) -> None:
    _, file = register.power()
    register.house.network.silent |= {"crl", "ocsp"}
    kept = register.keep(file)
    assert register.card(kept).file.signature == "INDETERMINATE"
    register.house.network.silent.clear()
    assert register.keep(file) == kept
    assert register.card(kept).file.signature == "TOTAL-PASSED"
    assert [row.event for row in register.house.journal("power.")] == ["power.kept", "power.judged_anew"]


def test_a_file_kept_under_a_wrong_name_is_mended_by_its_right_one(register: Register) -> None:
    """A browser that saves a file twice changes its name; the power would fail check 2 for ever."""
    _, file = register.power()
    kept = register.keep(replace(file, file_name=file.file_name.replace(".xml", " (1).xml")))
    assert not register.card(kept).file.is_well_named
    assert register.keep(file) == kept
    assert register.card(kept).file.name == file.file_name
    register.keep(replace(file, file_name="worse.xml"))
    assert register.card(kept).file.name == file.file_name


def test_nobody_decides_against_what_the_power_says(register: Register) -> None:
    kept = register.keep(register.power()[1])
    with pytest.raises(Rejected, match="does_not_allow"):
        decide_power(kept, "contract", allowed=True, actor=register.actor, uow=register.house.uow(register.actor))


def test_the_earlier_revocation_counts(register: Register) -> None:
    number, file = register.power()
    kept, now = register.keep(file), register.house.clock.now()
    register.tell(number, "revoked", revoked_at=(now - timedelta(days=2)).isoformat())
    revoke_power(kept, actor=register.actor, uow=register.house.uow(register.actor))
    assert register.desk.answer(register.card(kept)).revoked_at == now - timedelta(days=2)
    register.tell(number, "active")
    assert register.desk.answer(register.card(kept)).revoked_at == now


def test_a_power_comes_from_the_register_by_its_requisites(register: Register) -> None:
    number, file = register.power()
    house, inn = register.house, CLIENT_ONE.inn

    def fetch(principal: str = inn) -> UUID:
        return keep_by_requisites(
            str(number).upper(), principal, actor=register.actor, uow=house.uow(register.actor), desk=register.desk
        )

    with pytest.raises(Rejected, match="not_in_registry"):
        fetch()
    register.tell(number, "active", principal_inn=inn, name=file.file_name)
    with pytest.raises(Unavailable, match="registry_silent"):
        fetch()
    (register.folder / f"{number}.xml").write_bytes(file.content)
    (register.folder / f"{number}.sig").write_bytes(house.cms(file.content))
    with pytest.raises(Rejected, match="not_in_registry"):
        fetch(LESSOR.inn)
    card = register.card(fetch())
    assert (card.source, card.file.signature) == ("registry", "TOTAL-PASSED")


def test_the_folder_answers_or_says_why_not(tmp_path: Path) -> None:
    registry, number = FolderRegistry(folder=tmp_path / "register"), str(uuid4())
    assert registry.status(number).state is RegistryState.SILENT
    registry.folder.mkdir()
    assert registry.status(number).state is RegistryState.ABSENT
    assert registry.status("../../etc/passwd").state is RegistryState.ABSENT
    for text in ("{", "[]", "{}", '{"state": "silent"}', '{"state": "revoked", "revoked_at": "2026-11-20T10:00:00"}'):
        (registry.folder / f"{number}.json").write_text(text, "utf-8")
        assert registry.status(number).state is RegistryState.SILENT, text
    (registry.folder / f"{number}.json").write_text('{"state": "active"}', "utf-8")
    assert registry.status(number.upper()).state is RegistryState.ACTIVE


def test_another_company_does_not_see_it(register: Register) -> None:
    _, file = register.power()
    kept = register.keep(file)
    stranger = register.house.actor(CLIENT_TWO.people[0])
    uow = register.house.uow(stranger)
    with uow:
        assert list(queries.powers(uow)) == []
        with pytest.raises(NotFound):
            queries.power(uow, kept)
    stranger = replace(stranger, rights=stranger.rights | {Right.KEYS})
    with pytest.raises(NotFound):
        revoke_power(kept, actor=stranger, uow=register.house.uow(stranger))


def test_an_employee_signs_by_her_power(register: Register) -> None:
    """Her certificate names no company: the power does; the title cites it, the ten checks are kept with the signature."""
    house = register.house
    number, file = register.power()
    register.keep(file)
    document = house.deliver(house.upload())
    content = house.prepare(document)
    house.bring(document, house.cms(content, "client_one_employee"))
    card = house.card(document, CLIENT)
    assert card.line.response == "signing"
    title = card.part(Role.BUYER_TITLE)
    assert title is not None
    assert [signature.power and signature.power.number for signature in title.signatures] == [str(number)]
    uow = house.uow(register.actor)
    with uow:
        (use,) = queries.uses(uow, document).values()
    assert (use.number, use.outcome, len(use.checks)) == (str(number), "passed", 10)
    house.settle(lambda: house.card(document, CLIENT).line.archive == "kept")
    told = PowerRef(number=str(number), issuer_inn=CLIENT_ONE.inn, representative_inn="780000000240")
    assert register.told_at_the_operator(document) == [told], "the other side is told what the signature rests on"
    with house.services.system_uow("archiving.scrub") as scrub:
        package = scrub.session.scalars(select(Package).where(Package.document_id == document)).one()
        rows = scrub.session.scalars(select(PackagePart).where(PackagePart.package_id == package.id))
        parts = {row.role: row.name for row in rows if row.role.startswith("power") or row.of_name == file.file_name}
    assert parts == {
        "power": file.file_name,
        "power_status": "power-checks.json",
        "signature": f"{file.file_name}.1.sig",
    }


def test_without_a_good_power_nothing_is_signed(register: Register) -> None:
    house = register.house
    number, file = register.power()
    register.keep(file)
    document = house.deliver(house.upload())
    cms = house.cms(house.prepare(document), "client_one_employee")
    record = register.folder / f"{number}.json"
    for text, reason in (('{"state": "revoked"}', "отозвана"), ("{", "не ответил"), (None, "такого номера нет")):
        record.unlink() if text is None else record.write_text(text, "utf-8")
        with pytest.raises(Rejected, match="not_good") as refused:
            house.bring(document, cms)
        assert reason in str(refused.value.params["reason"])
        assert house.card(document, CLIENT).line.response == "prepared"


class Meanwhile:
    """A register that answers well; before the answer arrives something happens here."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act

    def status(self, number: str) -> RegistryAnswer:
        del number
        self._act()
        return RegistryAnswer(state=RegistryState.ACTIVE)

    def find(self, number: str, principal_inn: str) -> None:
        del number, principal_inn


def test_revoked_here_counts_at_once_even_while_a_signature_is_on_its_way(register: Register) -> None:
    house = register.house
    _, file = register.power()
    kept = register.keep(file)
    document = house.deliver(house.upload())
    content = house.prepare(document)
    cms = house.cms(content, "client_one_employee")
    meanwhile = Meanwhile(lambda: revoke_power(kept, actor=register.actor, uow=house.uow(register.actor)))
    desk = replace(house.services.signing_desk, powers=replace(register.desk, registry=meanwhile))
    actor = house.actor(CLIENT)
    with pytest.raises(Rejected, match="not_good"):
        accept_upload(document, cms, actor=actor, uow=house.uow(actor), desk=desk)
    assert house.card(document, CLIENT).line.response == "prepared"
    with pytest.raises(Rejected, match="not_good") as refused:
        house.bring(document, cms)
    assert "отозвана" in str(refused.value.params["reason"])


def test_a_person_decides_where_the_machine_cannot(register: Register) -> None:
    house = register.house
    _, file = register.power(codes=("KLASS_9_NEW_CODE",))
    kept = register.keep(file)
    document = house.deliver(house.upload())
    content = house.prepare(document)
    with pytest.raises(Rejected, match="not_good"):
        house.bring(document, house.cms(content, "client_one_employee"))
    decide_power(kept, "upd", allowed=True, actor=register.actor, uow=house.uow(register.actor))
    house.bring(document, house.cms(content, "client_one_employee"))
    assert house.card(document, CLIENT).line.response == "signing"
    assert [row.event for row in house.journal("power.decided")] == ["power.decided"]
