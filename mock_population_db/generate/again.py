"""Build once more what a register was built as: ``python -m mock_population_db.generate.again``.

A process of its own, because building needs NumPy and all cores, and a gateway neither. It reads
on standard input which register: an address may have a password, and arguments are everybody's.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

from mock_population_db.generate.build import build_population
from mock_population_db.generate.shares import Shares
from mock_population_db.personas import personas_for, rows_of
from mock_population_db.store.errors import PopulationError
from mock_population_db.store.install import install_personas
from mock_population_db.store.places import Place, open_to_read
from mock_population_db.store.rows import Rows, rows_from_json


def build_again(source: Place, target: Path, added: Rows = Rows()) -> None:  # noqa: B008 - immutable
    """Build at ``target`` what the register at ``source`` was built as.

    Args:
        source: a register; only what it says of itself is read.
        target: where the new one shall be.
        added: rows of people that the user added to the register since.

    Raises:
        PopulationError: this program builds another register than ``source`` once was.
        OSError: the disk refuses.
    """
    meta = _meta(source)
    as_of = date.fromisoformat(meta["as_of"])
    built = build_population(
        target,
        size=int(meta["size"]),
        seed=int(meta["seed"]),
        as_of=as_of,
        reserved_ids=meta.get("reserved_ids") == "1",
        shares=Shares(**json.loads(meta["shares"])),
        extra_rows=rows_of(personas_for(as_of).personas),
    )
    if built.digest != meta.get("digest"):
        raise PopulationError(
            f"the register was built by another version ({meta.get('built_with', 'unknown')}), "
            "whose people this one does not build"
        )
    if added.citizens:
        install_personas(target, added)


def _meta(place: Place) -> dict[str, str]:
    with open_to_read(place) as session:
        return dict(session.execute("SELECT key, value FROM meta"))


def main() -> None:
    """TARGET [ROWS.json], SOURCE on standard input; ends with 1 and a line when it cannot."""
    told = sys.stdin.read()
    source = told if "://" in told else Path(told)
    target, *rows = map(Path, sys.argv[1:])
    added = rows_from_json(json.loads(rows[0].read_text("utf-8"))) if rows else Rows()
    try:
        build_again(source, target, added)
    except (PopulationError, OSError, ValueError, KeyError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
