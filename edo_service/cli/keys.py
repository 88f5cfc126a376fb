"""Keys for the command line: files (PKCS#8, PKCS#12) and tokens by their address (RFC 7512)."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

import typer

from edo_service.cli.files import read_file, refuse

if TYPE_CHECKING:
    import signing


@dataclass(frozen=True, kw_only=True)
class KeyFile:
    """A key with its certificate and those above it."""

    key: "signing.PrivateKey"
    certificate: "signing.Certificate"
    chain: "tuple[signing.Certificate, ...]"


def open_key(address: str, certificate: Path | None, chain: Sequence[Path], password: bytes | None) -> KeyFile:
    """Open the key at a path or a pkcs11: address; the command ends with 64 when there is no certificate.

    A missing password is asked for when somebody sits at the terminal. Raises SigningError.
    """
    import signing

    given = signing.load_certificates(read_file(certificate)) if certificate else []
    above = [one for path in chain for one in signing.load_certificates(read_file(path))]
    if address.startswith("pkcs11:"):
        token = _token_key(address, given, password)
        return KeyFile(key=token, certificate=token.certificate, chain=(*given[1:], *above))
    content = read_file(Path(address))
    if _is_container(content):
        opened = signing.load_pkcs12(content, _asked(password))
        own = given[0] if given else opened.certificate
        above = [*opened.chain, *above]
        key = opened.key
    else:
        own = given[0] if given else None
        key = signing.load_private_key(content, _needed(content, password))
    if own is None:
        refuse("--certificate: нужен сертификат ключа")
    return KeyFile(key=key, certificate=own, chain=(*given[1:], *above))


def _is_container(content: bytes) -> bool:
    """PKCS#12 begins with version 3 (RFC 7292, 4), PKCS#8 with 0, 1 or an algorithm."""
    return content[:1] == b"\x30" and b"\x02\x01\x03" in content[2:8]


def _needed(content: bytes, password: bytes | None) -> bytes | None:
    """The password when the key is encrypted."""
    import signing

    if password is not None:
        return password
    try:
        signing.load_private_key(content)
    except signing.BadKey as error:
        if "no password" not in str(error):
            raise
        return _asked(None)
    return None


def _asked(password: bytes | None) -> bytes:
    if password is not None:
        return password
    if not sys.stdin.isatty():
        refuse("нужен пароль ключа: --password-file или EDO_KEY_PASSWORD")
    return str(typer.prompt("Пароль ключа", hide_input=True, err=True)).encode()


def _token_key(address: str, given: "Sequence[signing.Certificate]", password: bytes | None) -> "signing.Pkcs11Key":
    import signing

    parts = urlsplit(address)
    named = dict(one.partition("=")[::2] for one in parts.path.split(";"))
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    token, label = unquote(named.get("token", "")), unquote(named.get("object", ""))
    module = asked.get("module-path", "")
    if not (token and label and module):
        refuse("--key: адрес токена пишется так: pkcs11:token=ИМЯ;object=КЛЮЧ?module-path=/путь/библиотека.so")
    certificate = given[0] if given else None
    pin = _asked(password).decode("utf-8", "replace")
    return signing.open_pkcs11_key(module, token=token, label=label, pin=pin, certificate=certificate)
