"""Whether the migrations say what the tables say: `python -m scripts.migrations sqlite:///fresh.db`.

Brings the empty database to the newest schema and prints a line for each difference. 0 none, 1 some.
"""

from __future__ import annotations

import sys

from edo_service.kernel import schema


def main() -> int:
    """Entry point."""
    (url,) = sys.argv[1:]
    schema.upgrade(url)
    found = schema.differences(url)
    for line in found:
        print(line)
    if found:
        print(f"{len(found)} differences between the tables declared and the migrations: write a migration")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
