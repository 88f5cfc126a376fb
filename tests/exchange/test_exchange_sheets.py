"""Tables that people bring: what is read, what is refused, and what becomes of each row."""

from __future__ import annotations

import io
import random
import zipfile
from uuid import UUID

import pytest

from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO, LESSOR
from edo_service.errors import Forbidden, NotFound, Rejected
from edo_service.exchange import counterparties, queries, sheets
from edo_service.exchange.invitees import read_invitees
from edo_service.exchange.lives import RelationAct
from edo_service.exchange.pages.imports import FOLDERS, harmless
from edo_service.exchange.sheets import Line, read_lines
from edo_service.exchange.use_cases.invite_many import invite_listed, keep_list
from edo_service.exchange.use_cases.relate import Wish, relate
from edo_service.kernel.actor import Actor
from edo_service.web.statuses import status
from operators.sandbox.faults import Fault, FaultRule
from tests.fixtures.road import ACCOUNTANT, COMPLIANCE, House

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def book(rows: str, *, strings: str = "", sheet: str = "worksheets/sheet1.xml", shared: bytes = b"") -> bytes:
    """An XLSX with one sheet whose <sheetData> holds `rows`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELS}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        file.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships><Relationship Id="r1" Target="{sheet}"/></Relationships>'
        )
        file.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        )
        if strings:
            file.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{strings}</sst>')
        if shared:
            file.writestr("xl/sharedStrings.xml", shared)
    return out.getvalue()


def test_a_spreadsheet_is_read_as_people_see_it() -> None:
    content = book(
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>КПП</t></is></c></row>'
        '<row r="3"><c r="A3"><v>7.700000016E9</v></c><c r="B3"><v>770001001</v></c>'
        '<c r="D3" t="str"><v>  ООО\u00a0  «Икс» </v></c></row><row r="9"/>',
        strings="<si><r><t>ИН</t></r><r><t>Н</t></r></si>",
    )
    assert read_lines(content, "a.xlsx") == (
        Line(number=1, cells=("ИНН", "КПП")),
        Line(number=3, cells=("7700000016", "770001001", "", "ООО «Икс»")),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_csv_is_read_whatever_the_program_wrote(encoding: str, delimiter: str) -> None:
    text = delimiter.join(("ИНН", "КПП", "Название")) + "\r\n" + delimiter.join(("7700000016", "", "ООО")) + "\r\n\r\n"
    lines = read_lines(text.encode(encoding), "a.csv")
    assert [line.cells for line in lines] == [("ИНН", "КПП", "Название"), ("7700000016", "", "ООО")]


def test_a_formula_is_told_and_never_computed() -> None:
    (line,) = read_lines(book('<row r="1"><c r="A1"><f>1+1</f><v>7700000016</v></c></row>'), "a.xlsx")
    assert line.formula
    (one,) = read_invitees((line,))
    assert one.fault == "В строке формула: сохраните таблицу со значениями"


BOMB = b"<x>" + b"A" * (sheets.LARGEST_PART + 10)
BAD = {
    "no zip": (b"PK\x03\x04 nothing", "unreadable"),
    "old excel": (b"\xd0\xcf\x11\xe0 nothing", "unreadable"),
    "pdf": (b"%PDF-1.7", "unreadable"),
    "bytes": (b"\x00\x01\x02", "unreadable"),
    "empty": (b"\n\n", "empty"),
    "too large": (b"a" * (sheets.LARGEST_FILE + 1), "too_large"),
    "too many": (b"1\n" * 1001, "too_many_rows"),
    "a sheet outside": (book("", sheet="../../etc/passwd"), "unreadable"),
    "broken": (book("<row><c>"), "unreadable"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_table_is_refused_with_words(name: str) -> None:
    content, code = BAD[name]
    with pytest.raises(Rejected) as refused:
        read_lines(content, "a.xlsx")
    assert refused.value.code == f"sheet.{code}"


def test_bombs_and_entities_are_refused() -> None:
    with pytest.raises(Rejected, match="unreadable"):
        read_lines(book("", shared=BOMB), "a.xlsx")
    entity = b'<!DOCTYPE sst [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst>&a;</sst>'
    with pytest.raises(Rejected, match="unreadable"):
        read_lines(book("", shared=entity), "a.xlsx")


def test_markup_that_would_fill_the_memory_is_not_built() -> None:
    for rows in ("<row/>" * 500_000, "<row>" + "<c/>" * 500_000 + "</row>", "<row " + 'a=""' * 500_000 + "/>"):
        with pytest.raises(Rejected, match="too_many_rows"):
            read_lines(book(rows), "bomb.xlsx")
    cells = '<c r="A1" s="1"><v>7</v></c>' * sheets.MOST_COLUMNS
    whole = "".join(f'<row r="{row}" spans="1:40" ht="15">{cells}</row>' for row in range(1, sheets.MOST_ROWS + 1))
    assert len(read_lines(book(whole), "whole.xlsx")) == sheets.MOST_ROWS


@pytest.mark.parametrize("packed", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_spreadsheet_is_refused_with_words_and_nothing_else(packed: int) -> None:
    out = io.BytesIO()
    table = book('<row r="1"><c><v>7700000016</v></c></row>' * 20)
    with zipfile.ZipFile(io.BytesIO(table)) as good, zipfile.ZipFile(out, "w", packed) as other:
        for name in good.namelist():
            other.writestr(name, good.read(name))
    whole = out.getvalue()
    chance, read = random.Random(7), 0
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            content[chance.randrange(4, len(content))] = chance.randrange(256)
        try:
            read += len(read_lines(bytes(content), "a.xlsx")) > 0
        except Rejected as error:
            assert error.code in {"sheet.unreadable", "sheet.empty"}  # noqa: PT017 - some are whole still
    assert read < 150
    with pytest.raises(Rejected, match="unreadable"):
        read_lines(whole[: len(whole) // 2], "half.xlsx")


def test_a_document_type_is_refused_in_every_encoding() -> None:
    sheet = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "7700000016">]><x><row><c/></row></x>'
    with pytest.raises(Rejected, match="unreadable"):
        read_lines(book("", shared=sheet.encode("utf-16")), "a.xlsx")


def test_numbers_of_rows_only_grow_and_a_reference_to_nowhere_is_empty() -> None:
    cell = "<c><v>{}</v></c>"
    rows = "".join(
        f"<row{number}>{cell.format(value)}</row>" for value, number in enumerate((' r="2"', "", ' r="2"', ' r="9"'))
    )
    assert [line.number for line in read_lines(book(rows), "a.xlsx")] == [2, 3, 4, 9]
    far = f'<row><c t="s"><v>{"9" * 5000}</v></c><c><v>1</v></c></row>'
    assert read_lines(book(far), "a.xlsx")[0].cells == ("", "1")


@pytest.mark.parametrize(
    "text",
    [
        "ИНН;Письмо\n7700000016;Коллеги, здравствуйте, приглашаем, ждём\n",
        "sep=;\r\nИНН;Письмо\r\n7700000016;Коллеги, здравствуйте, приглашаем, ждём\r\n",
        "\n7700000016;Коллеги, здравствуйте, приглашаем, ждём\n",
        "sep=|\n7700000016|Коллеги, здравствуйте, приглашаем, ждём\n",
    ],
    ids=["heads", "named", "bare", "bar"],
)
def test_commas_of_a_letter_are_no_delimiter(text: str) -> None:
    assert read_lines(text.encode(), "a.csv")[-1].cells == ("7700000016", "Коллеги, здравствуйте, приглашаем, ждём")


def test_rows_become_companies_with_faults_in_words() -> None:
    lines = (
        Line(number=1, cells=("Наименование", "ИНН организации", "КПП", "Идентификатор")),
        Line(number=2, cells=("ООО «Икс»", "7700000016", "77 0001 001", "")),
        Line(number=3, cells=("Повтор", "7700000016", "770001001", "")),
        Line(number=4, cells=("Опечатка", "7700000017")),
        Line(number=5, cells=("Без ИНН", "")),
        Line(number=6, cells=("Чужой КПП", "7800000010", "12")),
        Line(number=7, cells=("Чужой код", "7800000010", "", "??")),
    )
    found = read_invitees(lines)
    assert [(one.number, one.fault is None) for one in found] == [
        (2, True), (3, False), (4, False), (5, False), (6, False), (7, False),
    ]  # fmt: skip
    assert (found[0].inn, found[0].kpp, found[0].name) == ("7700000016", "770001001", "ООО «Икс»")
    assert [one.fault.split(":")[0] for one in found[1:] if one.fault] == [
        "Повтор", "ИНН", "ИНН", "КПП", "Идентификатор участника",
    ]  # fmt: skip


def test_a_zero_that_the_table_has_dropped_is_given_back() -> None:
    (one,) = read_invitees((Line(number=1, cells=("105000013", "10501001")),)) if _fits("0105000013") else (None,)
    assert one is None or (one.inn, one.kpp) == ("0105000013", "010501001")


def _fits(inn: str) -> bool:
    from edo_service.parties.rules import inn_is_valid

    return inn_is_valid(inn)


def test_a_report_holds_no_formula() -> None:
    assert [harmless(cell) for cell in ("=1+1", "+7", "-1", "@x", "ООО", "")] == [
        "'=1+1",
        "'+7",
        "'-1",
        "'@x",
        "ООО",
        "",
    ]


def parted(house: House, actor: Actor) -> tuple[UUID, UUID]:
    """The connection, and the relation to the second client, broken off."""
    house.work()
    (account,) = queries.accounts(uow=house.uow(actor))
    lines = counterparties.list_relations(
        folder="all", text=CLIENT_TWO.inn, operator="", after=None, limit=1, uow=house.uow(actor)
    ).lines
    relate(lines[0].id, Wish(act=RelationAct.BREAK), actor=actor, uow=house.uow(actor))
    house.settle()
    return account.id, lines[0].id


def test_a_list_invites_each_company_once(house: House) -> None:
    actor = house.actor(ACCOUNTANT)
    account, _ = parted(house, actor)
    text = f"ИНН;КПП\n{CLIENT_TWO.inn};\n{CLIENT_ONE.inn};\n7700000030;\n12;\n{LESSOR.inn};\n"
    invitees = read_invitees(read_lines(text.encode(), "a.csv"))

    def bring() -> counterparties.BatchCard:
        said = {"file_name": "a\x00.csv", "text": "Пиши\x00те"}
        batch = keep_list(account, invitees, **said, actor=actor, uow=house.uow(actor))
        house.settle()
        return counterparties.batch(batch, uow=house.uow(actor))

    first = bring()
    assert first.file_name == "a.csv", "PostgreSQL would keep no NUL"
    outcomes = [row.outcome for row in first.rows]
    assert outcomes == ["invited", "already", "faulty" if invitees[2].fault else "absent", "faulty", "absent"] or (
        outcomes[-1] == "faulty"
    )
    assert [row.outcome for row in bring().rows][:2] == ["already", "already"]
    with pytest.raises(Forbidden):
        keep_list(account, invitees, file_name="a", text="", actor=house.actor(COMPLIANCE), uow=house.uow(actor))
    lists = counterparties.batches(limit=1, uow=house.uow(actor))
    assert [sum(one.outcomes.values()) for one in lists] == [5], "the newest alone"
    assert lists[0].id != first.id
    assert lists[0].outcomes["already"] == 2
    stranger = Actor.automatic("test", house.entity(CLIENT_TWO))
    assert not counterparties.batches(limit=10, uow=house.uow(stranger))
    with pytest.raises(NotFound, match="batch_absent"):
        counterparties.batch(first.id, uow=house.uow(stranger))


def test_the_report_tells_what_the_operator_made_of_each_invitation(house: House) -> None:
    actor = house.actor(ACCOUNTANT)
    account, relation = parted(house, actor)
    invitees = read_invitees(read_lines(f"ИНН\n{CLIENT_TWO.inn}\n".encode(), "a.csv"))
    batch = keep_list(account, invitees, file_name="a.csv", text="", actor=actor, uow=house.uow(actor))

    def row() -> counterparties.BatchLine:
        (found,) = counterparties.batch(batch, uow=house.uow(actor)).rows
        return found

    def folders() -> set[str]:
        return {name for name, _, outcomes in FOLDERS if row().outcome in outcomes}

    assert (row().outcome, folders()) == ("waiting", {"waiting"})
    robot = Actor.automatic("test", actor.entity)
    invite_listed(batch, actor=robot, uow=house.uow(robot), operators=house.services.operator)
    assert (row().outcome, folders()) == ("sending", {"waiting"}), "intended is not done"
    house.faults.add(FaultRule(fault=Fault.UNPAID, path="acquirecounteragent"))
    house.settle()
    assert (row().outcome, folders()) == ("refused", {"attention"})
    assert row().reason, "what the operator said"
    (kept,) = counterparties.batches(limit=10, uow=house.uow(actor))
    assert (kept.id, kept.file_name, kept.by, dict(kept.outcomes)) == (batch, "a.csv", actor.name, {"refused": 1})
    assert status("invitation", row().outcome).word == "Оператор отказал"
    relate(relation, Wish(act=RelationAct.INVITE), actor=actor, uow=house.uow(actor))
    house.settle()
    assert (row().outcome, row().reason, folders()) == ("invited", None, {"invited"})
