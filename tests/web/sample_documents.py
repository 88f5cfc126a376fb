"""Made-up view models of the documents' screens."""

from dataclasses import replace
from decimal import Decimal

from sample_base import CARD, COUNTERPARTY, SHA, due

from edo_service.documents import views as doc
from edo_service.web.components import sample as components
from edo_service.web.statuses import status
from edo_service.web.views import (
    Applied,
    Choice,
    Empty,
    Fact,
    FieldError,
    FileItem,
    Filter,
    Folder,
    Form,
    Link,
    Paging,
)


def rows() -> tuple[doc.DocumentRow, ...]:
    data = (
        (
            "УПД № 0417-Л от 17.11.2026",
            "Лизинг · Л-2024/118",
            "ЛизингПром",
            "1284560.00",
            due(24, "soon"),
            "response",
            "required",
            True,
        ),
        (
            "УПД № 0419-Л от 18.11.2026",
            "Лизинг · Л-2024/118",
            "ЛизингПром",
            "733320.11",
            due(24, "soon"),
            "response",
            "required",
            True,
        ),
        (
            "Доп. соглашение № 3 к Л-2025/042",
            "Договор, PDF",
            "ЛизингПром",
            None,
            due(24, "soon"),
            "response",
            "required",
            False,
        ),
        (
            "Счёт-фактура № 0398-1, исправление 1",
            "Лизинг · Л-2023/077",
            "ЛизингПром",
            "71119.11",
            due(18, "late"),
            "receipt",
            "required",
            False,
        ),
        ("Договор № Л-2026/201", "Договор, PDF", "ЛизингПром", "8400000.00", None, "response", "expected", False),
        ("УПД № 118 от 12.11.2026", "Ремонт", "СТО «Вектор»", "24500.00", due(25), "response", "counter_invalid", True),
        (
            "УПД № 0402-Л от 30.10.2026",
            "Лизинг · Л-2025/113",
            "ЛизингПром",
            "402000.00",
            None,
            "archive",
            "kept",
            False,
        ),
    )
    return tuple(
        doc.DocumentRow(
            id=str(place),
            title=title,
            url="/card",
            subtitle=subtitle,
            counterparty=who,
            inn="7700000016",
            sum=Decimal(total) if total else None,
            status=status(life, state),
            deadline=deadline,
            unread=unread,
        )
        for place, (title, subtitle, who, total, deadline, life, state, unread) in enumerate(data)
    )


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
        document_list(),
        rows=(),
        bulk=(),
        paging=Paging(shown=0, total=0),
        total_sum=None,
        empty=Empty(
            title="По этим отборам ничего нет",
            text="Убрать период «ноябрь 2026»?",
            link=Link(label="Убрать период", url="/list"),
        ),
    )


def new_document() -> doc.NewPage:
    return doc.NewPage(
        form=Form(),
        action="/new",
        kinds=(
            Choice(value="upd", label="УПД, файл XML", selected=True, hint="формат 5.03, приказ ФНС № ЕД-7-26/970@"),
            Choice(value="contract", label="Договор или другой документ, PDF"),
        ),
        counterparties=(
            Choice(value="1", label="ООО «ЛизингПром», ИНН 7700000016"),
            Choice(value="2", label="ООО «Вектор»"),
        ),
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
                path="Файл/Документ/ТаблСчФакт/СведТов[2]/СумНал",
                line=48,
                message="Сумма налога пуста",
                rule="СумНал: обязателен один из СумНал, БезНДС",
            ),
            doc.FindingRow(path="Файл/Документ/СвСчФакт/@ДатаДок", line=7, message="Дата не в виде ДД.ММ.ГГГГ"),
        )
        if broken
        else (),
        remarks=(
            doc.FindingRow(
                path="Файл/Документ/ТаблСчФакт/ВсегоОпл", line=55, message="Итог расходится с суммой строк на 0,01 ₽"
            ),
        ),
    )


def lines() -> doc.Lines:
    return doc.Lines(
        rows=(
            doc.LineRow(
                name="Лизинговый платёж, Volvo FH 460",
                details="VIN X9FMXXEEBDBA12345",
                without_tax=Decimal("601200.00"),
                tax=Decimal("132264.00"),
                total=Decimal("733464.00"),
            ),
            doc.LineRow(
                name="Лизинговый платёж, полуприцеп Schmitz SCB S3T",
                quantity="2 ед.",
                without_tax=Decimal("451718.03"),
                tax=Decimal("99377.97"),
                total=Decimal("551096.00"),
            ),
        ),
        without_tax=Decimal("1052918.03"),
        tax=Decimal("231641.97"),
        total=Decimal("1284560.00"),
        hidden=46,
        all_url="/text",
    )


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
        role="Продавец",
        name="ООО «ЛизингПром»",
        inn="7700000016",
        kpp="770001001",
        address="127006, г. Москва, ул. Долгоруковская, д. 1",
        participant_id="2BM-7700000016-770001001-201403040000000000001",
    )
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
        marked=marked() if broken else (),
    )


def marked() -> tuple[doc.MarkedGroup, ...]:
    return (
        doc.MarkedGroup(
            title="Стороны и реквизиты",
            path="/Файл/Документ/СвСчФакт",
            line=7,
            anchor="p-1",
            rows=(
                doc.MarkedRow(label="Номер документа", name="@НомерДок", value="0417-Л"),
                doc.MarkedRow(
                    label="Дата документа",
                    name="@ДатаДок",
                    value="2026-11-17",
                    violations=("Дата не в виде ДД.ММ.ГГГГ",),
                    anchor="p-2",
                ),
            ),
        ),
        doc.MarkedGroup(
            title="Таблица товаров, работ, услуг → строка таблицы 2",
            path="/Файл/Документ/ТаблСчФакт/СведТов[2]",
            line=48,
            anchor="p-3",
            rows=(
                doc.MarkedRow(
                    label="Налог", name="СумНал", value=None, violations=("Сумма налога пуста",), anchor="p-4"
                ),
                doc.MarkedRow(label="Номер строки", name="@НомСтр", value="2", remarks=("Номера строк не подряд",)),
            ),
        ),
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
        kind="server",
        title="Ключом организации на сервере",
        text="Ключ хранится в кабинете, обращение к нему записывается в журнал.",
        action="/sign",
        certificate="ООО «Северный экспресс», действует до 05.12.2027",
        key_id="k1",
        idempotency="01k",
    )


def ways(form: Form | None = None) -> tuple[doc.SigningWay, ...]:
    command = (
        "openssl cms -sign -binary -engine gost -in ON_NSCHFDOPPOK_2BM-7700000016_20261120_9e2f.xml "
        "-inkey ключ.pem -signer сертификат.pem -outform DER -cades -md md_gost12_256 -out ON_NSCHFDOPPOK_9e2f.sig"
    )
    return (
        doc.SigningWay(
            kind="own",
            title="Своим ключом, который хранится здесь",
            text="Ключ откроется по ПИН только для этой подписи.",
            action="/sign",
            certificate="Жукова Анна Сергеевна, действует до 05.12.2026",
            key_id="k2",
            idempotency="01k",
            form=form or Form(),
        ),
        doc.SigningWay(
            kind="upload",
            title="Подписать в другой программе",
            text="Скачайте файл, подпишите его у себя и загрузите подпись.",
            action="/sign",
            command=command,
            idempotency="01k",
        ),
        server_way(),
    )


def frozen() -> doc.Frozen:
    return doc.Frozen(
        file_name="ON_NSCHFDOPPOK_2BM-7700000016-770001001_2BM-7800000122_20261120_9e2f.xml",
        size=3_412,
        sha256=SHA,
        streebog256=SHA[::-1],
        url="/sign",
    )


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
        answer="Принято без расхождений",
    )


def card(*, ready: bool = False) -> doc.CardPage:
    shown = components()
    return doc.CardPage(
        id="1",
        title="УПД № 0417-Л от 17.11.2026",
        status=status("response", "required"),
        intro="Входящий · пришёл сегодня в 10:31 через Диадок от",
        place=doc.Placement(
            folder=Link(label="Документы, требуют действия", url="/list"), position=1, total=12, next_url="/card"
        ),
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
        card(),
        signing=None,
        own_signature="",
        status=status("delivery", "sending"),
        other_statuses=(status("response", "expected"),),
        waiting="Диадок принимает документ. Обычно это минута; страница обновится сама.",
        refresh_url="/card-sent",
        signatures=components().verdicts,
        title="УПД № 0420-Л от 20.11.2026",
        panels=(),
    )


def card_queued() -> doc.CardPage:
    return replace(
        card_sent(),
        status=status("delivery", "queued"),
        waiting="Подписываем и готовим к отправке. Пока подпись не поставлена, документ можно вернуть.",
        take_back_url="/card-queued",
        refresh_url="/card-queued",
    )


def card_refused() -> doc.CardPage:
    return replace(
        card(),
        signing=None,
        own_signature="",
        status=status("response", "counter_refused"),
        reason="Указана старая цена аренды: по дополнительному соглашению № 3 с ноября 540 000,00 ₽.",
        waiting="Контрагент отказал в подписи. Исправьте документ и отправьте новый.",
        title="УПД № 0411-Л от 10.11.2026",
    )


def card_in_doubt() -> doc.CardPage:
    return replace(
        card(),
        signing=None,
        own_signature="",
        status=status("delivery", "received_in_doubt"),
        other_statuses=(),
        trouble="Файл подписан другой организацией.",
        clear_doubt_url="/card-in-doubt",
        title="Акт сверки.pdf от 20.11.2026",
        panels=(),
    )


def card_draft() -> doc.CardPage:
    return replace(
        card(),
        signing=None,
        own_signature="",
        signatures=components().verdicts[:1],
        status=status("delivery", "draft"),
        delete_url="/discard",
        title="УПД № 0421-Л от 20.11.2026",
    )


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
