"""Every screen with made-up data: what the preview application shows and the browser tests walk through."""

from collections.abc import Mapping
from dataclasses import replace

import sample_corrections as corrections
import sample_discarding as discarding
import sample_documents as documents
import sample_exchange as exchange
import sample_papers as papers
import sample_powers as powers
import sample_rooms as rooms
import sample_setup as setup
from sample_base import COMPANIES

from edo_service.accounts.views import ChooseOrganizationPage, CodePage, LoginPage
from edo_service.web.theme import Theme
from edo_service.web.views import AppearancePage, ErrorPage, FieldError, Form, Link

#: Address -> (template, view model, section of the menu; an empty section is a page without log-in).
SCREENS: Mapping[str, tuple[str, object, str]] = {
    "/": ("home.html", rooms.home(), "home"),
    "/home-calm": ("home.html", replace(rooms.home(), todo=(), events=()), "home"),
    "/list": ("documents/list.html", documents.document_list(), "documents"),
    "/list-empty": ("documents/list.html", documents.empty_list(), "documents"),
    "/list-plain": ("documents/list.html", replace(documents.document_list(), bulk=()), "documents"),
    "/new": ("documents/new.html", documents.new_document(), "documents"),
    "/new-refused": ("documents/new.html", documents.new_refused(), "documents"),
    "/parsed": ("documents/parsed.html", documents.parsed(), "documents"),
    "/parsed-broken": ("documents/parsed.html", documents.parsed(broken=True), "documents"),
    "/card": ("documents/card.html", documents.card(), "documents"),
    "/card-ready": ("documents/card.html", documents.card(ready=True), "documents"),
    "/card-sent": ("documents/card.html", documents.card_sent(), "documents"),
    "/card-queued": ("documents/card.html", documents.card_queued(), "documents"),
    "/card-in-doubt": ("documents/card.html", documents.card_in_doubt(), "documents"),
    "/card-refused": ("documents/card.html", documents.card_refused(), "documents"),
    "/card-asked": ("documents/card.html", corrections.card_asked(), "documents"),
    "/card-corrected": ("documents/card.html", corrections.card_corrected(), "documents"),
    "/card-held": ("documents/card.html", corrections.card_held(), "documents"),
    "/card-adjusts": ("documents/card.html", corrections.card_adjusts(), "documents"),
    "/card-draft": ("documents/card.html", documents.card_draft(), "documents"),
    "/discard": ("documents/discard.html", discarding.asked(), "documents"),
    "/discard-several": ("documents/discard.html", discarding.several(), "documents"),
    "/sign": ("documents/sign.html", documents.sign_page(), "documents"),
    "/sign-refused": ("documents/sign.html", documents.sign_refused(), "documents"),
    "/reject": ("documents/reject.html", documents.reject(), "documents"),
    "/reject-refused": ("documents/reject.html", documents.reject(empty=True), "documents"),
    "/clarify": ("documents/reject.html", documents.reject(clarify=True), "documents"),
    "/powers": ("powers/powers.html", powers.register(), "powers"),
    "/powers-refused": ("powers/powers.html", powers.register(wrong=True), "powers"),
    "/powers-none": ("powers/powers.html", powers.register(empty=True), "powers"),
    "/power": ("powers/power.html", powers.power(), "powers"),
    "/text": ("documents/text.html", papers.text_page(), "documents"),
    "/report": ("documents/report.html", papers.report(), "documents"),
    "/search": ("archiving/search.html", rooms.archive_search(), "archive"),
    "/search-start": ("archiving/search.html", rooms.archive_search(searched=False), "archive"),
    "/search-refused": ("archiving/search.html", rooms.archive_search(searched=False, refused=True), "archive"),
    "/search-own": (
        "archiving/search.html",
        replace(rooms.archive_search(), bulk=None, links=(), own=True),
        "archive",
    ),
    "/purpose": ("archiving/purpose.html", rooms.purpose(), "archive"),
    "/purpose-refused": ("archiving/purpose.html", rooms.purpose(refused=True), "archive"),
    "/set": ("archiving/set.html", rooms.archive_set(), "archive"),
    "/exports": ("archiving/exports.html", rooms.exports(), "archive"),
    "/exports-none": ("archiving/exports.html", rooms.exports(empty=True), "archive"),
    "/holds": ("archiving/holds.html", rooms.holds(), "archive"),
    "/hold": ("archiving/hold.html", rooms.hold(), "archive"),
    "/hold-refused": ("archiving/hold.html", rooms.hold(refused=True), "archive"),
    "/hold-new": ("archiving/hold_new.html", rooms.hold_new(), "archive"),
    "/disposal": ("archiving/disposal.html", rooms.disposal(), "archive"),
    "/act": ("archiving/act.html", rooms.act(), "archive"),
    "/incomplete": ("archiving/incomplete.html", rooms.incomplete(), "archive"),
    "/report-integrity": ("archiving/report.html", rooms.report(), "archive"),
    "/counterparties": ("exchange/counterparties.html", exchange.counterparties(), "counterparties"),
    "/relation": ("exchange/relation.html", exchange.relation(), "counterparties"),
    "/find": ("exchange/find.html", exchange.find(), "counterparties"),
    "/import": ("exchange/import.html", exchange.import_(), "counterparties"),
    "/batch": ("exchange/batch.html", exchange.batch(), "counterparties"),
    "/exchange": ("exchange/settings.html", exchange.exchange(), "exchange"),
    "/exchange-none": ("exchange/settings.html", exchange.exchange_none(), "exchange"),
    "/exchange-receipts": ("exchange/receipts.html", exchange.receipts(), "exchange"),
    "/exchange-receipts-none": ("exchange/receipts.html", exchange.receipts(able=False), "exchange"),
    "/exchange-off": ("exchange/switch_off.html", exchange.switch_off(), "exchange"),
    **{f"/setup-{step}": ("exchange/setup.html", setup.set_up(step), "exchange") for step in range(1, 6)},
    "/setup-refused": ("exchange/setup.html", setup.set_up_refused(), "exchange"),
    "/setup-code": ("exchange/setup.html", setup.set_up_code(), "exchange"),
    "/setup-consent": ("exchange/setup.html", setup.set_up_consent(), "exchange"),
    "/setup-credentials": ("exchange/setup.html", setup.set_up_credentials(), "exchange"),
    "/setup-invited": ("exchange/setup.html", setup.set_up_invited(), "exchange"),
    "/annul": ("exchange/annulment.html", exchange.annul(), "documents"),
    "/annul-doubt": (
        "exchange/annulment.html",
        exchange.annul(answering=True, doubt="Подпись недействительна. Попросите контрагента подписать заново."),
        "documents",
    ),
    "/annul-answer": ("exchange/annulment.html", exchange.annul(answering=True), "documents"),
    "/queue": ("exchange/queue.html", exchange.queue(), "exchange"),
    "/queue-none": ("exchange/queue.html", exchange.queue_none(), "exchange"),
    "/organization": ("accounts/organization.html", rooms.organization(), "organization"),
    "/keys": ("keys/keys.html", rooms.keys(), "organization"),
    "/journal": ("journal.html", rooms.journal(), "journal"),
    "/jobs": ("accounts/jobs.html", rooms.jobs(), "jobs"),
    "/jobs-none": ("accounts/jobs.html", replace(rooms.jobs(), rows=(), total=0), "jobs"),
    "/code": (
        "accounts/code.html",
        CodePage(
            form=Form(errors=(FieldError(field="code", message="Код не подошёл. Осталось попыток: 4."),)),
            next="/",
            minutes=10,
        ),
        "",
    ),
    "/sessions": ("accounts/sessions.html", rooms.sessions(), "none"),
    "/appearance": ("appearance.html", AppearancePage(theme=Theme(), next="/", saved=True), "none"),
    "/login": ("accounts/login.html", LoginPage(form=Form()), ""),
    "/login-refused": (
        "accounts/login.html",
        LoginPage(
            form=Form(
                values={"login": "zhukova@"}, errors=(FieldError(field="login", message="Почта или пароль не подошли"),)
            )
        ),
        "",
    ),
    "/choose": ("accounts/choose.html", ChooseOrganizationPage(organizations=COMPANIES), ""),
    "/error": (
        "error.html",
        ErrorPage(
            status=404,
            title="Такой страницы нет",
            detail="Проверьте адрес.",
            request_id="a1b2",
            links=(Link(label="На главную", url="/"),),
        ),
        "",
    ),
}
