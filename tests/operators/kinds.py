"""What the contract suite has to know of an operator: its sandbox, its adapter, the names of its calls."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2
from fastapi import FastAPI

from operators.port import Capability
from operators.sandbox import SandboxOrganization

QUICK = httpx2.Timeout(20.0, read=1.0)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """An operator under the contract; a module `<name>_world.py` beside this one gives it as `KIND`.

    `claims`: what its adapter can do. `connect(sandbox, password, **options)` makes an adapter. `box`: an organisation's
    box as the adapter names it, `foreign_box` one that the account does not have. `write`, `feed`, `invite`: parts of
    the names of those calls in rules of faults ("" where there is no such call). `secrets`: the log-in's token and what
    holds the credentials of an adapter that has logged in.
    """

    name: str
    code: str
    claims: frozenset[Capability]
    face: Callable[..., FastAPI]
    connect: Callable[..., Any]
    box: Callable[[SandboxOrganization], str]
    foreign_box: str
    write: str
    feed: str
    invite: str
    secrets: Callable[[Any], tuple[str, object]]
