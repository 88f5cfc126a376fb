"""The vocabulary of states (DESIGN §5): life and state -> word and tone, and which of several leads a list.

Grammar: «Требуется …» is the viewer's move (todo), «Ожидается …» or a verb in the present somebody else's or the
machine's (wait), a past participle is done, «Отказано» and «Не …» stop. A word belongs to the viewer's side, so the
states of sender and recipient have different names already in the tables. A state that is not listed is shown as
«Состояние неизвестно» with the raw word, never guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Tone(StrEnum):
    """The closed set of tones; each has its own sign and colours."""

    TODO = "todo"
    WAIT = "wait"
    DONE = "done"
    STOP = "stop"
    IDLE = "idle"


ICONS: Mapping[Tone, str] = {
    Tone.TODO: "exclamation-circle",
    Tone.WAIT: "clock",
    Tone.DONE: "check-circle",
    Tone.STOP: "x-circle",
    Tone.IDLE: "minus-circle",
}


class Rank(IntEnum):
    """Which state leads when there is room for one chip: the smallest."""

    BROKEN = 0
    TODO = 1
    REFUSED = 2
    WAIT = 3
    DONE = 4
    IDLE = 5


RANKS: Mapping[Tone, Rank] = {
    Tone.TODO: Rank.TODO,
    Tone.WAIT: Rank.WAIT,
    Tone.DONE: Rank.DONE,
    Tone.STOP: Rank.BROKEN,
    Tone.IDLE: Rank.IDLE,
}


@dataclass(frozen=True)
class Status:
    """One state in words. `raw` is the outside word when ours is «Состояние неизвестно»; `icon` replaces the tone's."""

    word: str
    tone: Tone
    rank: Rank = field(default=Rank.IDLE)
    icon: str = ""
    raw: str | None = None

    @property
    def sign(self) -> str:
        """Name of the icon that stands before the word."""
        return self.icon or ICONS[self.tone]


def _status(word: str, tone: str, rank: Rank | None = None, icon: str = "") -> Status:
    exact = Tone(tone)
    return Status(word=word, tone=exact, rank=RANKS[exact] if rank is None else rank, icon=icon)


VOCABULARY: Mapping[str, Mapping[str, Status]] = {
    "delivery": {
        "draft": _status("Черновик", "idle"),
        "in_approval": _status("На согласовании", "wait"),
        "approval_required": _status("Требуется согласование", "todo"),
        "queued": _status("В очереди на отправку", "wait"),
        "sending": _status("Отправляется", "wait"),
        "accepted": _status("Отправляется", "wait"),
        "sent": _status("Отправлен", "wait"),
        "delivered": _status("Доставлен", "done"),
        "received": _status("Получен", "done"),
        "received_in_doubt": _status("Получен с замечанием", "stop"),
        "clarifying": _status("Уточняем у оператора", "wait"),
        "roaming": _status("В роуминге", "wait"),
        "failed": _status("Не доставлен", "stop"),
        "withdrawn": _status("Отозван", "idle"),
        "expired": _status("Срок вышел", "idle"),
        "discarded": _status("Черновик удалён", "idle"),
    },
    "receipt": {
        "required": _status("Требуется извещение", "todo"),
        "prepared": _status("Извещение отправляется", "wait"),
        "expected": _status("Ожидается извещение", "wait"),
        "sent": _status("Извещение отправлено", "done"),
        "told": _status("Извещение отправлено", "done"),
        "received": _status("Извещение получено", "done"),
        "confirmed": _status("Извещение подтверждено оператором", "done"),
    },
    "response": {
        "not_needed": _status("Подпись не нужна", "idle"),
        "required": _status("Требуется подпись", "todo"),
        "prepared": _status("Требуется подпись", "todo"),
        "refusal_prepared": _status("Требуется подписать отказ", "todo"),
        "second_required": _status("Требуется вторая подпись", "todo"),
        "expected": _status("Ожидается подпись контрагента", "wait"),
        "signing": _status("Подпись отправляется", "wait"),
        "refusing": _status("Отказ отправляется", "wait"),
        "signing_held": _status("Требуется отправить подпись ещё раз", "todo"),
        "refusing_held": _status("Требуется отправить отказ ещё раз", "todo"),
        "checking": _status("Подпись проверяется", "wait"),
        "signed": _status("Подписан", "done"),
        "signed_confirmed": _status("Подписан обеими сторонами", "done"),
        "counter_signed": _status("Подписан контрагентом", "done"),
        "both_signed": _status("Подписан обеими сторонами", "done"),
        "counter_signed_with_remarks": _status("Принят с расхождениями", "done"),
        "not_accepted": _status("Не принят", "stop", Rank.REFUSED),
        "refused": _status("Отказано в подписи", "stop", Rank.REFUSED),
        "refused_confirmed": _status("Отказано в подписи", "stop", Rank.REFUSED),
        "counter_refused": _status("Контрагент отказал", "stop", Rank.REFUSED),
        "counter_invalid": _status("Подпись недействительна", "stop"),
    },
    "correction": {
        "prepared": _status("Требуется подписать запрос", "todo"),
        "asking": _status("Запрос уточнения отправляется", "wait"),
        "required": _status("Требуется уточнение", "todo"),
        "requested": _status("Запрошено уточнение", "wait"),
        "corrected": _status("Исправлен", "idle"),
        "untied": _status("Исправление действует само", "idle"),
        "adjusted": _status("Скорректирован", "done"),
        "corrects": _status("Исправляет", "done"),
    },
    "annulment": {
        "required": _status("Требуется аннулирование", "todo"),
        "expected": _status("Ожидается аннулирование", "wait"),
        "annulled": _status("Аннулирован", "idle"),
        "refused": _status("Отказано в аннулировании", "stop", Rank.REFUSED),
    },
    "archive": {
        "handing_over": _status("Передаётся в архив", "wait"),
        "kept": _status("В архиве", "done"),
        "failed": _status("Не в архиве", "stop"),
        "incomplete": _status("Неполный комплект", "todo"),
        "held": _status("Под запретом уничтожения", "wait"),
        "proposed": _status("Предложен к уничтожению", "todo"),
        "disposing": _status("Уничтожается по акту", "wait"),
        "disposed": _status("Уничтожен по акту", "idle"),
        "damaged": _status("Найдено повреждение", "stop"),
    },
    "verdict": {
        "TOTAL-PASSED": _status("Подпись действительна", "done"),
        "INDETERMINATE": _status("Проверить до конца не удалось", "wait", icon="question-mark-circle"),
        "TOTAL-FAILED": _status("Подпись недействительна", "stop"),
        "pending": _status("Подпись проверяется", "wait"),
    },
    "certificate": {
        "valid": _status("Действует", "done"),
        "expiring": _status("Истекает", "todo"),
        "expired": _status("Истёк", "stop"),
        "revoked": _status("Отозван", "stop"),
        "not_yet": _status("Ещё не действует", "wait"),
        "unknown": _status("Проверить не удалось", "wait"),
    },
    "power_of_attorney": {
        "valid": _status("Действует", "done"),
        "expiring": _status("Истекает", "todo"),
        "expired": _status("Истекла", "stop"),
        "revoked": _status("Отозвана", "stop"),
        "not_enough": _status("Не даёт этого права", "stop"),
        "unknown": _status("Проверить не удалось", "wait"),
    },
    "operator": {
        "off": _status("Выключено", "idle"),
        "checking": _status("Проверяется", "wait"),
        "invited": _status("Приглашение отправлено", "wait"),
        "confirm": _status("Подтвердите в кабинете оператора", "todo"),
        "connected": _status("Подключено", "done"),
        "lost": _status("Нет связи", "stop"),
        "closing": _status("Выключается", "wait"),
    },
    "relation": {
        "none": _status("Не связаны", "idle"),
        "invited": _status("Приглашён", "wait"),
        "inviting": _status("Приглашает вас", "todo"),
        "accepted": _status("Обмен включён", "done"),
        "refused": _status("Отказал", "stop", Rank.REFUSED),
        "refused_by_us": _status("Вы отказали", "stop", Rank.REFUSED),
        "ended": _status("Обмен прекращён", "idle"),
        "failed": _status("Приглашение не доставлено", "stop"),
        "direct": _status("Обмен включён", "done"),
    },
    "person": {
        "active": _status("Активен", "done"),
        "pending": _status("Ожидает подтверждения", "wait"),
        "inactive": _status("Неактивен", "idle"),
        "invited": _status("Приглашён", "wait"),
    },
    "export": {
        "queued": _status("В очереди", "idle"),
        "building": _status("Собирается", "wait"),
        "ready": _status("Готова", "done"),
        "failed": _status("Не собрана", "stop"),
        "expired": _status("Удалена по сроку", "idle"),
    },
    "legal_hold": {
        "setting": _status("Ставится", "wait"),
        "on": _status("Действует", "wait"),
        "lifting": _status("Снимается", "wait"),
        "lifted": _status("Снят", "idle"),
    },
    "disposal": {
        "proposed": _status("Требуется согласование", "todo"),
        "approved_once": _status("Требуется второе согласование", "todo"),
        "approved": _status("Согласован, ждёт исполнения", "wait"),
        "executing": _status("Исполняется", "wait"),
        "halted": _status("Остановлен: часть файлов под защитой", "stop"),
        "done": _status("Исполнен", "done"),
        "rejected": _status("Отклонён", "idle"),
    },
    "disposal_line": {
        "listed": _status("Предложен", "wait"),
        "deleting": _status("Уничтожается", "wait"),
        "halted": _status("Уничтожен не весь", "stop"),
        "deleted": _status("Уничтожен", "done"),
        "spared": _status("Оставлен", "idle"),
    },
    "integrity": {
        "sound": _status("Повреждений нет", "done"),
        "pending": _status("Проверяется", "wait"),
        "damaged": _status("Найдено повреждение", "stop"),
    },
    "journal": {
        "sound": _status("Записи не менялись", "done"),
        "broken": _status("Цепь нарушена", "stop"),
    },
    "queue": {
        "waiting": _status("Ждёт попытки", "wait"),
        "running": _status("Выполняется", "wait"),
        "dead": _status("Не выполнено", "stop"),
        "empty": _status("Очередь пуста", "done"),
    },
    "invitation": {
        "waiting": _status("В очереди", "idle"),
        "sending": _status("Отправляется", "wait"),
        "invited": _status("Приглашён", "done"),
        "refused": _status("Оператор отказал", "stop"),
        "already": _status("Уже связаны", "idle"),
        "several": _status("Найдено несколько", "todo"),
        "absent": _status("Не найден", "stop"),
        "faulty": _status("Не приглашён", "stop"),
    },
    "run_item": {
        "queued": _status("В очереди", "idle"),
        "signing": _status("Подписывается", "wait"),
        "sent": _status("Подписан и отправлен", "done"),
        "signed": _status("Подписан, ещё не отправлен", "wait"),
        "skipped": _status("Пропущен", "idle"),
        "failed": _status("Не подписан", "stop"),
    },
}

#: Until a document has left, what the other side owes is not said.
UNSENT = frozenset({"draft", "in_approval", "approval_required", "queued", "failed", "withdrawn", "discarded"})
#: States that say nothing to a person.
SILENT = frozenset(
    {("receipt", "not_needed"), ("archive", "not_yet"), ("correction", "none"), ("correction", "untied")}
)
#: States that lead before any other: a replaced document asks nothing of anybody, whatever its other lives say.
OVER = frozenset({("correction", "corrected")})
#: While a correction is awaited, the answer that is still due is not said.
AWAITED = frozenset({"asking", "requested", "corrected"})
DUE = frozenset({"required", "prepared", "refusal_prepared", "expected"})
#: Of two states of one rank the earlier life here leads; a done answer says more than a done delivery.
LEADS: Mapping[Rank, tuple[str, ...]] = {
    Rank.DONE: ("response", "archive", "receipt", "delivery"),
    Rank.WAIT: ("delivery", "response", "receipt", "archive"),
    Rank.IDLE: ("annulment", "delivery", "response"),
}
LIVES = ("response", "delivery", "receipt", "correction", "annulment", "archive")


def status(life: str, state: str) -> Status:
    """The word for one state of one life. Raises KeyError for a life that we do not have, never for a state."""
    known = VOCABULARY[life].get(state)
    if known is not None:
        return known
    return Status(word="Состояние неизвестно", tone=Tone.IDLE, rank=Rank.IDLE, raw=state)


def statuses(lives: Mapping[str, str]) -> Mapping[str, Status]:
    """What a document's lives say to its owner: no silent ones, no debts of an unsent or a replaced document."""
    unsent = lives.get("delivery") in UNSENT
    awaited = lives.get("correction") in AWAITED and lives.get("response") in DUE
    return {
        life: status(life, state)
        for life, state in lives.items()
        if (life, state) not in SILENT
        and not (unsent and life in {"receipt", "response"})
        and not (awaited and life == "response")
    }


def main_status(lives: Mapping[str, str]) -> Status:
    """The one chip of a list (DESIGN §5): broken, your move, refusal, waiting, done, idle."""
    found = statuses(lives)
    over = [found[life] for life, state in lives.items() if (life, state) in OVER]
    if over:
        return over[0]

    def key(life: str) -> tuple[int, int]:
        rank = found[life].rank
        order = LEADS.get(rank, LIVES)
        return rank, order.index(life) if life in order else len(order)

    return found[min(found, key=key)]
