"""Several gateways begin at once where there is no log yet: they begin one, and share its keys."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.config import Auth, DevConfig
from gateway.datadir import Prepared, SetupError, prepare
from gateway.engines.choice import engine_of
from gateway.store.callers import list_callers
from tests.rpc.gateways import audited
from tests.support.postgres import Cluster

GATEWAYS = 4


@pytest.fixture
def config(
    register_engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[DevConfig]:
    """A data directory with a register and nothing else, of each kind of store in turn."""
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    if register_engine == "postgres":
        cluster: Cluster = request.getfixturevalue("postgres")
        with cluster.database(request.getfixturevalue("register_template_url")) as url:
            yield DevConfig(data_dir=data_dir, store=url, auth=Auth.TOKEN)
    else:
        shutil.copy(request.getfixturevalue("register_template"), data_dir / "population.db")
        yield DevConfig(data_dir=data_dir, auth=Auth.TOKEN)


def started(config: DevConfig) -> Prepared:
    """What a start makes, or finds."""
    return prepare(config, lambda _done: None)


def overtaken(config: DevConfig, other: DevConfig, monkeypatch: pytest.MonkeyPatch) -> Prepared:
    """The first start of ``other``, all of it, once ``config``'s has seen that there is no log."""
    engine = type(engine_of(config))
    look, others = engine.origin, []

    def origin(self: object) -> str | None:
        found = look(self)  # type: ignore[arg-type]  # of the same kind
        monkeypatch.setattr(engine, "origin", look)
        others.append(started(other))
        return found

    monkeypatch.setattr(engine, "origin", origin)
    try:
        late = started(config)
    finally:
        (first,) = others
        assert engine_of(config).origin() == first.origin
    assert late.origin == first.origin
    assert late.keys.key_set == first.keys.key_set
    return late


def test_a_crowd(config: DevConfig) -> None:
    """All of them start, with the same log, keys and demo callers."""
    together = threading.Barrier(GATEWAYS)

    def start(_number: int) -> Prepared:
        together.wait()
        return started(config)

    with ThreadPoolExecutor(GATEWAYS) as pool:
        all_of_them = list(pool.map(start, range(GATEWAYS)))
    assert {one.origin for one in all_of_them} == {engine_of(config).origin()}
    assert len({one.keys.key_set for one in all_of_them}) == 1
    assert len(list_callers(config.callers_path)) == len(all_of_them[0].policy.callers)
    assert audited(config.data_dir).findings == []


def test_one_that_is_overtaken(config: DevConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever saw no log, and then another's, takes that one."""
    overtaken(config, config, monkeypatch)
    assert audited(config.data_dir).findings == []


@pytest.mark.parametrize("register_engine", ["postgres"], indirect=True)
def test_one_without_the_others_keys(
    config: DevConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another machine's log is not gone on with: its keys must be copied first."""
    elsewhere = replace(config, data_dir=tmp_path / "elsewhere")
    with pytest.raises(SetupError, match=r"has a log, but there are no keys in .*: copy keys/"):
        overtaken(elsewhere, config, monkeypatch)
    assert not (elsewhere.data_dir / "keys").exists()
