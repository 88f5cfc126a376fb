"""Write `docs/formats/` from the declarations: `python -m scripts.format_pages`, with --check only compare."""

from __future__ import annotations

import sys
from pathlib import Path

from edo_service.formats.reference import pages

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "formats"
BY_HAND = {"missing.md"}


def main() -> int:
    """Entry point: 0 written or fresh, 1 stale or a page that nothing declares."""
    made = pages()
    stale = [name for name, text in made.items() if not _holds(FOLDER / name, text)]
    alien = sorted({path.name for path in FOLDER.glob("*.md")} - made.keys() - BY_HAND)
    if "--check" in sys.argv[1:]:
        for name in [*stale, *alien]:
            print(
                f"docs/formats/{name} is not what the declarations say: run `.venv/bin/python -m scripts.format_pages`"
            )
        return 1 if stale or alien else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (FOLDER / name).write_text(made[name], encoding="utf-8")
        print(f"wrote docs/formats/{name}")
    for name in alien:
        (FOLDER / name).unlink()
        print(f"removed docs/formats/{name}")
    return 0


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
