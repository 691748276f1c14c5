"""Alerts by cluster and name: in a storm, some lines instead of thousands."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from heapq import nsmallest

import msgspec

from fleetui.model.alerts.alert import Alert, Hush, Phase
from fleetui.model.alerts.page_or_ticket import RANK, Call
from fleetui.model.picture import Delta

_PHASES = {Phase.FIRING: 0, Phase.UNKNOWN: 1, Phase.PENDING: 2, Phase.ENDED_UNSEEN: 3, Phase.RESOLVED: 4}

Order = tuple[int, int, int, float]
_Kind = tuple[Call, Phase, bool, bool]
"""What a headline counts an alert by; True: it is loud, somebody is at it."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The alerts of one name in one cluster."""

    cluster: str
    name: str
    alerts: tuple[Alert, ...]
    """First the one that matters most."""
    call: Call
    """The loudest."""

    @property
    def loud(self) -> int:
        return sum(alert.loud for alert in self.alerts)


class Total(msgspec.Struct, frozen=True):
    """Figures for a headline: what is loud, by call, and what is hushed."""

    pages: int
    tickets: int
    infos: int
    pending: int
    unknown: int
    hushed: int
    acked_pages: int = 0
    """Of those hushed: pages that fire while somebody is at them."""


def order(alert: Alert) -> Order:
    """Loud before hushed, pages first, then what fires, then the oldest; what is over last."""
    quiet = 2 if alert.phase.over else int(alert.hush not in (Hush.NONE, Hush.UNKNOWN))
    return (quiet, RANK[alert.call], _PHASES[alert.phase], float("inf") if alert.began is None else alert.began)


def listed(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """Without the pipeline's own."""
    return tuple(alert for alert in alerts if alert.call is not Call.PLUMBING)


def grouped(alerts: Iterable[Alert]) -> tuple[Group, ...]:
    """The group with the most urgent alert first."""
    found: dict[tuple[str, str], list[Alert]] = defaultdict(list)
    for alert in listed(alerts):
        found[alert.cluster, alert.name].append(alert)
    groups = [_group(cluster, name, sorted(members, key=order)) for (cluster, name), members in found.items()]
    return tuple(sorted(groups, key=lambda group: (order(group.alerts[0]), group.cluster, group.name)))


class Loud(msgspec.Struct, frozen=True):
    """How much of one name is loud in one cluster."""

    cluster: str
    name: str
    call: Call
    """The loudest of those that are loud."""
    count: int


def loudest(alerts: Iterable[Alert], most: int) -> tuple[Loud, ...]:
    """Up to ``most`` groups, the largest first; in a third of the time of ``grouped``, because it is shown beside an
    empty table while somebody types a filter."""
    counts = Counter([(alert.cluster, alert.name, alert.call) for alert in alerts if alert.loud])
    groups: dict[tuple[str, str], Loud] = {}
    for (cluster, name, call), count in counts.items():
        if call is not Call.PLUMBING:
            known = groups.get((cluster, name))
            worst = call if known is None else min(call, known.call, key=RANK.__getitem__)
            groups[cluster, name] = Loud(cluster, name, worst, count + (0 if known is None else known.count))
    return tuple(nsmallest(most, groups.values(), key=lambda one: (-one.count, RANK[one.call], one.cluster, one.name)))


def _group(cluster: str, name: str, members: list[Alert]) -> Group:
    return Group(
        cluster=cluster,
        name=name,
        alerts=tuple(members),
        call=min((alert.call for alert in members), key=RANK.__getitem__),
    )


def total(alerts: Iterable[Alert]) -> Total:
    return _total(Counter(map(_kind, alerts)))


class Tally:
    """The same total, kept from change to change: 5,000 alerts are not counted anew for a key, nor are those left out
    that a table has not come to yet."""

    def __init__(self) -> None:
        self._kinds: dict[str, _Kind] = {}
        self._counts: Counter[_Kind] = Counter()

    def take(self, delta: Delta[Alert]) -> None:
        kinds, counts = self._kinds, self._counts
        if delta.reset:
            kinds.clear()
            counts.clear()
        for key in delta.removes:
            if key in kinds:
                counts[kinds.pop(key)] -= 1
        for key, alert in delta.upserts:
            kind, before = _kind(alert), kinds.get(key)
            if kind != before:
                if before is not None:
                    counts[before] -= 1
                kinds[key] = kind
                counts[kind] += 1

    @property
    def total(self) -> Total:
        return _total(self._counts)


def _kind(alert: Alert) -> _Kind:
    return (alert.call, alert.phase, alert.loud, alert.hush is Hush.ACKED)


def _total(counts: Counter[_Kind]) -> Total:
    loud: Counter[Call] = Counter()
    phases: Counter[Phase] = Counter()
    hushed = acked_pages = 0
    for (call, phase, is_loud, is_acked), count in counts.items():
        if call is Call.PLUMBING:
            continue
        phases[phase] += count
        if is_loud:
            loud[call] += count
        elif phase is Phase.FIRING:
            hushed += count
            acked_pages += count if is_acked and call is Call.PAGE else 0
    return Total(
        pages=loud[Call.PAGE],
        tickets=loud[Call.TICKET],
        infos=loud[Call.INFO],
        pending=phases[Phase.PENDING],
        unknown=phases[Phase.UNKNOWN],
        hushed=hushed,
        acked_pages=acked_pages,
    )
