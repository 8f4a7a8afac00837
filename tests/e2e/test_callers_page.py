"""docs/callers.md, "Enrol a caller", does what it says, in an empty directory."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.architecture.pages import read
from tests.e2e.server import DANCU, PATIENCE, dancu

_SECTION = re.compile(r"^## Enrol a caller\n(.*?)^## ", re.MULTILINE | re.DOTALL)
_BLOCKS = re.compile(r"^```(sh|toml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SERVE = "dancu serve --config serve.toml\n"
_PORT = ":50051"  # of the page
_SIZE = "--size 100000"  # likewise
_CHECKS = ("register", "keys", "policy", "callers", "certificate")  # what the page makes


def test_the_page(tmp_path: Path) -> None:
    """From nothing to an answer; and ``dancu doctor`` has nothing against what was made."""
    section = _SECTION.search(read("callers.md"))
    assert section
    commands: list[str] = []
    for kind, text in _BLOCKS.findall(section[1]):
        if kind == "sh":
            commands.append(text)
        else:
            name, _, content = text.removeprefix("# ").partition("\n")
            (tmp_path / name).write_text(content, "utf-8")
    with (tmp_path / "serve.toml").open("a", encoding="utf-8") as settings:
        settings.write("port = 0\n")
    before, after = commands[: commands.index(_SERVE)], commands[commands.index(_SERVE) + 1 :]
    assert _SIZE in "".join(before)
    assert _PORT in "".join(after)
    _run(tmp_path, "".join(before).replace(_SIZE, "--size 200"))
    with _serving(tmp_path) as address:
        told = _run(tmp_path, "".join(after).replace(f"localhost{_PORT}", address))
        checked = dancu("doctor", "--config", str(tmp_path / "serve.toml"), "--json")
    assert "VERIFIED" in told
    levels = {one["check"]: one["level"] for one in json.loads(checked.stdout)["findings"]}
    assert {levels[name] for name in _CHECKS} == {"OK"}, checked.stdout


def _run(folder: Path, commands: str) -> str:
    """What the commands print; the first that fails is the last."""
    path = f"{Path(DANCU[0]).parent}:{os.environ['PATH']}"
    done = subprocess.run(  # noqa: S603 - the page's own commands
        ["bash", "-e", "-c", commands],  # noqa: S607 - whichever the system has
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    """The gateway of the page, for the length of the block; where it answers."""
    command = [*DANCU, *_SERVE.split()[1:]]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        assert process.stdout is not None
        try:
            ready = re.match(r"READY grpc=\S+:(\d+) ", process.stdout.readline())
            assert ready
            yield f"localhost:{ready[1]}"
        finally:
            process.kill()
