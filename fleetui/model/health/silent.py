"""Clusters of which no source has anything now: why, and since when. A figure over the fleet says nothing of them."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from fleetui.model.duration import format_duration
from fleetui.model.health.answers import Answers, sampled_at
from fleetui.model.health.controlplane import API_JOBS
from fleetui.model.health.panel_board import PanelRow
from fleetui.model.health.promql import Query, last_sampled
from fleetui.model.health.sample import Age
from fleetui.model.health.series import Vector

_LADDER = (
    *(f"{minutes}m" for minutes in (*range(10, 61, 5), 70, 80, 90, 120, 150)),
    *(f"{hours}h" for hours in (3, 4, 6, 8, 12, 18, 24)),
)
"""An answer looks back 5 minutes by itself: within the hour no moment is between two rungs, so that two boards that
asked at different times name the same one."""
LONGEST = "a day"
LAST = Query(
    "last",
    last_sampled("$per", f"up{{{API_JOBS}}}", _LADDER),
    300.0,
)
"""When an API server of a cluster was last known to be scraped: looked for further and further back, the first rung
where there is anything counts. One question that reads a few samples a cluster, where a subquery would read hundreds;
beyond an hour it may name a moment that is up to half as long ago again as the very last scrape."""


class Silent(msgspec.Struct, frozen=True):
    """One such cluster."""

    cluster: str
    word: str
    """``not scraped``, ``stale``, ``timeout``."""
    reason: str
    remedy: str
    since: float | None = None
    """When it was last known to be heard, by our clock; None where nothing says so."""

    def text(self, now: float) -> str:
        """``edge-perth-01 not scraped for 47m``."""
        return " ".join(filter(None, (self.cluster, self.word, self.ago(now))))

    def ago(self, now: float) -> str:
        """``for 47m``; empty where nobody knows."""
        return f"for {format_duration(now - self.since)}" if self.since is not None else ""


def silent_clusters(rows: Iterable[PanelRow], answers: Sequence[Answers]) -> tuple[Silent, ...]:
    """Those of the board's rows of which nothing is known now, in their order."""
    heard = last_heard(answers)
    return tuple(
        Silent(
            cluster=row.cluster,
            word="stale" if row.age is Age.STALE else row.word,
            reason=row.reason,
            remedy=row.remedy,
            since=since(row.cluster, row.sample_at, heard),
        )
        for row in rows
        if row.age in (Age.STALE, Age.NONE)
    )


def since(cluster: str, sample_at: float | None, heard: Mapping[str, float]) -> float | None:
    """When it was last heard, on every board alike: the sample that is still there, or what a source remembers."""
    return sample_at if sample_at is not None else heard.get(cluster)


def last_heard(answers: Iterable[Answers]) -> dict[str, float]:
    """By cluster, the youngest moment that any source remembers."""
    found: dict[str, float] = {}
    for each in answers:
        reply = each.replies.get(LAST.id)
        for point in reply.points if isinstance(reply, Vector) else ():
            assert isinstance(reply, Vector)
            name = each.name(point.labels)
            found[name] = max(found.get(name, 0.0), sampled_at(point, reply))
    return found
