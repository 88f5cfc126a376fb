"""Screens of the exchange: connections and their set-up, counterparties and invitations, the queue."""

from dataclasses import dataclass

from fastapi import APIRouter

from edo_service.exchange.pages.annulment import AnnulmentPages
from edo_service.exchange.pages.cards import CardPages
from edo_service.exchange.pages.correction import CorrectionPages
from edo_service.exchange.pages.finding import FindPages
from edo_service.exchange.pages.held import HeldPages
from edo_service.exchange.pages.imports import ImportPages
from edo_service.exchange.pages.lists import CounterpartyPages
from edo_service.exchange.pages.overview import OverviewPages
from edo_service.exchange.pages.ports import ExchangePorts
from edo_service.exchange.pages.queue import QueuePages
from edo_service.exchange.pages.receipts import ReceiptsPages
from edo_service.exchange.pages.set_up import SetUpPages
from edo_service.exchange.pages.subjects import add_names
from edo_service.portal import Portal

__all__ = ["ExchangePages", "ExchangePorts"]


@dataclass(frozen=True)
class ExchangePages:
    """Everything under `/o/{org}/exchange`."""

    portal: Portal
    ports: ExchangePorts

    def router(self) -> APIRouter:
        """The routes; adds the sections to the menu."""
        add_names(self.portal)
        found = APIRouter(include_in_schema=False)
        rooms = (
            OverviewPages,
            ReceiptsPages,
            SetUpPages,
            CounterpartyPages,
            FindPages,
            ImportPages,
            CardPages,
            QueuePages,
            AnnulmentPages,
            CorrectionPages,
            HeldPages,
        )
        for room in rooms:
            found.include_router(room(self.portal, self.ports).router())
        return found
