"""How many state-changing requests one address may make: beyond that 429 with Retry-After (ASVS 5.0 2.4.1)."""

import math
from datetime import timedelta

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from edo_service.web.security.forgery import Refuse
from edo_service.web.security.limits import RateLimiter, client_address

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
WRITES_A_MINUTE = 600
_MINUTE = timedelta(minutes=1)


class ThrottleMiddleware:
    """Counts writes by the peer's address; reads are not counted. 600 a minute is above two hundred signatures by hand."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        limiter: RateLimiter,
        refuse: Refuse,
        limit: int = WRITES_A_MINUTE,
        per: timedelta = _MINUTE,
    ) -> None:
        self._app = app
        self._limiter = limiter
        self._refuse = refuse
        self._limit = limit
        self._per = per

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through or answer 429."""
        if scope["type"] != "http" or scope["method"] in SAFE:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        wait = self._limiter.take(f"write:{client_address(request)}", limit=self._limit, per=self._per)
        if wait is None:
            await self._app(scope, receive, send)
            return
        response = await self._refuse(request, 429, "http.429")
        response.headers["Retry-After"] = str(max(1, math.ceil(wait.total_seconds())))
        await response(scope, receive, send)
