"""Signatures: only over the frozen bytes, only by our own valid certificate, only while they are wanted."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

import signing
from edo_service.accounts.rules import RIGHTS, Role
from edo_service.adapters.objects_files import FileObjects
from edo_service.demo.companies import CLIENT_ONE, COMPANIES
from edo_service.documents.signing_desk import PUT_ANEW, PutLately, Tray
from edo_service.documents.use_cases.answer import change_mind
from edo_service.documents.use_cases.send import send_document, take_back
from edo_service.documents.use_cases.sign import accept_upload, sign_with_own_key
from edo_service.errors import Conflict, EdoError, Forbidden, NotFound, Unavailable
from edo_service.kernel.actor import Actor
from edo_service.kernel.clock import MovableClock
from edo_service.kernel.ids import new_id
from edo_service.kernel.objects import IDLE
from edo_service.kernel.scope import Scope
from edo_service.keys import queries as keys
from signing.pki import RevocationReason
from tests.fixtures.road import ACCOUNTANT, CLIENT, House

VEKTOR = COMPANIES[2].people[0]


def refused(act: Callable[[], object]) -> EdoError:
    with pytest.raises(EdoError) as caught:
        act()
    return caught.value


@pytest.fixture
def asked(house: House) -> tuple[House, object]:
    """A contract that lies with the client (the quickest way to a file to be signed)."""
    return house, house.deliver(house.contract())


def test_the_frozen_file_is_signed_elsewhere_and_becomes_cades_t(asked: tuple[House, object]) -> None:
    house, document = asked
    frozen = house.prepare(document)
    house.bring(document, house.cms(frozen))
    house.settle(lambda: house.card(document, CLIENT).line.response == "signed")
    (ours,) = [one for one in house.card(document, CLIENT).main_part.signatures if one.origin == "ours"]
    assert (ours.level, ours.indication, ours.means) == ("T", "TOTAL-PASSED", "upload")
    assert ours.signer_inn == CLIENT_ONE.inn
    (entry,) = [one for one in house.journal("signature.made") if json.loads(one.facts)["means"] == "upload"]
    assert json.loads(entry.facts)["indication"] == "TOTAL-PASSED"


@pytest.mark.parametrize(("coat", "is_taken"), [("pem", True), ("base64", True), ("garbage", False), ("empty", False)])
def test_coats_of_a_signature(
    asked: tuple[House, object],
    coat: str,
    is_taken: bool,  # noqa: FBT001 - a parameter
) -> None:
    import base64

    house, document = asked
    cms = house.cms(house.prepare(document))
    lines = base64.encodebytes(cms)
    wrapped = {
        "pem": b"-----BEGIN CMS-----\n" + lines + b"-----END CMS-----\n",
        "base64": lines,
        "garbage": cms[: len(cms) // 2],
        "empty": b"",
    }[coat]
    if is_taken:
        assert house.bring(document, wrapped)
        return
    assert refused(lambda: house.bring(document, wrapped)).code == "document.signature_unreadable"


def test_a_signature_over_anything_else_is_refused_and_changes_nothing(asked: tuple[House, object]) -> None:
    house, document = asked
    frozen = house.prepare(document)
    for content in (frozen + b" ", frozen[:-1], b"", b"another file"):
        assert refused(lambda content=content: house.bring(document, house.cms(content))).code == (
            "document.signature_of_other_file"
        )
    card = house.card(document, CLIENT)
    assert card.line.response == "prepared"
    assert [one.origin for one in card.main_part.signatures if one.sha256] == ["counterparty"]
    assert house.bring(document, house.cms(frozen))


@pytest.mark.parametrize("who", ["client_two_person", "lessor_person", "operator"])
def test_a_certificate_of_another_organisation_is_refused(asked: tuple[House, object], who: str) -> None:
    house, document = asked
    cms = house.cms(house.prepare(document), who)
    assert refused(lambda: house.bring(document, cms)).code == "document.wrong_organization"


def test_an_attached_signature_and_two_signers_are_refused(asked: tuple[House, object]) -> None:
    house, document = asked
    frozen = house.prepare(document)
    error = refused(lambda: house.bring(document, house.cms(frozen, detached=False)))
    assert error.code == "document.signature_not_detached"
    error = refused(lambda: house.bring(document, two_signers(house, frozen)))
    assert (error.code, error.params["signers"]) == ("document.signature_not_detached", 2)


def two_signers(house: House, content: bytes) -> bytes:
    """One CMS with the signatures of both clients."""
    from asn1crypto import cms

    first = cms.ContentInfo.load(house.cms(content))
    second = cms.ContentInfo.load(house.cms(content, "client_two_person"))
    both = [*first["content"]["signer_infos"], *second["content"]["signer_infos"]]
    first["content"]["signer_infos"] = cms.SignerInfos(both)
    return bytes(first.dump())


def test_a_revoked_certificate_is_refused(asked: tuple[House, object]) -> None:
    house, document = asked
    frozen = house.prepare(document)
    cms = house.cms(frozen)
    house.pki.revoke("client_one_person", house.clock.now() - timedelta(minutes=1), RevocationReason.KEY_COMPROMISE)
    error = refused(lambda: house.bring(document, cms))
    assert error.code == "document.signature_not_passed"
    assert "отозван" in str(error.params["reason"])


def test_an_expired_certificate_is_refused(asked: tuple[House, object]) -> None:
    house, document = asked
    frozen = house.prepare(document)
    end = house.pki.entity("client_one_person").certificate.not_after
    house.clock.set(end + timedelta(days=1))
    error = refused(lambda: house.bring(document, house.cms(frozen)))
    assert error.code == "document.signature_not_passed"
    assert "истёк" in str(error.params["reason"])


def test_a_certificate_of_an_unknown_authority_with_our_inn_is_refused(asked: tuple[House, object]) -> None:
    """INDETERMINATE is not good enough: anybody can issue a certificate with our ИНН to himself."""
    from edo_service.demo.make_pki import HOST, demo_declaration
    from signing.pki import build

    house, document = asked
    frozen = house.prepare(document)
    forger = build(demo_declaration(), now=house.clock.now(), host=HOST).entity("client_one_person")
    cms = signing.sign_cades(
        frozen, key=forger.key, certificate=forger.certificate, chain=forger.chain, signing_time=house.clock.now()
    )
    assert refused(lambda: house.bring(document, cms)).code == "document.signature_not_passed"
    assert house.card(document, CLIENT).line.response == "prepared"


def test_a_signature_whose_revocation_cannot_be_asked_waits(asked: tuple[House, object]) -> None:
    house, document = asked
    cms = house.cms(house.prepare(document))
    house.network.silent |= {"ocsp", "crl"}
    with pytest.raises(Unavailable) as caught:
        house.bring(document, cms)
    assert caught.value.code == "document.signature_undecided"
    house.network.silent.clear()
    assert house.bring(document, cms)


def test_a_second_signature_is_a_conflict(asked: tuple[House, object]) -> None:
    house, document = asked
    cms = house.cms(house.prepare(document))
    house.bring(document, cms)
    assert isinstance(refused(lambda: house.bring(document, cms)), Conflict)
    assert isinstance(refused(lambda: house.sign(document)), Conflict)
    assert len(house.journal("signature.made")) == 2, "the lessor's and hers"


def test_a_change_of_mind_in_another_tab_refuses_the_signature_under_way(asked: tuple[House, object]) -> None:
    """She signs the contract in one tab while another tab turns her answer into a refusal."""
    house, document = asked
    cms = house.cms(house.prepare(document))
    actor = house.actor(CLIENT)

    def other_tab() -> None:
        change_mind(document, actor=actor, uow=house.uow(actor))
        house.refuse(document)

    house.network.meanwhile.append(other_tab)
    error = refused(lambda: house.bring(document, cms))
    assert error.code == "document.changed_meanwhile"
    assert house.card(document, CLIENT).line.response == "refusal_prepared"


def test_wrong_pins_lock_the_key_and_are_written_down(asked: tuple[House, object]) -> None:
    house, document = asked
    house.prepare(document)
    errors = [refused(lambda: house.sign(document, pin="000000000")) for _ in range(6)]
    assert [error.code for error in errors] == ["key.wrong_pin"] * 4 + ["key.locked"] * 2
    assert [error.params.get("left") for error in errors[:4]] == [4, 3, 2, 1]
    assert refused(lambda: house.sign(document)).code == "key.locked", "the right PIN comes too late"
    assert len(house.journal("key.wrong_pin")) == 5
    assert house.card(document, CLIENT).line.response == "prepared"


def test_another_persons_key_is_as_an_absent_one(asked: tuple[House, object]) -> None:
    house, document = asked
    house.prepare(document)
    foreign = house.own_key(VEKTOR)
    uow = house.uow(house.actor(CLIENT))
    with uow:
        automatic = keys.automatic_key(uow)
    assert automatic is not None
    for key_id in (foreign, automatic.id, new_id()):
        error = refused(lambda key_id=key_id: house.sign(document, key_id=key_id))
        assert (type(error), error.code) == (NotFound, "key.absent")
    colleague = Actor(
        user_id=new_id(),
        name="Коллега",
        entity_id=house.entity(CLIENT_ONE),
        scope=Scope.of(house.entity(CLIENT_ONE)),
        rights=RIGHTS[Role.CLIENT],
    )
    error = refused(
        lambda: sign_with_own_key(
            document,
            key_id=house.own_key(CLIENT),
            pin=house.pin(CLIENT),
            actor=colleague,
            uow=house.uow(colleague),
            desk=house.services.signing_desk,
            keys=house.services.keys,
        )
    )
    assert (type(error), error.code) == (NotFound, "key.absent")
    assert house.journal("key.unlocked") == []


@pytest.mark.parametrize("role", [Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR, Role.MANAGER])
def test_who_may_not_sign_cannot(house: House, role: Role) -> None:
    document = house.contract()
    whole = house.actor(ACCOUNTANT)
    actor = Actor(user_id=whole.user_id, name="X", entity_id=whole.entity_id, scope=whole.scope, rights=RIGHTS[role])
    for act in (
        lambda: send_document(document, actor=actor, uow=house.uow(actor)),
        lambda: take_back(document, actor=actor, uow=house.uow(actor)),
        lambda: accept_upload(document, b"x", actor=actor, uow=house.uow(actor), desk=house.services.signing_desk),
        lambda: change_mind(document, actor=actor, uow=house.uow(actor)),
    ):
        assert isinstance(refused(act), Forbidden)
    assert house.card(document).line.delivery == "draft"


def test_a_foreign_document_is_as_an_absent_one(house: House) -> None:
    document, stranger = house.contract(), house.actor(VEKTOR)
    said = []
    for wanted in (document, new_id()):
        for act in (
            lambda wanted=wanted: send_document(wanted, actor=stranger, uow=house.uow(stranger)),
            lambda wanted=wanted: take_back(wanted, actor=stranger, uow=house.uow(stranger)),
            lambda wanted=wanted: house.card(wanted, VEKTOR),
            lambda wanted=wanted: accept_upload(
                wanted, b"x", actor=stranger, uow=house.uow(stranger), desk=house.services.signing_desk
            ),
        ):
            error = refused(act)
            said.append((type(error), error.code))
    assert set(said) == {(NotFound, "document.document_absent")}


def test_evidence_that_many_signatures_share_is_put_once_an_hour(tmp_path: Path, clock: MovableClock) -> None:
    objects, lately, (mine, theirs) = FileObjects(tmp_path, clock), PutLately(), (new_id(), new_id())

    def put(owner: UUID) -> str:
        tray = Tray(owner, objects=objects, lately=lately, clock=clock)
        name = tray.add_evidence(b"a list")
        tray.put()
        return name

    sha256 = put(mine)
    (kept,) = tmp_path.glob(f"{mine}/*/{sha256}")
    kept.unlink()
    assert put(mine) == sha256
    assert not kept.exists(), "the store was not asked again"
    assert put(theirs) == sha256
    assert objects.get(theirs, sha256) == b"a list"
    clock.move(PUT_ANEW)
    put(mine)
    assert kept.exists()
    assert PUT_ANEW < IDLE / 2, "nothing that was put so lately may be deleted before its row is written"
