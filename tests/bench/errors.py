"""What stops a benchmark."""


class BenchError(Exception):
    """A measurement that means nothing; one line that says why."""
