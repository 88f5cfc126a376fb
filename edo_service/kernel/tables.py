"""The ground of every table: base class, owner, version, and column types that mean the same on both databases."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, String, Table, Text, Uuid, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from edo_service.kernel.ids import new_id
from edo_service.kernel.money import Money

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC, to the microsecond; a naive datetime is refused. SQLite keeps sortable text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Hand the moment to the database in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an aware datetime is needed")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment back aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Kopecks(TypeDecorator[int]):
    """A sum as a whole number of kopecks, 64 bits, seen as `int`; takes `Money` too, refuses anything else."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | Money | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Store whole kopecks."""
        if isinstance(value, Money):
            return value.kopecks
        if value is not None and type(value) is not int:
            raise TypeError("kopecks are a whole number")
        return value


class MoneyType(TypeDecorator[Money]):
    """The same column seen as `Money`: what `Mapped[Money]` means."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Store the kopecks."""
        return None if value is None else value.kopecks

    def process_result_value(self, value: int | None, dialect: Dialect) -> Money | None:  # noqa: ARG002 - as above
        """Give money back."""
        return None if value is None else Money(int(value))  # a sum over the column is NUMERIC on PostgreSQL


class JsonDict(TypeDecorator[dict[str, Any]]):
    """A JSON object (JSONB on PostgreSQL). Assign a new dict to change it: changes inside are not noticed."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Choose JSONB where there is one."""
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else JSON())


class Folded(TypeDecorator[str]):
    """Text for searching: folded by `fold` when stored and when compared. SQLite folds no Cyrillic case itself."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Fold on the way in, also the right side of a comparison or LIKE."""
        return None if value is None else fold(value)


def fold(text: str) -> str:
    """Return text as searched: NFKC, no case, ё as е, one space between words, none around."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return " ".join(plain.split())


class Base(DeclarativeBase):
    """Root of the service's tables: one metadata, constraint names that migrations can rely on."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it on the class
        UUID: Uuid(),
        datetime: UtcDateTime(),
        Money: MoneyType(),
        dict[str, Any]: JsonDict(),
        str: String(),
        int: BigInteger().with_variant(Integer(), "sqlite"),
    }


class Identified:
    """Gives `id`: a time-ordered UUID."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-20)


@event.listens_for(Base, "init", propagate=True)
def _identify(row: Base, _arguments: Any, values: dict[str, Any]) -> None:
    """A row has its id from the start: others may name it before it is written, and all are written together."""
    if isinstance(row, Identified):
        values.setdefault("id", new_id())


class Owned:
    """Gives `owner_id`: the entity whose row it is. The guard and row-level security work on it; it never changes."""

    owner_id: Mapped[UUID] = mapped_column(index=True, sort_order=-10)


class Versioned:
    """Gives `version`: counts changes; a flush of a row somebody else changed meanwhile ends in Conflict."""

    version: Mapped[int] = mapped_column(default=1, sort_order=90)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy's declared_attr is given the class
        """Let the ORM guard its updates by the version."""
        return {"version_id_col": cls.__table__.c.version if hasattr(cls, "__table__") else cls.version}


def table_of(model: type[Base]) -> Table:
    """Return the mapped class's table, for Core statements."""
    return cast("Table", model.__table__)


def owned_tables() -> frozenset[str]:
    """Return the names of all tables of owned rows that are mapped so far."""
    found: set[str] = set()
    pending = list(Owned.__subclasses__())
    while pending:
        one = pending.pop()
        pending.extend(one.__subclasses__())
        table = one.__dict__.get("__tablename__")
        if isinstance(table, str):
            found.add(table)
    return frozenset(found)
