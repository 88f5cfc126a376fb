"""The PyPI client `pysaby`, written against the live operator, drives the Saby sandbox over HTTP."""

import base64
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pysaby
import pytest

from operators.sandbox import create_saby_app
from tests.operators.parts import BUYER, SELLER, KeyNotary, Sandbox, SandboxOrganization, Stage, buyer_title, upd


@pytest.fixture
def sandbox(stage: Stage, tmp_path: Path) -> Sandbox:
    return stage.open(tmp_path / "sandbox.sqlite", face=create_saby_app)


@pytest.fixture
def client(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pysaby.SABYManager:
    """The client aimed at loopback; it keeps its session beside its own file, so that is elsewhere for a test."""
    monkeypatch.setattr(pysaby, "__file__", str(tmp_path / "pysaby.py"))
    made = pysaby.SABYManager("demo", "demo")
    made.base_url = sandbox.url
    return made


def side(each: SandboxOrganization) -> dict[str, Any]:
    return {"Идентификатор": each.participant_id, "СвЮЛ": {"ИНН": each.inn, "КПП": each.kpp}}


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def stage_of(document_id: str, stage: str, action: str, files: list[dict[str, Any]]) -> dict[str, Any]:
    value = {"Название": stage, "Действие": {"Название": action}, "Вложение": files}
    return {"Документ": {"Идентификатор": document_id, "Этап": value}}


def changes(client: pysaby.SABYManager, each: SandboxOrganization, **since: str) -> list[dict[str, Any]]:
    wanted = {"НашаОрганизация": side(each), "Навигация": {"РазмерСтраницы": "100"}}
    wanted |= since or {"ДатаВремяС": "01.01.2020 00.00.00"}
    found: list[dict[str, Any]] = client.send_query("СБИС.СписокИзменений", {"Фильтр": wanted})["Документ"]
    return found


def test_outside_client_walks_the_road(client: pysaby.SABYManager, sandbox: Sandbox, signer: KeyNotary) -> None:
    mine = client.send_query("СБИС.СписокНашихОрганизаций", {"Фильтр": {}})
    assert SELLER.inn in {each["СвЮЛ"]["ИНН"] for each in mine["НашаОрганизация"]}

    document_id, file_id = str(uuid.uuid4()), str(uuid.uuid4())
    name, content = upd()
    document = {
        "Идентификатор": document_id,
        "Тип": "ДокОтгрИсх",
        "НашаОрганизация": side(SELLER),
        "Контрагент": side(BUYER),
        "Вложение": [{"Идентификатор": file_id, "Файл": {"Имя": name, "ДвоичныеДанные": b64(content)}}],
    }
    written = client.send_query("СБИС.ЗаписатьДокумент", {"Документ": document})
    assert (written["Идентификатор"], written["Состояние"]["Код"]) == (document_id, "0")
    assert written["Этап"][0]["Действие"][0]["Название"] == "Отправить"
    assert changes(client, BUYER) == []
    prepared = client.send_query("СБИС.ПодготовитьДействие", stage_of(document_id, "Отправка", "Отправить", []))
    (to_sign,) = prepared["Этап"][0]["Вложение"]
    assert (to_sign["Идентификатор"], to_sign["Файл"]["Имя"]) == (file_id, name)
    signed = [
        {"Идентификатор": file_id, "Подпись": [{"Файл": {"Имя": "a.sgn", "ДвоичныеДанные": b64(signer.sign(content))}}]}
    ]
    sent = client.send_query("СБИС.ВыполнитьДействие", stage_of(document_id, "Отправка", "Отправить", signed))
    assert sent["Состояние"]["Код"] == "4"
    with pytest.raises(AttributeError, match="уже отправлен"):
        client.send_query("СБИС.ВыполнитьДействие", stage_of(document_id, "Отправка", "Отправить", signed))

    (arrived,) = changes(client, BUYER)
    assert (arrived["Тип"], arrived["Направление"], arrived["Контрагент"]) == (
        "ДокОтгрВх",
        "Входящий",
        {**side(SELLER), "СвЮЛ": {**side(SELLER)["СвЮЛ"], "Название": SELLER.name}},
    )
    sandbox.clock.move(timedelta(days=22))  # the session is over: 401, and the client logs in anew by itself
    answer_id, (answer_name, answer) = str(uuid.uuid4()), buyer_title()
    file = {"Идентификатор": answer_id, "Файл": {"Имя": answer_name, "ДвоичныеДанные": b64(answer)}}
    incoming = arrived["Идентификатор"]
    client.send_query("СБИС.ПодготовитьДействие", stage_of(incoming, "Утверждение", "Утвердить", [file]))
    signed = [
        {
            "Идентификатор": answer_id,
            "Подпись": [{"Файл": {"Имя": "b.sgn", "ДвоичныеДанные": b64(signer.sign(answer))}}],
        }
    ]
    client.send_query("СБИС.ВыполнитьДействие", stage_of(incoming, "Утверждение", "Утвердить", signed))
    first, *_, last = changes(client, SELLER)
    assert last["Состояние"] == {
        "Код": "7",
        "Название": "Выполнение завершено успешно",
        "Описание": "Выполнение завершено успешно",
    }
    cursor = first["Событие"][0]["Идентификатор"]
    rest = changes(client, SELLER, ИдентификаторСобытия=cursor)
    assert cursor not in {each["Событие"][0]["Идентификатор"] for each in rest}
    assert len(rest) == len(changes(client, SELLER)) - 1


def test_outside_client_is_told_its_mistakes(client: pysaby.SABYManager, sandbox: Sandbox) -> None:
    with pytest.raises(AttributeError, match="не найден"):
        client.send_query("СБИС.НетТакогоМетода", {})
    with pytest.raises(AttributeError, match="ДатаВремяС"):
        client.send_query("СБИС.СписокИзменений", {"Фильтр": {"НашаОрганизация": side(SELLER)}})
    stranger = pysaby.SABYManager("demo", "guess")
    stranger.base_url = sandbox.url
    stranger._load_auth_state = lambda: None
    with pytest.raises(Exception, match="Не удалось получить токен"):
        stranger.send_query("СБИС.СписокНашихОрганизаций", {"Фильтр": {}})
