"""Commands about single files, usable without a running service: inspect, check, print, verify."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from edo_service.cli.network import FirstFound, network_evidence

if TYPE_CHECKING:
    import signing

UNUSABLE = 64
_EXITS = {"TOTAL-PASSED": 0, "TOTAL-FAILED": 1, "INDETERMINATE": 2}

FileArgument = Annotated[Path, typer.Argument(help="The file.")]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON instead of words.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(inspect)
    app.command()(check)
    app.command("print")(print_form)
    app.command()(verify)


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


def verify(
    file: FileArgument,
    signature: Annotated[list[Path] | None, typer.Option(help="A detached signature; may be repeated.")] = None,
    trust: Annotated[
        list[Path] | None, typer.Option(help="Trust anchors: PEM, DER or a folder; may be repeated.")
    ] = None,
    crl: Annotated[list[Path] | None, typer.Option(help="A CRL; may be repeated.")] = None,
    at: Annotated[str | None, typer.Option(help="Judge as of this moment (ISO 8601); now by default.")] = None,
    offline: Annotated[bool, typer.Option(help="Fetch nothing from the network.")] = False,
    as_json: JsonFlag = False,
    report: Annotated[
        list[Path] | None,
        typer.Option(help="Write the report: .xml (ETSI TS 119 102-2), .txt, .html or .pdf; may be repeated."),
    ] = None,
) -> None:
    """Verify signatures. Exit 0 TOTAL-PASSED, 1 TOTAL-FAILED, 2 INDETERMINATE, 64 unusable input."""
    import signing
    from edo_service.cli.reports import why_not, write_report

    moment = _moment(at)
    content = read_file(file)
    for path in report or []:
        if fault := why_not(path):
            refuse(fault)
    try:
        store = signing.TrustStore.from_files(trust or [])
        given = signing.OfflineEvidence(crls=[read_file(path) for path in crl or []])
    except signing.SigningError as error:
        refuse(str(error))
    source = given if offline else FirstFound(given, network_evidence(moment))
    pairs: list[tuple[bytes | None, bytes]] = [(content, read_file(path)) for path in signature or []] or [
        (None, content)
    ]
    try:
        if not signature and b"%PDF-" in content[:1024]:
            reports = [signing.verify_pdf(content, trust=store, evidence=source, at=moment)]
        else:
            reports = [signing.verify(body, cms, trust=store, evidence=source, at=moment) for body, cms in pairs]
    except signing.BackendMissing as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_EXITS["INDETERMINATE"]) from error
    merged_report = signing.merge_reports(reports)
    worst = merged_report.indication
    for path in report or []:
        try:
            write_report(path, merged_report, file.name)
        except OSError as error:
            refuse(f"--report {path}: {error.strerror}")
    if as_json:
        merged = [item for one in reports for item in _verdicts(one)]
        typer.echo(json.dumps({"indication": worst, "signatures": merged}, ensure_ascii=False, indent=1))
    else:
        for one in reports:
            _show(one)
        typer.echo(worst)
    raise typer.Exit(_EXITS[worst])


def _verdicts(report: "signing.Report") -> list[Any]:
    found = report.to_json()["signatures"]
    return found if isinstance(found, list) else []


def _show(report: "signing.Report") -> None:
    if not report.signatures:
        typer.echo("В файле нет ни одной подписи.")
    for verdict in report.signatures:
        who = verdict.signer.subject.rfc4514 if verdict.signer else "подписант не найден"
        typer.echo(f"{verdict.indication} {verdict.sub_indication or ''} {verdict.level} {who}".strip())
        for item in verdict.checks:
            typer.echo(f"  {item.outcome:<14}{item.text_ru}")
    typer.echo("Проверка несертифицированными средствами: техническая.")


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


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        refuse(f"--at: {text!r} — это не время ISO 8601")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


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
