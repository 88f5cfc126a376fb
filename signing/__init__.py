"""Electronic signatures for Russian law and ETSI: keys, CAdES, timestamps, revocation, verdicts.

The package knows nothing of the rest of the product. Names are loaded when first used, so `import signing` is cheap.
Everything it raises is a `SigningError`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signing._internal.certificates import Certificate
    from signing._internal.digests import HashObject, digest, new_hash
    from signing._internal.errors import (
        BackendMissing,
        BadCertificate,
        BadInput,
        BadKey,
        SigningError,
        TimestampFailed,
        Unsupported,
    )
    from signing._internal.keys import (
        PrivateKey,
        export_private_key,
        generate_private_key,
        load_private_key,
        signature_algorithm,
    )
    from signing._internal.names import Subject

_HOMES = {
    "certificates": ("Certificate",),
    "digests": ("HashObject", "digest", "new_hash"),
    "errors": (
        "BackendMissing",
        "BadCertificate",
        "BadInput",
        "BadKey",
        "SigningError",
        "TimestampFailed",
        "Unsupported",
    ),
    "keys": ("PrivateKey", "export_private_key", "generate_private_key", "load_private_key", "signature_algorithm"),
    "names": ("Subject",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "BackendMissing",
    "BadCertificate",
    "BadInput",
    "BadKey",
    "Certificate",
    "HashObject",
    "PrivateKey",
    "SigningError",
    "Subject",
    "TimestampFailed",
    "Unsupported",
    "digest",
    "export_private_key",
    "generate_private_key",
    "load_private_key",
    "new_hash",
    "signature_algorithm",
]

if not TYPE_CHECKING:  # the type checker sees the imports above instead

    def __getattr__(name):
        """Load a public name from its home on first use."""
        if name not in _HOME_OF:
            raise AttributeError(f"module 'signing' has no attribute {name!r}")
        value = getattr(import_module(f"signing._internal.{_HOME_OF[name]}"), name)
        globals()[name] = value
        return value

    def __dir__():
        """The public names."""
        return __all__
