"""The cases both profiles go through: every named crash point, three deaths each."""

from __future__ import annotations

from edo_service.kernel.faults import CRASH_POINTS
from tests.crash.stage import ACCOUNTANT, CLIENT, Stage

DEATHS = 3
PASSED_OFTEN = frozenset({"commit.before", "commit.after", "job.claimed", "job.handled", "job.finished"})
OF_CONTRACTS = frozenset({"documents.direct"})
IN_WEB = ("commit.before", "commit.after", "publish.before", "documents.signed")


def kill_worker_at(stage: Stage, point: str) -> int:
    """Walk documents while the worker dies at `point`, three times in all; each document settles and is reckoned with."""
    deaths = 0
    for _document in range(DEATHS):
        contract = point in OF_CONTRACTS
        number = stage.new_contract() if contract else stage.new_upd()
        assert stage.act("send", login=ACCOUNTANT.login, document=str(stage.id_of(ACCOUNTANT, number))) == 0
        for attempt in range(DEATHS + 1):
            if deaths == DEATHS:
                break
            deaths += stage.crash(f"{point}:{attempt + 1}" if point in PASSED_OFTEN else point)
            answer_if_asked(stage, number)
        stage.settle(number, contract=contract)
        if deaths == DEATHS:
            break
    stage.reckon()
    return deaths


def answer_if_asked(stage: Stage, number: str) -> None:
    """The client answers as soon as she sees the document, so that later deaths meet her side of the road too."""
    card = stage.find(CLIENT, number)
    if card is not None and card.line.response == "required":
        stage.act("prepare", login=CLIENT.login, document=str(card.line.id))
        stage.act("sign", login=CLIENT.login, document=str(card.line.id))


def kill_web_at(stage: Stage, point: str) -> int:
    """Walk one document while each act of a person dies at `point` and is pressed again, as people do."""
    number = stage.new_upd()
    deaths = 0
    document = str(stage.id_of(ACCOUNTANT, number))
    deaths += _pressed(stage, point, "send", ACCOUNTANT.login, document)
    room = stage.machine_room()
    stage.until("arrival", lambda: stage.find(CLIENT, number) is not None)
    incoming = str(stage.id_of(CLIENT, number))
    deaths += _pressed(stage, point, "prepare", CLIENT.login, incoming)
    deaths += _pressed(stage, point, "sign", CLIENT.login, incoming)
    stage.kill(*room)
    stage.settle(number)
    stage.reckon()
    return deaths


def _pressed(stage: Stage, point: str, name: str, login: str, document: str) -> int:
    """Press once with the crash, then again without; what was done the first time answers Conflict (exit 1)."""
    first = stage.act(name, point, login=login, document=document)
    second = stage.act(name, login=login, document=document)
    assert second in {0, 1}
    return int(first == -9)


ALL_POINTS = CRASH_POINTS
