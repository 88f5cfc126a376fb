"""Serve a sandbox as a process of its own: `python sandbox_process.py PORT STATE_FILE`."""

import sys
from pathlib import Path

from operators.sandbox import run
from tests.operators.parts import COMPANIES, HandClock, KeyNotary, PlainPapers

run(
    int(sys.argv[1]),
    state=Path(sys.argv[2]),
    organizations=COMPANIES,
    notary=KeyNotary(),
    papers=PlainPapers(),
    clock=HandClock(),
)
