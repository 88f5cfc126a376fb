"""Serve a sandbox as a process of its own: `python sandbox_process.py SOCKET STATE_FILE diadoc|saby|taxcom`.

SOCKET is a listening socket that is handed down: a port that is only named may be taken before we bind it.
"""

import socket
import sys
from pathlib import Path

import uvicorn

from operators.sandbox import create_app, create_saby_app, create_taxcom_app
from tests.operators.parts import COMPANIES, HandClock, KeyNotary, PlainPapers

face = {"diadoc": create_app, "saby": create_saby_app, "taxcom": create_taxcom_app}[sys.argv[3]]
app = face(
    state=Path(sys.argv[2]), organizations=COMPANIES, notary=KeyNotary(), papers=PlainPapers(), clock=HandClock()
)
server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3))
server.run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
