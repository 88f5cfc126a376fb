"""Words for people. Russian is the source, English a translation. Knows no other package."""

from edo_service.texts.errors import phrase

__all__ = ["phrase"]
