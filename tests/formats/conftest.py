import os
from pathlib import Path

import pytest

from tests.formats.judge import OFFICIAL, Files, Judge, Judges, Samples


@pytest.fixture(scope="session")
def judges(shared_data: Path) -> Judges:
    """A judge for each kind of this issue. Our own check must judge alone: no official schema may be lent to it."""
    assert "EDO_FORMATS_XSD_DIR" not in os.environ, "unset EDO_FORMATS_XSD_DIR: the judges must be independent"
    return {code: Judge(shared_data / "formats" / "xsd" / path) for code, path in OFFICIAL.items()}


@pytest.fixture(scope="session")
def samples(shared_data: Path) -> Samples:
    """Foreign files by a word in their path, with the file names they came with."""
    folder = shared_data / "formats" / "samples"

    def find(word: str) -> Files:
        found = sorted(path for path in folder.rglob("*.xml") if word in str(path.relative_to(folder)))
        assert found, word
        return [(path.name.replace(".synthetic", ""), path.read_bytes()) for path in found]

    return find
