"""A power of attorney and what is found about it, as values; the ten checks stand in `judging`. Pure.

63-ФЗ art. 17.2 (an employee signs with his own certificate and a МЧД); ГК РФ art. 182-189; EMCHD_1 of Минцифры and ФНС.
A check that could not be made is INDETERMINATE, never a pass.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    INDETERMINATE = "indeterminate"


class Passing(StrEnum):
    """ПрПередов: whether the power may be passed on."""

    FORBIDDEN = "1"
    ONCE = "2"
    FURTHER = "3"


class RegistryState(StrEnum):
    """What the register of powers says of a number."""

    ACTIVE = "active"
    REVOKED = "revoked"
    ABSENT = "absent"
    SILENT = "silent"


@dataclass(frozen=True, kw_only=True)
class Who:
    """A principal, an agent or a passer: an organisation (`organization_inn`) or a person (`inn`, `snils`)."""

    name: str
    inn: str | None = None
    snils: str | None = None
    organization_inn: str | None = None

    def is_same(self, other: Who) -> bool:
        """Whether both name one organisation or one person; a number that either side lacks proves nothing."""
        if self.organization_inn or other.organization_inn:
            return self.organization_inn == other.organization_inn
        same = [
            mine == theirs for mine, theirs in ((self.inn, other.inn), (self.snils, other.snils)) if mine and theirs
        ]
        return bool(same) and all(same)

    def is_of(self, inn: str) -> bool:
        """Whether this is the organisation or the entrepreneur of the ИНН; an empty one is nobody's."""
        return bool(inn) and inn in {self.organization_inn, self.inn}


@dataclass(frozen=True, kw_only=True)
class CodedPower:
    """A power by the classifier; `limits` are (КодОгр, value): a code of the classifier or words."""

    code: str
    name: str
    limits: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Power:
    """One МЧД. `previous` is the number of the power that this one passes on, `passers` who pass it on.

    `check_at`: СведСист, where the system that keeps the power answers.
    """

    number: str
    own_number: str
    issued: dt.date
    expires: dt.date
    principals: tuple[Who, ...]
    agents: tuple[Who, ...]
    coded: tuple[CodedPower, ...] = ()
    text: str | None = None
    passing: Passing = Passing.FORBIDDEN
    previous: str | None = None
    passers: tuple[Who, ...] = ()
    check_at: str = ""
    notarised: bool = False


@dataclass(frozen=True, kw_only=True)
class PowerFile:
    """The file of a power as it was found: its name, what its format says, who signed it.

    `signature`: TOTAL-PASSED, INDETERMINATE, TOTAL-FAILED of the detached signature, None when there is none; `signer` is
    None when no certificate could be read.
    """

    name: str
    file_id: str
    violations: tuple[str, ...]
    signature: str | None
    signer: Who | None

    @property
    def is_well_named(self) -> bool:
        """Whether the name is ИдФайл; a browser that has saved the file twice changes it."""
        return self.name.removesuffix(".xml").casefold() == self.file_id.casefold()


@dataclass(frozen=True, kw_only=True)
class RegistryAnswer:
    """What the register says; `revoked_at` with REVOKED, `reason` with SILENT."""

    state: RegistryState
    revoked_at: dt.datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class KeptPower:
    """A power of the register here: what it says, its file, the register's answer, kinds a person has decided on."""

    power: Power
    file: PowerFile | None
    registry: RegistryAnswer
    decided: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Act:
    """The signature that rests on a power: whose certificate, when, for which organisation, on which kind of document."""

    signer: Who
    at: dt.datetime
    organization_inn: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class PowerCheck:
    """One of the ten checks."""

    number: int
    name: str
    outcome: Outcome
    text: str

    def to_json(self) -> dict[str, object]:
        """As it is stored and shown."""
        return {"number": self.number, "name": self.name, "outcome": self.outcome.value, "text": self.text}


@dataclass(frozen=True, kw_only=True)
class PowerVerdict:
    """All checks. FAILED when one failed; else INDETERMINATE when one could not be made; else WARNING; else PASSED."""

    checks: tuple[PowerCheck, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst that matters."""
        found = {check.outcome for check in self.checks}
        order = (Outcome.FAILED, Outcome.INDETERMINATE, Outcome.WARNING)
        return next((one for one in order if one in found), Outcome.PASSED)

    @property
    def reason(self) -> str:
        """The sentence of the first check that did not pass; empty when all passed."""
        worst = self.outcome
        return "" if worst is Outcome.PASSED else next(check.text for check in self.checks if check.outcome is worst)


class Chain(Protocol):
    """Finds an earlier power by its number."""

    def __call__(self, number: str, /) -> KeptPower | None:
        """The power, None when it is not here."""


PREFERENCE: Final = (Outcome.PASSED, Outcome.WARNING, Outcome.INDETERMINATE, Outcome.FAILED)
"""Of several powers the one that ended best counts."""
MAX_CHAIN: Final = 8
Said = tuple[Outcome, str]
"""How one check ended, and its sentence."""
