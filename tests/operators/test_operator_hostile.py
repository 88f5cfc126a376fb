"""Whatever an operator (or what stands in its place) answers: an adapter raises its own errors, in time, and tells no secret."""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from operators import errors, wire
from operators.answers import parse_json
from operators.diadoc import DiadocCredentials, DiadocOperator
from operators.port import EntityRef, Operator, Participant, Relation, RelationStatus, SendReceipt
from operators.saby import SabyCredentials, SabyOperator
from operators.taxcom import TaxcomCabinet, TaxcomCredentials, TaxcomOperator
from tests.operators.parts import SELLER, START, HandClock, service_file, upd_to_send


class Peer:
    """Logs anybody in and answers everything else alike."""

    def __init__(self, token: str = "token-secret") -> None:
        self.token = token
        self.logs_in = True
        self.answer: Callable[[httpx2.Request], httpx2.Response] = lambda _: httpx2.Response(200)
        self.asked: list[httpx2.URL] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.url)
        path = request.url.path.lower()
        if not self.logs_in:
            return self.answer(request)
        if path.endswith(("/v3/authenticate", "/login")):
            return httpx2.Response(200, content=self.token.encode())
        if path.startswith("/auth/service"):
            return httpx2.Response(200, json={"result": self.token})
        return self.answer(request)


def diadoc(peer: Peer, client_id: str = "client-secret") -> tuple[Operator, str]:
    credentials = DiadocCredentials(client_id=client_id, login="someone", password="password-secret")
    transport = httpx2.MockTransport(peer)
    return DiadocOperator("https://d.test", credentials, transport, clock=HandClock(), wait=no_wait), SELLER.box_id


def saby(peer: Peer, client_id: str = "") -> tuple[Operator, str]:
    credentials = SabyCredentials(login="someone", password="password-secret")
    transport = httpx2.MockTransport(peer)
    return SabyOperator("https://s.test", credentials, transport, clock=HandClock(), wait=no_wait), "7700000016@2BE-x"


def taxcom(peer: Peer, client_id: str = "COMPANY_secret") -> tuple[Operator, str]:
    cabinet = TaxcomCabinet(participant_id="2AL-x", inn="7700000016", login="someone", password="password-secret")
    credentials = TaxcomCredentials(integrator_id=client_id, cabinets=(cabinet,))
    transport = httpx2.MockTransport(peer)
    return TaxcomOperator("https://t.test", credentials, transport, clock=HandClock(), wait=no_wait), "2AL-x"


def no_wait(_: float) -> None:
    pass


Make = Callable[..., tuple[Operator, str]]
MAKERS: tuple[Make, ...] = (diadoc, saby, taxcom)


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture(params=MAKERS, ids=lambda make: make.__name__)
def asked(request: pytest.FixtureRequest, peer: Peer) -> Iterator[tuple[Operator, str]]:
    """Every adapter in turn, with a box of its own."""
    made: tuple[Any, str] = request.param(peer)
    yield made
    made[0].close()


def calls(operator: Operator, box: str) -> dict[str, Callable[[], object]]:
    refs = [EntityRef(box=box, message_id="m", entity_id=each) for each in ("e", "e2", "e3")]
    send = replace(upd_to_send(), from_box=box, to_box=box)
    name, content = service_file("DP_IZVPOL")
    receipt = SendReceipt(doc=refs[0], target=refs[0], content=content, file_name=name)
    other = Participant(
        operator_code="2BM",
        participant_id="2AL-y",
        inn="7800000019",
        kpp=None,
        name="ООО",
        box=box,
        is_roaming=False,
        is_active=True,
    )
    relation = Relation(participant=other, status=RelationStatus.INVITES_ME, changed_at=START, text=None)
    return {
        "events": lambda: operator.events(box, None),
        "message": lambda: operator.message(box, "m"),
        "contents": lambda: operator.contents(refs),
        "find": lambda: operator.find_participants(inn="7700000016"),
        "check": operator.check_connection,
        "send": lambda: operator.execute(send, {"document": b"signature"}, key="k"),
        "answer": lambda: operator.execute(receipt, {"answer": b"signature"}, key="k"),
        "sent?": lambda: operator.look_up(send),
        "answered?": lambda: operator.look_up(receipt),
        "relations": lambda: operator.relations(box),
        "relation": lambda: operator.relation(box, other),
        "changes": lambda: operator.relation_events(box, None),
        "invite": lambda: operator.invite(box, other, key="k"),
        "result": lambda: operator.invitation_result(box, "t"),
        "accept": lambda: operator.accept(box, relation, key="k"),
    }


def outcomes(operator: Operator, box: str) -> dict[str, errors.OperatorError | None]:
    """What each call ends with; anything but the port's own errors fails the test."""
    found: dict[str, errors.OperatorError | None] = {}
    for name, call in calls(operator, box).items():
        try:
            call()
            found[name] = None
        except errors.OperatorError as error:
            found[name] = error
    return found


def deep(depth: int) -> bytes:
    return b'{"result":' + b"[" * depth + b"]" * depth + b"}"


def weird_links() -> bytes:
    links = ("http://[::1", "https://s.test:99999/", "\0https://s.test/")
    files = [{"Идентификатор": f"e{place or ''}", "Файл": {"Ссылка": link}} for place, link in enumerate(links, 1)]
    files[0]["Идентификатор"] = "e"
    event = {"Идентификатор": "e", "ДатаВремя": "01.01.0001 00.00.00"}
    document = {"Идентификатор": "m", "Событие": event, "Тип": ["x"], "Состояние": {"Код": [1]}}
    return json.dumps({"result": {**document, "Документ": document, "Вложение": files}}).encode()


def diadoc_entities() -> bytes:
    info = {"DeliveryTimestampTicks": 10**40}
    entity = {"EntityId": "e", "EntityType": ["x"], "AttachmentType": {}, "RawCreationDate": 10**40}
    entity |= {"Content": {"Size": 10**40, "Data": "!!!"}, "DocumentInfo": info}
    return json.dumps({"MessageId": "m", "TimestampTicks": 1, "Entities": [entity]}).encode()


BODIES: dict[str, bytes] = {
    "nothing": b"",
    "cut": b'{"Events":[{"Ev',
    "deep": deep(100_000),
    "deep markup": b"<a>" * 50_000,
    "giant number": b'{"TotalCount":' + b"9" * 5_000 + b"}",
    "infinite": b'{"Events":[{"EventId":"e","IndexKey":"k","Message":{"MessageId":"m","TimestampTicks":1e999}}]}',
    "before time": b'{"Events":[{"EventId":"e","IndexKey":"k","Message":{"MessageId":"m","TimestampTicks":-9e18}}]}',
    "another encoding": '{"Events":[]}'.encode("utf-16"),
    "latin": '{"a":"é"}'.encode("latin-1"),
    "null": b"null",
    "no result": b'{"result":null}',
    "strange error": b'{"error":{"code":1e999,"message":["x"],"data":[1]}}',
    "strange class": b'{"error":{"code":-32000,"data":{"classid":["x"],"addinfo":7}}}',
    "strange links": weird_links(),
    "strange entities": diadoc_entities(),
    "unknown encoding": b'<?xml version="1.0" encoding="foo"?><ContainerDescription/>',
    "entities": b'<!DOCTYPE a [<!ENTITY a "aaaa">]><ContainerDescription x="&a;"/>',
    "a list without an end": b'<ContainerDescription IsLast="false" LastRecordDateTime="2026-01-01T00:00:00"/>',
}


@pytest.mark.parametrize("name", BODIES)
def test_bad_bytes_are_errors_of_ours(asked: tuple[Operator, str], peer: Peer, name: str) -> None:
    for status in (200, 409):
        peer.answer = lambda _: httpx2.Response(status, content=BODIES[name])  # noqa: B023 - asked within the turn
        outcomes(*asked)


@pytest.mark.parametrize("raw", [b'{"a": "\xed\xa0\x80"}', b'{"a": "\\u0000"}', '\ufeff{"a": "b"}'.encode()])
def test_what_json_gives_can_be_kept(raw: bytes) -> None:
    assert parse_json(raw)["a"].replace("\ufffd", "") in {"", "b"}


def test_json_is_utf_8_alone() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        parse_json('{"a": "\0"}'.encode("utf-16"))


def test_a_kind_of_content_that_no_parser_reads_is_silence_or_doubt(asked: tuple[Operator, str], peer: Peer) -> None:
    kind = "text/plain; charset*0=a; charset*=b"
    peer.answer = lambda _: httpx2.Response(502, headers={"Content-Type": kind}, content=b"?")
    kinds = {type(error) for error in outcomes(*asked).values() if error is not None}
    assert kinds
    assert kinds <= {*errors.SILENT, errors.OutcomeUnknown, errors.Unsupported}


@pytest.mark.parametrize("charset", ["zip", "hex", "idna", "rot13", "undefined", "punycode", "unicode_escape", "nix"])
def test_no_charset_breaks_a_refusal(asked: tuple[Operator, str], peer: Peer, charset: str) -> None:
    kind = f"application/json; charset={charset}"
    peer.answer = lambda _: httpx2.Response(400, headers={"Content-Type": kind}, content=b"\xff\\x" + "нет".encode())
    told = [error for error in outcomes(*asked).values() if isinstance(error, errors.Invalid)]
    assert told
    assert all("нет" in (error.raw or "") for error in told)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("9" * 400, 86_400),
        ("99999999999999", 86_400),
        ("Fri, 31 Dec 9998 23:59:59 GMT", 86_400),
        ("Fri, 31 Dec 999999999999999999999 23:59:59 GMT", None),
        ("Fri, 31 Dec 2027 23:59:59 +999999999999999", None),
        ("Fri, 31 Dec 2027 23:59:59 -0000", None),
        (",", None),
        ("²", None),
        ("-5", None),
        ("1e3", None),
    ],
)
def test_retry_after_is_bounded(asked: tuple[Operator, str], peer: Peer, value: str, seconds: float | None) -> None:
    peer.answer = lambda _: httpx2.Response(429, headers=[(b"Retry-After", value.encode("latin-1"))])
    limited = [error for error in outcomes(*asked).values() if isinstance(error, errors.RateLimited)]
    assert limited
    assert {error.retry_after for error in limited} == {seconds}


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename*=utf-8''%D0%A3%D0%9F%D0%94.xml", "УПД.xml"),
        ('attachment; filename="УПД.xml"', "УПД.xml"),
        ("attachment; filename*=idna''%ff", None),
        ("attachment; filename*=\0''a", None),
        ("attachment; filename*0*=foo'en*'%ff; filename*=b", None),
        ("attachment; filename*=utf-8''a%0Ab", None),
        ("attachment", None),
    ],
)
def test_a_name_that_cannot_be_read_is_none(disposition: str, name: str | None) -> None:
    reply = wire.Reply(operator="2XX", status=200, content=b"", trace_id=None, disposition=disposition)
    assert reply.file_name == name


def test_a_trace_id_is_bounded(asked: tuple[Operator, str], peer: Peer) -> None:
    headers = dict.fromkeys(("X-Kontur-Trace-Id", "X-Request-ID"), "t" * 5_000)
    peer.answer = lambda _: httpx2.Response(400, headers=headers)
    told = [error for error in outcomes(*asked).values() if isinstance(error, errors.Invalid)]
    assert {error.trace_id for error in told} == {"t" * 120}


def test_nobody_is_followed_to_another_host(asked: tuple[Operator, str], peer: Peer) -> None:
    peer.answer = lambda _: httpx2.Response(307, headers={"Location": "https://elsewhere.test/take"})
    for name, error in outcomes(*asked).items():
        assert isinstance(error, errors.BadAnswer | errors.OutcomeUnknown | errors.Unsupported), name
    assert {url.host[1:] for url in peer.asked} == {".test"}


@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_too_large_or_packed_strangely_is_not_taken(
    asked: tuple[Operator, str], peer: Peer, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "ANSWER_LIMIT", 1 << 16)
    monkeypatch.setattr(wire, "REFUSAL_LIMIT", 1 << 16)
    bomb = gzip.compress(b" " * (1 << 18))
    twice = gzip.compress(bomb)
    for coding, body in (("gzip", bomb), ("gzip, gzip", twice), ("br", b"x"), ("gzip", b"not packed")):
        stream = httpx2.ByteStream(body)
        peer.answer = lambda _: httpx2.Response(status, headers={"Content-Encoding": coding}, stream=stream)  # noqa: B023 - asked within the turn
        for error in outcomes(*asked).values():
            assert error is not None
            assert len(error.raw or "") <= wire.RAW_LIMIT


def test_what_an_answer_echoes_is_no_secret_any_more(asked: tuple[Operator, str], peer: Peer) -> None:
    def echo(request: httpx2.Request) -> httpx2.Response:
        said = f"не понял: {dict(request.headers)} {request.content.decode('utf-8', 'replace')}"
        return httpx2.Response(400, content=said.encode())

    peer.answer = echo
    told = [error for error in outcomes(*asked).values() if isinstance(error, errors.Invalid)]
    assert told
    assert all("не понял" in str(error) for error in told)
    assert not any("secret" in f"{error!r} {error} {vars(error)}" for error in told)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_a_log_in_that_echoes_the_password_does_not_tell_it(make: Make, peer: Peer) -> None:
    operator, box = make(peer)
    peer.logs_in = False
    peer.answer = lambda _: httpx2.Response(403, content='нельзя {"password": "password-secret"}'.encode())
    with pytest.raises(errors.OperatorError) as caught:
        operator.events(box, None)
    assert "нельзя" in str(caught.value)
    assert "secret" not in f"{caught.value!r} {vars(caught.value)}"


@pytest.mark.parametrize("token", ["ключ", "line\nbreak", "é"])
def test_a_key_that_no_header_can_hold_is_a_refused_log_in(token: str) -> None:
    for make in MAKERS:
        operator, box = make(Peer(token))
        for error in outcomes(operator, box).values():
            assert isinstance(error, errors.AuthExpired | errors.BadAnswer | errors.Unsupported), make.__name__


@pytest.mark.parametrize("make", [diadoc, taxcom], ids=lambda make: make.__name__)
def test_an_id_typed_with_a_cyrillic_letter_is_a_refused_log_in(make: Make, peer: Peer) -> None:
    operator, box = make(peer, "СOMPANY_1")
    with pytest.raises(errors.AuthExpired) as caught:
        operator.events(box, None)
    assert "OMPANY" not in str(caught.value)
    assert not peer.asked, "nothing left"


def test_what_no_database_keeps_is_no_stop_of_a_feed(peer: Peer) -> None:
    entity = {"EntityId": "1", "EntityType": "Attachment", "AttachmentType": "Contract", "FileName": "a\0б\ud800.pdf"}
    message = {"MessageId": "m", "TimestampTicks": 1, "Entities": [entity]}
    peer.answer = lambda _: httpx2.Response(
        200, content=json.dumps({"Events": [{"EventId": "😀", "IndexKey": "k", "Message": message}]}).encode()
    )
    operator, box = diadoc(peer)
    (event,) = operator.events(box, None).items
    assert (event.id, event.entities[0].file_name) == ("😀", "a\ufffdб\ufffd.pdf")


def test_a_search_in_a_feed_that_goes_round_ends(peer: Peer) -> None:
    def circle(request: httpx2.Request) -> httpx2.Response:
        key = {"a": "b", "b": "c", "c": "a"}.get(request.url.params.get("afterIndexKey", ""), "a")
        message = {"MessageId": "m", "TimestampTicks": 1, "Entities": []}
        return httpx2.Response(200, json={"Events": [{"EventId": key, "IndexKey": key, "Message": message}]})

    peer.answer = circle
    operator, box = diadoc(peer)
    with pytest.raises(errors.BadAnswer, match="circle"):
        operator.look_up(replace(upd_to_send(), from_box=box))
