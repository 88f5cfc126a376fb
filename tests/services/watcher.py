"""`python -m tests.services.watcher PID DIR`: end the servers of DIR as soon as process PID is gone."""

import os
import select
import shutil
import signal
import sys
from pathlib import Path

from scripts import services

MEMORY_LINK = "memory"
"""In a run's directory: where its tests keep their files, when that is elsewhere."""


def remove(directory: Path) -> None:
    """End the servers of a test run and remove all its files."""
    services.stop_all(directory, wipe=True)
    if (directory / MEMORY_LINK).is_symlink():
        shutil.rmtree((directory / MEMORY_LINK).readlink(), ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)


def main() -> None:
    pid, directory = int(sys.argv[1]), Path(sys.argv[2])
    # A test run is often ended by a signal to its whole group or session; the watcher has to survive that.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        pass
    else:
        select.select([handle], [], [])
    if directory.is_dir():
        remove(directory)


if __name__ == "__main__":
    main()
