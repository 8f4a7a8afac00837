"""Worked examples: how a procedure system uses the SDK, and what it must not forget."""
