"""What the pages of all areas share: who looks, the frame around a page, downloads, pictures of PDFs, forms, the API's door.

It stands below the areas and knows none of them: `main` gives it the way to turn a session's token into a `Visitor`.
"""

from edo_service.portal.desk import Portal
from edo_service.portal.visitor import Company, Viewer, Visitor

__all__ = ["Company", "Portal", "Viewer", "Visitor"]
