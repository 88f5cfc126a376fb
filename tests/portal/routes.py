"""Every route of the application, as it is mounted."""

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """(method, path) of every route, HEAD left out."""
    return sorted({(method, route.path) for route in _walk(app.routes) for method in route.methods if method != "HEAD"})


def endpoints(app: FastAPI) -> list[Any]:
    """What answers each route."""
    return [route.endpoint for route in _walk(app.routes)]


def _walk(found: Iterable[Any]) -> Iterator[Any]:
    for route in found:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _walk(inner.routes)
        elif getattr(route, "methods", None):
            yield route
        else:
            raise AssertionError(f"a route that the tests do not understand: {route!r}")
