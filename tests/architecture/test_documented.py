"""What exists is documented, and what is documented exists."""

import importlib
import pkgutil
import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass

import dancu.control.v1
import dancu.v1
from gateway.config import DevConfig, ServeConfig
from gateway.core.matching import match_birth_date, match_name
from gateway.core.trail import CHECKS
from gateway.rpc.edge import Limits
from gateway.rpc.reasons import ABOUT
from gateway.rpc.status import REASONS
from mock_population_db.partial_date import PartialDate
from mock_population_db.persona_rules import RULES as RULES_OF_PERSONAS
from mock_population_db.personas_file import load_personas_file
from tests.architecture import commands_page, reasons
from tests.architecture.imports import modules
from tests.architecture.pages import DOCS, examples, read, tables

ROOT = DOCS.parent
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])

_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
_FROM_AN_INDEX = re.compile(r"pip install[^\n;:]*?[ '\"]dancu(?:\[|[\s`'\"]*$)", re.MULTILINE)
_ENVIRONMENT = re.compile(r"os\.environ|getenv|envvar=")


def _methods() -> dict[str, MethodDescriptor]:
    """Every RPC of the contract, by its full name."""
    found = {}
    for package in (dancu.v1, dancu.control.v1):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if module.name.endswith("_pb2"):
                file = importlib.import_module(module.name).DESCRIPTOR
                for service in file.services_by_name.values():
                    for method in service.methods:
                        found[f"{service.full_name}/{method.name}"] = method
    return found


METHODS = _methods()
EXAMPLES = examples(read("rpcs.md"))
ERRORS = tables(read("errors.md"), "reason")
RULES = tables(read("errors.md"), "rule")
NAMES = tables(read("matching.md"), "claimed", "register", "level")
DATES = tables(read("matching.md"), "claimed date", "register date", "date level")


def test_rpcs() -> None:
    """docs/rpcs.md has every RPC of the contract under its full name, and no other."""
    assert sorted(EXAMPLES) == sorted(METHODS)


@pytest.mark.parametrize("name", METHODS)
def test_example_is_a_request(name: str) -> None:
    """Each RPC has one example, which is a message of its request type and says something."""
    (block,) = EXAMPLES[name]
    request = GetMessageClass(METHODS[name].input_type)()
    json_format.Parse(block, request)
    assert bool(request.ByteSize()) == bool(request.DESCRIPTOR.fields)


def test_reasons_have_codes() -> None:
    """Every reason that the gateway gives is in the error table, and the table has no other."""
    assert reasons.reasons_given() == set(REASONS)


def test_reasons() -> None:
    """docs/errors.md has every reason with its gRPC code, and no other."""
    assert {row["reason"]: row["gRPC code"] for row in ERRORS} == {
        reason: code.name for reason, code in REASONS.items()
    }


def test_what_is_said_of_reasons() -> None:
    """docs/errors.md has side, check and officer's sentence of every reason, as the code has."""
    written = {
        row["reason"]: (row["side"], row["check"], row["for the officer (vi)"]) for row in ERRORS
    }
    assert written == {reason: tuple(map(str, about)) for reason, about in ABOUT.items()}
    assert set(ABOUT) == set(REASONS)
    assert {about.check for about in ABOUT.values()} <= set(CHECKS)


def test_rules() -> None:
    """docs/errors.md has every rule of a violation, and no other."""
    assert sorted(row["rule"] for row in RULES) == sorted(reasons.rules_given())


@pytest.mark.parametrize("language", ["en", "vi"])
def test_messages(language: str) -> None:
    """The messages of docs/errors.md are those of the code, letter by letter."""
    written = {row[f"message ({language})"] for row in [*ERRORS, *RULES]}
    assert written - reasons.texts() == set()


@pytest.mark.parametrize("record", [DevConfig, Limits])
def test_settings(record: type[DevConfig | Limits]) -> None:
    """docs/settings.md has every field with its default, and no other."""
    rows = {
        row["field"]: row["default"]
        for row in tables(read("settings.md"), "field")
        if ("option" in row) is (record is DevConfig)
    }
    assert rows == {field.name: _default(field.default) for field in fields(record)}


def test_settings_of_serve() -> None:
    """docs/settings.md has every name of the configuration file with its default, and no other."""
    rows = {row["setting"]: row["default"] for row in tables(read("settings.md"), "setting")}
    assert rows == {field.name: _default(field.default) for field in fields(ServeConfig)}


def _default(value: object) -> str:
    assert value is not MISSING
    if value is None:
        return "none"
    return value.as_posix() if isinstance(value, Path) else str(value)


def test_options_of_settings() -> None:
    """docs/settings.md names the options of ``dancu dev``, and no other."""
    written = {row["option"] for row in tables(read("settings.md"), "field", "option")}
    section = commands_page.render().partition("## dancu dev\n")[2].partition("\n## ")[0]
    offered = {row["option"].split()[0] for row in tables(section, "option")}
    assert written - {"no option"} == offered


def test_no_environment_variables() -> None:
    """As docs/settings.md says: gRPC's own verbosity, and who is asked for traces."""
    readers = [name for name, path in modules() if _ENVIRONMENT.search(path.read_text("utf-8"))]
    assert readers == ["gateway", "gateway.observe.observation"]


def test_commands() -> None:
    """docs/commands.md is what the command says of itself."""
    assert read("commands.md") == commands_page.render()


def test_nothing_is_installed_from_an_index() -> None:
    """None has dancu: somebody else's package of that name would be fetched one day."""
    assert _FROM_AN_INDEX.search("pip install 'dancu[otel]', and")
    assert _FROM_AN_INDEX.search("pip install locust dancu\n")
    texts = {path: path.read_text("utf-8") for path in (*PAGES, *DOCS.rglob("*.py"))}
    texts |= {path: path.read_text("utf-8") for _, path in modules()}
    assert [path for path, text in texts.items() if _FROM_AN_INDEX.search(text)] == []


def test_people_of_ones_own(tmp_path: Path) -> None:
    """The file that docs/settings.md shows can be added, and all its columns are named there."""
    section = read("settings.md").partition("### People of your own\n")[2].partition("\n## ")[0]
    (example,) = re.findall(r"^```csv\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    path = tmp_path / "mine.csv"
    path.write_text(example, "utf-8")
    assert [one.claim.full_name for one in load_personas_file(path)] == [
        "Nguyễn Thị Hoa Mai",
        "Trần Văn Minh An",
    ]
    named = {*re.findall(r"`(\w+)`", section), *example.splitlines()[0].split(",")}
    assert set(RULES_OF_PERSONAS) <= named


@pytest.mark.parametrize("row", NAMES, ids=lambda row: f"{row['claimed']}={row['register']}")
def test_example_of_a_name(row: dict[str, str]) -> None:
    """Each pair of names in docs/matching.md has the level written beside it."""
    assert match_name(row["claimed"], row["register"]).name == row["level"]


@pytest.mark.parametrize(
    "row", DATES, ids=lambda row: f"{row['claimed date']}={row['register date']}"
)
def test_example_of_a_date(row: dict[str, str]) -> None:
    """Each pair of dates in docs/matching.md has the level written beside it."""
    claimed, stored = (PartialDate.parse(row[key]) for key in ("claimed date", "register date"))
    assert match_birth_date(claimed, stored).name == row["date level"]


def test_tables_were_found() -> None:
    """The pages still have the tables that are compared above."""
    assert min(map(len, (ERRORS, RULES, NAMES, DATES, EXAMPLES))) > 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links(page: Path) -> None:
    """Every link within the repository leads to a file, and to a heading if it names one."""
    broken = [
        f"{target}#{heading}"
        for target, heading in _LINK.findall(page.read_text("utf-8"))
        if not _leads_somewhere(page.parent / target if target else page, heading)
    ]
    assert broken == []


def _leads_somewhere(path: Path, heading: str) -> bool:
    if not path.exists():
        return False
    return not heading or heading in {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("#")
    }
