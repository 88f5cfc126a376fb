"""Where the time of `scripts.bench_exchange` goes: the service's own outer parts, each with a stopwatch around it."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import event

from edo_service.bootstrap import Services
from edo_service.exchange.handlers import ExchangeHandlers

OPERATOR, JUDGE, STORE, SQL, COMMIT = (
    "the operator asked over HTTP",
    "signatures verified",
    "files put into the store and read",
    "SQL statements",
    "commits",
)
"""A stopwatch inside another one's time takes it away from that one."""


@dataclass(kw_only=True)
class Spent:
    """Seconds and calls of each part; for one thread."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys((OPERATOR, JUDGE, STORE, SQL, COMMIT), 0.0))
    calls: Counter[str] = field(default_factory=Counter)
    _inner: list[float] = field(default_factory=lambda: [0.0], repr=False)

    @contextlib.contextmanager
    def on(self, name: str) -> Iterator[None]:
        """Count the block for `name`, without what is counted inside it."""
        began = time.perf_counter()
        self._inner.append(0.0)
        try:
            yield
        finally:
            whole, inner = time.perf_counter() - began, self._inner.pop()
            self.note(name, whole, inner=inner)

    def note(self, name: str, whole: float, *, inner: float = 0.0) -> None:
        """Count seconds for `name`."""
        self._inner[-1] += whole
        self.seconds[name] += whole - inner
        self.calls[name] += 1


class _Watched:
    """An object whose calls of some names are counted; everything else is its own."""

    def __init__(self, inner: Any, clock: Spent, name: str, *methods: str) -> None:
        self._inner, self._clock, self._name, self._methods = inner, clock, name, methods

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in self._methods:
            return found

        def counted(*arguments: Any, **named: Any) -> Any:
            with self._clock.on(self._name):
                return found(*arguments, **named)

        return counted


@contextlib.contextmanager
def spying(services: Services, clock: Spent) -> Iterator[ExchangeHandlers]:
    """Handlers like the service's own, whose outer parts and statements are counted while the block lasts."""
    desk = replace(
        services.signing_desk,
        objects=_Watched(services.objects, clock, STORE, "put", "put_all", "get"),
        judge=_Watched(services.judge, clock, JUDGE, "judge"),  # type: ignore[arg-type]  # passes everything on
    )
    handlers = replace(
        services.exchange_handlers,
        desk=desk,
        operators=lambda one: _Watched(services.operator(one), clock, OPERATOR, "content", "contents", "events"),
    )
    with _statements(services, clock):
        yield handlers


@contextlib.contextmanager
def _statements(services: Services, clock: Spent) -> Iterator[None]:
    """Count what the database's driver does: statements until they return, commits until the connection goes back."""
    engine, began = services.database.engine, [0.0, 0.0]

    def before(*_: Any) -> None:
        began[0] = time.perf_counter()

    def after(*_: Any) -> None:
        clock.note(SQL, time.perf_counter() - began[0])

    def commit(_connection: Any) -> None:
        began[1] = time.perf_counter()

    def back(*_: Any) -> None:
        if began[1]:
            clock.note(COMMIT, time.perf_counter() - began[1])
            began[1] = 0.0

    listened: list[tuple[Any, str, Callable[..., None]]] = [
        (engine, "before_cursor_execute", before),
        (engine, "after_cursor_execute", after),
        (engine, "commit", commit),
        (engine.pool, "checkin", back),
    ]
    for target, name, act in listened:
        event.listen(target, name, act)
    try:
        yield
    finally:
        for target, name, act in listened:
            event.remove(target, name, act)
