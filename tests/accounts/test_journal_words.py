"""The journal's page says in Russian what the service calls by names of its own."""

from edo_service.accounts.pages.journal_words import EVENTS, FACTS, VALUES
from edo_service.accounts.rules import Role
from edo_service.documents.pages.words import ROLES
from edo_service.exchange.rules import Act
from edo_service.keys.rules import Purpose


def test_every_role_and_purpose_has_a_word() -> None:
    assert set(VALUES["role"]) == set(Role) | set(ROLES)
    assert {name: VALUES["role"][name] for name in ROLES} == {
        name: f"{one[0].lower()}{one[1:]}" for name, one in ROLES.items()
    }
    assert set(VALUES["purpose"]) == set(Purpose)


def test_every_act_at_an_operator_has_words() -> None:
    assert {f"exchange.{act.value}" for act in Act} <= set(EVENTS)


def test_only_facts_that_are_shown_have_words() -> None:
    assert set(VALUES) <= set(FACTS)
