"""Words for people. Russian is the source, English a translation. Knows no other package."""

from edo_service.texts.errors import phrase
from edo_service.texts.troubles import trouble_words, write_trouble

__all__ = ["phrase", "trouble_words", "write_trouble"]
