"""Each printed form beside its golden picture: at most one hundredth of the points may differ.

`python -m tests.formats.test_forms_pictures` draws the golden pictures anew; look at them before committing.
"""

from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops

from tests.formats.papers import PAPERS
from tests.formats.prints import printed

GOLDEN = Path(__file__).resolve().parents[2] / "docs" / "screens" / "forms"
#: Dots for an inch of the picture, pages drawn at most, how far two greys may lie apart, the share of points that may.
RESOLUTION, MOST_PAGES, NEAR, SHARE = 72, 2, 40, 0.01


def drawn(name: str) -> list[Image.Image]:
    """The first pages of a form, in sixteen greys."""
    document = pypdfium2.PdfDocument(printed(name))
    pictures = []
    for number in range(min(len(document), MOST_PAGES)):
        page = document[number]
        pictures.append(page.render(scale=RESOLUTION / 72 * 1.25, grayscale=True).to_pil().quantize(16).convert("L"))
        page.close()
    document.close()
    return pictures


def difference(one: Image.Image, other: Image.Image) -> float:
    """The share of points whose greys are not near each other; everything when the sizes differ."""
    if one.size != other.size:
        return 1.0
    histogram = ImageChops.difference(one, other).histogram()
    return sum(histogram[NEAR:]) / (one.width * one.height)


def path_of(name: str, number: int) -> Path:
    return GOLDEN / f"{name}-{number}.png"


@pytest.mark.parametrize("name", PAPERS)
def test_a_form_looks_like_its_golden_picture(name: str) -> None:
    pictures = drawn(name)
    assert sorted(path.name for path in GOLDEN.glob(f"{name}-[0-9].png")) == [
        path_of(name, number).name for number in range(1, len(pictures) + 1)
    ]
    for number, picture in enumerate(pictures, start=1):
        with Image.open(path_of(name, number)) as golden:
            assert difference(picture, golden.convert("L")) <= SHARE, path_of(name, number).name


def test_a_form_with_other_words_or_a_shifted_table_is_seen() -> None:
    (picture,) = drawn("work_act")
    shifted = ImageChops.offset(picture, 0, 3)
    assert difference(picture, shifted) > SHARE
    (other,) = drawn("reconciliation")
    assert difference(picture, other) > SHARE


def draw_anew() -> None:
    """Write the golden pictures."""
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for old in GOLDEN.glob("*.png"):
        old.unlink()
    for name in PAPERS:
        for number, picture in enumerate(drawn(name), start=1):
            picture.quantize(16).save(path_of(name, number), optimize=True)


if __name__ == "__main__":
    draw_anew()
