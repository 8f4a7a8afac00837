"""Reconciling a file with the register: read it, send it in chunks, write what was signed.

Start reading in ``job.py``.
"""
