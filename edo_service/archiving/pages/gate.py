"""Control at the documents' own pages: what lies in the archive is looked at with a purpose there too, and journalled.

A set's files lie in the working store as well, behind the pages and the API of documents. For those who send and sign
these are their daily papers. For all who only read them (control, managers, administrators) they are the archive by
another door: so it is asked and noted here too.
"""

import re
from dataclasses import dataclass

from starlette.requests import Request

from edo_service.archiving import queries
from edo_service.archiving.pages.visits import Visits, needs_purpose
from edo_service.archiving.use_cases.take_out import note_access, note_look
from edo_service.errors import NotFound
from edo_service.kernel.actor import Right
from edo_service.portal.forms import identifier

ON_THE_WAY = {"assembled", "failed"}
"""States of a set that does not lie in the archive yet."""
LOOKS = re.compile(r"(/(page/\d+|text))?")
TAKES = re.compile(r"/(files/[^/]+|signatures/[^/]+|download|print\.pdf|protocol\.pdf)")
"""What follows the document's own address: pages that show it are one look for a while, files are noted each time.

The other addresses are steps of work that control has no right to.
"""


@dataclass(frozen=True)
class ContentGate:
    """A dependency of the documents' routes. Raises PurposeNeeded, NotLoggedIn, NotFound."""

    visits: Visits

    def __call__(self, request: Request) -> None:
        """Note the access before the page is made."""
        found = request.path_params
        if request.method != "GET" or "document" not in found:
            return
        rest = request.url.path.partition(str(found["document"]))[2]
        if LOOKS.fullmatch(rest):
            act, note = "document", note_look
        elif TAKES.fullmatch(rest):
            act, note = "file", note_access
        else:
            return
        viewer = self.visits.portal.viewer(request, str(found["org"]))
        if not viewer.may(Right.READ) or not needs_purpose(viewer):
            return
        try:
            document = identifier(str(found["document"]))
        except NotFound:
            return  # the page says so itself
        line = queries.package_of_document(document, uow=viewer.uow().reading())
        if line is None or line.state in ON_THE_WAY:
            return
        purpose = self.visits.purpose(request, viewer)
        note(line.id, act, purpose=purpose, actor=viewer.actor, uow=viewer.uow())
