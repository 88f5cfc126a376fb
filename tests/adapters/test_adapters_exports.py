"""Where built exports lie: one contract over a folder and over S3."""

from pathlib import Path

import pytest

from edo_service.adapters.exports_folder import FolderShelf
from edo_service.archiving.shelf import ExportShelf
from edo_service.errors import NotFound


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.full)])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> ExportShelf:
    """Each implementation."""
    if request.param == "folder":
        return FolderShelf(folder=tmp_path / "shelf")
    from edo_service.adapters.exports_s3 import S3Shelf

    endpoint = request.getfixturevalue("s3_endpoint")
    return S3Shelf(endpoint.client(), endpoint.bucket(object_lock=False))


def test_a_file_lies_whole_under_its_name_until_it_is_removed(shelf: ExportShelf, tmp_path: Path) -> None:
    made = tmp_path / "export.zip"
    made.write_bytes(b"one" * 100_000)
    shelf.put("a.zip", made)
    made.write_bytes(b"two")
    with shelf.open("a.zip") as content:
        assert content.read() == b"one" * 100_000
    shelf.put("a.zip", made)
    with shelf.open("a.zip") as content:
        assert content.read() == b"two"
    shelf.remove("a.zip")
    shelf.remove("a.zip")
    with pytest.raises(NotFound):
        shelf.open("a.zip")


def test_what_a_killed_put_left_goes_with_the_file(tmp_path: Path) -> None:
    shelf = FolderShelf(folder=tmp_path)
    (tmp_path / "a.new").write_bytes(b"whole sets")
    shelf.remove("a.zip")
    assert list(tmp_path.iterdir()) == []
