"""The renewer of signatures: the patience of its sources, and which time-stamps count."""

import signing
from edo_service.archiving.renewer import Both


class Counting(signing.OfflineEvidence):
    """Evidence that counts verifications."""

    begun = 0

    def begin(self) -> None:
        self.begun += 1


def test_a_verification_begins_in_both_sources() -> None:
    first, second = Counting(), Counting()
    Both(first, Both(signing.OfflineEvidence(), second)).begin()
    assert (first.begun, second.begun) == (1, 1)
