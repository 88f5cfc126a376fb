"""Made-up view models of the exchange's screens."""

from dataclasses import replace

from sample_base import AT, CARD

from edo_service.exchange.pages.lists import LABELS
from edo_service.exchange.pages.receipts import HINTS as WAY_HINTS
from edo_service.exchange.pages.receipts import LABELS as WAYS
from edo_service.exchange.rules import ReceiptsBy
from edo_service.exchange.views import (
    ActForm,
    AnnulmentPage,
    BatchPage,
    BatchRow,
    CounterpartiesPage,
    CounterpartyRow,
    EarlierBatch,
    ExchangePage,
    FindPage,
    HistoryLine,
    Hit,
    ImportPage,
    OddRow,
    OverdueRow,
    QueuePage,
    QueueRow,
    ReceiptsPage,
    RelationPage,
    RouteCard,
    StepRow,
    SwitchOffPage,
)
from edo_service.web.statuses import status
from edo_service.web.views import (
    Choice,
    Deadline,
    Empty,
    Fact,
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
    renew_url="/exchange",
    renew_label="Сменить логин или пароль",
    receipts="файл ИоП с подписью ключа компании",
    receipts_url="/exchange-receipts",
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
    return replace(
        exchange(),
        routes=(),
        queue=status("queue", "empty"),
        queue_text="Всё отправлено.",
        off=status("operator", "off"),
        empty=True,
    )


def receipts(*, able: bool = True) -> ReceiptsPage:
    """A company without a key at an operator that carries universal messages; and one with a key where none go."""
    return ReceiptsPage(
        name="Диадок" if able else "Saby (СБИС)",
        participant_id=PARTICIPANT,
        action="/exchange",
        back_url="/exchange",
        choices=tuple(
            Choice(value=way.value, label=WAYS[way], hint=WAY_HINTS[way], selected=way is ReceiptsBy.NOTICE)
            for way in ReceiptsBy
        ),
        able=able,
        keyless=able,
    )


def switch_off() -> SwitchOffPage:
    return SwitchOffPage(
        name="Диадок",
        participant_id=PARTICIPANT,
        unfinished=(("2 дела к отправке", "/exchange/queue"), ("3 ответа контрагентов", "/documents")),
        action="/exchange",
        back_url="/exchange",
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
    return ImportPage(
        form=Form(),
        accounts=ACCOUNTS,
        action="/import",
        back_url="/counterparties",
        earlier=(
            EarlierBatch(
                report=Link(label="компании.xlsx", url="/batch"),
                at=AT,
                by="Жукова А. С.",
                rows=12,
                invited=8,
                attention=3,
                waiting=1,
            ),
        ),
    )


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
            BatchRow(
                number=4,
                inn="7800000010",
                kpp="",
                name="ООО «Вектор»",
                status=status("invitation", "refused"),
                reason="Не оплачен доступ к обмену",
                url="/relation",
            ),
        ),
        folders=(Folder(label="Все", url="/batch", current=True, count=3),),
        total=4,
        done=3,
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
                reason="Сбой портала. Повторите; если не поможет, перешлите в поддержку текст из подробностей.",
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
        paging=Paging(first=1, shown=2, total=102),
        shown_at=AT,
    )


def queue_none() -> QueuePage:
    return replace(queue(), rows=(), overdue=(), odd=(), silent=())


def annul(*, answering: bool = False, doubt: str = "") -> AnnulmentPage:
    return AnnulmentPage(
        title="УПД № 0417-Л от 17.11.2026",
        counterparty="ООО «ЛизингПром»",
        answering=answering,
        action="/annul",
        back_url="/card",
        key="Жукова А. С., действует до 05.12.2026",
        pin_needed=True,
        reason="Выставлен дважды" if answering else "",
        doubt=doubt,
        refusal_only=bool(doubt),
    )
