"""Kinds as questions to a source: one that tells which kinds it has metrics of, then a fixed number for each of those,
however many clusters are in it."""

from collections.abc import Iterable, Sequence

from fleetui.model.health.answers import Answers
from fleetui.model.health.promql import Query
from fleetui.model.health.replication_kind import Kind
from fleetui.model.health.replication_promql import expand

DOWN = Query("up", "up == 0")
"""Targets whose last scrape failed: who is among them without a known reason makes the source tell its targets anew."""
PRESENT = "present"
PRESENT_EVERY_S = 60.0
ROSTER_EVERY_S = 60.0
BEFORE_EVERY_S = 60.0
REMEMBERED = "1h"
"""For how long an instance that has gone silent keeps its row."""


def presence(kinds: Iterable[Kind]) -> Query:
    """Which of the kinds' markers a source has, or had within the hour: the last one to go silent must not take the
    question with it."""
    markers = "|".join(sorted({kind.marker for kind in kinds})) or "fleetui_no_kind"
    return Query(
        PRESENT,
        f'count by (__name__) (last_over_time({{__name__=~"{markers}"}}[{REMEMBERED}]))',
        every_s=PRESENT_EVERY_S,
    )


def present(kinds: Iterable[Kind], answers: Answers) -> tuple[Kind, ...]:
    """The kinds whose marker the source has."""
    known = {point.label("__name__") for point in answers.points(PRESENT)}
    return tuple(kind for kind in kinds if kind.marker in known)


def queries(kind: Kind) -> tuple[Query, ...]:
    """Every question about one kind. Ids are ``postgres/role``."""
    asked: list[tuple[str, str, float]] = [
        ("seen", _seen(kind), 0.0),
        ("roster", _roster(kind), ROSTER_EVERY_S),
        ("alive", kind.alive, 0.0),
        ("rows", kind.rows, 0.0),
        ("writes", kind.writes, 0.0),
    ]
    if kind.role is not None:
        asked.append(("role", kind.role.query, 0.0))
    if kind.link is not None:
        asked += [("link", kind.link.own, 0.0), ("before", kind.link.before, BEFORE_EVERY_S)]
        asked.append(("peers", kind.link.seen, 0.0))
    if kind.seconds is not None:
        asked += [("seconds", kind.seconds.query, 0.0), ("held", kind.seconds.held, 0.0)]
    if kind.backlog is not None:
        asked.append(("backlog", kind.backlog.query, 0.0))
    asked += [(figure_id(figure.id), figure.query, 0.0) for figure in kind.figures]
    return tuple(Query(query_id(kind, name), _expanded(kind, text), every) for name, text, every in asked if text)


def all_queries(kinds: Sequence[Kind]) -> tuple[Query, ...]:
    return tuple(query for kind in kinds for query in queries(kind))


def query_id(kind: Kind, name: str) -> str:
    return f"{kind.name}/{name}"


def figure_id(figure: str) -> str:
    return f"figure:{figure}"


def _seen(kind: Kind) -> str:
    """When each instance was last scraped."""
    return f"max by ($by) (timestamp({kind.marker}))"


def _roster(kind: Kind) -> str:
    """Instances of the last hour, those too that have gone silent in it. Where only some of those with the marker have
    a row nobody could tell which of the silent ones had one."""
    return "" if kind.rows else f"max by ($by) (last_over_time({kind.marker}[{REMEMBERED}]))"


def _expanded(kind: Kind, text: str) -> str:
    return " ".join(expand(text, group=kind.group, instance=kind.instance).split())
