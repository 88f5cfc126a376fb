"""Made-up view models of the exchange's screens."""

from dataclasses import replace

from sample_base import AT, CARD

from edo_service.exchange.pages.lists import LABELS
from edo_service.exchange.views import (
    ActForm,
    AnnulmentPage,
    BatchPage,
    BatchRow,
    BoxLine,
    CounterpartiesPage,
    CounterpartyRow,
    ExchangePage,
    FindPage,
    HistoryLine,
    Hit,
    ImportPage,
    OddRow,
    OverdueRow,
    QueuePage,
    QueueRow,
    RelationPage,
    RouteCard,
    SetUpPage,
    StepRow,
    SwitchOffPage,
)
from edo_service.web.statuses import status
from edo_service.web.views import (
    Choice,
    Deadline,
    Empty,
    Fact,
    FieldError,
    Filter,
    Folder,
    Form,
    Link,
    Paging,
)

PARTICIPANT = "2BM-7800000122-780001001-201403040000000000000"
ROUTE = RouteCard(
    name="Диадок",
    status=status("operator", "connected"),
    text="Документы уходят и приходят через оператора.",
    box="8c1f2f0a4e5b4d1c9a77b0f1@diadoc.ru",
    participant_id=PARTICIPANT,
    login="edo@severny-express.example",
    checked_at=AT,
    received_at=AT,
    check_url="/exchange",
    off_url="/exchange-off",
    credentials_url="/setup-1",
)
HITS = (
    Hit(
        value="a",
        name="ООО «ЛизингПром»",
        inn="7700000016",
        kpp="770001001",
        participant_id="2BM-7700000016-770001001-201403040000000000001",
        operator="Диадок",
        selected=True,
    ),
    Hit(
        value="b",
        name="ООО «ЛизингПром», филиал",
        inn="7700000016",
        kpp="780001001",
        participant_id="2BE-7700000016-780001001-0001",
        operator="Saby (СБИС)",
        roaming=True,
        status=status("relation", "invited"),
    ),
)
HISTORY = (
    HistoryLine(at=AT, text="Выбрали оператора: Диадок"),
    HistoryLine(at=AT, text="Связь есть", by="Жукова А. С."),
)
ACCOUNTS = (Choice(value="1", label=f"Диадок, {PARTICIPANT}", selected=True),)


def exchange() -> ExchangePage:
    lost = replace(ROUTE, name="Такском", status=status("operator", "lost"), trace_id="7f2c-11", check_url="")
    begun = RouteCard(
        name="Saby (СБИС)",
        status=status("operator", "off"),
        text="Настройка не закончена: шаг 2 из 5. Документы через этот ящик пока не ходят.",
        continue_link=Link(label="Продолжить настройку", url="/setup-2"),
    )
    return ExchangePage(
        routes=(ROUTE, lost, begun),
        queue=status("queue", "dead"),
        queue_text="1 задание портал не смог выполнить сам. Посмотрите, почему, и повторите.",
        queue_url="/queue",
        counterparties_url="/counterparties",
        set_up_url="/setup-1",
    )


def exchange_none() -> ExchangePage:
    return replace(exchange(), routes=(), queue=status("queue", "empty"), queue_text="Всё отправлено.", empty=True)


def switch_off() -> SwitchOffPage:
    return SwitchOffPage(
        name="Диадок", participant_id=PARTICIPANT, unfinished=3, action="/exchange", back_url="/exchange"
    )


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


def set_up_invited() -> SetUpPage:
    return replace(
        set_up(4),
        hits=(),
        status=status("operator", "confirm"),
        status_text="Приглашение: ООО «ЛизингПром», ИНН 7700000016. Его подтверждают в кабинете оператора.",
        cabinet=Link(label="Кабинет оператора (демонстрация)", url="/exchange"),
        refresh_url="/setup-4",
    )


def counterparties() -> CounterpartiesPage:
    active = CounterpartyRow(
        name="ООО «ЛизингПром»",
        inn="7700000016",
        kpp="770001001",
        route="Диадок",
        participant_id="2BM-7700000016-770001001-201403040000000000001",
        status=status("relation", "accepted"),
        card_url="/relation",
        documents_url="/list",
    )
    inviting = replace(
        active,
        name="ООО «Вектор»",
        inn="5000000031",
        status=status("relation", "inviting"),
        letter="Готовы обмениваться УПД",
        accept_url="/counterparties",
        reject_url="/relation",
    )
    asked = replace(
        active,
        name="АО «Сила»",
        inn="7700000023",
        route="Диадок, роуминг: Saby (СБИС)",
        status=status("relation", "none"),
        note="Отправляем приглашение",
    )
    return CounterpartiesPage(
        rows=(inviting, asked, active),
        paging=Paging(shown=3, total=3),
        folders=tuple(
            Folder(label=label, url="/counterparties", current=name == "all", count=1, todo=name == "inviting")
            for name, label in LABELS.items()
        ),
        filters=(Filter(name="operator", label="Оператор", choices=(Choice(value="", label="Любой оператор"),)),),
        hidden=(("folder", "all"),),
        invite_url="/find",
        import_url="/import",
    )


def find() -> FindPage:
    return FindPage(
        form=Form(values={"inn": "7700000016", "account": "1"}),
        accounts=ACCOUNTS,
        action="/find",
        invite_action="/find",
        back_url="/counterparties",
        searched=True,
        hits=HITS,
        enclosure=True,
        operator="Диадок",
    )


def relation() -> RelationPage:
    return RelationPage(
        name="ООО «Вектор»",
        status=status("relation", "inviting"),
        note="",
        facts=(Fact(label="ИНН", text="5000000031"), Fact(label="Идентификатор участника", text=PARTICIPANT)),
        acts=(
            ActForm(
                act="accept",
                title="Принять приглашение",
                text="Документы начнут ходить сразу.",
                button="Принять",
                action="/relation",
                primary=True,
            ),
            ActForm(
                act="reject", title="Отказать", text="Компания увидит отказ.", button="Отказать", action="/relation"
            ),
        ),
        steps=(
            StepRow(
                at=AT, what="Пригласить не удалось", by="Жукова А. С.", trouble="Оператор отказал", trace_id="7f2c"
            ),
        ),
        history=(HistoryLine(at=AT, text="Приглашает вас"),),
        back_url="/counterparties",
        documents_url="/list",
        letter_in="Готовы обмениваться УПД",
    )


def import_() -> ImportPage:
    return ImportPage(form=Form(), accounts=ACCOUNTS, action="/import", back_url="/counterparties")


def batch() -> BatchPage:
    return BatchPage(
        file_name="компании.xlsx",
        by="Жукова А. С.",
        at=AT,
        rows=(
            BatchRow(
                number=2,
                inn="7700000016",
                kpp="770001001",
                name="ООО «ЛизингПром»",
                status=status("invitation", "invited"),
                url="/relation",
            ),
            BatchRow(
                number=3,
                inn="12",
                kpp="",
                name="",
                status=status("invitation", "faulty"),
                reason="ИНН: цифры не сходятся. Проверьте, нет ли опечатки",
            ),
        ),
        folders=(Folder(label="Все", url="/batch", current=True, count=2),),
        total=3,
        done=2,
        back_url="/counterparties",
        download_url="/batch",
        refresh_url="/batch",
    )


def queue() -> QueuePage:
    return QueuePage(
        folders=(Folder(label="Всё", url="/queue", current=True, count=2),),
        rows=(
            QueueRow(
                about=CARD,
                title="УПД № 0417-Л",
                what="Отправляем подписанное",
                tries=3,
                since=AT,
                next_at=AT,
                status=status("queue", "waiting"),
                reason="Оператор не отвечает. Повторим сами, делать ничего не нужно.",
                answer="Temporary: 503",
                trace_id="7f2c-11",
                retry_id="1",
            ),
            QueueRow(
                about=None,
                title="Новость от оператора",
                what="Принимаем от оператора",
                tries=12,
                since=AT,
                next_at=None,
                status=status("queue", "dead"),
                reason="Ошибка программы.",
            ),
        ),
        overdue=(
            OverdueRow(
                document=CARD,
                counterparty="ООО «ЛизингПром»",
                what="Требуется подпись",
                due=Deadline(day=AT.date(), nearness="late", words="просрочен на 2 рабочих дня"),
            ),
        ),
        odd=(
            OddRow(
                id="1",
                at=AT,
                operator="Диадок",
                kinds="НовыйВид",
                reason="К документу пришло служебное сообщение нового вида.",
                message_id="8c1f2f0a",
                raw="{}",
                document=CARD,
            ),
        ),
        silent=(replace(ROUTE, status=status("operator", "lost")),),
        empty=Empty(title="Очередь пуста", text="Всё отправлено и принято."),
        retry_url="/queue",
        settle_url="/queue",
        back_url="/exchange",
        shown_at=AT,
    )


def queue_none() -> QueuePage:
    return replace(queue(), rows=(), overdue=(), odd=(), silent=())


def annul(*, answering: bool = False) -> AnnulmentPage:
    return AnnulmentPage(
        title="УПД № 0417-Л от 17.11.2026",
        counterparty="ООО «ЛизингПром»",
        answering=answering,
        action="/annul",
        back_url="/card",
        key="Жукова А. С., действует до 05.12.2026",
        pin_needed=True,
        reason="Выставлен дважды" if answering else "",
    )
