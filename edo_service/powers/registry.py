"""Port: the register of powers of attorney (m4d.nalog.gov.ru and other systems that keep МЧД).

It is asked at each judging, outside of transactions. What it does not answer is `RegistryState.SILENT`, never a pass.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from edo_service.powers.rules import RegistryAnswer, RegistryState


@dataclass(frozen=True, kw_only=True)
class FoundPower:
    """A power as the register gives it out: the file and its detached CMS signature (DER)."""

    file_name: str
    content: bytes = field(repr=False)
    signature: bytes = field(repr=False)


class PowerRegistry(Protocol):
    """Implementations: `adapters.power_registry.FolderRegistry`, and `NoRegistry` below."""

    def status(self, number: str) -> RegistryAnswer:
        """Whether the power of this GUID is in force. Never raises: a register that is away is SILENT."""
        ...

    def find(self, number: str, principal_inn: str) -> FoundPower | None:
        """The power by its requisites, None when the register has none such. Unavailable when it is away."""
        ...


class NoRegistry:
    """No register is connected: nothing about revocation can be found out."""

    def status(self, number: str) -> RegistryAnswer:
        """Say so."""
        del number
        return RegistryAnswer(state=RegistryState.SILENT, reason="реестр доверенностей не подключён")

    def find(self, number: str, principal_inn: str) -> FoundPower | None:
        """Nothing is found."""
        del number, principal_inn
        return None
