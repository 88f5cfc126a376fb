"""Who looks at a page: a person, the companies she works for, and the one company of the address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from edo_service.errors import AccessOver, NotFound
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.scope import AnyScope
from edo_service.kernel.uow import UnitOfWork

UowFactory = Callable[[AnyScope], UnitOfWork]


@dataclass(frozen=True, kw_only=True)
class Company:
    """A company that the visitor works for; `code` stands in addresses, `actor` is who she is there.

    `until`: the last day of somebody from outside; on that day `ask` says who may extend it.
    """

    code: str
    name: str
    inn: str
    position: str
    actor: Actor
    until: date | None = None
    ask: str = ""

    @property
    def home(self) -> str:
        """Address of the company's first page."""
        return f"/o/{self.code}/"


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """A person with a live session. `ended`: companies whose last day for her has passed; each says so when called."""

    person_id: UUID
    session_id: UUID
    login: str
    name: str
    companies: tuple[Company, ...]
    ended: Mapping[str, Callable[[], AccessOver]] = field(default_factory=dict)

    @property
    def short_name(self) -> str:
        """«Жукова А. С.»."""
        surname, *names = self.name.split()
        return " ".join([surname, *(f"{name[0]}." for name in names)])

    def company(self, code: str) -> Company:
        """The company of an address; NotFound for an unknown one and one she does not work for alike.

        AccessOver for one that she worked for until her last day.
        """
        for one in self.companies:
            if one.code == code:
                return one
        if code in self.ended:
            over = self.ended[code]()
            raise over
        raise NotFound("account.entity_absent")


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """A visitor at work for one company, for one request. `now` is its moment."""

    visitor: Visitor
    company: Company
    now: datetime
    make_uow: UowFactory = field(repr=False)
    _counted: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.company.actor

    def uow(self) -> UnitOfWork:
        """A new unit of work under the company's scope."""
        return self.make_uow(self.actor.scope)

    def once(self, name: str, count: Callable[[], int]) -> int:
        """A number that several places of a page show, counted once."""
        if name not in self._counted:
            self._counted[name] = count()
        return self._counted[name]

    def may(self, right: Right) -> bool:
        """Whether she holds the right here."""
        return self.actor.may(right)

    def url(self, path: str) -> str:
        """An address within the company: `/documents` -> `/o/ab12/documents`."""
        return f"/o/{self.company.code}{path}"
