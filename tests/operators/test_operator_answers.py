"""How the adapter takes answers that the sandbox never gives: every status, unknown words, broken structures, samples."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from operators import errors
from operators.diadoc import DiadocOperator, codes, reading
from operators.port import (
    LONGEST_ID,
    EntityKind,
    EntityRef,
    Executed,
    InvitationState,
    Receipt,
    RelationChange,
    RelationStatus,
    Response,
    SenderSignature,
)
from operators.registry import known_operators, operator_code, operator_of
from tests.operators.conftest import CREDENTIALS
from tests.operators.parts import BUYER, SELLER, HandClock, KeyNotary, upd_to_send


@dataclass
class Parrot:
    """A server that logs anybody in and then says what it was taught."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    url: str = ""

    def teach(self, status: int, body: Any = None, **headers: str) -> None:
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
def parrot() -> Iterator[Parrot]:
    taught = Parrot()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            known = "authenticate" in self.path.lower()
            body = b"token" if known else taught.body
            self.send_response_only(200 if known else taught.status)  # without a Date of its own
            for name, value in {} if known else taught.headers.items():
                self.send_header(name, value)
            if taught.status != 204 or known:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if taught.status != 204 or known:
                self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815 - names of the standard library

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - a name of the standard library
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    taught.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield taught
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def operator(parrot: Parrot) -> Iterator[DiadocOperator]:
    made = DiadocOperator(parrot.url, CREDENTIALS, clock=HandClock(), wait=lambda _: None)
    yield made
    made.close()


@pytest.mark.parametrize(("status", "kind"), sorted(codes.STATUS.items()))
def test_each_status_of_a_read_is_its_error(
    operator: DiadocOperator, parrot: Parrot, status: int, kind: type[errors.OperatorError]
) -> None:
    parrot.teach(status, "текст ошибки".encode(), X_Kontur_Trace_Id="trace-1", Retry_After="5")
    with pytest.raises(errors.OperatorError) as caught:
        operator.events(SELLER.box_id, None)
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.trace_id) == (status, "trace-1")
    assert (caught.value.retry_after, caught.value.operator) == (5.0, "2BM")


@pytest.mark.parametrize("status", [418, 301, 599])
def test_unknown_status_is_never_guessed(
    operator: DiadocOperator, parrot: Parrot, signer: KeyNotary, status: int
) -> None:
    parrot.teach(status)
    with pytest.raises(errors.BadAnswer) as caught:
        operator.events(SELLER.box_id, None)
    assert caught.value.retry_after == 60, "asked again, and not at once"
    with pytest.raises(errors.OutcomeUnknown):
        operator.execute(upd_to_send(), {"document": signer.sign(b"x")}, key="k")


@pytest.mark.parametrize(
    ("body", "code", "kind", "why"),
    [
        ("Request processing is in progress", "", errors.InProgress, None),
        ("Recipient allows to receive messages only from counteragents", "", errors.RecipientRefuses, "unknown"),
        ("Требуется настройка роуминга", "", errors.RoamingUnavailable, "unknown"),
        ("Не сегодня", "DocumentService.InvalidDocumentState", errors.Conflict, "state"),
        ("Не сегодня", "Something.Newer", errors.Conflict, "unknown"),
    ],
)
def test_conflicts_are_told_apart(
    operator: DiadocOperator,
    parrot: Parrot,
    signer: KeyNotary,
    body: str,
    code: str,
    kind: type[errors.OperatorError],
    why: str | None,
) -> None:
    parrot.teach(
        409,
        {"code": 409, "message": "Conflict", "description": body},
        Content_Type="application/json",
        X_Diadoc_ErrorCode=code,
    )
    with pytest.raises(errors.OperatorError) as caught:
        operator.execute(upd_to_send(), {"document": signer.sign(b"x")}, key="k")
    assert type(caught.value) is kind
    assert caught.value.raw == body
    assert getattr(caught.value, "kind", None) == why


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"{}", b'{"MessageId": "m", "TimestampTicks": 1}'])
def test_unreadable_answer_to_a_write_leaves_the_outcome_open(
    operator: DiadocOperator, parrot: Parrot, signer: KeyNotary, body: bytes
) -> None:
    parrot.teach(200, body)
    with pytest.raises(errors.OutcomeUnknown):
        operator.execute(upd_to_send(), {"document": signer.sign(b"x")}, key="k")


@pytest.mark.parametrize("where", ["message_id", "box", "entity_id"])
def test_an_id_that_cannot_be_kept_leaves_the_outcome_open(where: str) -> None:
    def made(length: int) -> Executed:
        ids = {"box": "b", "message_id": "m", "entity_id": "e", where: "i" * length}
        refs = {EntityKind.TITLE: EntityRef(**ids)}
        return Executed(message_id=ids["message_id"], entities=refs, at=datetime(2026, 11, 23, tzinfo=UTC))

    assert made(LONGEST_ID).message_id
    with pytest.raises(errors.OutcomeUnknown, match="longer than 80"):
        made(LONGEST_ID + 1)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[1]",
        {"Events": 1},
        {"Events": [1]},
        {"Events": [{}]},
        {"Events": [{"EventId": "e", "IndexKey": "k", "Message": {"MessageId": "m"}}]},
        {"Events": [{"EventId": "e", "IndexKey": "k", "Patch": {"MessageId": "m", "TimestampTicks": "x"}}]},
        {"Events": [{"EventId": "e", "IndexKey": "k", "Patch": {"MessageId": "m", "TimestampTicks": 10**30}}]},
        {"Events": [{"EventId": "e", "Patch": {"MessageId": "m", "TimestampTicks": 1}}]},
    ],
)
def test_broken_structure_is_an_error_of_ours(operator: DiadocOperator, parrot: Parrot, body: Any) -> None:
    parrot.teach(200, body)
    with pytest.raises(errors.BadAnswer):
        operator.events(SELLER.box_id, None)


def test_unknown_words_never_break_the_reader(operator: DiadocOperator, parrot: Parrot) -> None:
    entities: list[dict[str, Any]] = [
        {"EntityId": "1"},
        {"EntityId": "2", "EntityType": "Attachment", "AttachmentType": "InventedIn2030", "Content": None},
        {"EntityId": "3", "EntityType": "Hologram", "Content": {"Size": 3}},
        {
            "EntityId": "4",
            "EntityType": "Attachment",
            "AttachmentType": "UniversalTransferDocument",
            "DocumentInfo": {"RecipientResponseStatus": "Perhaps", "SenderSignatureStatus": 7, "Function": "НОВ"},
        },
        {"EntityId": "5", "EntityType": "Attachment", "AttachmentType": "DeliveryFailureNotification"},
        {"EntityId": "6", "EntityType": "Attachment", "AttachmentType": "Title"},
        {"EntityId": "7", "EntityType": "Attachment", "AttachmentType": "Title", "ParentEntityId": "6"},
    ]
    message = {"MessageId": "m", "TimestampTicks": 638585445988979088, "Entities": entities, "Brand": {"New": 1}}
    patch = {"MessageId": "m", "TimestampTicks": 1, "PatchId": "p", "NotDeliveredEventId": "e9"}
    lines = [{"EventId": "a", "IndexKey": "a", "Message": message}, {"EventId": "b", "IndexKey": "b", "Patch": patch}]
    parrot.teach(200, {"Events": lines, "TotalCount": 2})
    first, second = operator.events(SELLER.box_id, None).items
    assert [each.kind for each in first.entities] == [
        EntityKind.UNKNOWN,
        EntityKind.UNKNOWN,
        EntityKind.UNKNOWN,
        EntityKind.TITLE,
        EntityKind.DELIVERY_FAILED,
        EntityKind.TITLE,
        EntityKind.BUYER_TITLE,
    ]
    assert first.entities[1].raw_type == "InventedIn2030"
    status = first.entities[3].status
    assert status is not None
    assert (status.response, status.sender_signature) == (Response.UNKNOWN, SenderSignature.UNKNOWN)
    assert (status.receipt, first.entities[3].needs_answer) == (Receipt.UNKNOWN, False)
    assert [each.kind for each in second.entities] == [EntityKind.DELIVERY_FAILED]
    assert first.at == datetime(2024, 8, 6, 12, 36, 38, 897908, tzinfo=UTC)


def test_retry_after_may_be_a_date(operator: DiadocOperator, parrot: Parrot, signer: KeyNotary) -> None:
    parrot.teach(429, b"", Retry_After="Sun, 22 Nov 2026 09:00:30 GMT")
    with pytest.raises(errors.RateLimited) as caught:
        operator.execute(upd_to_send(), {"document": signer.sign(b"x")}, key="k")
    assert caught.value.retry_after == 30.0
    parrot.teach(429, b"", Retry_After="Sun, 22 Nov 2026 11:00:30 GMT", Date="Sun, 22 Nov 2026 11:00:00 GMT")
    with pytest.raises(errors.RateLimited) as caught:
        operator.execute(upd_to_send(), {"document": signer.sign(b"x")}, key="k")
    assert caught.value.retry_after == 30.0, "by the operator's clock, which is two hours ahead of ours"
    parrot.teach(429, b"", Retry_After="soon")
    with pytest.raises(errors.RateLimited) as caught:
        operator.execute(upd_to_send(), {"document": signer.sign(b"x")}, key="k")
    assert caught.value.retry_after is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("26AF83e5fabf480595ed7ef0fc16a4b8@diadoc.ru", "26af83e5-fabf-4805-95ed-7ef0fc16a4b8", True),
        (SELLER.box_id, BUYER.box_id, False),
    ],
)
def test_box_ids_are_compared_in_every_form(one: str, other: str, *, same: bool) -> None:
    assert reading.same_id(one, other) is same


def test_documented_samples_are_read(operator: DiadocOperator, parrot: Parrot, shared_data: Path) -> None:
    samples = shared_data / "operators" / "diadoc" / "samples"
    parrot.teach(200, (samples / "GetMyOrganizations.json").read_bytes())
    assert [box.inn for box in operator.check_connection()] == ["123456789012", "7744001499"]
    parrot.teach(200, (samples / "GetOrganizationsByInnKpp.json").read_bytes())
    found = operator.find_participants(inn="7710140679")
    assert [(each.operator_code, each.is_roaming) for each in found] == [("2AE", True), ("2BM", False)]
    parrot.teach(200, (samples / "GetCounteragents_page_one.json").read_bytes())
    page = operator.relations("b")
    assert page.more
    assert page.next == "08D8DCE36CA7313384BDA21511B0E44B94C59DFBA3D079AA"
    assert [each.status for each in page.items] == [RelationStatus.INVITES_ME, RelationStatus.ACTIVE]
    parrot.teach(200, (samples / "GetCounteragents_page_two.json").read_bytes())
    page = operator.relations("b", cursor=page.next)
    assert not page.more
    assert page.items[0].status is RelationStatus.REJECTS_ME
    assert page.items[0].changed_at.year == 2021


def test_news_of_relations_may_be_newer_than_the_adapter(operator: DiadocOperator, parrot: Parrot) -> None:
    about = {"CounteragentBoxId": "x", "Status": "SomethingNewer", "EventTimestampTicks": 638585445988979088}
    line = {"EventId": "1", "IndexKey": "k", "Counteragent": about, "EventTypes": ["Newer", "IBrokeUpWithCounteragent"]}
    box = {"BoxId": "x", "Organization": {"Inn": "7700000016", "FullName": "ООО"}}
    parrot.teach(200, {**box, "Events": [line], "TotalCount": 1})
    (event,) = operator.relation_events("b", None).items
    assert (event.change, event.status, event.participant.box) == (
        RelationChange.WE_BROKE,
        RelationStatus.UNKNOWN,
        "x",
    )
    parrot.teach(200, {**box, "Events": [line | {"EventTypes": ["Newer"]}], "TotalCount": 1})
    (event,) = operator.relation_events("b", None).items
    assert event.change is RelationChange.UNKNOWN
    parrot.teach(200, {"Events": [{"EventId": "1"}]})
    with pytest.raises(errors.BadAnswer):
        operator.relation_events("b", None)


def test_started_invitation_that_names_no_task_is_an_unknown_outcome(operator: DiadocOperator, parrot: Parrot) -> None:
    for answer in (b"{}", b"not JSON", b'{"TaskId": 5}'):
        parrot.teach(200, answer)
        with pytest.raises(errors.OutcomeUnknown):
            operator.invite("b", "7700000016", key="k")
    parrot.teach(409, "Роуминг не настроен".encode())
    with pytest.raises(errors.RoamingUnavailable):
        operator.invite("b", "7700000016", key="k")
    parrot.teach(200, b"{}")
    result = operator.invitation_result("b", "task")
    assert (result.state, result.box, result.document) == (InvitationState.DONE, None, None)


def test_every_word_of_our_tables_is_the_operators(shared_data: Path) -> None:
    enums = json.loads((shared_data / "operators" / "diadoc" / "messages.json").read_text())["enums"]
    prefix = "Diadoc.Api.Proto."
    for table, name in (
        (codes.ATTACHMENTS, "Events.AttachmentType"),
        (codes.RELATIONS, "CounteragentStatus"),
        (codes.RELATION_CHANGES, "Events.CounteragentEventType"),
        (codes.REVOCATIONS, "Documents.RevocationStatus"),
        (codes.CODE_GROUPS, "UniversalMessageCodeGroup"),
        (codes.SENDER_SIGNATURES, "Documents.SenderSignatureStatus"),
        (codes.RESPONSES, "Documents.RecipientResponseStatus"),
        (codes.RECEIPTS, "Documents.GeneralReceiptStatus"),
    ):
        assert set(table) <= set(enums[prefix + name]["values"]), name


def test_register_of_operator_codes() -> None:
    record = operator_of("2BM-7710140679-2012052808235992662630000000000")
    assert record is not None
    assert "Контур" in record.name
    assert operator_of("2ZZ-unknown-but-accepted") is None
    assert all(len(code) == 3 and each.source and each.seen.year >= 2026 for code, each in known_operators().items())
    with pytest.raises(ValueError, match="4 to 46"):
        operator_code("2BM")
