"""Uploading: judged whole before anything is stored; what is not ours is shown with the reason and not kept."""

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import inspect

from edo_service import formats
from edo_service.accounts.rules import RIGHTS, Role
from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO, LESSOR
from edo_service.documents.facts import facts_of_upd
from edo_service.documents.tables import Document
from edo_service.documents.use_cases import upload
from edo_service.documents.use_cases.upload import MAX_FILE, preview_upd, upload_contract, upload_upd
from edo_service.errors import Conflict, EdoError, Forbidden, NotFound, Rejected
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.parties import queries as parties
from edo_service.texts import phrase
from tests.fixtures.road import ACCOUNTANT, House
from tests.formats.test_unformalised import DOCX, JPEG, packed, pdf, png


def refused(act: Callable[[], object]) -> EdoError:
    with pytest.raises(EdoError) as caught:
        act()
    return caught.value


def stored(house: House) -> list[Path]:
    folder = house.services.settings.objects_dir
    return [path for path in folder.rglob("*") if path.is_file()]


def nothing_stored(house: House, act: Callable[[], object]) -> EdoError:
    before = len(stored(house))
    error = refused(act)
    assert len(stored(house)) == before
    assert house.all() == []
    assert house.journal("document.") == []
    return error


def test_a_valid_upd_is_a_draft_with_its_facts(any_house: House) -> None:
    house = any_house
    document = house.upload(number="Л-77")
    card = house.card(document)
    assert (card.line.delivery, card.line.response, card.line.receipt) == ("draft", "expected", "expected")
    assert (card.number, card.function, card.format_version) == ("Л-77", "СЧФДОП", "5.03")
    assert (card.line.counterparty_inn, card.facts["seller"]["inn"]) == (CLIENT_ONE.inn, LESSOR.inn)
    assert str(card.line.total.rubles if card.line.total else "") == "1284560.00"
    assert [entry.event for entry in house.journal("document.")] == ["document.uploaded"]


def test_the_same_file_is_kept_once(house: House) -> None:
    written = house.write()
    first = house.upload(written)
    error = refused(lambda: house.upload(written))
    assert (type(error), error.code, error.params["id"]) == (Conflict, "document.uploaded_already", str(first))
    contract = house.contract(b"%PDF-1 one")
    assert isinstance(refused(lambda: house.contract(b"%PDF-1 one", number="other")), Conflict)
    assert contract != house.contract(b"%PDF-1 two")


@pytest.mark.parametrize("what", ["upd", "contract"])
def test_of_two_uploads_at_once_one_wins_and_the_other_is_shown_the_document(
    any_house: House, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have looked and found nothing before either has written: the index decides (SQLite lets one in at a time)."""
    house = any_house
    written = house.write()
    if not house.services.database.is_sqlite:
        both_have_looked, draft = threading.Barrier(2), upload._draft

        def draft_together(*args: object, **options: object) -> Document:
            both_have_looked.wait(240)
            return draft(*args, **options)  # type: ignore[arg-type]  # passed on

        monkeypatch.setattr(upload, "_draft", draft_together)

    def upload_one(_: int) -> object:
        try:
            return house.upload(written) if what == "upd" else house.contract(b"%PDF-1 at once")
        except Conflict as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(upload_one, range(2)))
    (line,) = house.all()
    (error,) = [one for one in outcomes if isinstance(one, Conflict)]
    assert (error.code, error.params["id"]) == ("document.uploaded_already", str(line.id))
    assert line.title in phrase(error.code, **error.params)


def test_the_index_itself_refuses_a_second_row(any_house: House) -> None:
    """What the select cannot see, the database does; a failed document does not stand in the way."""
    house = any_house
    first = house.contract()
    actor = house.actor(ACCOUNTANT)
    uow = house.uow(actor)

    def copy(**changed: object) -> Document:
        columns = [column.key for column in inspect(Document).column_attrs if column.key not in {"id", "version"}]
        row = uow.session.get_one(Document, first)
        return Document(**({name: getattr(row, name) for name in columns} | changed))

    def add(**changed: object) -> None:
        with uow:
            uow.session.add(copy(**changed))
            uow.commit()

    assert refused(add).code == "database.duplicate"
    add(delivery="failed")
    assert len(house.all()) == 2


@pytest.mark.parametrize("kind", ["cut", "empty", "text", "not_upd", "bomb", "wrong_name"])
def test_a_broken_file_stores_nothing(house: House, kind: str) -> None:
    written = house.write()
    content, name = written.content, written.file_name
    if kind == "cut":
        content = content[: len(content) // 2]
    elif kind == "empty":
        content = b""
    elif kind == "text":
        content = b"just words"
    elif kind == "not_upd":
        content = b'<?xml version="1.0"?><a/>'
    elif kind == "bomb":
        content = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "x">]><a>&b;</a>'
    else:
        name = "ON_NSCHFDOPPR_wrong.xml"
    wrong = formats.WrittenFile(file_name=name, content=content)
    error = nothing_stored(house, lambda: house.upload(wrong))
    assert (type(error), error.code) == (Rejected, "document.upd_invalid")
    assert error.params["reason"]


def test_a_missing_element_is_named(house: House) -> None:
    written = house.write()
    text = written.content.decode("windows-1251")
    start = text.index("<СвПрод>")
    content = (text[:start] + text[text.index("</СвПрод>") + len("</СвПрод>") :]).encode("windows-1251")
    wrong = formats.WrittenFile(file_name=written.file_name, content=content)
    error = nothing_stored(house, lambda: house.upload(wrong))
    assert "СвПрод" in str(error.params["reason"])


def test_files_of_others_are_told_apart_by_reason(house: House) -> None:
    upd = formats.read_upd_seller(house.write().content)
    swapped = formats.write_upd_seller(replace(upd, seller=upd.buyer, buyer=upd.seller))
    error = nothing_stored(house, lambda: house.upload(swapped))
    assert error.code == "document.upd_not_ours"
    assert str(error.params["obstacles"]).split(", ") == ["seller_is_not_us", "buyer_is_not_recipient"]
    for sender, recipient, obstacle in (
        (CLIENT_TWO.participant_id, CLIENT_ONE.participant_id, "sender_id_is_not_ours"),
        (LESSOR.participant_id, "2XX-unknown-participant", "recipient_id_unknown"),
        (LESSOR.participant_id, CLIENT_TWO.participant_id, "buyer_is_not_recipient"),
    ):
        file_id = formats.upd_seller_file_id(recipient_id=recipient, sender_id=sender, day=upd.date, guid=new_id())
        other = formats.write_upd_seller(replace(upd, file_id=file_id))
        assert nothing_stored(house, lambda other=other: house.upload(other)).params["obstacles"] == obstacle


def test_foreign_samples_are_read_and_shown_and_not_sent(house: House, shared_data: Path) -> None:
    actor = house.actor(ACCOUNTANT)
    seen = 0
    for path in sorted((shared_data / "formats" / "samples" / "upd").rglob("*.xml")):
        content = path.read_bytes()
        kind = formats.detect(content)
        if kind is None or kind.code != "upd_seller":
            continue
        preview = preview_upd(content, path.name, actor=actor, uow=house.uow(actor).reading())
        assert not preview.may_be_sent, path.name
        if preview.facts is not None:
            assert preview.facts.number
            assert preview.obstacles
            seen += 1
        wrong = formats.WrittenFile(file_name=path.name, content=content)
        error = nothing_stored(house, lambda wrong=wrong: house.upload(wrong))
        assert error.code in {"document.upd_invalid", "document.upd_not_ours"}
    assert seen >= 1


def test_contracts_are_of_bounded_size_for_somebody_here(house: House) -> None:
    actor = house.actor(ACCOUNTANT)
    assert nothing_stored(house, lambda: house.contract(b"MZ")).code == "document.file_refused"
    big = b"%PDF-" + b"0" * MAX_FILE
    assert nothing_stored(house, lambda: house.contract(big)).code == "document.too_large"
    wrong = formats.WrittenFile(file_name="x.xml", content=b"<" * (MAX_FILE + 1))
    assert nothing_stored(house, lambda: house.upload(wrong)).code == "document.too_large"

    def to(counterparty: object) -> object:
        return upload_contract(
            b"%PDF-1", "d.pdf", number="1", dated=date(2026, 11, 20), counterparty_id=counterparty,  # type: ignore[arg-type]  # a UUID
            total=None, actor=actor, uow=house.uow(actor), objects=house.services.objects,
        )  # fmt: skip

    assert isinstance(nothing_stored(house, lambda: to(new_id())), NotFound)
    client = house.actor(CLIENT_ONE.people[0])
    uow = house.uow(client)
    with uow:
        foreign = parties.counterparty_by_participant(uow, LESSOR.participant_id)
    assert foreign is not None
    assert isinstance(nothing_stored(house, lambda: to(foreign.id)), NotFound), "another company's counterparty"


UNFORMALISED = {
    "договор.pdf": (pdf(), "application/pdf"),
    "скан.jpg": (JPEG, "image/jpeg"),
    "скан.png": (png(10, 20), "image/png"),
    "акт.docx": (packed(DOCX), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "данные.xml": ("<данные/>".encode(), "application/xml"),
    "пакет.zip": (packed({"а.pdf": pdf()}), "application/zip"),
}


def test_any_agreed_file_is_a_draft_of_its_own_kind(house: House) -> None:
    for number, (name, (content, media_type)) in enumerate(UNFORMALISED.items(), start=1):
        card = house.card(house.contract(content, number=str(number), name=name))
        assert (card.main_part.file_name, card.main_part.media_type) == (name, media_type)
        assert card.main_part.sha256 == hashlib.sha256(content).hexdigest()
        assert card.facts["notes"] == []


def test_what_is_unusual_in_a_file_is_kept_for_its_card(house: House) -> None:
    content = packed(DOCX | {"word/vbaProject.bin": b"x"})
    card = house.card(house.contract(content, name="акт.docx"))
    assert card.facts["notes"] == ["В документе Word есть макросы"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("scan.heic", b"\x00\x00\x00\x18ftypheic", "scan.heic принять нельзя. Сохраните его как PDF или JPEG"),
        ("смета.xls", b"\xd0\xcf\x11\xe0", "смета.xls принять нельзя. Сохраните его как PDF"),
        ("акт.doc", b"\xd0\xcf\x11\xe0", "акт.doc принять нельзя. Сохраните его как PDF или DOCX"),
        ("акты.rar", b"Rar!\x1a\x07", "акты.rar принять нельзя. Упакуйте файлы в ZIP"),
        ("скан.jpg", b"%PDF-1.7 %%EOF", "имя обещает JPEG, а внутри PDF. Дайте файлу его настоящее расширение"),
        ("пакет.zip", packed({"а": b"\x00" * 20_000_000}), "Архив сжат больше чем в 100 раз"),
        ("данные.xml", b"<!DOCTYPE a><a/>", "Файл содержит DOCTYPE"),
        ("пусто.pdf", b"", "пусто.pdf пуст. Выберите другой файл"),
    ],
)
def test_a_file_that_is_not_taken_says_what_to_do_and_stores_nothing(
    house: House, name: str, content: bytes, words: str
) -> None:
    error = nothing_stored(house, lambda: house.contract(content, name=name))
    assert (type(error), error.code) == (Rejected, "document.file_refused")
    assert words.casefold() in phrase(error.code, **error.params).casefold()


def test_an_upd_is_not_taken_for_a_plain_file(house: House) -> None:
    written = house.write()
    error = nothing_stored(house, lambda: house.contract(written.content, name=written.file_name))
    assert "Выберите «УПД или УКД»" in str(error.params["reason"])


def test_an_upd_with_violations_is_told_by_them_alone(house: House) -> None:
    written = house.write()
    broken = written.content.replace(b'="22%"', b'="21%"', 1)
    actor = house.actor(ACCOUNTANT)
    preview = preview_upd(broken, written.file_name, actor=actor, uow=house.uow(actor).reading())
    assert preview.obstacles == ()
    assert not preview.may_be_sent
    assert preview.result.violations == formats.check(broken, file_name=written.file_name).violations


def test_uploading_is_a_right(house: House) -> None:
    whole, written = house.actor(ACCOUNTANT), house.write()
    for role in (Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR, Role.MANAGER):
        actor = Actor(
            user_id=whole.user_id, name="X", entity_id=whole.entity_id, scope=whole.scope, rights=RIGHTS[role]
        )

        def act(actor: Actor = actor) -> object:
            return upload_upd(
                written.content, written.file_name, actor=actor, uow=house.uow(actor), objects=house.services.objects
            )

        assert isinstance(nothing_stored(house, act), Forbidden)


def test_facts_that_no_column_holds_are_cut(house: House) -> None:
    upd = formats.read_upd_seller(house.write().content)
    assert upd.totals is not None
    from decimal import Decimal

    long = replace(upd, number="9" * 1000, totals=replace(upd.totals, gross=Decimal(10) ** 18))
    facts = facts_of_upd(long)
    assert (len(facts.number), facts.total) == (255, None)
    assert len(facts.title) <= 400
