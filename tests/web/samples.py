"""Made-up view models for every screen: what the preview application shows and the browser tests walk through."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from edo_service.accounts.views import ChooseOrganizationPage, LoginPage, OrganizationPage, PersonRow, SessionRow
from edo_service.accounts.views import SessionsPage
from edo_service.archiving.views import AccessRow, ExportRow, ExportsPage, Integrity, SearchPage, SetPage, SetRow
from edo_service.documents import views as doc
from edo_service.exchange.views import ExchangePage, QueueRow, RouteCard
from edo_service.keys.views import KeyRow, KeysPage
from edo_service.parties.views import CounterpartiesPage, CounterpartyRow
from edo_service.web.components import sample as components
from edo_service.web.statuses import status
from edo_service.web.theme import Theme
from edo_service.web.views import (
    AppearancePage, Applied, Choice, Deadline, Empty, ErrorPage, EventRow, Fact, FieldError, FileItem, Filter, Folder,
    Form, HomePage, JournalPage, JournalRow, Link, MenuEntry, OrganizationLink, Paging, PersonLink, Todo,
)  # fmt: skip

AT = datetime(2026, 11, 20, 7, 42, tzinfo=UTC)
SHA = "7a1c90f43be2118d60c9a77215d0ee3f9b4471c82e07d6aa81f3c5b00d4455e2"
BASE = "/o/k7m2"
COMPANIES = (
    OrganizationLink(id="k7m2", name="ООО «Северный экспресс»", inn="7800000122", url="/", current=True),
    OrganizationLink(id="p3xq", name="ООО «Вектор»", inn="5000000031", url="/choose"),
)
PERSON = PersonLink(name="Жукова Анна Сергеевна", short_name="Жукова А. С.", position="главный бухгалтер")
COUNTERPARTY = Link(label="ООО «ЛизингПром»", url="/counterparties")
CARD = Link(label="УПД № 0417-Л от 17.11.2026", url="/card")


def menu(section: str) -> tuple[MenuEntry, ...]:
    rows = (
        ("home", "Главная", "home", "/", 0, "work", True),
        ("documents", "Документы", "document-text", "/list", 12, "work", True),
        ("archive", "Архив", "archive-box", "/search", 0, "work", True),
        ("counterparties", "Контрагенты", "users", "/counterparties", 1, "setup", True),
        ("exchange", "Настройки ЭДО", "arrows-right-left", "/exchange", 0, "setup", False),
        ("organization", "Организация", "building-office", "/organization", 0, "setup", False),
        ("journal", "Журнал", "clipboard-document-list", "/journal", 0, "setup", False),
    )
    return tuple(
        MenuEntry(key=k, label=label, icon=icon, url=url, count=n, group=g, phone=p, current=k == section)  # type: ignore[arg-type]  # literals in a table
        for k, label, icon, url, n, g, p in rows
    )


def due(day: int, nearness: str = "later", words: str = "") -> Deadline:
    return Deadline(day=date(2026, 11, day), nearness=nearness, words=words)  # type: ignore[arg-type]  # a literal by position


def home() -> HomePage:
    return HomePage(
        organization="ООО «Северный экспресс»",
        today=date(2026, 11, 20),
        updated_at=AT,
        todo=(
            Todo(
                text="документов ждут подписи", url="/list", button="Проверить и подписать", count=12,
                hint="3 нужно подписать до вторника, 24.11", nearness="soon",
            ),
            Todo(
                text="извещение не отправлено вовремя", url="/list", button="Посмотреть", count=1,
                hint="Счёт-фактура № 0398-1, срок был 18.11", nearness="late",
            ),
            Todo(
                text="Сертификат Жуковой А. С. истекает 05.12.2026", url="/keys", button="Что делать",
                hint="После этого дня подписать им нельзя",
            ),
        ),
        events=(
            EventRow(
                at=AT, title="УПД № 0417-Л", url="/card", text="ЛизингПром прислал документ на 1 284 560,00 ₽",
                status=status("response", "required"),
            ),
            EventRow(
                at=AT, title="Договор № Л-2026/201", url="/card-sent", text="Ждёт подписи ЛизингПром",
                status=status("response", "expected"),
            ),
            EventRow(
                at=AT, title="Счёт-фактура № 0398", url="/set", text="Передана в архив, хранится до 31.12.2031",
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
    )  # fmt: skip


def rows() -> tuple[doc.DocumentRow, ...]:
    data = (
        ("УПД № 0417-Л от 17.11.2026", "Лизинг · Л-2024/118", "ЛизингПром", "1284560.00", due(24, "soon"), "response", "required", True),
        ("УПД № 0419-Л от 18.11.2026", "Лизинг · Л-2024/118", "ЛизингПром", "733320.11", due(24, "soon"), "response", "required", True),
        ("Доп. соглашение № 3 к Л-2025/042", "Договор, PDF", "ЛизингПром", None, due(24, "soon"), "response", "required", False),
        ("Счёт-фактура № 0398-1, исправление 1", "Лизинг · Л-2023/077", "ЛизингПром", "71119.11", due(18, "late"), "receipt", "required", False),
        ("Договор № Л-2026/201", "Договор, PDF", "ЛизингПром", "8400000.00", None, "response", "expected", False),
        ("УПД № 118 от 12.11.2026", "Ремонт", "СТО «Вектор»", "24500.00", due(25), "response", "counter_invalid", True),
        ("УПД № 0402-Л от 30.10.2026", "Лизинг · Л-2025/113", "ЛизингПром", "402000.00", None, "archive", "kept", False),
    )  # fmt: skip
    return tuple(
        doc.DocumentRow(
            id=str(place), title=title, url="/card", subtitle=subtitle, counterparty=who, inn="7700000016",
            sum=Decimal(total) if total else None, status=status(life, state), deadline=deadline, unread=unread,
        )
        for place, (title, subtitle, who, total, deadline, life, state, unread) in enumerate(data)
    )  # fmt: skip


def document_list() -> doc.ListPage:
    return doc.ListPage(
        folder="todo",
        folders=(
            Folder(label="Требуют действия", url="/list", current=True, count=12, todo=True),
            Folder(label="Входящие", url="/list", count=3, suffix="новых"),
            Folder(label="Исходящие", url="/list"),
            Folder(label="Черновики", url="/list", count=2),
            Folder(label="Все", url="/list-empty"),
        ),
        rows=rows(),
        paging=Paging(shown=7, total=12, more_url="/list?after=7", more=5),
        filters=(
            Filter(name="kind", label="Вид документа", choices=(Choice(value="", label="Любой вид"),)),
            Filter(name="period", label="Период", choices=(Choice(value="11", label="Ноябрь 2026", selected=True),)),
        ),
        more_filters=(Filter(name="who", label="Контрагент", choices=(Choice(value="", label="Все контрагенты"),)),),
        applied=(Applied(label="Период: ноябрь 2026", drop_url="/list"),),
        reset_url="/list",
        total_sum=Decimal("4312908.40"),
        sort_url="/list",
        sort="ascending",
        bulk=(doc.BulkAction(label="Скачать {n} документов", url="/list"),),
        new_url="/new",
    )


def empty_list() -> doc.ListPage:
    return replace(
        document_list(), rows=(), bulk=(), paging=Paging(shown=0, total=0), total_sum=None,
        empty=Empty(
            title="По этим отборам ничего нет", text="Убрать период «ноябрь 2026»?",
            link=Link(label="Убрать период", url="/list"),
        ),
    )  # fmt: skip


def new_document() -> doc.NewPage:
    return doc.NewPage(
        form=Form(),
        action="/new",
        kinds=(
            Choice(value="upd", label="УПД, файл XML", selected=True, hint="формат 5.03, приказ ФНС № ЕД-7-26/970@"),
            Choice(value="contract", label="Договор или другой документ, PDF"),
        ),
        counterparties=(Choice(value="1", label="ООО «ЛизингПром», ИНН 7700000016"), Choice(value="2", label="ООО «Вектор»")),
        back_url="/list",
    )


def new_refused() -> doc.NewPage:
    return replace(
        new_document(),
        form=Form(
            values={"kind": "contract", "number": "15"},
            errors=(
                FieldError(field="file", message="scan.heic принять нельзя. Сохраните его как PDF"),
                FieldError(field="day", message="Дата: укажите дату договора, например 17.11.2026"),
            ),
        ),
    )


def findings(*, broken: bool) -> doc.Findings:
    return doc.Findings(
        file_name="ON_NSCHFDOPPR_2BM-7800000122-780001001-201403040000000000000_2BM-7700000016_20261117_5c1d.xml",
        format="УПД 5.03",
        violations=(
            doc.FindingRow(
                path="Файл/Документ/ТаблСчФакт/СведТов[2]/СумНал", line=48, message="Сумма налога пуста",
                rule="СумНал: обязателен один из СумНал, БезНДС",
            ),
            doc.FindingRow(path="Файл/Документ/СвСчФакт/@ДатаДок", line=7, message="Дата не в виде ДД.ММ.ГГГГ"),
        )
        if broken
        else (),
        remarks=(doc.FindingRow(path="Файл/Документ/ТаблСчФакт/ВсегоОпл", line=55, message="Итог расходится с суммой строк на 0,01 ₽"),),
    )  # fmt: skip


def lines() -> doc.Lines:
    return doc.Lines(
        rows=(
            doc.LineRow(
                name="Лизинговый платёж, Volvo FH 460", details="VIN X9FMXXEEBDBA12345", without_tax=Decimal("601200.00"),
                tax=Decimal("132264.00"), total=Decimal("733464.00"),
            ),
            doc.LineRow(
                name="Лизинговый платёж, полуприцеп Schmitz SCB S3T", quantity="2 ед.", without_tax=Decimal("451718.03"),
                tax=Decimal("99377.97"), total=Decimal("551096.00"),
            ),
        ),
        without_tax=Decimal("1052918.03"),
        tax=Decimal("231641.97"),
        total=Decimal("1284560.00"),
        hidden=46,
        all_url="/text",
    )  # fmt: skip


def facts() -> tuple[Fact, ...]:
    return (
        Fact(label="Всего к оплате", sum=Decimal("1284560.00"), strong=True),
        Fact(label="В том числе НДС 22 %", sum=Decimal("231641.97")),
        Fact(label="Период", text="ноябрь 2026"),
        Fact(label="Основание", text="Л-2024/118 от 15.03.2024"),
    )


def preview_image() -> doc.Preview:
    return doc.Preview(
        pages=(doc.PageImage(url="/page.png", number=1, width=1240, height=800),),
        pages_total=1,
        text_url="/text",
        large_url="/page.png",
        file_name="ON_NSCHFDOPPR_2BM-7800000122_2BM-7700000016_20261117_5c1d.xml",
        file_size=41_984,
    )


def parsed(*, broken: bool = False) -> doc.PreviewPage:
    seller = doc.PartyCard(
        role="Продавец", name="ООО «ЛизингПром»", inn="7700000016", kpp="770001001",
        address="127006, г. Москва, ул. Долгоруковская, д. 1", participant_id="2BM-7700000016-770001001-201403040000000000001",
    )  # fmt: skip
    buyer = replace(seller, role="Покупатель", name="ООО «Северный экспресс»", inn="7800000122", kpp="780001001")
    return doc.PreviewPage(
        title="УПД № 0417-Л от 17.11.2026",
        findings=findings(broken=broken),
        facts=facts(),
        parties=(seller, buyer),
        lines=lines(),
        preview=preview_image(),
        save_url="" if broken else "/card-draft",
        hidden=(("upload", "u1"),),
        back_url="/new",
    )


def files() -> tuple[FileItem, ...]:
    return tuple(
        FileItem(role=role, name=name, size=size, sha256=SHA, url="/card")
        for role, name, size in (
            ("Титул продавца", "ON_NSCHFDOPPR_2BM-7800000122-780001001_2BM-7700000016_20261117_5c1d.xml", 41_984),
            ("Подпись ООО «ЛизингПром»", "ON_NSCHFDOPPR_5c1d.sig", 5_321),
            ("Подтверждение даты отправки оператором", "DP_PDOTPR_2BM_20261120.xml", 2_113),
            ("Печатная форма", "УПД 0417-Л.pdf", 88_112),
        )
    )


def server_way() -> doc.SigningWay:
    return doc.SigningWay(
        kind="server", title="Ключом организации на сервере", text="Ключ хранится в кабинете, обращение к нему записывается в журнал.",
        action="/sign", certificate="ООО «Северный экспресс», действует до 05.12.2027", key_id="k1", idempotency="01k",
    )  # fmt: skip


def ways(form: Form | None = None) -> tuple[doc.SigningWay, ...]:
    command = (
        "openssl cms -sign -binary -engine gost -in ON_NSCHFDOPPOK_2BM-7700000016_20261120_9e2f.xml "
        "-inkey ключ.pem -signer сертификат.pem -outform DER -cades -md md_gost12_256 -out ON_NSCHFDOPPOK_9e2f.sig"
    )
    return (
        doc.SigningWay(
            kind="own", title="Своим ключом, который хранится здесь", text="Ключ откроется по ПИН только для этой подписи.",
            action="/sign", certificate="Жукова Анна Сергеевна, действует до 05.12.2026", key_id="k2", idempotency="01k",
            form=form or Form(),
        ),
        doc.SigningWay(
            kind="upload", title="Подписать в другой программе", text="Скачайте файл, подпишите его у себя и загрузите подпись.",
            action="/sign", command=command, idempotency="01k",
        ),
        server_way(),
    )  # fmt: skip


def frozen() -> doc.Frozen:
    return doc.Frozen(
        file_name="ON_NSCHFDOPPOK_2BM-7700000016-770001001_2BM-7800000122_20261120_9e2f.xml", size=3_412, sha256=SHA,
        streebog256=SHA[::-1], url="/sign",
    )  # fmt: skip


def signing(*, ready: bool) -> doc.SigningPanel:
    return doc.SigningPanel(
        title="Подпишите до 24.11.2026",
        company="ООО «Северный экспресс»",
        signer="Жукова Анна Сергеевна, главный бухгалтер",
        power="МЧД до 31.12.2026",
        power_url="/keys",
        certificate="Ключ в кабинете, действует до 05.12.2026",
        deadline=due(24, "soon", "осталось 2 рабочих дня"),
        answers=()
        if ready
        else (
            Choice(value="accepted", label="Принято без расхождений", selected=True),
            Choice(value="remarks", label="Принято с расхождениями"),
        ),
        frozen=frozen() if ready else None,
        prepare_url="/card",
        sign_url="/sign",
        sign_label="Подписать и отправить" if ready else "Подготовить к подписи",
        direct=server_way() if ready else None,
        reject_url="/reject",
        clarify_url="/clarify",
        change_url="/card" if ready else "",
    )


def card(*, ready: bool = False) -> doc.CardPage:
    shown = components()
    return doc.CardPage(
        id="1",
        title="УПД № 0417-Л от 17.11.2026",
        status=status("response", "required"),
        intro="Входящий · пришёл сегодня в 10:31 через Диадок от",
        place=doc.Placement(folder=Link(label="Документы, требуют действия", url="/list"), position=1, total=12, next_url="/card"),
        facts=facts(),
        road=shown.road,
        counterparty=COUNTERPARTY,
        lines=lines(),
        preview=preview_image(),
        files=files(),
        signatures=shown.verdicts[:1],
        own_signature="Подписать могут: Жукова А. С., Петров Н. Н.",
        signing=signing(ready=ready),
        download_url="/card",
    )


def card_sent() -> doc.CardPage:
    return replace(
        card(), signing=None, own_signature="", status=status("delivery", "sending"),
        other_statuses=(status("response", "expected"),), waiting="Диадок принимает документ. Обычно это минута; страница обновится сама.",
        refresh_url="/card-sent", signatures=components().verdicts, title="УПД № 0420-Л от 20.11.2026",
        panels=(),
    )  # fmt: skip


def card_refused() -> doc.CardPage:
    return replace(
        card(), signing=None, own_signature="", status=status("response", "counter_refused"),
        reason="Указана старая цена аренды: по дополнительному соглашению № 3 с ноября 540 000,00 ₽.",
        waiting="Контрагент отказал в подписи. Исправьте документ и отправьте новый.", title="УПД № 0411-Л от 10.11.2026",
    )  # fmt: skip


def card_draft() -> doc.CardPage:
    return replace(
        card(), signing=None, own_signature="", signatures=components().verdicts[:1], status=status("delivery", "draft"),
        send_url="/card-sent", delete_url="/list", title="УПД № 0421-Л от 20.11.2026",
    )  # fmt: skip


def sign_page(form: Form | None = None) -> doc.SignPage:
    return doc.SignPage(
        title="Подписать УПД № 0417-Л?",
        document=CARD,
        company="ООО «Северный экспресс»",
        signer="Жукова А. С.",
        facts=(Fact(label="Документ", text="УПД № 0417-Л от 17.11.2026, ООО «ЛизингПром»"), *facts()[:1]),
        frozen=frozen(),
        ways=ways(form),
        answer="Принято без расхождений",
        change_url="/card",
    )


def sign_refused() -> doc.SignPage:
    message = "ПИН не подошёл. Осталось 3 попытки"
    return sign_page(Form(errors=(FieldError(field="pin", message=message),)))


def reject(*, clarify: bool = False, empty: bool = False) -> doc.RejectPage:
    errors = (FieldError(field="reason", message="Причина: напишите, что не так в документе"),)
    return doc.RejectPage(
        title="Запросить уточнение УПД № 0417-Л" if clarify else "Отказать в подписи УПД № 0417-Л",
        document=CARD,
        counterparty="ООО «ЛизингПром»",
        form=Form(errors=errors) if empty else Form(),
        action="/reject",
        clarify=clarify,
        signer="Жукова А. С.",
    )


def text_page() -> doc.TextPage:
    party = (Fact(label="Название", text="ООО «ЛизингПром»"), Fact(label="ИНН / КПП", text="7700000016 / 770001001"))
    return doc.TextPage(title="УПД № 0417-Л от 17.11.2026", document=CARD, sections=(("Продавец", party), ("Покупатель", party)), lines=lines())


def report() -> doc.SignatureReport:
    return doc.SignatureReport(
        document=CARD,
        verdict=components().verdicts[1],
        facts=(Fact(label="Владелец", text="Орлов Игорь Павлович"), Fact(label="Серийный номер", text="02 4C 91 A7 00 5B")),
        checks=(
            ("Хеш документа", "passed", "Стрибог-256 совпал с подписанным"),
            ("Цепочка сертификатов", "passed", "3 сертификата до доверенного корня"),
            ("Отзыв", "unknown", "http://pki.demo.test/crl/issuing.crl не отвечает"),
        ),
        checked_at=AT,
    )


def sessions() -> SessionsPage:
    return SessionsPage(
        rows=(
            SessionRow(id="1", device="Chromium на Linux", address="127.0.0.1", started_at=AT, seen_at=AT, current=True),
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
                name="Жукова Анна Сергеевна", email="zhukova@severny-express.example", position="главный бухгалтер",
                rights=("смотреть", "подписывать", "отправлять"), status=status("person", "active"),
            ),
            PersonRow(
                name="Петров Николай Николаевич", email="petrov@severny-express.example", position="директор",
                rights=("смотреть", "подписывать"), status=status("person", "invited"),
            ),
        ),
        keys_url="/keys",
    )  # fmt: skip


def keys() -> KeysPage:
    row = KeyRow(
        id="k1", holder="ООО «Северный экспресс»", purpose="Извещения и служебные сообщения, автоматически", place="на сервере",
        algorithm="ГОСТ Р 34.10-2012, 256 бит", serial="02 4C 91 A7 00 5B B3 8E 4A 11 90", issuer="Демонстрационный УЦ",
        valid_from=date(2026, 1, 1), valid_until=date(2027, 12, 5), status=status("certificate", "valid"), certificate_url="/keys",
    )  # fmt: skip
    own = replace(
        row, id="k2", holder="Жукова Анна Сергеевна", purpose="Подпись документов", place="в кабинете, под ПИН",
        status=status("certificate", "expiring"), users=("Жукова А. С.",),
    )  # fmt: skip
    return KeysPage(organization="ООО «Северный экспресс»", rows=(row, own), organization_url="/organization")


def counterparties() -> CounterpartiesPage:
    return CounterpartiesPage(
        rows=(
            CounterpartyRow(
                name="ООО «ЛизингПром»", inn="7700000016", kpp="770001001", route="Диадок",
                participant_id="2BM-7700000016-770001001-201403040000000000001", status=status("relation", "accepted"), documents_url="/list",
            ),
            CounterpartyRow(
                name="ООО «Вектор»", inn="5000000031", kpp="500001001", route="Напрямую, в этом кабинете", participant_id="",
                status=status("relation", "inviting"), note="«Готовы обмениваться УПД»", documents_url="/list",
            ),
        ),
        paging=Paging(shown=2, total=2),
        folders=(Folder(label="Обмен включён", url="/counterparties", current=True, count=2), Folder(label="Все", url="/counterparties")),
    )  # fmt: skip


def exchange() -> ExchangePage:
    return ExchangePage(
        routes=(
            RouteCard(
                name="Диадок", status=status("operator", "connected"), text="Документы уходят и приходят сами, каждую минуту.",
                box="8c1f2f0a4e5b4d1c9a77b0f1@diadoc.ru", participant_id="2BM-7800000122-780001001-201403040000000000000",
                login="edo@severny-express.example", checked_at=AT, received_at=AT, check_url="/exchange",
            ),
            RouteCard(
                name="Напрямую", status=status("operator", "connected"),
                text="С компаниями, у которых есть этот кабинет, договорами обмениваемся без оператора.",
            ),
        ),
        queue=(
            QueueRow(
                document=CARD, what="Отправка титула покупателя", tries=3, next_at=AT, status=status("queue", "waiting"),
                reason="Диадок не отвечает с 10:12",
            ),
        ),
        counterparties_url="/counterparties",
    )  # fmt: skip


def archive_search(*, searched: bool = True, refused: bool = False) -> SearchPage:
    sets = tuple(
        SetRow(
            id=str(place), title=row.title, url="/set", day=date(2026, 11, 17), counterparty=row.counterparty, inn=row.inn,
            sum=row.sum, status=status("archive", "kept" if place else "incomplete"), keep_until=date(2031, 12, 31),
        )
        for place, row in enumerate(rows()[:4])
    )  # fmt: skip
    errors = (FieldError(field="purpose", message="Зачем смотрите: напишите, по какому требованию"),)
    return SearchPage(
        form=Form(values={"purpose": "" if refused else "Требование ФНС № 14-2", "since": "01.01.2026"}, errors=errors if refused else ()),
        kinds=(Choice(value="", label="Любой вид"), Choice(value="upd", label="УПД"), Choice(value="contract", label="Договор")),
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
        facts=(*facts()[:1], Fact(label="Хранить до", text="31.12.2031"), Fact(label="Передан", text="20.11.2026 в 10:50 МСК")),
        parts=files(),
        signatures=components().verdicts[:1],
        integrity=Integrity(status=status("integrity", "sound"), checked_at=AT, check_url="/set"),
        access=(AccessRow(at=AT, who="Ким Анна", what="Выгрузила", purpose="Требование ФНС № 14-2 от 01.11.2026"),),
        export_url="/exports",
        manifest_sha256=SHA,
    )


def exports() -> ExportsPage:
    ready = ExportRow(
        id="1", title="Выгрузка № 12", sets=3, ordered_at=AT, who="Ким Анна", purpose="Требование ФНС № 14-2 от 01.11.2026",
        status=status("export", "ready"), state="ready", size=4_312_000, sha256=SHA, url="/exports",
    )  # fmt: skip
    building = replace(ready, id="2", title="Выгрузка № 13", status=status("export", "building"), state="building", size=0, sha256="", url="")
    return ExportsPage(rows=(building, ready), search_url="/search")


def journal() -> JournalPage:
    return JournalPage(
        rows=(
            JournalRow(position=None, at=AT, event="Комплект выгружен из архива", actor="Ким Анна", subject="УПД № 0417-Л", subject_url="/set",
                       facts=(Fact(label="цель", text="Требование ФНС № 14-2"),)),
            JournalRow(position=1204, at=AT, event="Ключ открыт для подписи", actor="Жукова Анна Сергеевна", subject="УПД № 0417-Л",
                       subject_url="/card", digest=SHA),
        ),
        paging=Paging(shown=2, total=1204, more_url="/journal?before=1204", more=25),
        checked=status("journal", "sound"),
        checked_at=AT,
        checked_note="1 203 записи",
        check_url="/journal",
    )  # fmt: skip


#: Address -> (template, view model, section of the menu; an empty section is a page without log-in).
SCREENS: Mapping[str, tuple[str, object, str]] = {
    "/": ("home.html", home(), "home"),
    "/home-calm": ("home.html", replace(home(), todo=(), events=()), "home"),
    "/list": ("documents/list.html", document_list(), "documents"),
    "/list-empty": ("documents/list.html", empty_list(), "documents"),
    "/list-plain": ("documents/list.html", replace(document_list(), bulk=()), "documents"),
    "/new": ("documents/new.html", new_document(), "documents"),
    "/new-refused": ("documents/new.html", new_refused(), "documents"),
    "/parsed": ("documents/parsed.html", parsed(), "documents"),
    "/parsed-broken": ("documents/parsed.html", parsed(broken=True), "documents"),
    "/card": ("documents/card.html", card(), "documents"),
    "/card-ready": ("documents/card.html", card(ready=True), "documents"),
    "/card-sent": ("documents/card.html", card_sent(), "documents"),
    "/card-refused": ("documents/card.html", card_refused(), "documents"),
    "/card-draft": ("documents/card.html", card_draft(), "documents"),
    "/sign": ("documents/sign.html", sign_page(), "documents"),
    "/sign-refused": ("documents/sign.html", sign_refused(), "documents"),
    "/reject": ("documents/reject.html", reject(), "documents"),
    "/reject-refused": ("documents/reject.html", reject(empty=True), "documents"),
    "/clarify": ("documents/reject.html", reject(clarify=True), "documents"),
    "/text": ("documents/text.html", text_page(), "documents"),
    "/report": ("documents/report.html", report(), "documents"),
    "/search": ("archiving/search.html", archive_search(), "archive"),
    "/search-start": ("archiving/search.html", archive_search(searched=False), "archive"),
    "/search-refused": ("archiving/search.html", archive_search(searched=False, refused=True), "archive"),
    "/set": ("archiving/set.html", archive_set(), "archive"),
    "/exports": ("archiving/exports.html", exports(), "archive"),
    "/counterparties": ("parties/counterparties.html", counterparties(), "counterparties"),
    "/exchange": ("exchange/settings.html", exchange(), "exchange"),
    "/organization": ("accounts/organization.html", organization(), "organization"),
    "/keys": ("keys/keys.html", keys(), "organization"),
    "/journal": ("journal.html", journal(), "journal"),
    "/sessions": ("accounts/sessions.html", sessions(), "none"),
    "/appearance": ("appearance.html", AppearancePage(theme=Theme(), next="/", saved=True), "none"),
    "/login": ("accounts/login.html", LoginPage(form=Form()), ""),
    "/login-refused": (
        "accounts/login.html",
        LoginPage(form=Form(values={"login": "zhukova@"}, errors=(FieldError(field="login", message="Почта или пароль не подошли"),))),
        "",
    ),
    "/choose": ("accounts/choose.html", ChooseOrganizationPage(organizations=COMPANIES), ""),
    "/error": ("error.html", ErrorPage(status=404, title="Такой страницы нет", detail="Проверьте адрес.", request_id="a1b2", links=(Link(label="На главную", url="/"),)), ""),
}  # fmt: skip
