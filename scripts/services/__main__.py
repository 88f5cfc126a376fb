"""`python -m scripts.services up|down --dir D`: the servers of the full profile for `make stack`."""

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.services import NAMES, Missing, NotStarted, start, stop_all


def main() -> int:
    """Start or end the servers; 0 when done, 1 when one could not be started (said on stderr)."""
    parser = argparse.ArgumentParser(prog="python -m scripts.services")
    parser.add_argument("verb", choices=["up", "down"])
    parser.add_argument("--dir", required=True, type=Path, help="where the servers keep their data (a short path)")
    parser.add_argument("--only", default=",".join(NAMES), help=f"comma-separated, of: {', '.join(NAMES)}")
    parser.add_argument("--wipe", action="store_true", help="down: delete the data too")
    options = parser.parse_args()
    directory: Path = options.dir.resolve()
    if options.verb == "down":
        stop_all(directory, wipe=options.wipe)
        return 0
    names = [name for name in options.only.split(",") if name]
    addresses = {}
    failed = 0
    with ThreadPoolExecutor(len(names)) as pool:
        for name, promise in [(name, pool.submit(start, name, directory)) for name in names]:
            try:
                addresses[name] = promise.result()
            except (Missing, NotStarted) as error:
                failed = 1
                print(f"{name}: {error}", file=sys.stderr)
    print(json.dumps(addresses))
    return failed


if __name__ == "__main__":
    sys.exit(main())
