"""Made-up view models of a document that is to be corrected, or was."""

from dataclasses import replace

import sample_documents as documents

from edo_service.documents import views as doc
from edo_service.exchange.pages.correction import TEXTS
from edo_service.exchange.pages.held import KEPT
from edo_service.exchange.views import CorrectionPanel, HeldPanel, Reference
from edo_service.web.statuses import status
from edo_service.web.views import Link, Panel


def card_asked() -> doc.CardPage:
    """The seller's card: the buyer asks for a correction."""
    return replace(
        documents.card_sent(),
        status=status("correction", "required"),
        other_statuses=(),
        waiting="",
        refresh_url="",
        panels=(
            _correction(
                CorrectionPanel(
                    status=status("correction", "required"),
                    text=TEXTS["required"],
                    asked="Цена за ноябрь другая: 600 000,00 вместо 601 200,00",
                    url="/new",
                    label="Загрузить исправление или УКД",
                    todo=True,
                )
            ),
        ),
    )


def card_corrected() -> doc.CardPage:
    """The buyer's card: a correction has come in the middle of a chain."""
    other = Link(label="УПД № 0420-Л от 20.11.2026, исправление № 2 от 24.11.2026", url="/card")
    return replace(
        card_asked(),
        status=status("correction", "corrected"),
        waiting="Документ исправлен: отвечать нужно на исправление.",
        panels=(
            _correction(
                CorrectionPanel(
                    status=status("correction", "corrected"),
                    text=TEXTS["corrected"],
                    asked="Цена за ноябрь другая",
                    references=(
                        Reference(word="Исправляет", link=Link(label="УПД № 0420-Л от 20.11.2026", url="/card")),
                        Reference(word="Исправлен, см.", link=other),
                    ),
                )
            ),
        ),
    )


def card_adjusts() -> doc.CardPage:
    """The seller's card of an УКД: one of the documents that it corrects was paper."""
    here = Link(label="УПД № 0420-Л от 20.11.2026", url="/card")
    paper = Link(label="УПД № 17 от 01.03.2026 (на портале его нет)", url="")
    return replace(
        documents.card_sent(),
        panels=(
            _correction(
                CorrectionPanel(
                    status=None,
                    text="",
                    references=(
                        Reference(word="Корректирует", link=here),
                        Reference(word="Корректирует", link=paper),
                    ),
                )
            ),
        ),
    )


def card_held() -> doc.CardPage:
    """The buyer's card: the operator has refused her answer for want of payment, the signature is kept."""
    return replace(
        documents.card_sent(),
        status=status("response", "signing"),
        other_statuses=(),
        trouble="Оператор не принял ваш ответ: Тариф не оплачен. Подпись сохранена: устраните причину и отправьте ответ ещё раз.",
        waiting="",
        panels=(
            Panel(
                template="exchange/held_panel.html",
                view=HeldPanel(
                    title="Ответ не отправлен",
                    text="Диадок не принял ваш ответ.",
                    reason="У оператора не оплачен доступ к обмену.",
                    kept=KEPT,
                    trace_id="0af7651916cd43dd8448eb211c80319c",
                    action="/card-held",
                ),
                place="act",
            ),
        ),
    )


def _correction(view: CorrectionPanel) -> Panel:
    return Panel(template="exchange/correction_panel.html", view=view, place="aside")
