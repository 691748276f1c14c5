"""Alerts by cluster and name: in a storm, some lines instead of thousands."""

from collections import Counter, defaultdict
from collections.abc import Iterable

import msgspec

from fleetui.model.alerts.alert import Alert, Hush, Phase
from fleetui.model.alerts.page_or_ticket import RANK, Call

_PHASES = {Phase.FIRING: 0, Phase.UNKNOWN: 1, Phase.PENDING: 2, Phase.ENDED_UNSEEN: 3, Phase.RESOLVED: 4}

Order = tuple[int, int, int, float]


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


def order(alert: Alert) -> Order:
    """Loud before hushed, pages first, then what fires, then the oldest; what is over last."""
    since = alert.firing_since if alert.firing_since is not None else alert.since
    quiet = 2 if alert.phase.over else int(alert.hush not in (Hush.NONE, Hush.UNKNOWN))
    return (quiet, RANK[alert.call], _PHASES[alert.phase], float("inf") if since is None else since)


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


def _group(cluster: str, name: str, members: list[Alert]) -> Group:
    return Group(
        cluster=cluster,
        name=name,
        alerts=tuple(members),
        call=min((alert.call for alert in members), key=RANK.__getitem__),
    )


def total(alerts: Iterable[Alert]) -> Total:
    found = listed(alerts)
    loud = Counter(alert.call for alert in found if alert.loud)
    phases = Counter(alert.phase for alert in found)
    hushed = sum(alert.phase is Phase.FIRING and not alert.loud for alert in found)
    return Total(
        pages=loud[Call.PAGE],
        tickets=loud[Call.TICKET],
        infos=loud[Call.INFO],
        pending=phases[Phase.PENDING],
        unknown=phases[Phase.UNKNOWN],
        hushed=hushed,
    )
