"""Hash trees: every group's way leads to the root by plain concatenation and sorting; the list of a tree is canonical."""

import hashlib
import json
import random

import pytest

from archive import BadPackage, HashTree, Leaf, TreeList, read_tree, write_tree


def h(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def climb(lists: tuple[tuple[bytes, ...], ...], group: tuple[bytes, ...]) -> bytes:
    """RFC 4998, 4.3, written anew."""
    if not lists:
        return group[0]
    assert set(group) <= set(lists[0])
    value = h(b"".join(sorted(lists[0])))
    for one in lists[1:]:
        value = h(b"".join(sorted([*one, value])))
    return value


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 33, 100])
def test_every_group_leads_to_the_root_and_to_no_other(count: int) -> None:
    chance = random.Random(count)
    groups = [tuple(chance.randbytes(32) for _ in range(chance.choice([1, 1, 2, 3]))) for _ in range(count)]
    tree = HashTree(groups, hashed=h)
    assert len(tree) == count
    for index, group in enumerate(groups):
        lists = tree.reduced(index)
        assert climb(lists, group) == tree.root
        assert len(lists) <= count.bit_length() + 1
        if len(group) > 1:
            assert set(lists[0]) == set(group), "a group's first list holds nothing else"
    assert HashTree(groups, hashed=h).root == tree.root
    changed = [*groups[:-1], (h(groups[-1][0]),)]
    assert HashTree(changed, hashed=h).root != tree.root


def test_the_order_inside_a_group_is_no_matter_and_a_lone_hash_is_its_root() -> None:
    one, two = h(b"1"), h(b"2")
    assert HashTree([(one, two)], hashed=h).root == HashTree([(two, one)], hashed=h).root
    lone = HashTree([(one,)], hashed=h)
    assert (lone.root, lone.reduced(0)) == (one, ())


@pytest.mark.parametrize("groups", [[], [()], [(h(b""),), ()], [(h(b""),), (b"short",)]])
def test_no_tree_of_nothing_or_of_mixed_hashes(groups: list[tuple[bytes, ...]]) -> None:
    with pytest.raises(BadPackage):
        HashTree(groups, hashed=h)


LISTED = TreeList(
    owner="o",
    kind="day",
    day="2026-11-22",
    digest="sha256",
    leaves=(Leaf(subject="package:1", hashes=(h(b"a"), h(b"b"))), Leaf(subject="journal:7:ff", hashes=(h(b"c"),))),
)


def test_the_list_is_canonical_and_comes_back() -> None:
    content = write_tree(LISTED)
    assert read_tree(content) == LISTED
    assert write_tree(read_tree(content)) == content
    assert json.loads(content)["format"] == "edo-evidence-tree/1"
    assert LISTED.index("journal:7:ff") == 1
    with pytest.raises(BadPackage, match="no leaf"):
        LISTED.index("package:2")
    assert LISTED.tree(h).root == climb(LISTED.tree(h).reduced(0), LISTED.leaves[0].hashes)


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw | {"format": "x"},
        lambda raw: raw | {"kind": "week"},
        lambda raw: raw | {"leaves": raw["leaves"] * 2},
        lambda raw: raw | {"leaves": [{"subject": "x", "hashes": ["zz"]}]},
        lambda raw: raw | {"leaves": 5},
        lambda raw: {name: raw[name] for name in raw if name != "owner"},
        lambda raw: [raw],
    ],
)
def test_another_list_is_refused(change: object) -> None:
    raw = change(json.loads(write_tree(LISTED)))  # type: ignore[operator]  # one of the functions above
    with pytest.raises(BadPackage):
        read_tree(json.dumps(raw, sort_keys=True, separators=(",", ":")).encode())
    with pytest.raises(BadPackage):
        read_tree(write_tree(LISTED) + b" ")
