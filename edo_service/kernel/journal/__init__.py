"""The journal: append-only, chained by hashes per organisation after the commit, checkable row by row."""

from edo_service.kernel.journal.chain import ChainReport, Head, Problem, head, seal, unsealed_age, verify_chain
from edo_service.kernel.journal.entries import GENESIS, PLATFORM, Journal, JournalEntry

__all__ = [
    "GENESIS",
    "PLATFORM",
    "ChainReport",
    "Head",
    "Journal",
    "JournalEntry",
    "Problem",
    "head",
    "seal",
    "unsealed_age",
    "verify_chain",
]
