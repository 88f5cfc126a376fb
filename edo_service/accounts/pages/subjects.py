"""What people, companies and jobs are called where the journal tells of them."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from uuid import UUID

from sqlalchemy import select

from edo_service.accounts.queries import full_name
from edo_service.accounts.tables import Membership, Person
from edo_service.kernel.jobs import Job
from edo_service.portal import Portal, Viewer
from edo_service.texts.failures import JOBS
from edo_service.web.views import Subject


def add_names(portal: Portal) -> None:
    """Fill the area's places in the journal."""
    portal.slots.add_names("person", name_people)
    portal.slots.add_names("entity", name_company)
    portal.slots.add_names("job", name_jobs)


def name_people(viewer: Viewer, ids: AbstractSet[UUID]) -> Mapping[UUID, Subject]:
    """Those who work or worked for this company."""
    query = (
        select(Person.id, Person.surname, Person.given_name, Person.patronymic)
        .join(Membership, Membership.person_id == Person.id)
        .where(Person.id.in_(ids), Membership.owner_id == viewer.actor.entity)
    )
    uow = viewer.uow().reading()
    with uow:
        rows = uow.session.execute(query).all()
    return {
        row.id: Subject(
            name=full_name(row.surname, row.given_name, row.patronymic),
            note="сотрудник",
            url=viewer.url("/organisation"),
        )
        for row in rows
    }


def name_company(viewer: Viewer, ids: AbstractSet[UUID]) -> Mapping[UUID, Subject]:
    """The company itself."""
    own = viewer.actor.entity
    return {own: Subject(name=viewer.company.name, url=viewer.url("/organisation"))} if own in ids else {}


def name_jobs(viewer: Viewer, ids: AbstractSet[UUID]) -> Mapping[UUID, Subject]:
    """What the job does."""
    query = select(Job.id, Job.kind).where(Job.id.in_(ids), Job.owner_id == viewer.actor.entity)
    uow = viewer.uow().reading()
    with uow:
        rows = uow.session.execute(query).all()
    return {row.id: Subject(name=JOBS.get(row.kind, row.kind), note="задание") for row in rows}
