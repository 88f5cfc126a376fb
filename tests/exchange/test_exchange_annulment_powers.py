"""An annulment by an employee: her МЧД counts as for every other signature; a proposal is about what it says inside."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from edo_service.adapters.power_registry import FolderRegistry
from edo_service.demo.companies import CLIENT_ONE, LESSOR, DemoCompany
from edo_service.demo.power import UPD_CODE, demo_power, person
from edo_service.documents import recording
from edo_service.documents.rules import Origin
from edo_service.documents.signing_desk import received_signature
from edo_service.documents.tables import Document
from edo_service.errors import Rejected
from edo_service.exchange import annulment_papers, annulments
from edo_service.exchange.annulment_papers import Side
from edo_service.exchange.tables import Annulment, OddEvent
from edo_service.exchange.use_cases.annul import answer_annulment, propose_annulment
from edo_service.exchange.use_cases.take_annulment import SILENT_REGISTER
from edo_service.formats.power_people import PowerPerson
from edo_service.kernel.actor import Right
from edo_service.kernel.jobs import Retry
from edo_service.keys.queries import UnlockedKey
from edo_service.powers import queries
from edo_service.powers.use_cases import NewPower, keep_power, revoke_power
from operators import port
from operators.port import EntityKind
from tests.exchange.test_exchange_consent import OFFER, forged, offer, proposal, sign, take
from tests.fixtures.road import ACCOUNTANT, House

GROMOV = person("Громов", "Пётр", "Ильич", inn="770000000220", snils="90000000283")
PETROVA = person("Петрова", "Ольга", "Николаевна", inn="780000000240", snils="90000000586")
REASON = "Выставлен дважды"


@dataclass
class Powers:
    """The lessor's register of МЧД, and the folder that plays the register of powers."""

    house: House
    folder: Path

    def __post_init__(self) -> None:
        self.folder.mkdir()
        desk = self.house.services.signing_desk
        self.desk = replace(desk.powers, registry=FolderRegistry(folder=self.folder))
        self.house.services.__dict__["signing_desk"] = replace(desk, powers=self.desk)
        self.actor = replace(self.house.actor(ACCOUNTANT), rights=self.house.actor(ACCOUNTANT).rights | {Right.KEYS})

    def keep(self, company: DemoCompany, agent: PowerPerson, signer: str, *, code: str = UPD_CODE) -> UUID:
        number, today = uuid4(), self.house.clock.now().date()
        file = demo_power(company, agent, number=number, issued=today, expires=today + timedelta(days=9), codes=(code,))
        (self.folder / f"{number}.json").write_text(json.dumps({"state": "active"}), "utf-8")
        new = NewPower(file_name=file.file_name, content=file.content, signature=self.house.cms(file.content, signer))
        return keep_power(new, actor=self.actor, uow=self.house.uow(self.actor), desk=self.desk)

    def publish(self, company: DemoCompany, agent: PowerPerson, signer: str) -> UUID:
        """A power that the register holds and nobody has kept here."""
        number, today = uuid4(), self.house.clock.now().date()
        file = demo_power(company, agent, number=number, issued=today, expires=today + timedelta(days=9))
        (self.folder / f"{number}.xml").write_bytes(file.content)
        (self.folder / f"{number}.sig").write_bytes(self.house.cms(file.content, signer))
        record = {"state": "active", "principal_inn": company.inn, "name": file.file_name}
        (self.folder / f"{number}.json").write_text(json.dumps(record), "utf-8")
        return number

    def revoke(self, power: UUID) -> None:
        revoke_power(power, actor=self.actor, uow=self.house.uow(self.actor))


@pytest.fixture
def powers(house: House, tmp_path: Path) -> Powers:
    return Powers(house, tmp_path / "register")


def employee(house: House) -> UnlockedKey:
    entity = house.pki.entity("lessor_employee")
    return UnlockedKey(id=uuid4(), key=entity.key, certificate=entity.certificate)


def sent(house: House) -> UUID:
    """A document of the lessor's that may be annulled: signed, at the operator, nothing open."""
    document, actor = house.upload(), house.actor(ACCOUNTANT)
    desk, owner = house.services.signing_desk, house.entity(LESSOR)
    content = desk.objects.get(owner, house.card(document).main_part.sha256)
    kept = desk.judge_kept(content, house.cms(content, "lessor_person"), owner=owner)
    with house.uow(actor) as uow:
        row = uow.session.get_one(Document, document)
        row.message_ref, row.entity_ref, row.delivery, row.response = "m", "t", "accepted", "not_needed"
        uow.session.add(received_signature(recording.main_part(uow, row), kept, origin=Origin.OURS))
        uow.commit()
    return document


def propose(house: House, document: UUID, unlocked: UnlockedKey | None = None) -> UUID:
    actor = house.actor(ACCOUNTANT)
    return propose_annulment(
        document,
        reason=REASON,
        unlock=lambda: unlocked or employee(house),
        actor=actor,
        uow=house.uow(actor),
        desk=house.services.signing_desk,
    )


def refuse(house: House, annulment: UUID) -> None:
    actor = house.actor(ACCOUNTANT)
    answer_annulment(
        annulment,
        consent=False,
        reason="Документ верен",
        unlock=lambda: employee(house),
        actor=actor,
        uow=house.uow(actor),
        desk=house.services.signing_desk,
    )


def used(house: House, annulment: UUID, what: str) -> tuple[str, int] | None:
    """How the power ended on which the proposal's signature, or the answer's, rests."""
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        row = uow.session.get_one(Annulment, annulment)
        use = queries.uses(uow, row.document_id).get(annulments.signature_key(row, what))  # type: ignore[arg-type]  # one of two
        return None if use is None else (use.outcome, len(use.checks))


def odd(house: House) -> list[str]:
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        return [row.reason for row in uow.session.scalars(select(OddEvent).order_by(OddEvent.noted_at))]


# --- ours ----------------------------------------------------------------------------------------------------------


def test_an_employee_proposes_by_her_power_and_not_without_one(house: House, powers: Powers) -> None:
    document = sent(house)
    with pytest.raises(Rejected, match="wrong_organization"):
        propose(house, document)
    other = powers.keep(LESSOR, GROMOV, "lessor_person", code="BBDOCS_DOCS_DCSALL_SRCDOC_SOURCEDOCS31")
    with pytest.raises(Rejected, match="not_good"):
        propose(house, document)
    powers.revoke(other)
    powers.keep(LESSOR, GROMOV, "lessor_person")
    assert used(house, propose(house, document), "offer") == ("passed", 10)


def test_a_power_revoked_while_the_proposal_is_signed_takes_it_back(house: House, powers: Powers) -> None:
    document, power = sent(house), powers.keep(LESSOR, GROMOV, "lessor_person")
    house.network.meanwhile.append(lambda: powers.revoke(power))  # before the time-stamp comes
    with pytest.raises(Rejected, match="not_good"):
        propose(house, document)
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        assert uow.session.scalars(select(Annulment)).all() == []


def test_a_refusal_by_an_employee_cites_her_power(house: House, powers: Powers) -> None:
    powers.keep(LESSOR, GROMOV, "lessor_person")
    theirs = offer(house, sent(house), "theirs", ref="offer")
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        row = uow.session.get_one(Annulment, theirs)
        row.signature_sha256 = house.services.objects.put(house.cms(OFFER), owner=row.owner_id)
        uow.commit()
    refuse(house, theirs)
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        row = uow.session.get_one(Annulment, theirs)
        notice = annulment_papers.refusal_of(house.services.objects.get(row.owner_id, row.answer_sha256 or ""))
        (card,) = queries.powers(uow)
    assert notice is not None
    assert notice.signer.electronic_power is not None
    assert notice.signer.electronic_power.number == card.power.number
    assert used(house, theirs, "answer") == ("passed", 10)

    with house.uow(house.actor(ACCOUNTANT)) as uow:  # the operator has refused it
        row = uow.session.get_one(Annulment, theirs)
        document, row.state = row.document_id, "required"
        uow.commit()
    house.clock.move(timedelta(minutes=1))
    refuse(house, theirs)
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        assert len(queries.uses(uow, document)) == 2, "what the first answer rested on stays"
    assert used(house, theirs, "answer") == ("passed", 10)


# --- theirs --------------------------------------------------------------------------------------------------------


def test_a_consent_by_their_employee_counts_by_a_power_of_theirs(house: House, powers: Powers) -> None:
    annulment = proposal(house, "ours")
    cms = house.cms(OFFER, "client_one_employee")
    assert sign(house, annulment, cms, by=CLIENT_ONE.box) == "expected", "nobody has empowered her"
    powers.keep(LESSOR, PETROVA, "lessor_person")
    assert sign(house, annulment, cms, by=CLIENT_ONE.box) == "expected", "ours is no power of theirs"
    revoked = powers.keep(CLIENT_ONE, PETROVA, "client_one_person")
    powers.revoke(revoked)
    assert sign(house, annulment, cms, by=CLIENT_ONE.box) == "expected", "revoked a moment ago"
    powers.keep(CLIENT_ONE, PETROVA, "client_one_person")
    fake = forged(house, powers.folder.parent / "forged", "client_one_employee")
    assert sign(house, annulment, fake, by=CLIENT_ONE.box) == "expected", "a certificate that anybody could have made"
    assert sign(house, annulment, cms, by=CLIENT_ONE.box) == "annulled"
    assert used(house, annulment, "answer") == ("passed", 10)


def test_a_consent_counts_by_the_power_that_the_operator_names(house: House, powers: Powers) -> None:
    annulment = proposal(house, "ours")
    cms = house.cms(OFFER, "client_one_employee")
    number = powers.publish(CLIENT_ONE, PETROVA, "client_one_person")
    assert sign(house, annulment, cms, by=CLIENT_ONE.box) == "expected", "nobody has told of her power"
    told = port.PowerRef(number=str(number).upper(), issuer_inn=CLIENT_ONE.inn)
    assert sign(house, annulment, cms, by=CLIENT_ONE.box, power=told) == "annulled"
    assert used(house, annulment, "answer") == ("passed", 10)


def test_a_proposal_counts_by_the_power_that_the_operator_names(house: House, powers: Powers) -> None:
    document = sent(house)
    own = house.services.objects.get(house.entity(LESSOR), house.card(document).main_part.signatures[0].sha256 or "")
    name = house.card(document).main_part.file_name
    content = written(house, document, file_name=name, signatures=(own,))
    bring(house, content, signer="client_one_employee")
    assert states(house) == [], "nobody has told of her power"
    number = powers.publish(CLIENT_ONE, PETROVA, "client_one_person")
    told = port.PowerRef(number=str(number), issuer_inn=CLIENT_ONE.inn)
    bring(house, content, signer="client_one_employee", power=told)
    assert states(house) == ["required"]


def test_a_consent_waits_for_a_silent_register(house: House, powers: Powers) -> None:
    annulment = proposal(house, "ours")
    powers.keep(CLIENT_ONE, PETROVA, "client_one_person")
    cms = house.cms(OFFER, "client_one_employee")
    away = powers.folder.rename(powers.folder.parent / "away")
    for _ in range(2):
        with pytest.raises(Retry, match="register"):
            sign(house, annulment, cms, by=CLIENT_ONE.box)
    assert set(odd(house)) == {SILENT_REGISTER}
    away.rename(powers.folder)
    assert sign(house, annulment, cms, by=CLIENT_ONE.box) == "annulled"


def test_a_consent_does_not_wait_for_a_power_that_it_does_not_need(house: House, powers: Powers) -> None:
    annulment = proposal(house, "ours")
    number = powers.publish(CLIENT_ONE, PETROVA, "client_one_person")
    (powers.folder / f"{number}.json").write_text("{", "utf-8")
    cms = house.cms(OFFER, "client_one_employee")
    told = port.PowerRef(number=str(number), issuer_inn=CLIENT_ONE.inn)
    with pytest.raises(Retry, match="register"):
        sign(house, annulment, cms, by=CLIENT_ONE.box, power=told)
    powers.keep(CLIENT_ONE, PETROVA, "client_one_person")
    assert sign(house, annulment, cms, by=CLIENT_ONE.box, power=told) == "annulled"
    assert used(house, annulment, "answer") == ("passed", 10)


def sides() -> tuple[Side, Side]:
    """The client and the lessor as the files of an annulment name them."""
    client, lessor = (
        Side(participant_id=one.participant_id, name=one.name, inn=one.inn, kpp=one.kpp) for one in (CLIENT_ONE, LESSOR)
    )
    return client, lessor


def written(house: House, document: UUID, *, file_name: str, signatures: tuple[bytes, ...]) -> bytes:
    """Their proposal as a file."""
    member = LESSOR.people[0]
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        row = uow.session.get_one(Document, document)
        row.message_ref, row.entity_ref = "m", "t"
        uow.commit()
    us, them = sides()
    return annulment_papers.proposal(
        file_name,
        signatures=signatures,
        reason=REASON,
        us=us,
        them=them,
        signer=member,  # type: ignore[arg-type]  # the names are all that is read of it
        at=house.clock.now(),
    ).content


def test_a_proposal_hung_on_another_document_than_it_names_is_not_offered(house: House) -> None:
    """Whoever agrees signs the file: the operator's word about which document it is does not change what it says."""
    document = sent(house)
    main = house.card(document).main_part
    own = house.services.objects.get(house.entity(LESSOR), main.signatures[0].sha256 or "")
    for content in (b"<a/>", written(house, document, file_name="ON_OTHER.xml", signatures=(b"other",))):
        bring(house, content)
        assert states(house) == []
    assert ["другой" in reason for reason in odd(house)] == [True, True]
    named = written(house, document, file_name=main.file_name, signatures=(b"other",))
    assert annulment_papers.is_about_file(named, main.file_name, ())
    bring(house, written(house, document, file_name="renamed-on-its-way.xml", signatures=(own,)))
    assert states(house) == ["required"]
    assert len(odd(house)) == 2


def bring(
    house: House, content: bytes, *, signer: str = "client_one_person", power: port.PowerRef | None = None
) -> None:
    """The client's proposal, signed by it, comes hung on the document's title."""
    ref = port.EntityRef(box=LESSOR.box, message_id="m", entity_id=str(uuid4()))
    entity = port.Entity(
        ref=ref, parent_id="t", kind=EntityKind.REVOCATION, raw_type="r", file_name="a.xml", signed_by=CLIENT_ONE.box
    )
    signature = replace(
        entity, ref=replace(ref, entity_id="sig"), parent_id=ref.entity_id, kind=EntityKind.SIGNATURE, file_name=None
    )
    signature = replace(signature, power=power)
    take(house, (entity, signature), {ref.entity_id: content, "sig": house.cms(content, signer)})


def states(house: House) -> list[str]:
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        return [row.state for row in uow.session.scalars(select(Annulment))]


def test_a_refusal_names_the_proposal_that_it_refuses(house: House) -> None:
    us, them = sides()
    refused = annulment_papers.refusal(
        "DP_PRANNUL_1.xml",
        signature=b"theirs",
        text="Документ верен",
        us=us,
        them=them,
        signer=LESSOR.people[0],  # type: ignore[arg-type]  # the names are all that is read of it
        at=house.clock.now(),
    ).content
    assert annulment_papers.is_about_offer(refused, "dp_prannul_1.xml")
    assert not annulment_papers.is_about_offer(refused, "DP_PRANNUL_2.xml")
    assert annulment_papers.is_about_offer(b"<a/>", "DP_PRANNUL_1.xml"), "what cannot be read hangs where it hangs"
