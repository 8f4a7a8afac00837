"""Putting personas into a population that is already there."""

from __future__ import annotations

from contextlib import closing

from mock_population_db.store.errors import EngineFailed, PopulationError
from mock_population_db.store.install import install_rows
from mock_population_db.store.postgres.driver import shown
from mock_population_db.store.postgres.opening import open_for_writing
from mock_population_db.store.rows import Rows


def install_personas(url: str, rows: Rows) -> None:
    """Insert personas, or replace the ones that are there, all or none.

    The register's revision stays: they stand in it as if from the beginning.

    Args:
        url: of a population.
        rows: of ``mock_population_db.personas.rows_of``.

    Raises:
        PopulationError: there is no population at ``url``, or a number in ``rows`` belongs to a
            generated citizen.
    """
    with closing(open_for_writing(url)) as session:
        try:
            install_rows(session, shown(url), rows)
        except EngineFailed as error:
            where = shown(url)
            raise PopulationError(f"{where}: personas cannot be written ({error})") from error
