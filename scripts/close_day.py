"""Do now what the clock does once a day with the evidence: `python -m scripts.close_day`, over EDO_DATA_DIR of the demonstration.

Every company's kept sets that stand under no root yet come under today's, which the demo TSA stamps. `make bare` calls it
between `edo demo` and `edo archive export`, so that the set carries an evidence record.
"""

from __future__ import annotations

import sys

from edo_service import bootstrap
from edo_service.demo.side_servers import surroundings
from edo_service.kernel import journal
from edo_service.kernel.clock import SystemClock
from edo_service.settings import Settings

MOST_JOBS = 200


def main() -> int:
    """Entry point: 0 when the jobs were carried out; whether a root was stamped is seen in the export."""
    settings, clock = Settings(demo=True), SystemClock()
    with surroundings(settings, clock) as around:
        services = bootstrap.build(around.settings(settings), clock=clock)
        try:
            journal.seal(services.database, clock)
            services.evidence_handlers.promise_evidence()
            services.runner(worker="close-day").drain(MOST_JOBS)
        finally:
            services.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
