"""A kept power as JSON of its row, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from edo_service.powers.rules import CodedPower, Passing, Power, PowerFile, Who


def dump(power: Power, file: PowerFile) -> dict[str, Any]:
    """The power and what was found about its file."""
    return {
        "power": {
            "number": power.number,
            "own_number": power.own_number,
            "issued": power.issued.isoformat(),
            "expires": power.expires.isoformat(),
            "principals": _dump_people(power.principals),
            "agents": _dump_people(power.agents),
            "coded": [
                {"code": one.code, "name": one.name, "limits": [list(limit) for limit in one.limits]}
                for one in power.coded
            ],
            "text": power.text,
            "passing": power.passing.value,
            "previous": power.previous,
            "passers": _dump_people(power.passers),
            "check_at": power.check_at,
            "notarised": power.notarised,
        },
        "file": {
            "name": file.name,
            "file_id": file.file_id,
            "violations": list(file.violations),
            "signature": file.signature,
            "signer": None if file.signer is None else _dump_people([file.signer])[0],
        },
    }


def load(facts: Mapping[str, Any]) -> tuple[Power, PowerFile]:
    """The reverse of `dump`."""
    power, file = facts["power"], facts["file"]
    return (
        Power(
            number=power["number"],
            own_number=power["own_number"],
            issued=date.fromisoformat(power["issued"]),
            expires=date.fromisoformat(power["expires"]),
            principals=_load_people(power["principals"]),
            agents=_load_people(power["agents"]),
            coded=tuple(
                CodedPower(
                    code=one["code"], name=one["name"], limits=tuple((code, value) for code, value in one["limits"])
                )
                for one in power["coded"]
            ),
            text=power["text"],
            passing=Passing(power["passing"]),
            previous=power["previous"],
            passers=_load_people(power["passers"]),
            check_at=power["check_at"],
            notarised=power["notarised"],
        ),
        PowerFile(
            name=file["name"],
            file_id=file["file_id"],
            violations=tuple(file["violations"]),
            signature=file["signature"],
            signer=_load_people([file["signer"]])[0] if file["signer"] else None,
        ),
    )


def _dump_people(people: Sequence[Who]) -> list[dict[str, str | None]]:
    return [
        {"name": one.name, "inn": one.inn, "snils": one.snils, "organization_inn": one.organization_inn}
        for one in people
    ]


def _load_people(people: Sequence[Mapping[str, str | None]]) -> tuple[Who, ...]:
    return tuple(
        Who(name=one["name"] or "", inn=one["inn"], snils=one["snils"], organization_inn=one["organization_inn"])
        for one in people
    )
