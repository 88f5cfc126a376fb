"""What can go wrong in an archive.

ArchiveError
├── BadKey             a key or a part's name that the archive does not accept, or content that is not what its key says
├── NotStored          nothing is kept under this key
├── RetentionRefused   deletion, shortening or replacement refused: retention or a hold is in force
├── Damaged            what is kept is not what was put (content, retention record), with the key
├── NotWorm            the store took an object but does not enforce its retention
├── BadPackage         parts that cannot make a manifest or an export
└── StoreUnavailable   disk or network failed; nothing half-written is visible, try again
"""


class ArchiveError(Exception):
    """The root of everything this package raises on purpose."""


class BadKey(ArchiveError):
    """A key, name or content the archive does not accept; nothing was stored."""


class NotStored(ArchiveError):
    """Nothing is kept under this key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"nothing is stored under {key}")
        self.key = key


class RetentionRefused(ArchiveError):
    """The object is protected by retention or a hold; it is unchanged."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(f"{key}: {why}")
        self.key = key


class Damaged(ArchiveError):
    """What is kept under `key` is not what was put there: `what` is wrong (its hash, its size, its protection)."""

    def __init__(self, key: str, what: str) -> None:
        super().__init__(f"{key}: {what}")
        self.key = key
        self.what = what


class NotWorm(ArchiveError):
    """The store does not protect what it accepted: no object lock, a retention that it did not keep. Use another one."""


class BadPackage(ArchiveError):
    """Parts, a manifest or trust material that cannot make a package that verifies."""


class StoreUnavailable(ArchiveError):
    """Disk or network failed, or the store is full: nothing is known of the act, repeating it does no harm."""
