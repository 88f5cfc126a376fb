"""An application that shows every screen with made-up data: `python tests/web/preview.py` serves it on a free port."""

import io
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

sys.path.insert(0, str(Path(__file__).parent))

from sample_base import COMPANIES, PERSON, menu
from samples import SCREENS

from edo_service.web.components import components_route
from edo_service.web.environment import make_environment
from edo_service.web.pages import Pages
from edo_service.web.problems import Problems
from edo_service.web.security import TokenKey, protect
from edo_service.web.static_files import StaticFiles

KEY = TokenKey(b"preview-key-preview-key-preview-key")


def create_preview_app() -> FastAPI:
    """Every screen of SCREENS by its address, the style guide, and the real security around them."""
    static = StaticFiles()
    pages = Pages(make_environment(static), brand="ЛизингПром")
    problems = Problems(page=pages.problem, phrase=lambda _code, _params: None)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    protect(app, key=KEY, refuse=problems.refuse)
    problems.install(app)
    app.router.routes += [static.route(), components_route(pages), Route("/page.png", _page_image)]

    def show(request: Request) -> Response:
        if request.method == "POST":
            return RedirectResponse(request.url.path, status_code=303)
        template, view, section = SCREENS[request.url.path]
        if section:
            shell = pages.shell(request, person=PERSON, organizations=COMPANIES, menu=menu(section), search_url="/list")
        else:
            shell = pages.shell(request)
        return pages.render(template, view, shell=shell)

    app.router.routes += [Route(path, show, methods=["GET", "POST"]) for path in SCREENS]
    return app


def _page_image(_request: Request) -> Response:
    """A white sheet with grey lines, drawn here: PNG without any library."""
    import struct
    import zlib

    width, height = 1240, 800
    blank, ruled = b"\0" + b"\xff" * width, b"\0" + b"\xff" * 80 + b"\xb0" * (width - 160) + b"\xff" * 80
    raw = b"".join(ruled if row % 40 in {0, 1, 2} and 80 < row < 700 else blank for row in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    out = io.BytesIO(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    )
    return Response(out.getvalue(), media_type="image/png", headers={"Cache-Control": "private, max-age=300"})


if __name__ == "__main__":
    uvicorn.run(create_preview_app(), host="127.0.0.1", port=int(sys.argv[1]) if len(sys.argv) > 1 else 0)
