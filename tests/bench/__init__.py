"""``make bench``: what the gateway costs beside a bare gRPC echo, measured in one run.

Start reading in ``__main__.py``; each module named for a measurement tells what it does and
returns figures. ``docs/benchmarks.md`` says how to read them.
"""
