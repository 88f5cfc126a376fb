"""The phrase of each error code: Russian and English side by side, one table per area. A test keeps them complete."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from edo_service.texts import (
    errors_accounts,
    errors_archive,
    errors_documents,
    errors_exchange,
    errors_kernel,
    errors_powers,
)

PHRASES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        **errors_kernel.PHRASES,
        **errors_accounts.PHRASES,
        **errors_documents.PHRASES,
        **errors_exchange.PHRASES,
        **errors_archive.PHRASES,
        **errors_powers.PHRASES,
    }
)
"""Code → (Russian, English); places in braces are filled with the error's parameters."""

LANGUAGES: Final = ("ru", "en")
_UNKNOWN: Final = ("Не получилось выполнить действие ({code}).", "The action could not be carried out ({code}).")


class _Lenient(string.Formatter):
    """Fills places; one that is not given shows as an ellipsis, since a message must never fail."""

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:  # noqa: ARG002 - string.Formatter's signature
        """Look a place up."""
        return kwargs.get(str(key), "…")


def phrase(code: str, language: str = "ru", **params: object) -> str:
    """Return the phrase of an error code, filled with its parameters.

    An unknown code gives a general phrase with it.
    """
    place = LANGUAGES.index(language) if language in LANGUAGES else 0
    known = PHRASES.get(code)
    if known is None:
        return _UNKNOWN[place].format(code=code)
    return _Lenient().vformat(known[place], (), params)


def places(code: str) -> frozenset[str]:
    """Names of the parameters that the phrase of a code shows; none for an unknown code."""
    known = PHRASES.get(code)
    return frozenset(name for _, name, _, _ in string.Formatter().parse(known[0]) if name) if known else frozenset()
