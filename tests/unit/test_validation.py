"""The shape of calls: every rule, what breaks it, and that no message repeats the input."""

from __future__ import annotations

import unicodedata
from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import MalformedRequest, Violation
from gateway.core.model import Claim, Context
from gateway.core.validation import MAX_BATCH, MAX_VIOLATIONS, check, check_batch
from mock_population_db.partial_date import PartialDate
from tests.support.scene import BIRTH, CONTEXT, NAME, NUMBER, OLD_NUMBER, claim

GOOD_CLAIMS = [
    claim(),
    claim(old=OLD_NUMBER),
    claim(number="", old=OLD_NUMBER),
    claim(name="Ý"),  # one letter
    claim(name="Nguyễn" + " Văn" * 23 + " A"),  # 100 characters
    claim(name=unicodedata.normalize("NFD", "ễ" * 100)),  # 300, which compose to 100
    claim(name="\u202bLê Văn An\u200b\u00a0"),  # invisible characters are matching's business
    claim(name="9 An"),
    claim(number="999999999999"),  # no such province: an answer, not a mistake
    claim(birth=PartialDate(1948)),
    claim(birth=PartialDate(1948, 5)),
    claim(birth=PartialDate(1600, 1, 1)),  # before 1900: an answer
    claim(birth=PartialDate(2999, 12, 31)),  # in the future: an answer
    claim(birth=PartialDate(2024, 2, 29)),
]

# number, part of the hint
BAD_NUMBERS = [
    ("00109000001", "one digit is missing"),
    ("0010900000133", "this has 13"),
    ("OO1090000013", "letters O, I or L"),
    ("00109000001I", "letters O, I or L"),
    ("00109000001l", "letters O, I or L"),
    ("００１０９００００００１３", "0-9, not full-width"),
    ("\u0660\u0660\u0661\u0660\u0669\u0660\u0660\u0660\u0660\u0660\u0661\u0663", "another script"),
    ("०००१०९०००००१", "another script"),
    ("00109000001²", "another script"),
    ("001 090 000 013", "remove the blanks"),
    (" 001090000013", "remove the blanks"),
    ("001090000013\n", "remove the blanks"),
    ("001090000013\u00a0", "remove the blanks"),
    ("001-090000013", "remove everything else"),
    ("001090000A13", "remove everything else"),
    ("001090000\x0013", "remove everything else"),
    ("-01090000013", "remove everything else"),
    (".", "remove everything else"),
]

BAD_DATES = [
    PartialDate(2023, 2, 29),
    PartialDate(1990, 4, 31),
    PartialDate(1990, 13, 1),
    PartialDate(1990, 0, 12),  # a day without a month
    PartialDate(0, 5, 12),
    PartialDate(1990, 5, 32),
    PartialDate(-1990, 5, 12),
    PartialDate(1990, -5, 12),
    PartialDate(1990, 5, -12),
    PartialDate(1990, 0, -1),
    PartialDate(10000, 1, 1),
    PartialDate(2**31 - 1, 2**31 - 1, 2**31 - 1),
    PartialDate(-(2**31), 0, 0),
]

BAD_NAMES = [
    ("", "NAME_REQUIRED"),
    ("   ", "NAME_REQUIRED"),
    ("\u00a0\u200b", "NAME_REQUIRED"),
    ("123 -'.", "NAME_REQUIRED"),
    ("\u0301", "NAME_REQUIRED"),  # a tone without a letter
    ("A" * 101, "TOO_LONG"),
    ("ễ" * 101, "TOO_LONG"),
    (unicodedata.normalize("NFD", "ễ" * 101), "TOO_LONG"),
    ("Lê\0An", "NUL"),
]

BAD_CONTEXTS = [
    ({"request_id": ""}, "context.request_id", "REQUIRED"),
    ({"procedure_code": ""}, "context.procedure_code", "REQUIRED"),
    ({"unit_code": ""}, "context.unit_code", "REQUIRED"),
    ({"officer_id": ""}, "context.officer_id", "REQUIRED"),
    ({"officer_id": " \t"}, "context.officer_id", "REQUIRED"),  # blanks name nobody
    ({"request_id": "x" * 41}, "context.request_id", "TOO_LONG"),
    ({"procedure_code": "x" * 21}, "context.procedure_code", "TOO_LONG"),
    ({"unit_code": "x" * 36}, "context.unit_code", "TOO_LONG"),
    ({"officer_id": "x" * 21}, "context.officer_id", "TOO_LONG"),
    ({"dossier_id": "x" * 65}, "context.dossier_id", "TOO_LONG"),
    ({"request_id": "a\nb"}, "context.request_id", "UNPRINTABLE"),
    ({"procedure_code": "a\0b"}, "context.procedure_code", "UNPRINTABLE"),
    ({"unit_code": "a\x1b[31m"}, "context.unit_code", "UNPRINTABLE"),
    ({"officer_id": "a\u2028b"}, "context.officer_id", "UNPRINTABLE"),
    ({"dossier_id": "a\u202eb"}, "context.dossier_id", "UNPRINTABLE"),
]

RULES = {
    "REQUIRED",
    "TOO_LONG",
    "UNPRINTABLE",
    "NUMBER_REQUIRED",
    "PERSONAL_ID_FORMAT",
    "OLD_ID_NUMBER_FORMAT",
    "NUL",
    "NAME_REQUIRED",
    "BIRTH_DATE_REQUIRED",
    "NO_SUCH_DATE",
    "BATCH_SIZE",
}


def violations(*claims: Claim, context: Context = CONTEXT) -> tuple[Violation, ...]:
    """What is wrong with a call about one person, or with a batch of any other size."""
    with pytest.raises(MalformedRequest) as caught:
        check(context, *claims) if len(claims) == 1 else check_batch(context, claims)
    assert caught.value.reason == "INVALID_FIELD"
    return caught.value.violations


@pytest.mark.parametrize("good", GOOD_CLAIMS)
def test_a_claim_of_the_right_shape_passes(good: Claim) -> None:
    """Shape only: who does not exist, or cannot, gets an answer."""
    check(CONTEXT, good)
    check_batch(CONTEXT, [good])


def test_a_context_may_be_as_long_as_its_limits() -> None:
    """Each part at its longest, and the only part that may be empty, empty."""
    check(Context("r" * 40, "p" * 20, "u" * 35, "o" * 20, "d" * 64), claim())
    check(CONTEXT._replace(dossier_id=""), claim())


@pytest.mark.parametrize(("number", "hint"), BAD_NUMBERS)
def test_a_personal_number_is_twelve_digits(number: str, hint: str) -> None:
    """Anything else is refused with the likeliest mend."""
    (found,) = violations(claim(number=number))
    assert (found.field, found.rule) == ("claim.personal_id", "PERSONAL_ID_FORMAT")
    assert found.message_en.startswith("must be 12 digits 0-9; ")
    assert hint in found.message_en
    assert found.message_vi.startswith("phải gồm 12 chữ số 0-9; ")


@pytest.mark.parametrize(
    "number", ["12345678", "0123456789", "12345678O", NUMBER, "１２３４５６７８９"]
)
def test_an_old_number_is_nine_digits(number: str) -> None:
    """Also beside a good personal number."""
    (found,) = violations(claim(old=number))
    assert (found.field, found.rule) == ("claim.old_id_number", "OLD_ID_NUMBER_FORMAT")


def test_some_number_is_needed() -> None:
    """Name and birth date alone find nobody."""
    (found,) = violations(claim(number=""))
    assert (found.field, found.rule) == ("claim.personal_id", "NUMBER_REQUIRED")


@pytest.mark.parametrize(("name", "rule"), BAD_NAMES)
def test_a_name_has_letters_and_a_limit(name: str, rule: str) -> None:
    """At least one letter, at most 100 composed characters, no NUL."""
    (found,) = violations(claim(name=name))
    assert (found.field, found.rule) == ("claim.full_name", rule)


@pytest.mark.parametrize("date", BAD_DATES, ids=str)
def test_a_birth_date_exists(date: PartialDate) -> None:
    """As far as it is told."""
    (found,) = violations(claim(birth=date))
    assert (found.field, found.rule) == ("claim.birth_date", "NO_SUCH_DATE")


def test_a_birth_date_is_needed() -> None:
    """At least the year."""
    (found,) = violations(claim(birth=PartialDate(0)))
    assert (found.field, found.rule) == ("claim.birth_date", "BIRTH_DATE_REQUIRED")


@pytest.mark.parametrize(("change", "field", "rule"), BAD_CONTEXTS)
def test_a_context_names_who_asks_and_why(change: dict[str, str], field: str, rule: str) -> None:
    """Each part present, printable and within its limit."""
    (found,) = violations(claim(), context=CONTEXT._replace(**change))
    assert (found.field, found.rule) == (field, rule)


def test_all_mistakes_are_told_at_once() -> None:
    """In the order of the request; the error's message names the first."""
    bad = Claim("1", "2", "", PartialDate(0))
    with pytest.raises(MalformedRequest) as caught:
        check(CONTEXT._replace(officer_id=""), bad)
    assert [found.field for found in caught.value.violations] == [
        "context.officer_id",
        "claim.personal_id",
        "claim.old_id_number",
        "claim.full_name",
        "claim.birth_date",
    ]
    assert caught.value.message_en.startswith("context.officer_id: is required")
    assert caught.value.message_en.endswith("(and 4 more)")
    assert caught.value.message_vi.endswith("(và 4 lỗi khác)")


@pytest.mark.parametrize("count", [0, 1001, 5000])
def test_a_batch_has_one_to_a_thousand_claims(count: int) -> None:
    """The size is told, not the claims."""
    with pytest.raises(MalformedRequest) as caught:
        check_batch(CONTEXT, [claim()] * count)
    (found,) = caught.value.violations
    assert (found.field, found.rule) == ("claims", "BATCH_SIZE")
    assert found.message_en.startswith(f"{count} claims;")


def test_a_full_batch_passes() -> None:
    """1,000 is allowed."""
    check_batch(CONTEXT, [claim()] * MAX_BATCH)


def test_a_batch_names_the_claims_that_are_wrong() -> None:
    """By their position."""
    found = violations(claim(), claim(name=""), claim(), claim(number=""))
    assert [one.field for one in found] == ["claims[1].full_name", "claims[3].personal_id"]


def test_a_batch_of_mistakes_is_told_in_part() -> None:
    """An answer must not be larger than the question: at most so many."""
    bad = Claim("1", "2", "", PartialDate(0))
    assert len(violations(*[bad] * MAX_BATCH)) == MAX_VIOLATIONS


def test_every_rule_has_one_of_these_names() -> None:
    """The names are stable: clients act on them."""
    seen = {
        found.rule
        for found in (
            *violations(Claim("", "", "", PartialDate(0))),
            *violations(Claim("1", "2", "A" * 101, PartialDate(1990, 2, 30))),
            *violations(claim(name="a\0")),
            *violations(claim(), context=Context("", "a\n", "x" * 36, "o", "")),
            *violations(),
        )
    }
    assert seen == RULES


@given(
    st.lists(st.text(alphabet="ЖЩЪ漢字€♞\x07\u2029\ud800", min_size=1, max_size=120), min_size=8),
)
def test_no_message_repeats_a_text(texts: list[str]) -> None:
    """Whatever characters were sent, none of them comes back."""
    request_id, procedure, unit, officer, dossier, number, old, name = texts[:8]
    context = Context(request_id, procedure, unit, officer, dossier)
    sent = set().union(*texts)
    for found in violations(Claim(number, old, name, BIRTH), context=context):
        assert sent.isdisjoint("".join(astuple(found)))


digits = st.text(alphabet="0123456789", min_size=13, max_size=40)


@given(digits, digits, digits.map(lambda text: text * 8))
def test_no_message_repeats_a_number(number: str, old: str, name: str) -> None:
    """Not even a part of one that is long enough to help a guesser."""
    for found in violations(Claim(number, old, name, BIRTH)):
        told = found.message_en + found.message_vi
        for sent in (number, old, name):
            assert not any(sent[at : at + 4] in told for at in range(len(sent) - 3))


@given(st.integers(-(2**31), 2**31 - 1), st.integers(13, 2**31 - 1), st.integers(32, 2**31 - 1))
def test_no_message_repeats_a_date(year: int, month: int, day: int) -> None:
    """The message for a date is always the same."""
    (found,) = violations(claim(birth=PartialDate(year, month, day)))
    (other,) = violations(claim(birth=PartialDate(1990, 13, 32)))
    assert found == other


def test_the_usual_claim_is_the_one_the_tables_change() -> None:
    """Every bad claim above is bad in one part only."""
    assert claim() == Claim(NUMBER, "", NAME, BIRTH)
    check(CONTEXT, claim())
