"""Keys and certificates of the organisation: who may sign with what, and until when. No private key leaves here."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from edo_service.accounts import queries as accounts
from edo_service.accounts.queries import MemberCard
from edo_service.kernel.actor import Right
from edo_service.keys import queries
from edo_service.keys.queries import KeyCard
from edo_service.keys.rules import Purpose
from edo_service.keys.views import KeyRow, KeysPage
from edo_service.portal import Portal, Viewer
from edo_service.portal.downloads import download
from edo_service.portal.forms import identifier
from edo_service.web.slots import MenuSlot
from edo_service.web.statuses import Status, status
from edo_service.web.views import Subject

SOON = timedelta(days=30)
PURPOSES: Mapping[str, str] = {
    Purpose.ORGANIZATION.value: "Автоматические извещения и описи архива",
    Purpose.STAFF.value: "Подписание исходящих документов",
    Purpose.PERSON.value: "Подписание владельцем",
}
PLACES: Mapping[str, str] = {
    Purpose.ORGANIZATION.value: "На портале, зашифрован",
    Purpose.STAFF.value: "На портале, зашифрован",
    Purpose.PERSON.value: "На портале, открывается только ПИН владельца",
}
ALGORITHMS: Mapping[str, str] = {
    "gost2012_256": "ГОСТ Р 34.10-2012, 256 бит",
    "gost2012_512": "ГОСТ Р 34.10-2012, 512 бит",
    "rsa": "RSA",
    "ec": "ECDSA",
}


@dataclass(frozen=True)
class KeyPages:
    """`/o/{org}/keys`, `…/keys/{id}.cer`."""

    portal: Portal

    def router(self) -> APIRouter:
        """The routes; adds the section to the menu."""
        self.portal.slots.add_menu(
            MenuSlot(key="keys", label="Ключи", icon="key", path="/keys", order=92, group="setup")
        )
        found = APIRouter(include_in_schema=False)
        self.portal.slots.add_names("signing_key", _names)
        found.add_api_route("/o/{org}/keys", self.show, methods=["GET"])
        found.add_api_route("/o/{org}/keys/{key}.cer", self.certificate, methods=["GET"])
        return found

    def show(self, request: Request, org: str) -> Response:
        """All keys that are not retired."""
        viewer = self.portal.viewer(request, org)
        uow = viewer.uow().reading()
        with uow:
            cards = queries.keys(uow)
            people = accounts.members(uow, viewer.actor.entity)
        view = KeysPage(
            organization=viewer.company.name,
            rows=tuple(_row(card, people, viewer) for card in cards),
            organization_url=viewer.url("/organisation"),
        )
        return self.portal.show(request, "keys/keys.html", view, viewer=viewer, section="keys")

    def certificate(self, request: Request, org: str, key: str) -> Response:
        """The certificate, DER."""
        viewer = self.portal.viewer(request, org)
        uow = viewer.uow().reading()
        with uow:
            card = queries.key(uow, identifier(key))
        return download(card.certificate.der, f"{card.label}.cer", "application/pkix-cert")


def _row(card: KeyCard, known: Sequence[MemberCard], viewer: Viewer) -> KeyRow:
    certificate = card.certificate
    holder = next((one.full_name for one in known if one.person_id == card.person_id), viewer.company.name)
    users: tuple[str, ...] = ()
    if card.person_id is not None:
        users = (holder,)
    elif card.purpose == Purpose.STAFF.value and not card.certificate.subject.surname:
        users = tuple(one.short_name for one in known if {Right.SIGN, Right.SEND} <= one.rights)
    return KeyRow(
        id=str(card.id),
        holder=holder,
        purpose=PURPOSES.get(card.purpose, card.purpose),
        place=PLACES.get(card.purpose, ""),
        algorithm=ALGORITHMS.get(certificate.public_key_algorithm, certificate.public_key_algorithm),
        serial=f"{certificate.serial:x}",
        issuer=certificate.issuer.common_name or certificate.issuer.rfc4514,
        valid_from=card.not_before.date(),
        valid_until=card.not_after.date(),
        status=_status(card, viewer.now),
        certificate_url=viewer.url(f"/keys/{card.id}.cer"),
        users=users,
    )


def _status(card: KeyCard, now: datetime) -> Status:
    if card.locked:
        return Status(word="Заблокирован", tone=status("certificate", "revoked").tone)
    if now >= card.not_after:
        return status("certificate", "expired")
    if now < card.not_before:
        return status("certificate", "not_yet")
    return status("certificate", "expiring" if card.not_after - now < SOON else "valid")


def _names(viewer: Viewer, ids: AbstractSet[UUID]) -> Mapping[UUID, Subject]:
    uow = viewer.uow().reading()
    with uow:
        found = queries.labels(uow, ids)
    return {one: Subject(name=label, note="ключ", url=viewer.url("/keys")) for one, label in found.items()}
