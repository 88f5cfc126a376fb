"""Write the documents that are generated from code: `python -m scripts.documents`, with --check only compare.

docs/workflows.md comes from the tables that move the rows (edo_service.kernel.workflow), docs/archive/retention.md from the
table of terms (edo_service.archiving.retention).
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path

import edo_service
from edo_service.archiving import retention
from edo_service.kernel import workflow

ROOT = Path(__file__).resolve().parent.parent


def workflows() -> str:
    """Describe every workflow that an area declares in its rules."""
    for area in pkgutil.iter_modules(edo_service.__path__):
        if (Path(edo_service.__path__[0]) / area.name / "rules.py").exists():
            importlib.import_module(f"edo_service.{area.name}.rules")
    return workflow.describe(workflow.REGISTRY.values())


DOCUMENTS: dict[str, Callable[[], str]] = {
    "docs/workflows.md": workflows,
    "docs/archive/retention.md": retention.describe,
}


def main() -> int:
    """Entry point: 0 written or fresh, 1 stale."""
    stale = [name for name, make in DOCUMENTS.items() if not _holds(ROOT / name, make())]
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"{name} is not what the code says: run `.venv/bin/python -m scripts.documents`")
        return 1 if stale else 0
    for name in stale:
        (ROOT / name).parent.mkdir(exist_ok=True)
        (ROOT / name).write_text(DOCUMENTS[name](), encoding="utf-8")
        print(f"wrote {name}")
    return 0


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
