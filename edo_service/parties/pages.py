"""Counterparties: with whom documents may be exchanged and by which way."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from edo_service.parties import queries
from edo_service.parties.queries import CounterpartyCard
from edo_service.parties.views import CounterpartiesPage, CounterpartyRow
from edo_service.portal import Portal, Viewer
from edo_service.web import views
from edo_service.web.slots import MenuSlot
from edo_service.web.statuses import status

OPERATORS = {"diadoc": "Диадок"}
#: Our word for the relation -> state of the web's vocabulary.
RELATIONS = {"active": "accepted"}


@dataclass(frozen=True)
class PartyPages:
    """`/o/{org}/exchange/counterparties`."""

    portal: Portal

    def router(self) -> APIRouter:
        """The routes; adds the section to the menu."""
        self.portal.slots.add_menu(
            MenuSlot(
                key="counterparties",
                label="Контрагенты",
                icon="users",
                path="/exchange/counterparties",
                order=70,
                group="setup",
            )
        )
        found = APIRouter(include_in_schema=False)
        found.add_api_route("/o/{org}/exchange/counterparties", self.show, methods=["GET"])
        return found

    def show(self, request: Request, org: str, q: str = "") -> Response:
        """The list, narrowed by words, ИНН or КПП."""
        viewer = self.portal.viewer(request, org)
        words = " ".join(q.split())[:200]
        uow = viewer.uow().reading()
        with uow:
            cards = queries.counterparties(uow, text=words)
        view = CounterpartiesPage(
            rows=tuple(_row(card, viewer) for card in cards),
            paging=views.Paging(shown=len(cards), total=len(cards)),
            query=words,
            applied=(views.Applied(label=f"Слова: {words}", drop_url="?"),) if words else (),
            empty=views.Empty(
                title="Никого не нашли" if words else "Контрагентов ещё нет",
                text="Проверьте ИНН или уберите отбор." if words else "Они появятся с первым обменом.",
                link=views.Link(label="Показать всех", url="?") if words else None,
            ),
        )
        return self.portal.show(request, "parties/counterparties.html", view, viewer=viewer, section="counterparties")


def _row(card: CounterpartyCard, viewer: Viewer) -> CounterpartyRow:
    ways = []
    if card.operator:
        ways.append(f"Оператор {OPERATORS.get(card.operator, card.operator)}")
    if card.entity_id:
        ways.append("напрямую: есть кабинет")
    return CounterpartyRow(
        name=card.name,
        inn=card.inn,
        kpp=card.kpp or "",
        route=", ".join(ways) or "Путь не выбран",
        participant_id=card.participant_id or "",
        status=status("relation", RELATIONS.get(card.relation, card.relation)),
        documents_url=viewer.url(f"/documents?folder=all&q={card.inn}"),
    )
