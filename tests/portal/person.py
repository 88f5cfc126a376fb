"""A person with a browser without JavaScript: cookies, links and forms over real HTTP, nothing else."""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urljoin, urlsplit

import httpx2
from lxml import html

from edo_service.web.security import SESSION_COOKIE, VISIT_COOKIE


@dataclass(frozen=True)
class Upload:
    """A file chosen in a form."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"


class Page:
    """An answer as a person sees it."""

    def __init__(self, answer: httpx2.Response) -> None:
        self.status = answer.status_code
        self.url = str(answer.url)
        self.headers = answer.headers
        self.content = answer.content
        is_page = answer.headers.get("content-type", "").startswith("text/html")
        self.tree = html.fromstring(answer.text, base_url=self.url) if is_page and answer.text else None

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def text(self) -> str:
        """The words of the page, white space joined."""
        if self.tree is None:
            return self.content.decode("utf-8", "replace")
        words = self.tree.xpath("//title//text() | //body//text()[not(ancestor::script or ancestor::style)]")
        return " ".join(" ".join(words).split())

    @property
    def title(self) -> str:
        return "" if self.tree is None else " ".join(self.tree.xpath("//title")[0].text_content().split())

    def link(self, text: str) -> str:
        """Address of the first link whose words hold the text."""
        assert self.tree is not None
        for one in self.tree.xpath("//a[@href]"):
            if text in " ".join(one.text_content().split()):
                return urljoin(self.url, one.get("href"))
        raise AssertionError(
            f"no link «{text}» on {self.path}: {[' '.join(a.text_content().split()) for a in self.tree.xpath('//a')]}"
        )

    def form(self, action: str) -> html.FormElement:
        """The first form whose action ends so."""
        assert self.tree is not None
        for one in self.tree.forms:
            if urlsplit(one.action or "").path.endswith(action):
                return one
        raise AssertionError(f"no form …{action} on {self.path}: {[f.action for f in self.tree.forms]}")

    def has_form(self, action: str) -> bool:
        assert self.tree is not None
        return any(urlsplit(one.action or "").path.endswith(action) for one in self.tree.forms)

    def command(self) -> str:
        """The command of the page of signing, as it is copied."""
        assert self.tree is not None
        found = self.tree.xpath("//pre[contains(@class, 'command')]")
        return str(found[0].text_content())


@cache
def trusted() -> ssl.SSLContext:
    """One for all browsers: to make one takes as long as several pages."""
    return httpx2.create_ssl_context(trust_env=False)


class Person:
    """One browser profile over a running portal."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.cookies: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        self.client = httpx2.Client(timeout=180, follow_redirects=False, trust_env=False, verify=trusted())

    def close(self) -> None:
        self.client.close()

    def get(self, path: str, *, follow: bool = True, headers: Mapping[str, str] | None = None) -> Page:
        answer = self._send("GET", path, headers=dict(headers or {}))
        return self._follow(answer) if follow else Page(answer)

    def post(
        self,
        path: str,
        values: Mapping[str, str | list[str]] | None = None,
        *,
        files: Mapping[str, Upload] | None = None,
        token: str | None = None,
        follow: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        """Send a form as a browser does; the token stands first."""
        fields: dict[str, str | list[str]] = (
            {"_token": token, **(values or {})} if token is not None else dict(values or {})
        )
        sent = {"Sec-Fetch-Site": "same-origin", "Origin": self.base, **(headers or {})}
        if files is None:
            answer = self._send("POST", path, data=fields, headers=sent)
        else:
            body, kind = multipart(fields, files)
            answer = self._send("POST", path, content=body, headers={**sent, "Content-Type": kind})
        return self._follow(answer) if follow else Page(answer)

    def raw(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> Page:
        """Any request with exactly these headers and the cookies of this browser."""
        return Page(self._send(method, path, content=content, headers=dict(headers)))

    def submit(
        self,
        page: Page,
        action: str,
        values: Mapping[str, str | list[str]] | None = None,
        *,
        files: Mapping[str, Upload] | None = None,
        follow: bool = True,
        form: html.FormElement | None = None,
    ) -> Page:
        """Fill a form of the page and send it, hidden fields and all."""
        found = form if form is not None else page.form(action)
        fields: dict[str, str | list[str]] = {}
        for name, value in found.form_values():
            known = fields.get(name)
            fields[name] = value if known is None else [*(known if isinstance(known, list) else [known]), value]
        fields.update(values or {})
        token = fields.pop("_token", "")
        target = urlsplit(urljoin(page.url, found.action or page.url))
        many = found.get("enctype") == "multipart/form-data"
        chosen = dict(files or {}) if many else None
        assert isinstance(token, str)
        return self.post(target.path, fields, files=chosen, token=token, follow=follow)

    def log_in(self, login: str, password: str, next_path: str = "/") -> Page:
        page = self.get(f"/login?next={next_path}")
        return self.submit(page, "/login", {"login": login, "password": password})

    def say_why(self, company: str, purpose: str) -> None:
        """Say what the company's archive is looked at for, as a person of control is asked."""
        page = self.get(f"/o/{company}/archive/purpose")
        assert self.submit(page, "/archive/purpose", {"purpose": purpose}, follow=False).status == 303

    def token(self, path: str = "/me/appearance") -> str:
        """A valid form token of this browser; one serves its whole session."""
        session = self.cookies.get(SESSION_COOKIE) or self.cookies.get(VISIT_COOKIE) or ""
        if session not in self._tokens:
            page = self.get(path)
            assert page.tree is not None
            session = self.cookies.get(SESSION_COOKIE) or self.cookies[VISIT_COOKIE]
            self._tokens[session] = str(page.tree.xpath("//input[@name='_token']/@value")[0])
        return self._tokens[session]

    def _follow(self, answer: httpx2.Response) -> Page:
        for _ in range(6):
            if answer.status_code not in {301, 302, 303, 307, 308}:
                return Page(answer)
            answer = self._send("GET", urljoin(str(answer.url), answer.headers["location"]))
        raise AssertionError("too many redirects")

    def _send(self, method: str, path: str, **arguments: object) -> httpx2.Response:
        url = urljoin(self.base, path)
        headers = dict(arguments.pop("headers", None) or {})  # type: ignore[call-overload]  # headers come among keyword arguments
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.client.request(method, url, headers=headers, **arguments)  # type: ignore[arg-type]  # keyword arguments of any kind go through
        for line in answer.headers.get_list("set-cookie"):
            self._keep(line)
        return answer

    def _keep(self, line: str) -> None:
        name, _, value = line.partition(";")[0].partition("=")
        assert name.startswith("__Host-"), line
        assert "secure" in line.lower(), line
        assert "httponly" in line.lower(), line
        if re.search(r"max-age=0|expires=thu, 01 jan 1970", line, re.IGNORECASE):
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value.strip('"')


def multipart(fields: Mapping[str, str | list[str]], files: Mapping[str, Upload]) -> tuple[bytes, str]:
    """A multipart body with the fields in order, then the files."""
    boundary = "----edo-test-boundary-7e3f"
    pieces: list[bytes] = []
    for name, value in fields.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        pieces += [f"{head}{one}\r\n".encode() for one in (value if isinstance(value, list) else [value])]
    for name, file in files.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file.name}"\r\n'
        pieces.append(f"{head}Content-Type: {file.media_type}\r\n\r\n".encode() + file.content + b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode())
    return b"".join(pieces), f"multipart/form-data; boundary={boundary}"
