"""What is told of keys that a start could not use: all of it, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.core.signing import Role
from gateway.store.errors import StoreError
from gateway.store.keys import Plan, init_keys, load_or_create, unusable_keys
from gateway.store.keys.changing import revoke, rotate
from gateway.store.keys.folder import file_name
from tests.support.key_rings import ISSUER, LEAD, keys_of, opened
from tests.support.scene import NOW, ORIGIN


@pytest.fixture(params=["root at hand", "root offline"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A data directory whose keys were rotated and revoked; an offline root knows not all yet."""
    data = tmp_path / "data"
    data.mkdir()
    if request.param == "root offline":
        init_keys(data, ISSUER, ORIGIN, NOW, Plan(root_dir=tmp_path / "medium"))
    load_or_create(data, ISSUER, ORIGIN, NOW)
    rotate(data, Role.STATEMENT, NOW, LEAD)
    rotate(data, Role.CHECKPOINT, NOW, LEAD)
    revoke(data, keys_of(data, Role.CHECKPOINT)[0].key_id, NOW, NOW)
    return data


def starts(folder: Path) -> bool:
    """Whether a start would use the keys."""
    try:
        opened(folder)
    except StoreError:
        return False
    return True


def private_files(folder: Path) -> list[Path]:
    """Every private key, in order."""
    return sorted((folder / "keys").glob("*.pem"))


def test_keys_that_can_be_used(folder: Path) -> None:
    """Nothing is told, and nothing changed."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert list(unusable_keys(folder, NOW)) == []
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert starts(folder)


@pytest.mark.parametrize("how", ["gone", "damaged", "another", "no file"])
def test_what_is_told_is_what_keeps_a_start_from_it(folder: Path, how: str) -> None:
    """For each private key: named if a start wants it, else not a word."""
    told = []
    for path in private_files(folder):
        kept = path.read_bytes()
        path.unlink()
        if how == "damaged":
            path.write_text("-----BEGIN")
        elif how == "another":
            path.write_bytes(next(one for one in private_files(folder) if one != path).read_bytes())
        elif how == "no file":
            path.mkdir()
        found = list(unusable_keys(folder, NOW))
        assert [str(path) in line for line in found] == ([] if starts(folder) else [True])
        told += found
        if how == "no file":
            path.rmdir()
        path.write_bytes(kept)
    assert told
    assert all("; " in line for line in told)  # and what to do


def test_the_file_of_a_key_that_is_over(tmp_path: Path) -> None:
    """May be gone; of one that is still to end it may not."""
    load_or_create(tmp_path, ISSUER, ORIGIN, NOW)
    rotate(tmp_path, Role.STATEMENT, NOW, LEAD)
    (over, _) = keys_of(tmp_path, Role.STATEMENT)
    assert over.not_after is not None
    (tmp_path / "keys" / file_name(over)).unlink()
    assert len(list(unusable_keys(tmp_path, over.not_after - timedelta(microseconds=1)))) == 1
    assert list(unusable_keys(tmp_path, over.not_after)) == []


def test_every_file_has_its_line(folder: Path) -> None:
    """Not the first one alone; a damaged book hides the rest."""
    for role in ("statement", "checkpoint"):
        for path in (folder / "keys").glob(f"{role}-*.pem"):
            path.write_text("-----BEGIN")
    found = list(unusable_keys(folder, NOW))
    assert {"statement", "checkpoint"} == {Path(line).name.split("-")[0] for line in found}
    book = folder / "keys" / "keys.json"
    book.write_text("{")
    assert list(unusable_keys(folder, NOW)) == [f"{book} is damaged; restore it from a backup"]
    book.unlink()
    assert list(unusable_keys(folder, NOW)) == [f"{book} is missing; restore it from a backup"]
