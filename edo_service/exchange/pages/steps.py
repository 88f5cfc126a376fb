"""What each step of the set-up shows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from edo_service.exchange import counterparties, queries
from edo_service.exchange.catalogue import OPERATORS, OperatorKind, operator_name
from edo_service.exchange.pages.ports import ExchangePorts, account_status, relation_note
from edo_service.exchange.queries import Connected
from edo_service.exchange.set_up_views import BoxLine, LogInStep, SetUpPage
from edo_service.exchange.use_cases.capabilities import capabilities_of
from edo_service.exchange.views import HistoryLine, Hit
from edo_service.portal import Viewer
from edo_service.web import views
from operators.port import Capability

LABELS = ("Оператор", "Идентификатор", "Связь", "Приглашение", "Готово")
HISTORY: Mapping[str, str] = {
    "check": "Проверяли связь",
    "succeed": "Связь есть",
    "fail": "Связи нет",
    "change": "Сменили идентификатор",
    "invite": "Отправили приглашение",
    "ask_confirm": "Оператор принял приглашение, ждём подтверждения в кабинете",
    "refuse": "Приглашение не приняли",
    "finish": "Подключили",
    "switch_off": "Начали выключать",
    "drain": "Выключили: очередь пуста",
    "stop": "Выключили",
    "switch_on": "Включили снова",
}


def page_of_step(
    number: int,
    account: Connected | None,
    *,
    viewer: Viewer,
    ports: ExchangePorts,
    form: views.Form,
    hits: Sequence[tuple[Hit, object]] = (),
    searched: bool = False,
) -> SetUpPage:
    """The view of a step; what was typed and refused stands in `form`."""
    base = SetUpPage(
        number=number,
        title=LABELS[number - 1],
        steps=_steps(number, account, viewer),
        action=viewer.url(f"/exchange/setup/{number}"),
        form=form,
    )
    if account is None:
        return _choose(base, viewer, form)
    kind = OPERATORS[account.operator]
    base = replace(
        base,
        operator=kind.name,
        participant_id=account.participant_id,
        history=_history(account, viewer),
        back_url=viewer.url(f"/exchange/setup/{number - 1}?of={account.id}"),
        form=_with_of(form, account),
        by=form.value("log_in_by"),
    )
    make = {2: _name, 3: _connect, 4: _invite, 5: _done}[number]
    view = make(base, account, kind, viewer, ports)
    if number == 4:
        view = replace(view, hits=tuple(hit for hit, _ in hits), searched=searched)
    return view


def _choose(base: SetUpPage, viewer: Viewer, form: views.Form) -> SetUpPage:
    begun = [one for one in queries.accounts(uow=viewer.uow().reading()) if one.box == ""]
    return replace(
        base,
        operators=tuple(
            views.Choice(
                value=kind.word,
                label=kind.name if kind.name == kind.company else f"{kind.name} — {kind.company}",
                hint=f"{kind.about}. Идентификаторы начинаются с {kind.prefix}",
                selected=(form.value("operator") or "diadoc") == kind.word,
            )
            for kind in OPERATORS.values()
        ),
        begun=tuple(
            views.Link(
                label=f"{operator_name(one.operator)}, начали {one.created_at:%d.%m.%Y}",
                url=viewer.url(f"/exchange/setup/{3 if one.participant_id else 2}?of={one.id}"),
            )
            for one in begun
        ),
        back_url=viewer.url("/exchange"),
    )


def _name(base: SetUpPage, account: Connected, kind: OperatorKind, viewer: Viewer, ports: ExchangePorts) -> SetUpPage:
    prefix = f"{kind.prefix}, в демонстрации {kind.demo_prefix}" if ports.demo else kind.prefix
    return replace(
        base,
        hint=f"Он есть в кабинете оператора, в реквизитах компании. Начинается с {prefix}",
        example=f"{kind.demo_prefix if ports.demo else kind.prefix}-{viewer.company.inn}-…",
        form=_default(base.form, "participant_id", account.participant_id),
    )


def _connect(
    base: SetUpPage, account: Connected, kind: OperatorKind, viewer: Viewer, ports: ExchangePorts
) -> SetUpPage:
    tested = account.state in {"checked", "invited", "confirm", "connected"}
    by = base.by or account.log_in_by
    same = by == account.log_in_by
    form = _default(base.form, "login", account.login)
    view = replace(
        base,
        by=by,
        by_hand=bool(base.by),
        form=_default(form, "client_id", account.client_id) if same else form,
        login_hint=kind.login_hint,
        password_kept=account.checked_at is not None and same,
        awaited=None if base.by else _awaited(account, kind, viewer, ports),
        renew_url=""
        if account.state in {"draft", "checking", "checked"}
        else viewer.url(f"/exchange/{account.id}/renew"),
        checked_at=account.checked_at if tested else None,
        boxes=_boxes(account, viewer) if tested else (),
        next_url=viewer.url(f"/exchange/setup/4?of={account.id}") if tested else "",
    )
    return _in_the_way(view, account, kind, viewer)


def _in_the_way(view: SetUpPage, account: Connected, kind: OperatorKind, viewer: Viewer) -> SetUpPage:
    """The labels of the fields for the chosen way of logging in, and the link to the other one."""
    at = kind.consent_at
    url = viewer.url(f"/exchange/setup/3?of={account.id}&by=")
    if view.by == "consent" and at:
        return replace(
            view,
            client_label="Идентификатор приложения",
            client_hint=f"{at} выдаёт его вместе с ключом; в письме он называется client_id",
            consent_at=at,
            other_way=views.Link(label="Войти по логину и паролю", url=f"{url}password"),
        )
    return replace(
        view,
        by="password",
        client_label=kind.client_label,
        client_hint=kind.client_hint,
        client_needed=kind.client_needed,
        consent_at=at,
        other_way=views.Link(label=f"Войти без пароля, через {at}", url=f"{url}consent") if at else None,
    )


def _awaited(account: Connected, kind: OperatorKind, viewer: Viewer, ports: ExchangePorts) -> LogInStep | None:
    step = account.awaited
    if step is None or account.state != "checking":
        return None
    phone = ports.cabinets.get(account.operator, "")
    return LogInStep(
        telephone=step.telephone,
        url=step.url,
        user_code=step.user_code,
        until=step.until,
        whose=kind.consent_at or kind.name,
        over=step.until <= viewer.now,
        phone_url=f"{phone}/phone" if phone else "",
        change_url=viewer.url(f"/exchange/setup/3?of={account.id}&by={account.log_in_by}"),
    )


def _boxes(account: Connected, viewer: Viewer) -> tuple[BoxLine, ...]:
    wanted = account.participant_id.casefold()
    lines = []
    for one in account.boxes:
        ours = one.participant_id.casefold() == wanted
        if ours:
            note = "Подключаем этот ящик"
        elif one.inn == viewer.company.inn:
            note = "Тоже ваш: подключите его отдельно, если он нужен"
        else:
            note = "Другой компании: не подключаем"
        lines.append(
            BoxLine(organization=one.organization, inn=one.inn, participant_id=one.participant_id, note=note, ours=ours)
        )
    return tuple(sorted(lines, key=lambda line: not line.ours))


def _invite(base: SetUpPage, account: Connected, kind: OperatorKind, viewer: Viewer, ports: ExchangePorts) -> SetUpPage:
    implicit = Capability.INVITE not in capabilities_of(account.id, uow=viewer.uow(), operators=ports.operators)
    base = replace(base, implicit=implicit, later_url=base.action)
    if account.state in {"invited", "confirm"}:
        line = counterparties.relation_of_set_up(account.id, uow=viewer.uow().reading())
        whom = f"{line.name}, ИНН {line.inn}" if line else "контрагенту"
        text = f"Приглашение: {whom}. Его подтверждают в кабинете оператора «{kind.name}», обычно за 1–2 дня."
        note = relation_note(line) if line else ""
        address = ports.cabinets.get(account.operator, "")
        box = (line.participant_id or "") if line else ""
        return replace(
            base,
            status=account_status(account),
            status_text=f"{text} {note}".strip(),
            cabinet=_cabinet(address, box),
        )
    if implicit:
        address = ports.cabinets.get(account.operator, "")
        return replace(base, cabinet=_cabinet(address, account.participant_id))
    return replace(base, find_url=viewer.url("/exchange/setup/4"))


def _cabinet(address: str, participant_id: str) -> views.Link | None:
    """In the demonstration: the page that plays the operator's cabinet of a participant."""
    if not address:
        return None
    return views.Link(label="Кабинет оператора (демонстрация)", url=f"{address}?participant={participant_id}")


def _done(base: SetUpPage, account: Connected, kind: OperatorKind, viewer: Viewer, ports: ExchangePorts) -> SetUpPage:
    del ports
    return replace(
        base,
        status=account_status(account),
        status_text=f"{kind.name}: документы уходят и приходят через ящик {account.participant_id}.",
        back_url="",
        links=(
            views.Link(label="Открыть входящие", url=viewer.url("/documents?folder=in")),
            views.Link(label="Контрагенты", url=viewer.url("/exchange/counterparties")),
            views.Link(label="Пригласить списком", url=viewer.url("/exchange/invitations/import")),
            views.Link(label="Настройки ЭДО", url=viewer.url("/exchange")),
        ),
    )


def _steps(number: int, account: Connected | None, viewer: Viewer) -> tuple[tuple[str, str, str], ...]:
    found = []
    for place, label in enumerate(LABELS, start=1):
        state = "done" if place < number else "now" if place == number else "next"
        url = ""
        if place == 1:
            url = viewer.url("/exchange/setup/1")
        elif account is not None:
            url = viewer.url(f"/exchange/setup/{place}?of={account.id}")
        found.append((label, state, url if state == "done" and number < len(LABELS) else ""))
    return tuple(found)


def _history(account: Connected, viewer: Viewer) -> tuple[HistoryLine, ...]:
    moves = queries.history(account.id, uow=viewer.uow().reading())
    began = HistoryLine(at=account.created_at, text=f"Выбрали оператора: {operator_name(account.operator)}")
    return (began, *(HistoryLine(at=one.at, text=HISTORY.get(one.event, one.event), by=one.by) for one in moves))


def _with_of(form: views.Form, account: Connected) -> views.Form:
    return views.Form(values={**form.values, "of": str(account.id)}, errors=form.errors)


def _default(form: views.Form, name: str, value: str) -> views.Form:
    return form if form.value(name) else views.Form(values={**form.values, name: value}, errors=form.errors)
