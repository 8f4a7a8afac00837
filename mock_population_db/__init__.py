"""The register: a synthetic stand-in for the national population database.

Knows nobody above it: no gateway, no gRPC, no generated messages.
"""
