"""A counterparty's card at one operator: how we stand, what was written, what may be done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from edo_service.errors import Conflict, NotFound, Rejected
from edo_service.exchange import counterparties, queries
from edo_service.exchange.catalogue import operator_name
from edo_service.exchange.counterparties import RelationLine, StepLine
from edo_service.exchange.lives import ACTS, NEEDS, RelationAct
from edo_service.exchange.pages.ports import PENDING, ExchangePorts, relation_note, relation_status, served_by
from edo_service.exchange.use_cases.capabilities import capabilities_of
from edo_service.exchange.use_cases.relate import Wish, relate
from edo_service.exchange.views import ActForm, HistoryLine, RelationPage, StepRow
from edo_service.kernel.actor import Right
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import Asked, identifier, words
from edo_service.texts.failures import failure_words
from edo_service.web import views
from edo_service.web.statuses import status

DONE: Mapping[str, str] = {
    "invite": "Пригласили",
    "accept": "Приняли приглашение",
    "reject": "Отклонили приглашение",
    "withdraw": "Отозвали приглашение",
    "break": "Прекратили обмен",
}
SWITCHED_OFF = (
    "Ничего не отправлено: обмен через этого оператора выключен. Включите его в «Настройках ЭДО» и повторите."
)
REFUSED: Mapping[str, str] = {
    "invite": "Пригласить не удалось",
    "accept": "Принять приглашение не удалось",
    "reject": "Отклонить приглашение не удалось",
    "withdraw": "Отозвать приглашение не удалось",
    "break": "Прекратить обмен не удалось",
}


@dataclass(frozen=True)
class CardPages:
    """`/o/{org}/exchange/counterparties/{relation}` and its acts (`accept` stands with the list)."""

    portal: Portal
    ports: ExchangePorts

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        base = "/o/{org}/exchange/counterparties/{relation}"
        found.add_api_route(base, self.show, methods=["GET"])
        found.add_api_route(f"{base}/act", self.act, methods=["POST"])
        return found

    def show(self, request: Request, org: str, relation: str) -> Response:
        """The card."""
        viewer = self.portal.viewer(request, org)
        return self._page(request, viewer, relation)

    def act(
        self,
        request: Request,
        org: str,
        relation: str,
        act: Annotated[str, Form()] = "",
        text: Annotated[str, Form()] = "",
    ) -> Response:
        """Promise the act that the form names."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.COUNTERPARTIES)
        if act not in set(RelationAct):
            raise NotFound("request.absent")
        url = viewer.url(f"/exchange/counterparties/{identifier(relation)}")
        try:
            relate(identifier(relation), Wish(act=RelationAct(act), text=text), actor=viewer.actor, uow=viewer.uow())
        except Conflict as error:
            if error.code == "exchange.not_connected":
                return self._page(request, viewer, relation, blocked=SWITCHED_OFF, status=409)
            return see_other(url, said="already")
        except Rejected as error:
            asked = Asked({"text": text})
            asked.refuse("text", words(error))
            return self._page(request, viewer, relation, form=asked.form, refused=act, status=422)
        return see_other(url, said="relation_asked")

    def _page(
        self,
        request: Request,
        viewer: Viewer,
        relation: str,
        *,
        form: views.Form = views.EMPTY_FORM,
        refused: str = "",
        blocked: str = "",
        status: int = 200,
    ) -> Response:
        line, steps = counterparties.relation(identifier(relation), uow=viewer.uow().reading())
        moves = queries.history(line.id, uow=viewer.uow().reading())
        url = viewer.url(f"/exchange/counterparties/{line.id}")
        view = RelationPage(
            name=line.name,
            status=relation_status(line),
            note=relation_note(line),
            facts=_facts(line),
            acts=self._acts(line, viewer, url),
            steps=tuple(_step(step) for step in steps),
            history=tuple(HistoryLine(at=one.at, text=_word(one.state)) for one in moves),
            back_url=viewer.url("/exchange/counterparties"),
            documents_url=viewer.url(f"/documents?folder=all&q={line.inn}") if viewer.may(Right.READ) else "",
            letter_in=line.text_in or "",
            letter_out=line.text_out or "",
            form=form,
            refused_act=refused,
            refresh_url=url if line.pending else "",
            blocked=blocked or _blocked(line),
        )
        return self.portal.show(
            request, "exchange/relation.html", view, viewer=viewer, section="counterparties", status=status
        )

    def _acts(self, line: RelationLine, viewer: Viewer, url: str) -> tuple[ActForm, ...]:
        """What may be done now: by her rights, the state, and what the operator can do."""
        if line.account_id is None or line.pending or not viewer.may(Right.COUNTERPARTIES):
            return ()
        can = capabilities_of(line.account_id, uow=viewer.uow(), operators=self.ports.operators)
        return tuple(
            _form(act, line, url)
            for act in ACTS.get(line.state, ())
            if NEEDS[act] in can and not (act is RelationAct.ACCEPT and line.to_be_signed)
        )


def _form(act: RelationAct, line: RelationLine, url: str) -> ActForm:
    title, text, button = {
        RelationAct.INVITE: (
            "Пригласить к обмену",
            f"{operator_name(line.operator)} передаст приглашение, ответ появится здесь.",
            "Пригласить",
        ),
        RelationAct.ACCEPT: (
            "Принять приглашение",
            "Документы начнут ходить сразу, то, что ждало, будет доставлено.",
            "Принять",
        ),
        RelationAct.REJECT: (
            "Отказать",
            "Компания увидит отказ и ваш текст. Пригласить её можно будет позже.",
            "Отказать",
        ),
        RelationAct.WITHDRAW: ("Отозвать приглашение", "Приглашение исчезнет у получателя.", "Отозвать приглашение"),
        RelationAct.BREAK: (
            "Прекратить обмен",
            "Оператор перестанет принимать документы этой компании для вас. Уже полученные останутся.",
            "Прекратить обмен",
        ),
    }[act]
    return ActForm(
        act=act.value,
        title=title,
        text=text,
        button=button,
        action=f"{url}/act",
        danger=act is RelationAct.BREAK,
        primary=act in {RelationAct.ACCEPT, RelationAct.INVITE},
    )


def _facts(line: RelationLine) -> tuple[views.Fact, ...]:
    found = [
        views.Fact(label="ИНН", text=line.inn),
        views.Fact(label="КПП", text=line.kpp or "—"),
        views.Fact(label="Идентификатор участника", text=line.participant_id or "—"),
        views.Fact(label="Путь документов", text=served_by(line)),
        views.Fact(label="Изменилось", text=f"{line.changed_at:%d.%m.%Y}"),
    ]
    return tuple(found)


def _step(step: StepLine) -> StepRow:
    what = PENDING if step.state not in {"done", "refused"} else REFUSED if step.state == "refused" else DONE
    trouble = ""
    if step.trouble and step.state == "refused":
        trouble = step.trouble
    elif step.trouble:
        trouble = failure_words(step.trouble)
    return StepRow(
        at=step.done_at or step.at,
        what=what.get(step.act, step.act) + (f", файл {step.file_name}" if step.file_name else ""),
        by=step.by,
        letter=step.text or "",
        trouble=trouble,
        trace_id=step.trace_id or "",
    )


def _word(state: str) -> str:
    return status("relation", state).word


def _blocked(line: RelationLine) -> str:
    if line.to_be_signed and line.state == "inviting":
        return "К приглашению приложен документ, который нужно подписать: сделайте это в кабинете оператора."
    return ""
