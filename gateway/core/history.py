"""Who looked at a person's data, as a statement.

With ``statement.py``, ``disclosure.py`` and ``confirmations.py`` the only module of the core that
touches generated messages.
"""

from __future__ import annotations

from dancu.v1 import access_pb2, statement_pb2
from gateway.core.access import asker_digest, row_hashes
from gateway.core.disclosure import code
from gateway.core.ledger import inclusion_path, root_of
from gateway.core.model import Claim, Decision
from gateway.core.paging import Found, Touched
from gateway.core.policy import FIELDS
from gateway.core.statement import Header, timestamp, write_decision
from mock_population_db.citizen import Citizen

_SHOWN = 3  # last characters of an officer's id


def numbers_of(citizen: Citizen | None) -> frozenset[str]:
    """Every number that a person is or was known by; none for nobody."""
    if citizen is None:
        return frozenset()
    identity = citizen.identity
    former = {step.former for step in citizen.number_history}
    return frozenset({identity.personal_id, identity.old_id_number, *former} - {""})


def history(
    head: Header, claim: Claim, decision: Decision, found: Found | None, next_page: str
) -> statement_pb2.AccessHistory:
    """Answer to ListAccesses; ``found`` is None unless the claim was verified."""
    message = statement_pb2.AccessHistory(header=head)
    write_decision(message, claim, decision)
    if found is not None:
        message.entries.extend(map(_entry, found.entries))
        message.next_page_token = next_page
        message.months.extend(found.months)
        message.log_size = found.log_size
    return message


def _entry(touched: Touched) -> access_pb2.AccessEntry:
    (leaf, index), call, rows, digest = touched
    row, context = rows[index], call.context
    hashes = row_hashes(call, rows)

    def node(level: int, number: int) -> bytes:
        return root_of(hashes[number << level : (number + 1) << level])

    return access_pb2.AccessEntry(
        accessed_at=timestamp(call.at),
        caller=call.caller,
        unit_code=context.unit_code,
        officer_masked=_masked(context.officer_id),
        procedure_code=context.procedure_code,
        dossier_id=context.dossier_id,
        rpc=call.rpc,
        register_revision=call.register_revision,
        outcome=code(row.outcome),
        fields=[name for bit, name in enumerate(FIELDS) if row.fields >> bit & 1],
        leaf_index=leaf,
        row_index=index,
        row_count=len(rows),
        subject=row.subject,
        asker_digest=asker_digest(context),
        statement_digest=digest,
        access_path=inclusion_path(node, index, len(rows)),
        simulated_effects=[code(effect) for effect in call.effects],
    )


def _masked(officer: str) -> str:
    shown = officer[-_SHOWN:] if len(officer) > 2 * _SHOWN else ""
    return "*" * (len(officer) - len(shown)) + shown
