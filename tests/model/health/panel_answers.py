"""Answers of a source as a test wants them: by query, by cluster."""

from fleetui.model.fault import Fault
from fleetui.model.health.answers import Answers
from fleetui.model.health.series import Point, Reply, Vector

NOW = 1_800_000_000.0


def vector(*points: tuple[dict[str, str], float], partial: bool = False) -> Vector:
    reply = Reply("central", NOW, NOW, warnings=("a store is down",) if partial else (), partial=partial)
    return Vector(tuple(Point(labels, value, NOW) for labels, value in points), reply)


def answers(
    figures: dict[str, dict[str, float]],
    *,
    jobs: dict[str, float] | None = None,
    age_s: float = 1.0,
    source: str = "central",
    partial: bool = False,
    faults: dict[str, Fault] | None = None,
    fault: Fault | None = None,
) -> Answers:
    """``figures`` by query and cluster. ``jobs`` are those of every cluster, with the share of targets that answer."""
    clusters = sorted({cluster for found in figures.values() for cluster in found})
    up = {"apiserver": 1.0, "kube-state-metrics": 1.0} if jobs is None else jobs
    places = [({"cluster": cluster, "job": job}, alive) for cluster in clusters for job, alive in up.items()]
    replies: dict[str, Vector | Fault] = {
        "seen": vector(*(({"cluster": cluster}, NOW - age_s) for cluster in clusters), partial=partial),
        "scrapes": vector(*(({"cluster": cluster}, 20.0) for cluster in clusters)),
        "targets": vector(*((labels, 1.0) for labels, _ in places)),
        "alive": vector(*places),
    }
    for query, found in figures.items():
        replies[query] = vector(*(({"cluster": cluster}, value) for cluster, value in found.items()))
    return Answers(source=source, replies=replies | (faults or {}), fault=fault)
