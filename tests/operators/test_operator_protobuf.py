"""The binary wire of Diadoc's sandbox, judged by the operator's own declarations of its messages."""

import base64
import json
import uuid
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.message import Message

from operators.sandbox import Faults, create_app
from operators.sandbox.diadoc.protobuf import ANSWERS, MEDIA_TYPE, REQUESTS
from operators.sandbox.diadoc.wire_enums import ENUMS
from operators.sandbox.diadoc.wire_messages import MESSAGES
from tests.operators.in_process import InProcess
from tests.operators.parts import BUYER, COMPANIES, SELLER, HandClock, KeyNotary, PlainPapers, buyer_title, upd

PREFIX = "Diadoc.Api.Proto."
Field = descriptor_pb2.FieldDescriptorProto
TYPES = {
    "string": Field.TYPE_STRING,
    "bytes": Field.TYPE_BYTES,
    "bool": Field.TYPE_BOOL,
    "int32": Field.TYPE_INT32,
    "sfixed32": Field.TYPE_SFIXED32,
    "sfixed64": Field.TYPE_SFIXED64,
    "fixed64": Field.TYPE_FIXED64,
    "int64": Field.TYPE_INT64,
    "double": Field.TYPE_DOUBLE,
}
LABELS = {
    "optional": Field.LABEL_OPTIONAL,
    "required": Field.LABEL_REQUIRED,
    "repeated": Field.LABEL_REPEATED,
}
Judge = Callable[[str], Message]


@pytest.fixture(scope="module")
def facts(shared_data: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared_data / "operators/diadoc/messages.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def judge(facts: dict[str, Any]) -> Judge:
    """A maker of the operator's own messages, with every field and every required mark."""
    file = descriptor_pb2.FileDescriptorProto(name="judge.proto", package="judge", syntax="proto2")
    for kind, enum in facts["enums"].items():
        values = file.message_type.add(name=_flat(kind)).enum_type.add(name="Value")
        values.options.allow_alias = len(set(enum["values"].values())) < len(enum["values"])
        for name, number in enum["values"].items():
            values.value.add(name=name, number=number)
    for kind, message in facts["messages"].items():
        made = file.message_type.add(name=_flat(kind))
        for each in message["fields"]:
            field = made.field.add(name=each["name"], number=each["n"], label=LABELS[each["label"]])
            if each["type"] in facts["messages"]:
                field.type, field.type_name = Field.TYPE_MESSAGE, f".judge.{_flat(each['type'])}"
            elif each["type"] in facts["enums"]:
                field.type, field.type_name = Field.TYPE_ENUM, f".judge.{_flat(each['type'])}.Value"
            else:
                field.type = TYPES[each["type"]]
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)

    @cache
    def named(kind: str) -> Any:
        return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"judge.{_flat(PREFIX + kind)}"))

    return lambda kind: named(kind)()


def _flat(kind: str) -> str:
    return kind.removeprefix(PREFIX).replace(".", "_")


class Client:
    """A logged-in client of a sandbox without a socket that asks for JSON or protobuf."""

    def __init__(self, folder: Path, notary: KeyNotary) -> None:
        app = create_app(
            state=folder / "sandbox.sqlite",
            organizations=COMPANIES,
            notary=notary,
            papers=PlainPapers(),
            clock=HandClock(),
            faults=Faults(),
        )
        self._http = httpx2.Client(transport=InProcess(app), base_url="http://sandbox.test")
        self._authorization = "DiadocAuth ddauth_api_client_id=c"

    def log_in(self, body: bytes) -> httpx2.Response:
        headers = {"Authorization": self._authorization}
        answer = self._http.post("/V3/Authenticate", params={"type": "password"}, content=body, headers=headers)
        self._authorization += f",ddauth_token={answer.text}"
        return answer

    def ask(self, path: str, params: dict[str, str], body: bytes | None = None, **headers: str) -> httpx2.Response:
        sent = {
            "Authorization": self._authorization,
            **{name.replace("_", "-"): each for name, each in headers.items()},
        }
        return self._http.request("GET" if body is None else "POST", path, params=params, content=body, headers=sent)


@pytest.fixture
def client(tmp_path: Path, signer: KeyNotary, judge: Judge) -> Client:
    made = Client(tmp_path, signer)
    log_in = judge("LoginPassword")
    json_format.ParseDict({"Login": "demo", "Password": "demo"}, log_in)
    assert made.log_in(log_in.SerializeToString()).status_code == 200, "an SDK logs in without a Content-Type"
    return made


def test_declarations_are_the_operators(facts: dict[str, Any]) -> None:
    for kind, lines in MESSAGES.items():
        theirs = {each["name"]: each for each in facts["messages"][PREFIX + kind]["fields"]}
        mine: dict[str, tuple[str, ...]] = {}
        for line in lines:
            name, number, type_name = line.split()
            mine[name] = (number, type_name)
        marks = {"required": "!", "repeated": "*", "optional": ""}
        assert mine == {
            name: (str(each["n"]), each["type"].removeprefix(PREFIX) + marks[each["label"]])
            for name, each in theirs.items()
            if name in mine
        }, kind
        assert {name for name, each in theirs.items() if each["label"] == "required"} <= set(mine), kind
    for kind, values in ENUMS.items():
        assert values.items() <= facts["enums"][PREFIX + kind]["values"].items(), kind


def test_answers_are_the_same_in_both_forms(client: Client, judge: Judge, signer: KeyNotary) -> None:
    content, title = upd()[1], buyer_title()[1]

    def signed(file: bytes) -> dict[str, Any]:
        sign = base64.b64encode(signer.sign(file)).decode()
        full = {"RegistrationNumber": str(uuid.uuid4()), "IssuerInn": SELLER.inn, "RepresentativeInn": "500100732259"}
        power = {"FullId": full, "UseDefault": False}
        return {"Content": base64.b64encode(file).decode(), "Signature": sign, "PowerOfAttorney": power}

    def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send in protobuf, twice: the operation is done once, so the answers of both forms must be one."""
        message = judge(REQUESTS[path.lower()])
        json_format.ParseDict(body, message)
        params, raw = {"operationId": str(uuid.uuid4()), "myBoxId": SELLER.box_id}, message.SerializeToString()
        binary = client.ask(path, params, raw, Content_Type=MEDIA_TYPE, Accept=MEDIA_TYPE)
        if "operationId" in path.lower() or path.lower() != "/v3/acquirecounteragent":
            same(path, binary, client.ask(path, params, raw, Content_Type=MEDIA_TYPE, Accept="application/json"))
        answered: dict[str, Any] = json_format.MessageToDict(parsed(path, binary), preserving_proto_field_name=True)
        return answered

    def parsed(path: str, binary: httpx2.Response) -> Message:
        assert (binary.status_code, binary.headers["Content-Type"]) == (200, MEDIA_TYPE), binary.text
        message = judge(ANSWERS[path.lower()])
        message.ParseFromString(binary.content)
        assert message.IsInitialized(), "every required field is there"
        return message

    def same(path: str, binary: httpx2.Response, text: httpx2.Response) -> None:
        told = judge(ANSWERS[path.lower()])
        json_format.ParseDict(text.json(), told)  # refuses what the operator's messages do not have
        assert parsed(path, binary) == told

    attachment = {"SignedContent": signed(content), "TypeNamedId": "UniversalTransferDocument", "Function": "СЧФДОП"}
    sent = post(
        "/V3/PostMessage",
        {"FromBoxId": SELLER.box_id, "ToBoxId": BUYER.box_id, "DocumentAttachments": [attachment]},
    )
    doc = {"messageId": sent["MessageId"], "entityId": sent["Entities"][0]["EntityId"]}
    answer = {"ParentEntityId": doc["entityId"], "SignedContent": signed(title), "NeedReceipt": False}
    post("/V4/PostMessagePatch", {"BoxId": BUYER.box_id, "MessageId": doc["messageId"], "RecipientTitles": [answer]})
    task = post("/V3/AcquireCounteragent", {"BoxId": BUYER.box_id, "MessageToCounteragent": "Здравствуйте"})["TaskId"]

    reads: dict[str, dict[str, str]] = {
        "/GetMyOrganizations": {},
        "/GetOrganizationsByInnKpp": {"inn": BUYER.inn},
        "/GetOrganization": {"boxId": BUYER.box_id},
        "/GetBox": {"boxId": BUYER.box_id},
        "/V3/GetCounteragents": {"myBoxId": SELLER.box_id},
        "/V3/GetCounteragent": {"myBoxId": SELLER.box_id, "counteragentBoxId": BUYER.box_id},
        "/V1/GetCounteragentEvents": {"boxId": SELLER.box_id},
        "/V2/AcquireCounteragentResult": {"taskId": task},
        "/V7/GetNewEvents": {"boxId": BUYER.box_id},
        "/V8/GetNewEvents": {"boxId": SELLER.box_id},
        "/V6/GetMessage": {"boxId": SELLER.box_id, "messageId": doc["messageId"], "injectEntityContent": "true"},
        "/V3/GetDocument": {"boxId": BUYER.box_id, **doc},
    }
    assert {path.lower() for path in reads} | {path for path in REQUESTS if path in ANSWERS} == set(ANSWERS)
    for path, params in reads.items():
        binary = client.ask(path, params, Accept=MEDIA_TYPE)
        same(path, binary, client.ask(path, params, Accept="application/json"))


def test_bad_protobuf_and_refusals(client: Client, judge: Judge) -> None:
    for body in (b"\xff\xff", b""):
        refused = client.ask("/V3/PostMessage", {"operationId": "1"}, body, Content_Type=MEDIA_TYPE)
        assert refused.status_code == 400
    message = judge("Events.MessageToPost")
    json_format.ParseDict({"FromBoxId": SELLER.box_id, "ToBoxId": SELLER.box_id}, message)
    raw = message.SerializeToString()
    refused = client.ask("/V3/PostMessage", {"operationId": "1"}, raw, Content_Type=MEDIA_TYPE, Accept=MEDIA_TYPE)
    assert (refused.status_code, "от 1 до 40" in refused.text) == (400, True)
    missing = client.ask("/V6/GetMessage", {"boxId": SELLER.box_id, "messageId": "no"}, Accept=MEDIA_TYPE)
    assert missing.status_code == 404
