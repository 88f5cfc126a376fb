"""A sandbox answers a client's mistakes with refusals of the operator's kind, never with a fault of its own."""

import base64
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from google.protobuf.message import DecodeError

from operators.sandbox import Faults, create_app, create_saby_app, create_taxcom_app
from operators.sandbox.diadoc.protobuf import MEDIA_TYPE, read
from tests.operators.in_process import InProcess
from tests.operators.parts import BUYER, COMPANIES, SELLER, HandClock, KeyNotary, PlainPapers, upd

STRANGE: tuple[Any, ...] = (5, [], {"x": 1}, "\0", "\ud800", "é")
BODIES = (b"", b"x", b"[]", b"null", b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", b"\xff\xfe", b"9" * 6_000)
DIADOC = {"Authorization": "DiadocAuth ddauth_api_client_id=c"}
SABY = {"Content-Type": "application/json-rpc;charset=utf-8"}
TAXCOM = {"Integrator-Id": "COMPANY_x"}


@pytest.fixture
def open_face(tmp_path: Path, signer: KeyNotary) -> Iterator[Any]:
    """Make a client of a sandbox without a socket: a fault of the sandbox's own is raised here."""
    opened: list[httpx2.Client] = []

    def begin(face: Any) -> httpx2.Client:
        app = face(
            state=tmp_path / "sandbox.sqlite",
            organizations=COMPANIES,
            notary=signer,
            papers=PlainPapers(),
            clock=HandClock(),
            faults=Faults(),
        )
        opened.append(httpx2.Client(transport=InProcess(app), base_url="http://sandbox.test"))
        return opened[-1]

    yield begin
    for each in opened:
        each.close()


def spoiled(whole: Any) -> Iterator[Any]:
    """The structure with each of its parts in turn replaced by each strange value."""
    yield from STRANGE
    if isinstance(whole, dict):
        for name, part in whole.items():
            yield from ({**whole, name: each} for each in spoiled(part))
    elif isinstance(whole, list):
        for place, part in enumerate(whole):
            yield from ([*whole[:place], each, *whole[place + 1 :]] for each in spoiled(part))


def signed(signer: KeyNotary, content: bytes) -> dict[str, str]:
    return {name: base64.b64encode(each).decode() for name, each in files(signer, content)}


def files(signer: KeyNotary, content: bytes) -> tuple[tuple[str, bytes], ...]:
    return ("Content", content), ("Signature", signer.sign(content))


def test_diadoc(open_face: Any, signer: KeyNotary) -> None:
    client = open_face(create_app)
    log_in = {"login": "demo", "password": "demo"}
    token = client.post("/V3/Authenticate?type=password", headers=DIADOC, json=log_in).text
    headers = {"Authorization": f"{DIADOC['Authorization']},ddauth_token={token}"}
    attachment: dict[str, Any] = {"SignedContent": signed(signer, upd()[1]), "TypeNamedId": "UniversalTransferDocument"}
    attachment |= {"Function": "СЧФДОП", "Metadata": [{"Key": "FileName", "Value": "x"}], "Comment": "c"}
    message = {"FromBoxId": SELLER.box_id, "ToBoxId": BUYER.box_id, "DocumentAttachments": [attachment]}
    invitation = {"BoxId": BUYER.box_id, "MessageToCounteragent": "t"}
    posted = client.post("/V3/PostMessage", headers=headers, json=message).json()
    ids = {"messageId": posted["MessageId"], "attachmentId": posted["Entities"][0]["EntityId"]}
    params = {"boxId": SELLER.box_id, "myBoxId": SELLER.box_id, "contentTypeId": "revocation_request_02", **ids}
    notice = {"MessageId": ids["messageId"], "AttachmentId": ids["attachmentId"], "ErrorMessage": "x"}
    for path, whole in (
        ("/V3/PostMessage", {**message, "DocumentAttachments": [{**attachment, "SignedContent": {"Content": "AA=="}}]}),
        ("/V3/AcquireCounteragent", invitation),
        ("/V2/GenerateSignatureRejectionXml", notice),
        ("/V2/GenerateRevocationRequestXml", {"Comment": "x"}),
        ("/V3/Authenticate", log_in),
    ):
        bodies = [json.dumps(each).encode() for each in spoiled(whole)]
        for body in (*bodies, *BODIES, b'{"ErrorMessage": "\\u0001", "Comment": "\\u0001"}'):
            answer = client.post(path, params={**params, "type": "password"}, headers=headers, content=body)
            assert answer.status_code < 500, (path, body[:300])


def test_numbers_that_no_column_holds(open_face: Any, signer: KeyNotary) -> None:
    client = open_face(create_app)
    log_in = {"login": "demo", "password": "demo"}
    token = client.post("/V3/Authenticate?type=password", headers=DIADOC, json=log_in).text
    headers = {"Authorization": f"{DIADOC['Authorization']},ddauth_token={token}"}
    for path, name in (("/V8/GetNewEvents", "timestampFromTicks"), ("/V1/GetCounteragentEvents", "timestampToTicks")):
        for value in ("9" * 30, "-" + "9" * 30, "9" * 5_000):
            params = {"boxId": SELLER.box_id, name: value}
            assert client.get(path, params=params, headers=headers).status_code == 400, value[:40]
    content = upd()[1].replace(b'"643"', b'"' + b"9" * 5_000 + b'"')
    attachment = {"SignedContent": signed(signer, content), "TypeNamedId": "UniversalTransferDocument"}
    message = {"FromBoxId": SELLER.box_id, "ToBoxId": BUYER.box_id, "DocumentAttachments": [attachment]}
    answer = client.post("/V3/PostMessage", headers={**headers, "Accept": MEDIA_TYPE}, json=message)
    assert answer.status_code == 200


def test_protobuf_that_lies_about_its_lengths(open_face: Any) -> None:
    whole = b"\x0a\x01a\x12\x01b\x1a\x0a\x0a\x08\x12\x03abc\x22\x01d"
    source = random.Random(20261122)
    lies = [b"\x0a\xff\xff\xff\xff\x0f", b"\x0b" * 5_000 + b"\x0c" * 5_000]
    for _ in range(2_000):
        lie = bytearray(whole)
        lie[source.randrange(len(lie))] = source.randrange(256)
        del lie[source.randrange(len(lie)) : source.randrange(1, 30)]
        lies.append(bytes(lie))
    refused = 0
    for each in lies:
        try:
            read("Events.MessageToPost", each)
        except DecodeError:
            refused += 1
    assert refused > len(lies) / 2
    headers = {**DIADOC, "Content-Type": MEDIA_TYPE}
    answer = open_face(create_app).post("/V3/Authenticate?type=password", headers=headers, content=lies[0])
    assert answer.status_code == 400


def test_saby(open_face: Any) -> None:
    client = open_face(create_saby_app)

    def call(method: str, params: Any) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "method": method, "params": params, "id": 0}

    log_in = call("СБИС.Аутентифицировать", {"Параметр": {"Логин": "demo", "Пароль": "demo"}})
    session = client.post("/auth/service/", headers=SABY, json=log_in).json()["result"]
    side = {"Идентификатор": SELLER.participant_id, "СвЮЛ": {"ИНН": SELLER.inn, "КПП": SELLER.kpp}}
    file = {"Файл": {"Имя": "x.xml", "ДвоичныеДанные": "AA=="}}
    stage = {"Название": "Отправка", "Действие": {"Название": "Отправить"}, "Вложение": [file]}
    document = {"Идентификатор": "x", "Тип": "ДокОтгрИсх", "НашаОрганизация": side, "Вложение": [file]}
    wanted = {"НашаОрганизация": side, "ДатаВремяС": "01.01.2020 00.00.00", "Навигация": {"РазмерСтраницы": "1"}}
    for path, whole in (
        ("/auth/service/", log_in),
        ("/auth/service/", call("СБИС.ПодтвердитьВход", {"Идентификатор": "x", "Код": "1"})),
        ("/service/?srv=1", call("СБИС.ЗаписатьДокумент", {"Документ": document})),
        ("/service/?srv=1", call("СБИС.ВыполнитьДействие", {"Документ": {"Идентификатор": "x", "Этап": stage}})),
        ("/service/?srv=1", call("СБИС.СписокИзменений", {"Фильтр": wanted})),
    ):
        for body in (*(json.dumps(each).encode() for each in spoiled(whole)), *BODIES):
            answer = client.post(path, headers={**SABY, "X-SBISSessionID": session}, content=body)
            assert answer.status_code == 200 or "error" in answer.json(), body[:300]


def test_taxcom(open_face: Any) -> None:
    client = open_face(create_taxcom_app)
    log_in = {"Login": SELLER.participant_id, "Password": "demo"}
    key = client.post("/v1.3/api/Login", headers=TAXCOM, json=log_in).text.strip('"')
    markup = (b'<?xml version="1.0" encoding="foo"?><Contacts/>', b"<Contacts><Contact/></Contacts>", b"<a>" * 50_000)
    logins = [json.dumps(each).encode() for each in spoiled(log_in)]
    for method, bodies in (
        ("Login", logins),
        ("SendContacts", markup),
        ("CheckContragent", markup),
        ("SendMessage", ()),
    ):
        for body in (*bodies, *BODIES):
            answer = client.post(f"/v1.3/api/{method}", headers={**TAXCOM, "Assistant-Key": key}, content=body)
            assert answer.status_code < 500, (method, body[:300])
    for moment in ("", "x", "0001-01-01T00:00:00", "9999-12-31T23:59:59", "2026-99-99T00:00:00"):
        answer = client.get(
            "/v1.3/api/GetMessageList", params={"DATE": moment}, headers={**TAXCOM, "Assistant-Key": key}
        )
        assert answer.status_code in {200, 400}, moment
