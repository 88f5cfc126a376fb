"""Rebuild the demo PKI: `make pki`, into $EDO_DATA_DIR/pki (default ./data/pki), or wherever `--out` says.

New keys make new organisations of the demo's companies: what was signed with the old ones is judged by the old roots,
which a database filled before still keeps.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from edo_service.demo.make_pki import main

if __name__ == "__main__":
    given = sys.argv[1:]
    if "--out" not in given:
        given = ["--out", str(Path(os.environ.get("EDO_DATA_DIR", "data")) / "pki"), *given]
    raise SystemExit(main(given))
