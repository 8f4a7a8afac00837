"""A policy's file: what it means, and every mistake with its line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from gateway.core.errors import Refused
from gateway.core.policy import FIELDS, SENSITIVE
from gateway.core.pool import Quota
from gateway.policies.file import PolicyFileError, demo_policy, load_policy, parse_policy
from tests.unit.test_policy import NOW, call

GRANT = """[[grant]]
callers = ["one"]
procedures = ["1.001"]
rpcs = ["LookupCitizen"]
fields = ["name"]
"""
QUOTA = """[[quota]]
callers = ["one"]
procedures = ["*"]
"""


def problems(text: str) -> list[tuple[int, str, str]]:
    """Line, key and rule of everything that is wrong with a text."""
    with pytest.raises(PolicyFileError) as caught:
        parse_policy(text.encode(), "p.toml")
    return [(one.line, one.key, one.rule) for one in caught.value.problems]


def test_a_grant_is_for_every_caller_procedure_and_rpc_that_it_names() -> None:
    """Groups and sets are taken apart; the grant knows where it was written."""
    policy = parse_policy(
        b"""
[groups]
south = ["one", "two"]
[field_sets]
contact = ["phone", "email"]

[[grant]]
callers = ["@south", "three"]
procedures = ["1.001", "1.002"]
rpcs = ["LookupCitizen", "VerifyIdentity"]
fields = ["contact", "blood_type"]
explain = true
""",
        "p.toml",
    )
    assert policy.callers == {"one", "two", "three"}
    for caller in policy.callers:
        for procedure in ("1.001", "1.002"):
            for rpc in ("LookupCitizen", "VerifyIdentity"):
                grant = policy.authorise(call(caller, rpc, procedure), NOW)
                assert grant.fields == {"phone", "email", "blood_type"}
                assert (grant.explain, grant.members) == (True, False)
                assert (grant.file, grant.line) == ("p.toml", 7)


def test_ordinary_is_every_field_but_the_sensitive_ones() -> None:
    """In every file, without being defined."""
    policy = parse_policy(GRANT.replace('"name"', '"ordinary"').encode(), "p.toml")
    assert policy.authorise(call(), NOW).fields == set(FIELDS) - SENSITIVE


@pytest.mark.parametrize(
    ("key", "moment", "refused"),
    [
        ("valid_from = 2026-03-01", "2026-03-01T00:00:00+07:00", ""),
        ("valid_from = 2026-03-01", "2026-02-28T23:59:59+07:00", "GRANT_NOT_YET_VALID"),
        ("valid_until = 2026-03-01", "2026-03-01T23:59:59+07:00", ""),
        ("valid_until = 2026-03-01", "2026-03-02T00:00:00+07:00", "GRANT_EXPIRED"),
        ("valid_until = 2026-03-01T12:00:00+07:00", "2026-03-01T04:59:59Z", ""),
        ("valid_until = 2026-03-01T12:00:00+07:00", "2026-03-01T05:00:00Z", "GRANT_EXPIRED"),
    ],
)
def test_dates_are_days_in_viet_nam(key: str, moment: str, refused: str) -> None:
    """The last day counts to its end; a moment is the moment."""
    policy = parse_policy(f"{GRANT}{key}\n".encode(), "p.toml")
    now = datetime.fromisoformat(moment).timestamp()
    if refused:
        with pytest.raises(Refused) as caught:
            policy.authorise(call(), now)
        assert caught.value.reason == refused
    else:
        assert policy.authorise(call(), now)


def test_a_quota_is_for_every_caller_and_procedure() -> None:
    """The bucket holds a second's worth unless told otherwise."""
    policy = parse_policy(f"{GRANT}{QUOTA}per_second = 2.5\nper_day = 9\n".encode(), "p.toml")
    assert policy.quotas == {
        ("one", "*"): Quota(per_second=2.5, burst=3, per_day=9, file="p.toml", line=6)
    }


def test_the_version_is_a_digest_of_the_file() -> None:
    """Another file, another version; the same one, the same."""
    one, same, other = (
        parse_policy(text.encode(), "p.toml").version for text in (GRANT, GRANT, GRANT + "# x\n")
    )
    assert one == same != other
    assert demo_policy().version.startswith("sha256:")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", (1, "grant", "there is none, so nothing is allowed")),
        ("a = [\n", (2, "file", "is no TOML")),
        (GRANT + "x = = 1\n", (6, "file", "is no TOML")),
        (GRANT + "[[gruant]]\na=1\n", (6, "gruant", "is no part of a policy")),
        ('grant = "all"\n', (1, "grant", "is no list of tables")),
        ("groups = 3\n" + GRANT, (1, "groups", "is no table")),
        ("[groups]\na = []\n" + GRANT, (2, "a", "is not a list of texts")),
        ('[groups]\na = ["@b"]\n' + GRANT, (2, "a", "@b is no caller")),
        ('[field_sets]\na = ["religion_code"]\n' + GRANT, (2, "a", "religion_code is sensitive")),
        ('[field_sets]\na = ["nme"]\n' + GRANT, (2, "a", "there is no field nme")),
        (
            '[field_sets]\nordinary = ["name"]\n' + GRANT,
            (2, "ordinary", "is a name of dancu's own"),
        ),
        (GRANT.replace('callers = ["one"]\n', ""), (1, "callers", "is missing")),
        (GRANT.replace('rpcs = ["LookupCitizen"]\n', ""), (1, "rpcs", "is missing")),
        (GRANT.replace('["one"]', '"one"'), (2, "callers", "is not a list of texts")),
        (GRANT.replace('["one"]', '["one", "one"]'), (2, "callers", "is not a list of texts")),
        (GRANT.replace('["one"]', '["*"]'), (2, "callers", '"*" would let in anybody')),
        (GRANT.replace('["one"]', '["@no"]'), (2, "callers", "there is no group no")),
        (GRANT.replace('"1.001"', '"*", "1.001"'), (3, "procedures", '"*" stands for all')),
        (GRANT.replace("1.001", "1" * 21), (3, "procedures", "1" * 21 + " is longer than 20")),
        (GRANT.replace("LookupCitizen", "Lookup"), (4, "rpcs", "there is no RPC Lookup")),
        (GRANT.replace("LookupCitizen", "*"), (4, "rpcs", '"*" would open RPCs')),
        (GRANT.replace('"name"', '"*"'), (5, "fields", '"*" would open sensitive fields')),
        (GRANT.replace('"name"', '"sex",\n\n  "nam"'), (7, "fields", "there is no field nam")),
        (GRANT.replace('fields = ["name"]\n', ""), (1, "fields", "is missing, and LookupCitizen")),
        (GRANT.replace("LookupCitizen", "VerifyIdentity"), (5, "fields", "opens nothing")),
        (GRANT + "explain = true\n", (6, "explain", "opens nothing")),
        (GRANT + "members = true\n", (6, "members", "opens nothing")),
        (GRANT + "explain = 1\n", (6, "explain", "is not true or false")),
        (GRANT + "explains = true\n", (6, "explains", "is not a known key")),
        (GRANT + 'valid_from = "today"\n', (6, "valid_from", "is not a date")),
        (GRANT + "valid_from = 2026-01-01T00:00:00\n", (6, "valid_from", "is not a date")),
        (
            GRANT + "valid_from = 2026-01-02\nvalid_until = 2026-01-01\n",
            (7, "valid_until", "is not after valid_from"),
        ),
        (GRANT + "\n" + GRANT, (7, "grant", "overlaps the one of line 1: both decide LookupC")),
        (GRANT + QUOTA, (6, "quota", "limits nothing")),
        (GRANT + QUOTA + "per_day = 0\n", (9, "per_day", "is not a whole number from 1")),
        (GRANT + QUOTA + "per_day = true\n", (9, "per_day", "is not a whole number from 1")),
        (GRANT + QUOTA + "per_second = 0\n", (9, "per_second", "is not a number above 0")),
        (GRANT + QUOTA + "per_second = inf\n", (9, "per_second", "is not a number above 0")),
        (GRANT + QUOTA + "per_day = 9\nburst = 3\n", (10, "burst", "is without a rate")),
        (
            GRANT + (QUOTA + "per_day = 9\n") * 2,
            (10, "quota", "overlaps the one of line 6: both limit one"),
        ),
        (GRANT + QUOTA.replace("one", "two") + "per_day = 9\n", (6, "callers", "two has a quota")),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, found: tuple[int, str, str]) -> None:
    """Line, key and what is wrong."""
    line, key, rule = found
    assert any(
        (one_line, one_key) == (line, key) and one_rule.startswith(rule)
        for one_line, one_key, one_rule in problems(text)
    ), problems(text)


def test_everything_is_told_at_once() -> None:
    """In the order of the lines, each with the mend."""
    text = GRANT.replace("one", "*").replace('"name"', '"nme"') + "members = true\ncolour = 1\n"
    assert [(line, key) for line, key, _ in problems(text)] == [
        (2, "callers"),
        (5, "fields"),
        (6, "members"),
        (7, "colour"),
    ]
    with pytest.raises(PolicyFileError) as caught:
        parse_policy(text.encode(), "p.toml")
    lines = str(caught.value).splitlines()
    assert lines[0].startswith('p.toml:2: callers: "*" would let in anybody; name them, or a')
    assert all("; " in line for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        "# [[grant]]\n" + GRANT,
        GRANT.replace('["one"]', '[ # who\n  "one",\n]'),
        GRANT.replace('"1.001"', '"[[grant]]"'),
        "﻿" + GRANT,
        GRANT.replace("\n", "\r\n"),
    ],
)
def test_lines_are_found_whatever_the_style(text: str) -> None:
    """Comments, arrays over several lines, brackets in texts, a byte-order mark, CRLF."""
    wrong = text + "colour = 1\n"
    expected = wrong.replace("\r\n", "\n").count("\n")
    assert problems(wrong) == [(expected, "colour", "is not a known key")]
    assert parse_policy(text.encode(), "p.toml").callers == {"one"}


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """As one line like the others, but without a place in it."""
    with pytest.raises(PolicyFileError, match=r"none\.toml: file: No such file"):
        load_policy(tmp_path / "none.toml")


def test_a_file_that_is_no_utf8_is_told() -> None:
    """With the line of the first wrong byte."""
    with pytest.raises(PolicyFileError, match=r"p\.toml:2: file: is not UTF-8"):
        parse_policy(b"# x\n\xff\n", "p.toml")
