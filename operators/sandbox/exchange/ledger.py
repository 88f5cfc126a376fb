"""One accepted request: the transaction it is written in, its moment, and the operator's ports."""

import hashlib
import sqlite3
import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from operators.sandbox.exchange import rows
from operators.sandbox.exchange.model import from_ticks
from operators.sandbox.faults import Faults
from operators.sandbox.ports import Notary, Papers, SandboxOperator, SandboxOrganization

OPERATOR_BOX = "00000000000000000000000000000000"
"""The box that stands as the signer of the operator's own papers."""


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What a verb of the exchange needs.

    `at`: the request's moment in ticks; `lines`: the last line of a feed that this request has written, by box.
    """

    connection: sqlite3.Connection
    at: int
    operator: SandboxOperator
    notary: Notary
    papers: Papers
    knobs: Faults
    lines: dict[str, int] = field(default_factory=dict, repr=False)

    def participant(self, box: str) -> SandboxOrganization:
        """Return the owner of a box in the words of the ports."""
        found = rows.organisation(self.connection, box)
        return SandboxOrganization(
            name=found.name,
            inn=found.inn,
            kpp=found.kpp,
            ogrn=found.ogrn,
            participant_id=found.participant_id,
            box_id=f"{box}@diadoc.ru",
            operator=found.operator or self.operator.code,
        )

    def operator_of(self, box: str) -> SandboxOperator:
        """Return the operator that serves a box; each confirms to its own client."""
        code = rows.organisation(self.connection, box).operator
        found = rows.operator(self.connection, code) if code else None
        return self.operator if found is None else SandboxOperator(code=found.code, name=found.name, inn=found.inn)

    def roams(self, box: str, other: str) -> bool:
        """Whether two boxes are served by different operators."""
        return self.operator_of(box).code != self.operator_of(other).code

    def later(self, delay: timedelta) -> int:
        """Return the request's moment plus a delay, in ticks."""
        return self.at + delay // timedelta(microseconds=1) * 10

    def tally(self, what: str, content: bytes, column: str = "accepted") -> None:
        """Count what was accepted, replayed or refused, by the SHA-256 of its content."""
        count(self.connection, what, content, column)


def count(connection: sqlite3.Connection, what: str, content: bytes, column: str) -> None:
    """Add one to a tally; `column` is accepted, replayed or refused."""
    if column not in {"accepted", "replayed", "refused"}:
        raise ValueError(column)
    digest = hashlib.sha256(content).hexdigest()
    connection.execute("insert or ignore into tally values (?, ?, 0, 0, 0)", (what, digest))
    connection.execute(
        f"update tally set {column} = {column} + 1 where what = ? and sha256 = ?",  # noqa: S608 - the column is one of three
        (what, digest),
    )


def new_id() -> str:
    """Make a GUID as the operator writes it."""
    return str(uuid.uuid4())


def moment(value: int) -> str:
    """Format ticks for people (UTC)."""
    return from_ticks(value).strftime("%d.%m.%Y %H:%M:%S")
