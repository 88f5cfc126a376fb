"""Serve a sandbox as a process of its own: `python sandbox_process.py PORT STATE_FILE diadoc|saby`."""

import sys
from pathlib import Path

from operators.sandbox import create_app, create_saby_app, run
from tests.operators.parts import COMPANIES, HandClock, KeyNotary, PlainPapers

face = create_saby_app if sys.argv[3] == "saby" else create_app
app = face(
    state=Path(sys.argv[2]), organizations=COMPANIES, notary=KeyNotary(), papers=PlainPapers(), clock=HandClock()
)
run(app, port=int(sys.argv[1]))
