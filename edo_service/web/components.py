"""The living style guide at `/_components`, for development only: every shared piece with made-up data."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edo_service.web.pages import Pages
from edo_service.web.views import (
    Choice,
    Condition,
    Deadline,
    Empty,
    Fact,
    FieldError,
    FileItem,
    Form,
    Link,
    TimelineEvent,
    Toast,
    Verdict,
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A row of the check of a file, as the areas have it."""

    path: str
    line: int | None
    message: str
    rule: str = ""
    anchor: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A result of the check of a file, as the areas have it."""

    file_name: str
    format: str
    violations: tuple[Finding, ...]
    remarks: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class ComponentsPage:
    """One of each."""

    deadlines: tuple[Deadline, ...]
    verdicts: tuple[Verdict, ...]
    form: Form
    choices: tuple[Choice, ...]
    findings: Found
    facts: tuple[Fact, ...]
    steps: tuple[tuple[str, str, str], ...]
    road: tuple[TimelineEvent, ...]
    files: tuple[FileItem, ...]
    empty: Empty


def components_route(pages: Pages) -> Route:
    """Return the route; only a development set-up mounts it."""

    def show(request: Request) -> Response:
        toast = Toast(text="УПД № 0417-Л подписан и отправлен.", link=Link(label="Открыть", url="/_components"))
        return pages.render("components.html", sample(), shell=pages.shell(request, toast=toast))

    return Route("/_components", show, methods=["GET"])


def sample() -> ComponentsPage:
    """Made-up data for every piece."""
    return ComponentsPage(
        deadlines=(
            Deadline(day=date(2026, 11, 30), words="осталось 6 рабочих дней"),
            Deadline(day=date(2026, 11, 24), nearness="soon", words="осталось 2 рабочих дня"),
            Deadline(day=date(2026, 11, 18), nearness="late", words="просрочен на 2 дня"),
        ),
        verdicts=_verdicts(),
        form=Form(
            values={"inn": "7700000015", "phone": "9210000000", "kind": "b", "way": "a"},
            errors=(
                FieldError(field="inn", message="ИНН: последняя цифра не сходится. Проверьте, нет ли опечатки"),
                FieldError(field="phone", message="Телефон: добавьте код страны, например +7"),
                FieldError(field="file", message="Файл: выберите файл документа"),
            ),
        ),
        choices=(Choice(value="a", label="Ключ на сервере"), Choice(value="b", label="Файл подписи", hint="до 1 МБ")),
        findings=Found(
            file_name="ON_NSCHFDOPPR_2BM.xml",
            format="УПД 5.03",
            violations=(Finding(path="Файл/Документ/ТаблСчФакт/СведТов[2]/СумНал", line=48, message="Элемент пуст"),),
            remarks=(Finding(path="Файл/Документ/СвСчФакт", line=None, message="Сумма строк расходится с итогом"),),
        ),
        facts=(
            Fact(label="Всего к оплате", sum=Decimal("1284560.00"), strong=True),
            Fact(label="В том числе НДС 22 %", sum=Decimal("231641.97")),
            Fact(label="Период", text="ноябрь 2026"),
            Fact(label="Основание", text="Л-2024/118 от 15.03.2024", url="/_components"),
        ),
        steps=(("Проверка", "done", "/_components"), ("Подписание", "now", ""), ("Итог", "next", "")),
        road=_road(),
        files=(
            FileItem(
                role="Титул продавца",
                name="ON_NSCHFDOPPR_2BM.xml",
                size=41_984,
                sha256="7a1c90f4" * 8,
                url="/_components",
            ),
        ),
        empty=Empty(
            title="По этим отборам ничего нет",
            text="Уберите период или поищите во всех документах.",
            link=Link(label="Убрать период", url="/_components"),
        ),
    )


def _verdicts() -> tuple[Verdict, ...]:
    signed = datetime(2026, 11, 17, 11, 2, tzinfo=UTC)
    texts = (
        "Квалифицированный сертификат выдан удостоверяющим центром, аккредитация которого действовала в день выдачи.",
        "Сертификат действителен на момент подписания, если он достоверно известен, или на день проверки.",
        "Подпись принадлежит владельцу сертификата, и документ не изменялся после подписания.",
        "Подпись использована в соответствии с ограничениями, указанными в сертификате.",
    )
    reasons = (
        "Аккредитация УЦ «Демо» на 02.05.2026 действовала («Действует»).",
        "Сертификат «Орлов Игорь Павлович» не был отозван на 17.11.2026 в 14:02 МСК (список отзыва).",
        "Содержимое не изменилось после подписания. Значение подписи верно.",
        "Назначение ключа допускает подпись документов, ключ подписи действует до 02.08.2027.",
    )
    passed = tuple(
        Condition(text=text, outcome="passed", reason=reason) for text, reason in zip(texts, reasons, strict=True)
    )
    silent = "Нет пригодных данных об отзыве сертификата «Ким Анна»."
    unknown = (passed[0], Condition(text=texts[1], outcome="unknown", reason=silent), *passed[2:])
    revoked = "Сертификат «Петров Н. Н.» отозван 12.11.2026 в 12:00 МСК, до доказанного времени подписи."
    failed = (passed[0], Condition(text=texts[1], outcome="failed", reason=revoked), *passed[2:])
    return (
        Verdict(
            indication="TOTAL-PASSED", whose="ООО «ЛизингПром»", signer="Орлов Игорь Павлович",
            position="генеральный директор", signed_at=signed, time_source="время подтверждено штампом времени",
            level="CAdES-T", algorithm="ГОСТ Р 34.10-2012", certificate="02 4C 91 A7, УЦ «Демо», до 02.05.2027",
            conditions=passed, report_url="/_components",
        ),
        Verdict(
            indication="INDETERMINATE", whose="ООО «Вектор»", signer="Ким Анна", signed_at=signed,
            missing="Документ не менялся, но список отозванных сертификатов не получили. Повторим сами через час.",
            conditions=unknown, level="CAdES-BES", sub_indication="TRY_LATER",
        ),
        Verdict(
            indication="TOTAL-FAILED", whose="СТО «Колесо»", signer="Петров Н. Н.", signed_at=signed,
            missing="Сертификат отозвали 12.11.2026, а подпись поставлена 17.11.2026. Попросите подписать заново.",
            conditions=failed, level="CAdES-BES", sub_indication="REVOKED",
        ),
    )  # fmt: skip


def _road() -> tuple[TimelineEvent, ...]:
    at = datetime(2026, 11, 20, 7, 31, tzinfo=UTC)
    return (
        TimelineEvent(text="Подписал ЛизингПром", state="done", at=at, by="Орлов И. П."),
        TimelineEvent(text="Оператор подтвердил отправку", state="done", at=at, by="Диадок", service=True),
        TimelineEvent(text="Извещение о получении отправлено", state="done", at=at, by="автоматически", service=True),
        TimelineEvent(text="Требуется ваша подпись", state="now", until=date(2026, 11, 24)),
        TimelineEvent(text="Подтверждение оператора", state="future"),
        TimelineEvent(text="Передача в архив", state="future", note="храним до 31.12.2031"),
    )
