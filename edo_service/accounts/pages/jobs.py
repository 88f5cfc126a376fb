"""«Задания»: what the machine gave up, why, and the button to try again."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from edo_service.accounts.use_cases.jobs import list_dead, retry_job
from edo_service.accounts.views import JobRow, JobsPage
from edo_service.errors import Conflict
from edo_service.kernel.actor import Right
from edo_service.kernel.jobs import DeadJob
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import identifier
from edo_service.texts.failures import JOBS, failure_words
from edo_service.web import views
from edo_service.web.slots import MenuSlot

EMPTY = views.Empty(
    title="Прерванных заданий нет",
    text="Здесь появится то, что портал не смог сделать сам: подписать, отправить, передать в архив.",
)


@dataclass(frozen=True)
class JobPages:
    """`/o/{org}/office/jobs`, `…/retry`."""

    portal: Portal

    def router(self) -> APIRouter:
        """The routes; adds the section to the administrator's menu."""
        self.portal.slots.add_menu(
            MenuSlot(
                key="jobs", label="Задания", icon="queue-list", path="/office/jobs", order=96, group="setup",
                allowed=lambda viewer: viewer.may(Right.JOBS), count=_count,
            )
        )  # fmt: skip
        found = APIRouter()
        found.add_api_route("/o/{org}/office/jobs", self.show, methods=["GET"])
        found.add_api_route("/o/{org}/office/jobs/retry", self.retry, methods=["POST"])
        return found

    def show(self, request: Request, org: str) -> Response:
        """The company's jobs that gave up, newest first."""
        viewer = self.portal.viewer(request, org)
        found = list_dead(actor=viewer.actor, uow=viewer.uow())
        view = JobsPage(
            rows=tuple(_row(one, viewer) for one in found.rows),
            total=found.found,
            retry_url=viewer.url("/office/jobs/retry"),
            empty=EMPTY,
        )
        return self.portal.show(request, "accounts/jobs.html", view, viewer=viewer, section="jobs")

    def retry(self, request: Request, org: str, job: Annotated[str, Form()] = "") -> Response:
        """Let it run again; one that runs already is no error to a person."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.JOBS)
        said = "job_retried"
        try:
            retry_job(identifier(job), actor=viewer.actor, uow=viewer.uow())
        except Conflict:
            said = "changed"
        return see_other(viewer.url("/office/jobs"), said=said)


def _count(viewer: Viewer) -> int:
    return list_dead(actor=viewer.actor, uow=viewer.uow()).found


def _row(job: DeadJob, viewer: Viewer) -> JobRow:
    document = str(job.payload.get("document_id") or "")
    return JobRow(
        id=str(job.id),
        title=JOBS.get(job.kind, job.kind),
        document_url=viewer.url(f"/documents/{document}") if document else "",
        ended_at=job.ended_at,
        attempts=job.attempts,
        reason=failure_words(job.error),
        recorded=job.error,
    )
