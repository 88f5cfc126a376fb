"""The second opinion of the official schemas: asked when EDO_FORMATS_XSD_DIR names a folder, shown like any violation."""

from dataclasses import replace
from pathlib import Path

import pytest

from edo_service import formats
from edo_service.bootstrap import Services
from edo_service.documents.pages.parsed import findings_of
from edo_service.documents.use_cases.upload import preview_upd, upload_upd
from edo_service.errors import Rejected
from edo_service.formats import FormatError
from tests.fixtures.road import ACCOUNTANT, House


def with_schemas(house: House, folder: Path | None) -> Services:
    """The services with the setting."""
    return replace(house.services, settings=house.services.settings.model_copy(update={"formats_xsd_dir": folder}))


@pytest.fixture
def stricter(shared_data: Path, tmp_path: Path) -> Path:
    """The official schemas of the seller's title, but for the function СЧФДОП: our own check knows nothing of it."""
    folder = tmp_path / "xsd"
    folder.mkdir()
    for path in (shared_data / "formats" / "xsd" / "upd").glob("ON_NSCHFDOPPR_*_05_03_*.xsd"):
        text = path.read_bytes().decode("cp1251")
        changed = text.replace('value="СЧФДОП"', 'value="СЧФДОП-"')
        assert changed != text
        (folder / path.name).write_bytes(changed.encode("cp1251"))
    return folder


def test_what_we_write_passes_the_official_schemas_too(house: House, shared_data: Path) -> None:
    services, actor, written = (
        with_schemas(house, shared_data / "formats" / "xsd"),
        house.actor(ACCOUNTANT),
        house.write(),
    )
    official = services.official_schemas
    assert official is not None
    kind = formats.detect(written.content)
    assert kind is not None
    assert official.holds(kind)
    assert upload_upd(
        written.content,
        written.file_name,
        actor=actor,
        uow=house.uow(actor),
        objects=services.objects,
        official=official,
    )


def test_what_the_official_schema_refuses_is_shown_and_not_stored(house: House, stricter: Path) -> None:
    services, actor, written = with_schemas(house, stricter), house.actor(ACCOUNTANT), house.write()
    official = services.official_schemas
    assert formats.check(written.content, file_name=written.file_name).ok, "our own check accepts it"

    preview = preview_upd(
        written.content, written.file_name, actor=actor, uow=house.uow(actor).reading(), official=official
    )
    assert not preview.may_be_sent
    shown = findings_of(written.file_name, preview.result).violations
    assert any("СЧФДОП" in one.message and one.message.startswith("официальная схема") and one.line for one in shown)
    with pytest.raises(Rejected) as caught:
        upload_upd(
            written.content,
            written.file_name,
            actor=actor,
            uow=house.uow(actor),
            objects=services.objects,
            official=official,
        )
    assert caught.value.code == "document.upd_invalid"
    assert "официальная схема" in str(caught.value.params["reason"])
    assert house.all() == []


def test_without_the_setting_nobody_else_is_asked_and_a_wrong_folder_is_told_at_start(
    house: House, tmp_path: Path
) -> None:
    assert house.services.official_schemas is None
    with pytest.raises(FormatError, match="нет"):
        _ = with_schemas(house, tmp_path / "nowhere").official_schemas
