"""A reader that has seen enough ends nothing but its own reading."""

from __future__ import annotations

import subprocess
import sys

import pytest

from clients.reader import reader_may_leave


@pytest.mark.parametrize(
    "call", ["print_json('x' * size)", "show_panel('', 'red', [('', size * 'x ')])"]
)
def test_nobody_reads_to_the_end(call: str) -> None:
    """The exit code is the command's own, and nothing is said, however often it prints."""
    script = (
        "import sys; from clients.render import print_json, show_panel\n"
        f"size = 1 << 17  # more than a pipe holds\n{call}\n{call}\nsys.exit(7)"
    )
    with subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", 7)


@pytest.mark.parametrize("failure", [OSError("disk full"), SystemExit(2)])
def test_other_failures_are_failures(failure: BaseException) -> None:
    """Only a closed pipe is passed over."""
    with pytest.raises(type(failure)), reader_may_leave():
        raise failure
