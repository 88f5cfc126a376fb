"""What only Taxcom has: keys that die of idleness, contacts, refusals after the fact, lists that are asked by time."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from operators import errors
from operators.port import (
    AcceptAnnulment,
    Capability,
    EntityKind,
    ProposeAnnulment,
    RefuseAnnulment,
    Response,
    Revocation,
    SenderSignature,
    SendUniversalMessage,
)
from operators.sandbox import create_taxcom_app
from operators.taxcom import TaxcomCredentials, TaxcomOperator
from tests.operators.parts import BUYER, SELLER, HandClock, KeyNotary, Stage, xml_file
from tests.operators.taxcom_world import KIND, cabinet, connect_taxcom
from tests.operators.worlds import World, receipt, title


@pytest.fixture
def world(stage: Stage, tmp_path: Path, signer: KeyNotary) -> Iterator[World]:
    made = World(KIND, stage.open(tmp_path / "sandbox.sqlite", face=create_taxcom_app), signer)
    yield made
    made.close()


def key_of(world: World) -> str:
    client: Any = vars(world.operator)["_client"]
    found: str | None = client.of(world.seller).key
    assert found
    return found


def test_a_key_lives_by_being_used_and_is_renewed_once(world: World, stage: Stage, tmp_path: Path) -> None:
    world.feed(world.seller)
    first = key_of(world)
    for _ in range(4):
        world.sandbox.clock.move(timedelta(minutes=4))
        world.feed(world.seller)
        assert key_of(world) == first, "used within five minutes"
    world.sandbox.clock.move(timedelta(minutes=6))
    world.feed(world.seller)
    second = key_of(world)
    assert second != first
    behind = replace(world.sandbox, clock=HandClock(world.sandbox.clock.now()))
    other = connect_taxcom(behind)
    other.events(world.seller, None)
    world.sandbox.clock.move(timedelta(minutes=6))
    assert other.events(world.seller, None).items == (), "refused with 401, logged in once and asked again"
    other.close()


def test_a_foreign_integrator_and_an_empty_account_are_refused(world: World) -> None:
    credentials = TaxcomCredentials(integrator_id="ANY", cabinets=(cabinet(SELLER),))
    stranger = TaxcomOperator(world.sandbox.url, credentials, clock=world.sandbox.clock)
    with pytest.raises(errors.AuthExpired):
        stranger.check_connection()
    stranger.close()
    wrong = replace(cabinet(SELLER), inn=BUYER.inn)
    credentials = TaxcomCredentials(integrator_id="COMPANY_1", cabinets=(wrong,))
    stranger = TaxcomOperator(world.sandbox.url, credentials, clock=world.sandbox.clock)
    with pytest.raises(errors.Forbidden, match="INN"):
        stranger.check_connection()
    stranger.close()
    with pytest.raises(ValueError, match="cabinet"):
        TaxcomOperator("http://127.0.0.1", TaxcomCredentials(integrator_id="", cabinets=()), clock=HandClock())


def test_log_in_by_certificate_opens_the_sealed_key(stage: Stage, tmp_path: Path) -> None:
    secret = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SELLER.name)])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(secret.public_key())
    until = datetime(2030, 1, 1, tzinfo=UTC)
    builder = builder.serial_number(1).not_valid_before(until - timedelta(days=2000)).not_valid_after(until)
    own = builder.sign(secret, hashes.SHA256())
    der = own.public_bytes(Encoding.DER)

    def seal(key: bytes, certificate: bytes) -> tuple[str, bytes]:
        if certificate != der:
            raise ValueError("unknown")
        sealed = pkcs7.PKCS7EnvelopeBuilder().set_data(key).add_recipient(own)
        return SELLER.participant_id, sealed.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])

    def face(**options: Any) -> Any:
        return create_taxcom_app(**options, sealer=seal)

    def opener(enveloped: bytes, *, participant_id: str) -> bytes:
        assert participant_id == SELLER.participant_id
        return pkcs7.pkcs7_decrypt_der(enveloped, own, secret, [])

    sandbox = stage.open(tmp_path / "sealed.sqlite", face=face)
    for certificate_given, opens, fails in ((der, opener, False), (der, None, True), (b"\x30\x01\x00", opener, True)):
        mine = replace(cabinet(SELLER), login=None, password=None, certificate=certificate_given)
        credentials = TaxcomCredentials(integrator_id="COMPANY_1", cabinets=(mine,))
        options: dict[str, Any] = {} if opens is None else {"opener": opens}
        operator = TaxcomOperator(sandbox.url, credentials, clock=sandbox.clock, **options)
        if fails:
            with pytest.raises(errors.AuthExpired):
                operator.events(SELLER.participant_id, None)
        else:
            assert operator.events(SELLER.participant_id, None).items == ()
        operator.close()


def test_every_address_of_the_operator_is_served(world: World, shared_data: Path) -> None:
    facts = json.loads((shared_data / "operators/taxcom/endpoints.json").read_text())
    for each in facts["auth"] + facts["contacts"] + facts["documents"]:
        address = world.sandbox.url + each["path"]
        answer = httpx2.request(each["verb"], address, params={"login": "a", "password": "b", "id": "c"})
        assert answer.status_code in {400, 401}, each["path"]
        if each in facts["contacts"] + facts["documents"]:
            assert answer.status_code == 401, each["path"]


def proposal(world: World, doc: Any, file_name: str) -> ProposeAnnulment:
    body = f"<Документ><СвПредАн><ИмяФайла>{file_name.removesuffix('.xml')}</ИмяФайла></СвПредАн></Документ>"
    name, content = xml_file("DP_PRANNUL", SELLER, BUYER, body)
    return ProposeAnnulment(doc=doc, content=content, file_name=name)


def test_annulment_is_refused_proposed_again_and_accepted(world: World) -> None:
    action = world.upd()
    sent, doc = world.arrive(action)
    wish = proposal(world, sent.main, action.document.file_name)
    with pytest.raises(errors.Conflict):
        world.do(wish)
    world.do(receipt(doc))
    world.do(title(doc))
    made = world.do(wish)
    assert world.operator.look_up(wish) == made
    assert world.do(wish) == made, "not proposed twice"
    assert world.status(sent.main).revocation is Revocation.PROPOSED_BY_ME
    assert world.status(doc).revocation is Revocation.PROPOSED_TO_ME
    (got,) = world.seen(doc, EntityKind.REVOCATION)
    assert (got.parent_id, got.signed_by) == (doc.entity_id, world.seller)
    name, content = xml_file("DP_UVUTOCH", BUYER, SELLER, "<Документ/>")
    refusal = RefuseAnnulment(doc=doc, proposal=got.ref, content=content, file_name=name)
    assert world.operator.look_up(refusal) is None
    refused = world.do(refusal)
    assert world.operator.look_up(refusal) == refused
    for ref in (sent.main, doc):
        assert (world.status(ref).revocation, world.status(ref).response) == (Revocation.REFUSED, Response.SIGNED)

    again = proposal(world, sent.main, action.document.file_name)
    world.do(again)
    ref = world.seen(doc, EntityKind.REVOCATION)[-1].ref
    accept = AcceptAnnulment(doc=doc, proposal=ref)
    (to_sign,) = world.operator.prepare(accept)
    assert to_sign.content == again.content
    done = world.do(accept)
    assert set(done.entities) == {EntityKind.SIGNATURE}
    assert world.operator.look_up(accept) == done
    for ref in (sent.main, doc):
        assert world.status(ref).revocation is Revocation.ACCEPTED
        assert world.status(ref).text == "Аннулирован"
    kinds = [each.kind for event in world.feed(world.seller) for each in event.entities]
    assert kinds.count(EntityKind.REVOCATION) == 2


def test_a_signature_over_other_bytes_is_refused_after_the_fact(world: World) -> None:
    action = world.upd()
    wrong = {"document": world.signer.sign(b"something else")}
    with pytest.raises(errors.Invalid, match="taken and refused"):
        world.operator.execute(action, wrong, key="k")
    assert world.operator.look_up(action) is None
    assert world.arrivals() == []
    (failure,) = [each for event in world.feed(world.seller) for each in event.entities if each.parent_id is None][1:]
    assert (failure.kind, failure.raw_type) == (EntityKind.DELIVERY_FAILED, "SignaturesCheckFailed")
    (document,) = world.operator.message(world.seller, failure.ref.message_id)[:1]
    assert document.status is not None
    assert document.status.sender_signature is SenderSignature.INVALID
    assert document.status.text == "Ошибка: Подпись не соответствует документу"
    with pytest.raises(errors.Invalid, match="taken and refused"):
        world.operator.execute(action, wrong, key="k")
    sent = world.do(action)
    assert world.operator.look_up(action) == sent, "signed anew it goes"

    (doc,) = world.arrivals()
    answer = title(doc)
    with pytest.raises(errors.Invalid, match="taken and refused"):
        world.operator.execute(answer, {"answer": world.signer.sign(b"something else")}, key="k")
    assert world.operator.look_up(answer) is None
    world.do(answer)
    assert world.status(doc).response is Response.SIGNED


def test_a_repeat_from_another_process_finds_the_first(world: World) -> None:
    action = world.upd()
    sent = world.do(action)
    other = connect_taxcom(world.sandbox)
    assert world.do(action, operator=other) == sent
    assert len(world.arrivals()) == 1
    changed = replace(action, document=replace(action.document, content=world.upd().document.content))
    assert world.do(changed, operator=other) != sent, "another document under the same id is another document"
    other.close()


def test_what_nobody_knows_does_not_stop_the_feed(world: World) -> None:
    world.sandbox.faults.unknown_entities = True
    _, doc = world.arrive(world.upd())
    found = [each for event in world.feed(world.buyer) for each in event.entities]
    (unknown,) = [each for each in found if each.kind is EntityKind.UNKNOWN]
    assert (unknown.raw_type, world.operator.content(unknown.ref)) == ("SomethingNewer", b"?")
    world.do(title(doc))


class Spoiling(httpx2.BaseTransport):
    """A network that spoils some answers."""

    def __init__(self, spoil: Callable[[httpx2.Request, bytes], bytes]) -> None:
        self._inner = httpx2.HTTPTransport()
        self._spoil = spoil

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self._inner.handle_request(request)
        content = self._spoil(request, answer.read())
        return httpx2.Response(answer.status_code, content=content)

    def close(self) -> None:
        self._inner.close()


def test_what_stands_before_an_unreadable_docflow_is_told(world: World) -> None:
    good, _ = world.arrive(world.upd())
    world.sandbox.clock.move(timedelta(seconds=1))
    bad, _ = world.arrive(world.upd())

    def spoil(request: httpx2.Request, content: bytes) -> bytes:
        return b"" if request.url.params.get("ID") == bad.message_id else content

    reader = connect_taxcom(world.sandbox, transport=Spoiling(spoil))
    page = reader.events(world.buyer, None)
    assert ({each.message_id for each in page.items}, page.more) == ({good.message_id}, True)
    with pytest.raises(errors.Temporary):
        reader.events(world.buyer, page.next)
    reader.close()


def test_a_docflow_that_cannot_be_read_is_waited_for_and_then_told_as_unknown(world: World) -> None:
    sent, _ = world.arrive(world.upd())
    good, _ = world.arrive(world.upd())

    def spoil(request: httpx2.Request, content: bytes) -> bytes:
        return b"PK spoiled" if request.url.params.get("ID") == sent.message_id else content

    reader = connect_taxcom(world.sandbox, transport=Spoiling(spoil))
    with pytest.raises(errors.Temporary, match="cannot be read yet") as caught:
        reader.events(world.buyer, None)
    assert caught.value.retry_after == 60.0
    world.sandbox.clock.move(timedelta(minutes=15))
    events = reader.events(world.buyer, None).items
    kinds = {(event.message_id == good.message_id, each.kind) for event in events for each in event.entities}
    readable = {EntityKind.TITLE, EntityKind.SIGNATURE, EntityKind.CONFIRMATION}
    assert kinds == {(False, EntityKind.UNKNOWN), *((True, kind) for kind in readable)}
    with pytest.raises(errors.BadAnswer):
        reader.message(world.buyer, sent.message_id)
    reader.close()


def test_a_list_that_does_not_go_on_is_an_error(world: World) -> None:
    world.do(world.upd())

    def endless(request: httpx2.Request, content: bytes) -> bytes:
        return content.replace(b'IsLast="true"', b'IsLast="false"') if "MessageList" in request.url.path else content

    reader = connect_taxcom(world.sandbox, transport=Spoiling(endless))
    with pytest.raises(errors.BadAnswer, match="does not go on"):
        reader.events(world.seller, "2026-11-22T08:00:00+00:00 0 0")
    reader.close()


def test_long_lists_come_by_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operators.taxcom.layout.ROWS", 5)
    for _ in range(3):
        world.do(world.upd())
        world.sandbox.clock.move(timedelta(seconds=1))
    whole = world.feed(world.seller)
    assert len(whole) == 9
    assert len({event.id for event in whole}) == 9
    assert world.feed(world.seller, limit=1) == whole
    stranger = connect_taxcom(world.sandbox)
    assert stranger.look_up(replace(world.upd(), from_box=world.buyer, to_box=world.seller)) is None, (
        "only incoming ones"
    )
    stranger.close()


def test_universal_messages_are_not_offered(world: World) -> None:
    _, doc = world.arrive(world.upd())
    action = SendUniversalMessage(doc=doc, target=doc, purpose=EntityKind.RECEIPT, content=b"<a/>", file_name="a.xml")
    with pytest.raises(errors.Unsupported):
        world.operator.prepare(action)
    with pytest.raises(errors.Unsupported):
        world.operator.execute(action, {}, key="k")
    assert world.operator.look_up(action) is None
    assert Capability.UNIVERSAL_MESSAGES not in world.operator.capabilities


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"", "не разобран"), (b"PK", "не разобран"), (b"<a/>", "не разобран")],
)
def test_the_sandbox_refuses_what_is_no_container(world: World, body: bytes, words: str) -> None:
    world.feed(world.seller)
    headers = {"Integrator-Id": "COMPANY_1", "Assistant-Key": key_of(world)}
    answer = httpx2.post(f"{world.sandbox.url}/v1.3/api/SendMessage/a.zip", content=body, headers=headers)
    assert answer.status_code == 400
    assert words in answer.text
