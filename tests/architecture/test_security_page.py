"""Each claim of docs/security.md names a test that exists."""

import ast
import re

import pytest

from tests.architecture.pages import DOCS, read

_NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
NAMED = sorted(set(_NAMED.findall(read("security.md"))))


@pytest.mark.parametrize(("file", "name"), NAMED, ids="::".join)
def test_a_named_test_exists(file: str, name: str) -> None:
    """The file is there, with a test function of this name."""
    tree = ast.parse((DOCS.parent / file).read_text("utf-8"))
    functions = {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    tests = {function for function in functions if function.startswith("test_")}
    assert tests
    assert not name or name in tests


def test_every_row_of_a_claim_names_one() -> None:
    """No claim of the tables stands without a test, and the tables were found."""
    rows = re.findall(
        r"^\| claim \| shown by \|\n\|---\|---\|\n((?:\|.*\n)+)", read("security.md"), re.MULTILINE
    )
    claims = [row for table in rows for row in table.splitlines()]
    assert len(claims) > 30
    assert [row for row in claims if not _NAMED.search(row)] == []
