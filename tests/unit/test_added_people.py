"""People that the user added: several gateways that add some at once remember all of them."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from unittest.mock import create_autospec

from gateway.added_people import add_people
from gateway.config import DevConfig
from gateway.engines.engine import Engine
from mock_population_db.personas import personas_for
from mock_population_db.store.rows import rows_from_json

PEOPLE = personas_for(date(2026, 1, 1)).personas[:8]


def test_none_is_forgotten(tmp_path: Path) -> None:
    """Each of them is listed, and is there again after a reset."""
    config = DevConfig(data_dir=tmp_path)
    together = threading.Barrier(len(PEOPLE))
    engine = create_autospec(Engine)
    engine.install_people.side_effect = lambda _rows: together.wait()
    with ThreadPoolExecutor(len(PEOPLE)) as pool:
        list(pool.map(lambda one: add_people(config, engine, [one]), PEOPLE))
    listed = json.loads((tmp_path / "personas.json").read_text("utf-8"))
    assert {one["slug"] for one in listed} == {one.slug for one in PEOPLE}
    again = rows_from_json(json.loads(config.added_rows_path.read_text("utf-8")))
    assert {row[0] for row in again.citizens} >= {
        int(who.identity.personal_id) for one in PEOPLE for who in one.citizens
    }
