"""Policies of a few words, for tests that are about something else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.core.policy import RPCS, Grant, Policy, Rule
from gateway.core.pool import Quota
from gateway.core.quota import EVERY
from gateway.policies.file import demo_policy

DEMO_POLICY = demo_policy()


def policy(
    quotas: Mapping[tuple[str, str], Quota] = MappingProxyType({}), /, **grants: Grant
) -> Policy:
    """A policy that grants every RPC for every procedure, by caller."""
    every = frozenset({EVERY})
    rules = [
        Rule(frozenset({caller}), every, frozenset(RPCS), grant) for caller, grant in grants.items()
    ]
    return Policy("test-1", rules, quotas)
