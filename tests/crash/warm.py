"""Imported once by the fork server: what every forked process would otherwise load and build anew before its first work."""

from datetime import UTC, datetime

import typst  # noqa: F401  (imported only: threads of a form set here would not outlive the fork, and the child would wait)

from edo_service import formats
from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.demo.invoice import demo_upd
from edo_service.formats import printing
from edo_service.kernel.calendar import add_business_days

_MOMENT = datetime(2026, 1, 12, 9, tzinfo=UTC)
_WRITTEN = demo_upd(LESSOR, CLIENT_ONE, number="0", at=_MOMENT)
formats.check(_WRITTEN.content)
printing.html_to_pdf("<p>0</p>", title="0")
add_business_days(_MOMENT.date(), 1)
