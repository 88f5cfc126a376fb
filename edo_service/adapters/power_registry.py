"""The register of powers of attorney in a folder: what an integration puts there, and the demonstration's own.

`<GUID>.json` holds `{"state": "active" | "revoked", "revoked_at": "2026-11-20T10:00:00+03:00"}`; `<GUID>.xml` and
`<GUID>.sig` beside it hold the power for look-up by requisites, `name` in the JSON its file's name. A folder that cannot
be read is a register that is away.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from edo_service.errors import Unavailable
from edo_service.powers.registry import FoundPower
from edo_service.powers.rules import RegistryAnswer, RegistryState


@dataclass(frozen=True, kw_only=True)
class FolderRegistry:
    """`powers.registry.PowerRegistry` over files."""

    folder: Path

    def status(self, number: str) -> RegistryAnswer:
        """Read the power's JSON; a damaged one is silence with its reason."""
        try:
            facts = self._facts(number)
        except (OSError, ValueError) as error:
            return RegistryAnswer(state=RegistryState.SILENT, reason=f"{type(error).__name__}: {error}")
        if facts is None:
            return RegistryAnswer(state=RegistryState.ABSENT)
        try:
            state = RegistryState(facts["state"])
            moment = facts.get("revoked_at")
            revoked_at = datetime.fromisoformat(moment) if moment else None
        except (KeyError, TypeError, ValueError) as error:
            return RegistryAnswer(state=RegistryState.SILENT, reason=f"запись повреждена: {error}")
        if state not in {RegistryState.ACTIVE, RegistryState.REVOKED} or (revoked_at and revoked_at.tzinfo is None):
            return RegistryAnswer(state=RegistryState.SILENT, reason="запись повреждена")
        return RegistryAnswer(state=state, revoked_at=revoked_at)

    def find(self, number: str, principal_inn: str) -> FoundPower | None:
        """The power's file and signature, when the JSON names this principal. Unavailable."""
        try:
            facts = self._facts(number)
            if facts is None or facts.get("principal_inn") != principal_inn:
                return None
            place = self.folder / str(UUID(number))
            return FoundPower(
                file_name=Path(str(facts["name"])).name,
                content=place.with_suffix(".xml").read_bytes(),
                signature=place.with_suffix(".sig").read_bytes(),
            )
        except (OSError, KeyError, ValueError) as error:
            raise Unavailable("power.registry_silent", reason=str(error)) from error

    def _facts(self, number: str) -> dict[str, Any] | None:
        """The record of a number, None when there is none; OSError when the folder is away."""
        if not self.folder.is_dir():
            raise FileNotFoundError(str(self.folder))
        try:
            guid = UUID(number)
        except ValueError:
            return None
        path = self.folder / f"{guid}.json"
        if not path.exists():
            return None
        found = json.loads(path.read_text("utf-8"))
        if isinstance(found, dict):
            return found
        raise ValueError("not an object")
