"""The reckoning after the crashes: nothing lost, nothing doubled, by the operator's counts, the archive and our rows."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx2
from sqlalchemy import select

from archive.s3 import S3Store
from edo_service.archiving import queries as archived
from edo_service.archiving.tables import Package
from edo_service.documents.tables import Document, Part, Signature
from edo_service.kernel import journal
from edo_service.kernel.journal import JournalEntry
from tests.crash.stage import ACCOUNTANT, CLIENT, Stage


def reckon(stage: Stage) -> dict[str, int]:
    """Assert the whole contract for every document ever started on this stage; the counts for the soak's report."""
    for road in stage.roads:
        assert stage.is_final(road), f"{road} is not final: {stage.report()}"
    doubled_sends = _operator(stage)
    doubled_parts = _archive(stage)
    _rows(stage)
    _journal(stage)
    assert not doubled_sends
    assert not doubled_parts
    return {"documents": len(stage.roads), "lost": 0, "doubled": len(doubled_sends) + len(doubled_parts)}


def _operator(stage: Stage) -> dict[str, int]:
    """Every file of ours was accepted by the operator; returns those accepted more than once, by content."""
    counts = httpx2.get(f"{stage.settings.operator_url}/_sandbox/counts").json()
    accepted: Counter[str] = Counter()
    for what, times in counts["accepted"].items():
        accepted[what.rpartition(":")[2]] += times
    uow = stage.services.system_uow("demo")
    with uow:
        ours = uow.session.scalars(
            select(Part.sha256)
            .join(Document, Document.id == Part.document_id)
            .where(Part.origin == "ours", Part.discarded_at.is_(None), Document.route == "operator")
        ).all()
    assert len(set(ours)) == len(ours)
    assert set(ours) == set(accepted), "what was made here is what the operator has"
    return {sha256: times for sha256, times in accepted.items() if times != 1}


def _archive(stage: Stage) -> list[str]:
    """The archive holds what the database promises, whole; returns keys that were stored more than once."""
    report = stage.services.scrub()
    assert report.sound, report.findings
    kept, underway = archived.promised_parts(uow=stage.services.system_uow("archiving.scrub"))
    assert not underway
    store = stage.services.store
    keys = [key for key in iter(store.keys()) if not key.startswith(("canary/", "journal-", "evidence-"))]
    assert set(keys) == {key for key, _ in kept}
    if not isinstance(store, S3Store):
        return [key for key, times in Counter(keys).items() if times > 1]
    return [key for key in keys if len(list(store._versions(key))) > 1]


def _rows(stage: Stage) -> None:
    """Two rows a document with one content, each with one kept package; every signature made; no job dead or left."""
    uow = stage.services.system_uow("demo")
    with uow:
        rows = uow.session.scalars(select(Document)).all()
        packages = uow.session.scalars(select(Package)).all()
        unmade = uow.session.scalars(select(Signature).where(Signature.state == "intended")).all()
        documents = [(row.id, row.content_sha256) for row in rows]
        kept = [(package.document_id, package.state) for package in packages]
    assert len(documents) == 2 * len(stage.roads)
    assert set(Counter(content for _, content in documents).values()) <= {2}
    assert Counter(kept) == Counter((document, "kept") for document, _ in documents)
    assert not unmade
    for road in stage.roads:
        stage.line(ACCOUNTANT, road.number)
        stage.line(CLIENT, road.number)
    with stage.services.database.transaction(read_only=True) as connection:
        dead = connection.exec_driver_sql("select kind, error from job where state = 'dead'").all()
    assert not dead
    assert stage.is_idle()


def _journal(stage: Stage) -> None:
    """Sealed to the end, whole, and each thing that happens once is told once."""
    database = stage.services.database
    journal.seal(database, stage.services.clock)
    for company in stage.seeded.companies.values():
        report = stage.services.verify_journal(company.entity_id)
        assert report.ok, report.problems
        assert report.unsealed == 0
    once: Counter[Any] = Counter()
    uow = stage.services.system_uow("demo")
    with uow:
        for event, subject in uow.session.execute(select(JournalEntry.event, JournalEntry.subject)):
            once[event, subject] += 1
    events = ("document.uploaded", "document.send_promised", "archive.assembled", "archive.kept", "exchange.send")
    told_twice = {key: times for key, times in once.items() if key[0] in events and times > 1}
    assert not told_twice
    assert sum(times for (event, _), times in once.items() if event == "archive.kept") == 2 * len(stage.roads)
