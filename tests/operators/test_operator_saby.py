"""What only Saby has: a code by SMS, invitations by sending, links that are not ready, errors inside JSON-RPC."""

import json
import threading
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from operators import errors
from operators.port import EntityKind, EntityRef, Receipt, Response, Send
from operators.saby import LogInHelp, SabyCredentials, SabyOperator, reading
from operators.sandbox import create_saby_app
from tests.operators.parts import BUYER, SELLER, HandClock, KeyNotary, Sandbox, Stage, contract_to_send, upd_to_send

SELLER_BOX = f"{SELLER.inn}-{SELLER.kpp}@{SELLER.participant_id}"
BUYER_BOX = f"{BUYER.inn}-{BUYER.kpp}@{BUYER.participant_id}"


@pytest.fixture
def sandbox(stage: Stage, tmp_path: Path) -> Sandbox:
    return stage.open(tmp_path / "sandbox.sqlite", face=create_saby_app)


@pytest.fixture
def operator(sandbox: Sandbox) -> Iterator[SabyOperator]:
    made = SabyOperator(sandbox.url, SabyCredentials(login="demo", password="demo"), clock=sandbox.clock)
    yield made
    made.close()


class Kept:
    """Keeps a session as a file or a table would."""

    def __init__(self) -> None:
        self.session: str | None = None

    def load(self) -> str | None:
        return self.session

    def save(self, session: str) -> None:
        self.session = session


def addressed(action: Send) -> Send:
    return replace(action, from_box=SELLER_BOX, to_box=BUYER_BOX)


def send(operator: SabyOperator, signer: KeyNotary, action: Send) -> Any:
    return operator.execute(action, {"document": signer.sign(action.document.content)}, key=str(uuid.uuid4()))


def test_second_factor_is_asked_once_and_the_session_is_kept(sandbox: Sandbox) -> None:
    asked: list[str] = []

    def telephone(number: str) -> str:
        asked.append(number)
        return str(httpx2.get(f"{sandbox.url}/_sandbox/sms").json()["result"]["Код"])

    credentials, keeper = SabyCredentials(login="demo-sms", password="demo"), Kept()
    first = SabyOperator(
        sandbox.url, credentials, clock=sandbox.clock, log_in=LogInHelp(sms_code=telephone, keeper=keeper)
    )
    assert len(first.check_connection()) == 3
    assert len(asked) == 1
    assert "*" in asked[0]
    assert keeper.session
    second = SabyOperator(sandbox.url, credentials, clock=sandbox.clock, log_in=LogInHelp(keeper=keeper))
    assert second.events(SELLER_BOX, None).items == ()
    sandbox.clock.move(timedelta(days=22))
    with pytest.raises(errors.AuthExpired, match="SMS"):
        second.events(SELLER_BOX, None)
    first.close()
    second.close()


def test_a_session_that_could_not_be_saved_goes_on_and_is_saved_before_the_next_call(sandbox: Sandbox) -> None:
    class Jammed(Kept):
        jammed = True

        def save(self, session: str) -> None:
            if self.jammed:
                raise errors.KeeperFailed("jammed")
            super().save(session)

    credentials, keeper = SabyCredentials(login="demo", password="demo"), Jammed()
    operator = SabyOperator(sandbox.url, credentials, clock=sandbox.clock, log_in=LogInHelp(keeper=keeper))
    assert len(operator.check_connection()) == 3, "the session is good, whatever the keeper says"
    assert keeper.session is None
    keeper.jammed = False
    assert operator.events(SELLER_BOX, None).items == ()
    first = keeper.session
    assert first
    keeper.session = "got by another process"
    assert operator.events(SELLER_BOX, None).items == ()
    assert keeper.session == "got by another process", "what is saved is saved once"
    operator.close()


def test_a_log_in_is_begun_by_one_and_finished_by_another(sandbox: Sandbox) -> None:
    credentials, keeper = SabyCredentials(login="demo-sms", password="demo"), Kept()
    asking = SabyOperator(sandbox.url, credentials, clock=sandbox.clock, log_in=LogInHelp(keeper=keeper))
    with pytest.raises(errors.PersonNeeded):
        asking.check_connection()
    step = asking.begin_log_in()
    assert step is not None
    assert "*" in step.telephone
    assert step.secret not in repr(step)
    other = SabyOperator(sandbox.url, credentials, clock=sandbox.clock, log_in=LogInHelp(keeper=keeper))
    with pytest.raises(errors.AuthExpired):
        other.finish_log_in(step.secret, code="12")
    code = str(httpx2.get(f"{sandbox.url}/_sandbox/sms").json()["result"]["Код"])
    other.finish_log_in(step.secret, code=code)
    with pytest.raises(errors.AuthExpired):
        other.finish_log_in(step.secret, code=code)
    assert len(other.check_connection()) == 3, "the password was right and the session is good: no second code"
    assert asking.events(SELLER_BOX, None).items == (), "the kept session serves who began"
    known = SabyOperator(sandbox.url, SabyCredentials(login="demo", password="demo"), clock=sandbox.clock)
    assert known.begin_log_in() is None
    for each in (asking, other, known):
        each.close()


@pytest.mark.parametrize("code", ["000000x", None])
def test_wrong_or_no_code_is_auth_expired(sandbox: Sandbox, code: str | None) -> None:
    help_with = LogInHelp(sms_code=lambda _: code)
    operator = SabyOperator(
        sandbox.url, SabyCredentials(login="demo-sms", password="demo"), clock=sandbox.clock, log_in=help_with
    )
    with pytest.raises(errors.AuthExpired):
        operator.check_connection()
    operator.close()


def test_sending_to_a_stranger_is_an_invitation(stage: Stage, tmp_path: Path, signer: KeyNotary) -> None:
    sandbox = stage.open(tmp_path / "strangers.sqlite", face=create_saby_app, acquainted=False)
    operator = SabyOperator(sandbox.url, SabyCredentials(login="demo", password="demo"), clock=sandbox.clock)
    action = addressed(upd_to_send())
    sent = send(operator, signer, action)
    (title,) = [each for each in operator.message(SELLER_BOX, sent.message_id) if each.kind is EntityKind.TITLE]
    assert title.status is not None
    assert (title.status.text, title.status.delivered_at) == ("Отослано приглашение", None)
    assert operator.events(BUYER_BOX, None).items == ()
    assert operator.look_up(action) == sent

    cabinet = {"box": BUYER.box_id, "other": SELLER.box_id}
    assert httpx2.post(f"{sandbox.url}/_sandbox/cabinet/accept", params=cabinet).status_code == 200
    (arrived,) = operator.events(BUYER_BOX, None).items
    assert arrived.from_box == SELLER_BOX
    (title,) = [each for each in operator.message(SELLER_BOX, sent.message_id) if each.kind is EntityKind.TITLE]
    assert title.status is not None
    assert title.status.response is Response.WAITING
    other = send(operator, signer, addressed(contract_to_send()))
    assert len(operator.events(BUYER_BOX, arrived.cursor).items) == 1
    assert other.message_id != sent.message_id
    operator.close()


def test_document_that_is_not_a_guid_gets_one_and_a_sent_one_is_not_written_over(
    operator: SabyOperator, signer: KeyNotary
) -> None:
    action = replace(addressed(upd_to_send()), own_id="наш документ 17")
    sent = send(operator, signer, action)
    assert uuid.UUID(sent.message_id)
    changed = replace(action, document=replace(action.document, content=upd_to_send().document.content))
    assert send(operator, signer, changed) == sent
    assert operator.content(sent.main) == action.document.content


def test_signature_over_other_bytes_is_refused(operator: SabyOperator, signer: KeyNotary) -> None:
    action = addressed(upd_to_send())
    with pytest.raises(errors.Invalid, match="не соответствует"):
        operator.execute(action, {"document": signer.sign(b"something else")}, key="k")
    assert operator.look_up(action) is None
    assert send(operator, signer, action)


class Told:
    """A transport that logs anybody in and answers what it was told, by method or path."""

    def __init__(self, answers: Mapping[str, httpx2.Response]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        method = str(json.loads(request.content)["method"]) if request.method == "POST" else request.url.host
        self.asked.append(method)
        if method == "СБИС.Аутентифицировать":
            return rpc("session-secret")
        return self.answers[method]


def rpc(result: Any) -> httpx2.Response:
    return httpx2.Response(200, json={"jsonrpc": "2.0", "result": result, "id": 0})


def refused(code: int, message: str, *, status: int = 500, classid: str = "") -> httpx2.Response:
    body = {"code": code, "message": message, "data": {"classid": classid, "addinfo": {}}}
    return httpx2.Response(status, json={"jsonrpc": "2.0", "error": body, "id": 0})


def asking(answers: Mapping[str, httpx2.Response]) -> tuple[SabyOperator, Told]:
    told = Told(answers)
    credentials = SabyCredentials(login="someone", password="password-secret")
    transport = httpx2.MockTransport(told)
    made = SabyOperator("https://saby.test", credentials, transport, clock=HandClock(), wait=lambda _: None)
    return made, told


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(-32700, "Parse error"), errors.Invalid),
        (refused(-32601, "Method not found", status=404), errors.Unsupported),
        (refused(-32603, "Internal error"), errors.Temporary),
        (refused(-32000, "Роуминг с оператором не настроен", status=200), errors.RoamingUnavailable),
        (refused(-32000, "Контрагент не принимает документы"), errors.RecipientRefuses),
        (refused(-32000, "Нет доступа к организации"), errors.Forbidden),
        (refused(-32000, "Тариф не оплачен"), errors.SubscriptionRequired),
        (refused(-32000, "Документ не найден"), errors.NotFound),
        (refused(-32000, "Размер вложения превышает допустимый"), errors.TooLarge),
        (refused(-32000, "Что-то новое"), errors.Conflict),
        (refused(-7, "Что-то новое"), errors.BadAnswer),
        (httpx2.Response(401, json={"error": "Not authorized.", "id": -1}), errors.AuthExpired),
        (httpx2.Response(200, json={"error": "Not authorized.", "id": -1}), errors.AuthExpired),
        (httpx2.Response(402), errors.SubscriptionRequired),
        (httpx2.Response(403), errors.Forbidden),
        (httpx2.Response(413), errors.TooLarge),
        (httpx2.Response(429, headers={"Retry-After": "600"}), errors.RateLimited),
        (httpx2.Response(501), errors.Unsupported),
        (httpx2.Response(504, text="Технические работы"), errors.Temporary),
        (httpx2.Response(418), errors.BadAnswer),
        (httpx2.Response(200, text="<html>"), errors.BadAnswer),
        (httpx2.Response(200, json={"jsonrpc": "2.0", "id": 0}), errors.BadAnswer),
        (rpc("a string"), errors.BadAnswer),
    ],
)
def test_each_refusal_is_its_error(answer: httpx2.Response, kind: type[errors.OperatorError]) -> None:
    operator, _ = asking({"СБИС.ПрочитатьДокумент": answer})
    with pytest.raises(errors.OperatorError) as caught:
        operator.message(SELLER_BOX, str(uuid.uuid4()))
    assert type(caught.value) is kind
    assert caught.value.operator == "2BE"
    assert "secret" not in str(vars(caught.value)) + str(caught.value)
    operator.close()


EVENT = {"Идентификатор": "e", "Название": "Получение", "ДатаВремя": "15.06.2026 10:30:00"}


def document(**changes: Any) -> dict[str, Any]:
    """A document as the operator's published samples show one, with a link on another host."""
    file = {"Имя": "UPD_example.xml", "Ссылка": "https://online.sbis.ru/docs/1"}
    attachment = {"Идентификатор": "a", "Название": "УПД.xml", "Тип": "УпдСчфДоп", "Служебный": "Нет", "Файл": file}
    return {
        "Идентификатор": "d",
        "Тип": "ДокОтгрВх",
        "Направление": "Входящий",
        "ДатаВремяСоздания": "15.06.2026 10.30.00",
        "Состояние": {"Код": "4", "Название": "На подписи"},
        "Контрагент": {"СвЮЛ": {"ИНН": "7700000001", "КПП": "770001002", "Название": "ООО Поставщик"}},
        "Вложение": attachment,
        **changes,
    }


def test_samples_of_the_operator_are_read() -> None:
    (title,) = reading.read_entities(document(), BUYER_BOX)
    assert (title.kind, title.file_name, title.function) == (EntityKind.TITLE, "UPD_example.xml", "СЧФДОП")
    assert title.created_at == datetime(2026, 6, 15, 7, 30, tzinfo=UTC)
    assert title.status is not None
    assert (title.status.response, title.status.receipt) == (Response.WAITING, Receipt.TO_BE_SENT)
    (newer,) = reading.read_entities(
        document(Вложение={"Идентификатор": "a", "Тип": "Новое", "Файл": {"Имя": "x.xml"}}), BUYER_BOX
    )
    assert (newer.kind, newer.raw_type) == (EntityKind.UNKNOWN, "Новое")


def test_an_organisation_without_a_participant_id_is_still_a_box() -> None:
    line = {"СвЮЛ": {"ИНН": "7700000003", "КПП": "770001004", "Название": "ООО Пример"}}
    (box,) = reading.read_boxes({"НашаОрганизация": line})
    assert (box.id, box.participant_id) == ("7700000003-770001004@", None)
    assert reading.side_of(box.id).json() == {"СвЮЛ": {"ИНН": "7700000003", "КПП": "770001004"}}
    named = {**line, "Идентификатор": str(uuid.uuid4()), "ИдентификаторУчастника": "2BM-7700000003-770001004-1"}
    assert reading.side_of(box.id).is_of(named)
    assert not reading.side_of(f"{box.id}2BE-other").is_of(named)
    assert not reading.side_of("7700000003-770001999@").is_of(named)
    (event,) = reading.read_events({"Документ": document(Событие=[EVENT])}, BUYER_BOX)
    assert (event.from_box, event.to_box) == ("7700000001-770001002@", BUYER_BOX)


def test_files_come_from_the_operators_hosts_alone_and_an_empty_link_is_waited_for() -> None:
    ref = EntityRef(box=BUYER_BOX, message_id="d", entity_id="a")
    file = httpx2.Response(200, content=b"bytes")
    operator, told = asking({"СБИС.ПрочитатьДокумент": rpc(document()), "online.sbis.ru": file})
    assert operator.content(ref) == b"bytes"
    operator.close()
    for link, kind in (
        ("https://sbis.ru.example.test/x", errors.BadAnswer),
        ("http://online.sbis.ru/x", errors.BadAnswer),
        ("", errors.Temporary),
    ):
        attachment = {"Идентификатор": "a", "Файл": {"Имя": "x", "Ссылка": link}}
        operator, told = asking({"СБИС.ПрочитатьДокумент": rpc(document(Вложение=[attachment]))})
        with pytest.raises(kind):
            operator.content(ref)
        assert told.asked[-1] == "СБИС.ПрочитатьДокумент", "nothing was sent there, above all no session"
        operator.close()


def test_another_file_than_ours_is_never_signed_for(signer: KeyNotary) -> None:
    action = addressed(upd_to_send())
    wanted = {"Вложение": [{"Идентификатор": "x", "Файл": {"Имя": "x", "Ссылка": "https://saby.test/other"}}]}
    operator, told = asking(
        {
            "СБИС.ПрочитатьДокумент": refused(-32000, "Документ не найден"),
            "СБИС.ЗаписатьДокумент": rpc(document()),
            "СБИС.ПодготовитьДействие": rpc({"Этап": [wanted]}),
            "saby.test": httpx2.Response(200, content=b"the operator's own file"),
        }
    )
    with pytest.raises(errors.Conflict, match="another file"):
        send(operator, signer, action)
    assert "СБИС.ВыполнитьДействие" not in told.asked
    operator.close()


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(500),
        httpx2.Response(418),
        httpx2.Response(200),
        httpx2.Response(200, text="<html>"),
        httpx2.Response(200, content=b'{"jsonrpc": "2.0", "resu'),
        httpx2.Response(200, json={"jsonrpc": "2.0", "id": 0}),
        refused(-32603, "x"),
        rpc("x"),
        rpc({"Вложение": "x"}),
    ],
)
def test_accepted_with_an_answer_that_says_nothing_is_outcome_unknown(
    signer: KeyNotary, answer: httpx2.Response
) -> None:
    action = addressed(upd_to_send())
    wanted = {"Вложение": [{"Идентификатор": "x", "Файл": {"Имя": "x", "Ссылка": "https://saby.test/file"}}]}
    operator, _ = asking(
        {
            "СБИС.ПрочитатьДокумент": refused(-32000, "Документ не найден"),
            "СБИС.ЗаписатьДокумент": rpc(document()),
            "СБИС.ПодготовитьДействие": rpc({"Этап": [wanted]}),
            "saby.test": httpx2.Response(200, content=action.document.content),
            "СБИС.ВыполнитьДействие": answer,
        }
    )
    with pytest.raises(errors.OutcomeUnknown):
        send(operator, signer, action)
    operator.close()


class Gate:
    """The lock of a client's keeping, which tells when a thread named «log-in» wants it."""

    def __init__(self, happened: threading.Event) -> None:
        self._lock, self._happened = threading.RLock(), happened

    def __enter__(self) -> None:
        if threading.current_thread().name.startswith("log-in"):
            self._happened.set()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_a_session_that_is_saved_late_does_not_take_the_place_of_a_newer_one(sandbox: Sandbox) -> None:
    """While one thread looks what is kept, in order to save what is not, another logs in anew."""
    happened = threading.Event()

    class Slow(Kept):
        jammed = slow = False

        def load(self) -> str | None:
            found = super().load()
            if self.slow and not threading.current_thread().name.startswith("log-in"):
                newer.append(pool.submit(operator.begin_log_in))
                assert happened.wait(60)
                self.slow = False
            return found

        def save(self, session: str) -> None:
            if self.jammed:
                raise errors.KeeperFailed("jammed")
            super().save(session)
            if threading.current_thread().name.startswith("log-in"):
                happened.set()

    newer: list[Future[object]] = []
    keeper = Slow()
    credentials = SabyCredentials(login="demo", password="demo")
    operator = SabyOperator(sandbox.url, credentials, clock=sandbox.clock, log_in=LogInHelp(keeper=keeper))
    operator._client._keeping = Gate(happened)  # type: ignore[assignment]  # a lock that tells who wants it
    keeper.jammed = True
    operator.check_connection()
    keeper.jammed, keeper.slow = False, True
    with ThreadPoolExecutor(1, "log-in") as pool:
        operator.events(SELLER_BOX, None)
        newer[0].result(60)
    assert keeper.session == operator._client.session
    operator.close()
