"""Put once, keep, find damage, hand out a package that verifies without us.

Stores keep content under `<entity>/<sha256>`: FileStore in a folder, S3Store in a bucket with Object Lock (import it
from archive.s3, it needs the minio SDK). `run_canary` proves that a store protects what it accepts. A package is a list
of `Part`s; `build_manifest` lists them, `deposit` keeps them, `write_export` hands them out, `scrub` reads everything
again, `HashTree` and `TreeList` join a day's packages under one root, `refresh` has signatures raised before they age
through the port `Renewer`. The package knows no signatures and no databases:
hashes of ГОСТ come through the port `Digests`, signatures and timestamps come as bytes.
"""

from archive.canary import CanaryReport, run_canary
from archive.canonical import canonical_json
from archive.errors import (
    ArchiveError,
    BadKey,
    BadPackage,
    Damaged,
    NotStored,
    NotWorm,
    RetentionRefused,
    StoreUnavailable,
)
from archive.evidence import Leaf, TreeList, read_tree, write_tree
from archive.exporting import Export, RefreshedPart, Supplement, store_reader, write_export
from archive.files import FileStore
from archive.merkle import HashTree
from archive.mirror import MirrorStore
from archive.package import (
    ROLES,
    Digests,
    Manifest,
    ManifestPart,
    Part,
    batches,
    build_manifest,
    deposit,
    read_manifest,
)
from archive.promises import Expected, Listed, Merged, Promises, Source
from archive.renewing import (
    REFRESHED,
    NotRenewable,
    Outlook,
    Refresh,
    Renewed,
    Renewer,
    Signed,
    Stamp,
    refresh,
    told,
)
from archive.scrubbing import ScrubReport, Stretch, scrub, scrub_stretch
from archive.store import CANARY_ENTITY, Attempt, Clock, Copy, Examined, Finding, Stat, Store, Stored, key_of

__all__ = [
    "CANARY_ENTITY",
    "REFRESHED",
    "ROLES",
    "ArchiveError",
    "Attempt",
    "BadKey",
    "BadPackage",
    "CanaryReport",
    "Clock",
    "Copy",
    "Damaged",
    "Digests",
    "Examined",
    "Expected",
    "Export",
    "FileStore",
    "Finding",
    "HashTree",
    "Leaf",
    "Listed",
    "Manifest",
    "ManifestPart",
    "Merged",
    "MirrorStore",
    "NotRenewable",
    "NotStored",
    "NotWorm",
    "Outlook",
    "Part",
    "Promises",
    "Refresh",
    "RefreshedPart",
    "Renewed",
    "Renewer",
    "RetentionRefused",
    "ScrubReport",
    "Signed",
    "Source",
    "Stamp",
    "Stat",
    "Store",
    "StoreUnavailable",
    "Stored",
    "Stretch",
    "Supplement",
    "TreeList",
    "batches",
    "build_manifest",
    "canonical_json",
    "deposit",
    "key_of",
    "read_manifest",
    "read_tree",
    "refresh",
    "run_canary",
    "scrub",
    "scrub_stretch",
    "store_reader",
    "told",
    "write_export",
    "write_tree",
]
