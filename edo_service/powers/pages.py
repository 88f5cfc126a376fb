"""The register of powers of attorney: upload or fetch one, see whether it holds, revoke it, decide what it allows."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from edo_service.errors import Conflict, Rejected, Unavailable
from edo_service.kernel.actor import Right
from edo_service.kernel.calendar import moscow_date
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.downloads import download
from edo_service.portal.forms import Asked, identifier, words
from edo_service.powers import queries
from edo_service.powers.desk import MAX_FILE, PowerDesk
from edo_service.powers.packages import MAX_PACKAGE
from edo_service.powers.queries import PowerCard
from edo_service.powers.rules import Act, Outcome, PowerCheck, RegistryState
from edo_service.powers.use_cases import (
    NewPower,
    PackedOutcome,
    decide_power,
    keep_by_requisites,
    keep_package,
    keep_power,
    note_download,
    revoke_power,
)
from edo_service.powers.views import CheckRow, Decision, PackedRow, PowerPage, PowerRow, PowersPage
from edo_service.web import views
from edo_service.web.slots import MenuSlot
from edo_service.web.statuses import Status, Tone, status
from edo_service.web.views import Subject

SOON = timedelta(days=30)
KINDS: Mapping[str, str] = {
    "upd": "УПД и счета-фактуры",
    "ukd": "Корректировочные документы",
    "contract": "Договоры",
    "goods_note": "Товарные накладные",
    "construction_act": "Акты КС-2",
    "reconciliation": "Акты сверки",
    "payment_invoice": "Счета на оплату",
}
OUTCOMES: Mapping[str, Status] = {
    Outcome.PASSED.value: Status(word="Сходится", tone=Tone.DONE),
    Outcome.WARNING.value: Status(word="Обратите внимание", tone=Tone.TODO),
    Outcome.FAILED.value: Status(word="Не сходится", tone=Tone.STOP),
    Outcome.INDETERMINATE.value: Status(word="Проверить не удалось", tone=Tone.WAIT, icon="question-mark-circle"),
}
_KEPT = Status(word="В реестре", tone=Tone.DONE)
_NOT_KEPT = Status(word="Не сохранили", tone=Tone.STOP)
_ABOUT_AN_ACT = frozenset({6, 7, 8})
"""Checks that need a signature to be about: on the power's own page they are left out."""


@dataclass(frozen=True)
class PowerPages:
    """`/o/{org}/powers`, `…/upload`, `…/fetch`, `…/{id}`, `…/{id}/revoke`, `…/{id}/decide`, `…/{id}/file|signature`."""

    portal: Portal
    desk: PowerDesk

    def router(self) -> APIRouter:
        """The routes; adds the section to the menu."""
        self.portal.slots.add_menu(
            MenuSlot(key="powers", label="Доверенности", icon="identification", path="/powers", order=91, group="setup")
        )
        self.portal.slots.add_names("power_of_attorney", _names)
        found = APIRouter(include_in_schema=False)
        base = "/o/{org}/powers"
        found.add_api_route(base, self.show, methods=["GET"])
        found.add_api_route(f"{base}/upload", self.upload, methods=["POST"])
        found.add_api_route(f"{base}/fetch", self.fetch, methods=["POST"])
        found.add_api_route(base + "/{power}", self.card, methods=["GET"])
        found.add_api_route(base + "/{power}/revoke", self.revoke, methods=["POST"])
        found.add_api_route(base + "/{power}/decide", self.decide, methods=["POST"])
        found.add_api_route(base + "/{power}/file", self.file, methods=["GET"])
        found.add_api_route(base + "/{power}/signature", self.signature, methods=["GET"])
        return found

    def show(self, request: Request, org: str, q: str = "") -> Response:
        """The register, narrowed by words, numbers or ИНН."""
        viewer = self._viewer(request, org)
        return self._page(request, viewer, views.EMPTY_FORM, query=" ".join(q.split())[:200])

    def upload(
        self,
        request: Request,
        org: str,
        file: Annotated[UploadFile | str | None, File()] = None,
        signature: Annotated[UploadFile | str | None, File()] = None,
        package: Annotated[UploadFile | str | None, File()] = None,
    ) -> Response:
        """Keep a power from its file and signature, or all powers of a package."""
        viewer = self._viewer(request, org)
        viewer.actor.require(Right.KEYS)
        asked = Asked({})
        if package is not None:
            return self._upload_package(request, viewer, package, asked)
        name, content = _read(file, "file", "Файл доверенности", asked)
        _, cms = _read(signature, "signature", "Подпись доверителя", asked)
        if asked.errors:
            return self._page(request, viewer, asked.form, status=422)
        new = NewPower(file_name=name, content=content, signature=cms)
        try:
            kept = keep_power(new, actor=viewer.actor, uow=viewer.uow(), desk=self.desk)
        except (Rejected, Conflict) as error:
            asked.refuse(
                "signature" if error.code in {"power.unsigned", "power.signature_failed"} else "file", words(error)
            )
            return self._page(request, viewer, asked.form, status=422)
        return see_other(viewer.url(f"/powers/{kept}"), said="power_kept")

    def _upload_package(self, request: Request, viewer: Viewer, package: UploadFile | str, asked: Asked) -> Response:
        """One power that is kept is shown; of several each is told."""
        _, content = _read(package, "package", "Пакет доверенностей", asked, limit=MAX_PACKAGE)
        if asked.errors:
            return self._page(request, viewer, asked.form, status=422)
        try:
            found = keep_package(content, actor=viewer.actor, uow=viewer.uow(), desk=self.desk)
        except Rejected as error:
            asked.refuse("package", words(error))
            return self._page(request, viewer, asked.form, status=422)
        if len(found) == 1 and found[0].kept is not None:
            return see_other(viewer.url(f"/powers/{found[0].kept}"), said="power_kept")
        if not any(one.kept for one in found):
            asked.refuse("package", "Пакет доверенностей: не сохранили ни одной, причины в таблице")
        packed = tuple(_packed(one, viewer) for one in found)
        return self._page(request, viewer, asked.form, packed=packed, status=422 if asked.errors else 200)

    def fetch(
        self,
        request: Request,
        org: str,
        number: Annotated[str, Form()] = "",
        principal_inn: Annotated[str, Form()] = "",
    ) -> Response:
        """Keep a power that the register of powers gives out by its requisites."""
        viewer = self._viewer(request, org)
        viewer.actor.require(Right.KEYS)
        asked = Asked({"number": number, "principal_inn": principal_inn})
        asked.needed("number", "Номер доверенности: напишите номер из реестра")
        asked.needed("principal_inn", "ИНН доверителя: напишите 10 или 12 цифр")
        status = 422
        if not asked.errors:
            try:
                kept = keep_by_requisites(
                    asked.text("number"),
                    asked.text("principal_inn"),
                    actor=viewer.actor,
                    uow=viewer.uow(),
                    desk=self.desk,
                )
            except (Rejected, Conflict, Unavailable) as error:
                asked.refuse("number", words(error))
                status = 503 if isinstance(error, Unavailable) else 422
            else:
                return see_other(viewer.url(f"/powers/{kept}"), said="power_kept")
        return self._page(request, viewer, asked.form, status=status)

    def card(self, request: Request, org: str, power: str) -> Response:
        """One power with its checks of this moment."""
        viewer = self._viewer(request, org)
        card = self._power(viewer, power)
        checks = self._checks(card, viewer)
        url, managing = viewer.url(f"/powers/{card.id}"), viewer.may(Right.KEYS)
        view = PowerPage(
            title=f"Доверенность № {card.power.own_number or card.power.number}",
            status=_status(card, viewer.now),
            back_url=viewer.url("/powers"),
            facts=tuple(_facts(card)),
            powers=tuple(_powers(card)),
            checks=tuple(_check(one) for one in checks if one.number not in _ABOUT_AN_ACT),
            decisions=tuple(_decisions(card)),
            choices=tuple(views.Choice(value=kind, label=label) for kind, label in KINDS.items()),
            files=(
                views.Link(label=card.file.name, url=f"{url}/file"),
                views.Link(label="Подпись доверителя", url=f"{url}/signature"),
            ),
            may_manage=managing,
            may_revoke=managing and card.revoked_at is None,
            revoke_url=f"{url}/revoke",
            decide_url=f"{url}/decide",
        )
        return self.portal.show(request, "powers/power.html", view, viewer=viewer, section="powers")

    def revoke(self, request: Request, org: str, power: str) -> Response:
        """Tell that the power is revoked: no signature by it is taken from now on."""
        viewer = self._viewer(request, org)
        found = identifier(power)
        revoke_power(found, actor=viewer.actor, uow=viewer.uow())
        return see_other(viewer.url(f"/powers/{found}"), said="power_revoked")

    def decide(
        self,
        request: Request,
        org: str,
        power: str,
        kind: Annotated[str, Form()] = "",
        allowed: Annotated[str, Form()] = "yes",
    ) -> Response:
        """A person has read the power: it allows this kind of documents, or does not after all."""
        viewer = self._viewer(request, org)
        found = identifier(power)
        decide_power(found, kind, allowed=allowed == "yes", actor=viewer.actor, uow=viewer.uow())
        return see_other(viewer.url(f"/powers/{found}"))

    def file(self, request: Request, org: str, power: str) -> Response:
        """The power's own bytes."""
        card = self._taken(request, org, power, "file")
        content = self.desk.objects.get(card.owner_id, card.file_sha256)
        return download(content, card.file.name, "application/xml")

    def signature(self, request: Request, org: str, power: str) -> Response:
        """The principal's signature on it."""
        card = self._taken(request, org, power, "signature")
        content = self.desk.objects.get(card.owner_id, card.signature_sha256)
        return download(content, f"{card.file.name}.sig", "application/pkcs7-signature")

    def _taken(self, request: Request, org: str, power: str, what: str) -> PowerCard:
        viewer = self._viewer(request, org)
        if not viewer.may(Right.KEYS):  # the file holds a person's passport and birth day
            viewer.actor.require(Right.SIGN)
        card = self._power(viewer, power)
        note_download(card.id, what, actor=viewer.actor, uow=viewer.uow())
        return card

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.READ)
        return viewer

    def _power(self, viewer: Viewer, power: str) -> PowerCard:
        found: UUID = identifier(power)
        uow = viewer.uow().reading()
        with uow:
            return queries.power(uow, found)

    def _checks(self, card: PowerCard, viewer: Viewer) -> tuple[PowerCheck, ...]:
        """The checks as if its own agent signed for its own principal now."""
        principal, agent = card.power.principals[0], card.power.agents[0]
        inn = principal.organization_inn or principal.inn or ""
        act = Act(signer=agent, at=viewer.now, organization_inn=inn, kind="")
        return self.desk.verdict(card, act, uow=viewer.uow().reading()).verdict.checks

    def _page(
        self,
        request: Request,
        viewer: Viewer,
        form: views.Form,
        *,
        query: str = "",
        packed: tuple[PackedRow, ...] = (),
        status: int = 200,
    ) -> Response:
        uow = viewer.uow().reading()
        with uow:
            cards = queries.powers(uow, text=query)
        view = PowersPage(
            organization=viewer.company.name,
            rows=tuple(_row(card, viewer) for card in cards),
            paging=views.Paging(shown=len(cards), total=len(cards)),
            query=query,
            form=form,
            may_manage=viewer.may(Right.KEYS),
            upload_url=viewer.url("/powers/upload"),
            fetch_url=viewer.url("/powers/fetch"),
            organization_url=viewer.url("/organisation"),
            packed=packed,
        )
        return self.portal.show(request, "powers/powers.html", view, viewer=viewer, section="powers", status=status)


def _packed(one: PackedOutcome, viewer: Viewer) -> PackedRow:
    if one.refused is None:
        return PackedRow(file_name=one.file_name, url=viewer.url(f"/powers/{one.kept}"), reason="", status=_KEPT)
    return PackedRow(file_name=one.file_name, url="", reason=words(one.refused), status=_NOT_KEPT)


def _read(
    file: UploadFile | str | None, field: str, label: str, asked: Asked, *, limit: int = MAX_FILE
) -> tuple[str, bytes]:
    if file is None or isinstance(file, str) or not file.filename:
        asked.refuse(field, f"{label}: выберите файл")
        return "", b""
    content = file.file.read(limit + 1)
    if len(content) > limit:
        asked.refuse(field, f"{label}: {file.filename} больше {limit // 1024 // 1024} МБ")
    elif not content:
        asked.refuse(field, f"{label}: {file.filename} пуст")
    return file.filename, content


def _row(card: PowerCard, viewer: Viewer) -> PowerRow:
    power = card.power
    return PowerRow(
        url=viewer.url(f"/powers/{card.id}"),
        number=power.number,
        own_number=power.own_number,
        principal=power.principals[0].name,
        agent=", ".join(one.name for one in power.agents),
        expires=power.expires,
        status=_status(card, viewer.now),
    )


def _status(card: PowerCard, now: datetime) -> Status:
    """What the register here knows by itself; the registry's word stands among the checks of the card."""
    if card.revoked_at is not None:
        return status("power_of_attorney", RegistryState.REVOKED.value)
    today = moscow_date(now)
    if today > card.power.expires:
        return status("power_of_attorney", "expired")
    if today < card.power.issued or card.file.signature != "TOTAL-PASSED":
        return status("power_of_attorney", "unknown")
    return status("power_of_attorney", "expiring" if card.power.expires - today < SOON else "valid")


def _check(one: PowerCheck) -> CheckRow:
    return CheckRow(number=one.number, name=one.name, status=OUTCOMES[one.outcome.value], text=one.text)


def _facts(card: PowerCard) -> list[tuple[str, str]]:
    power = card.power
    found = [
        ("Номер в реестре", power.number),
        ("Доверитель", ", ".join(one.name for one in power.principals)),
        ("Представитель", ", ".join(one.name for one in power.agents)),
        ("Действует", f"с {power.issued:%d.%m.%Y} до {power.expires:%d.%m.%Y}"),
    ]
    if power.previous is not None:
        found.append(("Передоверие по доверенности", power.previous or "номер не указан"))
    return found


def _powers(card: PowerCard) -> list[str]:
    found = [f"{one.name} ({one.code})" for one in card.power.coded]
    return [*found, *([card.power.text] if card.power.text else [])]


def _decisions(card: PowerCard) -> list[Decision]:
    return [
        Decision(kind=kind, label=KINDS.get(kind, kind), by=by["by"], at=datetime.fromisoformat(by["at"]))
        for kind, by in card.decided.items()
    ]


def _names(viewer: Viewer, ids: AbstractSet[UUID]) -> Mapping[UUID, Subject]:
    uow = viewer.uow().reading()
    with uow:
        found = queries.labels(uow, ids)
    return {
        one: Subject(name=f"Доверенность № {number}", note=agent, url=viewer.url(f"/powers/{one}"))
        for one, (number, agent) in found.items()
    }
