"""openssl with the ГОСТ engine: the second opinion of these tests."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

OpenSsl = Callable[..., subprocess.CompletedProcess[str]]
ENGINE = """openssl_conf = conf
[conf]
engines = engines
[engines]
gost = gost
[gost]
engine_id = gost
default_algorithms = ALL
init = 1
"""


def openssl_in(folder: Path) -> OpenSsl:
    """Run openssl in the folder; the engine is loaded by configuration, which `openssl ts` needs."""
    config = folder / "engine.cnf"
    config.write_text(ENGINE)
    environment = {**os.environ, "OPENSSL_CONF": str(config)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["openssl", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )

    return run
