"""The list of a hash tree: canonical JSON that says what each leaf is, kept in the WORM store beside the time-stamp.

From lists and tokens alone every evidence record can be made again; no database is needed for that.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archive.canonical import canonical_json
from archive.errors import BadPackage
from archive.merkle import Hash, HashTree

FORMAT = "edo-evidence-tree/1"
KINDS = ("day", "timestamp_renewal", "hash_tree_renewal")


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One group of data objects under a root. subject: what it is ("package:<id>"); hashes: of its data objects."""

    subject: str
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True)
class TreeList:
    """A tree as it is kept. kind: one of KINDS; day: ISO date; digest: the name of the hash function; leaves in order.

    For kind "day" a leaf is a package (manifest, its signature, the signature's time-stamp) or the head of the journal;
    for renewals it is a token to be renewed, or a package with its older chains (RFC 4998, 5.2).
    """

    owner: str
    kind: str
    day: str
    digest: str
    leaves: tuple[Leaf, ...]

    def tree(self, hashed: Hash) -> HashTree:
        """The tree over the leaves."""
        return HashTree([leaf.hashes for leaf in self.leaves], hashed=hashed)

    def index(self, subject: str) -> int:
        """The place of a leaf; BadPackage when there is none."""
        for number, leaf in enumerate(self.leaves):
            if leaf.subject == subject:
                return number
        raise BadPackage(f"the tree has no leaf {subject}")


def write_tree(tree: TreeList) -> bytes:
    """Canonical JSON; the same tree gives the same bytes. BadPackage for an unknown kind or a subject twice."""
    _check(tree)
    leaves = [{"subject": one.subject, "hashes": [value.hex() for value in one.hashes]} for one in tree.leaves]
    facts = {"owner": tree.owner, "kind": tree.kind, "day": tree.day, "digest": tree.digest}
    return canonical_json({"format": FORMAT, **facts, "leaves": leaves})


def read_tree(content: bytes) -> TreeList:
    """A list as write_tree makes it; BadPackage for anything else."""
    try:
        raw = json.loads(content)
        if canonical_json(raw) != content or raw["format"] != FORMAT:
            raise BadPackage("not the list of a hash tree")
        tree = TreeList(
            owner=raw["owner"], kind=raw["kind"], day=raw["day"], digest=raw["digest"], leaves=_leaves(raw["leaves"])
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadPackage(f"not the list of a hash tree: {error}") from error
    _check(tree)
    return tree


def _leaves(raw: Sequence[dict[str, Any]]) -> tuple[Leaf, ...]:
    return tuple(Leaf(subject=one["subject"], hashes=tuple(map(bytes.fromhex, one["hashes"]))) for one in raw)


def _check(tree: TreeList) -> None:
    if tree.kind not in KINDS:
        raise BadPackage(f"unknown kind of tree {tree.kind!r}")
    if len({one.subject for one in tree.leaves}) != len(tree.leaves):
        raise BadPackage("a tree names one subject twice")
