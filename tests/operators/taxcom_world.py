"""Taxcom for tests: cabinets of the story's companies, an adapter logged in to all of them."""

from typing import Any

from operators.sandbox import SandboxOrganization, create_taxcom_app
from operators.taxcom import TaxcomCabinet, TaxcomCredentials, TaxcomOperator
from tests.operators.kinds import Kind
from tests.operators.parts import COMPANIES, Sandbox


def cabinet(each: SandboxOrganization, password: str = "demo") -> TaxcomCabinet:
    """The cabinet of a company."""
    return TaxcomCabinet(
        participant_id=each.participant_id,
        inn=each.inn,
        kpp=each.kpp,
        name=each.name,
        login=each.participant_id,
        password=password,
    )


def connect_taxcom(sandbox: Sandbox, password: str = "demo", **options: Any) -> TaxcomOperator:
    """An adapter with the cabinets of all companies."""
    cabinets = tuple(cabinet(each, password) for each in COMPANIES)
    credentials = TaxcomCredentials(integrator_id="COMPANY_client-secret", cabinets=cabinets)
    return TaxcomOperator(sandbox.url, credentials, clock=sandbox.clock, **options)


def secrets(operator: TaxcomOperator) -> tuple[str, object]:
    """The log-in's key and what holds the credentials."""
    client: Any = vars(operator)["_client"]
    assert client.session
    return client.session, vars(client)["_credentials"]


KIND = Kind(
    name="taxcom",
    code="2AL",
    claims=TaxcomOperator.capabilities,
    face=create_taxcom_app,
    connect=connect_taxcom,
    box=lambda each: each.participant_id,
    foreign_box="2AL-nobody",
    write="SendMessage",
    feed="GetMessageList",
    invite="SendContacts",
    secrets=secrets,
)
