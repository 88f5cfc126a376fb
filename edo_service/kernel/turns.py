"""One at a time: transactions that decide by what the others have written take turns."""

import hashlib

from sqlalchemy import text
from sqlalchemy.orm import Session


def take_turn(session: Session, *words: str) -> None:
    """Be the only transaction with these words until it ends; what others with them have committed is seen from here on.

    PostgreSQL: an advisory lock of the transaction, given back by commit and rollback alike. SQLite has one writer anyway.
    Take several turns in one order everywhere.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    digest = hashlib.sha256("\0".join(words).encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
