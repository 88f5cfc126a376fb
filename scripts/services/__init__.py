"""Real servers for tests and for `make stack`, started from Debian's packages on free loopback ports.

Each server lives in its own folder below one directory: its data, its log and `service.json`, which holds its address
and the pids that were started. Starting is idempotent, stopping ends only the recorded pids (each is checked against
the process's start time, so a reused pid is never touched). Nothing is configured outside that directory.

    python -m scripts.services up --dir D [--only postgres,redis]     # prints one JSON object: name -> address
    python -m scripts.services down --dir D [--wipe]
"""

from scripts.services.processes import Missing, NotStarted
from scripts.services.registry import NAMES, running, start, stop, stop_all

__all__ = ["NAMES", "Missing", "NotStarted", "running", "start", "stop", "stop_all"]
