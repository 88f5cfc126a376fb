"""Saby for the contract suite."""

from typing import Any

from operators.saby import SabyCredentials, SabyOperator
from operators.sandbox import SandboxOrganization, create_saby_app
from tests.operators.kinds import Kind
from tests.operators.parts import Sandbox


def connect(sandbox: Sandbox, password: str = "demo", **options: Any) -> SabyOperator:
    return SabyOperator(sandbox.url, SabyCredentials(login="demo", password=password), clock=sandbox.clock, **options)


def box(each: SandboxOrganization) -> str:
    return f"{each.inn}-{each.kpp}@{each.participant_id}"


def secrets(operator: SabyOperator) -> tuple[str, object]:
    client = operator._client
    assert client.session
    return client.session, vars(client)["_credentials"]


KIND = Kind(
    name="saby",
    code="2BE",
    claims=SabyOperator.capabilities,
    face=create_saby_app,
    connect=connect,
    box=box,
    foreign_box="7736050003-770001001@2BE-nobody",
    write="ВыполнитьДействие",
    feed="СписокИзменений",
    invite="",
    secrets=secrets,
)
