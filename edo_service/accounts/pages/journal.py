"""The journal of one organisation: who did what, and the check of its chain."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from edo_service.accounts.pages.journal_words import EVENTS, FACTS, GROUPS, SUBJECTS, VALUES, WHOLE
from edo_service.kernel.actor import Right
from edo_service.kernel.journal import ChainReport, reading
from edo_service.kernel.journal.reading import Entry, Meaning
from edo_service.kernel.tables import fold
from edo_service.portal import Portal
from edo_service.portal.desk import see_other
from edo_service.portal.forms import identifier
from edo_service.portal.subjects import MOST_FOUND
from edo_service.web import views
from edo_service.web.filters import short_hash
from edo_service.web.slots import MenuSlot
from edo_service.web.statuses import status

VERIFIED = "journal.verified"
PAGE = 50
MOST_WORDS = 8
"""So many words of a question are looked up among names; further ones in the entries themselves only."""
Thing = tuple[str, UUID]


@dataclass(frozen=True)
class JournalPages:
    """`/o/{org}/office/journal`; `check` verifies a company's chain against the heads kept in the archive."""

    portal: Portal
    check: Callable[[UUID], ChainReport]

    def router(self) -> APIRouter:
        """The routes; adds the section to the menu."""
        self.portal.slots.add_menu(
            MenuSlot(
                key="journal", label="Журнал", icon="book-open", path="/office/journal", order=95, group="setup",
                allowed=lambda viewer: viewer.may(Right.JOURNAL),
            )
        )  # fmt: skip
        found = APIRouter()
        found.add_api_route("/o/{org}/office/journal", self.show, methods=["GET"])
        found.add_api_route("/o/{org}/office/journal/verify", self.verify, methods=["POST"])
        return found

    def show(
        self, request: Request, org: str, q: str = "", kind: str = "", after: str = "", first: int = 1
    ) -> Response:
        """A page of the journal, newest first."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.JOURNAL)
        uow = viewer.uow().reading()
        known = kind if kind in dict(GROUPS) else ""
        things = {word: self.portal.slots.find(viewer, word) for word in q.split()[:MOST_WORDS]}
        meanings = {word: _meaning(word, found) for word, found in things.items()}
        with uow:
            found = reading.entries(
                uow,
                text=q,
                meanings=meanings,
                prefix=known,
                after=identifier(after) if after else None,
                limit=PAGE,
            )
            checked = reading.last(uow, VERIFIED)
        names = self.portal.slots.names(viewer, filter(None, (_thing(row.subject) for row in found.rows)))
        start = max(first, 1) if after else 1
        more = urlencode(
            {"q": q, "kind": known, "after": str(found.rows[-1].id) if found.rows else "", "first": start + PAGE}
        )
        view = views.JournalPage(
            rows=tuple(_row(row, names) for row in found.rows),
            paging=views.Paging(
                shown=len(found.rows),
                total=found.found,
                first=start,
                more_url=f"?{more}" if found.more else "",
                more=min(PAGE, found.found - start - PAGE + 1) if found.more else 0,
            ),
            query=q,
            note=_too_general(things),
            filters=(
                views.Filter(
                    name="kind",
                    label="Какие события",
                    choices=tuple(
                        views.Choice(value=value, label=label, selected=value == known) for value, label in GROUPS
                    ),
                ),
            ),
            checked=None
            if checked is None
            else status("journal", "broken" if checked.facts.get("problems") else "sound"),
            checked_at=None if checked is None else checked.at,
            checked_note=_note(checked),
            check_url=viewer.url("/office/journal/verify"),
        )
        return self.portal.show(request, "journal.html", view, viewer=viewer, section="journal")

    def verify(self, request: Request, org: str) -> Response:
        """Walk the whole chain, compare it with the heads in the archive; the outcome becomes an entry of the journal."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.JOURNAL)
        uow = viewer.uow()
        report = self.check(viewer.actor.entity)
        with uow:
            uow.journal.write(
                VERIFIED,
                owner_id=viewer.actor.entity,
                subject=f"journal:{viewer.actor.entity}",
                actor=viewer.actor,
                problems=len(report.problems),
                head=report.head.position,
                hash=report.head.hash,
                first=f"{report.problems[0].kind} № {report.problems[0].position}" if report.problems else "",
            )
            uow.commit()
        return see_other(viewer.url("/office/journal"))


def _meaning(word: str, things: Mapping[str, Sequence[UUID]]) -> Meaning:
    """The events that people call so, and the things that they know by the word."""
    sought = fold(word)
    return Meaning(
        events=[event for event, name in EVENTS.items() if sought in fold(name)],
        subjects=[f"{kind}:{one}" for kind, ids in things.items() for one in ids],
    )


def _too_general(things: Mapping[str, Mapping[str, Sequence[UUID]]]) -> str:
    """Said when a word names more than is looked through; empty otherwise."""
    general = [word for word, kinds in things.items() if any(len(ids) > MOST_FOUND for ids in kinds.values())]
    if not general:
        return ""
    words = ", ".join(f"«{word}»" for word in general)
    return (
        f"По слову {words} нашлось больше {MOST_FOUND} документов или контрагентов: показаны записи о последних. "
        "Уточните запрос."
    )


def _note(checked: Entry | None) -> str:
    if checked is None:
        return ""
    if checked.facts.get("problems"):
        return f"Нарушений: {checked.facts['problems']}, первое — {checked.facts.get('first', '')}"
    return f"Записей в цепи: {checked.facts.get('head', 0)}"


def _thing(subject: str) -> Thing | None:
    """Kind and id of a subject; None where there is no id."""
    kind, _, id_ = subject.partition(":")
    try:
        return kind, UUID(id_)
    except ValueError:
        return None


def _subject(subject: str, names: Mapping[Thing, views.Subject]) -> views.Subject:
    """The name that people know, else the word of the kind with what is left of the id."""
    thing = _thing(subject)
    if thing is not None and thing in names:
        return names[thing]
    kind, _, id_ = subject.partition(":")
    word = SUBJECTS.get(kind, kind)
    return views.Subject(name=word if thing is None or kind in WHOLE else f"{word} {id_[:8]}…{id_[-4:]}")


def _row(row: Entry, names: Mapping[Thing, views.Subject]) -> views.JournalRow:
    return views.JournalRow(
        position=row.position,
        at=row.at,
        event=EVENTS.get(row.event, row.event),
        actor=_actor(row.actor_name),
        subject=_subject(row.subject, names),
        facts=tuple(
            views.Fact(label=FACTS[name], text=VALUES.get(name, {}).get(str(value)) or _text(value))
            for name, value in row.facts.items()
            if name in FACTS and value not in ("", None, [])
        ),
        digest=row.hash or "",
    )


def _actor(name: str) -> str:
    """A person's name; duties of the system (`exchange.poll`) are the portal itself."""
    return "Портал, сам" if "." in name and " " not in name else name


def _text(value: Any) -> str:
    text = ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
    if re.fullmatch("[0-9a-f]{64}", text):
        return short_hash(text)
    return text if len(text) <= 60 else f"{text[:57]}…"
