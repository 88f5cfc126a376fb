"""Why the operator refuses a request; the wire turns each into its own status.

Refusal
 ├─ BadRequest    malformed or not supported by the sandbox
 ├─ NoAccess      a box that the account does not have
 ├─ Absent        no such box, message, entity, task
 └─ WrongState    the business order forbids it
"""


class Refusal(Exception):
    """Root; the text is Russian and goes to the client as it is."""


class BadRequest(Refusal):
    """The request is malformed or asks for what the sandbox does not do."""


class NoAccess(Refusal):
    """The account has no access to the box."""


class Absent(Refusal):
    """There is nothing of that name."""


class WrongState(Refusal):
    """The state of the document or of the relation forbids it."""
