"""The journal of one organisation: who did what, and the check of its chain."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from edo_service.kernel.actor import Right
from edo_service.kernel.journal import ChainReport, reading
from edo_service.kernel.journal.reading import Entry
from edo_service.portal import Portal
from edo_service.portal.desk import see_other
from edo_service.portal.forms import identifier
from edo_service.web import views
from edo_service.web.filters import short_hash
from edo_service.web.slots import MenuSlot
from edo_service.web.statuses import status

VERIFIED = "journal.verified"
PAGE = 50
Thing = tuple[str, UUID]
EVENTS: Mapping[str, str] = {
    "annulment.agreeing": "Решено согласиться на аннулирование",
    "annulment.annulled": "Документ аннулирован",
    "annulment.answered": "На предложение аннулировать отвечено",
    "annulment.expected": "Предложение аннулировать отправлено",
    "annulment.failed": "Предложение аннулировать не принято оператором",
    "annulment.proposed": "Предложено аннулировать документ",
    "annulment.received": "Получено предложение аннулировать документ",
    "annulment.refused": "В аннулировании отказано",
    "annulment.refusing": "Решено отказать в аннулировании",
    "annulment.required": "Ответ на предложение аннулировать не передан",
    "correction.asked": "Контрагент просит исправить документ",
    "correction.discarded": "Запрос уточнения отменён до подписи",
    "correction.prepared": "Запрос уточнения подготовлен к подписи",
    "correction.replaced": "Документ заменён исправлением",
    "correction.adjusted": "К документу пришёл или отправлен УКД",
    "correction.replaces": "Исправление заменило прежний документ",
    "account.code_sent": "Код входа отправлен по СМС",
    "account.entity_created": "Компания заведена",
    "account.logged_in": "Вход в кабинет",
    "account.log_in_failed": "Вход не удался",
    "account.membership_added": "Сотрудник добавлен",
    "account.membership_ended": "Сотрудник отключён",
    "account.password_changed": "Пароль сменён",
    "account.password_set": "Пароль назначен",
    "archive.assembled": "Комплект собран",
    "archive.checked": "Целость комплекта проверена",
    "archive.delayed": "Передача в архив задержалась",
    "archive.evidence_refused": "Доказательство не продлено",
    "archive.evidence_renewed": "Доказательства хранения продлены",
    "archive.document": "Документ из архива просмотрен",
    "archive.file": "Файл документа из архива скачан",
    "archive.copies_cleared": "Рабочие копии комплекта удалены",
    "archive.copy": "Копия комплекта для просмотра",
    "archive.disposal_approved": "Акт об уничтожении согласован",
    "archive.disposal_halted": "Уничтожение комплекта остановлено",
    "archive.disposal_done": "Акт об уничтожении исполнен",
    "archive.disposal_proposed": "Акт об уничтожении предложен",
    "archive.disposal_rejected": "Акт об уничтожении отклонён",
    "archive.disposed": "Комплект уничтожен по акту",
    "archive.export": "Комплект выгружен",
    "archive.export_ordered": "Выгрузка заказана",
    "archive.export_taken": "Выгрузка скачана",
    "archive.failed": "Передача в архив не удалась",
    "archive.hold_lifted": "Запрет уничтожения снят",
    "archive.hold_set": "Запрет уничтожения поставлен",
    "archive.kept": "Комплект в архиве",
    "archive.reported": "Отчёт о целости архива",
    "archive.retried": "Передача в архив повторена",
    "archive.root_kept": "Корень дня сохранён в архив",
    "archive.searched": "Поиск в архиве",
    "archive.signatures_not_refreshed": "Подписи комплекта не обновлены",
    "archive.supplemented": "Комплект дополнен",
    "archive.signatures_refreshed": "Подписи комплекта обновлены",
    "archive.term_extended": "Срок хранения продлён",
    "archive.view": "Комплект открыт",
    "document.answer_discarded": "Ответ отменён",
    "document.answer_prepared": "Ответ подготовлен",
    "document.refusal_prepared": "Отказ подготовлен",
    "document.copies_cleared": "Файлы удалённого черновика стёрты",
    "document.discarded": "Черновик удалён",
    "document.send_promised": "Отправка начата",
    "document.doubt_cleared": "Замечание к документу снято",
    "document.taken_back": "Документ возвращён в черновики",
    "document.uploaded": "Документ загружен",
    "exchange.answered_directly": "Ответ передан напрямую",
    "exchange.checked": "Связь с оператором проверена",
    "exchange.check_failed": "Проверка связи не удалась",
    "exchange.connected": "Оператор подключён",
    "exchange.credentials_changed": "Учётная запись у оператора изменена",
    "exchange.cursor_lost": "Лента оператора перечитана по времени",
    "exchange.odd_settled": "Новость оператора просмотрена",
    "exchange.participant_named": "Идентификатор участника указан",
    "exchange.log_in_begun": "Вход у оператора ждёт подтверждения",
    "annulment.judged": "Вывод о подписи под аннулированием изменился",
    "exchange.receipts_chosen": "Способ извещать о получении изменён",
    "exchange.set_up_begun": "Настройка оператора начата",
    "exchange.switched_off": "Оператор выключен",
    "exchange.switched_on": "Оператор включён",
    "exchange.delivered_directly": "Документ передан напрямую",
    "exchange.dispatched": "Файл отправлен оператору",
    "exchange.send": "Документ принят оператором",
    "exchange.receipt": "Извещение о получении принято оператором",
    "exchange.tell": "Извещение о получении передано через оператора",
    "exchange.answer": "Ответ принят оператором",
    "exchange.sign": "Подпись принята оператором",
    "exchange.reject": "Отказ принят оператором",
    "exchange.correct": "Запрос уточнения принят оператором",
    "exchange.answer_repeated": "Ответ отправляют ещё раз",
    "exchange.refused": "Оператор отказал",
    "exchange.not_taken": "Файл оператора не принят",
    "exchange.not_understood": "Новость оператора не понята",
    "exchange.received": "Файл получен от оператора",
    "exchange.rechecked": "Подпись проверена ещё раз",
    "relation.accept": "Приглашение принято",
    "relation.accept_intended": "Решено принять приглашение",
    "relation.break": "Обмен с контрагентом прекращён",
    "relation.break_intended": "Решено прекратить обмен",
    "relation.changed": "Связь с контрагентом изменилась",
    "relation.invite": "Контрагент приглашён",
    "relation.invite_intended": "Решено пригласить контрагента",
    "relation.list_kept": "Список приглашений загружен",
    "relation.refused": "Оператор не выполнил действие с контрагентом",
    "relation.reject": "Приглашение отклонено",
    "relation.reject_intended": "Решено отклонить приглашение",
    "relation.withdraw": "Приглашение отозвано",
    "relation.withdraw_intended": "Решено отозвать приглашение",
    "job.retried": "Задание повторено",
    "journal.head_kept": "Вершина журнала сохранена в архив",
    "journal.verified": "Журнал проверен",
    "key.kept": "Ключ сохранён",
    "power.kept": "Доверенность внесена в реестр",
    "power.judged_anew": "Доверенность проверена ещё раз",
    "power.revoked": "Доверенность отозвана",
    "power.decided": "Решено, что разрешает доверенность",
    "power.downloaded": "Скачан файл доверенности",
    "key.retired": "Ключ выведен из работы",
    "key.unlocked": "Ключ открыт по ПИН",
    "key.used": "Ключ использован",
    "key.wrong_pin": "ПИН не подошёл",
    "party.kept": "Контрагент сохранён",
    "secrets.rotated": "Секреты перезапечатаны",
    "signature.failed": "Подпись не поставлена",
    "signature.made": "Подпись поставлена",
}
GROUPS = (
    ("", "Все события"),
    ("document", "Документы"),
    ("signature", "Подписи"),
    ("key", "Ключи"),
    ("exchange", "Обмен"),
    ("archive", "Архив"),
    ("account", "Входы и сотрудники"),
    ("journal", "Журнал"),
)
FACTS: Mapping[str, str] = {
    "act": "для чего",
    "address": "адрес",
    "certificate_sha256": "сертификат",
    "file_name": "файл",
    "indication": "проверка",
    "inn": "ИНН",
    "damaged": "повреждено",
    "manifest_sha256": "опись",
    "means": "способ",
    "outcome": "ответ",
    "phone": "телефон",
    "problems": "нарушений",
    "purpose": "цель",
    "query": "запрос",
    "reason": "причина",
    "role": "роль",
    "sha256": "SHA-256",
}
VALUES: Mapping[str, Mapping[str, str]] = {
    "indication": {
        "TOTAL-PASSED": "подпись действительна",
        "INDETERMINATE": "проверить до конца не удалось",
        "TOTAL-FAILED": "подпись недействительна",
    },
    "means": {
        "automatic": "портал, сам",
        "server_key": "ключом на портале",
        "own_key": "своим ключом по ПИН",
        "upload": "в другой программе",
        "received": "получена",
    },
    "outcome": {
        "accepted": "принято без расхождений",
        "accepted_with_remarks": "принято с расхождениями",
        "not_accepted": "не принято",
    },
    "purpose": {
        "organization": "автоматические извещения и описи архива",
        "staff": "подписание исходящих документов",
        "person": "подписание владельцем",
    },
    "role": {
        "accountant": "бухгалтер",
        "client": "клиент",
        "compliance": "комплаенс",
        "controller": "контролёр",
        "auditor": "аудитор",
        "administrator": "администратор",
        "manager": "менеджер",
        "seller_title": "титул продавца",
        "buyer_title": "титул покупателя",
        "contract": "договор",
        "receipt_notice": "извещение о получении",
        "universal_receipt": "извещение о получении (универсальное сообщение)",
        "acceptance_confirmation": "подтверждение оператора: принят",
        "dispatch_confirmation": "подтверждение оператора: отправлен",
        "correction_request": "уведомление об уточнении",
        "rejection": "отказ в подписи",
        "unknown": "иной файл",
    },
}
"""What a fact says when it is one of our own words; anything else stands as it was written."""
SUBJECTS: Mapping[str, str] = {
    "document": "документ",
    "relation": "контрагент",
    "package": "комплект",
    "hold": "запрет",
    "disposal": "акт",
    "person": "сотрудник",
    "entity": "организация",
    "signing_key": "ключ",
    "counterparty": "контрагент",
    "operator_account": "подключение",
    "journal": "журнал",
    "archive": "архив",
    "export": "выгрузка",
    "job": "задание",
    "secrets": "секреты",
    "power_of_attorney": "доверенность",
    "invitation_batch": "список приглашений",
    "odd_event": "новость оператора",
    "evidence": "доказательство хранения",
}
WHOLE = frozenset({"journal", "archive", "secrets"})
"""Subjects of which a company has one: their ids say nothing."""


@dataclass(frozen=True)
class JournalPages:
    """`/o/{org}/office/journal`; `check` verifies a company's chain against the heads kept in the archive."""

    portal: Portal
    check: Callable[[UUID], ChainReport]

    def router(self) -> APIRouter:
        """The routes; adds the section to the menu."""
        self.portal.slots.add_menu(
            MenuSlot(
                key="journal", label="Журнал", icon="book-open", path="/office/journal", order=95, group="setup",
                allowed=lambda viewer: viewer.may(Right.JOURNAL),
            )
        )  # fmt: skip
        found = APIRouter()
        found.add_api_route("/o/{org}/office/journal", self.show, methods=["GET"])
        found.add_api_route("/o/{org}/office/journal/verify", self.verify, methods=["POST"])
        return found

    def show(
        self, request: Request, org: str, q: str = "", kind: str = "", after: str = "", first: int = 1
    ) -> Response:
        """A page of the journal, newest first."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.JOURNAL)
        uow = viewer.uow().reading()
        known = kind if kind in dict(GROUPS) else ""
        with uow:
            found = reading.entries(uow, text=q, prefix=known, after=identifier(after) if after else None, limit=PAGE)
            checked = reading.last(uow, VERIFIED)
        names = self.portal.slots.names(viewer, filter(None, (_thing(row.subject) for row in found.rows)))
        start = max(first, 1) if after else 1
        more = urlencode(
            {"q": q, "kind": known, "after": str(found.rows[-1].id) if found.rows else "", "first": start + PAGE}
        )
        view = views.JournalPage(
            rows=tuple(_row(row, names) for row in found.rows),
            paging=views.Paging(
                shown=len(found.rows),
                total=found.found,
                first=start,
                more_url=f"?{more}" if found.more else "",
                more=min(PAGE, found.found - start - PAGE + 1) if found.more else 0,
            ),
            query=q,
            filters=(
                views.Filter(
                    name="kind",
                    label="Какие события",
                    choices=tuple(
                        views.Choice(value=value, label=label, selected=value == known) for value, label in GROUPS
                    ),
                ),
            ),
            checked=None
            if checked is None
            else status("journal", "broken" if checked.facts.get("problems") else "sound"),
            checked_at=None if checked is None else checked.at,
            checked_note=_note(checked),
            check_url=viewer.url("/office/journal/verify"),
        )
        return self.portal.show(request, "journal.html", view, viewer=viewer, section="journal")

    def verify(self, request: Request, org: str) -> Response:
        """Walk the whole chain, compare it with the heads in the archive; the outcome becomes an entry of the journal."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.JOURNAL)
        uow = viewer.uow()
        report = self.check(viewer.actor.entity)
        with uow:
            uow.journal.write(
                VERIFIED,
                owner_id=viewer.actor.entity,
                subject=f"journal:{viewer.actor.entity}",
                actor=viewer.actor,
                problems=len(report.problems),
                head=report.head.position,
                hash=report.head.hash,
                first=f"{report.problems[0].kind} № {report.problems[0].position}" if report.problems else "",
            )
            uow.commit()
        return see_other(viewer.url("/office/journal"))


def _note(checked: Entry | None) -> str:
    if checked is None:
        return ""
    if checked.facts.get("problems"):
        return f"Нарушений: {checked.facts['problems']}, первое — {checked.facts.get('first', '')}"
    return f"Записей в цепи: {checked.facts.get('head', 0)}"


def _thing(subject: str) -> Thing | None:
    """Kind and id of a subject; None where there is no id."""
    kind, _, id_ = subject.partition(":")
    try:
        return kind, UUID(id_)
    except ValueError:
        return None


def _subject(subject: str, names: Mapping[Thing, views.Subject]) -> views.Subject:
    """The name that people know, else the word of the kind with what is left of the id."""
    thing = _thing(subject)
    if thing is not None and thing in names:
        return names[thing]
    kind, _, id_ = subject.partition(":")
    word = SUBJECTS.get(kind, kind)
    return views.Subject(name=word if thing is None or kind in WHOLE else f"{word} {id_[:8]}…{id_[-4:]}")


def _row(row: Entry, names: Mapping[Thing, views.Subject]) -> views.JournalRow:
    return views.JournalRow(
        position=row.position,
        at=row.at,
        event=EVENTS.get(row.event, row.event),
        actor=_actor(row.actor_name),
        subject=_subject(row.subject, names),
        facts=tuple(
            views.Fact(label=FACTS[name], text=VALUES.get(name, {}).get(str(value)) or _text(value))
            for name, value in row.facts.items()
            if name in FACTS and value not in {"", None}
        ),
        digest=row.hash or "",
    )


def _actor(name: str) -> str:
    """A person's name; duties of the system (`exchange.poll`) are the portal itself."""
    return "Портал, сам" if "." in name and " " not in name else name


def _text(value: Any) -> str:
    text = ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
    if re.fullmatch("[0-9a-f]{64}", text):
        return short_hash(text)
    return text if len(text) <= 60 else f"{text[:57]}…"
