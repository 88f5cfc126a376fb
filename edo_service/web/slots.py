"""Places in shared screens that upper areas fill; `bootstrap` makes one registry and hands it to the pages.

Five kinds: entries of the menu (with a counter), rows of «Нужно ваше действие» on the home page, panels on a document's
card, names of what the journal tells of, and what is found by them. `Viewer` is whatever the pages know about who looks
(actor, organisation, an open unit of work); this module only passes it on.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar
from uuid import UUID

from edo_service.web.views import MenuEntry, Panel, Subject, Todo

Viewer = TypeVar("Viewer")
Group = Literal["work", "setup"]


@dataclass(frozen=True, kw_only=True)
class MenuSlot(Generic[Viewer]):
    """One section of the side list.

    `path` follows `/o/{org}`; `allowed` hides what the viewer may not do; `count` is the number of things that need the
    viewer's action; `phone` puts it into the bottom bar (four at most); `profile` is its name in the person's own menu.
    """

    key: str
    label: str
    icon: str
    path: str
    order: int
    group: Group = "work"
    phone: bool = False
    profile: str = ""
    allowed: Callable[[Viewer], bool] = lambda _viewer: True
    count: Callable[[Viewer], int] = lambda _viewer: 0


class Slots(Generic[Viewer]):
    """The registry. Order is given by numbers, so that areas need not know each other."""

    def __init__(self) -> None:
        self._menu: list[MenuSlot[Viewer]] = []
        self._todo: list[tuple[int, Callable[[Viewer], Iterable[Todo]]]] = []
        self._panels: list[tuple[int, Callable[[Viewer, str], Panel | None]]] = []
        self._namers: dict[str, Callable[[Viewer, AbstractSet[UUID]], Mapping[UUID, Subject]]] = {}
        self._seekers: dict[str, Callable[[Viewer, str], Iterable[UUID]]] = {}

    def add_menu(self, *entries: MenuSlot[Viewer]) -> None:
        """Add sections; a key that is taken is a mistake of the set-up: ValueError."""
        for entry in entries:
            if any(known.key == entry.key for known in self._menu):
                raise ValueError(f"menu entry {entry.key} is there already")
            self._menu.append(entry)
        self._menu.sort(key=lambda known: known.order)

    def add_todo(self, order: int, find: Callable[[Viewer], Iterable[Todo]]) -> None:
        """Add a source of rows for the home page."""
        self._todo.append((order, find))
        self._todo.sort(key=lambda known: known[0])

    def add_panel(self, order: int, make: Callable[[Viewer, str], Panel | None]) -> None:
        """Add a panel of the document's card: called with the document's id, None shows nothing."""
        self._panels.append((order, make))
        self._panels.sort(key=lambda known: known[0])

    def add_names(self, kind: str, find: Callable[[Viewer, AbstractSet[UUID]], Mapping[UUID, Subject]]) -> None:
        """Add who names things of a kind, many ids at once; what is gone or foreign is left out of the answer."""
        if kind in self._namers:
            raise ValueError(f"names of {kind} are there already")
        self._namers[kind] = find

    def add_search(self, kind: str, find: Callable[[Viewer, str], Iterable[UUID]]) -> None:
        """Add who finds things of a kind by a word of their names, the newest first."""
        if kind in self._seekers:
            raise ValueError(f"a search of {kind} is there already")
        self._seekers[kind] = find

    def find(self, viewer: Viewer, word: str) -> Mapping[str, Sequence[UUID]]:
        """What the viewer knows by the word, by kinds."""
        return {kind: tuple(find(viewer, word)) for kind, find in self._seekers.items()}

    def names(self, viewer: Viewer, things: Iterable[tuple[str, UUID]]) -> Mapping[tuple[str, UUID], Subject]:
        """What the things (kind, id) are called, each kind asked once; unknown ones are left out."""
        wanted: dict[str, set[UUID]] = {}
        for kind, one in things:
            if kind in self._namers:
                wanted.setdefault(kind, set()).add(one)
        return {
            (kind, one): subject
            for kind, ids in wanted.items()
            for one, subject in self._namers[kind](viewer, ids).items()
        }

    def menu(self, viewer: Viewer, *, organization: str, section: str) -> tuple[MenuEntry, ...]:
        """The sections that this viewer sees; `section` is the key of the current one."""
        return tuple(
            MenuEntry(
                key=entry.key,
                label=entry.label,
                icon=entry.icon,
                url=f"/o/{organization}{entry.path}",
                count=entry.count(viewer),
                group=entry.group,
                phone=entry.phone,
                profile=entry.profile,
                current=entry.key == section,
            )
            for entry in self._menu
            if entry.allowed(viewer)
        )

    def section(self, path: str) -> str:
        """Key of the section that a path within the company belongs to; empty for the home page and what nobody has."""
        held = [one for one in self._menu if one.path != "/" and f"{path}/".startswith(f"{one.path}/")]
        return max(held, key=lambda one: len(one.path)).key if held else ""

    def todo(self, viewer: Viewer) -> tuple[Todo, ...]:
        """All rows of «Нужно ваше действие», most important first."""
        return tuple(row for _, find in self._todo for row in find(viewer))

    def panels(self, viewer: Viewer, document: str) -> tuple[Panel, ...]:
        """The panels of one document's card."""
        made = (make(viewer, document) for _, make in self._panels)
        return tuple(panel for panel in made if panel is not None)
