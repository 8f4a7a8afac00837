"""People that the user added to the register: installed, and remembered to be added again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from gateway.config import DevConfig
from gateway.engines.engine import Engine
from gateway.store.locking import alone_in
from mock_population_db.personas import Persona, rows_of, to_json
from mock_population_db.store.rows import Rows, joined, rows_from_json, rows_to_json


def add_people(config: DevConfig, engine: Engine, added: Sequence[Persona]) -> None:
    """Install the user's people, and remember them for ``dancu personas`` and for a reset.

    Raises:
        PopulationError, OSError: register or data directory cannot be written.
    """
    if not added:
        return
    engine.install_people(rows_of(added))
    with alone_in(config.data_dir):  # of two gateways that add people neither forgets the other's
        _remember(config, added)


def _remember(config: DevConfig, added: Sequence[Persona]) -> None:
    path = config.data_dir / "personas.json"
    known = json.loads(path.read_text("utf-8")) if path.exists() else []
    by_slug = {one["slug"]: one for one in (*known, *map(to_json, added))}
    _write_json(path, list(by_slug.values()))
    rows = config.added_rows_path
    before = rows_from_json(json.loads(rows.read_text("utf-8"))) if rows.exists() else Rows()
    _write_json(rows, rows_to_json(joined(before, rows_of(added))))


def _write_json(path: Path, content: object) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(content, ensure_ascii=False, indent=2), "utf-8")
    draft.replace(path)
