"""How many pods a workload has, and how many of them are ready: counted when somebody asks."""

import msgspec

from fleetui.simulate.objects import Workload
from fleetui.simulate.state import State


class Tally(msgspec.Struct, frozen=True):
    pods: int = 0
    ready: int = 0
    updated: int = 0
    """Of the newest template."""

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.pods + other.pods, self.ready + other.ready, self.updated + other.updated)


def tally(state: State, workload: Workload) -> Tally:
    if workload.kind == "Deployment":
        total = Tally()
        for replica_set in state.replica_sets_of(workload.uid):
            part = _of_pods(state, replica_set)
            newest = replica_set.template_hash == workload.template_hash
            total += part if newest else Tally(part.pods, part.ready, 0)
        return total
    return _of_pods(state, workload)


def _of_pods(state: State, workload: Workload) -> Tally:
    active = [pod for pod in state.pods_of(workload.uid) if pod.active]
    return Tally(len(active), sum(pod.ready for pod in active), len(active))
