"""Alerts of etcd: the questions and limits of the etcd board. Quorum, leader and alarms are outages of the cluster."""

from collections.abc import Iterator, Mapping

import msgspec

from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.health.etcd_promql import JOBS, PANELS, QUERIES, Panel
from fleetui.model.rules.burn import camel
from fleetui.model.rules.error_type import ETCD
from fleetui.model.rules.limits import beyond, value
from fleetui.model.rules.rule import AlertRule, Ground, Group

_PAGES = frozenset({"of_quota", "hours", "unapplied"})
"""Red of these: etcd refuses writes, now or within hours."""
_MADE_OF = {
    "of_quota": "{size}\n/ {quota}",
    "free": "1 - {in_use}\n/ {size}",
    "hours": "({quota} - {size})\n/ ({growth} > 0)\n/ 3600",
}
"""Panels that are made of several questions; the others are one."""
_QUORUM = "sum by ($per) ({up}) - floor(count by ($per) ({up}) / 2) - 1"
"""How many more members may be lost."""


def etcd(ground: Ground) -> Group:
    made = _Made(msgspec.structs.replace(ground, scope=msgspec.structs.replace(ground.scope, jobs=JOBS)))
    return Group("fleetui-etcd", "30s", (*made.outages(), *made.limits()))


class _Made:
    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._queries: Mapping[str, str] = {query.id: ground.scope.fill(query) for query in QUERIES}

    def outages(self) -> Iterator[AlertRule]:
        yield self._outage("QuorumLost", f"{_QUORUM} < 0", "1m", "etcd has lost its quorum: nothing can be written")
        margin = f"({_QUORUM} == 0)\nand count by ($per) ({{up}}) >= 3"
        yield self._outage("NoMargin", margin, "5m", "etcd may lose no more member: the next one takes the quorum")
        yield self._outage("NoLeader", "max by ($per) ({has_leader}) == 0", "1m", "no member of etcd knows a leader")
        alarm = "etcd raised {{ $labels.alarm_type }} on {{ $labels.instance }}"
        yield self._outage("Alarm", "{alarms}", "0s", alarm)

    def limits(self) -> Iterator[AlertRule]:
        for panel in PANELS:
            if panel.limit is not None:
                yield self._limit(panel, Call.TICKET, "15m")
                if panel.id in _PAGES:
                    yield self._limit(panel, Call.PAGE, "5m")

    def _outage(self, name: str, template: str, hold: str, summary: str) -> AlertRule:
        return AlertRule(
            name=f"FleetEtcd{name}",
            expr=self._fill(template),
            hold=hold,
            call=Call.PAGE,
            error_type=ETCD,
            summary=f"{self._ground.where}: {summary}",
            description="Look at the members before anything is restarted or removed: fleetui get etcd.",
        )

    def _limit(self, panel: Panel, call: Call, hold: str) -> AlertRule:
        assert panel.limit is not None
        at = panel.limit.red if call is Call.PAGE else panel.limit.amber
        expr = self._fill(_MADE_OF.get(panel.id, f"{{{panel.needs[0]}}}"))
        return AlertRule(
            name=f"FleetEtcd{camel(panel.id)}",
            expr=beyond(expr, panel.limit, at),
            hold=hold,
            call=call,
            error_type=ETCD,
            summary=f"{self._ground.where}: etcd {{{{ $labels.instance }}}}: {panel.title} {value(panel.unit)}",
            description=f"Limit: {f'{at:g} {panel.unit}'.strip()} ({panel.limit.source}).",
        )

    def _fill(self, template: str) -> str:
        """The questions in the place of their names."""
        text = template
        for id_, query in self._queries.items():
            text = text.replace(f"{{{id_}}}", f"({query})")
        return text.replace("$per", self._ground.fill("$per"))
