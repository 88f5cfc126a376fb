"""`edo`: the command line. Heavy parts of the service are imported by the command that needs them, so `edo verify` starts fast."""

import typer

from edo_service.cli import (
    archive,
    backup,
    certificate,
    companies,
    files,
    journal,
    secrets,
    service,
    sign,
    signing_keys,
    trust,
    verify,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
files.register(app)
verify.register(app)
sign.register(app)
service.register(app)
backup.register(app)
app.add_typer(companies.app, name="company")
app.add_typer(companies.people_app, name="person")
app.add_typer(signing_keys.app, name="key")
app.add_typer(archive.app, name="archive")
app.add_typer(journal.app, name="journal")
app.add_typer(certificate.app, name="certificate")
app.add_typer(trust.app, name="trust")
app.add_typer(secrets.app, name="secrets")
app.add_typer(service.sandbox_app, name="sandbox")
app.add_typer(service.pki_app, name="pki")


def main() -> None:
    """Entry point of `.venv/bin/edo`."""
    app()
