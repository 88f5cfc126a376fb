"""The composition root: Settings -> Services. The only place that knows every package and every adapter."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID

import archive
import signing
from edo_service import bootstrap_channels, bootstrap_stores
from edo_service.accounts import queries as accounts
from edo_service.accounts.queries import EntityCard
from edo_service.accounts.use_cases.second_step import SecondStep
from edo_service.adapters.call_metrics import CallMetrics
from edo_service.adapters.exports_folder import FolderShelf
from edo_service.adapters.outbound import Outbound
from edo_service.adapters.power_registry import FolderRegistry
from edo_service.archiving.desk import ArchiveDesk, ManifestSigner
from edo_service.archiving.desk_handlers import DeskHandlers
from edo_service.archiving.evidence_desk import EvidenceDesk, EvidencePolicy
from edo_service.archiving.evidence_handlers import EvidenceHandlers
from edo_service.archiving.handlers import ArchiveHandlers
from edo_service.archiving.heads import kept_heads
from edo_service.archiving.promises import all_promises
from edo_service.archiving.shelf import ExportShelf
from edo_service.archiving.use_cases.prove import record_for_export
from edo_service.archiving.use_cases.take_out import take_out
from edo_service.bootstrap_operators import Kept, Switchboard
from edo_service.bootstrap_secrets import rotate_secrets
from edo_service.documents.handlers import DocumentHandlers
from edo_service.documents.letters import Envelope
from edo_service.documents.signing_desk import SigningDesk
from edo_service.errors import Unavailable
from edo_service.exchange.accounts import AccountCard
from edo_service.exchange.handlers import ExchangeHandlers
from edo_service.exchange.rules import Terms
from edo_service.exchange.use_cases.tell import tell
from edo_service.formats import printing
from edo_service.formats.official import OfficialSchemas
from edo_service.kernel import faults, journal
from edo_service.kernel.actor import Actor
from edo_service.kernel.calendar import load_decrees
from edo_service.kernel.clock import Clock, SystemClock
from edo_service.kernel.database import Database
from edo_service.kernel.jobs import JobHandler, Publish, Runner
from edo_service.kernel.journal import PLATFORM, ChainReport, Problem
from edo_service.kernel.letters import Mailer
from edo_service.kernel.objects import ObjectStore
from edo_service.kernel.rotation import Resealed
from edo_service.kernel.scope import AnyScope, Scope, SystemScope
from edo_service.kernel.secrets import SecretBox
from edo_service.kernel.uow import UnitOfWork
from edo_service.keys import queries as keys
from edo_service.keys.use_cases import KeyRoom
from edo_service.powers.desk import PowerDesk
from edo_service.powers.registry import NoRegistry, PowerRegistry
from edo_service.safekeeping.queries import CLOCK
from edo_service.safekeeping.rules import MOST_OBJECTS, SCRUB_EVERY
from edo_service.safekeeping.use_cases.scrub import Ground, open_round, scrub_on
from edo_service.safekeeping.use_cases.watch import note_canary
from edo_service.settings import Settings
from edo_service.trust.anchors import StoredTrust
from edo_service.trust.cache import DatabaseCache
from edo_service.trust.judge import Judge

if TYPE_CHECKING:
    from operators.port import Operator

DEMO_PKI_HOST = "pki.demo.test"
DEMO_TSA = f"http://{DEMO_PKI_HOST}/tsa"


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything put together; made once a process by `build`. Closed by `close()`."""

    settings: Settings
    clock: Clock
    database: Database
    secrets: SecretBox
    objects: ObjectStore
    store: archive.Store
    outbound: Outbound
    publish: Publish | None = None
    _operators: Kept = field(default_factory=dict, repr=False)

    def uow(self, scope: AnyScope) -> UnitOfWork:
        """A unit of work under the scope."""
        return UnitOfWork(self.database, self.clock, scope, publish=self.publish)

    def system_uow(self, name: str) -> UnitOfWork:
        """A unit of work under a named SystemScope."""
        return self.uow(SystemScope(name))

    @cached_property
    def keys(self) -> KeyRoom:
        """The room of sealed keys."""
        return KeyRoom(secrets=self.secrets)

    @cached_property
    def timestamper(self) -> signing.Timestamper:
        """The RFC 3161 client over the configured TSAs; the demonstration's own when none is configured."""
        urls = self.settings.tsa_urls or ((DEMO_TSA,) if self.settings.demo_pki_url else ())
        return signing.HttpTimestamper(urls, self.outbound.post) if urls else bootstrap_stores.NoTimestamper()

    @cached_property
    def judge(self) -> Judge:
        """The judge of signatures."""
        cache = DatabaseCache(database=self.database, clock=self.clock)
        evidence = signing.FetchingEvidence(self.outbound.fetch, cache, self.clock.now)
        return Judge(load_trust=self.load_trust, evidence=evidence, clock=self.clock)

    def load_trust(self) -> signing.TrustStore:
        """Trust anchors from EDO_TRUST_DIR, or the demonstration's; an empty store trusts nobody."""
        return self._trust.load()

    @cached_property
    def _trust(self) -> StoredTrust:
        folders = (self.settings.trust_dir, self.settings.root / "trust")
        return StoredTrust(folders=tuple(path for path in folders if path))

    def trust_pem(self) -> bytes:
        """Anchors as one PEM bundle, for exports."""
        return "".join(certificate.pem() for certificate in self.load_trust().anchors).encode()

    def chain_pem(self) -> bytes:
        """CA certificates below the anchors as one PEM bundle, for exports."""
        return "".join(certificate.pem() for certificate in self.load_trust().intermediates).encode()

    @cached_property
    def signing_desk(self) -> SigningDesk:
        """Signing and judging for the documents area."""
        return SigningDesk(
            objects=self.objects,
            timestamper=self.timestamper,
            judge=self.judge,
            clock=self.clock,
            powers=self.power_desk,
        )

    @cached_property
    def power_desk(self) -> PowerDesk:
        """Reading and judging powers of attorney; without EDO_POWER_REGISTRY_DIR no revocation can be found out."""
        folder = self.settings.power_registry_dir
        registry: PowerRegistry = FolderRegistry(folder=folder) if folder else NoRegistry()
        return PowerDesk(registry=registry, judge=self.judge, objects=self.objects, clock=self.clock)

    @cached_property
    def official_schemas(self) -> OfficialSchemas | None:
        """The schemas of ФНС in EDO_FORMATS_XSD_DIR, None when it is not set. FormatError when there is no such folder."""
        folder = self.settings.formats_xsd_dir
        return OfficialSchemas(folder) if folder else None

    @cached_property
    def archive_desk(self) -> ArchiveDesk:
        """Hand-over and export."""
        return ArchiveDesk(
            store=self.store,
            digests=bootstrap_stores.Streebog(),
            timestamper=self.timestamper,
            objects=self.objects,
            clock=self.clock,
            print_form=printing.print_form,
            manifest_signer=self._manifest_signer,
            trust_pem=self.trust_pem,
            chain_pem=self.chain_pem,
            evidence_record=self._evidence_record,
            judge=self.judge.judge,
        )

    @cached_property
    def export_shelf(self) -> ExportShelf:
        """Where built exports lie: a folder of the embedded profile, the bucket of working documents of the full one."""
        if self.settings.is_embedded:
            return FolderShelf(folder=self.settings.exports_dir)
        from edo_service.adapters.exports_s3 import S3Shelf

        return S3Shelf(bootstrap_stores.s3(self.settings), self.settings.s3_objects_bucket)

    @cached_property
    def evidence_desk(self) -> EvidenceDesk:
        """Roots, renewals and the proof of packages."""
        return EvidenceDesk(
            store=self.store,
            objects=self.objects,
            timestamper=self.timestamper,
            clock=self.clock,
            load_trust=self.load_trust,
            evidence=self.judge.evidence,
            policy=EvidencePolicy(refresh=self.settings.archive_refresh_signatures),
        )

    @cached_property
    def mailer(self) -> Mailer:
        """Letters."""
        return bootstrap_channels.mailer(self.settings)

    @cached_property
    def second_step(self) -> SecondStep:
        """Codes by SMS."""
        return bootstrap_channels.second_step(self.settings, self.secrets)

    @cached_property
    def exchange_handlers(self) -> ExchangeHandlers:
        """Jobs of the exchange."""
        return ExchangeHandlers(
            uow=self.uow,
            desk=self.signing_desk,
            operators=self.operator,
            mailer=self.mailer,
            envelope=Envelope(address=self.settings.address),
            terms=Terms(receipt_days=self.settings.receipt_days, answer_days=self.settings.answer_days),
        )

    @cached_property
    def archive_handlers(self) -> ArchiveHandlers:
        """Jobs and duties of the archive desk."""
        return ArchiveHandlers(uow=self.uow, desk=self.archive_desk)

    @cached_property
    def evidence_handlers(self) -> EvidenceHandlers:
        """Jobs and duties of the evidence of storage."""
        return EvidenceHandlers(uow=self.uow, desk=self.evidence_desk)

    @cached_property
    def desk_handlers(self) -> DeskHandlers:
        """Jobs and duties of the compliance desk."""
        return DeskHandlers(
            uow=self.uow,
            desk=self.archive_desk,
            shelf=self.export_shelf,
            mailer=self.mailer,
            address=self.settings.address,
        )

    def handlers(self) -> Mapping[str, JobHandler]:
        """Job kind -> handler, for every area."""
        documents = DocumentHandlers(
            uow=self.uow,
            desk=self.signing_desk,
            keys=self.keys,
            mailer=self.mailer,
            envelope=Envelope(address=self.settings.address),
            tell=partial(tell, objects=self.objects, operators=self.operator),
        )
        archiving = {**self.archive_handlers.table(), **self.evidence_handlers.table(), **self.desk_handlers.table()}
        return {**documents.table(), **self.exchange_handlers.table(), **archiving}

    def runner(self, *, worker: str | None = None, queues: tuple[str, ...] | None = None) -> Runner:
        """A runner over every handler."""
        return Runner(
            self.database,
            self.clock,
            self.handlers(),
            worker=worker,
            lease=self.settings.job_lease,
            queues=queues,
            together=self.exchange_handlers.together,
        )

    @cached_property
    def switchboard(self) -> Switchboard:
        """Adapters of operators, one kept per account."""
        return Switchboard(
            settings=self.settings,
            clock=self.clock,
            secrets=self.secrets,
            company=self.company,
            kept=self._operators,
            make_uow=self.uow,
            observe=self.calls,
        )

    @cached_property
    def calls(self) -> CallMetrics:
        """What the calls of this process to operators came to."""
        return CallMetrics()

    def company(self, entity_id: UUID) -> EntityCard:
        """The company's card. NotFound."""
        with self.uow(Scope.of(entity_id)).reading() as uow:
            return accounts.entity(uow, entity_id)

    def operator(self, account: AccountCard) -> "Operator":
        """The adapter that speaks for an account, by the operator's word in it. Unavailable."""
        return self.switchboard.operator(account)

    @property
    def cabinets(self) -> Mapping[str, str]:
        """In the demonstration: the page that plays each operator's own cabinet, by the operator's word."""
        known = self.settings.operator_addresses if self.settings.demo else {}
        return {operator: f"{address}/cabinet" for operator, address in known.items()}

    def take_out(self, package_id: UUID, out: BinaryIO, *, purpose: str, actor: Actor) -> str:
        """Write a package's export; see archiving.use_cases.take_out."""
        return take_out(
            package_id, out, purpose=purpose, actor=actor, uow=self.uow(actor.scope), desk=self.archive_desk
        )

    @property
    def sealing_keys(self) -> tuple[bytes, ...]:
        """The keys that seal secrets in the database, the newest first: for a backup under a passphrase alone."""
        return bootstrap_stores.sealing_keys(self.settings)

    def rotate_secrets(self, *, dry: bool = False) -> Mapping[str, Resealed]:
        """Seal everything that is kept sealed under the newest secret; journalled. `dry` changes nothing."""
        return rotate_secrets(
            keys=self.keys, secrets=self.secrets, uow=partial(self.system_uow, "keys.rotate"), dry=dry
        )

    @cached_property
    def promises(self) -> archive.Promises:
        """Everything that the archive must hold."""
        return all_promises(lambda: self.system_uow("archiving.scrub"))

    @cached_property
    def scrub_ground(self) -> Ground:
        """What a scrub reads and compares."""
        return Ground(store=self.store, promises=self.promises, chains=self.broken_chains)

    def scrub(self) -> archive.ScrubReport:
        """Compare the whole archive with what the database promises. What is on its way is no orphan."""
        report = archive.scrub(self.store, self.promises)
        return replace(report, findings=(*report.findings, *self.broken_chains()))

    def broken_chains(self) -> list[archive.Finding]:
        """What the heads kept in the archive prove against the journals of the database."""
        with self.uow(Scope.of()).reading() as every:
            owners = [PLATFORM, *(one.id for one in accounts.entities(every))]
        return [
            archive.Finding(
                kind="chain_broken", key=f"journal-{owner}", detail=f"{one.kind} at {one.position}: {one.text}"
            )
            for owner in owners
            for one in self.verify_journal(owner).problems
        ]

    def verify_journal(self, owner_id: UUID) -> ChainReport:
        """Walk the company's journal and compare it with the heads that the archive holds. Unavailable."""
        kept = kept_heads(owner_id, store=self.store)
        report = journal.verify_chain(self.database, owner_id, expected=kept.heads)
        damaged = tuple(Problem(kind="head_damaged", position=0, entry_id=None, text=key) for key in kept.damaged)
        return replace(report, problems=(*report.problems, *damaged))

    def canary(self) -> archive.CanaryReport:
        """Try to break the archive's protection."""
        return archive.run_canary(self.store, clock=self.clock)

    def sound_alarm(self, report: archive.CanaryReport) -> None:
        """Record what the canary's report changes and tell those of EDO_ALERT_MAIL."""
        uow = self.system_uow("archiving.scrub")
        for letter in note_canary(report, to=self.settings.alert_mail, uow=uow):
            self.mailer.send(letter)

    def scrub_some(self) -> None:
        """Read a little more of the archive, as much as EDO_SCRUB_MEGABYTES_PER_SECOND allows. A duty of the clock."""
        rate, uow = self.settings.scrub_megabytes_per_second, self.system_uow("archiving.scrub")
        every = timedelta(hours=self.settings.scrub_every_hours)
        stands = open_round(CLOCK, every=every, uow=uow) if rate > 0 else None
        if stands is not None:
            most = int(rate * SCRUB_EVERY.total_seconds() * 1_000_000)
            scrub_on(stands, ground=self.scrub_ground, uow=uow, most_bytes=most, most_objects=MOST_OBJECTS)

    def _evidence_record(self, package_id: UUID, owner_id: UUID) -> bytes:
        return record_for_export(package_id, uow=self.uow(Scope.of(owner_id)), desk=self.evidence_desk)

    def _manifest_signer(self, owner_id: UUID) -> ManifestSigner:
        actor = Actor.automatic("archive.manifest", owner_id)
        uow = self.uow(actor.scope)
        with uow:
            key = keys.automatic_key(uow)
        if key is None:
            raise Unavailable("archive.no_automatic_key", owner=str(owner_id))
        opened = self.keys.unlock_server_key(key.id, actor=actor, uow=uow)
        return ManifestSigner(
            key=opened.key, certificate=opened.certificate, chain=self.judge.chain_of(opened.certificate)
        )

    def close(self) -> None:
        """Close connections."""
        self.switchboard.close()
        self.database.dispose()


def build(settings: Settings | None = None, *, clock: Clock | None = None, publish: Publish | None = None) -> Services:
    """Put the service together. Makes the data folder and, in the embedded profile, the sealing key on first use."""
    chosen = settings or Settings()
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # its INFO lines hold whole addresses: log-ins, comments
    faults.arm(chosen.crash_at)
    load_decrees(chosen.calendar_dir)
    time = clock or SystemClock()
    chosen.root.mkdir(parents=True, exist_ok=True)
    mapped = {DEMO_PKI_HOST: chosen.demo_pki_url} if chosen.demo_pki_url else {}
    return Services(
        settings=chosen,
        clock=time,
        database=Database(chosen.database),
        secrets=SecretBox(bootstrap_stores.sealing_keys(chosen)),
        objects=bootstrap_stores.objects(chosen, time),
        store=bootstrap_stores.store(chosen, time),
        outbound=Outbound(mapped=mapped),
        publish=publish or bootstrap_stores.publisher(chosen),
    )
