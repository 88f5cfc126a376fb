"""`/api/v1/o/{org}/documents`: everything that the pages can do with documents, as JSON and files."""

from fastapi import APIRouter

from edo_service.documents.api.acts import ActsApi
from edo_service.documents.api.reads import ReadsApi
from edo_service.documents.api.shapes import ApiPorts
from edo_service.portal.api import Door

__all__ = ["ApiPorts", "router"]


def router(door: Door, ports: ApiPorts) -> APIRouter:
    """All routes of the area."""
    found = APIRouter(tags=["documents"])
    found.include_router(ReadsApi(door, ports).router())
    found.include_router(ActsApi(door, ports).router())
    return found
