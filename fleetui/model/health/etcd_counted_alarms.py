"""Alarms of etcd as its metrics count them, which is not whether they are raised.

The gauge ``etcd_debugging_server_alarms{server_id, alarm_type}`` came with etcd-io/etcd pull request 14276.
Observed on etcd 3.6.16, and the source of its applier and its AlarmStore agrees:

- Each activation adds one, also that of an alarm which is raised already: two requests that meet the quota at the same
  moment make two. A disarm takes one away. So after a recovery it may stay above zero while no alarm is listed.
- It begins with the process, and a raised alarm outlives the process: a restart ends the count and not the alarm.

Whether there is room again tells a NOSPACE that may be over from one that cannot be; nothing tells that of a CORRUPT.
What is raised and not counted is not seen here; a database at its quota is, by its own limit.
"""

from collections.abc import Iterator, Sequence

from fleetui.model.cluster import Health
from fleetui.model.health import etcd_limits
from fleetui.model.health.etcd_finding import About, Finding
from fleetui.model.health.etcd_promql import panel_of
from fleetui.model.health.etcd_quorum import Margin
from fleetui.model.health.etcd_scrape import Scraped

ASK = (
    "ask a member itself, etcdctl alarm list: the metric counts activations and counts on after a disarm; "
    "a restart of the member ends the count, not the alarm"
)
ROOM = etcd_limits.DB_OF_QUOTA.amber
"""Share of the quota below which a NOSPACE may be over. etcd raises it when a request (at most 1.5 MiB by default) no
longer fits: at 0.999 of its default quota of 2 GiB; with 16 MiB full members were seen from 0.88 to 1.19."""
_ABOUT = {"CORRUPT": About.CORRUPT, "NOSPACE": About.NO_SPACE}


def counted_alarms(members: Sequence[Scraped], left: Margin, *, now: float) -> Iterator[Finding]:
    """A finding for each kind that a member whose figures count has counted."""
    trusted = [member for member in members if member.counts(now)]
    fullest = _fullest(members, left, now=now)
    for alarm in sorted({alarm for member in trusted for alarm in member.alarms}):
        hosts = tuple(member.host for member in trusted if alarm in member.alarms)
        if alarm == "NOSPACE" and fullest is not None and fullest < ROOM:
            yield _in_doubt(hosts, fullest)
        else:
            detail = f"alarm {alarm}, as the metrics of {' and '.join(hosts)} count it"
            if alarm == "NOSPACE":
                detail += ": while it is raised, the whole cluster refuses writes"
            yield Finding(Health.BROKEN, _ABOUT.get(alarm, About.ALARM), alarm, detail, hosts, ASK)


def _in_doubt(hosts: tuple[str, ...], fullest: float) -> Finding:
    detail = (
        f"the metrics of {' and '.join(hosts)} count a NOSPACE, and count on after a disarm; there is room again "
        f"({fullest:.0%} of the quota at most), but if the alarm is still raised, the whole cluster refuses writes"
    )
    return Finding(Health.WARNING, About.NO_SPACE, "NOSPACE in doubt", detail, hosts, ASK)


def _fullest(members: Sequence[Scraped], left: Margin, *, now: float) -> float | None:
    """The largest share of its quota; None unless it is known of every member: the full one may be any of them."""
    if left.voters > sum(1 for member in members if not member.flag("is_learner")):
        return None
    shares = [panel_of("of_quota").of(member.figures) if member.counts(now) else None for member in members]
    known = [share for share in shares if share is not None and share >= 0]  # neither NaN nor of a quota turned off
    return max(known) if known and len(known) == len(shares) else None
