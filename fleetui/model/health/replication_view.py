"""The replies about one kind, put together by instance out of many series."""

from math import isnan
from statistics import median

import msgspec

from fleetui.model.health.answers import Answers, sampled_at
from fleetui.model.health.replication_kind import FigureRule, Kind, Role
from fleetui.model.health.replication_queries import figure_id, query_id
from fleetui.model.health.replication_reading import LEAST_PERIOD_S, USUAL_PERIOD_S, Figure, Reading
from fleetui.model.health.series import Labels, Point, Vector

Place = tuple[str, str, str]
"""(cluster, group, instance)."""
Group = tuple[str, str]


class View:
    """The replies about one kind, by place. Of a pair's two views of an instance the younger one counts, whole: the
    other may have been frozen while the link still stood."""

    def __init__(self, kind: Kind, answers: Answers) -> None:
        self.kind = kind
        self.answers = answers
        self.seen: dict[Place, float] = {}
        self._replica: dict[Place, str] = {}
        self._read_seen()
        self._errors = {(answers.name(t.labels), t.instance): t.last_error for t in answers.targets}
        self._periods = {(answers.name(t.labels), t.instance): t.interval_s for t in answers.targets if t.interval_s}
        self._usual = max(USUAL_PERIOD_S, median(self._periods.values()) if self._periods else 0.0)
        self._read: dict[str, dict[Place, float]] = {}
        self._grouped: dict[str, dict[Group, list[Point]]] = {}
        self._worst: dict[str, dict[Place, Point]] = {}

    def places(self) -> list[Place]:
        """With those that have gone silent, unless whoever scrapes them has been told that they are gone."""
        rows = self.values("rows")
        there = [place for place in self.seen if not self.kind.rows or rows.get(place)]
        return sorted({*there, *(place for place in self.values("roster", chosen=False) if self._expected(place))})

    def reading(self, place: Place, *, now: float) -> Reading:
        """All but what its group decides."""
        cluster, group, instance = place
        alive = self.values("alive").get(place)
        bare = Reading(
            kind=self.kind,
            cluster=cluster,
            group=group,
            instance=instance,
            source=self.answers.source,
            seen_at=self.seen.get(place),
            period_s=max(LEAST_PERIOD_S, self._periods.get((cluster, instance)) or self._usual),
            silent=place not in self.seen,
            error=self._errors.get((cluster, instance), ""),
            alive=None if alive is None else alive > 0,
        )
        return msgspec.structs.replace(bare, **self._figures(place)) if bare.young(now) else bare

    def values(self, name: str, *, chosen: bool = True) -> dict[Place, float]:
        """One value an instance, from its younger view. ``chosen=False``: from any."""
        if name not in self._read:
            found: dict[Place, float] = {}
            for point in self.points(name):
                place = self.place(point)
                if not isnan(point.value) and (not chosen or self.replica(point) == self._replica.get(place)):
                    found[place] = max(point.value, found.get(place, point.value))
            self._read[name] = found
        return self._read[name]

    def points(self, name: str) -> tuple[Point, ...]:
        return self.answers.points(query_id(self.kind, name))

    def failed(self, name: str) -> str:
        """Why an answer is not there, or not whole: then what is not in it is not absent. Empty when it is whole."""
        reply = self.answers.replies.get(query_id(self.kind, name))
        if isinstance(reply, Vector):
            return f"{self.answers.source} answers in part" if reply.reply.partial else ""
        return f"{self.answers.source}: {reply.word}" if reply is not None else ""

    def group_points(self, name: str, group: Group) -> list[Point]:
        if name not in self._grouped:
            found: dict[Group, list[Point]] = {}
            for point in self.points(name):
                if not isnan(point.value):
                    found.setdefault(self.group(point), []).append(point)
            self._grouped[name] = found
        return self._grouped[name].get(group, [])

    def place(self, point: Point) -> Place:
        return (*self.group(point), _joined(point.labels, self.kind.instance, " "))

    def group(self, point: Point) -> Group:
        return self.answers.name(point.labels), _joined(point.labels, self.kind.group, "/")

    def replica(self, point: Point) -> str:
        return point.label(self.answers.replica_label) if self.answers.replica_label else ""

    def trusted_replica(self, reading: Reading) -> str | None:
        return self._replica.get((reading.cluster, reading.group, reading.instance))

    def _read_seen(self) -> None:
        reply = self.answers.replies.get(query_id(self.kind, "seen"))
        for point in reply.points if isinstance(reply, Vector) else ():
            place, at = self.place(point), sampled_at(point, reply) if isinstance(reply, Vector) else 0.0
            if at > self.seen.get(place, float("-inf")):
                self.seen[place], self._replica[place] = at, self.replica(point)

    def _expected(self, place: Place) -> bool:
        """Nobody has told its scraper that it is gone. Where an instance is no target of its own (a topic, a member of
        whom others tell) nobody can."""
        return not self._errors or self.kind.instance != ("instance",) or (place[0], place[2]) in self._errors

    def _figures(self, place: Place) -> dict[str, object]:
        return {
            "role": self._role(place),
            "seconds": None if self._primary_tells() else self.values("seconds").get(place),
            "held": self.values("held").get(place),
            "figures": tuple(self._figure(rule, place) for rule in self.kind.figures),
        }

    def _primary_tells(self) -> bool:
        return self.kind.seconds is not None and bool(self.kind.seconds.match)

    def _role(self, place: Place) -> Role | None:
        rule = self.kind.role
        if rule is None:
            return Role.MEMBER
        said = self.values("role").get(place)
        return rule.always or (rule.values.get(said) if said is not None else None)

    def _figure(self, rule: FigureRule, place: Place) -> Figure:
        """The worst of several."""
        if rule.id not in self._worst:
            self._worst[rule.id] = self._worst_by_place(rule)
        worst = self._worst[rule.id].get(place)
        if worst is None:
            return Figure(rule, None)
        return Figure(rule, worst.value, worst.label(rule.label) if rule.label else "")

    def _worst_by_place(self, rule: FigureRule) -> dict[Place, Point]:
        found: dict[Place, Point] = {}
        for point in self.points(figure_id(rule.id)):
            place = self.place(point)
            if isnan(point.value) or self.replica(point) != self._replica.get(place):
                continue
            known = found.get(place)
            if known is None or (point.value < known.value if rule.falling else point.value > known.value):
                found[place] = point
        return found


def _joined(labels: Labels, names: tuple[str, ...], between: str) -> str:
    """The values of these labels, without empty ones."""
    return between.join([value for name in names if (value := labels.get(name))])
