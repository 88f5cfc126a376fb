"""Every module of ours can be imported by itself, and importing does nothing but define."""

import json
import subprocess
import sys
from pathlib import Path

PACKAGES = ("edo_service", "signing", "operators", "archive")
# alembic runs these, nobody imports them
NOT_FOR_IMPORT = ("edo_service.migrations.env", "edo_service.migrations.versions")

WALK = """
import importlib, json, pkgutil, sys, threading, traceback
failed = {}
seen = 0
for package in sys.argv[1].split(","):
    found = importlib.import_module(package)
    for module in pkgutil.walk_packages(found.__path__, package + "."):
        if module.name.endswith("__main__") or module.name.startswith(tuple(sys.argv[2].split(","))):
            continue
        seen += 1
        try:
            importlib.import_module(module.name)
        except Exception as error:
            failed[module.name] = "".join(traceback.format_exception_only(error))
print(json.dumps({"failed": failed, "seen": seen, "threads": threading.active_count()}))
"""


def test_every_module_can_be_imported(root: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error::SyntaxWarning", "-c", WALK, ",".join(PACKAGES), ",".join(NOT_FOR_IMPORT)]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(root), "HOME": str(tmp_path)}

    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["failed"] == {}
    assert report["seen"] > 50
    assert report["threads"] == 1, "an import started a thread"
    assert list(tmp_path.iterdir()) == [], "an import wrote files"
