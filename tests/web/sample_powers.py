"""Made-up view models of the register of powers."""

from datetime import date

from sample_base import AT

from edo_service.powers import views
from edo_service.web.statuses import Status, Tone, status
from edo_service.web.views import Choice, FieldError, Form, Link, Paging

NUMBER = "8d5b7a31-0c44-4a0e-9a59-2f5f1d0c7e11"


def register(*, wrong: bool = False, empty: bool = False) -> views.PowersPage:
    people = (
        ("17/26", "Громов Пётр Ильич", date(2027, 11, 1), "valid"),
        ("4", "Петрова Ольга Николаевна", date(2026, 12, 5), "expiring"),
        ("2", "Сидоров Пётр Петрович", date(2027, 3, 1), "revoked"),
    )
    errors = (FieldError(field="file", message="Это не машиночитаемая доверенность EMCHD_1: строка 1"),)
    return views.PowersPage(
        organization="ООО «ЛизингПром»",
        rows=tuple(
            views.PowerRow(
                url="/power",
                number=NUMBER,
                own_number=own,
                principal="ООО «ЛизингПром»",
                agent=agent,
                expires=until,
                status=status("power_of_attorney", state),
            )
            for own, agent, until, state in (() if empty else people)
        ),
        paging=Paging(shown=0, total=0) if empty else Paging(shown=3, total=3),
        query="",
        form=Form(errors=errors) if wrong else Form(),
        may_manage=not empty,
        upload_url="/powers/upload",
        fetch_url="/powers/fetch",
        organization_url="/organisation",
        packed=(
            views.PackedRow(
                file_name=f"ON_EMCHD_20261101_{NUMBER}.xml",
                url="/power",
                reason="",
                status=Status(word="В реестре", tone=Tone.DONE),
            ),
            views.PackedRow(
                file_name="card.xml",
                url="",
                reason="В архиве нет подписи доверителя под этим файлом.",
                status=Status(word="Не сохранили", tone=Tone.STOP),
            ),
        )
        if wrong
        else (),
    )


def power() -> views.PowerPage:
    return views.PowerPage(
        title="Доверенность № 17/26",
        status=status("power_of_attorney", "valid"),
        back_url="/powers",
        facts=(
            ("Номер в реестре", NUMBER),
            ("Доверитель", "ООО «ЛизингПром»"),
            ("Представитель", "Громов Пётр Ильич"),
            ("Действует", "с 01.11.2026 до 01.11.2027"),
        ),
        powers=("Подписывать универсальные передаточные документы (BBDOCS_DOCS_DCSALL_SRCDOC_SOURCEDOCS5)",),
        checks=(
            views.CheckRow(number=1, name="Формат", status=Status(word="Сходится", tone=Tone.DONE), text="По формату"),
            views.CheckRow(
                number=5,
                name="Отзыв",
                status=Status(word="Проверить не удалось", tone=Tone.WAIT, icon="question-mark-circle"),
                text="Реестр доверенностей не ответил: реестр доверенностей не подключён",
            ),
            views.CheckRow(
                number=9,
                name="Передоверие",
                status=Status(word="Не сходится", tone=Tone.STOP),
                text="Срок передоверия выходит за срок доверенности 4",
            ),
        ),
        decisions=(views.Decision(kind="contract", label="Договоры", by="Ким Олег Вадимович", at=AT),),
        choices=(Choice(value="upd", label="УПД и счета-фактуры"), Choice(value="contract", label="Договоры")),
        files=(
            Link(label=f"ON_EMCHD_20261101_{NUMBER}.xml", url="/file"),
            Link(label="Подпись доверителя", url="/signature"),
        ),
        may_manage=True,
        may_revoke=True,
        revoke_url="/power/revoke",
        decide_url="/power/decide",
    )
