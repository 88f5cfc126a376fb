"""Exports in the background: what lies in them, who took them, when they go; the check and the copy of a real set."""

import csv
import errno
import hashlib
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

import archive
import signing
from edo_service.accounts.rules import Role
from edo_service.archiving import queries, queries_desk
from edo_service.archiving.desk_handlers import MOST_BUILDS
from edo_service.archiving.pages import describing
from edo_service.archiving.queries import Search
from edo_service.archiving.registers import write_csv
from edo_service.archiving.tables import PackagePart
from edo_service.archiving.use_cases.build_export import build_export, file_names
from edo_service.archiving.use_cases.check import check_set
from edo_service.archiving.use_cases.export import BUILD, open_export, order_export
from edo_service.errors import Conflict, Forbidden, NotFound, Rejected
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.kernel.journal import reading
from tests.fixtures.archive_desk import DeskHouse
from tests.fixtures.road import ACCOUNTANT, COMPLIANCE, House

ROOT = Path(__file__).resolve().parents[2]


def order(house: DeskHouse, *sets: UUID, kind: str = "tax") -> UUID:
    return order_export(
        sets, kind=kind, title="Выгрузка", purpose="Требование № 14-2", actor=house.actor(), uow=house.uow()
    )


def rows(bundle: zipfile.ZipFile, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(bundle.read(name).decode("utf-8-sig")), delimiter=";"))


def test_an_export_that_is_being_built_has_no_name_on_the_disk(
    bare_desk: DeskHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is killed over it leaves nothing that a later act of disposal would not reach."""
    house, seen = bare_desk, list[list[Path]]()
    export = order(house, house.keep(b"a" * 100_000), house.keep(b"b" * 100_000))
    scraps = tmp_path / "scraps"
    scraps.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scraps))

    class Watched(archive.FileStore):
        def open(self, key: str) -> BinaryIO:
            seen.append(list(scraps.iterdir()))
            return super().open(key)

    desk = replace(house.desk, store=Watched(house.folder / "archive", house.clock))
    build_export(export, actor=Actor.automatic(BUILD, house.owner), uow=house.uow(), desk=desk, shelf=house.shelf)
    assert seen == [[], []]
    (line,) = queries_desk.exports(uow=house.uow().reading())
    assert line.state == "ready"


def test_a_tax_export_holds_registers_and_files_and_goes_after_a_week(bare_desk: DeskHouse) -> None:
    house = bare_desk
    first, second = house.keep(b"<title/>", b"signature"), house.keep(b"<other/>", number="=1+1")
    export = order(house, second, first)
    house.work()
    (line,) = queries_desk.exports(uow=house.uow().reading())
    assert (line.state, line.sets, line.done) == ("ready", 2, 2)
    name, size, content = open_export(
        export, purpose="Проверка", actor=house.actor(), uow=house.uow(), shelf=house.shelf
    )
    with content:
        packed = content.read()
    assert (name, size) == ("Выгрузка.zip", len(packed))
    with zipfile.ZipFile(io.BytesIO(packed)) as bundle:
        assert bundle.testzip() is None
        assert bundle.read("0002 УПД № 0417-Л от 17.11.2026/0.bin") == b"<title/>"
        register = rows(bundle, "Реестр.csv")
        assert register[0][4:8] == ["Номер", "Дата", "Контрагент", "ИНН"]
        assert [one[4] for one in register[1:]] == ["'=1+1", "0417-Л"], "no formulas"
        files = rows(bundle, "Файлы.csv")
        assert [one[1] for one in files[1:]] == ["титул", "титул", "подпись"]
        with zipfile.ZipFile(io.BytesIO(bundle.read("Реестр.xlsx"))) as book:
            sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert len(list(sheet.iter("{http://schemas.openxmlformats.org/spreadsheetml/2006/main}row"))) == 3
    (line,) = queries_desk.exports(uow=house.uow().reading())
    assert [who for _, who in line.taken] == ["Ким"]
    card = queries.set_card(first, uow=house.uow().reading())
    assert [(one.act, one.purpose) for one in card.accesses] == [("export", "Требование № 14-2")]
    with house.uow().reading() as uow:
        entry = reading.last(uow, "archive.export_taken", subject=f"export:{export}")
    assert entry is not None

    house.clock.move(timedelta(days=7))
    with pytest.raises(Conflict, match="export_not_ready"):
        open_export(export, purpose="Проверка", actor=house.actor(), uow=house.uow(), shelf=house.shelf)
    house.work()
    assert queries_desk.exports(uow=house.uow().reading())[0].state == "expired"
    assert list((house.folder / "exports").iterdir()) == []


def test_damage_ends_an_export_and_says_so(bare_desk: DeskHouse) -> None:
    house = bare_desk
    package = house.keep(b"content")
    (path,) = (house.folder / "archive" / "parts").rglob(archive.key_of("x", b"content").partition("/")[2])
    path.chmod(0o600)
    path.write_bytes(b"spoiled")
    order(house, package)
    house.work()
    (line,) = queries_desk.exports(uow=house.uow().reading())
    assert line.state == "failed"
    assert line.trouble is not None
    assert line.trouble.startswith("archive.export_damaged")


def test_parts_whose_names_clash_lie_under_names_of_their_own(bare_desk: DeskHouse) -> None:
    house = bare_desk
    package = house.keep(b"one", b"two", b"three", b"four")
    names = ("a:b.xml", "a?b.xml", "A_B.XML", " .. ")
    with house.uow() as uow:
        rows_ = uow.session.scalars(select(PackagePart).order_by(PackagePart.position)).all()
        for row, name in zip(rows_, names, strict=True):
            row.name, row.of_name = name, None if row.position == 0 else "a?b.xml"
        uow.commit()
    export = order(house, package)
    house.work()
    _, _, content = open_export(export, purpose="Проверка", actor=house.actor(), uow=house.uow(), shelf=house.shelf)
    with content, zipfile.ZipFile(io.BytesIO(content.read())) as bundle:
        folder = "0001 УПД № 0417-Л от 17.11.2026/"
        found = {name.removeprefix(folder): bundle.read(name) for name in bundle.namelist() if name.startswith(folder)}
        listed = rows(bundle, "Файлы.csv")[1:]
    assert found == {"a_b.xml": b"one", "a_b (2).xml": b"two", "A_B (3).XML": b"three", "_": b"four"}
    assert {one[2].removeprefix(folder): one[5] for one in listed} == {
        name: hashlib.sha256(content).hexdigest() for name, content in found.items()
    }
    assert {one[3] for one in listed} == {"", "a_b (2).xml"}, "what is signed is named as it lies in the folder"


@given(names=st.lists(st.text(alphabet="aA._ (2):/\x00ß", max_size=6), max_size=8))
def test_file_names_of_a_folder_are_safe_and_differ(names: list[str]) -> None:
    found = file_names(names)
    assert len(found) == len(names)
    assert len({one.casefold() for one in found}) == len(found)
    for one in found:
        assert one.strip(". ")
        assert not set(one) & set('\\/:*?"<>|\x00')


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/secret/place"), "No space left on device"),
        (signing.BadCertificate("no certificate"), "no certificate"),
    ],
)
def test_a_full_disk_and_a_bad_certificate_end_an_export(bare_desk: DeskHouse, error: Exception, said: str) -> None:
    class Store(archive.FileStore):
        """A store whose reading, or what is made of it, breaks."""

        def open(self, key: str) -> BinaryIO:
            assert self.stat(key) is not None
            raise error

    house = replace(bare_desk, store=Store(bare_desk.folder / "archive", bare_desk.clock))
    order(house, house.keep(b"content"))
    house.work()
    (line,) = queries_desk.exports(uow=house.uow().reading())
    assert line.state == "failed"
    assert said in (line.trouble or "")
    assert "/secret" not in (line.trouble or "")


def test_a_shelf_that_never_answers_ends_an_export_at_last(bare_desk: DeskHouse) -> None:
    house = bare_desk
    order(house, house.keep(b"content"))
    (house.folder / "exports").write_bytes(b"no folder")
    house.work()
    assert queries_desk.exports(uow=house.uow().reading())[0].state == "building"
    for _ in range(MOST_BUILDS):
        house.clock.move(timedelta(minutes=10))
        house.work()
    (line,) = queries_desk.exports(uow=house.uow().reading())
    assert line.state == "failed"
    assert line.trouble is not None


def test_exports_are_ordered_and_taken_by_right_and_within_the_company(bare_desk: DeskHouse) -> None:
    house = bare_desk
    package = house.keep(b"x")
    export = order(house, package)
    house.work()
    stranger = house.actor("Чужой", owner=new_id())
    with pytest.raises(NotFound):
        open_export(export, purpose="Проверка", actor=stranger, uow=house.uow(stranger.scope), shelf=house.shelf)
    with pytest.raises(NotFound):
        order_export([package], kind="tax", title="x", purpose="x", actor=stranger, uow=house.uow(stranger.scope))
    auditor = house.actor("Аудитор", Role.AUDITOR)
    with pytest.raises(Forbidden):
        open_export(export, purpose="Проверка", actor=auditor, uow=house.uow(), shelf=house.shelf)
    with pytest.raises(Forbidden):
        order_export([package], kind="tax", title="x", purpose="x", actor=auditor, uow=house.uow())
    for wrong in ((), (package,)):
        with pytest.raises(Rejected):
            order_export(
                wrong, kind="zip" if wrong else "tax", title="x", purpose="x", actor=house.actor(), uow=house.uow()
            )


MEASURE = """
import io, tracemalloc
from edo_service.archiving.registers import write_xlsx

class Sink(io.RawIOBase):
    def writable(self):
        return True
    def write(self, data):
        return len(data)

def peak(rows):
    tracemalloc.reset_peak()
    write_xlsx(Sink(), ("№", "Что"), ((place, "строка") for place in range(rows)))
    return tracemalloc.get_traced_memory()[1]

tracemalloc.start()
print(peak(200), peak(2000))
"""


def test_a_register_of_any_length_costs_no_memory() -> None:
    """Measured in a process of its own: here threads of a portal that other tests share take memory as they like."""
    done = subprocess.run([sys.executable, "-c", MEASURE], cwd=ROOT, capture_output=True, text=True, check=True)
    few, many = map(int, done.stdout.split())
    assert many < few + 60_000


def test_an_empty_cell_of_a_register_is_empty() -> None:
    out = io.BytesIO()
    write_csv(out, ("Сумма",), [(None,), (1,)])
    assert out.getvalue().decode("utf-8-sig").endswith("1\r\n")


def test_a_real_set_is_found_checked_copied_and_exported_for_an_auditor(house: House, tmp_path: Path) -> None:
    document = house.upload(function="СЧФ", number="ПР-77")
    house.deliver(document)
    house.settle(lambda: house.card(document).line.archive == "kept")
    control = house.actor(COMPLIANCE)
    uow, desk = house.uow(control), house.services.archive_desk
    name = house.card(document).main_part.signatures[0].signer_name
    assert name is not None
    wishes = ({"text": "счета-фактуры"}, {"number": "пр77"}, {"signer": name}, {"counterparty": "экспресс"})
    for wish in wishes:
        assert queries.search(Search(**wish), uow=uow.reading()).found == 1, wish
    (line,) = queries.search(Search(), uow=uow.reading()).lines
    assert queries.search(Search(), uow=house.uow(house.actor(ACCOUNTANT)).reading()).found == 1

    assert check_set(line.id, purpose="Проверка", actor=control, uow=uow, desk=desk) == ()
    card = queries.set_card(line.id, uow=uow.reading())
    assert card.check is not None
    both = describing.then_and_now(card, house.card(document))
    assert len(both) == sum(part.role == "signature" for part in card.parts)
    assert {one.now.word if one.now else "" for one in both} == {"Подпись действительна"}
    assert {one.why for one in both} == {""}
    assert describing.printed(card) is not None

    export = order_export([line.id], kind="audit", title="Аудит", purpose="Аудит 2026", actor=control, uow=uow)
    house.runner.drain()
    _, _, content = open_export(export, purpose="Проверка", actor=control, uow=uow, shelf=house.services.export_shelf)
    with content, zipfile.ZipFile(io.BytesIO(content.read())) as bundle:
        names = bundle.namelist()
        inner = next(name for name in names if name.endswith(".zip"))
        assert {"Доступ.csv", "Сроки.csv", "Проверки.csv", "Реестр.csv", "Реестр.xlsx"} <= set(names)
        with zipfile.ZipFile(io.BytesIO(bundle.read(inner))) as package:
            assert package.testzip() is None
            assert {"verify.sh", "manifest.json", "SHA256SUMS"} <= set(package.namelist())
        assert rows(bundle, "Проверки.csv")[1][3] == "нет"
    letters = [path.read_text() for path in house.services.settings.mail_dir.glob("*.eml")]
    assert any("/archive/exports" in text or "base64" in text for text in letters)
    (entry,) = house.journal("archive.export_ordered")
    assert json.loads(entry.facts)["purpose"] == "Аудит 2026"
