"""What of Diadoc is its own: OIDC, the shelf that is slow, universal messages, generators, invitations with files."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from operators import errors
from operators.diadoc import DiadocCredentials, DiadocOperator, OidcCredentials
from operators.diadoc.reading import read_entities
from operators.port import (
    Action,
    EntityKind,
    EntityRef,
    Executed,
    ProposeAnnulment,
    Receipt,
    RelationStatus,
    Response,
    SendReceipt,
    SendUniversalMessage,
    ServicePaper,
    SignedFile,
    TitleOrder,
)
from operators.sandbox import Fault, FaultRule, Faults, create_app
from tests.operators.in_process import InProcess
from tests.operators.parts import (
    BUYER,
    COMPANIES,
    SELLER,
    HandClock,
    KeyNotary,
    PlainPapers,
    contract_to_send,
    upd_to_send,
    xml_file,
)

HERE = "http://127.0.0.1"


class Play:
    """A sandbox without a socket, its clock and knobs, an adapter, a key."""

    def __init__(self, folder: Path, signer: KeyNotary) -> None:
        self.clock, self.faults, self.signer = HandClock(), Faults(), signer
        self.app: FastAPI = create_app(
            state=folder / "sandbox.sqlite",
            organizations=COMPANIES,
            notary=signer,
            papers=PlainPapers(),
            clock=self.clock,
            faults=self.faults,
        )
        self.operator = self.connect(DiadocCredentials(client_id="c", login="demo", password="demo"))

    def connect(self, credentials: Any, wait: Callable[[float], None] = lambda _: None) -> DiadocOperator:
        return DiadocOperator(HERE, credentials, InProcess(self.app), clock=self.clock, wait=wait)

    def do(self, action: Action, key: str | None = None) -> Executed:
        signatures = {each.ref: self.signer.sign(each.content) for each in self.operator.prepare(action)}
        return self.operator.execute(action, signatures, key=key or str(uuid.uuid4()))

    def status(self, ref: EntityRef) -> Any:
        (found,) = [each.status for each in self.operator.message(ref.box, ref.message_id) if each.ref == ref]
        return found

    def kinds(self, ref: EntityRef) -> list[EntityKind]:
        return [each.kind for each in self.operator.message(ref.box, ref.message_id)]


@pytest.fixture
def play(tmp_path: Path, signer: KeyNotary) -> Iterator[Play]:
    made = Play(tmp_path, signer)
    yield made
    made.operator.close()


class Drawer:
    """Keeps a refresh token, as the portal's sealed box does."""

    def __init__(self) -> None:
        self.token: str | None = None

    def load(self) -> str | None:
        return self.token

    def save(self, token: str) -> None:
        self.token = token


def oidc(keeper: Drawer | None = None, token: str = "demo-refresh") -> OidcCredentials:
    return OidcCredentials(
        account="demo",
        client_id="portal",
        client_secret="client-secret",
        refresh_token=token,
        token_url=f"{HERE}/connect/token",
        keeper=keeper,
    )


def theirs(ref: EntityRef) -> EntityRef:
    return replace(ref, box=BUYER.box_id)


def test_oidc_renews_its_token_and_keeps_the_next_refresh_token(play: Play) -> None:
    drawer = Drawer()
    operator = play.connect(oidc(drawer))
    assert len(operator.check_connection()) == 3
    first = drawer.token
    play.clock.move(timedelta(hours=2))
    assert operator.relations(SELLER.box_id).items
    assert drawer.token not in {None, first}, "a refresh token is good for one use"
    again = play.connect(oidc(drawer, token="used up long ago"))
    assert len(again.check_connection()) == 3, "another process goes on with the kept token"
    with pytest.raises(errors.AuthExpired):
        play.connect(oidc(token=str(first))).check_connection()
    play.faults.add(FaultRule(fault=Fault.RATE_LIMIT, path="connect/token", retry_after=40))
    with pytest.raises(errors.RateLimited):
        again.check_connection()
    assert "client-secret" not in repr(oidc())
    for each in (operator, again):
        each.close()


def test_a_consent_gives_the_first_refresh_token(play: Play) -> None:
    drawer = Drawer()
    operator = play.connect(oidc(drawer, token=""))
    with pytest.raises(errors.PersonNeeded):
        operator.check_connection()
    step = operator.begin_log_in()
    assert step is not None
    assert step.user_code in step.url
    with pytest.raises(errors.NotConfirmed):
        operator.finish_log_in(step.secret)
    with httpx2.Client(transport=InProcess(play.app), base_url=HERE) as browser:
        browser.post("/connect/device", data={"user_code": step.user_code})
    operator.finish_log_in(step.secret)
    assert drawer.token
    assert len(operator.check_connection()) == 3
    late = operator.begin_log_in()
    assert late is not None
    play.clock.move(timedelta(hours=1))
    for over in (step.secret, late.secret):
        with pytest.raises(errors.AuthExpired):
            operator.finish_log_in(over)
    with pytest.raises(errors.Unsupported):
        play.operator.begin_log_in()
    operator.close()


def test_a_refresh_token_that_another_process_used_up_is_read_anew(play: Play) -> None:
    class Late(Drawer):
        """Reads what is there now only the second time, as when another process has just renewed it."""

        stale: str | None = "used up"

        def load(self) -> str | None:
            first, self.stale = self.stale, None
            return first or self.token

    drawer = Late()
    drawer.token = "demo-refresh"
    operator = play.connect(oidc(drawer, token=""))
    assert len(operator.check_connection()) == 3
    operator.close()


class Jammed(Drawer):
    """Takes nothing while it is jammed, as a database that restarts."""

    jammed = False

    def save(self, token: str) -> None:
        if self.jammed:
            raise errors.KeeperFailed("jammed")
        super().save(token)


@pytest.fixture
def once(play: Play) -> str:
    """A refresh token good for one use."""
    drawer = Drawer()
    operator = play.connect(oidc(drawer))
    operator.check_connection()
    operator.close()
    assert drawer.token
    return drawer.token


def test_a_refresh_token_that_could_not_be_saved_goes_on_and_is_saved_later(play: Play, once: str) -> None:
    drawer = Jammed()
    drawer.token = once
    operator = play.connect(oidc(drawer, token=""))
    drawer.jammed = True
    assert len(operator.check_connection()) == 3, "the access token is good, whatever the keeper says"
    play.clock.move(timedelta(hours=2))
    assert len(operator.check_connection()) == 3, "the kept one is used up, the unsaved one is not"
    assert drawer.token == once
    drawer.jammed = False
    assert operator.relations(SELLER.box_id).items, "the next call saves it, no log-in needed"
    assert drawer.token != once
    successor = play.connect(oidc(drawer, token=""))
    assert len(successor.check_connection()) == 3, "another process goes on with it"
    for each in (operator, successor):
        each.close()


def test_what_a_keeper_cannot_load_goes_through_as_it_came(play: Play, once: str) -> None:
    class Away(Drawer):
        def load(self) -> str | None:
            raise errors.KeeperFailed("the database restarts")

    operator = play.connect(oidc(Away(), token=once))
    with pytest.raises(errors.KeeperFailed, match="restarts"):
        operator.check_connection()
    operator.close()


def test_an_unsaved_refresh_token_does_not_replace_a_newer_consent(play: Play, once: str) -> None:
    drawer = Jammed()
    drawer.token = once
    operator = play.connect(oidc(drawer, token=""))
    drawer.jammed = True
    operator.check_connection()
    drawer.jammed, drawer.token = False, "consented anew"
    operator.relations(SELLER.box_id)
    assert drawer.token == "consented anew"
    operator.close()


def test_the_token_that_another_process_has_just_got_is_waited_for(play: Play, once: str) -> None:
    drawer, slow = Drawer(), Jammed()
    drawer.token = slow.token = once
    slow.jammed = True
    first = play.connect(oidc(slow, token=""))
    first.check_connection()
    slow.jammed = False
    pauses: list[float] = []

    def wait(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:  # the first one gets round to saving only now
            first.relations(SELLER.box_id)
            drawer.token = slow.token

    second = play.connect(oidc(drawer, token=""), wait)
    assert len(second.check_connection()) == 3
    assert len(pauses) == 3
    drawer.token = "used up long ago"
    for more in (True, False):
        pauses[:] = [0.0] * 3
        with pytest.raises(errors.AuthExpired):
            second.check_connection()
        assert (sum(pauses) > 1) is more, "nobody saves any: it is waited for once"
        assert sum(pauses) < 10
    for each in (first, second):
        each.close()


def test_slow_shelf_is_in_progress_under_the_same_key(play: Play) -> None:
    play.faults.delay_shelf = timedelta(minutes=1)
    action = contract_to_send(size=600_000)
    with pytest.raises(errors.InProgress):
        play.do(action, "k")
    play.clock.move(timedelta(minutes=2))
    play.faults.delay_shelf = timedelta(0)
    sent = play.do(action, "k")
    assert play.operator.content(theirs(sent.main)) == action.document.content


def universal(*codes: int) -> bytes:
    lines = "".join(f'<СвСобытДок СтатусУС="{code}"/>' for code in codes)
    return xml_file("DP_UNISOOBSCH", BUYER, SELLER, f"<Документ>{lines}</Документ>")[1]


def say(doc: EntityRef, purpose: Any, *codes: int) -> SendUniversalMessage:
    return SendUniversalMessage(doc=doc, target=doc, purpose=purpose, content=universal(*codes), file_name="УС.xml")


def test_universal_messages_move_what_their_codes_say(play: Play) -> None:
    sent = play.do(upd_to_send())
    doc = theirs(sent.main)
    receipt = say(doc, EntityKind.RECEIPT, 1999)
    assert play.operator.prepare(receipt) == (), "nobody signs a universal message"
    assert play.operator.look_up(receipt) is None
    made = play.do(receipt)
    assert play.operator.look_up(receipt) == made
    assert play.status(sent.main).receipt is Receipt.FINISHED
    play.do(say(doc, EntityKind.INFORMATION, 4002))
    play.do(say(doc, EntityKind.RECEIPT, 1999))  # the second one is delivered and moves nothing
    assert play.status(sent.main).response is Response.WAITING
    play.do(say(doc, EntityKind.CORRECTION_REQUEST, 2999))
    play.do(say(doc, EntityKind.REJECTION, 3999))
    assert play.status(sent.main).response is Response.REJECTED
    seen = [
        each for each in play.operator.message(SELLER.box_id, sent.message_id) if each.raw_type == "UniversalMessage"
    ]
    assert {each.signed_by for each in seen} == {BUYER.box_id}
    assert [each.kind for each in seen] == [
        EntityKind.RECEIPT,
        EntityKind.INFORMATION,
        EntityKind.RECEIPT,
        EntityKind.CORRECTION_REQUEST,
        EntityKind.REJECTION,
    ]
    with pytest.raises(errors.Invalid):
        play.do(say(doc, EntityKind.RECEIPT, 3999))


def test_generators_write_what_is_then_signed_and_sent(play: Play) -> None:
    sent = play.do(upd_to_send())
    doc = theirs(sent.main)
    written = play.operator.generate_paper(ServicePaper.RECEIPT, doc, contract=b"<Signer/>")
    assert written.file_name.startswith("DP_IZVPOL_")
    play.do(SendReceipt(doc=doc, target=doc, content=written.content, file_name=written.file_name))
    assert play.status(sent.main).receipt is Receipt.FINISHED
    names = [
        play.operator.generate_paper(paper, doc, contract=contract, text="Не та сумма").file_name.split("_2XX")[0]
        for paper, contract in (
            (ServicePaper.REJECTION, b"<Signer/>"),
            (ServicePaper.CORRECTION_REQUEST, b"<Signer/>"),
            (ServicePaper.REVOCATION, json.dumps({"SignerDetails": {}}).encode()),
            (ServicePaper.UNIVERSAL_MESSAGE, b'<Message Code="2999"/>'),
        )
    ]
    assert names == ["DP_UVUTOCH", "DP_UVUTOCH", "DP_PRANNUL", "DP_UNISOOBSCH"]
    order = TitleOrder(
        box=SELLER.box_id,
        type="UniversalCorrectionDocument",
        function="КСЧФДИС",
        version="ucd736_05_01_02",
        title=0,
        contract=b"<UniversalCorrectionDocument/>",
    )
    assert play.operator.generate_title(order).file_name.startswith("ON_NKORSCHFDOPPR_")
    with pytest.raises(errors.Invalid):
        play.operator.generate_title(replace(order, contract=b"not XML"))
    with pytest.raises(errors.Invalid):
        play.operator.generate_paper(ServicePaper.REVOCATION, doc, contract=b"not JSON")
    with pytest.raises(errors.NotFound):
        play.operator.generate_paper(ServicePaper.RECEIPT, replace(doc, entity_id=str(uuid.uuid4())))


def test_invitation_with_a_file_is_withdrawn_by_annulling_the_file(play: Play) -> None:
    play.operator.break_relation(SELLER.box_id, play.operator.relations(SELLER.box_id).items[0], key="k")
    (who,) = play.operator.find_participants(inn=BUYER.inn, kpp=BUYER.kpp)
    known = play.operator.relation(SELLER.box_id, who)
    assert known is not None
    content = b"agreement"
    file = SignedFile(file_name="a.pdf", content=content, signature=play.signer.sign(content), needs_signature=True)
    if known.status is RelationStatus.ACTIVE:
        play.operator.break_relation(SELLER.box_id, known, key="k")
    play.operator.invite(SELLER.box_id, who, document=file, key="k")
    mine = play.operator.relation(SELLER.box_id, who)
    assert mine is not None
    assert mine.document is not None
    with pytest.raises(errors.Conflict):
        play.operator.withdraw(SELLER.box_id, mine, key="k")
    offer = play.operator.generate_paper(ServicePaper.REVOCATION, mine.document, text="Передумали")
    play.do(ProposeAnnulment(doc=mine.document, content=offer.content, file_name=offer.file_name))
    after = play.operator.relation(SELLER.box_id, who)
    assert after is not None
    assert after.status is RelationStatus.NONE


@pytest.mark.parametrize("text", ["я" * 2001, "я" * 5001])
def test_texts_longer_than_the_operator_takes_never_leave(play: Play, text: str) -> None:
    relation = play.operator.relations(SELLER.box_id).items[0]
    with pytest.raises(errors.Invalid):
        play.operator.invite(SELLER.box_id, relation.participant, text=text, key="k")
    if len(text) > 5000:
        with pytest.raises(errors.Invalid):
            play.operator.break_relation(SELLER.box_id, relation, text=text, key="k")


def test_participant_without_a_box_wants_roaming_first(play: Play) -> None:
    (who,) = play.operator.find_participants(inn=BUYER.inn, kpp=BUYER.kpp)
    with pytest.raises(errors.RoamingUnavailable):
        play.operator.invite(SELLER.box_id, replace(who, box=None), key="k")
    assert play.operator.relation(SELLER.box_id, replace(who, box=None)) is None


def test_a_power_that_came_as_a_file_leaves_with_its_own_signature() -> None:
    """What hangs on what is left out would wait for a parent that never comes."""
    lines = [
        ("1", None, "Attachment", "Nonformalized"),
        ("2", "1", "Signature", None),
        ("3", "2", "Attachment", "PowerOfAttorney"),
        ("4", "3", "Signature", None),
        ("5", "3", "Attachment", "PowerOfAttorneyStatus"),
    ]
    raw = {
        "MessageId": "m",
        "Entities": [
            {"EntityId": id_, "ParentEntityId": parent, "EntityType": kind, "AttachmentType": attachment}
            for id_, parent, kind, attachment in lines
        ],
    }
    assert [one.ref.entity_id for one in read_entities(raw, "box")] == ["1", "2"]
