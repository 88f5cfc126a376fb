"""What roots and renewals need from outside, given by bootstrap, and the policy of renewal as data."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import archive
import signing
from edo_service.archiving.renewer import Both, SigningRenewer
from edo_service.errors import Unavailable
from edo_service.kernel.clock import Clock
from edo_service.kernel.objects import ObjectStore


@dataclass(frozen=True, kw_only=True)
class EvidencePolicy:
    """When evidence is made and renewed.

    `digest`: the hash function of new trees. `renew_before`: how long before a time-stamp or a hash function ages it is
    renewed. `pause`: a time-stamp younger than this is not renewed, so that an authority that has no newer certificate
    yet is not asked every day. `quiet`: how long the journal's head may wait for a root when no package does.
    `most_leaves`: packages under one root; the rest waits a day. `algorithms`: the ends of hash functions and keys.
    `refresh`: whether signatures are raised to CAdES-A or PAdES-LTA too (ADR 0011), `most_refreshed` sets a day; what
    could not be raised is asked again after `again`.
    """

    digest: str = "streebog256"
    renew_before: timedelta = timedelta(days=90)
    pause: timedelta = timedelta(days=30)
    quiet: timedelta = timedelta(days=7)
    most_leaves: int = 20_000
    algorithms: signing.Policy = field(default_factory=signing.Policy)
    refresh: bool = False
    most_refreshed: int = 500
    again: timedelta = timedelta(days=1)

    def ages(self, digest: str, now: datetime) -> bool:
        """Whether trees of this hash function have to be built anew by now."""
        return self.algorithms.weak_digest(digest, now + self.renew_before)


class Trees:
    """Hash trees that were read lately, by the hash of their list, which never changes; so many leaves in all.

    One object serves many threads. An export of many sets reads the list of a day once.
    """

    def __init__(self, most_leaves: int = 30_000) -> None:
        self._most = most_leaves
        self._lock = threading.Lock()
        self._known: dict[str, tuple[Mapping[str, int], archive.HashTree]] = {}

    def get(self, list_sha256: str, load: Callable[[], bytes]) -> tuple[Mapping[str, int], archive.HashTree]:
        """Places of subjects and the tree; archive.BadPackage when what is loaded is no list."""
        with self._lock:
            known = self._known.get(list_sha256)
        if known is None:
            listed = archive.read_tree(load())
            places = {leaf.subject: index for index, leaf in enumerate(listed.leaves)}
            known = places, listed.tree(hashing(listed.digest))
            with self._lock:
                self._known[list_sha256] = known
                while len(self._known) > 1 and sum(len(tree) for _, tree in self._known.values()) > self._most:
                    del self._known[next(iter(self._known))]
        return known


@dataclass(frozen=True, kw_only=True)
class EvidenceDesk:
    """The WORM store, the working store, the timestamper, whom we trust, and where evidence about a TSA comes from."""

    store: archive.Store
    objects: ObjectStore
    timestamper: signing.Timestamper
    clock: Clock
    load_trust: Callable[[], signing.TrustStore]
    evidence: signing.EvidenceSource
    policy: EvidencePolicy = field(default_factory=EvidencePolicy)
    trees: Trees = field(default_factory=Trees, repr=False, compare=False)

    def outlook(self, token: bytes) -> signing.TimestampOutlook:
        """What the token says, and how long it can stand alone."""
        now = self.clock.now()
        trust, policy = self.load_trust(), self.policy.algorithms
        return signing.timestamp_outlook(token, trust=trust, evidence=self.evidence, at=now, policy=policy)

    def seal(self, token: bytes) -> bytes:
        """The token with all that judging it takes; signing.BadInput when it cannot be proven now."""
        now = self.clock.now()
        trust, policy = self.load_trust(), self.policy.algorithms
        return signing.seal_timestamp(token, trust=trust, evidence=self.evidence, at=now, policy=policy)

    def renewer(self, kept: signing.EvidenceSource) -> archive.Renewer:
        """Raises signatures of a set now; `kept` is the evidence that lies in the set, which nobody may publish any more."""
        return SigningRenewer(
            timestamper=self.timestamper,
            trust=self.load_trust(),
            evidence=Both(kept, self.evidence),
            at=self.clock.now(),
            policy=self.policy.algorithms,
        )

    def verify(self, record: bytes, objects: tuple[bytes, ...]) -> signing.EvidenceReport:
        """The verdict on a record now."""
        now = self.clock.now()
        trust, policy = self.load_trust(), self.policy.algorithms
        return signing.verify_evidence_record(
            record, objects, trust=trust, evidence=self.evidence, at=now, policy=policy
        )

    def kept(self, owner_id: UUID, sha256: str) -> bytes:
        """A list or token of a tree from the WORM store. Unavailable; archive.NotStored, archive.Damaged."""
        return self.from_store(shelf_key(owner_id, sha256))

    def from_store(self, key: str) -> bytes:
        """An object of the WORM store, checked against its key. Unavailable; archive.NotStored, archive.Damaged."""
        try:
            return self.store.get(key)
        except archive.StoreUnavailable as error:
            raise Unavailable("archive.store_silent", reason=str(error)) from error

    def put(self, owner_id: UUID, sha256: str, *, retain_until: datetime) -> None:
        """Put what lies in the working store into the WORM store; again changes nothing. Unavailable."""
        self._put(shelf_key(owner_id, sha256), self.objects.get(owner_id, sha256), retain_until)

    def put_part(self, owner_id: UUID, sha256: str, *, retain_until: datetime) -> None:
        """The same for a part of a set, on the company's own shelf. Unavailable."""
        self._put(f"{owner_id}/{sha256}", self.objects.get(owner_id, sha256), retain_until)

    def hold_part(self, owner_id: UUID, sha256: str, *, on: bool) -> None:
        """Put a hold on a part of a set that was put, or take it off. Unavailable."""
        key = f"{owner_id}/{sha256}"
        try:
            stat = self.store.stat(key)
            if stat is not None and stat.hold != on:
                self.store.set_hold(key, on)
        except archive.StoreUnavailable as error:
            raise Unavailable("archive.store_silent", reason=str(error)) from error

    def _put(self, key: str, content: bytes, retain_until: datetime) -> None:
        try:
            self.store.put(key, content, retain_until=retain_until)
        except archive.StoreUnavailable as error:
            raise Unavailable("archive.store_silent", reason=str(error)) from error


def shelf_key(owner_id: UUID, sha256: str) -> str:
    """Where lists and tokens of a company's trees lie in the WORM store."""
    return f"evidence-{owner_id}/{sha256}"


def hashing(digest: str) -> Callable[[bytes], bytes]:
    """The hash function of a tree."""
    return partial(signing.digest, digest)
