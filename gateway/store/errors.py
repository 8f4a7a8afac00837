"""What keeps the gateway's own records from being opened."""

from __future__ import annotations


class StoreError(Exception):
    """One line that names the file and what to do."""
