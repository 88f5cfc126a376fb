"""The compliance desk without the road: once on SQLite, once on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.archive_desk import DeskHouse, desk_house


@pytest.fixture
def bare_desk(sqlite_url: str, tmp_path: Path) -> Iterator[DeskHouse]:
    """On SQLite."""
    with desk_house(sqlite_url, tmp_path / "desk") as house:
        yield house


@pytest.fixture
def any_desk(database_url: str, tmp_path: Path) -> Iterator[DeskHouse]:
    """On both databases."""
    with desk_house(database_url, tmp_path / "desk") as house:
        yield house
