"""The seeded synthetic population: a pure function of (seed, size, as_of, shares)."""
