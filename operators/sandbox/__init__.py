"""Operators to play with: HTTP servers that behave as the real operators do, with knobs for every fault.

`exchange` is the operator's business (organisations, boxes, relations, messages, answers, feed) over an SQLite file,
`diadoc` its face on Diadoc's JSON wire, `saby` its face on Saby's JSON-RPC, `taxcom` its face on Taxcom's
containers. What has to be written and signed by the
operator comes from two ports (`Papers`, `Notary`). Needs FastAPI and uvicorn; the adapters do not.
"""

from operators.sandbox.diadoc.app import create_app
from operators.sandbox.faults import Fault, FaultRule, Faults, Roaming
from operators.sandbox.ports import (
    ConfirmationFacts,
    Notary,
    PaperFile,
    Papers,
    SandboxOperator,
    SandboxOrganization,
)
from operators.sandbox.saby.app import create_saby_app
from operators.sandbox.server import run
from operators.sandbox.taxcom.app import create_taxcom_app

__all__ = [
    "ConfirmationFacts",
    "Fault",
    "FaultRule",
    "Faults",
    "Notary",
    "PaperFile",
    "Papers",
    "Roaming",
    "SandboxOperator",
    "SandboxOrganization",
    "create_app",
    "create_saby_app",
    "create_taxcom_app",
    "run",
]
