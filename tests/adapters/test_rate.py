"""One contract for both rate limiters, and the middleware that asks them."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from edo_service.adapters.rate_redis import RedisRateLimiter
from edo_service.web.security import MemoryRateLimiter, RateLimiter, ThrottleMiddleware

LONG, SHORT = timedelta(minutes=10), timedelta(milliseconds=200)


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.full)])
def limiter(request: pytest.FixtureRequest) -> Iterator[RateLimiter]:
    if request.param == "memory":
        yield MemoryRateLimiter()
        return
    found = RedisRateLimiter(request.getfixturevalue("redis_url"))
    yield found
    found.close()


def test_tries_beyond_the_limit_are_told_how_long_to_wait(limiter: RateLimiter) -> None:
    assert [limiter.take("a", limit=2, per=LONG) for _ in range(2)] == [None, None]
    wait = limiter.take("a", limit=2, per=LONG)
    assert wait is not None
    assert timedelta(0) < wait <= LONG
    assert limiter.take("b", limit=2, per=LONG) is None


def test_a_refused_try_is_not_counted_and_the_window_slides(limiter: RateLimiter) -> None:
    assert limiter.take("a", limit=1, per=SHORT) is None
    deadline = time.monotonic() + 60
    while limiter.take("a", limit=1, per=SHORT) is not None:
        assert time.monotonic() < deadline


def test_a_redis_that_is_away_lets_requests_through() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        away = RedisRateLimiter(f"redis://127.0.0.1:{taken.getsockname()[1]}/0")
        assert away.take("a", limit=1, per=LONG) is None
        assert away.take("a", limit=1, per=LONG) is None
        away.close()


def test_writes_are_counted_and_reads_are_not() -> None:
    async def refuse(_request: Request, status: int, code: str) -> Response:
        return PlainTextResponse(code, status_code=status)

    app = Starlette(routes=[Route("/", lambda _request: PlainTextResponse("ok"), methods=["GET", "POST"])])
    app.add_middleware(ThrottleMiddleware, limiter=MemoryRateLimiter(), refuse=refuse, limit=2, per=LONG)
    with TestClient(app) as client:
        assert [client.post("/").status_code for _ in range(3)] == [200, 200, 429]
        assert int(client.post("/").headers["Retry-After"]) > 0
        assert client.get("/").status_code == 200
