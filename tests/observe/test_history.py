"""The bounded past: newest first over all clusters, and a cluster that flaps pushes out its own entries only."""

from fleetui.model.history import Transition
from fleetui.observe.history import History


def entry(at: float, cluster: str = "a", now: str = "NotReady") -> Transition:
    return Transition(at=at, cluster=cluster, kind="machine", name="wk", field="status", was="Ready", now=now)


def test_newest_first_over_all_clusters_from_a_moment_on() -> None:
    history = History()
    history.add([entry(1.0), entry(4.0)])
    history.add([entry(2.0, "b"), entry(3.0, "b")])
    assert [found.at for found in history.since(0.0)] == [4.0, 3.0, 2.0, 1.0]
    assert [found.at for found in history.since(3.0)] == [4.0, 3.0]
    assert history.since(5.0) == ()


def test_a_flapping_cluster_pushes_out_its_own_past_only() -> None:
    history = History(per_cluster=10)
    history.add([entry(1.0, "calm")])
    history.add(entry(float(at), "flaps") for at in range(1_000))
    kept = history.since(0.0)
    assert len(kept) == 11
    assert [found.at for found in kept if found.cluster == "flaps"] == [float(at) for at in range(999, 989, -1)]
