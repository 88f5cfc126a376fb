"""The end of a history: the faults are over, both sides work until nothing is promised; then both sides and the operators
are compared. Nothing may be lost, nothing sent or kept twice, and everyone says the same of every document."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from edo_service.archiving import queries as archived
from edo_service.archiving.tables import Package
from edo_service.documents import recording
from edo_service.documents.recording import SIGNED
from edo_service.documents.rules import Role
from edo_service.documents.tables import Document, Signature
from edo_service.exchange.tables import Annulment, Dispatch
from edo_service.kernel import journal
from edo_service.kernel.inbox import InboxItem
from edo_service.kernel.journal import JournalEntry
from tests.histories import acts
from tests.histories.houses import Ground, Side
from tests.histories.operators_side import Standing

ROUNDS = 120
MANY = 200
SENDER_OF = {
    "not_needed": {"not_needed"},
    "waiting": {"expected"},
    "signed": {"counter_signed"},
    "partial": {"counter_signed_with_remarks"},
    "rejected": {"counter_refused"},
}
RECIPIENT_OF = {
    "not_needed": {"not_needed"},
    "waiting": {"required", "prepared", "refusal_prepared"},
    "signed": {"signed", "signed_confirmed"},
    "partial": {"signed", "signed_confirmed"},
    "rejected": {"refused", "refused_confirmed"},
}
"""The operator's word for the answer -> how each side may put it."""
ASKED_OF = {
    False: ({"none", "corrected"}, {"none", "prepared", "corrected"}),
    True: ({"required", "corrected"}, {"requested", "corrected"}),
}
"""Whether the operator has a request for a correction -> how seller and buyer may put it."""
ANNULLED_OF: dict[str, set[frozenset[str]]] = {
    "none": {frozenset()},
    "proposed": {frozenset({"expected", "required"})},
    "accepted": {frozenset({"annulled"})},
    "refused": {frozenset({"refused"})},
}
"""The operator's word for an annulment -> the states of the newest proposal on both sides (failed ones are none)."""
ONCE = ("document.uploaded", "document.send_promised", "archive.assembled", "archive.kept", "exchange.send")


def come_to_an_end(ground: Ground) -> None:
    """No more faults: work and move the clock to what is promised next, until nothing is."""
    ground.counter.knobs.calm()
    for side in ground.sides:
        side.restart()
    before = -1
    for _ in range(ROUNDS):
        for side in ground.sides:
            side.work(MANY)
        promised = [*(side.next_due() for side in ground.sides), ground.counter.next_due()]
        due = min((one for one in promised if one is not None), default=None)
        if due is not None:
            ground.clock.set(max(due, ground.clock.now() + timedelta(seconds=1)))
            before = -1
            continue
        done = sum(len(side.jobs()) for side in ground.sides)
        if done == before:
            if not _repeat(ground):
                return
            before = -1
            continue
        before = done
        ground.clock.move(timedelta(seconds=1))
    raise AssertionError(f"no end after {ROUNDS} rounds; {report(ground)}")


def _repeat(ground: Ground) -> bool:
    """People let the answers run again that an operator has refused; False when there are none."""
    found = [(side, job) for side in ground.sides for job in side.jobs("dead") if job.kind == SIGNED]
    for side, job in found:
        acts.retry(side, job.id)
    return bool(found)


def reckon(ground: Ground) -> Counter[str]:
    """Assert the whole contract; what there was, counted."""
    for side in ground.sides:
        dead = [(job.kind, job.error) for job in side.jobs("dead")]
        assert not dead, f"{side.name}: {dead}"
    standings = {one.sha256: one for one in ground.counter.standings()}
    accepted = ground.counter.accepted()
    twice = {what: times for what, times in accepted.items() if times > 1}
    assert not twice, f"the operator was sent the same twice: {twice}"
    ours, theirs = (_documents(side) for side in ground.sides)
    for sha256 in ours:
        _compare(ours[sha256], theirs.get(sha256), standings.get(sha256))
    _corrections(ours, theirs)
    assert set(standings) <= set(ours), "the operator has what the seller never sent"
    assert set(theirs) == {sha256 for sha256, one in standings.items() if one.delivered and not one.failed}
    _annulments(ground, standings)
    for side in ground.sides:
        _rows(side)
        _archive(side)
        _journal(side)
    return Counter(
        documents=len(ours),
        delivered=len(theirs),
        answered=sum(one.response in {"signed", "partial", "rejected"} for one in standings.values()),
        asked=sum(one.asked for one in standings.values()),
        corrected=sum(one["correction"] == "corrected" for one in theirs.values()),
        annulments=sum(one.revocation != "none" for one in standings.values()),
        archived=sum(one["archive"] == "kept" for each in (ours, theirs) for one in each.values()),
    )


def _documents(side: Side) -> dict[str, dict[str, Any]]:
    """Every document of the side by its own file's SHA-256."""
    with side.uow() as uow:
        rows = uow.session.scalars(select(Document)).all()
        names = {row.id: row.content_sha256 for row in rows}
        found = {
            row.content_sha256: {
                **{life: getattr(row, life) for life in (*recording.LIVES, "trouble")},
                "corrects": names[row.corrects_id] if row.corrects_id else None,
                "missing": recording.missing(uow, row),
                "refused": {each.act for each in _refused(uow, row)},
            }
            for row in rows
        }
    assert len(found) == len(rows), f"{side.name}: a document is there twice"
    return found


def _refused(uow: Any, row: Document) -> Any:
    return uow.session.scalars(select(Dispatch).where(Dispatch.document_id == row.id, Dispatch.state == "refused"))


def _compare(ours: dict[str, Any], theirs: dict[str, Any] | None, there: Standing | None) -> None:
    """One document on the three sides."""
    words = f"seller {ours}; buyer {theirs}; operator {there}"
    if there is None:
        assert ours["delivery"] in {"draft", "failed"}, f"lost: {words}"
        assert theirs is None, words
        return
    if there.failed:
        assert (ours["delivery"], theirs) == ("failed", None), words
        return
    assert there.delivered, f"lost on the way: {words}"
    assert ours["delivery"] == "delivered", words
    assert theirs is not None, f"lost: {words}"
    assert theirs["delivery"] == "received", words
    assert ours["response"] in SENDER_OF[there.response], words
    assert theirs["response"] in RECIPIENT_OF[there.response], words
    for side, allowed in zip((ours, theirs), ASKED_OF[there.asked], strict=True):
        assert side["correction"] in allowed, words
    if ours["receipt"] != "not_needed":
        assert (ours["receipt"] == "received") == there.received == (theirs["receipt"] in {"sent", "confirmed"}), words
        assert there.received or there.revocation == "accepted", f"no receipt: {words}"
    for side in (ours, theirs):
        later = [one for one in side["missing"] if Role.CORRECTION_REQUEST.value in one]  # asked for when it was kept
        assert side["archive"] in ({"kept"} if not side["missing"] else {"not_yet", "kept"}), words
        assert side["archive"] == "not_yet" or later == list(side["missing"]), words
        assert side["trouble"] is None or side["refused"], words


def _corrections(ours: dict[str, dict[str, Any]], theirs: dict[str, dict[str, Any]]) -> None:
    """Both sides tie the same correction to the same document, and what is replaced on one side is on the other."""
    for sha256, one in theirs.items():
        corrects = ours[sha256]["corrects"]
        assert one["corrects"] == (corrects if corrects in theirs else None), f"{ours[sha256]}; {one}"
        assert one["correction"] == ours[sha256]["correction"] or "corrected" not in {
            one["correction"],
            ours[sha256]["correction"],
        }, f"{ours[sha256]}; {one}"
    for side, there in ((ours, "delivered"), (theirs, "received")):
        replaced = {one["corrects"] for one in side.values() if one["delivery"] == there}
        assert {sha256 for sha256, one in side.items() if one["correction"] == "corrected"} == replaced - {None}


def _annulments(ground: Ground, standings: dict[str, Standing]) -> None:
    """The newest living proposal of each document is the operator's, on both sides."""
    told: dict[str, list[str]] = {}
    for side in ground.sides:
        with side.uow() as uow:
            rows = uow.session.execute(
                select(Document.content_sha256, Annulment.state)
                .join(Document, Document.id == Annulment.document_id)
                .where(Annulment.state != "failed")
                .order_by(Annulment.created_at, Annulment.id)
            ).all()
        newest = {sha256: state for sha256, state in rows}  # noqa: C416 - rows are no pairs to a type checker
        for sha256, state in newest.items():
            told.setdefault(sha256, []).append(state)
    for sha256, there in standings.items():
        states = told.get(sha256, [])
        assert frozenset(states) in ANNULLED_OF[there.revocation], f"{states} against {there}"
        assert len(states) in {0, 2}, f"only one side knows: {states} against {there}"


def _rows(side: Side) -> None:
    """No act is half done (an intent left in calling), no signature is only intended, no news waits."""
    with side.uow() as uow:
        open_ = select(Dispatch).where(Dispatch.state.not_in(_ENDED))
        half = [(row.act, row.state) for row in uow.session.scalars(open_)]
        promised = Signature.means != "upload"  # a person whose process has died under her hand presses again
        intended = uow.session.scalars(select(Signature.id).where(Signature.state == "intended", promised)).all()
        acts = [row.act for row in uow.session.scalars(select(Annulment)) if row.act is not None]
        unread = uow.session.scalars(select(InboxItem.external_id).where(InboxItem.handled_at.is_(None))).all()
    found = (half, list(intended), acts, list(unread))
    assert found == ([], [], [], []), f"{side.name}: {found}"


_ENDED = frozenset({"done", "refused", "overtaken"})


def _archive(side: Side) -> None:
    """One kept set a finished document; the store holds what the rows promise, each file once, and nothing else."""
    with side.uow() as uow:
        kept = Counter((row.document_id, row.state) for row in uow.session.scalars(select(Package)))
        finished = uow.session.scalars(select(Document.id).where(Document.archive == "kept")).all()
    assert kept == Counter((document, "kept") for document in finished), side.name
    promised, underway = archived.promised_parts(uow=side.services.system_uow("archiving.scrub"))
    assert not underway, side.name
    keys = [key for key in iter(side.services.store.keys()) if not key.startswith(("canary/", "journal-"))]
    assert Counter(keys) == Counter(key for key, _ in promised), side.name
    for key in keys:
        assert hashlib.sha256(side.services.store.get(key)).hexdigest() == key.rpartition("/")[2], key


def _journal(side: Side) -> None:
    """Sealed to the end, whole; what happens once is told once."""
    database = side.services.database
    journal.seal(database, side.services.clock)
    report = side.services.verify_journal(side.entity)
    assert report.ok, report.problems
    assert report.unsealed == 0
    with side.uow() as uow:
        told = Counter(
            (event, subject) for event, subject in uow.session.execute(select(JournalEntry.event, JournalEntry.subject))
        )
    twice = {key: times for key, times in told.items() if key[0] in ONCE and times > 1}
    assert not twice, f"{side.name}: {twice}"


def report(ground: Ground) -> str:
    """Where everything stands, for a failure's message."""
    sides = [
        (side.name, _documents(side), [(job.kind, job.state, job.error) for job in side.jobs()])
        for side in ground.sides
    ]
    return f"{sides}; operators: {ground.counter.standings()}"
