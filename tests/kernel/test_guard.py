"""No row of another entity can be seen, changed or made; a statement without a scope fails."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import aliased, joinedload, selectinload

from edo_service.kernel.clock import MovableClock
from edo_service.kernel.database import Database
from edo_service.kernel.guard import OPTION, Guard, ReadOnlyUnit, read
from edo_service.kernel.ids import new_id
from edo_service.kernel.scope import SYSTEM_SCOPES, ForeignOwner, Scope, SystemScope, UnscopedQuery
from edo_service.kernel.tables import owned_tables, table_of
from tests.fixtures.databases import MakeUnit
from tests.kernel.samples import Leaf, Note, Paper

ROOT = Path(__file__).resolve().parents[2]
OWNED = frozenset({"paper", "leaf"})
EVERYTHING = SystemScope("health")


@pytest.fixture
def filled(samples: Database, unit: MakeUnit, us: UUID, them: UUID) -> Database:
    """One paper with one leaf of ours, two of theirs."""
    with unit(scope=EVERYTHING) as uow:
        for owner, title in ((us, "ours"), (them, "theirs"), (them, "theirs too")):
            paper = Paper(owner_id=owner, title=title)
            uow.session.add(paper)
            uow.session.flush()
            uow.session.add(Leaf(owner_id=owner, paper_id=paper.id, text=title))
        uow.commit()
    return samples


def test_a_select_sees_the_scope_only(filled: Database, unit: MakeUnit, us: UUID, them: UUID) -> None:
    with unit(us) as uow:
        assert [paper.title for paper in uow.session.scalars(select(Paper))] == ["ours"]
        assert uow.session.scalar(select(func.count()).select_from(Paper)) == 1
        assert uow.session.scalar(select(func.count(Paper.id))) == 1
        assert uow.session.scalars(select(Paper.title)).all() == ["ours"]
        assert uow.session.scalar(select(select(Paper.id).exists())) is True
    with unit(us, them) as uow:
        assert uow.session.scalar(select(func.count()).select_from(Paper)) == 3
    with unit(scope=Scope(frozenset())) as uow:
        assert uow.session.scalars(select(Paper)).all() == []


def test_joins_aliases_subqueries_and_loads_are_scoped(filled: Database, unit: MakeUnit, us: UUID) -> None:
    other = aliased(Paper)
    with unit(us) as uow:
        session = uow.session
        assert len(session.execute(select(Paper, Leaf).join(Leaf, Leaf.paper_id == Paper.id)).all()) == 1
        assert (
            len(session.execute(select(Paper, other).join(other, Paper.title != other.title, isouter=True)).all()) == 1
        )
        inner = select(Leaf.paper_id).where(Leaf.text != "").scalar_subquery()
        assert len(session.scalars(select(Paper).where(Paper.id.in_(inner))).all()) == 1
        derived = select(Paper.title).subquery()
        assert session.scalars(select(derived.c.title)).all() == ["ours"]
        assert [one.leaves[0].text for one in session.scalars(select(Paper).options(selectinload(Paper.leaves)))] == [
            "ours"
        ]
    with unit(us) as uow:
        paper = uow.session.scalars(select(Paper).options(joinedload(Paper.leaves))).unique().one()
        assert paper.leaves[0].text == "ours"
    with unit(us) as uow:
        assert uow.session.scalars(select(Paper)).one().leaves[0].text == "ours", "lazily"
        leaf = uow.session.scalars(select(Leaf)).one()
        uow.session.expire_all()
        assert leaf.paper.title == "ours"


def test_a_foreign_id_is_as_an_absent_one(filled: Database, unit: MakeUnit, us: UUID, them: UUID) -> None:
    with unit(them) as uow:
        foreign = uow.session.scalars(select(Paper)).first()
    assert foreign is not None
    with unit(us) as uow:
        assert uow.session.get(Paper, foreign.id) is None
        assert uow.session.scalars(select(Paper).where(Paper.id == foreign.id)).one_or_none() is None
        assert uow.session.scalars(select(Paper).where(Paper.owner_id == them)).all() == []


def test_orm_updates_and_deletes_are_scoped(filled: Database, unit: MakeUnit, us: UUID) -> None:
    with unit(us) as uow:
        changed = uow.session.execute(update(Paper).values(title="changed"))
        gone = uow.session.execute(delete(Leaf))
        assert (changed.rowcount, gone.rowcount) == (1, 1)
        uow.commit()
    with unit(scope=EVERYTHING) as uow:
        titles = uow.session.scalars(select(Paper.title).order_by(Paper.title)).all()
        assert titles == ["changed", "theirs", "theirs too"]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM sample_paper",
        "SELECT count(*) FROM sample_note n, sample_paper p WHERE p.id = n.id",
        "SELECT * FROM \"sample_paper\" WHERE title = 'owner_id = 1'",
        "SELECT * FROM sample_paper /* owner_id = 1 */ -- where owner_id = 1",
        "SELECT * FROM sample_paper p JOIN sample_leaf l ON l.paper_id = p.id WHERE p.owner_id = :owner",
        "UPDATE sample_paper SET title = 'x' WHERE id IS NOT NULL",
        "DELETE FROM sample_paper",
        "WITH p AS (SELECT id FROM sample_paper) SELECT * FROM p",
        "INSERT INTO sample_note (id, text) SELECT id, title FROM sample_paper",
        "INSERT INTO sample_paper (id, title) VALUES ('1', 'x')",
    ],
)
def test_text_without_a_condition_on_the_owner_is_refused(
    filled: Database, unit: MakeUnit, us: UUID, statement: str
) -> None:
    with unit(us) as uow, pytest.raises(UnscopedQuery):
        uow.session.execute(text(statement), {"owner": us} if ":owner" in statement else {})


def test_text_with_a_condition_on_the_owner_passes_for_the_scope(
    filled: Database, unit: MakeUnit, us: UUID, them: UUID
) -> None:
    statement = text("SELECT title FROM sample_paper WHERE owner_id = :owner")
    bound = {"owner": us.hex if filled.is_sqlite else us}
    with unit(us) as uow:
        assert uow.session.scalars(statement, bound).all() == ["ours"]
    with unit(us) as uow, pytest.raises(ForeignOwner):
        uow.session.execute(statement, {"owner": them.hex if filled.is_sqlite else them})


def test_core_statements_need_the_condition_too(filled: Database, unit: MakeUnit, us: UUID, them: UUID) -> None:
    paper = table_of(Paper)
    with unit(us) as uow:
        connection = uow.session.connection()
        assert connection.scalars(select(paper.c.title).where(paper.c.owner_id == us)).all() == ["ours"]
        assert connection.scalars(select(paper.c.title).where(paper.c.owner_id.in_([us]))).all() == ["ours"]
        with pytest.raises(UnscopedQuery):
            connection.execute(select(paper))
        with pytest.raises(UnscopedQuery):
            connection.execute(update(paper).values(title="x"))
        with pytest.raises(ForeignOwner):
            connection.execute(select(paper).where(paper.c.owner_id == them))
        with pytest.raises(ForeignOwner):
            connection.execute(select(paper).where(paper.c.owner_id.in_([us, them])))
        with pytest.raises(ForeignOwner):
            connection.execute(insert(paper).values(id=new_id(), owner_id=them, title="x", state="draft", version=1))
        with pytest.raises(UnscopedQuery):
            connection.exec_driver_sql("SELECT * FROM sample_paper WHERE owner_id = '1'")


def test_a_row_of_a_foreign_owner_cannot_be_made(samples: Database, unit: MakeUnit, us: UUID, them: UUID) -> None:
    with unit(us) as uow:
        uow.session.add(Paper(owner_id=them))
        with pytest.raises(ForeignOwner):
            uow.session.flush()
    with unit(us) as uow, pytest.raises(ForeignOwner):
        uow.session.execute(insert(Paper), [{"owner_id": us, "title": "a"}, {"owner_id": them, "title": "b"}])
    with unit(us) as uow, pytest.raises(ForeignOwner):
        uow.session.execute(insert(Paper).values(owner_id=them, title="b"))
    with unit(scope=EVERYTHING) as uow:
        assert uow.session.scalars(select(Paper)).all() == []


def test_a_row_never_changes_its_owner(filled: Database, unit: MakeUnit, us: UUID, them: UUID) -> None:
    with unit(us, them) as uow:
        paper = uow.session.scalars(select(Paper).where(Paper.owner_id == us)).one()
        paper.owner_id = them
        with pytest.raises(ForeignOwner):
            uow.session.flush()


def test_without_a_scope_nothing_owned_can_be_touched(
    filled: Database, clock: MovableClock, unit: MakeUnit, us: UUID
) -> None:
    from edo_service.kernel.uow import UnitOfWork

    with UnitOfWork(filled, clock, None) as uow:
        uow.session.add(Note(text="global rows are free"))
        uow.session.flush()
        with pytest.raises(UnscopedQuery):
            uow.session.scalars(select(Paper)).all()
        uow.session.add(Paper(owner_id=us))
        with pytest.raises(UnscopedQuery):
            uow.session.flush()
    with filled.engine.connect() as connection, pytest.raises(UnscopedQuery):
        connection.execute(text("SELECT * FROM sample_paper WHERE owner_id IN ('1')"))


def test_a_reading_unit_writes_nothing(samples: Database, unit: MakeUnit, us: UUID) -> None:
    with unit(us, read_only=True) as uow:
        uow.session.add(Paper(owner_id=us))
        with pytest.raises(ReadOnlyUnit):
            uow.session.flush()
    with unit(us, read_only=True) as uow, pytest.raises(ReadOnlyUnit):
        uow.session.execute(text("WITH gone AS (SELECT 1) DELETE FROM sample_note"))


def test_a_refused_flush_leaves_no_hole_in_the_wall(filled: Database, unit: MakeUnit, us: UUID, them: UUID) -> None:
    with unit(us) as uow:
        paper = uow.session.scalars(select(Paper)).one()
        paper.title = None
        with pytest.raises(IntegrityError):
            uow.session.flush()
        uow.session.rollback()
        with pytest.raises(UnscopedQuery):
            uow.session.execute(text("UPDATE sample_paper SET title = 'x'"))


@pytest.mark.full
def test_row_level_security_is_the_second_wall(migrated_postgres_url: str, us: UUID, them: UUID) -> None:
    """The first wall is taken away: the same statements on a bare connection."""
    import psycopg

    with psycopg.connect(migrated_postgres_url) as connection:
        connection.execute("SELECT set_config('app.entities', '*', true)")
        for owner in (us, them):
            connection.execute(
                "INSERT INTO inbox_item (id, owner_id, source, external_id, payload, received_at) "
                "VALUES (%s, %s, 's', 'e', '{}', now())",
                (new_id(), owner),
            )
        connection.commit()
        assert connection.execute("SELECT count(*) FROM inbox_item").fetchone() == (0,), "nothing set, nothing seen"
        connection.commit()
        connection.execute("SELECT set_config('app.entities', %s, true)", (str(us),))
        assert connection.execute("SELECT owner_id FROM inbox_item").fetchall() == [(us,)]
        assert connection.execute("UPDATE inbox_item SET source = 'x'").rowcount == 1
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE inbox_item SET owner_id = %s", (them,))


@pytest.mark.full
def test_every_owned_table_is_behind_the_second_wall(migrated_postgres_url: str) -> None:
    import psycopg

    with psycopg.connect(migrated_postgres_url) as connection:
        rows = connection.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid "
            "WHERE c.relrowsecurity AND c.relforcerowsecurity AND p.polname = 'scope'"
        ).fetchall()
        owning = connection.execute(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'owner_id' AND table_name <> 'job' "
            "AND table_schema = 'public'"
        ).fetchall()
        superuser = connection.execute("SELECT usesuper FROM pg_user WHERE usename = current_user").fetchone()
    assert superuser == (False,), "a superuser is subject to no policy"
    assert {row[0] for row in owning} == {row[0] for row in rows}
    assert {row[0] for row in rows} >= {"journal_entry", "inbox_item", "status_change", "idempotent_request"}


@pytest.mark.full
def test_the_second_wall_holds_in_a_unit_of_work(
    request: pytest.FixtureRequest, migrated_postgres_url: str, clock: MovableClock, us: UUID, them: UUID
) -> None:
    """The guard is told the truth, the database another scope: the database decides."""
    base = Database(migrated_postgres_url)
    request.addfinalizer(base.dispose)
    with base.transaction(Scope.of(us)) as connection:
        connection.exec_driver_sql("SELECT set_config('app.entities', %s, true)", (str(them),))
        journal = "INSERT INTO inbox_item (id, owner_id, source, external_id, payload, received_at) VALUES "
        with pytest.raises(DBAPIError, match="row-level security"):
            connection.execute(
                text(journal + "(:id, :owner_id, 's', 'e', '{}', now())"), {"id": new_id(), "owner_id": us}
            )
        connection.rollback()


@pytest.mark.parametrize(
    ("statement", "mentions", "conditions"),
    [
        ("SELECT paper.id FROM paper WHERE paper.owner_id = ?", 1, 1),
        ("SELECT a.id FROM paper AS a, leaf AS b WHERE a.owner_id = ? AND b.owner_id IN (?, ?)", 2, 2),
        ("SELECT 1 FROM public.paper", 1, 0),
        ('SELECT 1 FROM "public"."paper" WHERE owner_id = 1', 1, 1),
        ("UPDATE paper SET owner_id = ? WHERE id = ?", 1, 0),
        ("UPDATE paper SET title = ? WHERE owner_id = ANY (?)", 1, 1),
        ("SELECT (SELECT count(*) FROM leaf WHERE leaf.owner_id = 1) FROM note WHERE owner_id = 2", 1, 2),
        ("SELECT paper FROM note", 0, 0),
        ("SELECT note.paper AS leaf FROM note ORDER BY leaf", 0, 0),
        ("COPY paper TO STDOUT", 1, 0),
        ("TRUNCATE leaf", 1, 0),
        ("PRAGMA table_info(paper)", 0, 0),
        ("INSERT INTO paper (owner_id) VALUES (?)", 1, 0),
        ("SELECT 1 FROM (paper JOIN leaf ON paper.id = leaf.id AND leaf.owner_id = 1)", 2, 1),
        ("SELECT owner_id = 1 FROM paper", 1, 0),
        ("SELECT 1 FROM paper WHERE owner_id IS NOT NULL", 1, 0),
    ],
)
def test_reading_a_statement(statement: str, mentions: int, conditions: int) -> None:
    reading = read(statement, OWNED)

    assert (len(reading.mentions), reading.conditions) == (mentions, conditions)


def test_system_scopes_are_a_closed_list() -> None:
    """Adding a name is a decision: it is made here too."""
    assert sorted(SYSTEM_SCOPES) == [
        "accounts.log_in",
        "accounts.set_up",
        "archiving.command_line",
        "archiving.scrub",
        "backup",
        "demo",
        "documents.direct",
        "exchange.poll",
        "exchange.remind",
        "health",
        "journal.seal",
        "keys.rotate",
        "migrate",
    ]
    assert all(len(reason) > 20 for reason in SYSTEM_SCOPES.values())
    with pytest.raises(ValueError, match="SYSTEM_SCOPES"):
        SystemScope("anything")


def test_every_system_scope_is_used() -> None:
    code = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "edo_service").rglob("*.py") if path.name != "scope.py"
    )
    assert [name for name in SYSTEM_SCOPES if f'"{name}"' not in code] == []


def test_the_guard_knows_the_owned_tables() -> None:
    assert {"sample_paper", "sample_leaf", "journal_entry", "inbox_item"} <= owned_tables()
    assert not {"sample_note", "job"} & owned_tables()


def test_a_connection_of_a_unit_leaves_nothing_behind(filled: Database, us: UUID) -> None:
    """The pool's connections carry no scope of those who used them before."""
    with filled.guarded(Guard(scope=EVERYTHING)).connect() as connection:
        assert connection.get_execution_options()[OPTION].scope == EVERYTHING
        connection.execute(select(table_of(Paper)))
    with filled.engine.connect() as connection, pytest.raises(UnscopedQuery):
        connection.execute(select(table_of(Paper)).where(table_of(Paper).c.owner_id == us))
