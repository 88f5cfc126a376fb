"""What comes from Taxcom is hostile: containers, XML, lists; and a cursor over lists by time loses nothing."""

import io
import json
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from operators import errors
from operators.port import EntityKind, PowerRef, RelationStatus
from operators.taxcom import TaxcomCabinet, codes, feed, intake, layout
from operators.taxcom.contacts import read_contacts
from operators.taxcom.container import read_container, read_listing
from operators.taxcom.moments import moment, to_wire
from operators.taxcom.packing import Parcel, pack

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DOCFLOW = "5b2ab349-2783-492e-9b83-be09582ee7d8"
ROOT = f'<ContainerDescription xmlns="{layout.META}" LastRecordDateTime="2026-11-22T12:00:00.000">'
DOCUMENT = (
    f'<DocFlow Id="{DOCFLOW}" Status="InProgress"><Documents><Document TransactionCode="Invoice">'
    '<Definition><Identifiers InternalId="a" ExternalIdentifier="ours"/><Type Name="ExpInvoice"/></Definition>'
    '<Status OrderInDocFlow="1" Direction="Incoming" TransactionResultType="Completed"/>'
    '<Files><MainImage Path="1/a.xml"/><MainImageSignature Path="1/a.p7s"/></Files>'
    "</Document></Documents></DocFlow>"
)
META = f"{ROOT}{DOCUMENT}</ContainerDescription>"
FILES = {"meta.xml": META.encode(), "1/a.xml": b"<a/>", "1/a.p7s": b"\x30\x80"}


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return packed.getvalue()


def damaged(content: bytes) -> bytes:
    """The middle of a compressed file in other bits."""
    return content[:3_000] + bytes(each ^ 0xFF for each in content[3_000:8_000]) + content[8_000:]


def with_meta(old: str, new: str) -> bytes:
    assert old in META
    return zipped({**FILES, "meta.xml": META.replace(old, new).encode()})


def test_a_container_is_read_whatever_its_separators_and_namespaces() -> None:
    strange = META.replace("1/a.xml", "1\\a.xml").replace("<Identifiers ", '<Identifiers xmlns="" ')
    found = read_container(zipped({**FILES, "meta.xml": strange.encode("utf-8")}), DOCFLOW.upper())
    (part,) = found.parts
    assert (part.id, part.kind, part.external_id, part.signatures) == ("a", EntityKind.TITLE, "ours", (b"\x30\x80",))
    assert part.file is not None
    assert (part.file.name, part.file.content) == ("a.xml", b"<a/>")


def test_what_is_newer_than_the_adapter_is_unknown_and_what_is_absent_does_not_matter() -> None:
    newer = with_meta('TransactionCode="Invoice"', 'TransactionCode="SomethingNewer"')
    assert read_container(newer, DOCFLOW).parts[0].kind is EntityKind.TITLE, "its type is known"
    newest = META.replace('"Invoice"', '"SomethingNewer"').replace('"ExpInvoice"', '"SomethingNewer"')
    found = read_container(zipped({**FILES, "meta.xml": newest.encode()}), DOCFLOW)
    assert (found.parts[0].kind, found.main) == (EntityKind.UNKNOWN, None)
    bare = (
        f'{ROOT}<DocFlow Id="{DOCFLOW}"><Documents><Document/><Document/></Documents></DocFlow></ContainerDescription>'
    )
    parts = read_container(zipped({"meta.xml": bare.encode()}), DOCFLOW).parts
    assert [(each.id, each.kind, each.file) for each in parts] == [
        ("-1", EntityKind.UNKNOWN, None),
        ("-2", EntityKind.UNKNOWN, None),
    ]


BOMB = b"0" * (3 * intake.SMALL)
ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
HOSTILE: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "no zip": lambda: b"PK\x03\x04" + bytes(100),
    "cut": lambda: zipped(FILES)[:-30],
    "changed": lambda: zipped(FILES, zipfile.ZIP_STORED).replace(b"<a/>", b"<b/>"),
    "damaged": lambda: damaged(zipped({**FILES, "1/a.xml": random.Random(1).randbytes(9_000) + b"a" * 9_000})),
    "bomb": lambda: zipped({**FILES, "1/bomb": BOMB}),
    "up": lambda: zipped({**FILES, "../a": b"a"}),
    "up inside": lambda: zipped({**FILES, "1/../../a": b"a"}),
    "up by backslash": lambda: zipped({**FILES, "1\\..\\..\\a": b"a"}),
    "absolute": lambda: zipped({**FILES, "/etc/passwd": b"a"}),
    "drive": lambda: zipped({**FILES, "C:/a": b"a"}),
    "control": lambda: zipped({**FILES, "1/a\x07": b"a"}),
    "no name": lambda: zipped({**FILES, "#": b"a"}).replace(b"#", b"\x00"),
    "twice": lambda: zipped({**FILES, "1\\a.xml": b"<b/>"}),
    "many files": lambda: zipped({**FILES, **{f"2/{place}": b"" for place in range(intake.ENTRIES_LIMIT)}}),
    "no meta": lambda: zipped({"1/a.xml": b"<a/>"}),
    "meta is no xml": lambda: zipped({**FILES, "meta.xml": b"<a"}),
    "another root": lambda: zipped({**FILES, "meta.xml": b"<Card/>"}),
    "entities": lambda: zipped({**FILES, "meta.xml": (ENTITY + META.replace("ours", "&b;")).encode()}),
    "outer entity": lambda: zipped(
        {**FILES, "meta.xml": ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + META).encode()}
    ),
    "elements": lambda: with_meta("<Files>", "<Files>" + "<x/>" * intake.ELEMENTS_LIMIT),
    "another docflow": lambda: with_meta(DOCFLOW, DOCFLOW[::-1]),
    "no file": lambda: with_meta("1/a.xml", "1/b.xml"),
    "file elsewhere": lambda: with_meta("1/a.xml", "../../etc/passwd"),
    "many documents": lambda: with_meta("<Documents>", "<Documents>" + "<Document/>" * 1_000),
    "many signatures": lambda: with_meta("<Files>", "<Files>" + '<MainImageSignature Path="1/a.p7s"/>' * 100),
    "one id twice": lambda: with_meta(
        "</Documents>", '<Document><Definition><Identifiers InternalId="a"/></Definition></Document></Documents>'
    ),
    "long id": lambda: with_meta("ours", "o" * 10_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_containers_are_refused(name: str) -> None:
    with pytest.raises(errors.BadAnswer) as caught:
        read_container(HOSTILE[name](), DOCFLOW)
    assert caught.value.operator == "2AL"


def test_encrypted_and_strangely_packed_files_are_refused() -> None:
    plain = bytearray(zipped(FILES))
    place = plain.rindex(b"PK\x01\x02")
    for offset, value in ((8, 1), (10, 99)):  # general purpose flag, compression method (APPNOTE 4.3.12)
        spoiled = bytearray(plain)
        spoiled[place + offset] = value
        with pytest.raises(errors.BadAnswer):
            read_container(bytes(spoiled), DOCFLOW)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f'Id="{DOCFLOW}"', 'Id=""'),
        ("2026-11-22T12:00:00.000", "yesterday"),
        ("2026-11-22T12:00:00.000", "2026-13-22T12:00:00"),
        (' LastRecordDateTime="2026-11-22T12:00:00.000"', ""),
        ("<Documents>", "<Documents>" + "<Document/>" * 5_000),
        (DOCUMENT, f'<DocFlow Id="{DOCFLOW}"/>' * 5_001),
        ("ours", "o" * 10_000),
    ],
)
def test_hostile_lists_are_refused(old: str, new: str) -> None:
    assert old in META
    with pytest.raises(errors.BadAnswer):
        read_listing(META.replace(old, new).encode())


def test_a_list_tells_transactions_with_their_times() -> None:
    (row,) = read_listing(META.encode()).rows
    assert (row.docflow, row.transaction, row.document, row.external_id) == (DOCFLOW, "Invoice", "a", "ours")
    assert (row.at, row.outgoing, row.result) == (START, False, "Completed")
    assert read_listing(META.encode()).is_last
    assert not read_listing(META.replace(" LastRecord", ' IsLast="false" LastRecord').encode()).is_last
    with pytest.raises(errors.BadAnswer):
        read_listing(b"<Contacts/>")


def test_times_are_read_with_and_without_zones() -> None:
    assert moment("2026-11-22T12:00:00") == START
    assert moment("2026-11-22T09:00:00.1234567Z") == START + timedelta(microseconds=123456)
    assert moment("2026-11-22T14:00:00,5+05:00") == START + timedelta(milliseconds=500)
    assert moment(to_wire(START)) == START
    assert to_wire(START + timedelta(microseconds=999)) == "2026-11-22T12:00:00.000", "never later than told"
    for wrong in ("", "2026-11-22", "0001-01-01T00:00:00", "2026-11-22T12:00:00+99:00", "２026-11-22T12:00:00"):
        with pytest.raises(errors.BadAnswer):
            moment(wrong)


def test_contacts_of_the_sample_are_read(shared_data: Path) -> None:
    (found,) = read_contacts((shared_data / "operators/taxcom/contacts.sample.xml").read_bytes())
    assert (found.inn, found.kpp, found.external_id) == ("7700000001", "770001001", "partner-1")
    assert codes.CONTACT_STATES[found.state] is RelationStatus.INVITES_ME
    assert found.at == datetime(2026, 1, 15, 7, 0, tzinfo=UTC)
    assert found.participant("2AL-mine").is_roaming is False
    assert found.participant("2XX-mine").is_roaming is True
    assert read_contacts(b" ") == ()
    for wrong in (b"<Contacts", b"<!DOCTYPE x><Contacts/>", b"<List/>"):
        with pytest.raises(errors.BadAnswer):
            read_contacts(wrong)


def test_the_operators_words_are_all_known(shared_data: Path) -> None:
    words = json.loads((shared_data / "operators/taxcom/endpoints.json").read_text())["enums"]
    assert set(words["DocFlowStatus"]) == set(codes.STATUSES)
    assert set(words["DocFlowErrorType"]) - {"None"} == set(codes.ERROR_TYPES)
    assert set(words["ContactStateCode"]) == set(codes.CONTACT_STATES)
    assert set(words["DefinitionTypeName_service"]) <= set(layout.TYPES)
    assert {"ReceiveNotice", "CustomerInformation", "PostDateConfirmation"} <= set(layout.TRANSACTIONS)


def test_every_assumption_is_told_in_the_documentation() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/operators/taxcom.md").read_text()
    assert [name for name in layout.ASSUMPTIONS if f"`{name}`" not in page] == []


def test_a_parcel_names_its_files_and_its_power_of_attorney() -> None:
    power = PowerRef(number="4a5c", issuer_inn="7700000016", representative_inn="500100732259", valid_to=START.date())
    cabinet = TaxcomCabinet(participant_id="2AL-a", inn="7700000016", name="ООО «А» & Ко\x00")
    parcel = Parcel(
        transaction="MainDocument",
        regulation="Nonformalized",
        type_name="Contract",
        external_id="ours",
        title="Договор",
        receiver="2AL-b",
        at=START,
        file_name="../../Договор №1: a/b.pdf",
        content=b"%PDF",
        signature=b"\x30\x80",
        power=power,
    )
    packed = pack(parcel, cabinet)
    assert packed == pack(parcel, cabinet), "the same parcel is the same container"
    files = intake.unpack(packed)
    assert set(files) == {
        "meta.xml",
        "warrant.xml",
        "1/card.xml",
        "1/_.._Договор №1_ a_b.pdf",
        "1/_.._Договор №1_ a_b.pdf.p7s",
    }
    encodings = {"meta.xml": "utf-8", "1/card.xml": "cp1251", "warrant.xml": "utf-8"}
    meta, card, told = (files[name].decode(encoding) for name, encoding in encodings.items())
    assert 'Name="../../Договор №1: a/b.pdf"' in meta
    assert "encoding='windows-1251'" in card
    assert 'Name="WarrantPath" Value="warrant.xml"' in card
    assert 'Name="ООО «А» &amp; Ко"' in card
    assert 'ID="4a5c" Issuer="7700000016" Representative="500100732259"' in told
    assert 'File="1/_.._Договор №1_ a_b.pdf.p7s"' in told
    assert 'Value="22.11.2026"' in told


@dataclass(frozen=True)
class Told:
    """A line of some list."""

    key: str
    at: datetime


@pytest.mark.parametrize("seed", range(30))
def test_a_reading_by_time_loses_nothing_and_ends(seed: int) -> None:
    """Lines come in any order of time within the overlap, many at one moment; pages of any size; cursors as text."""
    chance = random.Random(seed)
    lines: list[Told] = []
    seen: list[str] = []
    cursor: str | None = None
    now = START
    for step in range(40):
        now += timedelta(seconds=chance.choice([0, 0, 1, 30, 400]))
        for _ in range(chance.choice([0, 1, 3])):
            late = timedelta(seconds=chance.choice([0, 0, 0, 1, 60, 290]))
            lines.insert(chance.randint(0, len(lines)), Told(f"{seed}-{step}-{len(lines)}", max(START, now - late)))
        for _ in range(200):
            mark = feed.Mark(base=feed.BEGINNING) if cursor is None else feed.read_mark(cursor)
            given = feed.in_order([each for each in lines if each.at >= mark.asks_from])
            known = [each for each in given if each.at > mark.asks_from]
            start = mark.place_in(known)
            page = known[start : start + chance.choice([1, 2, 100])]
            if not page:
                break
            seen += [each.key for each in page]
            cursor = str(feed.mark_after(known, start + len(page) - 1))
            assert len(cursor) <= 80
        else:
            raise AssertionError("the reading does not end")
        assert set(seen) == {each.key for each in lines}
    assert len(seen) < 40 * len(lines), "what was told is not told over and over"


def test_a_foreign_cursor_is_lost() -> None:
    times = ("2026-11-22T09:00:00 1 aa", "2026-11-22T09:00:00+00:00 -1 aa", "0001-01-01T00:00:00+00:00 1 a")
    for wrong in ("", "0" * 48, "x 1 a", *times):
        with pytest.raises(errors.CursorLost):
            feed.read_mark(wrong)
