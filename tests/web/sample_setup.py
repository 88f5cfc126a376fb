"""Samples of the set-up of an operator: each step, and what stands on it on the way."""

from dataclasses import replace

from sample_exchange import AT, HISTORY, HITS, PARTICIPANT

from edo_service.exchange.set_up_views import BoxLine, LogInStep, SetUpPage
from edo_service.web.statuses import status
from edo_service.web.views import Choice, FieldError, Form, Link


def set_up(number: int) -> SetUpPage:
    labels = ("Оператор", "Идентификатор", "Связь", "Приглашение", "Готово")
    base = SetUpPage(
        number=number,
        title=labels[number - 1],
        steps=tuple(
            (label, "done" if place < number else "now" if place == number else "next", f"/setup-{place}")
            for place, label in enumerate(labels, start=1)
        ),
        action="/exchange",
        back_url="/exchange",
        form=Form(values={"of": "1", "participant_id": PARTICIPANT, "login": "edo@severny-express.example"}),
        operator="Диадок" if number > 1 else "",
        participant_id=PARTICIPANT,
        history=HISTORY if number > 1 else (),
    )
    if number == 1:
        return replace(
            base,
            operators=(
                Choice(value="diadoc", label="Диадок — СКБ Контур", hint="Приглашения и роуминг", selected=True),
                Choice(value="saby", label="Saby (СБИС) — Тензор", hint="Приглашением служит первый документ"),
            ),
            begun=(Link(label="Saby (СБИС), начали 19.11.2026", url="/setup-2"),),
        )
    if number == 2:
        return replace(base, hint="Он есть в кабинете оператора. Начинается с 2BM", example="2BM-7800000122-…")
    if number == 3:
        boxes = (
            BoxLine(
                organization="ООО «Северный экспресс»",
                inn="7800000122",
                participant_id=PARTICIPANT,
                note="Подключаем этот ящик",
                ours=True,
            ),
            BoxLine(organization="ООО «Вектор»", inn="5000000031", participant_id="", note="Другой компании"),
        )
        return replace(
            base,
            login_hint="Почта учётной записи",
            client_label="Ключ разработчика",
            client_hint="Его выдаёт Контур",
            boxes=boxes,
            checked_at=AT,
            next_url="/setup-4",
            password_kept=True,
        )
    if number == 4:
        return replace(base, find_url="/setup-4", hits=HITS, searched=True)
    return replace(
        base,
        status=status("operator", "connected"),
        status_text="Диадок: документы уходят и приходят.",
        links=(Link(label="Контрагенты", url="/counterparties"),),
    )


def set_up_refused() -> SetUpPage:
    message = "Идентификатор участника: у оператора «Диадок» он начинается с 2BM. Проверьте, тот ли оператор выбран."
    form = Form(values={"of": "1"}, errors=(FieldError(field="participant_id", message=message),))
    return replace(set_up(2), form=form)


def set_up_code() -> SetUpPage:
    step = LogInStep(
        telephone="+7 *** ***-**-01", until=AT, whose="Saby (СБИС)", change_url="/setup-3", phone_url="/list"
    )
    return replace(set_up(3), awaited=step, checked_at=None, boxes=())


def set_up_consent() -> SetUpPage:
    step = LogInStep(url="/list", user_code="7423-1180", until=AT, whose="Контур", change_url="/setup-3")
    return replace(set_up(3), awaited=step, checked_at=None, boxes=())


def set_up_credentials() -> SetUpPage:
    other = Link(label="Войти по логину и паролю", url="/setup-3")
    return replace(set_up(3), by="consent", by_hand=True, consent_at="Контур", other_way=other)


def set_up_invited() -> SetUpPage:
    return replace(
        set_up(4),
        hits=(),
        status=status("operator", "confirm"),
        status_text="Приглашение: ООО «ЛизингПром», ИНН 7700000016. Его подтверждают в кабинете оператора.",
        cabinet=Link(label="Кабинет оператора (демонстрация)", url="/exchange"),
    )
