"""What an act of disposal has taken leaves the backups with the oldest of them, and nobody calls it lost."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from edo_service.accounts.rules import RIGHTS, Role
from edo_service.archiving.tables import Package
from edo_service.archiving.use_cases.disposal import approve_disposal, propose_disposal
from edo_service.backup import check_backup, make_backup
from edo_service.backup.values import Vault
from edo_service.demo.companies import LESSOR
from edo_service.documents import queries as documents
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.kernel.jobs import Runner
from edo_service.kernel.scope import Scope
from tests.backup.test_backup import archive_one
from tests.fixtures.road import COMPLIANCE, House


def dispose_of_everything(house: House) -> UUID:
    """Years later two people let every ripe set go, and the jobs carry it out. Returns the document of one."""
    house.clock.move(timedelta(days=8 * 366))
    owner = house.entity(LESSOR)
    control = Actor(
        user_id=new_id(), name="Ким", entity_id=owner, scope=Scope.of(owner), rights=RIGHTS[Role.COMPLIANCE]
    )
    act = propose_disposal(reason="Плановое", actor=control, uow=house.uow(control))
    for name in ("Ким", "Лосев"):
        approve_disposal(act, actor=replace(control, user_id=new_id(), name=name), uow=house.uow(control))
    services = house.services
    Runner(services.database, house.clock, services.desk_handlers.table(), worker="test").drain(20)
    with house.uow(control).reading() as uow:
        package = uow.session.scalars(select(Package).where(Package.state == "disposed")).one()
    assert package.cleared_at is not None
    return package.document_id


@pytest.mark.soak
def test_what_was_disposed_of_leaves_the_backups_and_is_not_called_lost(house: House, tmp_path: Path) -> None:
    vault, services, owner = tmp_path / "backup", house.services, house.entity(LESSOR)
    archive_one(house)
    before = {sha256 for one, sha256 in services.objects.entries() if one == owner}
    make_backup(services, vault, keep=1)
    document = dispose_of_everything(house)
    after = {sha256 for one, sha256 in services.objects.entries() if one == owner}
    went = before - after
    assert len(went) > 10
    assert list(documents.card(document, uow=house.uow(house.actor(COMPLIANCE))).parts) == []
    assert services.scrub().findings == ()
    other = {sha256 for one, sha256 in services.objects.entries() if one != owner}
    assert all(Vault(root=vault).content(one).exists() for one in went), "the backup before the act holds it"
    made = make_backup(services, vault, keep=1)
    assert made.damaged == ()
    assert check_backup(vault) == ()
    assert not [one for one in went - other if Vault(root=vault).content(one).exists()]
