"""Commands that run the service: serve, worker, migrate, demo, sandbox, pki."""

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

sandbox_app = typer.Typer(no_args_is_help=True, help="Sandboxes of operators.")
pki_app = typer.Typer(no_args_is_help=True, help="The demonstration's PKI.")


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(serve)
    app.command()(worker)
    app.command()(migrate)
    app.command()(demo)


def serve() -> None:
    """Run the portal (and, in the embedded profile, the worker in the same process). SIGTERM ends all of it."""
    from edo_service.main import run

    run()


def worker(
    queues: Annotated[str, typer.Option(help="Queues to serve, comma-separated; all by default.")] = "",
    beat: Annotated[bool, typer.Option("--beat", help="Run the clockwork (polls, sealing, sweeping) instead.")] = False,
    celery: Annotated[bool, typer.Option("--celery", help="Take job ids from RabbitMQ (full profile).")] = False,
) -> None:
    """Run a worker process: claims jobs from the database, or takes their ids from the broker."""
    from edo_service.worker.processes import run_celery, run_claiming, run_clockwork

    chosen = tuple(name for name in queues.split(",") if name)
    if beat:
        run_clockwork()
    elif celery:
        run_celery(chosen)
    else:
        run_claiming(chosen or None)


def migrate() -> None:
    """Bring the database to the newest schema."""
    from edo_service.kernel import schema
    from edo_service.settings import Settings

    settings = Settings()
    settings.root.mkdir(parents=True, exist_ok=True)
    schema.upgrade(settings.database)


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")] = False,
    out: Annotated[Path, typer.Option(help="Where the exported ZIPs go.")] = Path("demo-out"),
) -> None:
    """Walk an invoice and a contract from a file to the archive and back out. Exit 0 when every step held."""
    from edo_service.demo.road import walk

    def say(step: str, *, ok: bool, detail: dict[str, object]) -> None:
        if as_json:
            line = {"step": step, "ok": ok, "detail": detail}
            if "export" in detail:
                line["export"] = detail["export"]
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        else:
            sys.stdout.write(f"{'✓' if ok else '✕'} {step}: {json.dumps(detail, ensure_ascii=False)}\n")
        sys.stdout.flush()

    raise typer.Exit(0 if walk(out=out.absolute(), say=say) else 1)


@sandbox_app.command("diadoc")
def sandbox_diadoc(port: Annotated[int, typer.Option(min=1, max=65535)]) -> None:
    """Serve the Diadoc sandbox on 127.0.0.1; log-in demo/demo, any client id."""
    _serve_sandbox("diadoc", port)


@sandbox_app.command("saby")
def sandbox_saby(port: Annotated[int, typer.Option(min=1, max=65535)]) -> None:
    """Serve the Saby sandbox on 127.0.0.1; log-in demo/demo, or demo-sms/demo with the code that /_sandbox/sms shows."""
    _serve_sandbox("saby", port)


@sandbox_app.command("taxcom")
def sandbox_taxcom(port: Annotated[int, typer.Option(min=1, max=65535)]) -> None:
    """Serve the Taxcom sandbox on 127.0.0.1; log-in: a participant id with the password demo, Integrator-Id COMPANY_…."""
    _serve_sandbox("taxcom", port)


def _serve_sandbox(operator: Literal["diadoc", "saby", "taxcom"], port: int) -> None:
    from edo_service.demo.side_servers import sandbox_app as build_app
    from edo_service.kernel.clock import SystemClock
    from edo_service.settings import Settings
    from operators.sandbox import run

    run(build_app(Settings(), SystemClock(), operator=operator), port=port)


@pki_app.command("serve")
def pki_serve(port: Annotated[int, typer.Option(min=1, max=65535)]) -> None:
    """Serve the demonstration's TSA, OCSP and CRL on 127.0.0.1."""
    import uvicorn

    from edo_service.demo.side_servers import pki_app as build_app
    from edo_service.kernel.clock import SystemClock
    from edo_service.settings import Settings

    app = build_app(Settings(), SystemClock())
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
