"""What keeps a file from being reconciled at all; a bad row does not."""

from __future__ import annotations


class FileError(Exception):
    """A file that cannot be read, or options that do not fit it: one line, with what to do."""
