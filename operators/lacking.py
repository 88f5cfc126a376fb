"""What an adapter inherits when its operator has no calls for relations: every one of them is Unsupported."""

from datetime import datetime
from typing import NoReturn

from operators.errors import Unsupported
from operators.port import Invitation, Page, Participant, Relation, RelationEvent, SignedFile


class LacksRelations:
    """Answers the port's calls about relations with Unsupported; an adapter overrides those that it has."""

    code: str

    def relation(self, box: str, other: Participant) -> Relation | None:  # noqa: ARG002 - the port's
        """See the port."""
        self._lack("relation")

    def relation_events(
        self,
        box: str,  # noqa: ARG002 - the port's
        cursor: str | None,  # noqa: ARG002 - the port's
        *,
        limit: int = 100,  # noqa: ARG002 - the port's
        since: datetime | None = None,  # noqa: ARG002 - the port's
    ) -> Page[RelationEvent]:
        """See the port."""
        self._lack("relation events")

    def invite(
        self,
        box: str,  # noqa: ARG002 - the port's
        to: Participant | str,  # noqa: ARG002 - the port's
        *,
        text: str | None = None,  # noqa: ARG002 - the port's
        document: SignedFile | None = None,  # noqa: ARG002 - the port's
        key: str,  # noqa: ARG002 - the port's
    ) -> Invitation:
        """See the port."""
        self._lack("invitations")

    def invitation_result(self, box: str, task: str) -> Invitation:  # noqa: ARG002 - the port's
        """See the port."""
        self._lack("invitations")

    def accept(self, box: str, relation: Relation, *, text: str | None = None, key: str) -> Invitation:  # noqa: ARG002 - the port's
        """See the port."""
        self._lack("acceptance")

    def reject(self, box: str, relation: Relation, *, text: str | None = None, key: str) -> None:  # noqa: ARG002 - the port's
        """See the port."""
        self._lack("rejection")

    def withdraw(self, box: str, relation: Relation, *, text: str | None = None, key: str) -> None:  # noqa: ARG002 - the port's
        """See the port."""
        self._lack("withdrawal")

    def break_relation(self, box: str, relation: Relation, *, text: str | None = None, key: str) -> None:  # noqa: ARG002 - the port's
        """See the port."""
        self._lack("a break")

    def _lack(self, what: str) -> NoReturn:
        raise Unsupported(f"the operator has no call for {what}", operator=self.code)
