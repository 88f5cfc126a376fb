"""What happens by the clock: feeds are asked, the journal is sealed, lost promises are handed out again, the canary sings.

In the embedded profile it is a thread of the web process, in the full one a process of its own (`edo worker --beat`).
Each duty is harmless when done twice, so two clocks may tick at once.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import archive
from edo_service.bootstrap import Services
from edo_service.exchange.rules import POLL
from edo_service.kernel import jobs, journal
from edo_service.safekeeping.rules import SCRUB_EVERY

log = logging.getLogger(__name__)
CANARY_EVERY = timedelta(hours=1)
TRY_AGAIN = timedelta(seconds=30)


@dataclass(kw_only=True)
class Duty:
    """Something to be done every `every`; `next` is when it is due again (None: at once)."""

    name: str
    every: timedelta
    act: Callable[[], object]
    next: datetime | None = None


@dataclass(kw_only=True)
class Clockwork:
    """Runs duties when they are due, in a thread of its own or step by step in tests."""

    services: Services
    canary_report: archive.CanaryReport | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _duties: list[Duty] = field(default_factory=list)

    def __post_init__(self) -> None:
        settings = self.services.settings
        self._duties = [
            Duty(
                name="polls",
                every=timedelta(seconds=settings.operator_poll_seconds),
                act=self.services.exchange_handlers.promise_polls,
            ),
            Duty(
                name="reminders",
                every=timedelta(hours=1),
                act=self.services.exchange_handlers.promise_reminders,
            ),
            Duty(name="seal", every=timedelta(seconds=settings.seal_seconds), act=self._seal),
            Duty(name="sweep", every=timedelta(seconds=settings.sweep_seconds), act=self._sweep),
            Duty(name="prune", every=timedelta(minutes=5), act=self._prune),
            Duty(name="heads", every=timedelta(hours=1), act=self.services.archive_handlers.promise_heads),
            Duty(name="evidence", every=timedelta(hours=1), act=self.services.evidence_handlers.promise_evidence),
            Duty(name="words", every=timedelta(minutes=5), act=self.services.desk_handlers.promise_words),
            Duty(name="clearing", every=timedelta(hours=1), act=self.services.desk_handlers.promise_clearing),
            Duty(name="late", every=timedelta(days=1), act=self.services.archive_handlers.promise_late),
            Duty(name="dead", every=timedelta(minutes=1), act=self.services.archive_handlers.notice_dead),
            Duty(name="canary", every=CANARY_EVERY, act=self._sing),
            Duty(name="scrub", every=SCRUB_EVERY, act=self.services.scrub_some),
        ]

    def step(self) -> None:
        """Do what is due now. A duty that fails is logged and tried again soon; the others go on."""
        now = self.services.clock.now()
        for duty in self._duties:
            if duty.next is not None and now < duty.next <= now + duty.every:  # a clock set back stops no duty
                continue
            try:
                duty.act()
                duty.next = now + duty.every
            except Exception:  # the one place that keeps the clock ticking whatever a duty meets
                log.exception("%s: not possible now, trying again", duty.name)
                duty.next = now + min(duty.every, TRY_AGAIN)

    def start(self, *, pause: float = 0.5) -> None:
        """Tick in a daemon thread until `stop`."""

        def tick() -> None:
            while not self._stop.wait(pause):
                self.step()

        self.step()
        self._thread = threading.Thread(target=tick, name="clockwork", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a duty under way is finished first."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(30)

    def _seal(self) -> None:
        journal.seal(self.services.database, self.services.clock)

    def _sweep(self) -> None:
        if self.services.publish is not None:
            again = timedelta(seconds=self.services.settings.republish_seconds)
            jobs.sweep(self.services.database, self.services.clock, self.services.publish, republish_after=again)

    def _prune(self) -> None:
        """Polls return every few seconds, so their rows go soon; everything else is kept for a month."""
        database, clock = self.services.database, self.services.clock
        jobs.prune(database, clock, older_than=timedelta(minutes=10), kinds={POLL})
        jobs.prune(database, clock, older_than=timedelta(days=30))

    def _sing(self) -> None:
        report = self.services.canary()
        self.canary_report = report
        if not report.ok:
            log.error("the WORM canary was harmed: %s", report.attempts)
        self.services.sound_alarm(report)
