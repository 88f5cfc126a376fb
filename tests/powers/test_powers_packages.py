"""Packages of powers: several in one ZIP under any names, each told; what is no honest archive is refused whole."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from edo_service.errors import Forbidden, Rejected
from edo_service.powers import packages, queries
from edo_service.powers.use_cases import PackedOutcome, keep_package
from tests.fixtures.road import CLIENT, House
from tests.powers.test_powers_register import Register

MARK_OF_PASSWORD = 0x1


@pytest.fixture
def register(house: House, tmp_path: Path) -> Register:
    return Register(house, tmp_path / "register")


def packed(*files: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return found.getvalue()


def keep(register: Register, content: bytes) -> tuple[PackedOutcome, ...]:
    return keep_package(content, actor=register.actor, uow=register.house.uow(register.actor), desk=register.desk)


def told(found: tuple[PackedOutcome, ...]) -> list[str]:
    return ["kept" if one.refused is None else one.refused.code for one in found]


def test_every_power_of_a_package_finds_its_signature_and_is_told_of(register: Register) -> None:
    """Signatures are named anyhow and lie anywhere: whose they are stands in them; one bad power stops no other."""
    (first_number, first), (_, second), (_, lone) = register.power(), register.power(), register.power()
    sign = register.house.cms
    content = packed(
        ("powers/", b""),
        (f"powers/{first.file_name}", first.content),
        (f"powers/{second.file_name}", second.content),
        (lone.file_name, lone.content),
        ("card.xml", b"<Card/>"),
        ("signatures/2.bin", sign(first.content, "client_one_person")),
        ("signatures/1.bin", sign(second.content, "client_one_person")),
        ("read me.txt", b"nothing"),
    )
    found = keep(register, content)
    assert [one.file_name for one in found] == [first.file_name, second.file_name, lone.file_name, "card.xml"]
    assert told(found) == ["kept", "kept", "power.signature_missing", "power.signature_missing"]
    assert found[0].kept is not None
    card = register.card(found[0].kept)
    assert (card.power.number, card.source, card.file.signature) == (str(first_number), "package", "TOTAL-PASSED")
    assert card.file.is_well_named
    assert [one.kept for one in keep(register, content)] == [one.kept for one in found], "again: the same rows"


def test_a_package_is_judged_as_a_file_is(register: Register) -> None:
    _, file = register.power()
    wrong = register.house.cms(b"another file", "client_one_person")
    assert told(keep(register, packed((file.file_name, file.content), (f"{file.file_name}.sig", wrong)))) == [
        "power.signature_failed"
    ]
    assert told(keep(register, packed(("a.xml", b"<a/>"), ("a.sig", wrong)))) == ["power.unreadable"]
    stranger = register.house.actor(CLIENT)
    with pytest.raises(Forbidden):
        keep_package(b"", actor=stranger, uow=register.house.uow(stranger), desk=register.desk)
    uow = register.house.uow(register.actor)
    with uow:
        assert list(queries.powers(uow)) == []


def test_names_of_old_archivers_are_read(register: Register) -> None:
    """Archivers of Russian Windows write cp866 without any mark: the same name in bytes, shown as it was meant."""
    _, file = register.power()
    name = "доверенность.xml"
    ascii_name = "#" * len(name)
    content = packed((ascii_name, file.content), ("s", register.house.cms(file.content, "client_one_person")))
    (found,) = packages.unpack(content.replace(ascii_name.encode(), name.encode("cp866")))
    assert (found.file_name, len(found.signatures)) == (name, 1)


def test_no_hostile_archive_is_unpacked() -> None:
    xml = b"<a/>"
    bomb = packed(("a.xml", b"<" + b"0" * (packages.LIMITS.free + 1)))
    with_password = bytearray(packed(("a.xml", xml)))
    with_password[with_password.index(b"PK\x01\x02") + 8] |= MARK_OF_PASSWORD
    no_utf8 = bytearray(packed(("й.xml", xml)).replace("й".encode(), b"\xff\xff"))
    many = [(f"{number}.txt", b"") for number in range(packages.LIMITS.files + 1)]
    cases = {
        "сжат больше": bomb,
        "зашифрован": bytes(with_password),
        "опасное имя": packed(("../a.xml", xml)),
        "вложены": packed(("a.zip", packed(("a.xml", xml)))),
        "больше 200 файлов": packed(*many),
        "одним именем": packed(("a.xml", xml), ("A.XML", xml)),
        "повреждён": bytes(no_utf8),
    }
    for words, content in cases.items():
        with pytest.raises(Rejected, match="package_refused") as refused:
            packages.unpack(content)
        assert words in str(refused.value.params["reason"]), words
    with pytest.raises(Rejected, match="package_refused"):
        packages.unpack(b"no archive")
    with pytest.raises(Rejected, match="package_empty"):
        packages.unpack(packed(("a.sig", b"0")))
    with pytest.raises(Rejected, match="package_too_large"):
        packages.unpack(b"PK\x03\x04" + bytes(packages.MAX_PACKAGE))
    powers = [(f"{number}.xml", xml) for number in range(packages.MAX_POWERS + 1)]
    with pytest.raises(Rejected, match="package_too_many"):
        packages.unpack(packed(*powers))
