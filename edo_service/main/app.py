"""The application: security around, pages and API of every area inside, errors in words."""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI
from prometheus_client import CollectorRegistry

from archive import CanaryReport
from edo_service.accounts import pages as accounts_pages
from edo_service.accounts.api import AccountsApi
from edo_service.accounts.rules import SessionTimes
from edo_service.accounts.use_cases.log_in import LoggedIn, access_over, authenticate
from edo_service.archiving import pages as archiving_pages
from edo_service.archiving.api import ArchiveApi
from edo_service.bootstrap import Services
from edo_service.documents import api as documents_api
from edo_service.documents import pages as documents_pages
from edo_service.exchange.api import ExchangeApi
from edo_service.exchange.pages import ExchangePages, ExchangePorts
from edo_service.exchange.use_cases.capabilities import carries_requests
from edo_service.exchange.use_cases.ukd import OperatorUkd
from edo_service.kernel.scope import SystemScope
from edo_service.keys.pages import KeyPages
from edo_service.main.health import HealthRoutes, MeasureMiddleware, Readiness, StateCollector
from edo_service.portal import Company, Portal, Visitor
from edo_service.portal.api import Door
from edo_service.portal.pictures import Pictures
from edo_service.powers.pages import PowerPages
from edo_service.settings import Settings
from edo_service.texts import phrase
from edo_service.texts.errors import PHRASES
from edo_service.web.assets import ensure_built
from edo_service.web.characters import refuse_odd_characters
from edo_service.web.environment import make_environment
from edo_service.web.pages import Pages
from edo_service.web.problems import Problems
from edo_service.web.security import MemoryRateLimiter, RateLimiter, ThrottleMiddleware, TokenKey, protect
from edo_service.web.static_files import StaticFiles

BRAND = "Кабинет ЭДО"


def create_app(services: Services, *, canary: Callable[[], CanaryReport | None] = lambda: None) -> FastAPI:
    """The whole portal over the services. Starts nothing: threads and servers are `run`'s.

    `canary` gives the clockwork's last report when one ticks in this process.
    """
    ensure_built()
    static = StaticFiles()
    pages = Pages(make_environment(static), brand=BRAND)
    portal = Portal(
        pages=pages,
        clock=services.clock,
        make_uow=services.uow,
        authenticate=lambda token: visitor(token, services),
    )
    problems = Problems(page=portal.problem, phrase=words)
    # The documentation pages of the framework load scripts from other hosts; docs/api.md is the text.
    app = FastAPI(
        title="edo", version="1", openapi_url="/api/v1/openapi.json", docs_url=None, redoc_url=None,
        swagger_ui_oauth2_redirect_url=None, dependencies=[Depends(refuse_odd_characters)],
    )  # fmt: skip
    public = services.settings.public_url
    hosts = {urlsplit(public).netloc.lower()} if public else set()
    app.add_middleware(ThrottleMiddleware, limiter=limiter(services.settings), refuse=problems.refuse)
    protect(app, key=TokenKey(token_secret(services.settings)), refuse=problems.refuse, hosts=hosts)
    problems.install(app)
    app.router.routes.append(static.route())
    visits = archiving_pages.Visits(portal, archiving_pages.PurposeSeal(token_secret(services.settings)))
    app.add_exception_handler(archiving_pages.PurposeNeeded, archiving_pages.LeadToQuestion(problems))
    for router in _documents(services, portal, Door(portal, problems)):
        app.include_router(router, dependencies=[Depends(archiving_pages.ContentGate(visits))])
    for router in (*_pages(services, portal, visits), *_api(services, Door(portal, problems))):
        app.include_router(router)
    registry = CollectorRegistry()
    registry.register(StateCollector(services))
    registry.register(services.calls)
    health = HealthRoutes(services, Readiness(services=services, canary=canary), registry)
    app.include_router(health.router())
    app.add_middleware(MeasureMiddleware, registry=registry)
    return app


def _documents(services: Services, portal: Portal, door: Door) -> Iterator[APIRouter]:
    """Pages and API of documents: what lies in the archive too is behind the archive's gate here."""
    yield documents_pages.router(
        portal,
        documents_pages.DocumentPorts(
            objects=services.objects,
            desk=services.signing_desk,
            keys=services.keys,
            pictures=Pictures(),
            official=services.official_schemas,
            ukd=OperatorUkd(operators=services.operator),
        ),
    )
    yield documents_api.router(
        door,
        documents_api.ApiPorts(
            objects=services.objects,
            desk=services.signing_desk,
            keys=services.keys,
            carries_requests=partial(carries_requests, operators=services.operator),
            official=services.official_schemas,
            ukd=OperatorUkd(operators=services.operator),
        ),
    )


def _pages(services: Services, portal: Portal, visits: archiving_pages.Visits) -> Iterator[APIRouter]:
    yield accounts_pages.router(portal, check_journal=services.verify_journal, step=services.second_step)
    yield archiving_pages.router(
        portal, archiving_pages.ArchivePorts(desk=services.archive_desk, shelf=services.export_shelf), visits
    )
    exchange = ExchangePorts(
        operators=services.operator,
        secrets=services.secrets,
        desk=services.signing_desk,
        keys=services.keys,
        demo=services.settings.demo,
        cabinets=services.cabinets,
    )
    yield ExchangePages(portal, exchange).router()
    yield KeyPages(portal).router()
    yield PowerPages(portal, services.power_desk).router()


def _api(services: Services, door: Door) -> Iterator[APIRouter]:
    yield AccountsApi(door.portal, services.second_step.demanded).router()
    yield ExchangeApi(door).router()
    yield ArchiveApi(door, services.archive_desk).router()


def limiter(settings: Settings) -> RateLimiter:
    """One window for all processes in Redis where there is one, else this process's own."""
    if settings.redis_url is None:
        return MemoryRateLimiter()
    from edo_service.adapters.rate_redis import RedisRateLimiter

    return RedisRateLimiter(settings.redis_url.get_secret_value())


def words(code: str, params: Mapping[str, object]) -> str | None:
    """The phrase of a code, None when there is none (the general advice of the status is shown then)."""
    return phrase(code, "ru", **params) if code in PHRASES else None


def token_secret(settings: Settings) -> bytes:
    """The key of form tokens, derived from the newest sealing key: the same in all processes, useless for sealing."""
    keys = settings.sealing_keys or (settings.secret_key_file.read_bytes(),)
    return hmac.new(keys[0], b"edo form tokens", hashlib.sha256).digest()


def visitor(token: str | None, services: Services) -> Visitor:
    """Who the session's token belongs to. NotLoggedIn."""
    settings = services.settings
    times = SessionTimes(idle=settings.session_idle, life=settings.session_life)
    uow = services.uow(SystemScope("accounts.log_in"))
    found = authenticate(token, times=times, uow=uow)
    return Visitor(
        person_id=found.person_id,
        session_id=found.session_id,
        login=found.login,
        name=found.name,
        companies=_companies(found),
        ended={one.entity.code: partial(access_over, one, uow=uow) for one in found.ended},
    )


def _companies(found: LoggedIn) -> tuple[Company, ...]:
    return tuple(
        Company(
            code=one.entity.code, name=one.entity.name, inn=one.entity.inn, position=one.position, actor=one.actor,
            until=one.until, ask=one.ask,
        )
        for one in found.organizations
    )  # fmt: skip
