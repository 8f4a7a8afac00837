"""Load tests that tell the truth: calls leave on a fixed schedule, whatever the answers do.

The way of a run, module by module:

    scenario_file   a TOML file becomes a ``Scenario``, or an error that names field and line
    curve, national rates over time; the nation's day from the published figures
    people, claims  whom to ask about, and how their names are spelt
    requests        requests serialised before the clock starts
    crew            worker processes, spawned before gRPC wakes up in them
    worker          one of them: sends on the schedule (``arrivals``, ``sending``, ``lanes``)
    recorder        latency from the *intended* moment, in HdrHistograms
    tally, result   what all workers saw, as one JSON document with a schema version
    sampled         some answers, verified afterwards by the independent verifier
    doubts, thresholds, comparison   what the result is good for
    render, page (plots, svg)        how it is shown

``execution`` puts them together, ``commands`` is what ``dancu load`` calls.
"""
