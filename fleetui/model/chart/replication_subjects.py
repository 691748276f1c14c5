"""What of a kind is drawn: its lag, its backlog, its further figures; and of an instance the one that decided."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from fleetui.model.chart.subject import Place, Subject
from fleetui.model.health.replication import Replica
from fleetui.model.health.replication_kind import FigureRule, Kind
from fleetui.model.health.replication_promql import expand
from fleetui.model.health.replication_reading import Link
from fleetui.model.health.threshold import Threshold

LAG, BACKLOG = "lag", "backlog"
_NO_LAG = "While it does not receive, or nobody says whether it does, its lag is not known."


def kind_subjects(kind: Kind) -> dict[str, Subject]:
    """By ``KIND:FIGURE``. What a primary says of its followers has a line each, by the names that it gives them."""
    found = [_figure(kind, rule) for rule in kind.figures]
    if kind.seconds is not None:
        rule = kind.seconds
        limit = Threshold("lag", "s", amber=rule.amber, red=rule.red, source=f"kind {kind.name}")
        lag = _subject(kind, LAG, "seconds behind", _while_it_receives(kind), unit="s", limit=limit)
        found.insert(0, _as_told(replace(lag, doc=_NO_LAG if kind.link is not None else ""), rule.match))
    if kind.backlog is not None:
        behind = kind.backlog
        limit = Threshold("backlog", behind.unit, amber=behind.amber, red=behind.red, source=f"kind {kind.name}")
        missing = _subject(kind, BACKLOG, "not replayed yet", behind.query, unit=behind.unit, limit=limit)
        found.append(_as_told(missing, behind.match))
    return {subject.id.removeprefix("replication/"): subject for subject in found}


def replication_subjects(kinds: Iterable[Kind]) -> Mapping[str, Subject]:
    return {name: subject for kind in kinds for name, subject in kind_subjects(kind).items()}


def replication_subject(row: Replica, known: Mapping[str, Subject]) -> Subject | None:
    """The figure whose finding is the row's word, else the lag, else what there is; None of a kind without any."""
    word = row.findings[0].word if row.findings else ""
    told = next((f.rule.id for f in row.figures if word and word in (f.rule.word, f.rule.title)), "")
    # What its exporter says of the lag of one that does not receive means nothing, and is 0 as often as not.
    receives = () if row.lags and row.link is not Link.UP else (LAG,)
    usual = (*receives, BACKLOG, *(figure.rule.id for figure in row.figures))
    names = [f"{row.kind}:{each}" for each in (told, *usual) if each]
    return next((known[name] for name in names if name in known and replica_place(row, known[name]) is not None), None)


def replica_place(row: Replica, subject: Subject) -> Place | None:
    """Where its line is; None where its primary does not say which of its followers it is."""
    name = {LAG: row.lag_as, BACKLOG: row.backlog_as}.get(_figure_of(subject), "") if subject.peers else row.instance
    return (row.cluster, row.group, name) if name else None


def _figure_of(subject: Subject) -> str:
    return subject.id.rpartition(":")[2]


def _as_told(subject: Subject, match: tuple[str, ...]) -> Subject:
    """By the primary, where it is the primary's word."""
    return replace(subject, instance=match, peers=True) if match else subject


def _while_it_receives(kind: Kind) -> str:
    """A gap where the link was down: nobody knew the lag then."""
    assert kind.seconds is not None
    if kind.link is None or not kind.link.own or kind.seconds.match:
        return kind.seconds.query
    return f"({kind.seconds.query}) and on ($by) (({kind.link.own}) > 0)"


def _figure(kind: Kind, rule: FigureRule) -> Subject:
    amber = rule.red if rule.amber is None else rule.amber
    limit = None
    if amber is not None:
        red = amber if rule.red is None else rule.red
        source = f"kind {kind.name}"
        limit = Threshold(rule.title, rule.unit, amber=amber, red=red, source=source, falling=rule.falling)
    return _subject(kind, rule.id, rule.title, rule.query, unit=rule.unit, limit=limit)


def _subject(kind: Kind, id_: str, title: str, query: str, *, unit: str, limit: Threshold | None) -> Subject:
    return Subject(
        id=f"replication/{kind.name}:{id_}",
        title=title,
        query=" ".join(expand(query, group=kind.group, instance=kind.instance).split()),
        unit=unit,
        limit=limit,
        group=kind.group,
        instance=kind.instance,
    )
