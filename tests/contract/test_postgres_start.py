"""A gateway starts while its PostgreSQL goes away."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from gateway import datadir
from gateway.config import DevConfig
from gateway.datadir import SetupError
from gateway.store.errors import StoreError
from mock_population_db.store.errors import PopulationError
from tests.rpc.gateways import build
from tests.support.faults import Faults
from tests.support.postgres_faults import broken, inject_connections


def test_a_connection_that_breaks_is_what_the_start_says(postgres_url: str, tmp_path: Path) -> None:
    """At whichever statement: no defect, and no advice to build what is there."""
    data_dir = build(tmp_path / "data", 200, postgres_url)
    told: list[str] = []
    for at in count():
        faults = Faults(broken)
        faults.arm(at, after=False)
        with inject_connections(faults):
            try:
                datadir.prepare(DevConfig(data_dir=data_dir), lambda _: None)
            except (SetupError, StoreError, PopulationError) as error:
                told.append(str(error))
            else:
                break
    assert len(told) == len(faults.executed) > 10
    assert all("connection was" in one and "build" not in one for one in told)
