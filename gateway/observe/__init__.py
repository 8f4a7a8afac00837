"""Watching the gateway: metrics for Prometheus, and traces where the environment asks for them."""
