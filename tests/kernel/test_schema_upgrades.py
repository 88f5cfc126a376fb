"""Rows from before a migration survive it, also those that its new rules would refuse."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection, text

from edo_service.kernel import schema
from edo_service.kernel.database import Database
from edo_service.kernel.guard import Guard
from edo_service.kernel.ids import new_id
from edo_service.kernel.scope import SystemScope

NOON = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database as it was at 0002."""
    url = f"sqlite:///{tmp_path / 'old.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    schema.upgrade(str(url), "0002")
    return str(url)


def add_document(connection: Connection, owner: str, to: str, sha256: str, delivery: str, *, later: int) -> str:
    values = {
        "id": new_id().hex, "owner_id": owner, "direction": "out", "route": "operator", "kind": "upd", "number": "1",
        "dated": NOON.date(), "title": "УПД", "currency": "643", "content_sha256": sha256, "facts": "{}",
        "counterparty_id": to, "counterparty_name": "Вектор", "counterparty_inn": "6600000010", "delivery": delivery,
        "receipt": "expected", "response": "expected", "archive": "not_yet", "search": "",
        "created_at": NOON + timedelta(minutes=later), "version": 1,
    }  # fmt: skip
    return insert(connection, "document", values)


def insert(connection: Connection, table: str, values: dict[str, object]) -> str:
    columns, places = ", ".join(values), ", ".join(f":{name}" for name in values)
    connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({places})"), values)  # noqa: S608 - our own names
    return str(values["id"])


def add_member(connection: Connection, owner: str, surname: str, names: tuple[str, str]) -> str:
    person = insert(connection, "person", {
        "id": new_id().hex, "login": new_id().hex, "password_hash": "", "surname": surname, "given_name": names[0],
        "patronymic": names[1], "created_at": NOON, "password_changed_at": NOON, "version": 1,
    })  # fmt: skip
    insert(connection, "membership", {
        "id": new_id().hex, "owner_id": owner, "person_id": person, "role": "accountant", "position": "", "inn": "",
        "snils": "", "head": False, "active": True, "created_at": NOON, "version": 1,
    })  # fmt: skip
    return person


def add_key(connection: Connection, owner: str, surname: str, given_name: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    attributes = [x509.NameAttribute(x509.NameOID.COMMON_NAME, "ООО")]
    if surname:
        attributes += [
            x509.NameAttribute(x509.NameOID.SURNAME, surname), x509.NameAttribute(x509.NameOID.GIVEN_NAME, given_name)
        ]  # fmt: skip
    name = x509.Name(attributes)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(NOON).not_valid_after(NOON + timedelta(days=9))
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    return insert(connection, "signing_key", {
        "id": new_id().hex, "owner_id": owner, "label": "", "purpose": "staff", "certificate": certificate,
        "certificate_sha256": "", "algorithm": "ec", "sealed_key": b"", "not_before": NOON,
        "not_after": NOON + timedelta(days=9), "wrong_pins": 0, "created_at": NOON, "version": 1,
    })  # fmt: skip


def test_staff_keys_get_the_one_member_whom_their_certificate_names(old_url: str) -> None:
    owner = new_id().hex
    database = Database(old_url)
    guarded = database.guarded(Guard(scope=SystemScope("migrate")))
    with guarded.begin() as connection:
        marina = add_member(connection, owner, "Соколова", ("Марина", "Андреевна"))
        for _ in range(2):
            add_member(connection, owner, "Иванов", ("Иван", ""))
        add_member(connection, new_id().hex, "Гость", ("Чужой", ""))
        hers = add_key(connection, owner, "Соколова", "Марина Андреевна")
        others = [add_key(connection, owner, *named) for named in (("Иванов", "Иван"), ("Гость", "Чужой"), ("", ""))]

    schema.upgrade(old_url)

    with guarded.connect() as connection:
        rows = connection.execute(text("SELECT id, person_id FROM signing_key")).all()
    holders = {str(row.id).replace("-", ""): row.person_id and str(row.person_id).replace("-", "") for row in rows}
    assert holders == {hers: marina} | dict.fromkeys(others)
    database.dispose()


def test_files_uploaded_twice_before_0003_stay_and_the_first_one_counts(old_url: str) -> None:
    owner, client, other = (new_id().hex for _ in range(3))
    database = Database(old_url)
    guarded = database.guarded(Guard(scope=SystemScope("migrate")))
    with guarded.begin() as connection:
        first, second, failed, elsewhere = (
            add_document(connection, owner, to, "a" * 64, delivery, later=later)
            for later, (to, delivery) in enumerate(
                [(client, "sent"), (client, "draft"), (client, "failed"), (other, "draft")]
            )
        )

    schema.upgrade(old_url)

    with guarded.connect() as connection:
        rows = connection.execute(text("SELECT id, upload_sha256 FROM document")).all()
    kept = {str(row.id).replace("-", ""): row.upload_sha256 for row in rows}
    assert kept == {first: "a" * 64, second: None, failed: "a" * 64, elsewhere: "a" * 64}
    database.dispose()
    schema.downgrade(old_url, "0002")
    schema.upgrade(old_url)
    schema.check(old_url)


def test_what_a_look_at_signatures_said_before_0018_becomes_values(old_url: str) -> None:
    owner, until = new_id().hex, NOON + timedelta(days=9)
    schema.upgrade(old_url, "0016")
    database = Database(old_url)
    guarded = database.guarded(Guard(scope=SystemScope("migrate")))
    troubles = [None, "a.sig: the time-stamp is TOTAL-FAILED HASH_FAILURE: it counts as no proof; b.sig: why"]
    with guarded.begin() as connection:
        for number, trouble in enumerate(troubles):
            package = insert(connection, "package", {
                "id": new_id().hex, "owner_id": owner, "version": 1, "document_id": new_id().hex, "state": "kept",
                "kind": "upd", "direction": "out", "number": str(number), "dated": NOON.date(), "title": "УПД",
                "counterparty_name": "Вектор", "counterparty_inn": "6600000010", "search": "", "retain_until": until,
                "summary": "{}", "created_at": NOON, "year": 2026, "size": 0, "held": False, "proposed": False,
                "retention_kind": "upd",
            })  # fmt: skip
            insert(connection, "package_refresh", {
                "id": new_id().hex, "owner_id": owner, "version": 1, "package_id": package, "looked_at": NOON,
                "made": "{}", "underway": False, "trouble": trouble,
            })  # fmt: skip
    schema.upgrade(old_url, "0018")
    with guarded.connect() as connection:
        asked = text("SELECT trouble, CAST(refused AS TEXT), CAST(doubts AS TEXT) FROM package_refresh")
        found = {row[0]: (json.loads(row[1]), json.loads(row[2])) for row in connection.execute(asked)}
    database.dispose()
    stamp = {"indication": "TOTAL-FAILED", "sub_indication": "HASH_FAILURE", "at": None}
    assert found == {troubles[0]: ({}, {}), troubles[1]: ({"b.sig": "why"}, {"a.sig": [stamp]})}
