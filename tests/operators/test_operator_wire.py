"""The sandbox's face: Diadoc's paths, statuses and structures, judged by the official list of messages."""

import base64
import json
import uuid
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.operators.parts import (
    BRANCH,
    BUYER,
    SELLER,
    KeyNotary,
    Sandbox,
    buyer_title,
    service_file,
    upd,
    xml_file,
)

ROOT = "Diadoc.Api.Proto."
WHOLE = {"int32", "uint32", "int64", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64"}


class Judge:
    """Walks an answer along the official messages: names, required fields, types, enum words."""

    def __init__(self, folder: Path) -> None:
        known = json.loads((folder / "operators" / "diadoc" / "messages.json").read_text())
        self.messages: Mapping[str, Any] = known["messages"]
        self.enums: Mapping[str, Any] = known["enums"]
        self.seen: set[str] = set()

    def check(self, name: str, value: Any, where: str = "") -> None:
        where = where or name
        assert isinstance(value, dict), where
        self.seen.add(name)
        fields = {each["name"]: each for each in self.messages[name]["fields"]}
        assert set(value) <= set(fields), f"{where}: invented {set(value) - set(fields)}"
        required = {each for each, rule in fields.items() if rule["label"] == "required"}
        assert required <= set(value), f"{where}: without {required - set(value)}"
        for each, content in value.items():
            repeated = fields[each]["label"] == "repeated"
            assert isinstance(content, list) is repeated, f"{where}.{each}"
            for item in content if repeated else [content]:
                self._check_value(fields[each]["type"], item, f"{where}.{each}")

    def _check_value(self, kind: str, value: Any, where: str) -> None:
        if kind in self.messages:
            self.check(kind, value, where)
        elif kind in self.enums:
            assert value in self.enums[kind]["values"], f"{where}: {value}"
        elif kind == "bool":
            assert isinstance(value, bool), where
        elif kind in WHOLE:
            assert isinstance(value, int), where
            assert not isinstance(value, bool), where
        else:
            assert kind in {"string", "bytes"}, f"{where}: {kind} is not known to the judge"
            assert isinstance(value, str), where
            if kind == "bytes":
                base64.b64decode(value, validate=True)


@pytest.fixture
def judge(shared_data: Path) -> Judge:
    return Judge(shared_data)


class Wire:
    """Bare HTTP, logged in."""

    def __init__(self, url: str) -> None:
        self.http = httpx2.Client(base_url=url, timeout=20.0, headers={"Accept": "application/json"})
        self.http.headers["Authorization"] = "DiadocAuth ddauth_api_client_id=anything"
        answer = self.http.post(
            "/v3/authenticate", params={"type": "password"}, json={"login": "demo", "password": "demo"}
        )
        assert answer.status_code == 200
        self.http.headers["Authorization"] = f"DiadocAuth ddauth_api_client_id=anything, ddauth_token={answer.text}"

    def get(self, path: str, **params: str) -> Any:
        answer = self.http.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, **params: str) -> Any:
        answer = self.http.post(path, params=params, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
def wire(sandbox: Sandbox) -> Iterator[Wire]:
    opened = Wire(sandbox.url)
    yield opened
    opened.http.close()


def signed(signer: KeyNotary, content: bytes) -> dict[str, str]:
    return {
        "Content": base64.b64encode(content).decode(),
        "Signature": base64.b64encode(signer.sign(content)).decode(),
    }


INFORMED = xml_file("DP_UNISOOBSCH", BUYER, SELLER, '<Документ><СвСобытДок СтатусУС="4002"/></Документ>')[1]


def to_post(signer: KeyNotary, content: bytes, **more: Any) -> dict[str, Any]:
    attachment = {"SignedContent": signed(signer, content), "TypeNamedId": "UniversalTransferDocument", **more}
    return {"FromBoxId": SELLER.box_id, "ToBoxId": BUYER.box_id, "DocumentAttachments": [attachment]}


def patch_of(message: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"BoxId": BUYER.box_id, "MessageId": message["MessageId"], **more}


def test_every_answer_has_the_official_structure(wire: Wire, judge: Judge, signer: KeyNotary) -> None:
    judge.check(f"{ROOT}OrganizationList", wire.get("/GetMyOrganizations"))
    judge.check(f"{ROOT}OrganizationList", wire.get("/GetOrganizationsByInnKpp", inn=BUYER.inn))
    for asked in ({"boxId": BUYER.box_id}, {"inn": BUYER.inn, "kpp": str(BRANCH.kpp)}):
        judge.check(f"{ROOT}Organization", wire.get("/GetOrganization", **asked))
    judge.check(f"{ROOT}Box", wire.get("/GetBox", boxId=BUYER.box_id))
    judge.check(f"{ROOT}CounteragentList", wire.get("/V3/GetCounteragents", myBoxId=SELLER.box_id))
    task = wire.post("/V3/AcquireCounteragent", {"BoxId": BUYER.box_id}, myBoxId=SELLER.box_id)
    judge.check(f"{ROOT}AsyncMethodResult", task)
    judge.check(f"{ROOT}AcquireCounteragentResultV2", wire.get("/V2/AcquireCounteragentResult", taskId=task["TaskId"]))

    contract = {"TypeNamedId": "Nonformalized", "NeedRecipientSignature": True, "Comment": "Прошу подписать"}
    contract |= {"Metadata": [{"Key": "FileName", "Value": "Договор.pdf"}]}
    for function, more in (("СЧФДОП", {"CustomDocumentId": "17"}), ("СЧФ", {}), ("ДОП", {}), ("", contract)):
        content = upd(function)[1] if function else b"%PDF-1.7"
        message = wire.post("/V3/PostMessage", to_post(signer, content, **more))
        judge.check(f"{ROOT}Events.Message", message)
        entity_id = message["Entities"][0]["EntityId"]
        for name, kind in (
            ("Receipts", "DP_IZVPOL"),
            ("CorrectionRequests", "DP_UVUTOCH"),
            ("RecipientTitles", ""),
            ("XmlSignatureRejections", "DP_UVUTOCH"),
        ):
            answer = (service_file(kind) if kind else buyer_title())[1]
            item = {"ParentEntityId": entity_id, "SignedContent": signed(signer, answer), "NeedReceipt": not kind}
            given = wire.http.post("/V4/PostMessagePatch", json=patch_of(message, **{name: [item]}))
            assert given.status_code in {200, 409}
            if given.status_code == 200:
                judge.check(f"{ROOT}Events.MessagePatch", given.json())
            for box in (SELLER, BUYER):
                ids = {"boxId": box.box_id, "messageId": message["MessageId"]}
                judge.check(f"{ROOT}Documents.Document", wire.get("/V3/GetDocument", **ids, entityId=entity_id))
                judge.check(f"{ROOT}Events.Message", wire.get("/V6/GetMessage", **ids, injectEntityContent="true"))
        told = {
            "ParentEntityId": entity_id,
            "UniversalMessageContent": {"Content": base64.b64encode(INFORMED).decode()},
        }
        offer = {"ParentEntityId": entity_id, "SignedContent": signed(signer, service_file("DP_PRANNUL")[1])}
        for name, item in (("UniversalMessages", told), ("RevocationRequests", offer)):
            given = wire.http.post("/V4/PostMessagePatch", json=patch_of(message, **{name: [item]}))
            assert given.status_code in ({200} if function == "СЧФ" else {200, 400, 409}), given.text
            if given.status_code == 200:
                judge.check(f"{ROOT}Events.MessagePatch", given.json())
        judge.check(f"{ROOT}Events.Message", wire.get("/V6/GetMessage", **ids))
    for box in (SELLER, BUYER):
        judge.check(f"{ROOT}Events.BoxEventList", wire.get("/V8/GetNewEvents", boxId=box.box_id))
        changes = wire.get("/V1/GetCounteragentEvents", boxId=box.box_id)
        judge.check(f"{ROOT}Events.BoxCounteragentEventList", changes)
    assert f"{ROOT}UniversalMessageInfo" in judge.seen
    assert f"{ROOT}Documents.NonformalizedDocument.NonformalizedDocumentMetadata" in judge.seen
    assert f"{ROOT}Documents.UniversalTransferDocument.UniversalTransferDocumentMetadata" in judge.seen


def test_judge_of_structures_can_say_no(judge: Judge) -> None:
    good = {"TotalCount": 0, "TotalCountType": "Equal", "Counteragents": []}
    judge.check(f"{ROOT}CounteragentList", good)
    for bad in (
        {**good, "TotalCountType": "Roughly"},
        {**good, "TotalCount": "0"},
        {**good, "Extra": 1},
        {"TotalCount": 0},
        {**good, "Counteragents": {}},
    ):
        with pytest.raises(AssertionError):
            judge.check(f"{ROOT}CounteragentList", bad)


def test_paths_and_parameters_are_case_insensitive(wire: Wire) -> None:
    assert wire.get("/gEtMyOrganizations") == wire.get("/GetMyOrganizations")
    assert wire.get("/v8/GETNEWEVENTS", BOXID=SELLER.box_id)["Events"] == []
    bare = SELLER.box_id.split("@", maxsplit=1)[0]
    for form in (bare, bare.upper(), str(uuid.UUID(bare))):
        assert wire.get("/V7/GetNewEvents", boxId=form)["Events"] == []


@pytest.mark.parametrize(
    ("header", "body", "status"),
    [
        ("DiadocAuth ddauth_api_client_id=whoever", {"login": "demo", "password": "demo"}, 200),
        ("DiadocAuth ddauth_api_client_id=whoever", {"login": "demo", "password": "Demo"}, 401),
        ("DiadocAuth ddauth_api_client_id=whoever", {"login": "root", "password": "demo"}, 401),
        ("DiadocAuth ddauth_api_client_id=whoever", {}, 401),
        ("", {"login": "demo", "password": "demo"}, 401),
    ],
)
def test_log_in(sandbox: Sandbox, header: str, body: Mapping[str, str], status: int) -> None:
    answer = httpx2.post(f"{sandbox.url}/V3/Authenticate?type=password", headers={"Authorization": header}, json=body)
    assert answer.status_code == status
    assert answer.headers["X-Kontur-Trace-Id"]


@pytest.mark.parametrize("header", ["", "Bearer abc", "DiadocAuth ddauth_api_client_id=c,ddauth_token=invented"])
def test_nothing_without_a_token(sandbox: Sandbox, header: str) -> None:
    for path in ("/GetMyOrganizations", f"/V8/GetNewEvents?boxId={SELLER.box_id}"):
        assert httpx2.get(sandbox.url + path, headers={"Authorization": header}).status_code == 401
    answer = httpx2.post(f"{sandbox.url}/V3/PostMessage", headers={"Authorization": header}, json={})
    assert answer.status_code == 401


BAD_READS: list[tuple[str, dict[str, str], int]] = [
    ("/V8/GetNewEvents", {"boxId": "4" * 32}, 403),
    ("/V8/GetNewEvents", {"boxId": "what"}, 400),
    ("/V8/GetNewEvents", {}, 400),
    ("/V8/GetNewEvents", {"boxId": SELLER.box_id, "limit": "101"}, 400),
    ("/V8/GetNewEvents", {"boxId": SELLER.box_id, "limit": "many"}, 400),
    ("/V8/GetNewEvents", {"boxId": SELLER.box_id, "afterIndexKey": "a", "afterEventId": "b"}, 400),
    ("/V8/GetNewEvents", {"boxId": SELLER.box_id, "orderBy": "Random"}, 400),
    ("/V6/GetMessage", {"boxId": SELLER.box_id, "messageId": str(uuid.uuid4())}, 404),
    ("/GetBox", {"boxId": "4" * 32}, 404),
    ("/GetOrganization", {}, 400),
    ("/GetOrganization", {"inn": "7736050003"}, 404),
    ("/V3/GetCounteragents", {"myBoxId": "4" * 32}, 403),
    ("/V3/GetCounteragents", {"myBoxId": SELLER.box_id, "counteragentStatus": "Friend"}, 400),
    ("/V3/GetCounteragents", {"myBoxId": SELLER.box_id, "afterIndexKey": "x"}, 400),
    ("/V2/AcquireCounteragentResult", {"taskId": "x"}, 404),
    ("/V1/NoSuchMethod", {}, 404),
    ("/V3/PostMessage", {}, 405),
]


def test_bad_reads_have_their_status(wire: Wire) -> None:
    for path, params, status in BAD_READS:
        answer = wire.http.get(path, params=params)
        assert answer.status_code == status, (path, params)
        assert answer.json()["code"] == status
        assert answer.json()["description"]
    plain = wire.http.get(path, params=params, headers={"Accept": "*/*"})
    assert plain.text == answer.json()["description"]


BAD_MESSAGES: list[tuple[dict[str, Any], int]] = [
    ({"ToBoxId": "4" * 32}, 404),
    ({"FromBoxId": "4" * 32}, 403),
    ({"ToBoxId": SELLER.box_id}, 400),
    ({"ToBoxId": None}, 400),
    ({"IsDraft": True}, 400),
    ({"DocumentAttachments": []}, 400),
    ({"DocumentAttachments": "all"}, 400),
    ({"Invoices": [{}]}, 400),
]


def test_bad_messages_have_their_status(wire: Wire, signer: KeyNotary) -> None:
    for change, status in BAD_MESSAGES:
        body = to_post(signer, upd()[1]) | change
        assert wire.http.post("/V3/PostMessage", json=body).status_code == status, change
    assert wire.get("/V8/GetNewEvents", boxId=SELLER.box_id)["Events"] == []


BAD_DOCUMENTS: list[dict[str, Any]] = [
    {"Function": "СЧФ"},
    {"TypeNamedId": "Invoice"},
    {"TypeNamedId": "Nonformalized"},
    {"SignedContent": {"Content": "AAAA"}},
    {"SignedContent": {"Content": "%%%"}},
    {"SignedContent": None},
    {"SignedContent": {"NameOnShelf": "__userId__/nothing"}},
]
NOT_UPD = (b"not xml", b"<root/>", b"<\xd4\xe0\xe9\xeb/>", upd("НЕТ")[1])


def test_bad_documents_are_refused(wire: Wire, signer: KeyNotary) -> None:
    for change in BAD_DOCUMENTS:
        body = to_post(signer, upd("СЧФДОП")[1], **change)
        assert wire.http.post("/V3/PostMessage", json=body).status_code == 400, change
    for content in NOT_UPD:
        assert wire.http.post("/V3/PostMessage", json=to_post(signer, content)).status_code == 400, content


def test_external_entities_are_not_read(wire: Wire, signer: KeyNotary, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("СЧФ")
    content = (
        f'<!DOCTYPE Файл [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
        '<Файл ИдФайл="a"><Документ Функция="НЕТ">&x;</Документ></Файл>'
    ).encode()
    assert wire.http.post("/V3/PostMessage", json=to_post(signer, content)).status_code == 400


def test_protobuf_is_refused_honestly(wire: Wire) -> None:
    params = {"contentTypeId": "revocation_request_02"}  # its body has no message among the operator's declarations
    headers = {"Content-Type": "application/x-protobuf"}
    answer = wire.http.post("/V2/GenerateRevocationRequestXml", params=params, content=b"\x0a\x00", headers=headers)
    assert answer.status_code == 400
    assert "JSON" in answer.text


def test_absent_operation_id_is_the_digest_of_the_body(wire: Wire, signer: KeyNotary) -> None:
    body = to_post(signer, upd()[1])
    first = wire.post("/V3/PostMessage", body)
    assert wire.post("/V3/PostMessage", body) == first
    other = wire.post("/V3/PostMessage", body, operationId="another")
    assert other["MessageId"] != first["MessageId"]
    assert wire.post("/V3/PostMessage", {"any": "thing", **body}, operationId="ANOTHER") == other


def test_all_or_nothing_of_a_patch(wire: Wire, signer: KeyNotary) -> None:
    message = wire.post("/V3/PostMessage", to_post(signer, upd()[1]))
    parent = message["Entities"][0]["EntityId"]
    receipts = [
        {"ParentEntityId": parent, "SignedContent": signed(signer, service_file("DP_IZVPOL")[1])} for _ in range(2)
    ]
    before = wire.get("/V8/GetNewEvents", boxId=BUYER.box_id)
    answer = wire.http.post("/V4/PostMessagePatch", json=patch_of(message, Receipts=receipts))
    assert answer.status_code == 409
    assert answer.headers["X-Diadoc-ErrorCode"] == "DocumentService.InvalidDocumentState"
    assert wire.get("/V8/GetNewEvents", boxId=BUYER.box_id) == before
    title = {"ParentEntityId": parent, "SignedContent": signed(signer, buyer_title()[1]), "NeedReceipt": False}
    patch = wire.post("/V4/PostMessagePatch", patch_of(message, Receipts=receipts[:1], RecipientTitles=[title]))
    kinds = [each["AttachmentType"] for each in patch["Entities"] if each["EntityType"] == "Attachment"]
    assert kinds == ["InvoiceReceipt", "UniversalTransferDocumentBuyerTitle"]


def test_patches_that_make_no_sense_are_refused(wire: Wire, signer: KeyNotary) -> None:
    message = wire.post("/V3/PostMessage", to_post(signer, upd()[1]))
    parent, signature = (each["EntityId"] for each in message["Entities"][:2])
    receipt = {"SignedContent": signed(signer, service_file("DP_IZVPOL")[1])}
    for body, status in (
        (patch_of(message), 400),
        (patch_of(message, UniversalMessages=[{"ParentEntityId": parent}]), 400),
        (patch_of(message, Receipts=[receipt]), 400),
        (patch_of(message, Receipts=[{"ParentEntityId": str(uuid.uuid4()), **receipt}]), 404),
        (patch_of(message, Receipts=[{"ParentEntityId": signature, **receipt}]), 409),
        (patch_of(message, Signatures=[{"ParentEntityId": parent}]), 400),
        (patch_of({"MessageId": str(uuid.uuid4())}, Receipts=[{"ParentEntityId": parent, **receipt}]), 404),
    ):
        assert wire.http.post("/V4/PostMessagePatch", json=body).status_code == status


def test_receipt_for_the_buyers_title_is_the_sellers(wire: Wire, signer: KeyNotary) -> None:
    message = wire.post("/V3/PostMessage", to_post(signer, upd("ДОП")[1]))
    item = {"ParentEntityId": message["Entities"][0]["EntityId"], "NeedReceipt": True}
    item["SignedContent"] = signed(signer, buyer_title()[1])
    patch = wire.post("/V4/PostMessagePatch", patch_of(message, RecipientTitles=[item]))
    receipt = {"ParentEntityId": patch["Entities"][0]["EntityId"]}
    receipt["SignedContent"] = signed(signer, service_file("DP_IZVPOL")[1])
    from_buyer = patch_of(message, Receipts=[receipt])
    from_seller = {**from_buyer, "BoxId": SELLER.box_id}
    assert wire.http.post("/V4/PostMessagePatch", json=from_buyer, params={"operationId": "1"}).status_code == 409
    assert wire.http.post("/V4/PostMessagePatch", json=from_seller, params={"operationId": "2"}).status_code == 200
    assert wire.http.post("/V4/PostMessagePatch", json=from_seller, params={"operationId": "3"}).status_code == 409


def test_test_signature_is_made_by_the_operator(wire: Wire, signer: KeyNotary) -> None:
    content = upd()[1]
    body = to_post(signer, content)
    body["DocumentAttachments"][0]["SignedContent"] = {
        "Content": base64.b64encode(content).decode(),
        "SignWithTestSignature": True,
    }
    message = wire.post("/V3/PostMessage", body)
    ids = {"boxId": BUYER.box_id, "messageId": message["MessageId"], "entityId": message["Entities"][1]["EntityId"]}
    signature = wire.http.get("/V4/GetEntityContent", params=ids)
    assert signature.headers["Content-Type"] == "application/octet-stream"
    assert signer.check(content, signature.content)


def test_feed_can_be_read_backwards_and_by_time(wire: Wire, signer: KeyNotary) -> None:
    message = wire.post("/V3/PostMessage", to_post(signer, upd()[1]))
    ahead = wire.get("/V8/GetNewEvents", boxId=SELLER.box_id)["Events"]
    back = wire.get("/V8/GetNewEvents", boxId=SELLER.box_id, orderBy="Descending")["Events"]
    assert back == ahead[::-1]
    after = wire.get("/V8/GetNewEvents", boxId=SELLER.box_id, afterEventId=ahead[0]["EventId"])
    assert after["Events"] == ahead[1:]
    assert after["TotalCount"] == 2
    later = str(message["TimestampTicks"] + 1)
    assert wire.get("/V8/GetNewEvents", boxId=SELLER.box_id, timestampFromTicks=later)["Events"] == []
    assert wire.get("/V8/GetNewEvents", boxId=SELLER.box_id, counteragentBoxId=BRANCH.box_id)["Events"] == []


def test_counterparties_come_by_pages(wire: Wire) -> None:
    first = wire.get("/V3/GetCounteragents", myBoxId=SELLER.box_id, pageSize="1")
    assert (first["TotalCount"], len(first["Counteragents"])) == (2, 1)
    key = first["Counteragents"][0]["IndexKey"]
    second = wire.get("/V3/GetCounteragents", myBoxId=SELLER.box_id, pageSize="1", afterIndexKey=key)
    assert (second["TotalCount"], len(second["Counteragents"])) == (1, 1)
    key = second["Counteragents"][0]["IndexKey"]
    assert wire.get("/V3/GetCounteragents", myBoxId=SELLER.box_id, afterIndexKey=key)["Counteragents"] == []
    found = wire.get("/V3/GetCounteragents", myBoxId=SELLER.box_id, query="филиал")["Counteragents"]
    assert [each["Organization"]["FullName"] for each in found] == [BRANCH.name]


def test_invitation_is_made_rejected_made_again_and_accepted(wire: Wire) -> None:
    def standing(mine: str, other: str) -> str:
        line = wire.get("/V3/GetCounteragent", myBoxId=mine, counteragentBoxId=other)
        return str(line["CurrentStatus"])

    def both() -> tuple[str, str]:
        return standing(SELLER.box_id, BUYER.box_id), standing(BUYER.box_id, SELLER.box_id)

    def invite(mine: str, other: str) -> None:
        body = {"BoxId": other, "MessageToCounteragent": "Давайте обмениваться"}
        task = wire.post("/V3/AcquireCounteragent", body, myBoxId=mine)["TaskId"]
        assert wire.get("/V2/AcquireCounteragentResult", taskId=task) == {"BoxId": other}

    def leave(mine: str, other: str) -> int:
        params = {"myBoxId": mine, "counteragentBoxId": other}
        return wire.http.post("/V2/BreakWithCounteragent", params=params).status_code

    assert both() == ("IsMyCounteragent", "IsMyCounteragent")
    assert leave(SELLER.box_id, BUYER.box_id) == 200
    assert both() == ("IsRejectedByMe", "RejectsMe")
    assert leave(SELLER.box_id, BUYER.box_id) == 409
    invite(SELLER.box_id, BUYER.box_id)
    invite(SELLER.box_id, BUYER.box_id)
    assert both() == ("IsInvitedByMe", "InvitesMe")
    assert leave(BUYER.box_id, SELLER.box_id) == 200
    assert both() == ("RejectsMe", "IsRejectedByMe")
    invite(SELLER.box_id, BUYER.box_id)
    assert leave(SELLER.box_id, BUYER.box_id) == 200
    assert both() == ("NotInCounteragentList", "NotInCounteragentList")
    invite(SELLER.box_id, BUYER.box_id)
    invite(BUYER.box_id, SELLER.box_id)
    assert both() == ("IsMyCounteragent", "IsMyCounteragent")
    ambiguous = wire.http.post("/V3/AcquireCounteragent", json={"Inn": BUYER.inn}, params={"myBoxId": SELLER.box_id})
    assert ambiguous.status_code == 409


def test_counts_name_the_content(wire: Wire, sandbox: Sandbox, signer: KeyNotary) -> None:
    content = upd()[1]
    wire.post("/V3/PostMessage", to_post(signer, content))
    assert httpx2.get(f"{sandbox.url}/_sandbox/counts").json() == {
        "accepted": {f"document:{sha256(content).hexdigest()}": 1},
        "replayed": {},
        "refused": {},
    }
    assert httpx2.get(f"{sandbox.url}/_sandbox/health").json() == {"status": "ok"}
