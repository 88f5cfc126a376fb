"""What is read can be written again: nothing of a valid file is lost, and the bytes are stable."""

import random
from decimal import Decimal, InvalidOperation

import pytest
from lxml import etree

from edo_service.formats import check, detect, read_annulment_offer, write_annulment_offer
from edo_service.formats.checking import declaration_of
from edo_service.formats.construction import (
    read_construction_act_contractor,
    read_construction_act_customer,
    write_construction_act_contractor,
    write_construction_act_customer,
)
from edo_service.formats.engine.source import parse, unqualify
from edo_service.formats.engine.tree import node_of, render
from edo_service.formats.errors import FormatError
from edo_service.formats.power import read_power, write_power
from edo_service.formats.reconciliation import (
    read_reconciliation_receiver,
    read_reconciliation_sender,
    write_reconciliation_receiver,
    write_reconciliation_sender,
)
from edo_service.formats.service import (
    CorrectionNotice,
    DispatchConfirmation,
    ReceiptConfirmation,
    ReceiptNotice,
    read_service,
    write_correction_notice,
    write_dispatch_confirmation,
    write_receipt_confirmation,
    write_receipt_notice,
)
from edo_service.formats.ukd import read_ukd_buyer, read_ukd_seller, write_ukd_buyer, write_ukd_seller
from edo_service.formats.upd import read_upd_seller, write_upd_seller
from edo_service.formats.upd_buyer import read_upd_buyer, write_upd_buyer
from tests.formats import generator
from tests.formats.judge import OFFICIAL, Judges, Samples, declared

FILES = 40
FEW = 12
REWRITTEN = 12
ROADS = {
    "annulment_offer 1.02": (read_annulment_offer, write_annulment_offer),
    "upd_seller 5.03": (read_upd_seller, write_upd_seller),
    "upd_buyer 5.03": (read_upd_buyer, write_upd_buyer),
    "receipt_notice 1.03": (lambda xml: read_service(xml, ReceiptNotice), write_receipt_notice),
    "receipt_confirmation 1.03": (lambda xml: read_service(xml, ReceiptConfirmation), write_receipt_confirmation),
    "dispatch_confirmation 1.03": (lambda xml: read_service(xml, DispatchConfirmation), write_dispatch_confirmation),
    "construction_act_contractor 1.00": (read_construction_act_contractor, write_construction_act_contractor),
    "construction_act_customer 1.00": (read_construction_act_customer, write_construction_act_customer),
    "ukd_seller 5.01": (read_ukd_seller, write_ukd_seller),
    "ukd_buyer 5.01": (read_ukd_buyer, write_ukd_buyer),
    "reconciliation_sender 5.01": (read_reconciliation_sender, write_reconciliation_sender),
    "reconciliation_receiver 5.01": (read_reconciliation_receiver, write_reconciliation_receiver),
    "power_of_attorney EMCHD_1": (read_power, write_power),
    "correction_notice 1.03": (lambda xml: read_service(xml, CorrectionNotice), write_correction_notice),
}

LIVE = {"upd_seller 5.03", "upd_buyer 5.03", "receipt_notice 1.03"}
NAMES = {"annulment_offer 1.02": "DP_PRANNUL_TEST", "power_of_attorney EMCHD_1": "ON_EMCHD_TEST"}
DENSITY = {
    "upd_seller 5.03": (0.1, 0.3, 0.35),
    "power_of_attorney EMCHD_1": (0.1, 0.3),
    "construction_act_contractor 1.00": (0.05, 0.1, 0.15),
    "construction_act_customer 1.00": (0.1, 0.2),
}


def meaning(element: etree._Element) -> tuple[object, ...]:
    """An element as data: numbers by value, comments and indentation left out."""

    def same(text: str) -> Decimal | str:
        try:
            return Decimal(text).normalize()
        except InvalidOperation:
            return text

    children = [meaning(child) for child in element.iterchildren(etree.Element)]
    text = "" if children else (element.text or "")
    return element.tag, {name: same(value) for name, value in element.attrib.items()}, same(text), children


@pytest.mark.parametrize("code", ROADS)
def test_nothing_is_lost(code: str, judges: Judges) -> None:
    read, write = ROADS[code]
    declaration = declared(code)
    rng = random.Random(f"round {code}")
    done = 0
    used: set[str] = set()
    while done < (FILES if code in LIVE else FEW):
        density = rng.choice(DENSITY.get(code, (0.1, 0.3, 0.6)))
        root = generator.mended(generator.document(declaration, rng, density), declaration, rng)
        root.set("ИдФайл", NAMES.get(code, "ON_TEST"))
        root = generator.qualified(root, declaration)
        xml = etree.tostring(root, encoding="windows-1251", xml_declaration=True)
        if not check(xml).ok:
            continue
        item = read(xml)
        written = write(item)
        assert meaning(etree.fromstring(written.content)) == meaning(root)
        assert read(written.content) == item
        assert write(read(written.content)) == written
        assert not judges[code].refusals(written.content, written.file_name.removesuffix(".xml"))
        used.update(f"{element.tag}/@{name}" for element in root.iter(etree.Element) for name in element.attrib)
        done += 1
    print(f"{code}: {done} files, {len(used)} different attributes")


@pytest.mark.parametrize("code", OFFICIAL)
def test_the_engine_writes_every_version_it_declares(code: str, judges: Judges) -> None:
    declaration = declared(code)
    rng = random.Random(f"rewrite {code}")
    for _ in range(REWRITTEN):
        root = generator.mended(generator.document(declaration, rng, rng.choice((0.1, 0.3))), declaration, rng)
        file = generator.qualified(root, declaration)
        xml = etree.tostring(file, encoding="windows-1251", xml_declaration=True)
        written = render(node_of(unqualify(parse(xml), declaration.namespace)), declaration)
        assert meaning(etree.fromstring(written)) == meaning(file)
        assert render(node_of(unqualify(parse(written), declaration.namespace)), declaration) == written
        assert judges[code].refusals(written) == judges[code].refusals(xml) or judges[code].refusals(xml)


def test_every_sample_is_written_back(samples: Samples) -> None:
    """Read and written by the engine, a sample of a declared kind is the same canonical XML but for its spaces."""
    seen = set()
    for _, xml in samples(""):
        kind = detect(xml)
        declaration = declaration_of(kind) if kind is not None else None
        if declaration is None:
            continue
        written = render(node_of(unqualify(parse(xml), declaration.namespace)), declaration)
        assert canonical(written) == canonical(xml)
        seen.add((declaration.code, declaration.version))
    print(sorted(seen))
    assert len(seen) >= 10


def canonical(xml: bytes) -> bytes:
    root = etree.fromstring(xml, etree.XMLParser(remove_blank_text=True))
    etree.cleanup_namespaces(root)  # a prefix that nothing uses says nothing
    return etree.tostring(root, method="c14n")


def test_samples_survive(samples: Samples) -> None:
    for word, code in (
        ("a52bb884", "upd_seller 5.03"),
        ("NSCHFDOPPOK", "upd_buyer 5.03"),
        ("IZVPOL", "receipt_notice 1.03"),
    ):
        for name, xml in samples(word):
            read, write = ROADS[code]
            written = write(read(xml))
            assert written.file_name == name
            assert meaning(etree.fromstring(written.content)) == meaning(etree.fromstring(xml))


def test_an_impossible_sign_is_named(samples: Samples) -> None:
    import dataclasses

    upd = read_upd_seller(samples("a52bb884")[0][1])
    with pytest.raises(FormatError) as caught:
        write_upd_seller(dataclasses.replace(upd, number="1\x01"))
    assert "U+0001" in caught.value.text_ru
    written = write_upd_seller(dataclasses.replace(upd, author="Сумма ₽ — 🙂"))
    assert b"&#8381;" in written.content
    assert read_upd_seller(written.content).author == "Сумма ₽ — 🙂"
