"""System packages: which Debian 12 packages each command needs, and their installation when root may do it.

Standard library only: this runs on a bare machine before any environment exists.
Without root the exact apt line is printed instead. Daemons that packages would start are kept from starting.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

RUN = (
    "libengine-gost-openssl",  # ГОСТ algorithms for openssl: signing loads this engine
    "libpango-1.0-0",  # WeasyPrint lays out printed forms with it
    "libpangoft2-1.0-0",  # the same
    "libharfbuzz-subset0",  # embeds only the glyphs that a PDF uses
)
VENV = ("python3.11-venv",)  # ensurepip; only asked for when the interpreter lacks it
TEST = (
    "ceph-mon",  # with ceph-osd and radosgw: an S3 server that really enforces Object Lock
    "ceph-osd",
    "chromium",  # browser tests and screenshots
    "curl",  # readiness of the S3 server
    "faketime",  # exported packages are verified six years on
    "gnutls-bin",  # certtool: another outside judge of signatures
    "nginx-light",  # reverse proxy of `make stack`
    "openssl",  # the outside judge of signatures
    "poppler-utils",  # the outside judge of printed forms
    "postgresql",
    "procps",
    "rabbitmq-server",
    "radosgw",
    "redis-server",
    "softhsm2",  # a token in software: keys through PKCS#11
    "socat",  # carries connections to the S3 server, as in its container
    "unzip",  # opens exported packages as a stranger would
)
BARE = ("debootstrap",)
SETS = {"run": RUN, "test": RUN + TEST, "bare": BARE}
PROVIDED = {"nginx-light": ("nginx", "nginx-core", "nginx-full", "nginx-extras")}

POLICY = Path("/usr/sbin/policy-rc.d")
POLICY_TEXT = "#!/bin/sh\n# written by scripts/debian.py of edo-service while it installs packages\nexit 101\n"


def is_installed(package: str) -> bool:
    """Tell whether dpkg knows the package, or one that stands in for it, as installed."""
    return any(_status(name) for name in (package, *PROVIDED.get(package, ())))


def _status(package: str) -> bool:
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    answer = subprocess.run(query, capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == "installed"


def missing(packages: Sequence[str]) -> list[str]:
    """Name the packages that are not installed; none where there is no dpkg to ask."""
    if shutil.which("dpkg-query") is None:
        return []
    return [package for package in packages if not is_installed(package)]


def apt_line(packages: Sequence[str]) -> str:
    """Give the line that root would type."""
    return "apt-get update && apt-get install -y --no-install-recommends " + " ".join(packages)


@contextmanager
def daemons_stay_down() -> Iterator[None]:
    """Refuse the start of services by package scripts (policy-rc.d); an administrator's own policy is left alone."""
    ours = not POLICY.exists() or POLICY.read_text(encoding="utf-8", errors="replace") == POLICY_TEXT
    if ours:
        POLICY.write_text(POLICY_TEXT, encoding="utf-8")
        POLICY.chmod(0o755)
    try:
        yield
    finally:
        if ours:
            POLICY.unlink(missing_ok=True)


def _apt(*arguments: str) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0", "-qq", *arguments]
    result = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        print(result.stdout + result.stderr, file=sys.stderr)
    return result.returncode == 0


def _known_to_apt(packages: Sequence[str]) -> bool:
    command = ["apt-get", "--simulate", "-qq", "install", "--no-install-recommends", *packages]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def install(packages: Sequence[str]) -> bool:
    """Install packages as root without recommendations; lists are refreshed only when they do not suffice."""
    arguments = ["install", "-y", "--no-install-recommends", *packages]
    fresh = not _known_to_apt(packages)
    if fresh and not _apt("update"):
        return False
    with daemons_stay_down():
        if _apt(*arguments):
            return True
        return not fresh and _apt("update") and _apt(*arguments)  # lists were old: the mirror has moved on


def ensure(packages: Sequence[str], *, purpose: str) -> bool:
    """Have the packages installed, or say exactly what is missing. Returns False if something still lacks."""
    lacking = missing(packages)
    if not lacking:
        return True
    if os.geteuid() != 0:
        print(f"{purpose} needs packages that only root may install:\n    {apt_line(lacking)}", file=sys.stderr)
        return False
    print(f"installing {' '.join(lacking)}", flush=True)
    if install(lacking):
        return True
    print(f"{purpose}: the packages could not be installed; try by hand:\n    {apt_line(lacking)}", file=sys.stderr)
    return False
