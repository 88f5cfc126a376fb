"""The command that a person pastes to sign with OpenSSL and the ГОСТ engine."""

from __future__ import annotations

import shlex


def openssl_sign_command(content_name: str, key_name: str, cert_name: str, out_name: str) -> str:
    """A shell line that makes a detached CAdES-BES signature (DER) over the file; all four are file names.

    It needs Debian's `openssl` and `libengine-gost-openssl`. The content is signed as it is (-binary).
    """
    names = {"-in": content_name, "-signer": cert_name, "-inkey": key_name, "-out": out_name}
    options = " ".join(f"{option} {shlex.quote(_plain(name))}" for option, name in names.items())
    return f"openssl cms -sign -engine gost -keyform PEM -binary -cades -outform DER {options}"


def _plain(name: str) -> str:
    """Keep a name that begins with a dash from being read as an option."""
    return f"./{name}" if name.startswith("-") else name
