"""What a source's answers say of each etcd member: one value a member out of many series, and how old it is.

A value counts when its target was up at the last scrape and that scrape is young: a store keeps the values of a dead
member for up to five minutes, and one behind a frozen Prometheus shows the last ones as if they were now.
"""

from collections.abc import Iterable, Mapping
from math import isnan
from statistics import median

import msgspec

from fleetui.model.freshness import Source
from fleetui.model.health.answers import Answers, sampled_at
from fleetui.model.health.etcd_promql import COUNTED_S
from fleetui.model.health.sample import Age, Sample
from fleetui.model.health.series import Point, Vector

UNKNOWN_PERIOD_S = 60.0
"""Assumed while nobody says how often a member is scraped."""


class Scraped(msgspec.Struct, frozen=True):
    """One member as a source knows it."""

    cluster: str
    instance: str
    """The target's address: ``10.0.0.11:2381``."""
    source: str
    up: Sample[bool]
    """Of the last scrape; its time is that of every figure."""
    period_s: float
    figures: Mapping[str, float] = {}
    id: str = ""
    """Of the member, hexadecimal, as etcd prints it; from 3.4 on."""
    version: str = ""
    round_trips: Mapping[str, float] = {}
    """p99 in seconds by the peer's id."""
    failing: tuple[str, ...] = ()
    """Ids of peers that it cannot send to."""
    alarms: tuple[str, ...] = ()
    """Kinds that its metrics count, of whichever member: raised, or once raised (etcd_counted_alarms)."""
    error: str = ""
    """What the scraper says of its last scrape, where it can be asked."""
    replica: str = ""

    @property
    def host(self) -> str:
        """The address without its port."""
        return self.instance.rpartition(":")[0].strip("[]") or self.instance

    @property
    def down(self) -> bool:
        """Its last scrape failed."""
        return self.up.value is False

    def age(self, now: float) -> Age:
        return self.up.age(now, period_s=self.period_s)

    def counts(self, now: float) -> bool:
        """Whether its figures may be believed."""
        return self.up.value is True and self.age(now) in (Age.FRESH, Age.LATE)

    def flag(self, query: str) -> bool | None:
        value = self.figures.get(query)
        return None if value is None else value == 1


_Key = tuple[str, str, str]
"""(cluster, instance, replica)."""


def scraped(answers: Answers) -> dict[str, tuple[Scraped, ...]]:
    """By cluster, each member once: of a pair's two views the younger one. Members by address."""
    found = _members(answers)
    best: dict[tuple[str, str], Scraped] = {}
    for member in found:
        place = (member.cluster, member.instance)
        known = best.get(place)
        if known is None or (member.up.sample_at or 0.0) > (known.up.sample_at or 0.0):
            best[place] = member
    clusters: dict[str, list[Scraped]] = {}
    for (cluster, _), member in sorted(best.items()):
        clusters.setdefault(cluster, []).append(member)
    return {cluster: tuple(members) for cluster, members in clusters.items()}


def last_seen(answers: Answers) -> dict[str, float]:
    """When each cluster within a day was last scraped, silent ones too; Unix seconds by our clock."""
    seen: dict[str, float] = {}
    reply = answers.replies.get("roster")
    if isinstance(reply, Vector):
        for point in reply.points:
            name = answers.name(point.labels)
            seen[name] = max(seen.get(name, 0.0), sampled_at(point, reply))
    return seen


def unlabelled(answers: Answers) -> int:
    """Members whose series name no cluster: they belong to nobody on the board."""
    return sum(1 for point in answers.points("up") if not answers.name(point.labels))


def _members(answers: Answers) -> list[Scraped]:
    figures: dict[_Key, dict[str, float]] = {}
    for query in answers.replies:
        if query not in _BY_MORE:
            for point in answers.points(query):
                figures.setdefault(_key(answers, point), {})[query] = point.value
    seen = _seen(answers)
    periods = _periods(answers, figures)
    errors = {(answers.name(target.labels), target.instance): target.last_error for target in answers.targets}
    more = {query: _grouped(answers, query, label) for query, label in _BY_MORE.items()}
    return [
        Scraped(
            cluster=key[0],
            instance=key[1],
            replica=key[2],
            source=answers.source,
            up=_up(answers, own, seen.get(key)),
            period_s=periods[key],
            figures={**own, **_slowest(more["rtt"].get(key, {}))},
            id=next(iter(more["id"].get(key, {})), ""),
            version=next(iter(more["version"].get(key, {})), ""),
            round_trips=more["rtt"].get(key, {}),
            failing=tuple(sorted(more["failing"].get(key, {}))),
            alarms=tuple(sorted(more["alarms"].get(key, {}))),
            error=errors.get(key[:2], ""),
        )
        for key, own in figures.items()
        if key[0] and "up" in own
    ]


_BY_MORE = {"rtt": "To", "id": "server_id", "version": "server_version", "failing": "To", "alarms": "alarm_type"}
"""Queries with several series a member, and the label that tells those apart."""


def _key(answers: Answers, point: Point) -> _Key:
    replica = point.label(answers.replica_label) if answers.replica_label else ""
    return (answers.name(point.labels), point.label("instance"), replica)


def _grouped(answers: Answers, query: str, label: str) -> dict[_Key, dict[str, float]]:
    groups: dict[_Key, dict[str, float]] = {}
    for point in answers.points(query):
        groups.setdefault(_key(answers, point), {})[point.label(label)] = point.value
    return groups


def _slowest(round_trips: Mapping[str, float]) -> dict[str, float]:
    measured = [took for took in round_trips.values() if not isnan(took)]
    if not round_trips:
        return {}
    return {"rtt": max(measured, default=float("nan"))}


def _seen(answers: Answers) -> dict[_Key, float]:
    reply = answers.replies.get("seen")
    if not isinstance(reply, Vector):
        return {}
    return {_key(answers, point): sampled_at(point, reply) for point in reply.points}


def _up(answers: Answers, own: Mapping[str, float], seen_at: float | None) -> Sample[bool]:
    reply = answers.replies["up"]
    assert isinstance(reply, Vector)
    received = reply.reply.received_at
    if seen_at is None:  # nobody says when: it may be as old as a store keeps values
        return Sample(source=Source.SCRAPED, received_at=received, why="its age is not known")
    return Sample(source=Source.SCRAPED, received_at=received, value=own["up"] == 1, sample_at=seen_at)


def _periods(answers: Answers, figures: Mapping[_Key, Mapping[str, float]]) -> dict[_Key, float]:
    """How often each member is scraped: as the source says, else as often as it was within ten minutes. That makes
    too much of the period of one that is younger than ten minutes, until it is older."""
    said = {(answers.name(t.labels), t.instance): t.interval_s for t in answers.targets if t.interval_s}
    counted = {key: COUNTED_S / own["scrapes"] for key, own in figures.items() if own.get("scrapes")}
    usual = median(counted.values()) if counted else UNKNOWN_PERIOD_S
    return {key: said.get(key[:2]) or counted.get(key, usual) for key in figures}


def best_source(choices: Iterable[tuple[Scraped, ...]]) -> tuple[Scraped, ...]:
    """Of several sources that know one cluster the one whose youngest sample is youngest."""
    return max(choices, key=lambda members: max((m.up.sample_at or 0.0 for m in members), default=0.0), default=())
