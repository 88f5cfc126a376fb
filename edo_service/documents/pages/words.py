"""A document in words: its chip, its deadline, its road. Pure; everything is computed from what queries read."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from edo_service.documents import completeness, rules
from edo_service.documents.held import ON_ITS_WAY, is_held, shown_response
from edo_service.documents.queries import Card, Happening, Line
from edo_service.kernel.calendar import is_business_day
from edo_service.texts import trouble_words
from edo_service.web.filters import plural, plural_word
from edo_service.web.statuses import Status, main_status, statuses
from edo_service.web.views import Deadline, TimelineEvent

KINDS: Mapping[str, str] = {"upd": "УПД", "ukd": "УКД", "contract": "Договор"}
ROLES: Mapping[str, str] = {
    "seller_title": "Титул продавца",
    "buyer_title": "Титул покупателя",
    "contract": "Договор",
    "receipt_notice": "Извещение о получении",
    "universal_receipt": "Извещение о получении (универсальное сообщение)",
    "acceptance_confirmation": "Подтверждение оператора: принят",
    "dispatch_confirmation": "Подтверждение оператора: отправлен",
    "correction_request": "Уведомление об уточнении",
    "rejection": "Отказ в подписи",
    "unknown": "Иной файл",
}
ABOUT: Mapping[str, str] = {
    "seller_title": "титул продавца",
    "buyer_title": "титул покупателя",
    "receipt_notice": "извещение о получении",
    "universal_receipt": "извещение о получении",
    "rejection": "отказ в подписи",
    "correction_request": "уведомление об уточнении",
    "contract": "договор",
}
YOUR_MOVE = frozenset({"required", "prepared", "refusal_prepared"})
#: A day is near when at most so many working days are left.
SOON = 2

#: (life, event) -> (words, state, service message of the operator)
_EVENTS: Mapping[tuple[str, str], tuple[str, str, bool]] = {
    ("delivery", "send"): ("Отправка начата", "done", False),
    ("delivery", "take_back"): ("Возвращён в черновики", "done", False),
    ("delivery", "discard"): ("Черновик удалён", "done", False),
    ("delivery", "lose_track"): ("Ответа нет: уточняем у оператора, второй раз не отправим", "done", False),
    ("delivery", "accept"): ("Подписан и принят оператором", "done", False),
    ("delivery", "confirm"): ("Оператор подтвердил дату отправки", "done", True),
    ("delivery", "deliver"): ("Доставлен получателю", "done", False),
    ("delivery", "fail"): ("Не доставлен", "stop", False),
    ("delivery", "clear"): ("Замечание к титулу снято", "done", False),
    ("receipt", "send_outside"): ("Извещение отправлено на сайте оператора", "done", True),
    ("receipt", "tell"): ("Извещение о получении отправлено универсальным сообщением", "done", True),
    ("receipt", "tell_outside"): ("Извещение отправлено на сайте оператора", "done", True),
    ("receipt", "prepare"): ("Извещение о получении составлено", "done", True),
    ("receipt", "send"): ("Извещение о получении отправлено", "done", True),
    ("receipt", "confirm"): ("Оператор подтвердил извещение", "done", True),
    ("receipt", "fail"): ("Оператор не принял извещение", "stop", True),
    ("receipt", "arrive"): ("Получатель известил о получении", "done", True),
    ("response", "prepare"): ("Ответ подготовлен к подписи", "done", False),
    ("response", "prepare_refusal"): ("Отказ подготовлен к подписи", "done", False),
    ("response", "change_mind"): ("Ответ отменён до подписи", "done", False),
    ("response", "fail"): ("Оператор не принял ваш ответ", "stop", False),
    ("response", "sign_outside"): ("Подписан вами на сайте оператора", "done", False),
    ("response", "refuse_outside"): ("Отказ дан на сайте оператора", "done", False),
    ("response", "arrive"): ("Контрагент подписал", "done", False),
    ("response", "arrive_with_remarks"): ("Контрагент принял с расхождениями", "done", False),
    ("response", "arrive_refusal"): ("Контрагент отказал в подписи", "stop", False),
    ("response", "arrive_invalid"): ("Контрагент прислал недействительную подпись", "stop", False),
    ("correction", "prepare"): ("Запрос уточнения подготовлен к подписи", "done", False),
    ("correction", "change_mind"): ("Запрос уточнения отменён до подписи", "done", False),
    ("correction", "sign"): ("Запрос уточнения подписан вами", "done", False),
    ("correction", "send"): ("Запрошено уточнение", "done", False),
    ("correction", "fail"): ("Оператор не принял запрос уточнения", "stop", False),
    ("correction", "ask_outside"): ("Уточнение запрошено на сайте оператора", "done", False),
    ("correction", "arrive"): ("Получатель просит исправить документ", "done", False),
    ("correction", "replace"): ("Исправлен: действует исправление", "done", False),
    ("correction", "untie"): ("Не доставлен: исправление действует без него", "done", False),
    ("correction", "adjust"): ("Составлен УКД: документ действует вместе с ним", "done", False),
    ("archive", "finish"): ("Комплект полный, передаётся в архив", "done", True),
    ("archive", "reopen"): ("Комплект снова не полный: в архив уйдёт позже", "done", True),
    ("archive", "keep"): ("В архиве", "done", False),
    ("archive", "fail"): ("В архив не передан", "stop", False),
}
_BY_STATE: Mapping[tuple[str, str, str], tuple[str, str, bool]] = {
    ("response", "sign", "signing"): ("Подписан вами", "done", False),
    ("response", "sign", "refusing"): ("Отказ подписан вами", "done", False),
    ("response", "send", "signed"): ("Подпись отправлена", "done", False),
    ("response", "send", "refused"): ("Отказ отправлен", "done", False),
    ("response", "confirm", "signed_confirmed"): ("Оператор подтвердил вашу подпись", "done", True),
    ("response", "confirm", "refused_confirmed"): ("Оператор подтвердил ваш отказ", "done", True),
}
IN_DOUBT = "Подписать нельзя, пока есть замечание к титулу продавца. Можно отказать и указать его как причину."
TROUBLES: Mapping[str, str] = {
    "document.tsa_silent": "Служба штампов времени не отвечает. Пробуем снова сами, делать ничего не нужно.",
    "document.no_automatic_key": "Нет ключа для извещения о получении. Его добавляет администратор портала.",
    "exchange.not_delivered": "Оператор не смог доставить документ получателю.",
}


def lives(line: Line) -> dict[str, str]:
    """The document's lives by name, as the web's vocabulary takes them."""
    return {
        "delivery": line.delivery,
        "receipt": line.receipt,
        "response": shown_response(line.response, line.trouble),
        "correction": line.correction,
        "archive": line.archive,
    }


def chip(line: Line) -> Status:
    """The one chip of a list."""
    return main_status(lives(line))


def other_chips(line: Line) -> tuple[Status, ...]:
    """What the archive and the correction say beside the main chip, when they say something else."""
    main, said = chip(line), statuses(lives(line))
    found = [said[life] for life in ("correction", "archive") if life in said]
    return tuple(one for one in found if one != main)


def is_your_move(line: Line) -> bool:
    """Whether the company may answer: it owes one, or its request for a correction is not signed yet."""
    if line.direction != "in" or line.correction == "corrected":
        return False
    return line.response in YOUR_MOVE or line.correction == "prepared"


def awaits_decision(line: Line) -> bool:
    """Whether somebody has to say what becomes of a document in doubt that takes no answer."""
    return completeness.awaits_decision(rules.Direction(line.direction), lives(line))


def awaits_correction(line: Line) -> bool:
    """Whether it is the seller who moves: she may still answer, but nobody waits for that."""
    return line.direction == "in" and line.correction in {"asking", "requested"}


def is_draft(line: Line) -> bool:
    """Whether it has not begun to leave."""
    return line.direction == "out" and line.delivery == "draft"


def deadline(day: date | None, today: date) -> Deadline | None:
    """A day in words by the production calendar."""
    if day is None:
        return None
    if day < today:
        late = (today - day).days
        return Deadline(
            day=day,
            nearness="late",
            words=f"срок был {day:%d.%m.%Y}, просрочен на {plural(late, 'день', 'дня', 'дней')}",
        )
    left = sum(is_business_day(today + timedelta(days=step)) for step in range(1, (day - today).days + 1))
    if left == 0:
        return Deadline(day=day, nearness="soon", words=f"до {day:%d.%m.%Y}, последний день")
    remains = plural_word(left, "остался", "осталось", "осталось")
    words = f"до {day:%d.%m.%Y}, {remains} {plural(left, 'рабочий день', 'рабочих дня', 'рабочих дней')}"
    return Deadline(day=day, nearness="soon" if left <= SOON else "later", words=words)


def answer_deadline(line: Line, today: date) -> Deadline | None:
    """Until when the company owes its answer; None when it owes none, or waits for a correction."""
    return deadline(line.answer_due, today) if is_your_move(line) and not awaits_correction(line) else None


def event_words(row: Happening) -> tuple[str, str, bool] | None:
    """Words, state and whether it is a service message; None for moves that say nothing to people."""
    return _BY_STATE.get((row.workflow, row.event, row.state)) or _EVENTS.get((row.workflow, row.event))


def by(name: str) -> str:
    """Who moved it: a person's name; the system's duties (`exchange.event`) say nothing."""
    return "" if "." in name and " " not in name else name


def road(card: Card, *, may_sign: bool) -> tuple[TimelineEvent, ...]:
    """The document's road: past with time and who, present, future."""
    return (*_past(card), *_present(card, may_sign=may_sign))


def _past(card: Card) -> Iterator[TimelineEvent]:
    line = card.line
    if line.direction == "in":
        yield TimelineEvent(text=f"Получен от {line.counterparty_name}", state="done", at=card.arrived_at)
    else:
        first = card.happenings[0].at if card.happenings else line.created_at
        yield TimelineEvent(text="Загружен", state="done", at=min(line.created_at, first))
    for row in card.happenings:
        found = event_words(row)
        if found is None:
            continue
        words, state, service = found
        yield TimelineEvent(
            text=words, state="stop" if state == "stop" else "done", at=row.at, by=by(row.by), service=service
        )


def _present(card: Card, *, may_sign: bool) -> Iterator[TimelineEvent]:
    line = card.line
    if line.correction == "prepared":
        yield TimelineEvent(text="Требуется подписать запрос уточнения", state="now")
    elif awaits_correction(line):
        yield TimelineEvent(text="Исправление от контрагента", state="future")
    elif line.direction == "out" and line.correction == "required":
        yield TimelineEvent(text="Требуется исправление", state="now")
    elif is_your_move(line):
        text = "Требуется ваша подпись" if may_sign else "Требуется подпись вашей компании"
        yield TimelineEvent(text=text, state="now", until=line.answer_due)
    elif is_held(line.response, line.trouble):
        yield TimelineEvent(text="Требуется отправить ответ ещё раз", state="now")
    elif awaits_decision(line):
        yield TimelineEvent(text="Требуется решение по замечанию", state="now")
    elif is_draft(line):
        yield TimelineEvent(text="Требуется подписать и отправить" if may_sign else "Черновик", state="now")
    for text, until in _ahead(card):
        yield TimelineEvent(text=text, state="future", until=until)


def _ahead(card: Card) -> Iterator[tuple[str, date | None]]:
    line = card.line
    if line.delivery in {"failed", "withdrawn", "expired"}:
        return
    if line.direction == "out" and line.delivery != "delivered":
        yield "Доставка получателю", None
    if line.direction == "out" and line.response == "expected" and line.correction != "corrected":
        yield "Подпись контрагента", None
    if line.direction == "in" and line.response in ON_ITS_WAY:
        yield "Отправка вашей подписи" if line.response == "signing" else "Отправка отказа", None
    if line.archive in {"not_yet", "handing_over"}:
        yield "Архив", None


def trouble(line: Line) -> str:
    """Why the machine does not get on, in words; empty when it does."""
    if not line.trouble:
        return ""
    return TROUBLES.get(line.trouble) or trouble_words(line.trouble)


def notes(card: Card) -> str:
    """What a person has to know of the document: why it does not get on, what speaks against its files."""
    found = [trouble(card.line), *(trouble_words(one) for one in card.objections)]
    return " ".join(filter(None, found))


_CORRECTION_WAITS: Mapping[str, str] = {
    "asking": "Отправляем запрос уточнения. Статус обновится сам.",
    "corrected": "Документ исправлен: отвечать нужно на исправление.",
}


_SENDING = "Отправляем ваш ответ. Статус обновится сам."
_UNDECIDED = "К файлу есть замечание. Снимает его тот, у кого есть право подписи: потом комплект уйдёт в архив."


def _of_outgoing(line: Line) -> str:
    if line.delivery == "delivered" and line.response == "expected" and line.correction != "required":
        return "Документ у получателя. Ждём его подпись."
    return {
        "queued": "Подписываем и готовим к отправке. Пока подпись не поставлена, документ можно вернуть.",
        "sending": "Отправляем оператору.",
        "clarifying": "Не знаем, дошёл ли документ. Проверяем у оператора, второй раз не отправим.",
        "accepted": "Оператор принял документ. Следом придёт его подтверждение.",
        "sent": "Документ отправлен. Ждём, когда получатель его получит.",
    }.get(line.delivery, "")


def _of_answer(line: Line) -> str:
    """Of one that is held its own panel tells."""
    if is_held(line.response, line.trouble):
        return ""
    return _SENDING if line.response != "not_needed" else _UNDECIDED


def waiting(card: Card) -> str:
    """What is said when the move is not the viewer's; empty when everything is over."""
    line = card.line
    if line.correction in _CORRECTION_WAITS:
        return _CORRECTION_WAITS[line.correction]
    if line.direction == "out":
        words = _of_outgoing(line)
        if words or line.correction == "required":
            return words
    if line.response in ON_ITS_WAY or awaits_decision(line):
        return _of_answer(line)
    if line.archive == "handing_over":
        return "Комплект передаётся в архив."
    if line.archive == "not_yet" and not is_your_move(line) and not is_draft(line):
        return "Ждём служебные подтверждения оператора, потом комплект уйдёт в архив."
    return ""


def machine_works(line: Line) -> bool:
    """Whether the page may change by itself soon."""
    if is_held(line.response, line.trouble):
        return False
    return line.delivery in {"queued", "sending", "clarifying", "accepted", "sent"} or line.response in {
        "signing", "refusing", "signed", "refused",
    } or line.archive == "handing_over" or line.correction == "asking"  # fmt: skip
