"""Rows of accounts: legal entities, people, who works for whom, sessions, counted log-in tries.

Entities, people and sessions belong to nobody in particular (a person may work for several companies, any company may be
looked up by its ИНН for the direct route); what an entity knows of its people, the membership, is owned by it.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from edo_service.kernel.tables import Base, Folded, Identified, Owned, Versioned


class Entity(Identified, Versioned, Base):
    """A legal entity with an account here. `code` names it in addresses (/o/{code}/); `kind` is lessor or client."""

    __tablename__ = "entity"
    __table_args__ = (UniqueConstraint("inn", "kpp"),)

    code: Mapped[str] = mapped_column(String(16), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(1000))
    inn: Mapped[str] = mapped_column(String(12))
    kpp: Mapped[str] = mapped_column(String(9), default="")
    ogrn: Mapped[str] = mapped_column(String(15), default="")
    created_at: Mapped[datetime]


class Person(Identified, Versioned, Base):
    """A person who may log in. `login` is folded: letter case does not matter."""

    __tablename__ = "person"

    login: Mapped[str] = mapped_column(Folded, unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    surname: Mapped[str] = mapped_column(String(60))
    given_name: Mapped[str] = mapped_column(String(60))
    patronymic: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime]
    password_changed_at: Mapped[datetime]


class Membership(Identified, Owned, Versioned, Base):
    """A person's work for the owner: role, position, the numbers that stand in signatures; `head` signs for everything.

    `valid_until`: the last day (Moscow) of a membership that ends by itself, None for one without an end.
    """

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("owner_id", "person_id"), Index("ix_membership_person_id", "person_id"))

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(20))
    position: Mapped[str] = mapped_column(String(128), default="")
    inn: Mapped[str] = mapped_column(String(12), default="")
    snils: Mapped[str] = mapped_column(String(11), default="")
    head: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    valid_until: Mapped[date | None]


class UserSession(Identified, Base):
    """One log-in. The token itself is known to the browser only; `csrf_secret` keys the tokens of its forms."""

    __tablename__ = "user_session"
    __table_args__ = (Index("ix_user_session_person_id", "person_id", "ended_at"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    csrf_secret: Mapped[bytes] = mapped_column(LargeBinary)
    address: Mapped[str] = mapped_column(String(64))
    user_agent: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LogInTries(Identified, Base):
    """Log-in tries of one log-in name from one address since `since`; `subject` is a hash of both."""

    __tablename__ = "log_in_tries"

    subject: Mapped[str] = mapped_column(String(64), unique=True)
    since: Mapped[datetime]
    tries: Mapped[int]
