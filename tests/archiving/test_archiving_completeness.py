"""The matrix: function × answer on the operator's route, the contract on the direct one; what the archive then holds."""

import json
import subprocess
import zipfile
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest

from edo_service.archiving import queries as archived
from edo_service.archiving.queries import SetCard
from edo_service.documents.use_cases.answer import Answer
from edo_service.kernel.actor import Actor
from tests.fixtures.road import ACCOUNTANT, CLIENT, House

REMARK = Answer(outcome="accepted_with_remarks", remark="Нет одного места из двух")


def kept(house: House, document: UUID, person: object) -> SetCard:
    """The archived set of a person's document."""
    uow = house.uow(house.actor(person))  # type: ignore[arg-type]  # a demo person
    line = archived.package_of_document(document, uow=uow)
    assert line is not None, house.report()
    return archived.set_card(line.id, uow=uow)


def walk(house: House, function: str, answer: str) -> tuple[UUID, UUID]:
    """Send, answer, and wait until both sides have archived their sets."""
    document = house.upload(function=function)
    incoming = house.deliver(document)
    if answer == "accepted":
        house.prepare(incoming)
    elif answer == "with_remarks":
        house.prepare(incoming, REMARK)
    elif answer == "refused":
        house.refuse(incoming)
    if answer != "none":
        house.sign(incoming)
    both = ((document, ACCOUNTANT), (incoming, CLIENT))
    house.settle(lambda: all(house.card(one, who).line.archive == "kept" for one, who in both))
    return document, incoming


def roles(card: SetCard) -> Counter[str]:
    return Counter(part.role for part in card.parts)


@pytest.mark.parametrize(
    ("function", "answer", "response"),
    [
        ("СЧФ", "none", "not_needed"),
        ("ДОП", "accepted", "counter_signed"),
        ("СЧФДОП", "with_remarks", "counter_signed_with_remarks"),
    ],
)
def test_every_function_and_answer_reaches_both_archives(
    house: House, function: str, answer: str, response: str
) -> None:
    document, incoming = walk(house, function, answer)
    assert house.card(document).line.response == response
    check_sets(house, document, incoming, answers=answer != "none", receipts="СЧФ" in function)


def check_sets(house: House, document: UUID, incoming: UUID, *, answers: bool, receipts: bool) -> None:
    """Both sides hold every file of the exchange, signed and timestamped, with evidence and papers."""
    refused = house.card(document).line.response == "counter_refused"
    for owner, person in ((document, ACCOUNTANT), (incoming, CLIENT)):
        card = kept(house, owner, person)
        found = roles(card)
        assert found["title"] == (2 if answers and not refused else 1)
        files = found["title"] + found["service"]
        assert found["signature"] == files, "every file of the exchange is signed"
        assert found["service"] >= 1 + 2 * receipts + answers, "receipt, confirmations of what we sent and got"
        assert found["timestamp"] == found["signature_value"] == found["signature"]
        assert found["certificate"] >= 3
        assert found["ocsp"] + found["crl"] >= 1
        assert found["print_form"] == found["protocol"] == found["event_log"] == 1
        assert found["manifest"] == found["manifest_signature"] == found["manifest_timestamp"] == 1
        assert {part.of for part in card.parts if part.of} <= {part.name for part in card.parts}
    assert len(house.journal("archive.kept")) == 2


def test_a_contract_goes_directly_to_both_archives(any_house: House) -> None:
    walk_contract(any_house, refusing=False)


def test_a_refused_contract_goes_to_both_archives_too(house: House) -> None:
    walk_contract(house, refusing=True)


def walk_contract(house: House, *, refusing: bool) -> None:
    document = house.contract(name="protocol.pdf")
    incoming = house.deliver(document)
    frozen = house.refuse(incoming) if refusing else house.prepare(incoming)
    house.sign(incoming)
    both = ((document, ACCOUNTANT), (incoming, CLIENT))
    house.settle(lambda: all(house.card(one, who).line.archive == "kept" for one, who in both))
    assert house.card(document).line.response == ("counter_refused" if refusing else "counter_signed")
    assert house.card(document).content_sha256 == house.card(incoming, CLIENT).content_sha256
    for owner, person in both:
        found = kept(house, owner, person)
        names = {part.name: part.sha256 for part in found.parts}
        assert names["2-protocol.pdf"] == house.card(document).content_sha256, "our protocol does not replace it"
        assert roles(found)["document"] == 1
        assert roles(found)["signature"] == 2
    assert frozen
    assert {event.event for event in house.journal("exchange.")} >= {
        "exchange.delivered_directly",
        "exchange.answered_directly",
    }


def test_a_set_taken_out_verifies_with_openssl_alone_and_the_taking_is_written_down(
    house: House, tmp_path: Path
) -> None:
    document, incoming = walk(house, "СЧФДОП", "refused")
    assert house.card(document).refusal_reason == "Сумма не та"
    check_sets(house, document, incoming, answers=True, receipts=True)
    owner = house.actor(ACCOUNTANT).entity
    package = kept(house, document, ACCOUNTANT).line.id
    target = tmp_path / "set.zip"
    with target.open("wb") as file:
        house.services.take_out(package, file, purpose="Проверка", actor=Actor.automatic("test", owner))
    with zipfile.ZipFile(target) as bundle:
        bundle.extractall(tmp_path / "set")
    run = subprocess.run(["sh", "verify.sh"], cwd=tmp_path / "set", capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    (entry,) = house.journal("archive.export")
    assert json.loads(entry.facts)["purpose"] == "Проверка"
