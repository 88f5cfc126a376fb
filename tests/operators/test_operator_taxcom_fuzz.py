"""Damaged containers and lists of Taxcom: refused as BadAnswer or read, never anything else. Large counts in the soak."""

import io
import os
import random
import secrets
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from operators.errors import BadAnswer
from operators.taxcom import TaxcomCabinet, intake, layout, reading
from operators.taxcom.contacts import read_contacts
from operators.taxcom.container import read_container, read_listing
from operators.taxcom.packing import Parcel, pack

DOCFLOW = "5b2ab349-2783-492e-9b83-be09582ee7d8"
CONTACTS = (
    f'<Contacts xmlns="{layout.CONTACTS}"><Contact><State Code="Sent" Changed="2026-11-22T12:00:00">x</State>'
    "<Name>ООО «А»</Name><Inn>7700000016</Inn><Kpp>770001001</Kpp><EDXClientId>2AL-a</EDXClientId></Contact></Contacts>"
).encode()
PIECES = (
    b"<",
    b">",
    b'"',
    b"&",
    b"\x00",
    b"\xff",
    b"../",
    b"<!DOCTYPE x>",
    b"&lt;",
    b"Path",
    b"999999999999",
    b"-1",
    b"",
)


def container() -> bytes:
    """A container as the operator gives it back: ours with the docflow's id, a status and a second document."""
    parcel = Parcel(
        transaction="Invoice",
        regulation="Invoice",
        type_name="ExpInvoice",
        external_id="ours",
        title="УПД",
        receiver="2AL-b",
        at=datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
        file_name="a.xml",
        content=b"<a/>" * 50,
        signature=b"\x30\x80" * 20,
        docflow=DOCFLOW,
    )
    files = dict(intake.unpack(pack(parcel, TaxcomCabinet(participant_id="2AL-a", inn="7700000016"))))
    status = b'<Status OrderInDocFlow="1" Direction="Outgoing" TransactionResultType="Completed"/>'
    second = b'<Document TransactionCode="ReceiveNotice"/>'
    meta = files["meta.xml"].replace(b"<Files>", status + b"<Files>").replace(b"</Documents>", second + b"</Documents>")
    files["meta.xml"] = meta.replace(
        b"<DocFlow ", b'<DocFlow Status="Succeed" StatusChangeDateTime="2026-11-22T12:00:00" '
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return packed.getvalue()


def repacked(chance: random.Random, whole: bytes) -> bytes:
    """The container with one of its files damaged: deeper than the archive's own check-sums look."""
    files = dict(intake.unpack(whole))
    name = chance.choice(["meta.xml", "1/card.xml"])
    files[name] = spoiled(chance, files[name])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return packed.getvalue()


def spoiled(chance: random.Random, content: bytes) -> bytes:
    for _ in range(chance.choice([1, 1, 2, 5])):
        place = chance.randrange(len(content) + 1)
        kind = chance.randrange(4)
        if kind == 0:
            content = content[:place] + chance.randbytes(chance.choice([1, 1, 4])) + content[place + 1 :]
        elif kind == 1:
            content = content[:place] + chance.choice(PIECES) + content[place:]
        elif kind == 2:
            content = content[:place] + content[place + chance.choice([1, 10, 100]) :]
        else:
            start = chance.randrange(len(content) + 1)
            content = content[:place] + content[start : start + chance.choice([1, 20, 200])] + content[place:]
    return content


def whole_reading(content: bytes) -> None:
    docflow = read_container(content, DOCFLOW)
    for entity in reading.entities(docflow, "2AL-a"):
        assert entity.ref.message_id == DOCFLOW


def damage(seed: int, count: int) -> tuple[int, int]:
    """Damage everything that is read; returns how much was refused and how much was read all the same."""
    chance, whole = random.Random(seed), container()
    meta = intake.unpack(whole)["meta.xml"]
    whole_reading(whole)
    cases: tuple[Callable[[], object], ...] = (
        lambda: whole_reading(spoiled(chance, whole)),
        lambda: whole_reading(repacked(chance, whole)),
        lambda: read_listing(spoiled(chance, meta)),
        lambda: read_contacts(spoiled(chance, CONTACTS)),
    )
    refused = 0
    for place in range(count):
        try:
            cases[place % len(cases)]()
        except BadAnswer:
            refused += 1
    return refused, count - refused


def test_damaged_answers_are_refused_or_read() -> None:
    refused, read = damage(20261122, 800)
    assert refused > 100
    assert read > 40


@pytest.mark.soak
def test_many_damaged_answers_are_refused_or_read(record_property: Callable[[str, object], None]) -> None:
    seed = int(os.environ.get("EDO_SOAK_SEED") or secrets.randbelow(2**32))
    refused, read = damage(seed, 20_000)
    assert refused > 1_000
    assert read > 500
    record_property("damaged_taxcom_answers", refused + read)
