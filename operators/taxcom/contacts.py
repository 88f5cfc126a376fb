"""Contacts XML: invitations that we write, lists that the operator gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from operators.port import Participant
from operators.taxcom import layout
from operators.taxcom.intake import bad, child, children, parse, text
from operators.taxcom.markup import add, plain, start, written
from operators.taxcom.moments import maybe_moment

CONTACTS_LIMIT = 50_000
ORDER = ("ExternalContactId", "Name", "Inn", "Kpp", "Email", "EDXClientId", "Comment")


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A line of a list; `state` is the operator's word, "" in answers of CheckContragent."""

    participant_id: str | None
    external_id: str | None
    name: str
    inn: str
    kpp: str | None
    state: str
    error: str | None
    changed_at: datetime | None
    comment: str | None

    @property
    def key(self) -> str:
        """What makes it the same line of GetContactListUpdates."""
        at = "" if self.changed_at is None else self.changed_at.isoformat()
        return "/".join((self.participant_id or f"{self.inn}-{self.kpp or ''}", self.state, at))

    @property
    def at(self) -> datetime:
        """The time of its last change; raises BadAnswer when the list does not tell it."""
        if self.changed_at is None:
            raise bad("a contact without the time of its change")
        return self.changed_at

    def participant(self, home: str) -> Participant:
        """The organisation in the port's words; who has another prefix than the asking participant `home` is roaming."""
        code = (self.participant_id or home)[:3]
        return Participant(
            operator_code=code,
            participant_id=self.participant_id,
            inn=self.inn,
            kpp=self.kpp,
            name=self.name,
            box=self.participant_id,
            is_roaming=code.casefold() != home[:3].casefold(),
            is_active=True,
        )


def read_contacts(content: bytes) -> tuple[Contact, ...]:
    """Contacts -> lines; an empty body is an empty list. Raises BadAnswer."""
    if not content.strip():
        return ()
    found = children(parse(content, root="Contacts"), "Contact")
    if len(found) > CONTACTS_LIMIT:
        raise bad(f"a list of {len(found)} contacts")
    return tuple(_contact(each) for each in found)


def write_contacts(lines: list[Mapping[str, str | None]]) -> bytes:
    """Lines of element names -> Contacts."""
    root = start("Contacts", layout.CONTACTS)
    for line in lines:
        contact = add(root, "Contact")
        for name in ORDER:
            value = line.get(name)
            if value:
                add(contact, name).text = plain(value)
    return written(root)


def _contact(element: Any) -> Contact:
    state = child(element, "State")
    return Contact(
        participant_id=text(element, "EDXClientId"),
        external_id=text(element, "ExternalContactId"),
        name=text(element, "Name") or "",
        inn=text(element, "Inn") or "",
        kpp=text(element, "Kpp"),
        state="" if state is None else state.get("Code", ""),
        error=None if state is None else state.get("ErrorCode") or (state.text or "").strip() or None,
        changed_at=None if state is None else maybe_moment(state.get("Changed")),
        comment=text(element, "Comment"),
    )
