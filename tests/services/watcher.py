"""`python -m tests.services.watcher PID DIR`: end the servers of DIR as soon as process PID is gone."""

import os
import select
import shutil
import signal
import sys
from pathlib import Path

from scripts import services


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
        services.stop_all(directory, wipe=True)
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
