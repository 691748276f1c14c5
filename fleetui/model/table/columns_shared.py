"""Columns that several tables have: a name, a cluster, an age, a word of the row as it is, and on what it rests."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from msgspec import structs

from fleetui.model.cluster import Health
from fleetui.model.duration import age_text, time_text
from fleetui.model.table.cell_text import level_style, source_text
from fleetui.model.table.column import Align, Column, Field, Kind

Style = Callable[[Any, float], str]
WHOLE = 24
"""Cells that a name is given before another column is: whose row it is comes before what the row says."""


def muted(_row: Any, _now: float) -> str:
    return "muted"


def word_column(
    column_id: str,
    said: str | Callable[[Any], str],
    *,
    doc: str,
    least: int,
    most: int,
    priority: int,
    title: str = "",
    unknown: str = "",
    style: Style | None = None,
    wide: bool = False,
    optional: bool = False,
) -> Column[Any]:
    """The text of the row's attribute (``tags.owner`` goes deeper) or what a function says of the row, ``unknown``
    where it is empty. Without a ``title`` that is the id in capitals."""
    read: Callable[[Any], str] = attrgetter(said) if isinstance(said, str) else said
    attribute = said if isinstance(said, str) else ""
    return Column(
        id=column_id,
        title=title or column_id.upper(),
        doc=doc,
        value=read,
        attribute="" if "." in attribute else attribute,
        known=True,
        text=lambda row, _: read(row) or unknown,
        least=least,
        most=most,
        priority=priority,
        style=style,
        wide=wide,
        optional=optional,
    )


def words_column(
    column_id: str,
    attribute: str,
    *,
    doc: str,
    least: int,
    most: int,
    priority: int,
    nothing: str = "",
    wide: bool = False,
    optional: bool = False,
) -> Column[Any]:
    """The words of the tuple in the row's ``attribute``; ``nothing`` where there are none."""
    read: Callable[[Any], tuple[str, ...]] = attrgetter(attribute)
    return Column(
        id=column_id,
        title=column_id.upper(),
        doc=doc,
        kind=Kind.WORDS,
        value=lambda row: ",".join(read(row)),
        known=True,
        text=lambda row, _: ",".join(read(row)) or nothing,
        least=least,
        most=most,
        priority=priority,
        wide=wide,
        optional=optional,
    )


def cluster_column(
    doc: str, *, attribute: str = "cluster", priority: int = 2, least: int = 12, style: Style | None = None
) -> Column[Any]:
    """The display name of the row's cluster; ``least`` is ``WHOLE`` where the row is nothing else."""
    return word_column("cluster", attribute, doc=doc, least=least, most=32, priority=priority, style=style)


def verdict_column(doc: str, *, least: int, most: int) -> Column[Any]:
    """The row's verdict in a word, in the colour of its level."""
    return word_column("state", "word", doc=doc, least=least, most=most, priority=1, style=level_style)


def age_column(doc: str, *, attribute: str = "created", known: bool = False) -> Column[Any]:
    """The time since the moment in ``attribute``, Unix seconds."""
    read: Callable[[Any], float | None] = attrgetter(attribute)
    return Column(
        id="age",
        title="AGE",
        doc=doc,
        kind=Kind.SINCE,
        value=read,
        attribute=attribute,
        known=known,
        text=lambda row, now: age_text(read(row), now),
        least=4,
        most=6,
        priority=3,
        align=Align.RIGHT,
        style=muted,
    )


def sampled_column(
    doc: str = "How old the evidence is.",
    *,
    attribute: str = "sample_at",
    least: int = 4,
    priority: int = 9,
    wide: bool = True,
    style: Style | None = None,
) -> Column[Any]:
    """The age of what the row rests on."""
    age = age_column(doc, attribute=attribute)
    return structs.replace(age, title="SAMPLED", least=least, most=7, priority=priority, wide=wide, style=style)


def sampled_field(doc: str = "when that was true", *, attribute: str = "sample_at") -> Field[Any]:
    """The moment of what the row rests on."""
    read: Callable[[Any], float | None] = attrgetter(attribute)
    return Field("sampledAt", doc, lambda row: time_text(read(row)))


def source_column(
    doc: str,
    *,
    late: Callable[[Any, float], bool],
    sign: Callable[[Any], str],
    priority: int,
    attribute: str = "source",
    at: str = "sample_at",
) -> Column[Any]:
    """Whose word the row is; with the age of that word, said ``at``, once it is ``late``."""
    read: Callable[[Any], str] = attrgetter(attribute)
    sampled: Callable[[Any], float | None] = attrgetter(at)

    def style(row: Any, now: float) -> str:
        if not read(row) or sampled(row) is None:
            return "unknown"
        return "stale" if late(row, now) else "muted"

    return Column(
        id="source",
        title="SOURCE",
        doc=doc,
        value=lambda row: read(row) or None,
        text=lambda row, now: source_text(read(row), sampled(row), now, late=late(row, now)),
        least=8,
        most=20,
        priority=priority,
        sign=sign,
        style=style,
    )


def why_column(
    doc: str,
    *,
    value: Callable[[Any], str] = attrgetter("reason"),
    text: Callable[[Any], str] | None = None,
    priority: int = 6,
) -> Column[Any]:
    """The reason for the row's verdict, faint where that is calm. ``text`` is what the cell shows of it, where that is
    not all."""
    shown = text or value
    return Column(
        id="why",
        title="WHY",
        doc=doc,
        value=value,
        known=True,
        text=lambda row, _: shown(row),
        least=16,
        most=80,
        priority=priority,
        style=lambda row, _: "faint" if row.level is Health.CALM else "muted",
    )
