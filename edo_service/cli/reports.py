"""Writing the report of a verification in the form that a file's suffix names: `edo verify --report FILE`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import signing
from signing import Report


def _pdf(report: Report, file_name: str) -> bytes:
    from edo_service.formats import printing

    page = signing.report_html(report, file_name=file_name)
    return printing.html_to_pdf(page, title="Протокол проверки электронной подписи")


_FORMS: dict[str, Callable[[Report, str], bytes]] = {
    ".xml": lambda report, _: signing.report_xml(report),
    ".txt": lambda report, file_name: signing.report_text(report, file_name=file_name).encode(),
    ".html": lambda report, file_name: signing.report_html(report, file_name=file_name).encode(),
    ".pdf": _pdf,
}


def why_not(path: Path) -> str | None:
    """Why a report cannot have this name; None when it can."""
    return None if path.suffix.lower() in _FORMS else f"--report {path}: известны виды {', '.join(_FORMS)}"


def write_report(path: Path, report: Report, file_name: str) -> None:
    """Write the report; OSError when the file cannot be written."""
    path.write_bytes(_FORMS[path.suffix.lower()](report, file_name))
