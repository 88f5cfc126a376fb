"""«Контрагенты»: with whom documents may be exchanged, who invites us, whom we have invited."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from edo_service.errors import Conflict
from edo_service.exchange import counterparties
from edo_service.exchange.catalogue import OPERATORS
from edo_service.exchange.counterparties import FOLDERS, RelationLine
from edo_service.exchange.lives import RelationAct
from edo_service.exchange.pages.ports import ExchangePorts, relation_note, relation_status, served_by
from edo_service.exchange.use_cases.relate import Wish, relate
from edo_service.exchange.views import CounterpartiesPage, CounterpartyRow
from edo_service.kernel.actor import Right
from edo_service.parties.rules import inn_is_valid
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import identifier
from edo_service.web import views
from edo_service.web.slots import MenuSlot

PAGE = 25
LABELS: Mapping[str, str] = {
    "inviting": "Приглашают вас",
    "invited": "Приглашены",
    "accepted": "Обмен включён",
    "over": "Отказы и прекращённые",
    "all": "Все",
}


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What stands in the address, cleaned: unknown words are dropped."""

    folder: str
    q: str
    operator: str

    def query(self, **changes: str) -> str:
        """The address of the same list with changes."""
        values = {"folder": self.folder, "q": self.q, "operator": self.operator, **changes}
        return "?" + urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True)
class CounterpartyPages:
    """`/o/{org}/exchange/counterparties`, `…/{relation}/accept`."""

    portal: Portal
    ports: ExchangePorts

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
                phone=True,
                count=_waiting,
            )
        )
        self.portal.slots.add_todo(40, _todo)
        found = APIRouter()
        found.add_api_route("/o/{org}/exchange/counterparties", self.show, methods=["GET"])
        found.add_api_route("/o/{org}/exchange/counterparties/{relation}/accept", self.accept, methods=["POST"])
        return found

    def show(
        self,
        request: Request,
        org: str,
        *,
        folder: str = "",
        q: str = "",
        operator: str = "",
        after: str = "",
        first: int = 1,
    ) -> Response:
        """One page of a folder."""
        viewer = self.portal.viewer(request, org)
        counts = counterparties.relation_counts(uow=viewer.uow().reading())
        chosen = _clean(folder, q, operator, counts)
        page = counterparties.list_relations(
            folder=chosen.folder,
            text=chosen.q,
            operator=chosen.operator,
            after=identifier(after) if after else None,
            limit=PAGE,
            uow=viewer.uow().reading(),
        )
        rows = tuple(_row(line, viewer) for line in page.lines)
        start = max(first, 1) if after else 1
        more = chosen.query(after=str(page.lines[-1].id), first=str(start + len(rows))) if page.more else ""
        manage = viewer.may(Right.COUNTERPARTIES)
        view = CounterpartiesPage(
            rows=rows,
            paging=views.Paging(
                shown=len(rows),
                total=page.found,
                first=start,
                more_url=more,
                more=min(PAGE, page.found - (start + len(rows) - 1)),
            ),
            folders=_folders(chosen, counts),
            query=chosen.q,
            filters=(_operators(chosen),),
            hidden=(("folder", chosen.folder),),
            applied=_applied(chosen),
            empty=_empty(chosen, viewer, manage=manage),
            invite_url=viewer.url("/exchange/counterparties/find") if manage else "",
            import_url=viewer.url("/exchange/invitations/import") if manage else "",
            find_url=_find_url(chosen.q, viewer) if manage else "",
        )
        return self.portal.show(request, "exchange/counterparties.html", view, viewer=viewer, section="counterparties")

    def accept(self, request: Request, org: str, relation: str, back: Annotated[str, Form()] = "") -> Response:
        """Accept an invitation from the list; the operator is told by a job."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.COUNTERPARTIES)
        said = "relation_asked"
        try:
            relate(identifier(relation), Wish(act=RelationAct.ACCEPT), actor=viewer.actor, uow=viewer.uow())
        except Conflict:
            said = "already"
        card = f"/exchange/counterparties/{identifier(relation)}"
        return see_other(viewer.url(card if back == "card" else "/exchange/counterparties"), said=said)


def _clean(folder: str, q: str, operator: str, counts: Mapping[str, int]) -> Chosen:
    words = " ".join(q.split())[:200]
    usual = "inviting" if counts["inviting"] and not words else "all"
    return Chosen(
        folder=folder if folder in FOLDERS else usual,
        q=words,
        operator=operator if operator in OPERATORS else "",
    )


def _folders(chosen: Chosen, counts: Mapping[str, int]) -> tuple[views.Folder, ...]:
    return tuple(
        views.Folder(
            label=label,
            url=Chosen(folder=name, q="", operator="").query(),
            current=name == chosen.folder,
            count=counts[name],
            todo=name == "inviting",
        )
        for name, label in LABELS.items()
    )


def _operators(chosen: Chosen) -> views.Filter:
    choices = (
        views.Choice(value="", label="Любой оператор"),
        *(
            views.Choice(value=kind.word, label=kind.name, selected=kind.word == chosen.operator)
            for kind in OPERATORS.values()
        ),
    )
    return views.Filter(name="operator", label="Оператор", choices=choices)


def _applied(chosen: Chosen) -> tuple[views.Applied, ...]:
    found = []
    if chosen.q:
        found.append(views.Applied(label=f"Слова: {chosen.q}", drop_url=chosen.query(q="")))
    if chosen.operator:
        name = OPERATORS[chosen.operator].name
        found.append(views.Applied(label=f"Оператор: {name}", drop_url=chosen.query(operator="")))
    return tuple(found)


def _find_url(words: str, viewer: Viewer) -> str:
    """Where a typed ИНН is looked for at the operators."""
    first = words.split(maxsplit=1)[0] if words else ""
    return viewer.url(f"/exchange/counterparties/find?inn={first}") if inn_is_valid(first) else ""


def _empty(chosen: Chosen, viewer: Viewer, *, manage: bool) -> views.Empty:
    find = _find_url(chosen.q, viewer) if manage else ""
    if find:
        return views.Empty(
            title="Среди ваших контрагентов такого ИНН нет",
            text="Поищите его у оператора и пригласите.",
            link=views.Link(label="Искать у оператора", url=find),
        )
    if chosen.q or chosen.operator:
        return views.Empty(
            title="Никого не нашли",
            text="Проверьте ИНН или уберите отбор.",
            link=views.Link(label="Показать всех", url="?folder=all"),
        )
    if chosen.folder == "inviting":
        return views.Empty(title="Никто не приглашает", text="Новые приглашения появятся здесь сами.")
    invite = views.Link(label="Пригласить контрагента", url=viewer.url("/exchange/counterparties/find"))
    return views.Empty(
        title="Здесь пока никого нет",
        text="Пригласите контрагента по ИНН или загрузите список.",
        link=invite if manage else None,
    )


def _row(line: RelationLine, viewer: Viewer) -> CounterpartyRow:
    url = viewer.url(f"/exchange/counterparties/{line.id}") if line.account_id else ""
    open_ = line.state == "inviting" and not line.pending and viewer.may(Right.COUNTERPARTIES)
    return CounterpartyRow(
        name=line.name,
        inn=line.inn,
        kpp=line.kpp or "",
        route=served_by(line),
        participant_id=line.participant_id or "",
        status=relation_status(line),
        note=relation_note(line),
        letter=(line.text_in or "") if line.state == "inviting" else "",
        card_url=url,
        accept_url=f"{url}/accept" if open_ and not line.to_be_signed else "",
        reject_url=f"{url}?act=reject#act" if open_ else "",
        documents_url=viewer.url(f"/documents?folder=all&q={line.inn}") if viewer.may(Right.READ) else "",
    )


def _waiting(viewer: Viewer) -> int:
    if not viewer.may(Right.COUNTERPARTIES):
        return 0
    return counterparties.relation_counts(uow=viewer.uow().reading())["inviting"]


def _todo(viewer: Viewer) -> tuple[views.Todo, ...]:
    number = _waiting(viewer)
    if not number:
        return ()
    return (
        views.Todo(
            text="Вас приглашают к обмену документами",
            url=viewer.url("/exchange/counterparties?folder=inviting"),
            button="Посмотреть",
            count=number,
            icon="users",
            hint="Примите приглашение или откажите",
        ),
    )
