"""Serve a sandbox as a process of its own: `python sandbox_process.py PORT STATE_FILE diadoc|saby|taxcom`."""

import sys
from pathlib import Path

from operators.sandbox import create_app, create_saby_app, create_taxcom_app, run
from tests.operators.parts import COMPANIES, HandClock, KeyNotary, PlainPapers

face = {"diadoc": create_app, "saby": create_saby_app, "taxcom": create_taxcom_app}[sys.argv[3]]
app = face(
    state=Path(sys.argv[2]), organizations=COMPANIES, notary=KeyNotary(), papers=PlainPapers(), clock=HandClock()
)
run(app, port=int(sys.argv[1]))
