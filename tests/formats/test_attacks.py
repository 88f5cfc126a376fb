"""More than thirty hostile files: each is refused in Russian within a second of processor time and 200 MB."""

import json
import subprocess
import sys

import pytest

from tests.formats.attacks import ATTACKS, SEVERE

LIMIT_SECONDS = 1.0
LIMIT_MEGABYTES = 200


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, object]]:
    """What a process of its own says of all the files, each checked in a child."""
    done = subprocess.run([sys.executable, "-m", "tests.formats.attacks"], capture_output=True, check=True, timeout=300)
    return {item["name"]: item for item in json.loads(done.stdout)}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_quickly_and_small(name: str, told: dict[str, dict[str, object]]) -> None:
    item = told[name]
    assert item["status"] == 0
    assert item["violations"]
    assert any("а" <= letter <= "я" for letter in item["violations"][0])
    assert item["seconds"] <= LIMIT_SECONDS
    assert item["megabytes"] <= LIMIT_MEGABYTES


def test_the_reader_refuses_what_is_an_attack_by_itself(told: dict[str, dict[str, object]]) -> None:
    """Reading is tolerant of broken rules, never of what XML itself makes dangerous."""
    dangerous = [name for name in ATTACKS if any(word in name for word in SEVERE)]
    assert len(dangerous) > 12
    for name in dangerous:
        assert told[name]["read"], name


def test_there_are_enough_of_them() -> None:
    assert len(ATTACKS) >= 30
