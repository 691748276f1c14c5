"""What is wrong with a declared kind beyond its types: each mistake with its place and what to write instead."""

from collections.abc import Iterator

from fleetui.model.health.replication_kind import FigureRule, Kind
from fleetui.model.health.replication_promql import KIND_NAME, METRIC_NAME, query_mistake
from fleetui.model.monitoring import LABEL_NAME, Mistake


def kind_mistakes(kind: Kind) -> Iterator[Mistake]:
    """What the types cannot say: (path of the field, what is wrong and what to write)."""
    if not KIND_NAME.fullmatch(kind.name):
        yield ("name",), f"{kind.name!r} is no name: write small letters, digits and -"
    if not METRIC_NAME.fullmatch(kind.marker):
        yield ("marker",), f"{kind.marker!r} is no metric's name: write the name alone, such as pg_up"
    if not kind.replicates and not any(figure.judged for figure in kind.figures):
        yield ("figures",), "nothing here can be judged: give role: and link:, or a figure with limits or levels"
    yield from _role_mistakes(kind)
    yield from _label_mistakes(kind)
    yield from _query_mistakes(kind)
    yield from _limit_mistakes(kind)


def _role_mistakes(kind: Kind) -> Iterator[Mistake]:
    lags = kind.seconds is not None or kind.backlog is not None
    if kind.role is None:
        if lags or kind.link is not None:
            yield ("role",), "is missing: without it nobody knows who follows whom"
        return
    if bool(kind.role.query) == (kind.role.always is not None):
        yield ("role",), "write either query and values, or always"
    if kind.role.query and not kind.role.values:
        yield ("role", "values"), "is missing: which role each value of the query means"
    if kind.link is None:
        yield ("link",), "is missing: a lag of 0 says nothing while nobody knows whether anything is received"
    elif not (kind.link.own or kind.link.seen):
        yield ("link",), "write own or seen"
    elif kind.link.before and not kind.link.own:
        yield ("link", "own"), "is missing: before is about it"
    if not lags:
        yield ("seconds",), "is missing: write seconds or backlog"


def _label_mistakes(kind: Kind) -> Iterator[Mistake]:
    said: dict[tuple[str, ...], tuple[str, ...]] = {("group",): kind.group, ("instance",): kind.instance}
    if kind.link is not None:
        said["link", "match"] = kind.link.match
    if kind.seconds is not None:
        said["seconds", "match"] = kind.seconds.match
    if kind.backlog is not None:
        said["backlog", "match"] = kind.backlog.match
    for path, labels in said.items():
        for number, label in enumerate(labels):
            if not LABEL_NAME.fullmatch(label):
                yield (*path, str(number)), f"{label!r} is no label's name"
    if kind.link is not None and bool(kind.link.seen) != bool(kind.link.match):
        yield ("link", "match"), "seen and match belong together: match names the labels that name the follower"


def queries_of(kind: Kind) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """(path of the field, the query, the hole that it must have)."""
    yield ("alive",), kind.alive, "$by"
    yield ("rows",), kind.rows, "$by"
    yield ("writes",), kind.writes, "$group"
    if kind.role is not None:
        yield ("role", "query"), kind.role.query, "$by"
    if kind.link is not None:
        yield ("link", "own"), kind.link.own, "$by"
        yield ("link", "before"), kind.link.before, "$by"
        yield ("link", "seen"), kind.link.seen, "$group"
    if kind.seconds is not None:
        yield ("seconds", "query"), kind.seconds.query, "$group" if kind.seconds.match else "$by"
        yield ("seconds", "held"), kind.seconds.held, "$by"
    if kind.backlog is not None:
        yield ("backlog", "query"), kind.backlog.query, "$group" if kind.backlog.match else "$by"
    for number, figure in enumerate(kind.figures):
        yield ("figures", str(number), "query"), figure.query, "$by"


_NEEDED = frozenset({"query"})


def _query_mistakes(kind: Kind) -> Iterator[Mistake]:
    for path, text, hole in queries_of(kind):
        always = kind.role is not None and kind.role.always is not None and path == ("role", "query")
        if not text and (always or path[-1] not in _NEEDED):
            continue
        if wrong := query_mistake(text, hole=hole):
            yield path, wrong


def _limit_mistakes(kind: Kind) -> Iterator[Mistake]:
    if kind.seconds is not None and not kind.seconds.amber <= kind.seconds.red:
        yield ("seconds", "red"), "is below amber: write the larger number"
    if kind.backlog is not None and not kind.backlog.amber <= kind.backlog.red:
        yield ("backlog", "red"), "is below amber: write the larger number"
    seen: set[str] = set()
    for number, figure in enumerate(kind.figures):
        path = ("figures", str(number))
        if not KIND_NAME.fullmatch(figure.id) or figure.id in seen:
            yield (*path, "id"), f"{figure.id!r}: write small letters, digits and -, each id once"
        seen.add(figure.id)
        if figure.falling and figure.amber is None and figure.red is None and not figure.levels:
            yield (*path, "falling"), "has no limit to fall to: write amber or red"
        if _crossed(figure):
            yield (*path, "red"), f"must lie {'below' if figure.falling else 'above'} amber"


def _crossed(figure: FigureRule) -> bool:
    if figure.amber is None or figure.red is None:
        return False
    return figure.red > figure.amber if figure.falling else figure.red < figure.amber
