"""Pages of the access history: sizes, and tokens that fit one request only."""

from __future__ import annotations

import pytest

from gateway.core.errors import MalformedRequest
from gateway.core.model import Call, Claim
from gateway.core.paging import MAX_PAGE, Found, Page, Position, Touched, next_token, read_page
from tests.support.records import ANYBODY, COMMON
from tests.support.scene import CALL, CONTEXT, OTHER_NUMBER, claim

LAST = Touched(Position(2**40, 999), COMMON, [ANYBODY], b"d" * 32)
TOKEN = next_token(CALL, claim(), Found([LAST], more=True, months=(), log_size=7))


@pytest.mark.parametrize(("asked", "given"), [(0, 50), (1, 1), (200, 200), (201, MAX_PAGE)])
def test_sizes(asked: int, given: int) -> None:
    """Left out it is 50; too large it is the largest there is."""
    assert read_page(CALL, claim(), asked, "") == Page(given, None)


def test_a_token_leads_on_after_the_last_entry() -> None:
    """On the last page there is none."""
    assert read_page(CALL, claim(), 0, TOKEN).before == LAST.position
    assert next_token(CALL, claim(), Found([LAST], more=False, months=(), log_size=7)) == ""


@pytest.mark.parametrize(
    ("call", "about"),
    [
        (CALL._replace(caller="other"), claim()),
        (CALL._replace(context=CONTEXT._replace(procedure_code="other")), claim()),
        (CALL, claim(OTHER_NUMBER)),
        (CALL, claim(name="Lê Văn Ân")),
    ],
    ids=["caller", "procedure", "number", "name"],
)
def test_a_token_fits_one_request(call: Call, about: Claim) -> None:
    """Caller, procedure and claim."""
    with pytest.raises(MalformedRequest):
        read_page(call, about, 0, TOKEN)


def test_context_that_changes_with_every_call_may_change() -> None:
    """The request's id is another on every page."""
    call = CALL._replace(context=CONTEXT._replace(request_id="next"), request_digest=b"")
    assert read_page(call, claim(), 9, TOKEN).before == LAST.position


def test_no_changed_character_is_taken() -> None:
    """Each position of the token, changed; and what is no token."""
    for at in range(len(TOKEN)):
        changed = TOKEN[:at] + ("B" if TOKEN[at] == "A" else "A") + TOKEN[at + 1 :]
        with pytest.raises(MalformedRequest):
            read_page(CALL, claim(), 0, changed)
    for text in ("x", "é", TOKEN + "=", TOKEN[:-4], "=" * 8):
        with pytest.raises(MalformedRequest):
            read_page(CALL, claim(), 0, text)
