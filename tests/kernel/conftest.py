"""Sample tables on the test's database, with row-level security where there is any."""

import pytest
from sqlalchemy import inspect

from edo_service.kernel.database import Database
from edo_service.kernel.scope import SystemScope
from edo_service.kernel.tables import Owned
from edo_service.migrations.operations import POLICY
from tests.kernel.samples import SampleBase


@pytest.fixture
def samples(database: Database) -> Database:
    """The test's database with the sample tables."""
    fresh = not inspect(database.engine).has_table("sample_paper")
    SampleBase.metadata.create_all(database.engine)
    if fresh and not database.is_sqlite:
        with database.transaction(SystemScope("migrate")) as connection:
            for mapper in SampleBase.registry.mappers:
                if issubclass(mapper.class_, Owned):
                    name = mapper.class_.__tablename__
                    connection.exec_driver_sql(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
                    connection.exec_driver_sql(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
                    connection.exec_driver_sql(POLICY.format(table=name))
    return database
