"""Reading Taxcom's lists: transactions by time, page after page; docflows that have failed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from operators.errors import BadAnswer
from operators.taxcom import codes, feed, layout
from operators.taxcom.client import CabinetClient
from operators.taxcom.container import Listing, Row, read_listing
from operators.taxcom.moments import to_wire

PAGES = 200
TICK = timedelta(milliseconds=1)


def rows_after(cabinet: CabinetClient, mark: feed.Mark, limit: int) -> tuple[list[Row], bool]:
    """Lines from before the mark on, enough for a page, and whether there are no more."""
    found: list[Row] = []
    whole, until = False, mark.asks_from
    for rows, is_last, known in _pages(cabinet, mark.asks_from, layout.LIST_DIRECTION):
        found += rows
        whole, until = is_last, known
        if whole or mark.has_enough(feed.in_order(found), limit):
            break
    failed = _list(cabinet, "GetList", mark.asks_from, status=codes.FAILED, direction=layout.OUTGOING)
    found += [_as_docflow(row) for row in failed.rows if whole or row.at <= until]
    return [row for row in feed.in_order(found) if row.at > mark.asks_from], whole


def sent_rows(cabinet: CabinetClient, since: datetime) -> Iterator[Row]:
    """What we sent: docflows as they stand now (a list of transactions may lag), then the transactions."""
    for method in ("GetList", "GetMessageList"):
        for page, _, _ in _pages(cabinet, since, layout.OUTGOING, method=method):
            yield from (row for row in page if row.outgoing)


def _pages(
    cabinet: CabinetClient, since: datetime, direction: str | None, *, method: str = "GetMessageList"
) -> Iterator[tuple[tuple[Row, ...], bool, datetime]]:
    """Pages of a list: rows, whether they are the last, the time up to which all rows are known."""
    seen: set[str] = set()
    before = since
    for _ in range(PAGES):
        listing = _list(cabinet, method, since, direction=direction)
        new = {row.key for row in listing.rows} - seen
        if listing.is_last:
            yield listing.rows, True, since
            return
        if listing.last_at is None or (not new and listing.last_at <= before):
            raise BadAnswer(
                "the list does not go on: more rows at one moment than a page", operator=codes.OPERATOR_CODE
            )
        seen |= new
        yield listing.rows, False, listing.last_at
        before = listing.last_at
        since = before - TICK  # equal times must come again: whether DATE itself is included is not told
    raise BadAnswer(f"more than {PAGES} pages of a list", operator=codes.OPERATOR_CODE)


def _list(
    cabinet: CabinetClient,
    method: str,
    since: datetime,
    *,
    status: str | None = None,
    direction: str | None = None,
) -> Listing:
    name = "DATE" if method == "GetMessageList" else "date"
    params = {name: to_wire(since), "direction": direction, "status": status}
    return read_listing(cabinet.get(method, params).content)


def _as_docflow(row: Row) -> Row:
    """A failed docflow's line without its documents: how a docflow failed is told once."""
    return Row(
        docflow=row.docflow,
        status=row.status,
        error=row.error,
        error_text=row.error_text,
        at=row.at,
        transaction="",
        document="",
        external_id=None,
        outgoing=row.outgoing,
        result="",
    )
