"""What every test may use: foreign test data and real servers. The servers live in tests/services/plugin.py."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

pytest_plugins = [
    "tests.services.plugin",
    "tests.fixtures.databases",
    "tests.fixtures.companies",
    "tests.fixtures.road",
]
# Everywhere as hypothesis does it where CI is set: the same cases in every run, and no case fails for being slow.
settings.load_profile("ci")
LONGEST_FIRST = (
    "crash/test_full",
    "crash/test_embedded",
    "crash/test_faults",
    "test_portal_browser",
    "web/test_browser",
    "demo/test_demo",
    "tooling/test_stack",
    "test_contract_of_adapters",
)
"""Files that take minutes set out first, so that no core waits for the other's long last file."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        names = (place for place, name in enumerate(LONGEST_FIRST) if name in item.path.as_posix())
        return next(names, len(LONGEST_FIRST))

    items.sort(key=place)


@pytest.fixture(scope="session")
def shared_data(unavailable: Callable[[str], NoReturn]) -> Path:
    """The folder of other projects' test data (EDO_TEST_DATA, default ../shared); skipped loudly when it is absent."""
    folder = Path(os.environ.get("EDO_TEST_DATA", ROOT.parent / "shared"))
    if not folder.is_absolute():
        folder = ROOT / folder
    if not folder.is_dir():
        unavailable(f"test data: no folder {folder} (set EDO_TEST_DATA)")
    return folder.resolve()
