"""Pages of accounts: entering, what is one's own, the organisation, the journal, jobs that gave up."""

from collections.abc import Callable
from uuid import UUID

from fastapi import APIRouter

from edo_service.accounts.pages.entering import EnteringPages
from edo_service.accounts.pages.jobs import JobPages
from edo_service.accounts.pages.journal import JournalPages
from edo_service.accounts.pages.organization import OrganizationPages
from edo_service.accounts.pages.own import OwnPages
from edo_service.accounts.pages.subjects import add_names
from edo_service.accounts.use_cases.second_step import SecondStep
from edo_service.kernel.journal import ChainReport
from edo_service.portal import Portal


def router(portal: Portal, *, check_journal: Callable[[UUID], ChainReport], step: SecondStep) -> APIRouter:
    """Every page of the area; also fills the area's places in the menu.

    `check_journal` is the whole check of a chain, `step` what a second step of log-in needs.
    """
    add_names(portal)
    found = APIRouter(include_in_schema=False)
    for pages in (
        EnteringPages(portal, step),
        OwnPages(portal),
        OrganizationPages(portal),
        JournalPages(portal, check_journal),
        JobPages(portal),
    ):
        found.include_router(pages.router())
    return found
