"""Words for people. Russian is the source, English a translation. Knows no other package."""

from edo_service.texts.errors import phrase
from edo_service.texts.failures import failure_words
from edo_service.texts.troubles import trouble_words, write_trouble

__all__ = ["failure_words", "phrase", "trouble_words", "write_trouble"]
