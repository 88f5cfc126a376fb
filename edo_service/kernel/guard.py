"""No statement touches owned rows without a scope.

First wall: ORM statements get the owner's criterion by themselves; a flush writes rows of the scope only. Every
statement, Core and text included, passes `check` just before it is executed: a table of owned rows named without a
condition on `owner_id` (one for each mention) is refused, so is any such statement without a scope. The check is
lexical and guards against forgetting, not against malice; the second wall is PostgreSQL's row-level security
(`kernel.row_security`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine, Select, event, inspect
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, with_loader_criteria
from sqlalchemy.sql.base import ExecutableOption

from edo_service.kernel.scope import AnyScope, ForeignOwner, Scope, SystemScope, UnscopedQuery
from edo_service.kernel.tables import Owned, owned_tables

_Asked = TypeVar("_Asked", bound=Select[*tuple[Any, ...]])
OPTION = "edo_guard"
_MARK = "edo_scoped"
_WRITING = frozenset({"insert", "update", "delete", "replace", "merge"})
_NAMING = frozenset({"from", "join", "update", "into", "only", "using"})
_ENDS_FROM = frozenset(
    {"where", "group", "order", "having", "limit", "union", "except", "intersect", "returning", "set", "on", "for"}
)
_CONDITIONAL = frozenset({"where", "on", "having"})
_CLAUSES = _ENDS_FROM | {"from", "select", "values", "into"}
_TOKEN = re.compile(r"[A-Za-z_\u0080-\uffff][\w$]*|\"(?:[^\"]|\"\")+\"|[^\s\w]|\d+")
_NOISE = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(slots=True)
class Guard:
    """What one unit of work may touch: rides on its connection and its session."""

    scope: AnyScope | None
    read_only: bool = False
    flushing: bool = field(default=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a statement names.

    Its first word, mentions of owned tables, conditions on owners, owned table inserted into.
    """

    verb: str
    mentions: tuple[str, ...]
    conditions: int
    inserts: str | None


class ReadOnlyUnit(Exception):
    """A unit of work opened for reading was about to write. A defect of the program."""


def watch_engine(engine: Engine) -> None:
    """Check every statement of the engine."""
    event.listen(engine, "before_cursor_execute", _before_cursor_execute)


class ScopedSession(Session):
    """A session that carries its guard: its statements get their criterion, what it flushes is checked."""

    def __init__(self, guard: Guard, *, bind: Engine) -> None:
        super().__init__(bind, expire_on_commit=False, info={OPTION: guard})


# --- ORM -------------------------------------------------------------------------------------------------------------


def _do_orm_execute(state: ORMExecuteState) -> None:
    guard: Guard = state.session.info[OPTION]
    if not isinstance(guard.scope, Scope):
        return
    if state.is_column_load:  # a row of this session is read again: it was in scope when it came
        state.update_execution_options(**{_MARK: "row"})
        return
    if state.is_insert:
        _check_rows(guard.scope, state.parameters)
    if state.is_select or state.is_update or state.is_delete:
        made_once = state.statement in _STANDING
        scoped = _scoped if made_once else _scoped.__wrapped__
        state.statement = scoped(state.statement, guard.scope.entities)
        state.update_execution_options(**{_MARK: "criteria"})


_STANDING: set[Any] = set()


def standing(statement: _Asked) -> _Asked:
    """Name a statement that is made once, with `bindparam` for what differs: its form for a scope is made once too.

    Making a statement, its criterion and the key of its compiled form takes as long as carrying it out.
    """
    _STANDING.add(statement)
    return statement


@lru_cache(maxsize=4096)
def _scoped(statement: Any, entities: frozenset[UUID]) -> Any:
    return statement.options(_criteria(entities))


@lru_cache(maxsize=1024)
def _criteria(entities: frozenset[UUID]) -> ExecutableOption:
    """The criterion of a scope; made once, since making it takes longer than many a statement."""
    owners = tuple(entities)
    return with_loader_criteria(Owned, lambda cls: cls.owner_id.in_(owners), include_aliases=True)


def _check_rows(scope: Scope, parameters: Any) -> None:
    rows = [parameters] if isinstance(parameters, Mapping) else list(parameters or ())
    for row in rows:
        if "owner_id" in row and not scope.allows(row["owner_id"]):
            raise ForeignOwner("a row of a foreign owner is being inserted")


def _before_flush(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    guard: Guard = session.info[OPTION]
    for row in _touched(session):
        if guard.scope is None:
            raise UnscopedQuery(f"{type(row).__name__} is being written without a scope")
        if not guard.scope.allows(row.owner_id):
            raise ForeignOwner(f"{type(row).__name__} of a foreign owner is being written")
        state = inspect(row)
        assert state is not None  # noqa: S101 - a row of a session has a state
        if state.persistent and state.attrs["owner_id"].history.deleted:
            raise ForeignOwner(f"{type(row).__name__} is changing its owner")
    guard.flushing = True


def _touched(session: Session) -> Iterator[Owned]:
    for collection in (session.new, session.dirty, session.deleted):
        for row in collection:
            if isinstance(row, Owned):
                yield row


def _after_flush(session: Session, _context: UOWTransaction) -> None:
    session.info[OPTION].flushing = False


def _after_soft_rollback(session: Session, _previous: Any) -> None:
    session.info[OPTION].flushing = False


event.listen(ScopedSession, "do_orm_execute", _do_orm_execute)
event.listen(ScopedSession, "before_flush", _before_flush)
event.listen(ScopedSession, "after_flush", _after_flush)
event.listen(ScopedSession, "after_soft_rollback", _after_soft_rollback)


# --- every statement -------------------------------------------------------------------------------------------------


def _before_cursor_execute(
    connection: Connection,
    _cursor: Any,
    statement: str,
    _parameters: Any,
    context: Any,
    _many: bool,  # noqa: FBT001 - as above
) -> None:
    if context is not None and context.isddl:
        return
    guard: Guard | None = connection.get_execution_options().get(OPTION)
    known = read if len(statement) <= LONGEST_KEPT else read.__wrapped__
    reading = known(statement, owned_tables_cached())
    if guard is not None and guard.read_only and reading.verb in _WRITING:
        raise ReadOnlyUnit(f"a reading unit of work was about to {reading.verb}")
    if reading.mentions:
        check(guard, reading, context)


def check(guard: Guard | None, reading: Reading, context: Any) -> None:
    """Refuse a statement on owned tables that its guard does not cover. UnscopedQuery, ForeignOwner."""
    names = ", ".join(sorted(set(reading.mentions)))
    if guard is None or guard.scope is None:
        raise UnscopedQuery(f"{names}: no scope at all")
    if isinstance(guard.scope, SystemScope):
        return
    compiled = getattr(context, "compiled", None)
    values = list(getattr(context, "compiled_parameters", None) or ())
    if compiled is None:
        raise UnscopedQuery(f"{names}: driver-level statements need a SystemScope")
    mark = context.execution_options.get(_MARK)
    if mark == "row" or (guard.flushing and not reading.inserts):
        return
    if reading.inserts and not _owners(values, exact=True):
        raise UnscopedQuery(f"{reading.inserts}: an insert that does not show its owner")
    if (mark is None or reading.inserts) and not all(guard.scope.allows(one) for one in _owners(values)):
        raise ForeignOwner(f"{names}: an owner outside the scope")
    if reading.conditions < len(reading.mentions) - (1 if reading.inserts else 0):
        raise UnscopedQuery(f"{names}: {len(reading.mentions)} mentions, {reading.conditions} conditions on owner_id")


_OWNER_PARAMETER = re.compile(r"^owner(_ids?)?(_m?\d+)*$")


def _owners(values: Sequence[Mapping[str, Any]], *, exact: bool = False) -> list[UUID | None]:
    found: list[UUID | None] = []
    for row in values:
        here: list[UUID | None] = []
        for name, value in row.items():
            if _OWNER_PARAMETER.match(name):
                many = value if isinstance(value, list | tuple | set | frozenset) else (value,)
                here.extend(_uuid(one) for one in many)
        if exact and not here:
            return []
        found.extend(here)
    return found


def _uuid(value: Any) -> UUID | None:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(str(value))
    except ValueError:
        return None


_cached_names: frozenset[str] = frozenset()
_cached_classes = -1


def owned_tables_cached() -> frozenset[str]:
    """Return `owned_tables()`, walked again only when a direct subclass of Owned appeared."""
    global _cached_names, _cached_classes
    count = len(Owned.__subclasses__())
    if count != _cached_classes:
        _cached_names, _cached_classes = owned_tables(), count
    return _cached_names


LONGEST_KEPT = 20_000
"""Longer statements (of many values) are read each time: kept, 4,096 of them could fill the memory."""


@lru_cache(maxsize=4096)
def read(statement: str, owned: frozenset[str]) -> Reading:
    """Find in the SQL what matters for the guard; see `Reading`."""
    tokens = [_plain(one) for one in _TOKEN.findall(_NOISE.sub(" ", statement))]
    verb = _verb(tokens)
    if verb == "pragma" or not owned.intersection(tokens):
        return Reading(verb, (), 0, None)
    mentions: list[str] = []
    conditions, inserts = 0, None
    clauses = [""]
    for place, word in enumerate(tokens):
        if word == "(":
            clauses.append(clauses[-1])
        elif word == ")" and len(clauses) > 1:
            clauses.pop()
        elif word in _CLAUSES or word == "join":
            clauses[-1] = "from" if word == "join" else word
        if word in owned and _is_mention(tokens, place, clauses[-1], verb):
            mentions.append(word)
            if tokens[_before(tokens, place)] == "into":
                inserts = word
        elif word == "owner_id" and clauses[-1] in _CONDITIONAL and _next(tokens, place) in {"=", "in"}:
            conditions += 1
    return Reading(verb, tuple(mentions), conditions, inserts)


def _plain(token: str) -> str:
    return token[1:-1] if token.startswith('"') else token.lower()


def _verb(tokens: Sequence[str]) -> str:
    if not tokens:
        return ""
    if tokens[0] != "with":
        return tokens[0]
    return next((one for one in tokens if one in _WRITING), "select")


def _before(tokens: Sequence[str], place: int) -> int:
    """Return the place before a name and its schema."""
    return place - 3 if place >= 2 and tokens[place - 1] == "." else place - 1


def _next(tokens: Sequence[str], place: int) -> str:
    return tokens[place + 1] if place + 1 < len(tokens) else ""


def _is_mention(tokens: Sequence[str], place: int, clause: str, verb: str) -> bool:
    if _next(tokens, place) == ".":
        return False
    if verb not in {"select", *_WRITING}:
        return True  # COPY, TRUNCATE, LOCK, …: any naming counts and no condition can cover it
    before = tokens[_before(tokens, place)] if _before(tokens, place) >= 0 else ""
    return before in _NAMING or (clause == "from" and before in {",", "("})
