"""The journal's page says in Russian what the service calls by names of its own."""

from edo_service.accounts.pages.journal import FACTS, VALUES
from edo_service.accounts.rules import Role
from edo_service.keys.rules import Purpose


def test_every_role_and_purpose_has_a_word() -> None:
    assert set(VALUES["role"]) == set(Role)
    assert set(VALUES["purpose"]) == set(Purpose)


def test_only_facts_that_are_shown_have_words() -> None:
    assert set(VALUES) <= set(FACTS)
