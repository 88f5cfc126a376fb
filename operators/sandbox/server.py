"""Running a sandbox as a server of its own on loopback (`edo sandbox diadoc|saby --port N`)."""

import uvicorn
from fastapi import FastAPI


def run(app: FastAPI, *, port: int) -> None:
    """Serve a sandbox (`create_app`, `create_saby_app`) on 127.0.0.1 until SIGINT or SIGTERM."""
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=3)
