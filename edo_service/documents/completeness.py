"""What the set of a document lacks before it may go to the archive, by its lives and files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edo_service.documents.rules import (
    ANSWERED_IN,
    ANSWERED_OUT,
    DECISION,
    FORMAL,
    IN_DOUBT,
    Direction,
    Kind,
    Origin,
    Role,
    Route,
)

_MESSAGES = frozenset({Role.UNIVERSAL_RECEIPT, Role.REJECTION, Role.CORRECTION_REQUEST})
"""What may come as a universal message: such a file is unsigned and its confirmation is not owed."""


@dataclass(frozen=True, kw_only=True)
class PartSummary:
    """A stored file as the completeness rule sees it: `parent` is the role of the file it speaks about."""

    role: Role
    origin: Origin
    parent: Role | None
    signed: bool


def awaits_decision(direction: Direction, lives: Mapping[str, str]) -> bool:
    """Whether a document in doubt waits for a person: nobody answers it, so nobody refuses it, and nothing has replaced it."""
    in_doubt = direction is Direction.IN and lives["delivery"] == IN_DOUBT
    return in_doubt and lives["response"] == "not_needed" and lives["correction"] != "corrected"


def missing_for_archive(
    *, direction: Direction, kind: Kind, route: Route, lives: Mapping[str, str], parts: Iterable[PartSummary]
) -> tuple[str, ...]:
    """What the set still lacks before it is complete, in the glossary's words; empty when it may be archived.

    The list follows the order of service messages of 14н: each side keeps the operator's confirmation of what it
    sent (ПДП) and of what was forwarded to it (ПДО).
    """
    found = list(parts)
    present = {(part.role, part.parent) for part in found if part.signed}
    roles = {role for role, _ in present}
    missing: list[str] = []
    title = Role.CONTRACT if kind is Kind.CONTRACT else Role.SELLER_TITLE
    if title not in roles:
        missing.append(title.value)
    missing.extend(unfinished_lives(direction, lives))
    if route is Route.OPERATOR and kind in FORMAL:
        by_message = frozenset(part.role for part in found) - roles
        missing.extend(_missing_confirmations(direction, lives, present, by_message=by_message))
    return tuple(missing)


def unfinished_lives(direction: Direction, lives: Mapping[str, str]) -> tuple[str, ...]:
    """What of `missing_for_archive` the lives alone tell, whatever files there are."""
    missing: list[str] = []
    if direction is Direction.OUT and lives["delivery"] != "delivered":
        missing.append("delivery")
    if awaits_decision(direction, lives):
        missing.append(DECISION)
    answered = ANSWERED_OUT if direction is Direction.OUT else ANSWERED_IN
    if _is_answer_due(lives) and lives["response"] not in answered:
        missing.append("response")
    if lives["correction"] in {"prepared", "asking"}:
        missing.append(Role.CORRECTION_REQUEST.value)
    if lives["receipt"] != "not_needed" and lives["receipt"] not in {"received", "confirmed", "told"}:
        missing.append(Role.RECEIPT_NOTICE.value)
    return tuple(missing)


def _is_answer_due(lives: Mapping[str, str]) -> bool:
    """Whether an answer belongs to the set: a document that a correction has replaced is left without one."""
    if lives["correction"] == "corrected":
        return lives["response"] in {*ANSWERED_IN, *ANSWERED_OUT, "signing", "refusing"}
    return lives["response"] != "not_needed"


def _missing_confirmations(
    direction: Direction,
    lives: Mapping[str, str],
    present: set[tuple[Role, Role | None]],
    *,
    by_message: frozenset[Role],
) -> list[str]:
    """`by_message`: files that nobody has signed, the universal messages among them.

    A message that the operator confirms all the same is matched, not awaited.
    """
    of_title = Role.ACCEPTANCE_CONFIRMATION if direction is Direction.OUT else Role.DISPATCH_CONFIRMATION
    of_answer = Role.DISPATCH_CONFIRMATION if direction is Direction.OUT else Role.ACCEPTANCE_CONFIRMATION
    wanted = [(of_title, Role.SELLER_TITLE)]
    by_notice = Role.RECEIPT_NOTICE in {role for role, _ in present} or not by_message & _MESSAGES
    if lives["receipt"] != "not_needed" and by_notice:
        wanted.append((of_answer, Role.RECEIPT_NOTICE))
    if lives["correction"] != "none" and Role.CORRECTION_REQUEST in {role for role, _ in present}:
        wanted.append((of_answer, Role.CORRECTION_REQUEST))
    if _is_answer_due(lives):
        refused = lives["response"] in {"refused", "refused_confirmed", "counter_refused"}
        answer = Role.REJECTION if refused else Role.BUYER_TITLE
        if not (refused and answer in by_message):
            wanted.append((of_answer, answer))
    return [f"{role.value}:{parent.value}" for role, parent in wanted if (role, parent) not in present]
