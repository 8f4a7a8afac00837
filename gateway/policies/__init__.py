"""Policies as files: how they are read and checked, and the one that comes with dancu."""
