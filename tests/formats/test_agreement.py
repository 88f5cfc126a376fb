"""Our checker and the official schema with its schematron agree on accept or refuse: on samples, on random files, on damaged files."""

import random
from collections import Counter
from itertools import product

import pytest
from lxml import etree

from edo_service.formats import check
from edo_service.formats.declarations import DECLARATIONS
from edo_service.formats.engine.model import Block
from tests.formats import generator
from tests.formats.judge import OFFICIAL

RANDOM_FILES = 60
DAMAGED_FILES = 700


def serialized(root):
    return etree.tostring(root, encoding="windows-1251", xml_declaration=True)


def verdicts(judge, root):
    """(ours, theirs) for a document whose kind is known beforehand: detection is not the subject here."""
    xml = serialized(root)
    return check(xml), judge.refusals(xml)


def bases(declaration, sample_files, rng):
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


def random_case(declaration, rng):
    return generator.document(declaration, rng, rng.choice((0.05, 0.15, 0.3)))


@pytest.mark.parametrize("code", OFFICIAL)
def test_random_files_get_the_same_verdict(code, judges):
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
def test_damaged_files_get_the_same_verdict(code, judges, samples):
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
def test_known_mistakes_of_the_official_schemas_are_remarks(code, judges, samples):
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


@pytest.mark.parametrize("code", OFFICIAL)
def test_odd_values_get_the_same_verdict(code, judges):
    """Each distinct value type of a kind meets every odd text once, in a file that is otherwise right."""
    declaration = next(d for d in DECLARATIONS.values() if d.code == code)
    rng = random.Random(f"odd {code}")
    tried: set[int] = set()
    count = 0
    for _ in range(12):
        root = generator.mended(generator.document(declaration, rng, 0.3), declaration, rng)
        if not check(serialized(root)).ok:
            continue
        for element, declared in generator.declared_elements(root, declaration.root):
            for attribute in declared.type.attributes if isinstance(declared.type, Block) else ():
                if attribute.name not in element.attrib or id(attribute.value) in tried:
                    continue
                if attribute.name in {"КНД", "ВерсФорм"}:
                    continue
                tried.add(id(attribute.value))
                right = element.get(attribute.name)
                for odd in generator.ODD_VALUES:
                    element.set(attribute.name, odd)
                    xml = serialized(root)
                    ours = check(xml)
                    assert ours.ok == (not judges[code].refusals(xml)), (attribute.name, odd)
                    count += 1
                element.set(attribute.name, right)
    print(f"{code}: {len(tried)} value types, {count} odd values")
    assert count > 500
