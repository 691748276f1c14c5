"""What of the etcd board is drawn: its panels as one query each, a line a member."""

from collections.abc import Mapping

from fleetui.model.chart.subject import Subject
from fleetui.model.health.etcd_finding import About
from fleetui.model.health.etcd_promql import JOBS, PANELS, QUERIES, Panel
from fleetui.model.health.etcd_state import EtcdState

_TEXTS = {query.id: query.text for query in QUERIES}
_MADE = {
    "of_quota": f"({_TEXTS['size']}) / ({_TEXTS['quota']})",
    "free": f"clamp_min(1 - ({_TEXTS['in_use']}) / ({_TEXTS['size']}), 0)",
    "hours": f"(({_TEXTS['quota']}) - ({_TEXTS['size']})) / (({_TEXTS['growth']}) > 0) / 3600",
}
"""Panels that the board makes of several answers."""
_USUAL = "fsync"
_DECIDING = {
    About.SLOW_NETWORK: "rtt",
    About.BEHIND: "unapplied",
    About.FILLING: "of_quota",
    About.NO_SPACE: "of_quota",
    About.ALARM: "of_quota",
    About.FRAGMENTED: "free",
    About.FLAPPING: "changes",
    About.NO_LEADER: "leader",
    About.QUORUM_LOST: "leader",
    About.NO_QUORUM_SEEN: "leader",
    About.NO_MARGIN: "up",
    About.MEMBER_DOWN: "up",
    About.MEMBER_SILENT: "up",
    About.CUT_OFF: "leader",
}
"""The figure that shows what a finding is about; of the others how fast the disk is."""


def _subject(panel: Panel) -> Subject:
    query = _MADE.get(panel.id) or _TEXTS[panel.needs[0]]
    return Subject(id=f"etcd/{panel.id}", title=panel.title, query=query, unit=panel.unit, limit=panel.limit, jobs=JOBS)


def _answers(id_: str, title: str, query: str) -> Subject:
    """1 or 0 a member; the line is drawn at 1, where all is well."""
    return Subject(id=f"etcd/{id_}", title=title, query=query, mark=1.0, jobs=JOBS)


ETCD: Mapping[str, Subject] = {
    **{panel.id: _subject(panel) for panel in PANELS},
    "up": _answers("up", "members that are scraped", _TEXTS["up"]),
    "leader": _answers("leader", "members that see a leader", _TEXTS["has_leader"]),
}


def etcd_subject(row: EtcdState) -> Subject:
    """The figure that shows what is worst."""
    about = row.findings[0].about if row.findings else None
    return ETCD[_DECIDING.get(about, _USUAL) if about is not None else _USUAL]
