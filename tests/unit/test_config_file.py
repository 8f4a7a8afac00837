"""The configuration of ``dancu serve``: what is read, and mistakes with their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.commands.config_file import read_config
from gateway.datadir import SetupError


def test_settings_are_read(tmp_path: Path) -> None:
    """Numbers, also whole ones where fractions may stand; paths are meant from the file's place."""
    path = tmp_path / "serve.toml"
    path.write_text('data_dir = "data"\nnumber_delay = 90\ndrain_seconds = 2.5\n')
    config = read_config(path)
    assert (config.number_delay, config.drain_seconds) == (90, 2.5)
    assert config.data_dir == tmp_path / "data"


def test_mistakes_are_told_with_their_lines(tmp_path: Path) -> None:
    """All at once."""
    path = tmp_path / "serve.toml"
    path.write_text(
        'number_delay = -1\nport = 70000\nlog_level = "loud"\nnumber = 1\nkeep_revisions = 0\n'
    )
    with pytest.raises(SetupError) as caught:
        read_config(path)
    lines = [line.strip() for line in str(caught.value).splitlines()[1:]]
    assert lines[0] == f"{path}:1: number_delay must not be negative"
    assert [line.split(":")[1] for line in lines] == ["1", "2", "3", "4", "5"]
