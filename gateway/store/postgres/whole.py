"""What commands do with whole records: export, statistics, forgetting, putting a log aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from gateway.core.access import unpack
from gateway.core.model import Access, AccessCall
from gateway.store.epochs import EPOCH
from gateway.store.errors import StoreError
from gateway.store.export import leaves_of
from gateway.store.forgetting import check_period
from gateway.store.postgres import partitions
from gateway.store.postgres.making import check_unused, read_origin
from gateway.store.postgres.waiting import Waiting, waiting
from gateway.store.statistics import Figures, Key, figures_of
from gateway.store.usage import account_of


def exported_postgres_leaves(url: str) -> Iterator[dict[str, int | str]]:
    """Every leaf in order; see ``store/export.py``.

    Raises:
        StoreError: the records cannot be read.
    """
    with waiting(url) as store:
        read_origin(store, url)
        with store.transaction(snapshot=True):
            windows = "SELECT first, leaves FROM gateway.window ORDER BY first"
            yield from leaves_of((first, leaves) for first, leaves in store.stream(windows))


def postgres_statistics(url: str, first: str, last: str) -> dict[Key, Figures]:
    """The figures of the days [first, last], YYYY-MM-DD in Viet Nam.

    Raises:
        StoreError: the records cannot be read.
    """
    with waiting(url) as store:
        read_origin(store, url)
        with store.transaction(snapshot=True):
            return figures_of(_calls_since(store, first), first, last)


def forget_in_postgres(url: str, before: str, now: datetime, *, force: bool = False) -> list[str]:
    """Delete the keys of the months before one, and their part of the index; returns the months.

    The arguments are those of ``store/forgetting.py``. The table of the keys is written anew, so
    that its file has the deleted ones no more; the server's write-ahead log, standbys and
    backups are not in our hands.

    Raises:
        StoreError: the period is not over, or the server fails.
    """
    check_period(before, now, force=force)
    with waiting(url) as store:
        read_origin(store, url)
        with store.transaction():
            found = store.rows(
                "DELETE FROM gateway.pseudonym_key WHERE month < $1 RETURNING month", before
            )
            months = sorted(str(month) for (month,) in found)
            store.run(partitions.drop_months, [partitions.month_number(one) for one in months])
        store.rows("VACUUM FULL gateway.pseudonym_key")
    return months


def set_aside_in_postgres(url: str) -> str:
    """Rename the schema ``gateway`` to ``gateway_EPOCH``, so that a new log can be begun.

    Nothing in it changes. Returns the new name.

    Raises:
        StoreError: a gateway is using it, it is damaged, or the name is taken.
    """
    with waiting(url) as store:
        epoch = read_origin(store, url).rpartition("/")[2]
        if not EPOCH.fullmatch(epoch):
            raise StoreError("the log has an origin that this dancu did not give it")
        name = f"gateway_{epoch}"
        check_unused(store, url)
        store.rows(f'ALTER SCHEMA gateway RENAME TO "{name}"')
    return name


def _calls_since(store: Waiting, day: str) -> Iterator[tuple[AccessCall, Sequence[Access]]]:
    """Calls of all windows from the newest back to the first one that ended before the day."""
    for (touched,) in store.stream("SELECT accesses FROM gateway.window ORDER BY first DESC"):
        calls = list(unpack(touched))
        yield from calls
        if calls and account_of(calls[-1][0])[0] < day:
            return
