import gzip
import re
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from starlette.testclient import TestClient

from edo_service.web import assets, contrast
from edo_service.web.static_files import FOREVER, StaticFiles


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("generated")
    assets.build(target)
    return target


@pytest.mark.parametrize(("name", "limit"), [("portal-sans", 42_000), ("portal-mono", 15_000)])
def test_a_subset_is_small_has_our_letters_and_not_the_reserved_name(built: Path, name: str, limit: int) -> None:
    path = built / "fonts" / f"{name}.woff2"
    assert path.stat().st_size <= limit
    font = TTFont(path)
    assert {ord(sign) for sign in "Щщё№₽—«»0123456789−\u00a0"} <= set(font.getBestCmap())
    names = {str(record) for record in font["name"].names if record.nameID in {1, 3, 4, 6, 16}}
    assert not [one for one in names if "Plex" in one], names
    assert "SIL OPEN FONT LICENSE" in (built / "fonts" / f"{name}.LICENSE.txt").read_text().upper()


def test_the_text_font_keeps_its_weights_and_equal_digits(built: Path) -> None:
    font = TTFont(built / "fonts" / "portal-sans.woff2")
    axes = {axis.axisTag: (axis.minValue, axis.maxValue) for axis in font["fvar"].axes}
    assert axes == {"wght": (400, 700)}
    widths = {font["hmtx"][font.getBestCmap()[ord(digit)]][0] for digit in "0123456789"}
    assert len(widths) == 1


def test_what_is_there_is_kept_and_building_again_gives_the_same_bytes(built: Path) -> None:
    before = {path: path.read_bytes() for path in built.rglob("*.*")}
    assert assets.ensure_built(built) is False
    (built / assets.STAMP).write_text("made of something older")
    assert assets.ensure_built(built) is True
    assert {path: path.read_bytes() for path in built.rglob("*.*")} == before


def test_an_absent_package_is_named() -> None:
    with pytest.raises(assets.AssetsError, match="no-such-package"):
        assets.package_folder("no_such_package")


def test_addresses_hold_the_hash_of_the_content(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a {}")
    before = StaticFiles(tmp_path)
    (tmp_path / "a.css").write_text("b {}")
    after = StaticFiles(tmp_path)
    assert before.url("a.css") != after.url("a.css")
    with pytest.raises(KeyError):
        after.url("missing.css")


def test_files_are_kept_for_ever_under_their_hash_only(client: TestClient) -> None:
    static = StaticFiles()
    fresh = client.get(static.url("ui.css"))
    assert fresh.headers["cache-control"] == FOREVER
    assert client.get("/static/0123456789ab/ui.css").headers["cache-control"] == "no-cache"
    assert client.get(f"/static/{static.version}/../../assets.py").status_code == 404
    assert client.get(f"/static/{static.version}/%2e%2e/assets.py").status_code == 404


def test_a_style_sheet_refers_to_files_that_exist() -> None:
    static = StaticFiles()
    for name in static.files:
        if name.endswith(".css"):
            for target in re.findall(r"url\(([^)]+)\)", static.files[name].read_text()):
                assert static.has(target), f"{name}: {target}"


def test_the_sheets_stay_within_the_budget() -> None:
    static = StaticFiles()
    sheets = b"".join(path.read_bytes() for name, path in static.files.items() if name.endswith(".css"))
    scripts = b"".join(path.read_bytes() for name, path in static.files.items() if name.endswith(".js"))
    assert len(gzip.compress(sheets)) <= 12_000
    assert len(gzip.compress(scripts)) <= 30_000


def test_every_pair_of_tokens_has_enough_contrast() -> None:
    css = contrast.TOKENS.read_text()
    assert set(contrast.themes(css)) == {"light", "dark", "hc-light", "hc-dark"}
    assert [str(miss) for miss in contrast.misses(css)] == []
    assert list(contrast.drifted(css)) == []


def test_the_check_of_contrast_can_fail() -> None:
    css = contrast.TOKENS.read_text()
    pale = css.replace("--muted: #4b586a", "--muted: #9aa5b4", 1)
    assert {miss.pair[0] for miss in contrast.misses(pale)} == {"muted"}
    assert list(contrast.drifted(css.replace("--muted: #adb9c8", "--muted: #adb9c9", 1))) == ["dark"]


def test_contrast_by_the_standard() -> None:
    assert contrast.ratio("#000000", "#ffffff") == pytest.approx(21)
    assert contrast.ratio("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


def test_only_the_tokens_know_colours() -> None:
    static = StaticFiles()
    for name in ("ui.css", "pieces.css", "adapt.css"):
        text = static.files[name].read_text()
        if name == "adapt.css":
            text = text[: text.index("@media print")]
        found = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", re.sub(r"--[\w-]+: #[0-9a-f]+", "", text)))
        assert found <= {"#fff", "#ffd166", "#16273f"}, f"{name}: {found}"
