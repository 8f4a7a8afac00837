"""docs/walkthrough.md does what it says: every command of it, in order, in an empty directory."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.pages import read
from tests.e2e.server import DANCU

PATIENCE = 540  # seconds for the whole page, on a busy machine
PORTS = ("50061", "50064")  # as the page says: gRPC, and the log's files three above
_BLOCKS = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXITS = re.compile(r"# exits (\d+)\n")
_MARK = re.compile(r"^#END (\d+) (\d+)$", re.MULTILINE)


@dataclass
class Step:
    """A block of commands, how it ends, and what it must print, in this order."""

    commands: str
    shown: list[str]

    @property
    def exits(self) -> int:
        """What its last command returns."""
        found = _EXITS.match(self.commands)
        return int(found[1]) if found else 0

    def missing(self, output: str) -> list[str]:
        """Lines of the page that the output does not have."""
        at, absent = 0, []
        for line in self.shown:
            pattern = ".*".join(map(re.escape, re.split(r" ?… ?", line)))
            if found := re.compile(pattern).search(output, at):
                at = found.end()
            else:
                absent.append(line)
        return absent


def steps() -> list[Step]:
    """What the page does."""
    found: list[Step] = []
    for kind, text in _BLOCKS.findall(read("walkthrough.md")):
        if kind == "sh":
            found.append(Step(text, []))
        else:
            found[-1].shown += text.splitlines()
    return found


def script(todo: list[Step]) -> str:
    """All blocks in one shell, which says after each how it ended.

    A block that should succeed ends at the first command that does not.
    """
    return "".join(
        f"{'set -e' if step.exits == 0 else 'set +e'}\n{step.commands}printf '\\n#END %s %s\\n' "
        f"{number} $?\n"
        for number, step in enumerate(todo)
    )


def _free_ports() -> tuple[str, str]:
    """A port P such that the gateway's four, P, P + 2, P + 3 and P + 4, are free."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port = first.getsockname()[1]
            if all(_is_free(port + above) for above in (2, 3, 4)):
                return str(port), str(port + 3)


def _is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False


def _run(text: str, folder: Path) -> str:
    """Run a shell with the page's commands; returns all that it said."""
    path = f"{Path(DANCU[0]).parent}{os.pathsep}{os.environ['PATH']}"
    with subprocess.Popen(  # noqa: S603 - the page's own commands
        ["/bin/bash", "-c", text],
        cwd=folder,
        env=os.environ | {"PATH": path, "COLUMNS": "120"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as shell:
        try:
            said, _ = shell.communicate(timeout=PATIENCE)
        finally:
            with contextlib.suppress(ProcessLookupError):  # also a gateway that it left behind
                os.killpg(shell.pid, signal.SIGKILL)
    return said


def _outputs(said: str) -> Iterator[tuple[int, str]]:
    """Exit code and output of each block."""
    begin = 0
    for mark in _MARK.finditer(said):
        yield int(mark[2]), said[begin : mark.start()]
        begin = mark.end()


def test_the_page_does_what_it_says(tmp_path: Path) -> None:
    """Every block ends as the page says, and prints what the page shows."""
    todo = steps()
    text = script(todo)
    for written, free in zip(PORTS, _free_ports(), strict=True):
        text = text.replace(written, free)
        for step in todo:
            step.shown = [line.replace(written, free) for line in step.shown]
    said = _run(text, tmp_path)
    ended = list(_outputs(said))
    for step, (code, output) in zip(todo, ended, strict=False):
        assert (code, step.missing(output)) == (step.exits, []), output
    assert len(ended) == len(todo), said
    assert list((tmp_path / "witness" / "evidence").iterdir())


def test_a_page_that_promises_too_much_is_noticed() -> None:
    """What is not printed, or not in this order, is found missing."""
    step = Step("# exits 3\nfalse\n", ["a … c", "d"])
    assert step.exits == 3
    assert step.missing("a b c\nd") == []
    assert step.missing("d\na b c") == ["d"]
    assert step.missing("a\nc\nd") == ["a … c"]
