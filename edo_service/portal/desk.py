"""The pages' common desk: finds out who looks and puts the frame around what an area shows."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from edo_service.errors import DATABASE_AWAY, EdoError, NotLoggedIn
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.clock import Clock
from edo_service.kernel.scope import AnyScope
from edo_service.kernel.uow import UnitOfWork
from edo_service.portal.visitor import Viewer, Visitor
from edo_service.web.pages import Pages
from edo_service.web.problems import Problem
from edo_service.web.security import SESSION_COOKIE, clear_cookie, set_cookie
from edo_service.web.slots import Slots
from edo_service.web.views import OrganizationLink, PersonLink, Shell, Toast

COMPANY_COOKIE = "__Host-edo-company"
SAID_COOKIE = "__Host-edo-said"
YEAR = 365 * 24 * 3600
_BEARER = "Bearer "
_IN_COMPANY = re.compile(r"/o/(?P<org>[^/]+)(?P<path>/.*|)\Z", re.DOTALL)

log = logging.getLogger("edo.web")

#: What is said once on the page after an act whose result lies elsewhere.
SAID: Mapping[str, str] = {
    "sent": "Подписываем и отправляем. Статус обновится сам",
    "signed": "Документ подписан и отправлен",
    "refused": "Отказ подписан и отправлен",
    "doubt_cleared": "Замечание снято",
    "taken_back": "Документ возвращён в черновики",
    "saved": "Черновик сохранён",
    "discarded": "Черновик удалён",
    "all_discarded": "Черновики удалены",
    "some_discarded": "Удалили не все: остальные уже отправляют или изменили",
    "none_discarded": "Ничего не удалили: документ уже отправляют или изменили",
    "session_ended": "Сеанс завершён",
    "sessions_ended": "Все другие сеансы завершены",
    "connected": "Подключено: начали получать документы",
    "checked": "Связь есть",
    "operator_off": "Выключено. Место в ленте сохранено",
    "operator_closing": "Выключаем: сначала уйдёт очередь и придёт то, что ждём",
    "operator_on": "Связь есть, обмен включён",
    "receipts_chosen": "Сохранено: новые извещения пойдут так",
    "relation_asked": "Передаём оператору. Статус обновится сам",
    "odd_settled": "Отмечено как просмотренное",
    "act_approved": "Акт согласован",
    "act_proposed": "Акт предложен. Его согласуют два человека",
    "act_rejected": "Акт отклонён, комплекты остаются в архиве",
    "export_ordered": "Собираем выгрузку. Когда будет готова, придёт письмо",
    "hold_lifted": "Запрет снимается",
    "hold_set": "Запрет действует",
    "search_saved": "Поиск сохранён",
    "term_extended": "Срок хранения продлён",
    "archive_retried": "Передаём комплект в архив ещё раз",
    "answer_repeated": "Отправляем ответ ещё раз",
    "job_retried": "Задание поставлено в очередь ещё раз",
    "power_kept": "Доверенность в реестре",
    "power_revoked": "Доверенность отозвана: подписи по ней больше не принимаем",
    "clarified": "Запрос уточнения подписан, передаём продавцу",
    "already": "Это уже сделано: показываем, что получилось",
    "changed": "Документ успели изменить: показываем, как есть сейчас",
}


@dataclass(frozen=True, kw_only=True)
class Portal:
    """Shared by the pages of every area.

    `authenticate` turns a session's token into a visitor or raises NotLoggedIn; `slots` are filled by the areas.
    """

    pages: Pages
    clock: Clock
    make_uow: Callable[[AnyScope], UnitOfWork]
    authenticate: Callable[[str | None], Visitor]
    slots: Slots[Viewer] = field(default_factory=Slots)

    def token(self, request: Request) -> str | None:
        """The session's token: the cookie of a browser, or the bearer token of a program that has no cookie."""
        cookie = request.cookies.get(SESSION_COOKIE)
        if cookie:
            return cookie
        header = request.headers.get("authorization", "")
        return header.removeprefix(_BEARER).strip() if header.startswith(_BEARER) else None

    def visitor(self, request: Request) -> Visitor:
        """Who is logged in, asked once for a request. NotLoggedIn."""
        known = getattr(request.state, "visitor", None)
        if not isinstance(known, Visitor):
            known = request.state.visitor = self.authenticate(self.token(request))
        return known

    def guest_or_visitor(self, request: Request) -> Visitor | None:
        """Who is logged in, None for a guest."""
        try:
            return self.visitor(request)
        except NotLoggedIn:
            return None

    def viewer(self, request: Request, org: str) -> Viewer:
        """The visitor at work for the company of the address. NotLoggedIn, NotFound."""
        visitor = self.visitor(request)
        return Viewer(visitor=visitor, company=visitor.company(org), now=self.clock.now(), make_uow=self.make_uow)

    def last_company(self, request: Request, visitor: Visitor) -> str:
        """Code of the company she looked at last in this browser, else of the first one."""
        codes = [one.code for one in visitor.companies]
        last = request.cookies.get(COMPANY_COOKIE, "")
        return last if last in codes else codes[0]

    def show(
        self,
        request: Request,
        template: str,
        view: object,
        *,
        viewer: Viewer,
        section: str = "",
        status: int = 200,
        warning: str = "",
    ) -> Response:
        """A page of a company with menu, switcher and person; also remembers the company."""
        code = viewer.company.code
        shell = self._shell(
            request, viewer, section=section, toast=_toast(request), warning=warning or last_day(viewer)
        )
        answer = self._render(request, template, view, shell=shell, status=status)
        if request.cookies.get(COMPANY_COOKIE) != code:
            set_cookie(answer, COMPANY_COOKIE, code, max_age=YEAR)
        return answer

    def show_bare(
        self, request: Request, template: str, view: object, *, visitor: Visitor | None = None, status: int = 200
    ) -> Response:
        """A page outside any company: log-in, profile, appearance."""
        if visitor is None:
            shell = self.pages.shell(request, toast=_toast(request))
        else:
            code = self.last_company(request, visitor)
            viewer = Viewer(
                visitor=visitor, company=visitor.company(code), now=self.clock.now(), make_uow=self.make_uow
            )
            shell = self._shell(request, viewer, toast=_toast(request))
        return self._render(request, template, view, shell=shell, status=status)

    def problem(self, request: Request, problem: Problem) -> Response:
        """An error inside a company keeps its menu for those who work there; the words never depend on who looks.

        Bare for guests, for other people's companies, when the limit was reached (it must stay cheap), when the database
        is away or may be (the request failed before it was known who asks), and when the frame cannot be made.
        """
        found = _IN_COMPANY.match(request.url.path)
        known = isinstance(getattr(request.state, "visitor", None), Visitor)
        away = problem.code == DATABASE_AWAY or (problem.status >= 500 and not known)
        if found is None or problem.status == 429 or away:
            return self.pages.problem(request, problem)
        try:
            viewer = self.viewer(request, found["org"])
            shell = self._shell(request, viewer, section=self.slots.section(found["path"]), warning=last_day(viewer))
            return self.pages.problem(request, problem, shell=shell)
        except EdoError:
            return self.pages.problem(request, problem)
        except Exception:  # the error itself must be told, whatever befalls its frame
            log.exception("request %s: no frame for an error", problem.request_id)
            return self.pages.problem(request, problem)

    def _shell(
        self, request: Request, viewer: Viewer, *, section: str = "", toast: Toast | None = None, warning: str = ""
    ) -> Shell:
        code = viewer.company.code
        return self.pages.shell(
            request,
            person=_person(viewer.visitor, viewer.company.position),
            organizations=_companies(viewer.visitor, code),
            menu=self.slots.menu(viewer, organization=code, section=section),
            search_url=viewer.url("/documents"),
            toast=toast,
            warning=warning,
        )

    def _render(self, request: Request, template: str, view: object, *, shell: Shell, status: int) -> Response:
        answer = self.pages.render(template, view, shell=shell, status=status)
        if SAID_COOKIE in request.cookies:
            clear_cookie(answer, SAID_COOKIE)
        return answer


def last_day(viewer: Viewer) -> str:
    """The warning on the last day of somebody from outside; empty on any other day."""
    company = viewer.company
    if company.until is None or company.until != moscow_date(viewer.now):
        return ""
    return f"Сегодня последний день вашего доступа к {company.name}. Продлить его может {company.ask}."


def see_other(url: str, *, said: str = "") -> RedirectResponse:
    """After a form: go and look (303). `said` is a word of SAID, shown once on the next page."""
    answer = RedirectResponse(url, status_code=303)
    if said:
        set_cookie(answer, SAID_COOKIE, said, max_age=60)
    return answer


def _toast(request: Request) -> Toast | None:
    text = SAID.get(request.cookies.get(SAID_COOKIE, ""))
    return Toast(text=text) if text else None


def _person(visitor: Visitor, position: str) -> PersonLink:
    return PersonLink(name=visitor.name, short_name=visitor.short_name, position=position)


def _companies(visitor: Visitor, current: str) -> tuple[OrganizationLink, ...]:
    return tuple(
        OrganizationLink(id=one.code, name=one.name, inn=one.inn, url=one.home, current=one.code == current)
        for one in visitor.companies
    )
