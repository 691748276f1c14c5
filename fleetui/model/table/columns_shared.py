"""Columns that several tables have: a name, a cluster, an age, a word of the row as it is."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from fleetui.model.duration import age_text
from fleetui.model.table.column import Align, Column, Kind

Style = Callable[[Any, float], str]


def word_column(
    column_id: str,
    attribute: str,
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
    """The text of the row's ``attribute`` (``tags.owner`` goes deeper), ``unknown`` where it is empty. Without a
    ``title`` that is the id in capitals."""
    read: Callable[[Any], str] = attrgetter(attribute)
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


def cluster_column(doc: str, *, attribute: str = "cluster", priority: int = 2) -> Column[Any]:
    """The display name of the row's cluster."""
    return word_column("cluster", attribute, doc=doc, least=12, most=32, priority=priority)


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
        style=lambda _row, _now: "muted",
    )
