"""Pin requirements*.in into requirements*.lock with hashes: `make lock`, and without network `scripts.lock --check`.

Each lock begins with the SHA-256 of its inputs, so a forgotten `make lock` is seen without asking a registry.
Pins stay as they are unless `--upgrade` is given. Locks name no registry: only versions and hashes.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".venv" / "bin" / "uv"
# Debian 12 has Python 3.11.2: some libraries need a helper below 3.11.3, which a later interpreter would leave out.
TARGET = ("--python-version", "3.11.2", "--python-platform", "linux")
FORM = ("--generate-hashes", "--no-header", "--no-annotate", "--quiet")
LOCKS: dict[str, tuple[str, ...]] = {
    "requirements": (),
    "requirements-dev": ("--constraint", "requirements.lock"),
    "requirements-assets": ("--no-deps",),
    "requirements-tools": (),
}
HEADER = "# inputs-sha256: "


def inputs(name: str) -> list[Path]:
    """List the files that decide a lock: its .in, and those it includes or is constrained by."""
    own = ROOT / f"{name}.in"
    included = re.findall(r"^-r\s+(\S+)", own.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [own, *(ROOT / other for other in included)]


def fingerprint(name: str) -> str:
    """Digest of the requirements alone: comments and blank lines do not count."""
    digest = hashlib.sha256()
    for path in inputs(name):
        lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
        digest.update("\n".join(sorted(line for line in lines if line)).encode() + b"\0")
    return digest.hexdigest()


def stale() -> list[str]:
    """Name the locks that were not made from the present inputs."""
    return [name for name in LOCKS if not _begins_with((ROOT / f"{name}.lock"), HEADER + fingerprint(name))]


def _begins_with(path: Path, line: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8").startswith(line + "\n")


def compile_lock(name: str, *, upgrade: bool) -> None:
    """Resolve one .in into its lock; present pins are preferred unless upgrading."""
    extra = [*LOCKS[name], *(["--upgrade"] if upgrade else [])]
    lock = ROOT / f"{name}.lock"
    command = [str(UV), "--no-config", "pip", "compile", *FORM, *TARGET, *extra, f"{name}.in", "-o", str(lock)]
    subprocess.run(command, check=True, cwd=ROOT)
    lock.write_text(f"{HEADER}{fingerprint(name)}\n{lock.read_text(encoding='utf-8')}", encoding="utf-8")
    print(f"{lock.name}: {sum(1 for line in lock.open(encoding='utf-8') if '==' in line)} pins")


def main() -> int:
    """Entry point: 0 fresh or rewritten, 1 stale or failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only tell whether the locks are fresh")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    options = parser.parse_args()
    if options.check:
        for name in stale():
            print(f"{name}.lock was not made from the present {name}.in: run `make lock`")
        return 1 if stale() else 0
    for name in LOCKS:
        try:
            compile_lock(name, upgrade=options.upgrade)
        except subprocess.CalledProcessError:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
