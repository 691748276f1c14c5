"""What a table is made of: columns with a value to compare and a text to show, and what the rows mean.

The same columns serve the screen, ``fleetui get`` and the filter language. A value of ``None`` is unknown: it sorts
last, matches no comparison, and its text is ``?``.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

from fleetui.model.cluster import Health

R = TypeVar("R")

Value = str | int | float | tuple[int, ...]

SortKey = str | int | float | tuple[int | float, ...]

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

UNKNOWN = "?"
NOTHING = "–"
"""There is nothing to show, and that is known: no operation, no control-plane nodes."""

_DIGITS = re.compile(r"\d+")


class Kind(StrEnum):
    """How values compare, and which units a filter may use."""

    TEXT = "text"
    WORDS = "words"
    """Text of words separated by commas: equal to a word when one of them is."""
    NUMBER = "number"
    RATIO = "ratio"
    """(have, of): compares by ``have``, or by have/of when the filter says a percentage. Sorts by have/of."""
    VERSION = "version"
    """Text such as ``v1.35.4``: compares by the parts that the filter names."""
    DURATION = "duration"
    """Seconds."""
    SINCE = "since"
    """Unix seconds in the past; shown and compared as the time since then."""
    UNTIL = "until"
    """Unix seconds in the future; shown and compared as the time until then."""


class Align(StrEnum):
    LEFT = "left"
    RIGHT = "right"


class Column(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """One column. ``value`` is compared and sorted, ``text`` is shown; neither ever raises."""

    id: str
    """What filters, ``:sort`` and CSV headers call it: lower case, no blanks."""
    title: str
    doc: str
    """One sentence for the help."""
    kind: Kind = Kind.TEXT
    value: Callable[[R], Value | None]
    text: Callable[[R, float], str]
    """(row, now in Unix seconds)."""
    attribute: str = ""
    """The row's attribute that is the value, when it is one: filters then read it without a call."""
    known: bool = False
    """True when the value is never None."""
    least: int = 4
    """Cells it needs to make sense; with less room it is not there."""
    most: int = 16
    """Cells it may grow to when its texts ask for them."""
    priority: int = 5
    """1 is always there; the highest number goes first when room is short."""
    align: Align = Align.LEFT
    style: Callable[[R, float], str] | None = None
    """Semantic style of the text: ``ok``, ``warn``, ``danger``, ``stale``, ``unknown``...; empty is plain."""
    sign: Callable[[R], str] | None = None
    """A glyph before the text, by its name in ``console.glyphs``; empty is none."""
    optional: bool = False
    """True: not there while no row has anything to say in it (no source)."""
    wide: bool = False
    """Only in the wide view and ``-o wide``."""

    def sort_key(self, row: R) -> SortKey | None:
        """Ascending order of the values; None when unknown. Ages ascend from the youngest."""
        value = self.value(row)
        if value is None:
            return None
        if self.kind is Kind.SINCE and isinstance(value, int | float):
            return -value
        if self.kind is Kind.VERSION and isinstance(value, str):
            return version_parts(value)
        if self.kind is Kind.RATIO and isinstance(value, tuple):
            return (value[0] / value[1] if value[1] else 1.0, value[1])
        return natural(value) if isinstance(value, str) else value


class Field(msgspec.Struct, Generic[R], frozen=True):
    """One member of a JSON object. Times are RFC 3339 in UTC, unknown is null."""

    name: str
    doc: str
    value: Callable[[R], Json]


class StateWord(msgspec.Struct, Generic[R], frozen=True):
    """A plain word of the filter language that asks a question instead of looking for a text."""

    doc: str
    """What is true of the rows that it shows, for the help."""
    holds: Callable[[R], bool | None]
    """None: nobody knows of this row."""


class Table(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """One kind of rows with everything that a view, a screen and an exporter ask of it."""

    name: str
    columns: tuple[Column[R], ...]
    fields: tuple[Field[R], ...]
    """For JSON and YAML; the first is ``name``."""
    id: Callable[[R], str]
    """Stable over the life of the object."""
    title: Callable[[R], str]
    """The name of the object; the tie-break of every order."""
    health: Callable[[R], Health]
    haystack: Callable[[R], str]
    """Lower-case text in which plain words of a filter are looked for; the same at every width."""
    labels: Callable[[R], tuple[tuple[str, str], ...]]
    cluster: Callable[[R], str]
    groupings: Mapping[str, Callable[[R], str]]
    """By what the rows can be grouped, beside ``label:KEY``."""
    reads_as: Callable[[R, R], bool] | None = None
    """Whether two rows of one id have the same title and haystack, where that is quicker told than made anew: of most
    that change, only figures do. None: they are made anew."""
    words: Mapping[str, StateWord[R]] = msgspec.field(default_factory=dict)
    """Plain words of a filter, in lower case, that ask for a state: ``drained``. All others are looked for as text."""
    first: Callable[[R], SortKey] | None = None
    """What the rows are ordered by when no column is chosen, where that is not trouble first; smallest on top."""
    follows_cluster: bool = False
    """True: rows are only as true as what is heard from their cluster, and do not say so themselves."""
    state: str = ""
    """The column that says how a row is now: of a row that is only as true as its cluster was last heard, it says when
    that was. Empty where ``follows_cluster`` is False."""
    headline: str = "name"
    """The column that the cursor lights up."""
    folded: str = "calm"
    """What the rows without trouble are called on the line that stands for them."""

    def column(self, column_id: str) -> Column[R] | None:
        """By id or title, in any case."""
        wanted = column_id.lower()
        for column in self.columns:
            if wanted in (column.id, column.title.lower()):
                return column
        return None

    def grouping(self, by: str) -> Callable[[R], str]:
        """Raises ValueError with the choices."""
        key = by.removeprefix("label:")
        if key != by and key:
            return lambda row: next((value for name, value in self.labels(row) if name == key), "")
        if by in self.groupings:
            return self.groupings[by]
        raise ValueError(f"cannot group by {by!r}: write {', '.join(self.groupings)} or label:KEY")


def natural(text: str) -> str:
    """A key in which ``node-2`` comes before ``node-10``: runs of digits padded to ten."""
    return _DIGITS.sub(_padded, text)


def _padded(digits: re.Match[str]) -> str:
    return digits[0].rjust(10, "0")


def version_parts(version: str) -> tuple[int, ...]:
    """``v1.35.4-rc.1`` as (1, 35, 4); empty when it is no version."""
    parts: list[int] = []
    for part in version.lower().lstrip("v").split("."):
        digits = _DIGITS.match(part)
        if digits is None:
            break
        parts.append(int(digits[0]))
        if digits[0] != part:
            break
    return tuple(parts)
