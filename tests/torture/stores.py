"""Where a data directory's stores are, and a second one for the same stores."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

from gateway.config import DevConfig
from gateway.engines.choice import store_of
from tests.support.population_stores import Place


class Stores(NamedTuple):
    """Files of the data directory, or one database."""

    register: Place
    records: Place


def stores_of(data_dir: Path) -> Stores:
    """Where register and records are."""
    config = DevConfig(data_dir=data_dir)
    url = store_of(config)
    return Stores(url, url) if url else Stores(config.population_path, config.records_path)


def beside(data_dir: Path, number: int) -> Path:
    """The data directory of another server of the same stores.

    Of a database each has its own, with the same keys, as on a machine of its own; files are
    shared.
    """
    if number == 0 or not store_of(DevConfig(data_dir=data_dir)):
        return data_dir
    return Path(shutil.copytree(data_dir, data_dir.with_name(f"{data_dir.name}-{number}")))
