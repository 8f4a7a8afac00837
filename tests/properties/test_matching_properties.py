"""Laws of matching, over names built syllable by syllable."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.core.matching import DateLevel, NameLevel, match_birth_date, match_name
from mock_population_db.partial_date import PartialDate

ONSETS = [
    "",
    "b",
    "ch",
    "d",
    "đ",
    "h",
    "kh",
    "l",
    "m",
    "ng",
    "ngh",
    "nh",
    "ph",
    "t",
    "th",
    "tr",
    "v",
]
NUCLEI = ["a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y", "oa", "oe", "uy", "uyê", "iê"]
NUCLEI += ["ươ", "uô", "ưa", "ua", "ia", "ao", "oai", "uây"]
CODAS = ["", "c", "ch", "m", "n", "ng", "nh", "p", "t"]
TONES = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]


@dataclass(frozen=True)
class Syllable:
    """A syllable as the rules see it, and the vowel that carries its tone in writing."""

    letters: tuple[str, str, str]  # onset, nucleus, coda
    tone: str
    place: int  # of the tone, counted within the nucleus; taken modulo its length

    @property
    def sound(self) -> tuple[str, str]:
        """What the rules compare: the letters, and the tone wherever it is written."""
        return "".join(self.letters), self.tone

    @property
    def written(self) -> str:
        """The syllable in NFC."""
        onset, nucleus, coda = self.letters
        at = self.place % len(nucleus) + 1
        text = onset + nucleus[:at] + self.tone + nucleus[at:] + coda
        return unicodedata.normalize("NFC", text)

    @property
    def bare(self) -> str:
        """The syllable without marks, by the court clients' recipe."""
        apart = unicodedata.normalize("NFD", self.written.replace("đ", "d"))
        return "".join(char for char in apart if unicodedata.category(char) != "Mn")


Name = tuple[Syllable, ...]

syllables = st.builds(
    Syllable,
    st.tuples(st.sampled_from(ONSETS), st.sampled_from(NUCLEI), st.sampled_from(CODAS)),
    st.sampled_from(TONES),
    st.integers(0, 2),
)
names: st.SearchStrategy[Name] = st.lists(syllables, min_size=1, max_size=5).map(tuple)
# few letters, so that names which differ in one mark or tone come up often
similar = st.builds(
    Syllable,
    st.tuples(st.sampled_from("dđ"), st.sampled_from(["oa", "ôa", "ua", "ưa"]), st.just("")),
    st.sampled_from(TONES[:3]),
    st.integers(0, 1),
)
similar_names: st.SearchStrategy[Name] = st.lists(similar, min_size=1, max_size=2).map(tuple)
any_text = st.text(max_size=40) | st.text(
    "aAăÂđÐươýÿ '’-\u0301\u0302\u0323\u200b\u00a0", max_size=12
)


def write(name: Name) -> str:
    """The name as text in NFC."""
    return " ".join(syllable.written for syllable in name)


def strip(name: Name) -> str:
    """The name as text without marks."""
    return " ".join(syllable.bare for syllable in name)


def is_marked(name: Name) -> bool:
    """Whether the written name has any mark."""
    return write(name) != strip(name)


@given(names, st.sampled_from([str.upper, str.title, str.lower]))
def test_form_and_case_never_matter(name: Name, case: Callable[[str], str]) -> None:
    """A name equals itself composed or decomposed and in any case."""
    claimed = case(write(name))
    assert match_name(claimed, write(name)) is NameLevel.EXACT
    assert match_name(unicodedata.normalize("NFD", claimed), write(name)) is NameLevel.EXACT


@given(names, st.booleans())
def test_order_of_combining_marks_never_matters(name: Name, composed: bool) -> None:  # noqa: FBT001 - drawn
    """Tone before hat, breve or horn, composed with its letter or not, equals the composed name."""
    letters = [unicodedata.normalize("NFD", char) for char in write(name)]
    turned = (letter[0] + letter[:0:-1] for letter in letters)
    forms = (unicodedata.normalize("NFC", part) if composed else part for part in turned)
    assert match_name("".join(forms), write(name)) is NameLevel.EXACT


@given(
    names,
    st.sampled_from("\x00\x1b\u00ad\u034f\u200b\u200d\u200f\u202e\u2060\ufe0f\ufeff"),
    st.data(),
)
def test_invisible_characters_never_matter(name: Name, char: str, data: st.DataObject) -> None:
    """A control, zero-width or direction mark anywhere, even between marks, changes nothing."""
    apart = unicodedata.normalize("NFD", write(name))
    at = data.draw(st.integers(0, len(apart)))
    assert match_name(apart[:at] + char + apart[at:], write(name)) is NameLevel.EXACT


@given(names, st.sampled_from("'`´ʼ‘’-‐–−"), st.data())
def test_joiners_are_nothing_or_a_blank(name: Name, joiner: str, data: st.DataObject) -> None:
    """An apostrophe or hyphen between letters, or for a blank, changes nothing."""
    text = write(name)
    at = data.draw(st.integers(0, len(text)))
    assert match_name(text[:at] + joiner + text[at:], text) is NameLevel.EXACT
    assert match_name(text, text.replace(" ", joiner)) is NameLevel.EXACT


@given(names, st.lists(st.integers(0, 2), min_size=5, max_size=5))
def test_moved_tones_are_a_spelling(name: Name, places: list[int]) -> None:
    """Tones written on other vowels of their syllables still verify, as EXACT or SPELLING."""
    moved = tuple(replace(part, place=place) for part, place in zip(name, places, strict=False))
    same = write(moved) == write(name)
    assert match_name(write(moved), write(name)) is (
        NameLevel.EXACT if same else NameLevel.SPELLING
    )


@given(names)
def test_without_marks_is_unmarked(name: Name) -> None:
    """All marks gone is UNMARKED, where the register has any."""
    expected = NameLevel.UNMARKED if is_marked(name) else NameLevel.EXACT
    assert match_name(strip(name).upper(), write(name)) is expected


@given(names)
def test_without_marks_and_blanks_is_compact(name: Name) -> None:
    """Blanks gone too is COMPACT, where the register has any."""
    assume(len(name) > 1)
    claimed = strip(name).replace(" ", "").upper()
    assert match_name(claimed, write(name)) is NameLevel.COMPACT


@given(names, st.data())
def test_some_marks_gone_never_verify(name: Name, data: st.DataObject) -> None:
    """A claim that kept some of its marks and lost others does not verify."""
    apart = [*unicodedata.normalize("NFD", write(name))]
    marks = [at for at, char in enumerate(apart) if char == "đ" or unicodedata.combining(char)]
    assume(len(marks) > 1)
    gone = data.draw(st.sets(st.sampled_from(marks), min_size=1, max_size=len(marks) - 1))
    without = ["d" if char == "đ" else "" for char in apart]
    claimed = "".join(without[at] if at in gone else char for at, char in enumerate(apart))
    assert not match_name(claimed, write(name)).verifies


@given(similar_names, similar_names)
def test_marked_names_verify_only_when_every_syllable_is_the_same(one: Name, other: Name) -> None:
    """Between marked names, letters and tone of every syllable decide, and nothing else."""
    assume(is_marked(one) and is_marked(other))
    same = [part.sound for part in one] == [part.sound for part in other]
    assert match_name(write(one), write(other)).verifies == same


@given(names, st.data())
def test_another_base_letter_never_verifies(name: Name, data: st.DataObject) -> None:
    """One letter replaced by another, with marks or without, does not verify."""
    form = data.draw(st.sampled_from([write(name), strip(name), strip(name).replace(" ", "")]))
    at = data.draw(st.integers(0, len(form) - 1).filter(lambda at: form[at] != " "))
    was = "d" if form[at] == "đ" else unicodedata.normalize("NFD", form[at])[0]
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz").filter(lambda c: c != was))
    assert not match_name(form[:at] + letter + form[at + 1 :], write(name)).verifies


@given(names, st.permutations(range(5)))
def test_another_order_is_never_more_than_partial(name: Name, order: list[int]) -> None:
    """Reordered marked tokens are PARTIAL, unless the order makes no difference."""
    moved = tuple(name[at] for at in order if at < len(name))
    assume(is_marked(name))
    level = match_name(write(moved), write(name))
    same = [part.sound for part in moved] == [part.sound for part in name]
    assert level.verifies if same else level is NameLevel.PARTIAL


@given(any_text, any_text)
def test_any_text_has_a_level(claimed: str, stored: str) -> None:
    """No text breaks matching, and an empty register alone gives NO_DATA."""
    level = match_name(claimed, stored)
    assert (level is NameLevel.NO_DATA) == (match_name("a", stored) is NameLevel.NO_DATA)


@given(any_text)
def test_any_text_equals_itself(text: str) -> None:
    """Every text is EXACT with itself, or nothing visible."""
    assert match_name(text, text) in {NameLevel.EXACT, NameLevel.NO_DATA}


@given(similar_names | names, similar_names | names)
def test_marked_names_match_both_ways_alike(one: Name, other: Name) -> None:
    """Claim and register may change places as long as both have marks."""
    assume(is_marked(one) and is_marked(other))
    assert match_name(write(one), write(other)) is match_name(write(other), write(one))


partial_dates = st.builds(
    PartialDate, st.integers(1947, 1949), st.integers(0, 3), st.integers(0, 3)
).filter(PartialDate.exists)


@given(partial_dates, partial_dates)
def test_dates_that_verify_travel_as_the_same_day(
    claimed: PartialDate, stored: PartialDate
) -> None:
    """A date verifies if it is the register's, or that with 1 for all it does not know."""
    filled = PartialDate(stored.year, stored.month or 1, stored.day or 1)
    assert match_birth_date(claimed, stored).verifies == (claimed in {stored, filled})


@given(partial_dates, partial_dates)
def test_less_precise_is_a_beginning_of_a_full_date(
    claimed: PartialDate, stored: PartialDate
) -> None:
    """LESS_PRECISE is a claim that a full date goes on from, and nothing else."""
    begins = stored.day > 0 and claimed.day == 0 and str(stored).startswith(str(claimed))
    assert (match_birth_date(claimed, stored) is DateLevel.LESS_PRECISE) == begins
