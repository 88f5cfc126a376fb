"""Make the virtual environment: `python -m scripts.environment run` for the service, `… test` for everything.

Standard library only. Steps, each skipped when its stamp says that nothing changed:

1. system packages (scripts/debian.py);
2. `.venv` with the interpreter that runs this script;
3. uv, pinned and hashed in requirements-tools.lock;
4. the hashed locks, wheels only, no dependency resolution; plain pip where uv cannot run;
5. our own packages by a `.pth` file and the launcher `.venv/bin/edo`: no build, hence no download.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

from scripts import debian

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps"
TOOLS = "requirements-tools.lock"
LOCKS = {
    "run": ("requirements.lock", "requirements-assets.lock"),
    "test": ("requirements-dev.lock", "requirements-assets.lock"),
}
INSTALL = ("install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:")
LAUNCHER = """#!{python}
import sys

from edo_service.cli import main

sys.exit(main())
"""
MISSING_SYSTEM = 69  # EX_UNAVAILABLE


def stamp(kind: str) -> str:
    """Digest of all that decides what the environment holds: locks, interpreter, place, this script."""
    digest = hashlib.sha256(f"{sys.version_info}\0{sys.executable}\0{ROOT}\0".encode())
    for name in (TOOLS, *LOCKS[kind], "scripts/environment.py"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def is_current(kind: str) -> bool:
    """Tell whether the environment was completed for exactly this state of the locks."""
    path = STAMPS / kind
    return path.is_file() and path.read_text(encoding="ascii") == stamp(kind) and PYTHON.exists()


def create_venv() -> None:
    """Create `.venv`, or create it anew when its interpreter no longer starts."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", "import pip"], check=False).returncode == 0:
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)


def pip(*arguments: str | Path) -> None:
    """Run the environment's pip."""
    environment = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    subprocess.run([PYTHON, "-m", "pip", *arguments], check=True, env=environment, cwd=ROOT)


def has_uv() -> bool:
    """Install the pinned uv; tell whether it starts here (there are machines without a wheel of it)."""
    try:
        pip(*INSTALL, "--no-compile", "-r", ROOT / TOOLS)
        return subprocess.run([VENV / "bin" / "uv", "--version"], capture_output=True, check=False).returncode == 0
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"uv is not to be had ({error}); plain pip takes longer", file=sys.stderr)
        return False


def install_locks(kind: str) -> None:
    """Install what the locks name: every file is checked against its hash before it is unpacked."""
    requirements = [argument for name in LOCKS[kind] for argument in ("-r", str(ROOT / name))]
    if not has_uv():
        pip(*INSTALL, *requirements)
        return
    # Compiling everything takes longer than all the rest: the first `make run` leaves it to what is really imported.
    ahead = ["--compile-bytecode"] if kind == "test" else []
    uv = [str(VENV / "bin" / "uv"), "--no-config", "pip", *INSTALL, *ahead, "--python", str(PYTHON)]
    environment = os.environ | {"UV_NO_PROGRESS": "1"}
    subprocess.run([*uv, *requirements], check=True, env=environment, cwd=ROOT)


def install_ours() -> None:
    """Make our packages importable and `edo` callable from the checkout."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = VENV / "lib" / version / "site-packages"
    (site / "edo_service_checkout.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    launcher = VENV / "bin" / "edo"
    launcher.write_text(LAUNCHER.format(python=PYTHON), encoding="utf-8")
    launcher.chmod(0o755)


def prepare(kind: str) -> int:
    """Bring system packages and environment to the state that `kind` needs. Returns an exit code."""
    wanted = debian.SETS[kind]
    if importlib.util.find_spec("ensurepip") is None:
        wanted = debian.VENV + wanted
    complete = debian.ensure(wanted, purpose=f"`make {kind}`")
    if not complete and (kind == "run" or importlib.util.find_spec("ensurepip") is None):
        return MISSING_SYSTEM
    if is_current(kind):
        return 0
    began = time.monotonic()
    create_venv()
    install_locks(kind)
    install_ours()
    STAMPS.mkdir(exist_ok=True)
    for other in STAMPS.iterdir():
        other.unlink()
    for done in ("run", "test") if kind == "test" else ("run",):  # the test locks contain those of the service
        (STAMPS / done).write_text(stamp(done), encoding="ascii")
    print(f"environment ready in {time.monotonic() - began:.1f} s", flush=True)
    return 0


def main() -> int:
    """Entry point; exit 69 when system packages lack that `make run` cannot do without."""
    if len(sys.argv) != 2 or sys.argv[1] not in LOCKS:
        print(f"usage: {Path(sys.argv[0]).name} run|test", file=sys.stderr)
        return 64
    if sys.version_info[:2] != (3, 11):
        print("python 3.11 is needed: make PY=/path/to/python3.11 …", file=sys.stderr)
        return MISSING_SYSTEM
    try:
        return prepare(sys.argv[1])
    except subprocess.CalledProcessError as error:
        print(f"failed: {' '.join(map(str, error.cmd))}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
