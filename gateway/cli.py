"""Where the command ``dancu`` begins; what it consists of is in ``gateway.commands.tree``."""

from __future__ import annotations

import sys

INTERRUPTED = 130


def main() -> None:
    """Entry point of the ``dancu`` command."""
    try:
        # only here: it takes most of a second, in which somebody may press Ctrl-C already
        from gateway.commands.tree import app  # noqa: PLC0415

        app()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        raise SystemExit(INTERRUPTED) from None
