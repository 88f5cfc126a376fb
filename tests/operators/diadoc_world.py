"""Diadoc for the contract suite."""

from typing import Any

from operators.diadoc import DiadocCredentials, DiadocOperator
from operators.sandbox import SandboxOrganization, create_app
from tests.operators.kinds import Kind
from tests.operators.parts import Sandbox


def connect(sandbox: Sandbox, password: str = "demo", **options: Any) -> DiadocOperator:
    credentials = DiadocCredentials(client_id="client-secret", login="demo", password=password)
    return DiadocOperator(sandbox.url, credentials, clock=sandbox.clock, **options)


def box(each: SandboxOrganization) -> str:
    return each.box_id.replace("-", "").removesuffix("@diadoc.ru") + "@diadoc.ru"


def secrets(operator: DiadocOperator) -> tuple[str, object]:
    client = operator._client
    assert client.token
    return client.token, vars(client._authority)["_credentials"]


KIND = Kind(
    name="diadoc",
    code="2BM",
    claims=DiadocOperator.capabilities,
    face=create_app,
    connect=connect,
    box=box,
    foreign_box="4" * 32 + "@diadoc.ru",
    write="postmessage",
    feed="getnewevents",
    invite="v3/acquirecounteragent",
    secrets=secrets,
)
