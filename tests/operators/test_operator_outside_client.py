"""The PyPI client `diadoc-mcp-ru`, written against the live operator, drives the sandbox over HTTP."""

import asyncio
import base64
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.operators.parts import BUYER, SELLER, KeyNotary, Sandbox, Stage, buyer_title, service_file, upd

Client = Callable[..., Any]


@pytest.fixture
def sandbox(stage: Stage, tmp_path: Path) -> Sandbox:
    """A sandbox whose companies do not know each other yet."""
    return stage.open(tmp_path / "sandbox.sqlite", acquainted=False)


@pytest.fixture
def client(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Client:
    """The client aimed at loopback, with the token of an HTTP log-in and its own empty home."""
    monkeypatch.setenv("RU_MCP_HOME", str(tmp_path / "home"))
    import diadoc_mcp.server as foreign  # reads its home when imported

    token = httpx2.post(
        f"{sandbox.url}/V3/Authenticate?type=password",
        headers={"Authorization": "DiadocAuth ddauth_api_client_id=outside"},
        json={"login": "demo", "password": "demo"},
    ).text
    monkeypatch.setenv("DIADOC_CLIENT_ID", "outside")
    monkeypatch.setenv("DIADOC_TOKEN", token)
    monkeypatch.setattr(foreign.DIADOC_CONFIG, "scheme", "http")
    monkeypatch.setattr(foreign.DIADOC_CONFIG, "allowed_host_suffixes", [])

    def call(method: str, query: dict[str, str] | None = None, body: Any = None) -> Any:
        spec = foreign.catalog.get(f"diadoc_{method}")
        monkeypatch.setattr(spec, "host", sandbox.url.removeprefix("http://"))
        return asyncio.run(foreign.client.call_spec(spec, query=query, json_body=body))

    return call


def signed(signer: KeyNotary, content: bytes) -> dict[str, str]:
    return {
        "Content": base64.b64encode(content).decode(),
        "Signature": base64.b64encode(signer.sign(content)).decode(),
    }


def test_outside_client_proposes_annulment_and_breaks_the_relation(client: Client, signer: KeyNotary) -> None:
    pair = {"myBoxId": SELLER.box_id, "counteragentBoxId": BUYER.box_id}
    for mine, other in ((SELLER, BUYER), (BUYER, SELLER)):
        client("acquire_counteragent", {"myBoxId": mine.box_id}, {"BoxId": other.box_id})
    attachment = {"SignedContent": signed(signer, upd("СЧФ")[1]), "TypeNamedId": "UniversalTransferDocument"}
    body = {
        "FromBoxId": SELLER.box_id,
        "ToBoxId": BUYER.box_id,
        "DocumentAttachments": [attachment | {"Function": "СЧФ"}],
    }
    posted = client("post_message", {"operationId": "outside-2"}, body)["data"]
    ids = {"boxId": BUYER.box_id, "messageId": posted["MessageId"], "attachmentId": posted["Entities"][0]["EntityId"]}
    written = client(
        "generate_revocation_request_xml", {**ids, "contentTypeId": "revocation_request_02"}, {"Comment": "Ошибка"}
    )
    assert written["ok"], written
    offer = {"ParentEntityId": ids["attachmentId"], "SignedContent": signed(signer, service_file("DP_PRANNUL")[1])}
    patch = {"BoxId": BUYER.box_id, "MessageId": ids["messageId"], "RevocationRequests": [offer]}
    given = client("post_message_patch", {"operationId": "outside-3"}, patch)
    assert given["ok"], given
    document = {**ids, "boxId": SELLER.box_id, "entityId": ids["attachmentId"]}
    assert client("get_document", document)["data"]["RevocationStatus"] == "RequestsMyRevocation"
    assert client("break_with_counteragent", {**pair, "comment": "Договор окончен"})["ok"]
    changes = client("get_counteragent_events", {"boxId": BUYER.box_id})["data"]["Events"]
    assert changes[-1]["EventTypes"] == ["CounteragentBrokeUpWithMe"]
    assert changes[-1]["Counteragent"]["LastEventComment"] == "Договор окончен"


def test_outside_client_walks_the_road(client: Client, sandbox: Sandbox, signer: KeyNotary) -> None:
    mine = client("get_my_organizations")
    assert mine["ok"], mine
    assert SELLER.inn in {each["Inn"] for each in mine["data"]["Organizations"]}
    found = client("get_organizations_by_inn_kpp", {"inn": BUYER.inn, "kpp": str(BUYER.kpp)})
    assert [each["FnsParticipantId"] for each in found["data"]["Organizations"]] == [BUYER.participant_id]
    invited = client("acquire_counteragent", {"myBoxId": SELLER.box_id}, {"BoxId": BUYER.box_id})
    sandbox.faults.delay_invitations = timedelta(minutes=1)
    accepted = client("acquire_counteragent", {"myBoxId": BUYER.box_id}, {"BoxId": SELLER.box_id})
    result = client("acquire_counteragent_result", {"taskId": invited["data"]["TaskId"]})
    assert result["data"]["BoxId"] == BUYER.box_id
    running = client("acquire_counteragent_result", {"taskId": accepted["data"]["TaskId"]})
    assert not (running.get("data") or {}).get("BoxId"), "204: still being worked on"
    sandbox.clock.move(timedelta(minutes=1))
    result = client("acquire_counteragent_result", {"taskId": accepted["data"]["TaskId"]})
    assert result["data"]["BoxId"] == SELLER.box_id
    partners = client("get_counteragents", {"myBoxId": SELLER.box_id, "counteragentStatus": "IsMyCounteragent"})
    assert [each["Organization"]["Inn"] for each in partners["data"]["Counteragents"]] == [BUYER.inn]

    content = upd()[1]
    attachment = {"SignedContent": signed(signer, content), "TypeNamedId": "UniversalTransferDocument"}
    attachment |= {"Function": "СЧФДОП", "Version": "utd970_05_03_01"}
    body = {"FromBoxId": SELLER.box_id, "ToBoxId": BUYER.box_id, "DocumentAttachments": [attachment]}
    posted = client("post_message", {"operationId": "outside-1"}, body)
    assert posted["ok"], posted
    message_id = posted["data"]["MessageId"]

    events = client("get_new_events", {"boxId": BUYER.box_id})["data"]["Events"]
    title = events[0]["Message"]["Entities"][0]
    assert title["DocumentInfo"]["Function"] == "СЧФДОП"
    ids = {"boxId": BUYER.box_id, "messageId": message_id, "entityId": title["EntityId"]}
    assert client("get_entity_content", ids)["ok"]

    for name, file in (("Receipts", service_file("DP_IZVPOL")[1]), ("RecipientTitles", buyer_title()[1])):
        item = {"ParentEntityId": title["EntityId"], "SignedContent": signed(signer, file), "NeedReceipt": False}
        patch = {"BoxId": BUYER.box_id, "MessageId": message_id, name: [item]}
        given = client("post_message_patch", {"operationId": f"outside-{name}"}, patch)
        assert given["ok"], given
    document = client("get_document", {**ids, "boxId": SELLER.box_id})["data"]
    assert document["RecipientResponseStatus"] == "WithRecipientSignature"
    assert document["RecipientReceiptMetadata"] == {"ReceiptStatus": "Finished"}
    refused = client("get_message", {"boxId": BUYER.box_id, "messageId": "no-such-message"})
    assert (refused["ok"], refused["error"]) == (False, "not_found")
