"""Health and metrics."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

import archive
import signing
from edo_service import bootstrap
from edo_service.accounts.rules import EntityKind
from edo_service.accounts.use_cases.set_up import NewEntity, create_entity
from edo_service.bootstrap import Services
from edo_service.demo.companies import LESSOR
from edo_service.kernel import journal, schema
from edo_service.kernel.actor import Actor
from edo_service.kernel.clock import MovableClock, SystemClock
from edo_service.kernel.journal import PLATFORM
from edo_service.keys.rules import Purpose
from edo_service.keys.use_cases import NewKey
from edo_service.main import health
from edo_service.main.health import Readiness
from edo_service.portal import draw
from edo_service.settings import Settings
from tests.portal.conftest import Live


def test_a_running_portal_is_live_and_ready(live: Live) -> None:
    with httpx2.Client(timeout=180, trust_env=False) as client:
        assert client.get(f"{live.url}/health/live").json() == {"status": "live"}
        answer = client.get(f"{live.url}/health/ready")
    assert answer.status_code == 200, answer.text
    assert set(answer.json()["checks"]) == {
        "database",
        "queue",
        "journal",
        "canary",
        "certificates",
        "scrub",
        "evidence",
    }


@pytest.fixture
def still(tmp_path: Path) -> Iterator[tuple[Services, MovableClock]]:
    """Services over an empty migrated database where nothing works by itself and the clock is ours."""
    clock = MovableClock(SystemClock().now())
    settings = Settings(data_dir=tmp_path)
    schema.upgrade(settings.database)
    services = bootstrap.build(settings, clock=clock)
    yield services, clock
    services.close()


def outcomes(services: Services, **changes: Callable[[], archive.CanaryReport]) -> dict[str, str]:
    """Outcomes of the checks."""
    return {one.name: one.outcome for one in Readiness(services=services, **changes).checks()}


def test_a_harmed_canary_makes_it_not_ready(still: tuple[Services, MovableClock]) -> None:
    services, _ = still
    sung = services.canary()
    harmed = archive.CanaryReport(ok=False, attempts=((sung.attempts[0][0], False, "deleted"),))
    assert outcomes(services, canary=lambda: sung)["canary"] == "ok"
    assert outcomes(services, canary=lambda: harmed)["canary"] == "failed"
    assert outcomes(services)["canary"] == "ok"


def test_an_unsealed_journal_and_a_late_queue_make_it_not_ready(still: tuple[Services, MovableClock]) -> None:
    services, clock = still
    uow = services.system_uow("demo")
    with uow:
        uow.journal.write("test.happened", owner_id=PLATFORM, subject="test:1", actor=Actor.system("demo"))
        uow.jobs.put("test.late", owner_id=None, queue="signing")
        uow.commit()
    assert set(outcomes(services).values()) == {"ok"}
    clock.move(timedelta(minutes=3))
    found = outcomes(services)
    assert found["journal"] == found["queue"] == "failed"
    assert found["database"] == "ok"
    journal.seal(services.database, clock)
    assert outcomes(services)["journal"] == "ok"


def test_a_certificate_that_ends_soon_is_a_warning(live: Live, still: tuple[Services, MovableClock]) -> None:
    services, clock = still
    entity = live.pki.entity("lessor_organization")
    actor, uow = Actor.system("accounts.set_up"), services.system_uow("accounts.set_up")
    new = NewEntity(kind=EntityKind.LESSOR, name=LESSOR.name, inn=LESSOR.inn, kpp=LESSOR.kpp)
    owner = create_entity(new, actor=actor, uow=uow)
    own = Actor.automatic("demo", owner)
    key = NewKey(
        label="key",
        purpose=Purpose.ORGANIZATION,
        private_key=signing.export_private_key(entity.key),
        certificate=entity.certificate.der,
    )
    services.keys.keep(key, actor=own, uow=services.uow(own.scope))
    journal.seal(services.database, clock)
    assert outcomes(services)["certificates"] == "ok"
    clock.set(entity.certificate.not_after - timedelta(days=12))
    assert outcomes(services)["certificates"] == "warning"


def test_an_old_schema_makes_it_not_ready(still: tuple[Services, MovableClock]) -> None:
    services, _ = still
    schema.downgrade(services.settings.database, "-1")
    assert outcomes(services)["database"] == "failed"


def test_a_schema_of_newer_code_leaves_older_processes_in_service(still: tuple[Services, MovableClock]) -> None:
    services, _ = still
    with services.database.transaction() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert outcomes(services)["database"] == "warning"


def test_metrics_are_for_this_host_only(live: Live) -> None:
    with httpx2.Client(timeout=180, trust_env=False) as client:
        client.get(f"{live.url}/login")
        answer = client.get(f"{live.url}/metrics")
    assert answer.status_code == 200
    assert 'edo_http_answers_total{method="GET",route="/login",status="200"}' in answer.text
    assert "edo_journal_unsealed_seconds" in answer.text
    for host, expected in (("127.0.0.1", True), ("::1", True), ("10.0.0.8", False), ("testclient", False)):
        scope = {"type": "http", "client": (host, 1), "headers": []}
        assert health.is_loopback(health.Request(scope)) is expected


def test_the_child_that_draws_limits_itself() -> None:
    assert draw.CPU_SECONDS <= 15
    assert draw.MEMORY <= 2 * 1024**3
