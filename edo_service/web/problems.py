"""Errors -> HTTP, in one place: a class of `edo_service.errors` has one status; words come from `edo_service.texts`.

Under `/api` (and `/health`) an error is RFC 9457 `application/problem+json`, elsewhere a Russian page. A page never
shows a trace, a path or SQL; it shows the request's id. A foreign thing and an absent one look the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from edo_service.errors import (
    AccessOver,
    Conflict,
    EdoError,
    Forbidden,
    Gone,
    NotFound,
    NotLoggedIn,
    RateLimited,
    Rejected,
    Unavailable,
)
from edo_service.web.security import request_id

#: The most exact class that fits decides.
STATUSES: tuple[tuple[type[EdoError], int], ...] = (
    (NotFound, 404),
    (Gone, 410),
    (NotLoggedIn, 401),
    (AccessOver, 403),
    (Forbidden, 403),
    (Conflict, 409),
    (Rejected, 422),
    (RateLimited, 429),
    (Unavailable, 503),
)

#: Status -> (title, what to do). The same words for every 404, so that nothing is learnt from them.
WORDS: Mapping[int, tuple[str, str]] = {
    400: ("Запрос не разобрать", "Вернитесь на страницу и повторите действие."),
    401: ("Нужно войти", "Сеанс закончился или ещё не начат. Войдите, и мы вернём вас на эту страницу."),
    403: ("Сюда нет доступа", "Для этого действия нужно право, которого у вас нет. Его даёт администратор компании."),
    404: ("Такой страницы нет", "Проверьте адрес. Возможно, документ удалён или принадлежит другой компании."),
    405: ("Так открыть нельзя", "Вернитесь на страницу и нажмите кнопку ещё раз."),
    409: ("Состояние уже изменилось", "Кто-то успел раньше. Обновите страницу и посмотрите, что получилось."),
    410: ("Документ уничтожен", "Срок хранения вышел, документ уничтожен по акту. Восстановить его нельзя."),
    413: ("Файл слишком велик", "Принимаем файлы до 25 МБ. Уменьшите файл или разделите его."),
    422: ("Данные не приняты", "Исправьте то, что указано ниже, и отправьте снова."),
    429: ("Слишком много попыток", "Подождите и повторите."),
    500: ("Действие не выполнено", "Неполадка на нашей стороне. Мы уже записали её. Обновите страницу через минуту."),
    503: ("Сейчас не отвечаем", "Подождите минуту и обновите страницу. Введённое осталось в форме."),
}
#: Code -> (title, what the button says, where it leads), where the status alone says too little.
TITLES: Mapping[str, tuple[str, str, str]] = {
    "account.access_over": ("Доступ закончился", "Войти с другой учётной записью", "/login"),
}
#: Refusals of the web itself, by code.
REFUSALS: Mapping[str, str] = {
    "request.cross_site": "Запрос пришёл с чужого сайта. Откройте портал и повторите действие здесь.",
    "request.token": "Страница устарела. Обновите её и повторите действие: введённое мы не сохранили.",
    "request.too_large": "Принимаем файлы до 25 МБ. Уменьшите файл или разделите его.",
    "request.method": "Вернитесь на страницу и нажмите кнопку ещё раз.",
}

Phrase = Callable[[str, Mapping[str, object]], str | None]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """An error in words. `detail` may be the same as the general advice of the status."""

    status: int
    code: str
    title: str
    detail: str
    request_id: str
    retry_after: int | None = None
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def headers(self) -> dict[str, str]:
        """`Retry-After` in seconds where it is known."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}

    def json(self) -> dict[str, object]:
        """The members of RFC 9457 and ours: `code`, `request_id`, `errors`."""
        found: dict[str, object] = {
            "type": f"urn:edo:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": self.request_id,
        }
        if self.fields:
            found["errors"] = [{"field": field, "detail": detail} for field, detail in self.fields]
        return found


def status_of(error: EdoError) -> int:
    """HTTP status of an error: the most derived class of the table wins; 500 for a bare EdoError."""
    found = [(len(kind.__mro__), status) for kind, status in STATUSES if isinstance(error, kind)]
    return max(found)[1] if found else 500


class Problems:
    """Turns errors into answers. `page` renders a Problem for people, `phrase` gives the words of a code or None."""

    def __init__(self, *, page: Callable[[Request, Problem], Response], phrase: Phrase) -> None:
        self._page = page
        self._phrase = phrase

    def install(self, app: FastAPI) -> None:
        """Register for our errors, the framework's HTTP errors and refused input."""
        app.add_exception_handler(EdoError, self._on_edo_error)
        app.add_exception_handler(HTTPException, self._on_http_error)
        app.add_exception_handler(RequestValidationError, self._on_bad_input)

    async def refuse(self, request: Request, status: int, code: str) -> Response:
        """Answer for the middleware, which refuses before any route is found."""
        return await self._answer(request, self._problem(request, status, code, REFUSALS.get(code)))

    async def _answer(self, request: Request, problem: Problem) -> Response:
        """`answer` beside the loop: the page may ask the database who looks."""
        return await run_in_threadpool(self.answer, request, problem)

    def answer(self, request: Request, problem: Problem) -> Response:
        """The problem as JSON for programs, as a page for people; a page without log-in leads to the log-in."""
        if request.url.path.startswith(("/api/", "/health/")):
            return JSONResponse(
                problem.json(), problem.status, headers=problem.headers, media_type="application/problem+json"
            )
        if problem.status == 401 and request.method == "GET":
            return RedirectResponse(login_url(request), status_code=303)
        return self._page(request, problem)

    def of(self, request: Request, error: EdoError) -> Problem:
        """Our error in words."""
        status = status_of(error)
        # What is said of 404 never depends on what was looked for.
        words = None if status in {404, 500} else self._phrase(error.code, error.params)
        code = "not_found" if status == 404 else error.code
        retry = int(error.retry_after.total_seconds()) + 1 if isinstance(error, RateLimited) else None
        return self._problem(request, status, code, words, retry_after=retry)

    def _problem(
        self,
        request: Request,
        status: int,
        code: str,
        detail: str | None,
        *,
        retry_after: int | None = None,
        fields: tuple[tuple[str, str], ...] = (),
    ) -> Problem:
        title, advice = WORDS.get(status) or WORDS[500 if status >= 500 else 400]
        title = TITLES[code][0] if code in TITLES else title
        return Problem(
            status=status,
            code=code,
            title=title,
            detail=detail or advice,
            request_id=request_id(request),
            retry_after=retry_after,
            fields=fields,
        )

    async def _on_edo_error(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, EdoError):
            raise error
        return await self._answer(request, self.of(request, error))

    async def _on_http_error(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        response = await self._answer(
            request, self._problem(request, error.status_code, f"http.{error.status_code}", None)
        )
        for name, value in (error.headers or {}).items():
            response.headers.setdefault(name, value)
        return response

    async def _on_bad_input(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            raise error
        fields = tuple((".".join(str(step) for step in row["loc"][1:]), "поле не принято") for row in error.errors())
        return await self._answer(request, self._problem(request, 422, "request.fields", None, fields=fields))


def login_url(request: Request) -> str:
    """The log-in page that leads back here afterwards."""
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/login?next={quote(back, safe='/')}"


def safe_next(target: str | None) -> str:
    """Where to go after log-in: a path of this host or the home page (no open redirect)."""
    if target and target.startswith("/") and not target.startswith(("//", "/\\")) and "\n" not in target:
        return target
    return "/"
