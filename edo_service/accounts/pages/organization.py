"""The organisation's card and its people."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from edo_service.accounts import queries
from edo_service.accounts.queries import MemberCard
from edo_service.accounts.views import OrganizationPage, PersonRow
from edo_service.kernel.actor import Right
from edo_service.portal import Portal
from edo_service.web import views
from edo_service.web.slots import MenuSlot
from edo_service.web.statuses import status

#: What a right allows, for people; rights not listed say nothing to them.
RIGHTS = {
    Right.READ: "видит документы",
    Right.UPLOAD: "загружает",
    Right.SIGN: "подписывает",
    Right.ARCHIVE_SEARCH: "ищет в архиве",
    Right.ARCHIVE_EXPORT: "выгружает из архива",
    Right.JOURNAL: "читает журнал",
    Right.OPERATORS: "настраивает обмен",
    Right.KEYS: "ведёт ключи",
    Right.PEOPLE: "ведёт сотрудников",
    Right.JOBS: "повторяет задания",
}


@dataclass(frozen=True)
class OrganizationPages:
    """`/o/{org}/organisation`."""

    portal: Portal

    def router(self) -> APIRouter:
        """The routes; adds the section to the menu."""
        self.portal.slots.add_menu(
            MenuSlot(
                key="organisation", label="Организация", icon="building-office-2", path="/organisation", order=90,
                group="setup",
            )
        )  # fmt: skip
        found = APIRouter()
        found.add_api_route("/o/{org}/organisation", self.show, methods=["GET"])
        return found

    def show(self, request: Request, org: str) -> Response:
        """Requisites and people."""
        viewer = self.portal.viewer(request, org)
        uow = viewer.uow()
        with uow:
            entity = queries.entity(uow, viewer.actor.entity)
            people = queries.members(uow, entity.id, former=True)
        facts = [views.Fact(label="ИНН", text=entity.inn)]
        if entity.kpp:
            facts.append(views.Fact(label="КПП", text=entity.kpp))
        if entity.ogrn:
            facts.append(views.Fact(label="ОГРН", text=entity.ogrn))
        view = OrganizationPage(
            name=entity.name,
            facts=tuple(facts),
            people=tuple(_row(one) for one in people),
            keys_url=viewer.url("/keys"),
        )
        return self.portal.show(request, "accounts/organization.html", view, viewer=viewer, section="organisation")


def _row(one: MemberCard) -> PersonRow:
    return PersonRow(
        name=one.full_name,
        email=one.login,
        position=one.position,
        rights=tuple(text for right, text in RIGHTS.items() if right in one.rights),
        status=status("person", "active" if one.active else "inactive"),
    )
