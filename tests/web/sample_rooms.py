"""Made-up view models of home, organisation, exchange, archive and journal."""

from dataclasses import replace
from datetime import date

from sample_base import AT, CARD, SHA
from sample_documents import facts, files, rows

from edo_service.accounts.views import JobRow, JobsPage, OrganizationPage, PersonRow, SessionRow, SessionsPage
from edo_service.archiving.views import (
    AccessRow,
    Bulk,
    ChainLink,
    ExportRow,
    ExportsPage,
    Integrity,
    PurposePage,
    SavedRow,
    SearchPage,
    SetPage,
    SetRow,
    SupplementBlock,
    Term,
    ThenNow,
    VisitBar,
)
from edo_service.archiving.views_control import (
    ActPage,
    ActRow,
    DisposalPage,
    HoldPage,
    HoldRow,
    HoldsPage,
    IncompletePage,
    IncompleteRow,
    NewHoldPage,
    ReportPage,
    SetItem,
)
from edo_service.keys.views import KeyRow, KeysPage
from edo_service.web.components import sample as components
from edo_service.web.statuses import status
from edo_service.web.views import (
    Applied,
    Choice,
    Empty,
    EventRow,
    Fact,
    FieldError,
    Filter,
    Folder,
    Form,
    HomePage,
    JournalPage,
    JournalRow,
    Link,
    Paging,
    Subject,
    Todo,
)

BACK = Link(label="Архив", url="/search")
ITEM = SetItem(
    title="УПД № 0417-Л от 17.11.2026",
    url="/set",
    counterparty="ООО «Северный экспресс», ИНН 7700000016",
    day=date(2026, 11, 17),
    until=date(2032, 1, 1),
)


def home() -> HomePage:
    return HomePage(
        organization="ООО «Северный экспресс»",
        today=date(2026, 11, 20),
        updated_at=AT,
        todo=(
            Todo(
                text="документов ждут подписи",
                url="/list",
                button="Проверить и подписать",
                count=12,
                hint="3 нужно подписать до вторника, 24.11",
                nearness="soon",
            ),
            Todo(
                text="извещение не отправлено вовремя",
                url="/list",
                button="Посмотреть",
                count=1,
                hint="Счёт-фактура № 0398-1, срок был 18.11",
                nearness="late",
            ),
            Todo(
                text="Сертификат Жуковой А. С. истекает 05.12.2026",
                url="/keys",
                button="Что делать",
                hint="После этого дня подписать им нельзя",
            ),
        ),
        events=(
            EventRow(
                at=AT,
                title="УПД № 0417-Л",
                url="/card",
                text="ЛизингПром прислал документ на 1 284 560,00 ₽",
                status=status("response", "required"),
            ),
            EventRow(
                at=AT,
                title="Договор № Л-2026/201",
                url="/card-sent",
                text="Ждёт подписи ЛизингПром",
                status=status("response", "expected"),
            ),
            EventRow(
                at=AT,
                title="Счёт-фактура № 0398",
                url="/set",
                text="Передана в архив, хранится до 31.12.2031",
                status=status("archive", "kept"),
            ),
        ),
        events_url="/list",
        facts=(
            Fact(label="Ждут вашей подписи", text="12", strong=True),
            Fact(label="Ждём контрагентов", text="4", strong=True),
            Fact(label="В архиве", text="318", strong=True),
        ),
        actions=(Link(label="Загрузить документ", url="/new"),),
        links=(Link(label="Проверить выгрузку без портала", url="/exports"), Link(label="Мои сеансы", url="/sessions")),
    )


def jobs() -> JobsPage:
    rows = (
        JobRow(
            id="1", title="Передать комплект в архив", document_url="/card", ended_at=AT, attempts=24,
            reason="Хранилище архива сообщает о повреждении. Нужен администратор портала.",
            recorded=f"Damaged: 01a202ee-c289-7000-b36b-0a573cf20853/{SHA}: something else lies under its name",
        ),
        JobRow(
            id="2", title="Спросить оператора о новостях", document_url="", ended_at=AT, attempts=1,
            reason="Оператор не принял логин и пароль. Проверьте подключение в «Настройках ЭДО».", recorded="",
        ),
    )  # fmt: skip
    empty = Empty(title="Прерванных заданий нет", text="Здесь появится то, что портал не смог сделать сам.")
    return JobsPage(rows=rows, total=2, retry_url="/jobs", empty=empty)


def sessions() -> SessionsPage:
    return SessionsPage(
        rows=(
            SessionRow(
                id="1", device="Chromium на Linux", address="127.0.0.1", started_at=AT, seen_at=AT, current=True
            ),
            SessionRow(id="2", device="Safari на iPhone", address="192.0.2.14", started_at=AT, seen_at=AT),
        ),
        revoke_url="/sessions",
        revoke_others_url="/sessions",
    )


def organization() -> OrganizationPage:
    return OrganizationPage(
        name="ООО «Северный экспресс»",
        facts=(
            Fact(label="ИНН / КПП", text="7800000122 / 780001001"),
            Fact(label="ОГРН", text="1207800000122"),
            Fact(label="Адрес", text="190000, г. Санкт-Петербург, наб. реки Мойки, д. 2"),
        ),
        people=(
            PersonRow(
                name="Жукова Анна Сергеевна",
                email="zhukova@severny-express.example",
                position="главный бухгалтер",
                rights=("смотреть", "подписывать", "отправлять"),
                status=status("person", "active"),
            ),
            PersonRow(
                name="Петров Николай Николаевич",
                email="petrov@severny-express.example",
                position="директор",
                rights=("смотреть", "подписывать"),
                status=status("person", "invited"),
            ),
        ),
        keys_url="/keys",
    )


def keys() -> KeysPage:
    row = KeyRow(
        id="k1",
        holder="ООО «Северный экспресс»",
        purpose="Извещения и служебные сообщения, автоматически",
        place="на сервере",
        algorithm="ГОСТ Р 34.10-2012, 256 бит",
        serial="02 4C 91 A7 00 5B B3 8E 4A 11 90",
        issuer="Демонстрационный УЦ",
        valid_from=date(2026, 1, 1),
        valid_until=date(2027, 12, 5),
        status=status("certificate", "valid"),
        certificate_url="/keys",
    )
    own = replace(
        row,
        id="k2",
        holder="Жукова Анна Сергеевна",
        purpose="Подпись документов",
        place="в кабинете, под ПИН",
        status=status("certificate", "expiring"),
        users=("Жукова А. С.",),
    )
    return KeysPage(organization="ООО «Северный экспресс»", rows=(row, own), organization_url="/organization")


VISIT = VisitBar(purpose="Требование ФНС № 14-2", change_url="/purpose")


def archive_search(*, searched: bool = True, refused: bool = False) -> SearchPage:
    sets = tuple(
        SetRow(
            id=str(place),
            title=row.title,
            url="/set",
            day=date(2026, 11, 17),
            counterparty=row.counterparty,
            inn=row.inn,
            sum=row.sum,
            status=status("archive", "kept" if place else "incomplete"),
            keep_until=date(2031, 12, 31),
        )
        for place, row in enumerate(rows()[:4])
    )
    errors = (FieldError(field="purpose", message="Зачем смотрите: напишите, по какому требованию"),)
    return SearchPage(
        form=Form(
            values={"since": "01.01.2026"},
            errors=errors if refused else (),
        ),
        kinds=(
            Choice(value="", label="Любой вид"),
            Choice(value="upd", label="УПД"),
            Choice(value="contract", label="Договор"),
        ),
        rows=sets if searched else (),
        paging=Paging(shown=4, total=318, more_url="/search?after=4", more=25) if searched else None,
        statuses=(Choice(value="", label="Любое состояние"), Choice(value="held", label="Под запретом уничтожения")),
        facets=(
            (
                "Вид",
                (
                    Folder(label="УПД", url="/search?kind=upd", count=301),
                    Folder(label="Договоры", url="/search", count=17),
                ),
            ),
            ("Год", (Folder(label="2026", url="/search?year=2026", count=318),)),
        )
        if searched
        else (),
        searched=searched,
        visit=VISIT if searched else None,
        total_size=432_013_312 if searched else 0,
        bulk=Bulk(
            query={"since": "01.01.2026"},
            total=318,
            export_url="/exports",
            exports=(Choice(value="verified", label="Архив с проверкой"),),
            hold_url="/hold-new",
        )
        if searched
        else None,
        saved=(SavedRow(name="Требование за 2025 год", url="/search?q=2025", drop_url="/search"),),
        save_url="/search" if searched else "",
        links=(Link(label="Выгрузки", url="/exports"), Link(label="Запреты", url="/holds")),
        unindexed=3 if searched else 0,
    )


def purpose(*, refused: bool = False) -> PurposePage:
    errors = (FieldError(field="purpose", message="Зачем смотрите: напишите цель, её увидит проверяющий"),)
    return PurposePage(
        form=Form(errors=errors if refused else ()),
        url="/purpose",
        next="/set",
        recent=("Требование ФНС № 14-2", "Аудит 2026: выборка по лизингу"),
        archive_url="/search",
    )


def archive_set() -> SetPage:
    return SetPage(
        visit=VISIT,
        title="Комплект УПД № 0417-Л",
        status=status("archive", "kept"),
        back=Link(label="Архив", url="/search"),
        document=CARD,
        facts=(
            *facts()[:1],
            Fact(label="Хранить до", text="31.12.2031"),
            Fact(label="Передан", text="20.11.2026 в 10:50 МСК"),
        ),
        parts=files(),
        signatures=components().verdicts[:1],
        integrity=Integrity(status=status("integrity", "sound"), checked_at=AT, check_url="/set"),
        access=(AccessRow(at=AT, who="Ким Анна", what="Выгрузила", purpose="Требование ФНС № 14-2 от 01.11.2026"),),
        export_url="/exports",
        manifest_sha256=SHA,
        seen=1,
        copy_url="/set",
        then_and_now=(
            ThenNow(
                whose="ООО «ЛизингПром»",
                file="ON_NSCHFDOPPR.xml",
                then=status("verdict", "TOTAL-PASSED"),
                now=status("verdict", "INDETERMINATE"),
                why="служба, которая знает об отзыве, не ответила; повторите позже",
            ),
        ),
        chain=(
            ChainLink(title="Файлы", text="9 частей с хешами"),
            ChainLink(title="Опись комплекта", text="названы все части", sha256=SHA),
            ChainLink(title="Корень дня и журнал", text="появятся в ближайшие сутки", done=False),
        ),
        term=Term(
            words="5 лет с 1 января года после окончания договора",
            law="НК РФ, ст. 23 п. 1 пп. 8",
            ceiling="",
            unknown=True,
            changes=("20.11.2026, Ким Анна: до 31.12.2036 — договор продлён",),
            form=Form(),
            kinds=(Choice(value="upd", label="УПД", selected=True),),
            url="/set",
        ),
        holds=(Link(label="Запрет № 3: определение суда", url="/hold"),),
        supplements=(
            SupplementBlock(
                title="Дополнение № 1",
                day="14.12.2026",
                papers=("DP_UVUTOCH_2BM-7702070139-770201001-2026.xml",),
                proof="вошло в корень дня",
                manifest_sha256=SHA,
                parts=files(),
            ),
        ),
    )


def holds() -> HoldsPage:
    row = HoldRow(
        title="Запрет № 3", url="/hold", ground="Определение суда А40-1/2026", reason="Спор о штрафе",
        status=status("legal_hold", "on"), sets=12, who="Ким Анна", at=AT,
    )  # fmt: skip
    return HoldsPage(rows=(row,), back=BACK, empty=Empty(title="Запретов нет", text="Их ставят из поиска."))


def hold(*, refused: bool = False) -> HoldPage:
    errors = (FieldError(field="reason", message="Почему снимаете: напишите, чем закончилось дело"),)
    return HoldPage(
        title="Запрет № 3",
        status=status("legal_hold", "on"),
        back=BACK,
        facts=(Fact(label="Основание", text="Определение суда А40-1/2026"), Fact(label="Почему", text="Спор о штрафе")),
        sets=(ITEM, ITEM),
        total=12,
        all_url="/search",
        form=Form(errors=errors if refused else ()),
        lift_url="/hold",
    )


def hold_new() -> NewHoldPage:
    return NewHoldPage(
        form=Form(), ids=("1", "2"), total=12, url="/holds", back=BACK, titles=("УПД № 0417-Л от 17.11.2026",)
    )


def disposal() -> DisposalPage:
    row = ActRow(
        title="Акт № 1", url="/act", status=status("disposal", "approved_once"), sets=41, size=52_000_000,
        proposed="20.11.2026 в 13:00 МСК, Ким Анна", approved="Ким Анна",
    )  # fmt: skip
    return DisposalPage(
        back=BACK, ripe=41, ripe_size=52_000_000, unknown_end=2, rows=(row,), form=Form(), propose_url="/disposal",
        empty=Empty(title="Актов ещё не было", text="Само ничего не удаляется."),
    )  # fmt: skip


def act() -> ActPage:
    return ActPage(
        title="Акт № 1",
        status=status("disposal", "approved_once"),
        back=BACK,
        facts=(
            Fact(label="Комплектов", text="41 комплект, 52 МБ"),
            Fact(label="Закон", text="НК РФ, ст. 23 п. 1 пп. 8"),
        ),
        steps=(Fact(label="Предложен", text="20.11.2026 в 13:00 МСК, Ким Анна"),),
        sets=(replace(ITEM, status=status("disposal_line", "spared"), note="под запретом уничтожения"),),
        total=41,
        approve_url="/act",
        reject_url="/act",
        last=True,
    )


def incomplete() -> IncompletePage:
    row = IncompleteRow(
        title="УПД № 0398-Л от 30.09.2026", url="/card", counterparty="ООО «Северный экспресс», ИНН 7700000016",
        day=date(2026, 9, 30), status=status("receipt", "expected"), missing="извещение о получении",
        due="12.10.2026, просрочен", late=True,
    )  # fmt: skip
    empty = Empty(title="Неполных комплектов нет", text="Всё уже в архиве.")
    choices = (Choice(value="", label="Чего не хватает: всё"), Choice(value="delivery", label="Доставка"))
    return IncompletePage(
        rows=(row,), back=BACK, paging=Paging(shown=1, total=4, more_url="/incomplete?after=1", more=3), late=1, empty=empty,
        query="7700000016", filters=(Filter(name="missing", label="Чего не хватает", choices=choices),),
        applied=(Applied(label="Только просроченные", drop_url="/incomplete"),), reset_url="/incomplete",
        facets=(Folder(label="Доставка", url="/incomplete?missing=delivery", count=3),),
    )  # fmt: skip


def report() -> ReportPage:
    return ReportPage(
        form=Form(values={"since": "01.11.2026", "until": "30.11.2026"}), url="/report-integrity", back=BACK
    )


def exports(*, empty: bool = False) -> ExportsPage:
    ready = ExportRow(
        id="1",
        title="Выгрузка № 12",
        sets=3,
        ordered_at=AT,
        who="Ким Анна",
        purpose="Требование ФНС № 14-2 от 01.11.2026",
        status=status("export", "ready"),
        state="ready",
        size=4_312_000,
        sha256=SHA,
        url="/exports",
    )
    building = replace(
        ready,
        id="2",
        title="Выгрузка № 13",
        status=status("export", "building"),
        state="building",
        size=0,
        sha256="",
        url="",
    )
    return ExportsPage(rows=() if empty else (building, ready), search_url="/search")


def journal() -> JournalPage:
    return JournalPage(
        rows=(
            JournalRow(
                position=None,
                at=AT,
                event="Комплект выгружен из архива",
                actor="Ким Анна",
                subject=Subject(name="УПД № 0417-Л", note="ООО «Северный экспресс»", url="/set"),
                facts=(Fact(label="цель", text="Требование ФНС № 14-2"),),
            ),
            JournalRow(
                position=1204,
                at=AT,
                event="Ключ открыт для подписи",
                actor="Жукова Анна Сергеевна",
                subject=Subject(name="УПД № 0417-Л", note="черновик удалён"),
                digest=SHA,
            ),
        ),
        paging=Paging(shown=2, total=1204, more_url="/journal?before=1204", more=25),
        checked=status("journal", "sound"),
        checked_at=AT,
        checked_note="1 203 записи",
        check_url="/journal",
    )
