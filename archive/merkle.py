"""Hash trees of RFC 4998: one root for many groups of data objects, and each group's own way up (section 4.2).

A group of several objects is one leaf: its hashes in binary ascending order, put together and hashed. Nodes are joined in
pairs, in ascending order too; the last one of an odd row goes up as it is. Which hash function: the caller's, of bytes.
"""

from collections.abc import Callable, Sequence

from archive.errors import BadPackage

Hash = Callable[[bytes], bytes]


class HashTree:
    """A tree over groups of hashes, in the order given: the same groups give the same root.

    Raises BadPackage for no groups, a group without hashes, and hashes of different lengths.
    """

    def __init__(self, groups: Sequence[Sequence[bytes]], *, hashed: Hash) -> None:
        if not groups or not all(groups) or len({len(one) for group in groups for one in group}) != 1:
            raise BadPackage("a hash tree needs groups of hashes of one length")
        self._groups = tuple(tuple(sorted(group)) for group in groups)
        self._rows = [[group[0] if len(group) == 1 else hashed(b"".join(group)) for group in self._groups]]
        while len(row := self._rows[-1]) > 1:
            pairs = [row[index : index + 2] for index in range(0, len(row), 2)]
            self._rows.append([hashed(b"".join(sorted(pair))) if len(pair) == 2 else pair[0] for pair in pairs])

    @property
    def root(self) -> bytes:
        """What is time-stamped."""
        return self._rows[-1][0]

    def __len__(self) -> int:
        """How many groups."""
        return len(self._groups)

    def reduced(self, index: int) -> tuple[tuple[bytes, ...], ...]:
        """The reduced hash tree of one group: its own list, then the other hash of each pair on the way to the root.

        Empty for the only group of a tree that is a single hash: the time-stamp is over that hash itself.
        """
        group = self._groups[index]
        lists: list[tuple[bytes, ...]] = [group] if len(group) > 1 else []
        for row in self._rows[:-1]:
            other = index ^ 1
            if other < len(row):
                pair = (row[other],)
                lists.append(pair if lists else tuple(sorted((row[index], *pair))))
            index //= 2
        return tuple(lists)
