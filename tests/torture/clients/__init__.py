"""The clients of the crash test, each a process of its own that may be killed at any moment."""
