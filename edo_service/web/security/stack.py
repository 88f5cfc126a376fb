"""The order in which the pieces stand around the application."""

from collections.abc import Collection

from starlette.applications import Starlette
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from edo_service.web.security.forgery import ForgeryGuard, Refuse, TokenKey
from edo_service.web.security.headers import HeadersMiddleware, RequestIdMiddleware
from edo_service.web.security.plain import CrashMiddleware, PlainErrorsMiddleware

#: The largest body: a file of 25 MB (bar 34) with its form around it.
MAX_BODY = 25 * 1024 * 1024 + 64 * 1024


def protect(
    app: Starlette, *, key: TokenKey, refuse: Refuse, hosts: Collection[str] = (), max_body: int = MAX_BODY
) -> None:
    """Put, from outside in: request id, headers, crashes and plain errors as pages, size of the body, forgery."""
    # Starlette puts the last added outermost.
    app.add_middleware(ForgeryGuard, key=key, refuse=refuse, hosts=hosts)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=max_body)
    app.add_middleware(PlainErrorsMiddleware, refuse=refuse)
    app.add_middleware(CrashMiddleware, refuse=refuse)
    app.add_middleware(HeadersMiddleware)
    app.add_middleware(RequestIdMiddleware)
