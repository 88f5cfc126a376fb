"""What signing needs from outside, and how a finished signature is written down with its verdict and evidence."""

import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import signing
from edo_service.documents import rules
from edo_service.documents.tables import Part, Signature
from edo_service.errors import Rejected
from edo_service.kernel.clock import Clock
from edo_service.kernel.objects import ObjectStore
from edo_service.powers.desk import PowerDesk
from edo_service.trust.judge import Judge, Judgement

PUT_ANEW: Final = timedelta(hours=1)
"""Evidence is put again after so long: far sooner than what is put may be deleted (`kernel.objects.IDLE`)."""
REMEMBERED: Final = 4096


class PutLately:
    """Which evidence lies in the store because this process has put it: thousands of signatures rest on the same lists.

    Owners and SHA-256s only. Threads share it.
    """

    def __init__(self) -> None:
        self._at: dict[tuple[UUID, str], datetime] = {}
        self._lock = threading.Lock()

    def knows(self, name: str, *, owner: UUID, now: datetime) -> bool:
        """Whether the content of this SHA-256 was put within `PUT_ANEW`."""
        at = self._at.get((owner, name))
        return at is not None and at <= now < at + PUT_ANEW

    def note(self, names: Iterable[str], *, owner: UUID, now: datetime) -> None:
        """Say that these have been put."""
        with self._lock:
            for name in names:
                self._at.pop((owner, name), None)
                self._at[owner, name] = now
            while len(self._at) > REMEMBERED:
                del self._at[next(iter(self._at))]


class Tray:
    """Contents of one owner on their way into the store: each is named at once, and all are put together."""

    def __init__(self, owner: UUID, *, objects: ObjectStore, lately: PutLately, clock: Clock) -> None:
        self._owner, self._objects, self._lately, self._clock = owner, objects, lately, clock
        self._waiting: dict[str, bytes] = {}
        self._shared: set[str] = set()

    def add(self, content: bytes) -> str:
        """Take a content; its SHA-256."""
        name = hashlib.sha256(content).hexdigest()
        self._waiting[name] = content
        return name

    def add_evidence(self, content: bytes) -> str:
        """Take one that many signatures share, unless it was put lately; its SHA-256."""
        name = hashlib.sha256(content).hexdigest()
        if not self._lately.knows(name, owner=self._owner, now=self._clock.now()):
            self._waiting[name] = content
            self._shared.add(name)
        return name

    def put(self) -> None:
        """Put what was taken; whoever writes a row that names any of it calls this first. Unavailable."""
        now = self._clock.now()
        if self._waiting:
            self._objects.put_all(list(self._waiting.values()), self._owner)
        self._lately.note(self._shared, owner=self._owner, now=now)
        self._waiting, self._shared = {}, set()


@dataclass(frozen=True, kw_only=True)
class SigningDesk:
    """Objects, timestamps, the judge and the clock, given by bootstrap."""

    objects: ObjectStore
    timestamper: signing.Timestamper
    judge: Judge
    clock: Clock
    powers: PowerDesk
    put_lately: PutLately = field(default_factory=PutLately, init=False, repr=False, compare=False)

    def sign(self, content: bytes, *, key: signing.PrivateKey, certificate: signing.Certificate) -> bytes:
        """Detached CAdES-T over `content` with the chain embedded. DER. Raises signing.SigningError."""
        return signing.sign_cades(
            content,
            key=key,
            certificate=certificate,
            chain=self.judge.chain_of(certificate),
            signing_time=self.clock.now(),
            timestamper=self.timestamper,
        )

    def tray(self, owner: UUID) -> Tray:
        """An empty tray for contents of the owner."""
        return Tray(owner, objects=self.objects, lately=self.put_lately, clock=self.clock)

    def judge_kept(self, content: bytes, cms: bytes, *, owner: UUID) -> "KeptSignature":
        """Judge and put the CMS and all evidence used into the object store. Network happens here, no transaction."""
        tray = self.tray(owner)
        kept = self.judge_onto(tray, content, cms)
        tray.put()
        return kept

    def judge_onto(self, tray: Tray, content: bytes, cms: bytes) -> "KeptSignature":
        """As `judge_kept`, but the CMS and the evidence lie on the tray: kept when that has been put."""
        judgement = self.judge.judge(content, cms)
        if judgement is None:
            raise Rejected("document.signature_unreadable")
        evidence = {name: [tray.add_evidence(der) for der in ders] for name, ders in _evidence(judgement)}
        return KeptSignature(sha256=tray.add(cms), judgement=judgement, evidence=evidence)


@dataclass(frozen=True, kw_only=True)
class KeptSignature:
    """A judged signature; its bytes and evidence lie in the object store, or on a tray. `evidence`: kind -> SHA-256s."""

    sha256: str
    judgement: Judgement
    evidence: Mapping[str, Sequence[str]]

    @property
    def signer_inn(self) -> str | None:
        """ИНН of the organisation in the signer's certificate: ИННЮЛ, or ИНН for a person or an older certificate."""
        signer = self.judgement.verdict.signer
        return None if signer is None else organization_inn(signer)


def organization_inn(certificate: signing.Certificate) -> str | None:
    """ИННЮЛ (1.2.643.100.4); older certificates carry it in ИНН with two leading zeros (Приказ ФСБ 795)."""
    subject = certificate.subject
    if subject.inn_le:
        return subject.inn_le
    if subject.inn and subject.inn.startswith("00"):
        return subject.inn[2:]
    return subject.inn


def write_down(row: Signature, kept: KeptSignature, *, state: str) -> None:
    """Fill the signature's row: who, when, how we know, verdict and evidence."""
    verdict = kept.judgement.verdict
    signer = verdict.signer
    row.state = state
    row.sha256 = kept.sha256
    row.level = verdict.level
    row.indication = kept.judgement.report.indication
    row.sub_indication = kept.judgement.sub_indication
    row.verdict = kept.judgement.report.to_json()
    row.evidence = {name: list(shas) for name, shas in kept.evidence.items()}
    row.signed_at = verdict.signing_time
    row.proved_at = verdict.best_signature_time if verdict.best_time_source == "timestamp" else None
    row.judged_at = kept.judgement.judged_at
    if signer is not None:
        row.signer_name = _person(signer)
        row.signer_organization = signer.subject.organization or signer.subject.common_name
        row.signer_inn = kept.signer_inn
        row.certificate_sha256 = signer.sha256


def received_signature(part: Part, kept: KeptSignature, *, origin: rules.Origin) -> Signature:
    """The row of a signature that came from outside, already judged."""
    row = Signature(
        owner_id=part.owner_id,
        document_id=part.document_id,
        part_id=part.id,
        origin=origin.value,
        state="received",
        means="received",
        created_at=kept.judgement.judged_at,
    )
    write_down(row, kept, state="received")
    return row


def _person(certificate: signing.Certificate) -> str | None:
    subject = certificate.subject
    names = [name for name in (subject.surname, subject.given_name) if name]
    return " ".join(names) or subject.common_name


def _evidence(judgement: Judgement) -> list[tuple[str, Sequence[bytes]]]:
    evidence = judgement.verdict.evidence
    return [
        ("certificates", evidence.certificates),
        ("crls", evidence.crls),
        ("ocsp", evidence.ocsps),
        ("timestamps", evidence.timestamps),
    ]
