"""Whether a page of a server started here answers. Standard library only."""

from __future__ import annotations

import urllib.error
import urllib.request


def answers(address: str) -> bool:
    """Tell whether a page answers 200."""
    try:
        with urllib.request.urlopen(address, timeout=5) as response:  # noqa: S310 -- a loopback address made here
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
