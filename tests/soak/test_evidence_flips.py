"""Evidence records: thousands of changed, cut and spliced bytes, none of which passes; trees of every size."""

from __future__ import annotations

import hashlib
import os
import random
import secrets
from collections.abc import Callable
from datetime import timedelta

import pytest

from archive import HashTree
from tests.signing.maker import NOW, YEAR
from tests.signing.test_evidence_records import Archive

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]
FLIPS, SPLICES, TREES = 8000, 2000, 400


@pytest.fixture
def dice(record_property: Callable[[str, object], None]) -> random.Random:
    number = int(os.environ.get("EDO_SOAK_SEED") or secrets.randbelow(2**32))
    record_property("seed", number)
    return random.Random(number)


def test_no_changed_record_passes(dice: random.Random, record_property: Callable[[str, object], None]) -> None:
    archive = Archive()
    soon, later = NOW + timedelta(days=270), NOW + 2 * YEAR
    record = archive.renew(archive.begin(), archive.tsa(soon, NOW + 3 * YEAR))
    record = archive.rebuild(record, archive.tsa(later, NOW + 4 * YEAR), "sha512")
    whole, newest = record.to_der(), record.newest
    at = later + timedelta(days=30)
    evidence = archive.lists(at)
    assert archive.judge(whole, at, evidence=evidence).indication == "TOTAL-PASSED"
    start, end = whole.index(record.chains[0][0].der), whole.index(newest.token)
    for _ in range(FLIPS):
        changed = bytearray(whole)
        for _ in range(dice.choice([1, 1, 1, 2, 5])):
            changed[dice.randrange(start, end)] ^= 1 << dice.randrange(8)
        if changed != whole:
            assert archive.judge(bytes(changed), at, evidence=evidence).indication != "TOTAL-PASSED", changed.hex()
    for _ in range(SPLICES):
        place, other = sorted(dice.sample(range(start, len(whole)), 2))
        spliced = dice.choice([whole[:place], whole[:place] + whole[other:], whole[:other] + whole[place:]])
        assert archive.judge(spliced, at, evidence=evidence).indication != "TOTAL-PASSED", spliced.hex()
    record_property("changed_records", FLIPS)
    record_property("spliced_records", SPLICES)


def test_trees_of_every_size_lead_each_group_to_the_root(
    dice: random.Random, record_property: Callable[[str, object], None]
) -> None:
    def hashed(data: bytes) -> bytes:
        return hashlib.sha256(data).digest()

    for size in range(1, TREES + 1):
        groups = [tuple(dice.randbytes(32) for _ in range(dice.randrange(1, 4))) for _ in range(size)]
        tree = HashTree(groups, hashed=hashed)
        for index in dice.sample(range(size), min(size, 8)):
            lists = tree.reduced(index)
            value = groups[index][0] if not lists else hashed(b"".join(sorted(lists[0])))
            for one in lists[1:]:
                value = hashed(b"".join(sorted([*one, value])))
            assert value == tree.root
            assert not lists or set(groups[index]) <= set(lists[0])
    record_property("trees", TREES)
