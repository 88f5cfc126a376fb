"""Made-up view models of home, organisation, exchange, archive and journal."""

from dataclasses import replace
from datetime import date

from sample_base import AT, CARD, SHA
from sample_documents import facts, files, rows

from edo_service.accounts.views import JobRow, JobsPage, OrganizationPage, PersonRow, SessionRow, SessionsPage
from edo_service.archiving.views import AccessRow, ExportRow, ExportsPage, Integrity, SearchPage, SetPage, SetRow
from edo_service.keys.views import KeyRow, KeysPage
from edo_service.web.components import sample as components
from edo_service.web.statuses import status
from edo_service.web.views import (
    Choice,
    Empty,
    EventRow,
    Fact,
    FieldError,
    Form,
    HomePage,
    JournalPage,
    JournalRow,
    Link,
    Paging,
    Todo,
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
            reason="Оператор не принял логин и пароль. Проверьте подключение в разделе «Обмен».", recorded="",
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
            values={"purpose": "" if refused else "Требование ФНС № 14-2", "since": "01.01.2026"},
            errors=errors if refused else (),
        ),
        kinds=(
            Choice(value="", label="Любой вид"),
            Choice(value="upd", label="УПД"),
            Choice(value="contract", label="Договор"),
        ),
        rows=sets if searched else (),
        paging=Paging(shown=4, total=318, more_url="/search?after=4", more=25) if searched else None,
        searched=searched,
        total_size=432_013_312 if searched else 0,
        export_url="/exports",
    )


def archive_set() -> SetPage:
    return SetPage(
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
    )


def exports() -> ExportsPage:
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
    return ExportsPage(rows=(building, ready), search_url="/search")


def journal() -> JournalPage:
    return JournalPage(
        rows=(
            JournalRow(
                position=None,
                at=AT,
                event="Комплект выгружен из архива",
                actor="Ким Анна",
                subject="УПД № 0417-Л",
                subject_url="/set",
                facts=(Fact(label="цель", text="Требование ФНС № 14-2"),),
            ),
            JournalRow(
                position=1204,
                at=AT,
                event="Ключ открыт для подписи",
                actor="Жукова Анна Сергеевна",
                subject="УПД № 0417-Л",
                subject_url="/card",
                digest=SHA,
            ),
        ),
        paging=Paging(shown=2, total=1204, more_url="/journal?before=1204", more=25),
        checked=status("journal", "sound"),
        checked_at=AT,
        checked_note="1 203 записи",
        check_url="/journal",
    )
