"""The simulated life of the population: who it happens to, and what, from day to day.

Chooses only; the register's own rules decide, as they do for events that somebody reports.
"""
