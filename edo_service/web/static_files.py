"""Our static files under addresses that hold the hash of their content, so that browsers may keep them for ever.

One hash covers the whole folder (`/static/<hash>/ui.css`): relative addresses inside a style sheet or an ES module then
stay right without rewriting. A page of an older process asks with an older hash and gets today's file, not cached.
"""

import hashlib
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from edo_service.web.assets import STATIC

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
}
FOREVER = "public, max-age=31536000, immutable"


class StaticFiles:
    """The folder of static files: read once for its hash, served from the disk.

    `url(path)` gives the address of a file and raises KeyError for one that does not exist, so a mistyped name in a
    template fails the first time it is rendered.
    """

    def __init__(self, folder: Path = STATIC) -> None:
        self.folder = folder
        self.files = {
            path.relative_to(folder).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix in TYPES and not path.name.startswith(".")
        }
        whole = hashlib.sha256()
        for name, path in self.files.items():
            whole.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        self.version = whole.hexdigest()[:12]

    def url(self, name: str) -> str:
        """Address of a file that may be cached for ever."""
        if name not in self.files:
            raise KeyError(name)
        return f"/static/{self.version}/{name}"

    def has(self, name: str) -> bool:
        """Whether the file exists (htmx may be absent: pages work without it)."""
        return name in self.files

    def serve(self, request: Request) -> Response:
        """Answer a request for `/static/{version}/{name}`; 404 for what is not ours."""
        name = request.path_params["name"]
        path = self.files.get(name)
        if path is None:
            raise HTTPException(404)
        fresh = request.path_params["version"] == self.version
        headers = {"Cache-Control": FOREVER if fresh else "no-cache", "X-Content-Type-Options": "nosniff"}
        return FileResponse(path, media_type=TYPES[path.suffix], headers=headers)

    def route(self) -> Route:
        """The one route to mount: `app.router.routes.append(static.route())`."""
        return Route("/static/{version}/{name:path}", self.serve, methods=["GET"], name="static")
