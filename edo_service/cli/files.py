"""Commands about single files, usable without a running service: inspect, check, print."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

UNUSABLE = 64

FileArgument = Annotated[Path, typer.Argument(help="The file.")]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON instead of words.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(inspect)
    app.command()(check)
    app.command("print")(print_form)


def inspect(file: FileArgument, as_json: JsonFlag = False) -> None:
    """Tell what a file is and what it says. Exit 0, or 64 when it cannot be read."""
    content = read_file(file)
    facts = _facts(content)
    if facts is None:
        refuse(f"{file}: не узнаём, что это за файл")
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=1))
        return
    for name, value in facts.items():
        if name == "fields":
            continue
        rows = value if isinstance(value, list) else [value]
        for row in rows:
            typer.echo(f"{name}: {row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)}")


def check(file: FileArgument) -> None:
    """Check a ФНС file. Exit 0 when valid, 1 with a line per violation (element path, line, rule), 64 when unreadable."""
    from edo_service import formats

    content = read_file(file)
    result = formats.check(content, file_name=file.name)
    for finding in result.violations:
        typer.echo(f"{finding.path}\tстрока {finding.line or '?'}\t{finding.rule}\t{finding.message_ru}")
    for finding in result.remarks:
        typer.echo(
            f"замечание: {finding.path}\tстрока {finding.line or '?'}\t{finding.rule}\t{finding.message_ru}", err=True
        )
    raise typer.Exit(1 if result.violations else 0)


def print_form(
    file: FileArgument, out: Annotated[Path, typer.Option("-o", "--out", help="Where to write the PDF.")]
) -> None:
    """Print a ФНС file as PDF/A. Exit 0, or 64 when it has no printed form."""
    from edo_service import formats
    from edo_service.formats import printing

    try:
        pdf = printing.print_form(read_file(file))
    except formats.FormatError as error:
        refuse(f"{file}: {error}")
    out.write_bytes(pdf)


def _facts(content: bytes) -> dict[str, Any] | None:
    import signing
    from edo_service import formats

    kind = formats.detect(content)
    if kind is not None:
        reading = formats.read_any(content)
        return {"kind": kind.code, "version": kind.version, "title": kind.name_ru, **_plain(asdict(reading))}
    if content.startswith(b"%PDF-"):
        return {"kind": "pdf", "size": len(content)}
    try:
        info = signing.inspect_cms(content)
    except signing.SigningError:
        return None
    return {"kind": "cms", **info.to_json()}


def _plain(value: Any) -> Any:
    """JSON values of what a file says: sums and dates as text, empty things left out."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if item not in (None, "", (), []) and name != "kind"}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, int | bool | None | str) else str(value)


def read_file(path: Path) -> bytes:
    """The bytes of a file; the command ends with 64 when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        refuse(f"{path}: {error.strerror}")


def refuse(why: str) -> NoReturn:
    """End the command with 64 and a reason."""
    sys.stderr.write(f"{why}\n")
    raise typer.Exit(UNUSABLE)
