"""Following the register's changes: where one is, and how they are handed over.

Start reading in ``run.py``.
"""
