"""Health and metrics: `/health/live`, `/health/ready` (200 or 503 with reasons), `/metrics` for callers on this host only."""

import ipaddress
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import archive
from edo_service.archiving.evidence_views import EvidenceState, evidence_state
from edo_service.bootstrap import Services
from edo_service.errors import EdoError
from edo_service.kernel import jobs, journal, schema
from edo_service.keys import queries as keys
from edo_service.safekeeping import queries as safekeeping

LONGEST_LAG = timedelta(minutes=2)
LONGEST_UNSEALED = timedelta(seconds=60)
CERTIFICATE_WARNING = timedelta(days=30)
CANARY_LIFE = timedelta(hours=1)
EVIDENCE_LIFE = timedelta(minutes=10)
Outcome = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check. A warning needs somebody's attention but takes nothing out of service."""

    name: str
    outcome: Outcome
    detail: str = ""


@dataclass(kw_only=True)
class Readiness:
    """Asks everything that must hold before requests are let in.

    A certificate that ends within 30 days is a warning: it concerns one company, and taking the service away from all
    would help nobody. `canary` gives the last report of the clockwork; without one the canary is sung here.
    """

    services: Services
    canary: Callable[[], archive.CanaryReport | None] = lambda: None
    _own: archive.CanaryReport | None = None
    _sung_at: datetime | None = None
    _told: EvidenceState | None = None
    _told_at: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def checks(self) -> list[Check]:
        """All checks, each guarded: what cannot be asked has failed."""
        found = []
        for name, ask in (
            ("database", self._database),
            ("queue", self._queue),
            ("journal", self._journal),
            ("canary", self._canary),
            ("certificates", self._certificates),
            ("scrub", self._scrub),
            ("evidence", self._evidence),
        ):
            try:
                outcome, detail = ask()
            except (EdoError, archive.ArchiveError) as error:
                outcome, detail = "failed", type(error).__name__
            found.append(Check(name=name, outcome=outcome, detail=detail))
        return found

    def _database(self) -> tuple[Outcome, str]:
        """A newer schema is no failure: during an upgrade the older processes go on working until they are replaced."""
        stands, newest = schema.current(self.services.database), schema.newest()
        if stands == newest:
            return "ok", ""
        if stands is not None and not schema.knows(stands):
            return "warning", f"schema {stands} is newer than this code's {newest}"
        return "failed", f"schema {stands}, this code needs {newest}"

    def _queue(self) -> tuple[Outcome, str]:
        lag = jobs.lag(self.services.database, self.services.clock)
        late = {queue: wait for queue, wait in lag.items() if wait > LONGEST_LAG}
        return (
            ("failed", ", ".join(f"{queue} {wait.total_seconds():.0f} s" for queue, wait in late.items()))
            if late
            else ("ok", "")
        )

    def _journal(self) -> tuple[Outcome, str]:
        age = journal.unsealed_age(self.services.database, self.services.clock)
        return ("failed", f"unsealed for {age.total_seconds():.0f} s") if age > LONGEST_UNSEALED else ("ok", "")

    def _canary(self) -> tuple[Outcome, str]:
        report = self.canary() or self._sing()
        broken = [name for name, refused, _ in report.attempts if not refused]
        return ("ok", "") if report.ok else ("failed", ", ".join(broken) or "not sound")

    def _sing(self) -> archive.CanaryReport:
        with self._lock:
            now = self.services.clock.now()
            if self._own is None or self._sung_at is None or now - self._sung_at > CANARY_LIFE:
                self._own, self._sung_at = self.services.canary(), now
            return self._own

    def _certificates(self) -> tuple[Outcome, str]:
        left = certificate_days(self.services)
        if left is None or left > CERTIFICATE_WARNING.days:
            return "ok", ""
        return "warning", f"a signing certificate ends in {left} days"

    def _scrub(self) -> tuple[Outcome, str]:
        """Damage in the archive needs somebody at once, but taking the service away would mend nothing."""
        with self.services.system_uow("health").reading() as uow:
            damaged = safekeeping.damaged(uow)
        return ("warning", f"{damaged} findings in the last scrub of the archive") if damaged else ("ok", "")

    def _evidence(self) -> tuple[Outcome, str]:
        """Roots and renewals that are missing need somebody soon; the service itself can be used. Asked every ten minutes.

        Never a failure: a set without a root rests on its own time-stamp, and what has aged does not come back by turning
        requests away.
        """
        with self._lock:
            now = self.services.clock.now()
            if self._told is None or self._told_at is None or now - self._told_at > EVIDENCE_LIFE:
                uow = self.services.system_uow("health").reading()
                policy = self.services.evidence_desk.policy
                self._told = evidence_state(uow=uow, renew_before=policy.renew_before, pause=policy.pause)
                self._told_at = now
            state = self._told
        said = []
        if state.unrooted:
            said.append(f"{state.unrooted} sets of closed days are under no time-stamped root")
        if state.overdue:
            said.append(
                f"{state.overdue} time-stamps are overdue for renewal, the first ages {state.overdue_until:%Y-%m-%d}"
            )
        if state.aged:
            said.append(f"{state.aged} time-stamps aged without renewal")
        return ("warning", "; ".join(said)) if said else ("ok", "")


def certificate_days(services: Services) -> int | None:
    """Whole days until the first certificate in use ends; None without keys."""
    uow = services.system_uow("health").reading()
    with uow:
        ends = [card.not_after for card in keys.keys(uow)]
    return (min(ends) - services.clock.now()).days if ends else None


@dataclass(frozen=True)
class HealthRoutes:
    """The three addresses."""

    services: Services
    readiness: Readiness
    registry: CollectorRegistry

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter(include_in_schema=False)
        found.add_api_route("/health/live", self.live, methods=["GET"])
        found.add_api_route("/health/ready", self.ready, methods=["GET"])
        found.add_api_route("/metrics", self.metrics, methods=["GET"])
        return found

    def live(self) -> Response:
        """The process answers."""
        return JSONResponse({"status": "live"})

    def ready(self) -> Response:
        """Whether requests may be let in, and why not."""
        checks = self.readiness.checks()
        ready = all(one.outcome != "failed" for one in checks)
        content = {
            "status": "ready" if ready else "not ready",
            "checks": {one.name: {"outcome": one.outcome, "detail": one.detail} for one in checks},
        }
        return JSONResponse(content, 200 if ready else 503)

    def metrics(self, request: Request) -> Response:
        """Prometheus text; to others than this host the page does not exist."""
        if not is_loopback(request):
            raise HTTPException(404)
        return Response(generate_latest(self.registry), media_type="text/plain; version=0.0.4; charset=utf-8")


def is_loopback(request: Request) -> bool:
    """Whether the caller sits on this host."""
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


class StateCollector(Collector):
    """Gauges read when they are asked for."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        """Queue lag, age of the unsealed journal, the scrub, days of the first certificate to end."""
        lag = GaugeMetricFamily("edo_queue_lag_seconds", "How long the oldest due job waits", labels=["queue"])
        for queue, wait in jobs.lag(self._services.database, self._services.clock).items():
            lag.add_metric([queue], wait.total_seconds())
        yield lag
        age = journal.unsealed_age(self._services.database, self._services.clock)
        yield GaugeMetricFamily(
            "edo_journal_unsealed_seconds", "Age of the oldest unchained entry", value=age.total_seconds()
        )
        with self._services.system_uow("health").reading() as uow:
            stands, damaged = safekeeping.last_round(uow), safekeeping.damaged(uow)
        if stands is not None:
            moved = (self._services.clock.now() - stands.moved_at).total_seconds()
            yield GaugeMetricFamily("edo_scrub_idle_seconds", "Since the scrub read something", value=moved)
            yield GaugeMetricFamily("edo_scrub_damaged", "Unrepaired findings of the last whole scrub", value=damaged)
        left = certificate_days(self._services)
        if left is not None:
            yield GaugeMetricFamily("edo_certificate_days", "Days until the first certificate ends", value=left)

    def describe(self) -> Iterator[Metric]:
        """Nothing is asked at registration."""
        return iter(())


class MeasureMiddleware:
    """Counts answers and their seconds by route and status."""

    def __init__(self, app: ASGIApp, *, registry: CollectorRegistry) -> None:
        self.app = app
        self._answers = Counter("edo_http_answers", "Answers", ["method", "route", "status"], registry=registry)
        self._seconds = Histogram("edo_http_seconds", "Seconds to the answer", ["route"], registry=registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Measure; other kinds of connection pass untouched."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note)
        finally:
            route = str(getattr(scope.get("route"), "path", "") or "none")
            self._answers.labels(scope["method"] if scope["method"] in METHODS else "OTHER", route, str(status)).inc()
            self._seconds.labels(route).observe(time.perf_counter() - began)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
