"""Why the operator refuses a request; the wire turns each into its own status.

Refusal
 ├─ BadRequest    malformed or not supported by the sandbox
 ├─ NoAccess      a box that the account does not have
 ├─ Absent        no such box, message, entity, task
 ├─ NotYet        being worked on: ask again with the same operation
 └─ WrongState    the business order forbids it
     └─ NoRoaming the way to the other side's operator is not set up
"""


class Refusal(Exception):
    """Root; the text is Russian and goes to the client as it is."""


class BadRequest(Refusal):
    """The request is malformed or asks for what the sandbox does not do."""


class NoAccess(Refusal):
    """The account has no access to the box."""


class Absent(Refusal):
    """There is nothing of that name."""


class NotYet(Refusal):
    """Accepted or uploaded, and not ready yet."""


class WrongState(Refusal):
    """The state of the document or of the relation forbids it."""


class NoRoaming(WrongState):
    """There is no way to the other side's operator."""
