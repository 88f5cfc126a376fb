"""Asking whether drafts shall be deleted: one, and several of which one stays."""

from edo_service.documents.views_discarding import DiscardPage, UnwantedRow
from edo_service.web.views import Link

LIST = Link(label="Черновики", url="/list")
DRAFT = UnwantedRow(
    id="1", title="УПД № 0421-Л от 20.11.2026", url="/card-draft", counterparty="ООО «Северный экспресс»"
)
FIX = UnwantedRow(
    id="2", title="УПД № 0417-Л от 17.11.2026, исправление № 1", url="/card-draft", counterparty="ООО «Вектор»",
    note="Составлен к: УПД № 0417-Л от 17.11.2026. Там ничего не изменится",
)  # fmt: skip
QUEUED = UnwantedRow(
    id="3", title="УПД № 0422-Л от 20.11.2026", url="/card-queued", counterparty="ООО «Вектор»",
    obstacle="Документ уже в очереди на отправку. Верните его в черновики, потом удаляйте.",
)  # fmt: skip


def asked() -> DiscardPage:
    return DiscardPage(back=Link(label=DRAFT.title, url="/card-draft"), rows=(DRAFT,), kept=(), action="/list")


def several() -> DiscardPage:
    return DiscardPage(back=LIST, rows=(DRAFT, FIX), kept=(QUEUED,), action="/list")
