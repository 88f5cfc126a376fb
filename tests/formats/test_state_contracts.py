"""Акт КС-2 of a state contract: the fields whose structure the parties agree on are read, written and kept as they are."""

import dataclasses
import random
from typing import Any

import pytest
from lxml import etree

from edo_service.formats import (
    FormatError,
    check,
    print_form,
    read_construction_act_contractor,
    read_construction_act_customer,
    write_construction_act_contractor,
    write_construction_act_customer,
)
from edo_service.formats.construction_sides import BuildingGround
from edo_service.formats.construction_table import Extension
from tests.formats import generator
from tests.formats.judge import Judges, declared
from tests.formats.paper_goods import construction_act, construction_answer
from tests.formats.test_round_trip import meaning

AGREED = Extension(
    content='<Смета xmlns="urn:x" код="7">часть<!-- две --> три</Смета><Ещё/>', name="Смета", version="1"
)
SLOTS = {"extension", "head_extension", "hand_over_extension", "fact_extension"}


def extended(item: Any) -> Any:
    """The same act with extension fields wherever it may have them."""
    if isinstance(item, tuple):
        return tuple(extended(one) for one in item)
    if not dataclasses.is_dataclass(item) or isinstance(item, type | Extension):
        return item
    given = {field.name: extended(getattr(item, field.name)) for field in dataclasses.fields(item)}
    return dataclasses.replace(item, **{name: AGREED if name in SLOTS else one for name, one in given.items()})


def contractor_act() -> Any:
    act = read_construction_act_contractor(construction_act(2))
    ground = BuildingGround(state="1", register_number="1234567890123456789")
    return extended(
        dataclasses.replace(act, ground=ground, contractor=dataclasses.replace(act.contractor, largest="0"))
    )


def customer_act() -> Any:
    return extended(dataclasses.replace(read_construction_act_customer(construction_answer()), state="1"))


SIDES = {
    "construction_act_contractor 1.00": (
        contractor_act,
        read_construction_act_contractor,
        write_construction_act_contractor,
    ),
    "construction_act_customer 1.00": (customer_act, read_construction_act_customer, write_construction_act_customer),
}


@pytest.mark.parametrize("code", SIDES)
def test_extension_fields_are_written_and_read_again_wherever_they_stand(code: str, judges: Judges) -> None:
    make, read, write = SIDES[code]
    act = make()
    written = write(act)
    root = etree.fromstring(written.content)
    places = {element.getparent().tag for element in root.iter("ДопПолеСтрИнф")}
    assert places >= ({"СвАктСдПр", "СвПодр", "Раздел", "Документ"} if "contractor" in code else {"СодФХЖ4"})
    assert all(element[0].tag == "{urn:x}Смета" and element[1].tag == "Ещё" for element in root.iter("ДопПолеСтрИнф"))
    assert not judges[code].refusals(written.content, written.file_name.removesuffix(".xml"))
    again = read(written.content)
    assert write(again) == written
    assert read(write(again).content) == again
    assert print_form(written.content).startswith(b"%PDF")


def test_random_acts_of_the_state_survive() -> None:
    code = "construction_act_customer 1.00"
    declaration, (_, read, write) = declared(code), SIDES[code]
    rng = random.Random(f"state {code}")
    done = 0
    for _ in range(60):
        root = generator.mended(generator.document(declaration, rng, 0.15), declaration, rng)
        root.set("ИдФайл", "ON_TEST")
        xml = etree.tostring(root, encoding="windows-1251", xml_declaration=True)
        if not check(xml).ok or root.find(".//ДопПолеСтрИнф") is None:
            continue
        assert meaning(etree.fromstring(write(read(xml)).content)) == meaning(root)
        done += 1
    assert done >= 4


@pytest.mark.parametrize(
    "content", ["", "одни слова", "<a>", "</ДопПолеСтрИнф><b/>", "<!DOCTYPE a><a/>", "<a>&xxe;</a>", "<a>\x01</a>"]
)
def test_an_extension_that_is_no_xml_is_refused(content: str) -> None:
    broken = dataclasses.replace(customer_act(), fact_extension=Extension(content=content))
    with pytest.raises(FormatError):
        write_construction_act_customer(broken)
