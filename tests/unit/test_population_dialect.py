"""The register's statements, in PostgreSQL's language."""

from __future__ import annotations

import pytest

from mock_population_db.store import history, sql
from mock_population_db.store.postgres.dialect import translated


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT a FROM t WHERE b = ? AND c < ?", "SELECT a FROM t WHERE b = $1 AND c < $2"),
        ("SELECT ?1, ?2, ?1", "SELECT $1, $2, $1"),
        ("SELECT instr(a, ' ' || b)", "SELECT (strpos(a, ' ' || b) > 0)"),
        (
            "INSERT INTO withdrawn VALUES (?, ?)",
            "INSERT INTO withdrawn (number, successor) VALUES ($1, $2)",
        ),
        (
            "INSERT OR REPLACE INTO touched VALUES (?, ?, ?)",
            (
                "INSERT INTO touched (what, id, revision) VALUES ($1, $2, $3)"
                " ON CONFLICT (what, id) DO UPDATE SET revision = EXCLUDED.revision"
            ),
        ),
    ],
)
def test_idioms_have_their_counterpart(statement: str, expected: str) -> None:
    """Marks, functions, and insertions by name."""
    assert translated(statement).text == expected


def test_keys_are_handed_over_as_an_array() -> None:
    """A JSON array there, a list here; other parameters as they are."""
    statement = f"{sql.STAYS} WHERE s.since > ?"
    assert translated(statement).arguments(("[1,20]", 7)) == [[1, 20], 7]


def test_parameters_with_names_are_told_in_order() -> None:
    """Whatever order they are given in; one that comes twice has one number."""
    ours = translated("SELECT a FROM t WHERE (:x IS NULL OR a = :x) AND b < :y")
    assert ours.text == "SELECT a FROM t WHERE ($1::bigint IS NULL OR a = $1) AND b < $2"
    assert ours.arguments({"y": 2, "x": 1}) == [1, 2]


def test_a_query_that_names_itself_twice_has_a_text_of_its_own() -> None:
    """PostgreSQL allows it once; the keys are an array all the same."""
    ours = translated(history.CURRENT)
    assert ours.text.count("UNION ALL") == 2
    assert ours.arguments(("[3]",)) == [[3]]


def test_transactions_answer_nothing() -> None:
    """They are sent without asking for rows."""
    assert all(translated(one).plain for one in ("BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"))
    assert "FOR UPDATE" in translated("BEGIN IMMEDIATE").text
