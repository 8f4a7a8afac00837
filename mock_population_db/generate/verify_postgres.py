"""A register in PostgreSQL, as it is verified: in one snapshot, by any number of connections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain

from mock_population_db.generate.checks import INDEXED, Check, Run
from mock_population_db.store.errors import EngineFailed
from mock_population_db.store.postgres.driver import asyncpg, shown
from mock_population_db.store.postgres.opening import open_for_scanning
from mock_population_db.store.postgres.session import SCHEMA, PostgresSession

_DAMAGES = (asyncpg.IndexCorruptedError, asyncpg.DataCorruptedError)  # that amcheck finds
_PARTS = 4  # of the indexes, each looked through over one connection
_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_EXPORTED = "SELECT pg_export_snapshot()"
_TABLE_ALONE = (
    "SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off;"
    "SET LOCAL enable_bitmapscan = off"
)
# nothing but a walk through an index in its own order is left to the planner
_INDEX_ALONE = (
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
)
_THROUGH_INDEX = """
SELECT count(*) FROM
  (SELECT {0} FROM citizen WHERE {0} IS NOT NULL ORDER BY {0} OFFSET 0) AS c
"""
_MISSING = f"""
SELECT 'no key of ' || relname FROM pg_class
  WHERE relnamespace = '{SCHEMA}'::regnamespace AND relkind = 'r' AND NOT EXISTS
    (SELECT FROM pg_index WHERE indrelid = pg_class.oid AND indisunique AND indisvalid)
UNION ALL
SELECT 'invalid ' || relname FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
  WHERE relnamespace = '{SCHEMA}'::regnamespace AND NOT indisvalid
ORDER BY 1
"""  # noqa: S608 - our name
# the function of the extension amcheck that looks through a B-tree, where there is one for us
_EXAMINER = """
SELECT p.oid::regproc::text FROM pg_extension AS e
  JOIN pg_depend AS d ON d.refobjid = e.oid AND d.refclassid = 'pg_extension'::regclass
  JOIN pg_proc AS p ON p.oid = d.objid AND d.classid = 'pg_proc'::regclass
  WHERE e.extname = 'amcheck' AND p.proname = 'bt_index_check' AND p.pronargs = 2
    AND has_function_privilege(p.oid, 'EXECUTE')
    AND has_schema_privilege(p.pronamespace, 'USAGE')
"""
_TREES = f"""
SELECT i.oid::regclass::text FROM pg_class AS i
  JOIN pg_am AS a ON a.oid = i.relam AND a.amname = 'btree'
  JOIN pg_index AS x ON x.indexrelid = i.oid AND x.indisvalid
  WHERE i.relnamespace = '{SCHEMA}'::regnamespace AND i.relkind = 'i'
ORDER BY 1
"""  # noqa: S608 - our name


@dataclass(frozen=True, slots=True)
class DatabaseSource:
    """See ``Source``; make one with ``holding``. Connections raise ``EngineFailed``."""

    url: str
    snapshot: str  # its name on the server

    @property
    def name(self) -> str:
        """The address without a password."""
        return shown(self.url)

    @contextmanager
    def opened(self) -> Iterator[PostgresSession]:
        """A connection of one's own, which sees the snapshot."""
        with closing(open_for_scanning(self.url)) as session:
            session.script(f"{_BEGIN}; SET TRANSACTION SNAPSHOT '{self.snapshot}'")
            yield session

    def structure(self, run: Run) -> Iterator[Check]:
        """Keys and indexes, where amcheck is also what they are made of, and counts by them."""
        with self.opened() as session:
            missing = ", ".join(str(what) for (what,) in session.ask(_MISSING))
            examiner = session.ask(_EXAMINER)
            trees = [str(tree) for (tree,) in session.ask(_TREES)]
            session.script(_TABLE_ALONE)
            columns = ", ".join(f"count({name})" for name in INDEXED)
            (expected,) = session.ask(f"SELECT {columns} FROM citizen")  # noqa: S608 - our names
        yield Check("keys and indexes that are missing or invalid", missing or "none", "none")
        for (function,) in examiner:
            parts = [trees[start::_PARTS] for start in range(_PARTS)]
            damages = chain.from_iterable(run(partial(_damages, self.url, function), parts))
            yield Check("structure of the indexes", "; ".join(damages) or "ok", "ok")
        found = run(partial(_indexed, self), INDEXED)
        for name, count, wanted in zip(INDEXED, found, expected, strict=True):
            yield Check(f"index of {name}", count, f"{wanted:,}")


@contextmanager
def holding(url: str) -> Iterator[DatabaseSource]:
    """Have the server keep what the register is now, for the length of the block.

    Raises:
        PopulationError: there is no register at ``url`` that this program reads.
        EngineFailed: the server refuses.
    """
    with closing(open_for_scanning(url)) as session:
        session.script(_BEGIN)
        ((snapshot,),) = session.ask(_EXPORTED)
        yield DatabaseSource(url, snapshot)


def _indexed(source: DatabaseSource, column: str) -> str:
    """How many citizens the column's index has."""
    question = _THROUGH_INDEX.format(column)
    with source.opened() as session:
        session.script(_INDEX_ALONE)
        plan = " ".join(line for (line,) in session.ask(f"EXPLAIN {question}"))
        if f" using citizen_{column} " not in plan:
            return "no index"
        ((count,),) = session.ask(question)
    return f"{count:,}"


def _damages(url: str, function: str, trees: Sequence[str]) -> list[str]:
    """What is wrong with indexes, which should have each row of their tables."""
    with closing(open_for_scanning(url)) as session:
        return [told for tree in trees if (told := _damage(session, function, tree))]


def _damage(session: PostgresSession, function: str, tree: str) -> str:
    try:
        session.ask(f"SELECT {function}($1::text::regclass, true)", tree)
    except EngineFailed as error:
        if isinstance(error.__cause__, _DAMAGES):
            return str(error.__cause__.args[0])
        raise
    return ""
