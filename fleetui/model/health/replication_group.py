"""A group of instances that replicate from each other: what each says of itself joined with what its primary says."""

from collections.abc import Mapping

import msgspec

from fleetui.model.health.answers import Answers
from fleetui.model.health.replication_kind import Kind, Role
from fleetui.model.health.replication_peers import Stream, Ties, tie
from fleetui.model.health.replication_reading import Link, LinkSaid, Reading
from fleetui.model.health.replication_view import Group, Place, View


def readings(kind: Kind, answers: Answers, *, now: float) -> tuple[Reading, ...]:
    """Of every instance that the source has, by cluster, group and instance."""
    view = View(kind, answers)
    bare = [view.reading(place, now=now) for place in view.places()]
    groups: dict[Group, list[Reading]] = {}
    for reading in bare:
        groups.setdefault((reading.cluster, reading.group), []).append(reading)
    return tuple(joined for group in sorted(groups) for joined in _joined(view, groups[group], now=now))


def _joined(view: View, group: list[Reading], *, now: float) -> list[Reading]:
    """With what the primary says of its followers."""
    kind = view.kind
    if kind.role is None:
        return group
    primaries = [one for one in group if one.role is Role.PRIMARY and one.alive is not False and one.young(now)]
    followers = [one for one in group if one.role is not None and one.role.follows]
    peers = _Peers(view, primaries, followers)
    place = (group[0].cluster, group[0].group)
    writes = max((point.value for point in view.group_points("writes", place)), default=None)
    return [
        msgspec.structs.replace(
            one,
            primaries=len(primaries),
            writes=writes,
            link=peers.link(one) if one in followers else LinkSaid(Link.NONE, ""),
            backlog=peers.backlog(one) if one in followers else None,
            seconds=peers.seconds(one) if one in followers else None,
            backlog_as=peers.backlog_as(one) if one in followers else "",
            seconds_as=peers.seconds_as(one) if one in followers else "",
        )
        for one in group
    ]


class _Peers:
    """One group: what each follower says of itself, and what its primary says of it."""

    def __init__(self, view: View, primaries: list[Reading], followers: list[Reading]) -> None:
        self._view = view
        self._rule = view.kind.link
        self._heard = bool(primaries)
        """Somebody is there whose silence about a follower means something."""
        self._trusted = {view.trusted_replica(one) for one in primaries}
        self._group = (followers[0].cluster, followers[0].group) if followers else ("", "")
        self._followers = [one.instance for one in followers]
        rule, seconds, backlog = view.kind.link, view.kind.seconds, view.kind.backlog
        self._seen = self._tied("peers", rule.match if rule else ())
        self._late = self._tied("seconds", seconds.match if seconds else ())
        self._behind = self._tied("backlog", backlog.match if backlog else ())

    def link(self, one: Reading) -> LinkSaid:
        assert self._rule is not None, "who follows has a rule for its link"
        own = self._own("link").get(self._place(one))
        if own is not None:
            return LinkSaid(Link.UP, "it says so itself") if own > 0 else LinkSaid(Link.BROKEN, "it says so itself")
        if self._seen.of.get(one.instance):
            return LinkSaid(Link.UP, "the primary sends to it")
        return self._unsaid(one)

    def _unsaid(self, one: Reading) -> LinkSaid:
        """Neither it nor its primary says that it receives. That means something only where both were asked and have
        answered in full."""
        assert self._rule is not None
        if failed := self._view.failed("link") or self._view.failed("peers"):
            return LinkSaid(Link.UNKNOWN, failed)
        if self._rule.seen and self._heard and self._unnamed() <= 0:
            return LinkSaid(Link.BROKEN, "the primary sends to nobody who could be it")
        if self._own("before").get(self._place(one)):
            return LinkSaid(Link.BROKEN, "it received within the hour and does not now")
        return LinkSaid(Link.UNKNOWN, self._why_unknown())

    def backlog(self, one: Reading) -> float | None:
        rule = self._view.kind.backlog
        if rule is None:
            return None
        return _value(self._told(one, self._behind)) if rule.match else self._own("backlog").get(self._place(one))

    def seconds(self, one: Reading) -> float | None:
        rule = self._view.kind.seconds
        return _value(self._told(one, self._late)) if rule is not None and rule.match else one.seconds

    def backlog_as(self, one: Reading) -> str:
        """What its primary calls it in what it says of the backlog."""
        return _name(self._told(one, self._behind))

    def seconds_as(self, one: Reading) -> str:
        return _name(self._told(one, self._late))

    def _told(self, one: Reading, ties: Ties) -> Stream | None:
        """By the primary, the worst of it. Where both are the only ones they belong together."""
        own = ties.of.get(one.instance, ())
        if not own and len(self._followers) == 1 and len(ties.loose) == 1:
            own = ties.loose
        return max(own, key=lambda stream: stream.value, default=None)

    def _tied(self, name: str, match: tuple[str, ...]) -> Ties:
        """Of the primaries' younger views alone."""
        points = self._view.group_points(name, self._group) if match else []
        trusted = (point for point in points if self._view.replica(point) in self._trusted)
        streams = [Stream(tuple(filter(None, map(point.label, match))), point.value) for point in trusted]
        return tie(streams, self._followers)

    def _unnamed(self) -> int:
        """Streams that may be to a follower that says nothing of itself."""
        own = self._own("link")
        silent = (one for one in self._followers if not self._seen.of.get(one))
        spoken = sum(1 for one in silent if own.get((*self._group, one), 0.0) > 0)
        return len(self._seen.loose) - spoken

    def _why_unknown(self) -> str:
        assert self._rule is not None
        loose = (
            f"the primary sends to {self._unnamed()} that it does not name by address" if self._unnamed() > 0 else ""
        )
        missing = "" if self._heard or not self._rule.seen else "its primary is not known"
        said = "; ".join(filter(None, (loose, missing, self._rule.enable)))
        return said or "nobody says whether it receives"

    def _own(self, name: str) -> Mapping[Place, float]:
        return self._view.values(name)

    @staticmethod
    def _place(one: Reading) -> Place:
        return one.cluster, one.group, one.instance


def _value(told: Stream | None) -> float | None:
    return None if told is None else told.value


def _name(told: Stream | None) -> str:
    return "" if told is None else " ".join(told.names)
