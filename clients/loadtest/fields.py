"""Reading the fields of a TOML table, each with what it must be; errors name field and line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from clients.loadtest.errors import LoadError
from clients.loadtest.toml_lines import lines_of

_E = TypeVar("_E", bound=StrEnum)
_REQUIRED = object()


class Document:
    """A TOML file that is being read.

    Args:
        where: What its errors call it.
        text: What is in it.
    """

    def __init__(self, where: str, text: str) -> None:
        self._where = where
        self._lines = lines_of(text)

    def fail(self, field: str, why: str) -> NoReturn:
        """Raise LoadError for a field, with the line of it or of the table around it."""
        name = field
        while name and name not in self._lines:
            name = name.rpartition(".")[0]
        line = f":{self._lines[name]}" if name else ""
        raise LoadError(f"{self._where}{line}: {field}: {why}")


class Table:
    """One table of a document; every field is asked for once, and what is left over is an error."""

    def __init__(self, document: Document, name: str, values: object) -> None:
        self._document = document
        self.name = name
        if not isinstance(values, Mapping):
            document.fail(name, "must be a table")
        self._values = dict(values)

    def path(self, field: str) -> str:
        """The field's whole name."""
        return f"{self.name}.{field}" if self.name else field

    def fail(self, field: str, why: str) -> NoReturn:
        """Raise LoadError for a field of this table."""
        self._document.fail(self.path(field), why)

    def number(
        self, field: str, default: Any = _REQUIRED, *, low: float = 0.0, above: bool = False
    ) -> float:
        """A number that is not below ``low``, or is above it."""
        value = self._take(field, default)
        if value is default:
            return value  # type: ignore[no-any-return]
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(field, f"must be a number, not {value!r}")
        if value < low or (above and value == low):
            self.fail(field, f"must be {'more than' if above else 'at least'} {low:g}")
        return float(value)

    def whole(self, field: str, default: Any = _REQUIRED, *, low: int, high: int = 2**31) -> int:
        """A whole number between ``low`` and ``high``."""
        value = self._take(field, default)
        if value is default:
            return value  # type: ignore[no-any-return]
        if isinstance(value, bool) or not isinstance(value, int):
            self.fail(field, f"must be a whole number, not {value!r}")
        if not low <= value <= high:
            self.fail(field, f"must be {low} to {high}")
        return value

    def text(self, field: str, default: Any = _REQUIRED) -> str:
        """A text."""
        value = self._take(field, default)
        if value is not default and not isinstance(value, str):
            self.fail(field, f"must be a text, not {value!r}")
        return value  # type: ignore[no-any-return]

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of texts; empty when left out."""
        value = self._take(field, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self.fail(field, "must be a list of texts")
        return tuple(value)

    def choice(self, field: str, kind: type[_E], default: Any = _REQUIRED) -> _E:
        """One of the values of an enumeration."""
        value = self._take(field, default)
        if value is default:
            return value  # type: ignore[no-any-return]
        if value not in list(kind):
            self.fail(field, f"must be one of {', '.join(kind)}, not {value!r}")
        return kind(value)

    def shares(self, field: str, kind: type[_E], default: dict[_E, float]) -> dict[_E, float]:
        """A table of relative shares, not all of them 0."""
        given = self._take(field, None)
        if given is None:
            return default
        table = Table(self._document, self.path(field), given)
        found = {each: table.number(each, 0.0) for each in kind if each in table._values}
        table.finish(kind)
        if not sum(found.values()):
            self.fail(field, "the shares must not all be 0")
        return {each: share for each, share in found.items() if share}

    def points(self, field: str) -> tuple[tuple[float, float], ...]:
        """A list of [hour, rate] pairs, hours from 0 to 24 and ascending, some rate above 0."""
        value = self._take(field, _REQUIRED)
        if not isinstance(value, list) or not all(_is_pair(each) for each in value):
            self.fail(field, "must be a list of [hour, relative rate] pairs")
        pairs = tuple((float(hour), float(rate)) for hour, rate in value)
        hours = [hour for hour, _ in pairs]
        if not hours or sorted(set(hours)) != hours or hours[0] < 0 or hours[-1] > 24:  # noqa: PLR2004 - of the day
            self.fail(field, "the hours must ascend from 0 to 24")
        if min(rate for _, rate in pairs) < 0 or not any(rate for _, rate in pairs):
            self.fail(field, "rates must not be negative, nor all 0")
        return pairs

    def tables(self, field: str) -> list[Table]:
        """An array of tables; empty when left out."""
        value = self._take(field, [])
        if not isinstance(value, list):
            self.fail(field, f"write [[{self.path(field)}]]")
        path = self.path(field)
        return [Table(self._document, f"{path}[{at}]", one) for at, one in enumerate(value)]

    def table(self, field: str) -> Table:
        """A table; an empty one when left out."""
        return Table(self._document, self.path(field), self._take(field, {}))

    def checked(self, field: str, value: str, check: Callable[[str], object]) -> str:
        """A value that another reader takes; its ValueError becomes ours."""
        try:
            check(value)
        except ValueError as error:
            self.fail(field, str(error))
        return value

    def finish(self, known: Iterable[str]) -> None:
        """LoadError when something is left that nobody asked for."""
        for name in self._values:
            self.fail(name, f"is not known here; there is {', '.join(known)}")

    def _take(self, field: str, default: Any) -> Any:
        if field not in self._values and default is _REQUIRED:
            self.fail(field, "is missing")
        return self._values.pop(field, default)


def _is_pair(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2  # noqa: PLR2004 - a pair
        and all(isinstance(each, int | float) and not isinstance(each, bool) for each in value)
    )
