"""The sandbox's memory: one SQLite file in WAL mode, safe for several server processes and for kill -9.

Every accepted request is one BEGIN IMMEDIATE … COMMIT with synchronous=FULL: after a crash either all of it is there or
nothing. Connections live as long as one piece of work.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

BUSY_MS = 30_000

SCHEMA = """
create table organisation (
    box text primary key, org_id text not null unique, name text not null, inn text not null, kpp text,
    ogrn text not null, participant_id text not null
) strict;
create table relation (
    seq integer primary key, index_key text not null unique, box text not null, other text not null,
    status text not null, changed_at integer not null, text_in text, text_out text, unique (box, other)
) strict;
create table token (token text primary key, issued_at integer not null) strict;
create table message (
    id text primary key, from_box text not null, to_box text not null, created_at integer not null,
    touched_at integer not null, deliver_at integer, delivered_at integer
) strict;
create table entity (
    seq integer primary key, id text not null unique, message_id text not null references message, parent_id text,
    type text not null, attachment_type text not null, file_name text, content blob not null, signer_box text,
    need_signature integer not null, need_receipt integer not null, created_at integer not null,
    seen_by_sender integer not null, seen_by_recipient integer not null
) strict;
create index entity_of_message on entity (message_id, seq);
create table document (
    entity_id text primary key references entity (id), message_id text not null references message,
    type_named_id text not null, function text not null, version text not null, custom_id text,
    number text, date text, total text not null, vat text, currency integer not null,
    needs_answer integer not null, needs_receipt integer not null, sender_valid integer not null,
    response text not null, receipt_at integer, correction_at integer, title_receipt integer not null,
    title_receipt_at integer, confirmed_at integer, dispatched_at integer
) strict;
create index document_by_custom_id on document (custom_id);
create table wrong_signature (entity_id text not null, at integer not null) strict;
create table event (
    seq integer primary key, box text not null, id text not null, index_key text not null unique,
    message_id text not null references message, patch_id text, entities text not null, delivered integer not null,
    at integer not null, seen_at integer not null, unique (box, id)
) strict;
create index event_of_box on event (box, seq);
create table operation (
    call text not null, box text not null, id text not null, answer text not null, primary key (call, box, id)
) strict;
create table task (id text primary key, box text not null) strict;
create table shelf (name text not null, part integer not null, content blob not null, primary key (name, part)) strict;
create table tally (
    what text not null, sha256 text not null, accepted integer not null, replayed integer not null,
    refused integer not null, primary key (what, sha256)
) strict;
"""
UPGRADE_2 = """
alter table organisation add column operator text not null default '';
create table operator (code text primary key, name text not null, inn text not null) strict;
alter table relation add column message_id text;
alter table relation add column entity_id text;
alter table relation add column signature_requested integer not null default 0;
create table relation_event (
    seq integer primary key, id text not null unique, index_key text not null unique, box text not null,
    other text not null, change text not null, status text not null, words text, at integer not null,
    seen_at integer not null
) strict;
create index relation_event_of_box on relation_event (box, seq);
drop table task;
create table invitation (
    id text primary key, box text not null, other text not null, words text, ready_at integer not null,
    done_at integer, failure text, message_id text, entity_id text, file_name text, content blob, signature blob,
    needs_signature integer not null default 0
) strict;
alter table message add column failure text;
alter table message add column failed_at integer;
alter table document add column revocation text not null default 'none';
alter table document add column revocation_by text;
alter table document add column revocation_id text;
alter table event add column failed integer not null default 0;
alter table shelf add column ready_at integer not null default 0;
"""
UPGRADE_3 = """
create table power (
    signature_id text primary key references entity (id), number text not null, issuer_inn text not null,
    representative_inn text
) strict;
"""
STEPS = (SCHEMA, UPGRADE_2, UPGRADE_3)
"""What each version of the file adds to the one before it."""
VERSION = len(STEPS)


class State:
    """The file. Creating the object creates the tables when they are not there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connection() as connection:
            _keep_a_log(connection)
        with self.writing() as connection:
            found = connection.execute("pragma user_version").fetchone()[0]
            if found > VERSION:
                raise ValueError(f"{path} was written by a newer version of the sandbox ({found}, not {VERSION})")
            for step in STEPS[found:]:
                for statement in step.split(";\n"):
                    if statement.strip():
                        connection.execute(statement)
            if found < VERSION:
                connection.execute(f"pragma user_version={VERSION}")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run a transaction that may write; leaving by an exception undoes it all."""
        with self._connection() as connection:
            connection.execute("begin immediate")
            try:
                yield connection
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Run reads over one snapshot."""
        with self._connection() as connection:
            connection.execute("begin")
            try:
                yield connection
            finally:
                connection.execute("rollback")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        opened = sqlite3.connect(self._path, timeout=BUSY_MS / 1000, isolation_level=None)
        with closing(opened) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("pragma synchronous=full")
            connection.execute("pragma foreign_keys=on")
            yield connection


def _keep_a_log(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on. Of two processes that make the file at once SQLite refuses one without waiting."""
    ends = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            connection.execute("pragma journal_mode=wal")
        except sqlite3.OperationalError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.01)
        else:
            return
