"""The pages of the archive work beside the event loop: a search over a large archive holds nobody else up."""

import inspect
from typing import Any, cast

from starlette.routing import Route

from edo_service.archiving.pages.control import ControlPages
from edo_service.archiving.pages.disposal import DisposalPages
from edo_service.archiving.pages.exports import ExportPages
from edo_service.archiving.pages.holds import HoldPages
from edo_service.archiving.pages.incomplete import IncompletePages
from edo_service.archiving.pages.retry import RetryPages
from edo_service.archiving.pages.search import SearchPages
from edo_service.archiving.pages.sets import SetPages


def test_no_page_reads_the_database_on_the_event_loop() -> None:
    absent = cast("Any", None)
    with_ports = (ExportPages(absent, absent, absent), DisposalPages(absent, absent), SetPages(absent, absent, absent))
    pages = (
        *with_ports,
        HoldPages(absent, absent),
        ControlPages(absent, absent),
        RetryPages(absent),
        IncompletePages(absent),
        SearchPages(absent, absent),
    )
    routes = [route for one in pages for route in one.router().routes if isinstance(route, Route)]
    assert len(routes) > 20
    assert [route.path for route in routes if inspect.iscoroutinefunction(route.endpoint)] == []
