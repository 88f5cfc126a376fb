"""Our checker and the official schema with its schematron agree: on samples, on random files, on damaged files."""

import random
from collections import Counter
from collections.abc import Iterator
from itertools import product

import pytest
from lxml import etree

from edo_service.formats import CheckResult, check
from edo_service.formats.declarations import DECLARATIONS
from edo_service.formats.engine.model import Attribute, Block, Declaration, Element
from tests.formats import generator
from tests.formats.judge import OFFICIAL, Files, Judge, Judges, Samples

RANDOM_FILES = 60
DAMAGED_FILES = 700


def serialized(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="windows-1251", xml_declaration=True)


def verdicts(judge: Judge, root: etree._Element) -> tuple[CheckResult, list[str]]:
    """(ours, theirs) for a document whose kind is known beforehand: detection is not the subject here."""
    xml = serialized(root)
    return check(xml), judge.refusals(xml)


def bases(declaration: Declaration, sample_files: Files, rng: random.Random) -> list[etree._Element]:
    roots = [etree.fromstring(xml) for _, xml in sample_files if check(xml).ok]
    while len(roots) < RANDOM_FILES:
        root = generator.mended(random_case(declaration, rng), declaration, rng)
        if check(serialized(root)).ok:
            roots.append(root)
    return roots


SAMPLE_WORD = {
    "upd_seller": "a52bb884", "upd_buyer": "NSCHFDOPPOK", "receipt_notice": "IZVPOL", "dispatch_confirmation": "PDOTPR",
    "receipt_confirmation": "PDPOL", "correction_notice": "UVUTOCH",
}  # fmt: skip


def random_case(declaration: Declaration, rng: random.Random) -> etree._Element:
    return generator.document(declaration, rng, rng.choice((0.05, 0.15, 0.3)))


@pytest.mark.parametrize("code", OFFICIAL)
def test_random_files_get_the_same_verdict(code: str, judges: Judges) -> None:
    declaration = next(d for d in DECLARATIONS.values() if d.code == code)
    rng = random.Random(f"random {code}")
    disagreements, counts = [], Counter()
    for number in range(4 * RANDOM_FILES):
        root = random_case(declaration, rng)
        if number % 2:
            generator.mended(root, declaration, rng)
        ours, theirs = verdicts(judges[code], root)
        counts["refused" if theirs else "accepted"] += 1
        if ours.ok != (not theirs):
            disagreements.append((number, [f.text_ru for f in ours.violations], theirs))
    print(f"{code}: {sum(counts.values())} random files {dict(counts)}, disagreements {len(disagreements)}")
    assert not disagreements, disagreements[:3]
    assert counts["accepted"] > 10


@pytest.mark.parametrize("code", OFFICIAL)
def test_damaged_files_get_the_same_verdict(code: str, judges: Judges, samples: Samples) -> None:
    declaration = next(d for d in DECLARATIONS.values() if d.code == code)
    rng = random.Random(f"damage {code}")
    roots = bases(declaration, samples(SAMPLE_WORD[code]), rng)
    disagreements, counts = [], Counter()
    for number in range(DAMAGED_FILES):
        root, done = generator.damaged(rng.choice(roots), declaration, rng, hits=rng.choice((1, 1, 1, 2, 3)))
        ours, theirs = verdicts(judges[code], root)
        counts["refused" if theirs else "accepted"] += 1
        if ours.ok != (not theirs):
            disagreements.append((number, done, [f.text_ru for f in ours.violations], theirs))
    for disagreement in disagreements:
        print("DISAGREEMENT", *disagreement)
    agreed = sum(counts.values()) - len(disagreements)
    print(f"{code}: {sum(counts.values())} damaged files {dict(counts)}, agreement {agreed / sum(counts.values()):.2%}")
    assert not disagreements
    assert counts["accepted"] > DAMAGED_FILES // 20
    assert counts["refused"] > DAMAGED_FILES // 4


PLACES = {
    "receipt_notice": ("УчастЭДО", "ОтпрДок"),
    "correction_notice": ("УчастЭДО", "ОтпрДок"),
    "receipt_confirmation": ("СвОтпрДок", "СвПолДок"),
    "dispatch_confirmation": ("СвОтпрДок", "СвПолДок"),
}
FACTS = {"СтрРег": "398", "Наим": "Aspan LLP", "КодНПРег": "123456", "ИныеСвед": "реестр Астаны"}


@pytest.mark.parametrize("code", PLACES)
def test_known_mistakes_of_the_official_schemas_are_remarks(code: str, judges: Judges, samples: Samples) -> None:
    """Every foreign participant there can be: where only a mistaken assert refuses, we accept and say so."""
    _, xml = samples(SAMPLE_WORD[code])[0]
    met = 0
    for place, status, *given in product(PLACES[code], ("ЮЛ", "ФЛ"), *[(False, True)] * len(FACTS)):
        root = etree.fromstring(xml)
        participant = root.find(f"Документ/{place}")
        participant.remove(participant[0])
        foreign = etree.SubElement(participant, "СвИнУчастНеУч", ИдСтат=status)
        for (name, value), wanted in zip(FACTS.items(), given, strict=True):
            if wanted:
                foreign.set(name, value)
        ours, theirs = verdicts(judges[code], root)
        assert ours.ok == (not theirs), (place, dict(foreign.attrib), theirs)
        mistaken = judges[code].faulty_refusals(serialized(root))
        remarked = [f for f in ours.remarks if f.rule == "rule.schema-fault-foreign"]
        if ours.ok:
            assert bool(mistaken) == bool(remarked), (place, dict(foreign.attrib), mistaken)
            met += bool(mistaken)
    print(f"{code}: mistaken asserts met in {met} files")
    assert met > 0


def test_odd_values_get_the_same_verdict(judges: Judges) -> None:
    """Each distinct value type of all kinds meets every odd text once, in a file that is otherwise right."""
    tried: set[int] = set()
    count = 0
    for declaration in DECLARATIONS.values():
        rng = random.Random(f"odd {declaration.code}")
        for number in range(30):
            root = generator.mended(generator.document(declaration, rng, (0.1, 0.2)[number % 2]), declaration, rng)
            if not check(serialized(root)).ok:
                continue
            for element, attribute in new_attributes(root, declaration.root, tried):
                right = element.get(attribute.name)
                for odd in generator.odd_values(attribute.value, rng):
                    element.set(attribute.name, odd)
                    ours, theirs = verdicts(judges[declaration.code], root)
                    assert ours.ok == (not theirs), (declaration.code, attribute.name, odd)
                    count += 1
                element.set(attribute.name, right)
    print(f"{len(tried)} value types, {count} odd values, agreement 100 %")
    assert count > 2500


def new_attributes(
    root: etree._Element, declared: Element, tried: set[int]
) -> Iterator[tuple[etree._Element, Attribute]]:
    """Attributes of a file whose value type has not been met yet."""
    for element, known in generator.declared_elements(root, declared):
        for attribute in known.type.attributes if isinstance(known.type, Block) else ():
            fresh = attribute.name in element.attrib and id(attribute.value) not in tried
            if fresh and attribute.name not in {"КНД", "ВерсФорм"}:
                tried.add(id(attribute.value))
                yield element, attribute
