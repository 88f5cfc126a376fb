"""The register of operators' codes, kept as data (`operator_codes.toml`) with the source and date of each line."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class OperatorRecord:
    """A known operator: its code, its name for people, where and when the pair was seen."""

    code: str
    name: str
    source: str
    seen: date


@lru_cache(maxsize=1)
def known_operators() -> Mapping[str, OperatorRecord]:
    """Return the register by code; the order is that of the data file."""
    raw = tomllib.loads(files("operators").joinpath("operator_codes.toml").read_text(encoding="utf-8"))
    records = [OperatorRecord(**line) for line in raw["operator"]]
    by_code = {record.code: record for record in records}
    if len(by_code) != len(records):
        raise ValueError("operator_codes.toml names a code twice")
    return MappingProxyType(by_code)


def operator_code(participant_id: str) -> str:
    """Return the operator's code, the first three characters of a participant id (4–46 characters).

    Raises ValueError.
    """
    if not 4 <= len(participant_id) <= 46:
        raise ValueError("a participant id has 4 to 46 characters")
    return participant_id[:3]


def operator_of(participant_id: str) -> OperatorRecord | None:
    """Return the operator that serves the participant.

    None for a code not in the register (it is accepted all the same).
    """
    return known_operators().get(operator_code(participant_id))
