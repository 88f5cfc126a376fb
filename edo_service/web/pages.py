"""Renders pages: a template, its view model and the shell around it."""

from collections.abc import Mapping, Sequence

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from edo_service.web.problems import TITLES, Problem
from edo_service.web.security import csrf_token
from edo_service.web.theme import Theme
from edo_service.web.views import ErrorPage, Link, MenuEntry, Notifications, OrganizationLink, PersonLink, Shell, Toast


class Pages:
    """Knows the environment and the product's name; made once by `bootstrap`."""

    def __init__(self, environment: Environment, *, brand: str = "Кабинет ЭДО") -> None:
        self._environment = environment
        self._brand = brand

    def shell(
        self,
        request: Request,
        *,
        person: PersonLink | None = None,
        organizations: Sequence[OrganizationLink] = (),
        menu: Sequence[MenuEntry] = (),
        notifications: Notifications | None = None,
        search_url: str = "",
        toast: Toast | None = None,
        warning: str = "",
    ) -> Shell:
        """Build the surroundings of a page from the request and from what accounts know."""
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return Shell(
            token=csrf_token(request),
            theme=Theme.from_cookies(request.cookies),
            path=back,
            brand=self._brand,
            person=person,
            organizations=tuple(organizations),
            menu=tuple(menu),
            notifications=notifications,
            search_url=search_url,
            toast=toast,
            warning=warning,
        )

    def render(
        self,
        template: str,
        view: object,
        *,
        shell: Shell,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """Render a page. A form with refused fields is answered with 422 and the same page."""
        text = self._environment.get_template(template).render(view=view, shell=shell)
        return HTMLResponse(text, status_code=status, headers=dict(headers or {}))

    def problem(self, request: Request, problem: Problem, *, shell: Shell | None = None) -> Response:
        """Render an error for people; without a shell of the caller's it is bare, for making a menu may be what failed."""
        around = shell or self.shell(request)
        current = next((entry for entry in around.menu if entry.current), None)
        view = ErrorPage(
            status=problem.status,
            title=problem.title,
            detail=problem.detail,
            request_id=problem.request_id,
            links=(_way_on(problem, around.home),),
            section=Link(label=current.label, url=current.url) if current else None,
        )
        return self.render("error.html", view, shell=around, status=problem.status, headers=problem.headers)


def _way_on(problem: Problem, home: str) -> Link:
    """The one button of an error."""
    if problem.code in TITLES:
        _, label, url = TITLES[problem.code]
        return Link(label=label, url=url)
    return Link(label="Войти" if problem.status == 401 else "На главную", url=home)
