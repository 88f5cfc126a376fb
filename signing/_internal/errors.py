"""What can go wrong in `signing`.

SigningError
├── BadKey          a private or public key cannot be read or used
├── BadCertificate  a certificate cannot be read
├── BadInput        bytes that are not what they claim to be (`what`, `where`)
├── Unsupported     an algorithm this package does not know
├── BackendMissing  a system library is absent (`package` names the Debian package)
└── TimestampFailed no time-stamping authority gave a usable token
"""


class SigningError(Exception):
    """The one root of everything that `signing` raises."""


class BadKey(SigningError):
    """A key cannot be read (wrong format, wrong password) or cannot do what is asked."""


class BadCertificate(SigningError):
    """A certificate cannot be read: no X.509 (RFC 5280), or a key or a field in it that breaks its own form."""


class BadInput(SigningError):
    """Bytes or arguments that are not what they claim to be: `what` is wrong, `where` it stands."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(f"{what} ({where})" if where else what)
        self.what = what
        self.where = where


class Unsupported(SigningError):
    """An algorithm or a construction that this package does not implement."""


class BackendMissing(SigningError):
    """A system library is absent; `package` is the Debian package that brings it."""

    def __init__(self, what: str, package: str) -> None:
        super().__init__(f"{what}: install the package {package} (apt-get install {package})")
        self.package = package


class TimestampFailed(SigningError):
    """No time-stamping authority gave a usable RFC 3161 token."""
