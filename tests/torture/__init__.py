"""The randomised crash test: ``python -m tests.torture``. See ``docs/testing.md``."""
