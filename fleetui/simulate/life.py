"""What happens by itself in a demo cluster: restarts, moves, rollouts, machines that fail and come back. All from the
cluster's own chance, so that a seed tells the same story twice."""

from collections.abc import Callable
from functools import partial
from typing import cast

import msgspec
from msgspec.structs import replace

from fleetui.simulate import kubelet
from fleetui.simulate.objects import Node, Pod, Workload
from fleetui.simulate.state import Act, State
from fleetui.simulate.workloads import template_hash
from fleetui.simulate.world import World

CALM_NAMESPACES = frozenset({"kube-system", "payments"})
"""Nothing happens here by chance: the system, and the story of the budget that blocks."""
SHIPPERS = ("helm", "argocd-controller", "kubectl-edit")
"""Field managers of those who ship, in turns."""
AWAY_S = (100.0, 180.0)
"""How long a machine that failed stays away: long enough to be noticed after 40 s, too short for its pods to move."""


class Tempo(msgspec.Struct, frozen=True):
    """Mean seconds of simulated life between happenings; 0 is never."""

    restarts: float = 0.0
    moves: float = 0.0
    rollouts: float = 0.0
    failures: float = 0.0


def begin(world: World, tempo: Tempo, now: float) -> None:
    """Puts the first of each kind of happening on the agenda; each plans its successor."""
    for mean, happening in (
        (tempo.restarts, restart_one),
        (tempo.moves, move_one),
        (tempo.rollouts, roll_one),
        (tempo.failures, fail_one),
    ):
        if mean:
            world.plan(now, 0, partial(_wait, mean, happening))


def _wait(mean: float, happening: Act, state: State, now: float) -> None:
    state.later(now, state.rng.uniform(0.3, 1.7) * mean, partial(_happen, mean, happening))


def _happen(mean: float, happening: Act, state: State, now: float) -> None:
    happening(state, now)
    _wait(mean, happening, state, now)


def restart_one(state: State, now: float) -> None:
    """A container exits and is started again, a little later."""
    pod = _any_pod(state, lambda pod: pod.ready)
    if pod is not None:
        kubelet.crash(pod.key, pod.uid, state, now)
        _tell(state, pod, "BackOff", f"Back-off restarting failed container {pod.template.containers[0].name}", now)


def move_one(state: State, now: float) -> None:
    """A pod is taken away; its workload makes another."""
    pod = _any_pod(state, lambda pod: pod.ready and pod.owner is not None and pod.owner.kind == "ReplicaSet")
    if pod is not None:
        kubelet.delete(state, pod, now)


def roll_one(state: State, now: float) -> None:
    """Somebody ships: a Deployment gets a new image and rolls."""
    deployments = [
        cast("Workload", each)
        for each in state.all("deployments").values()
        if each.namespace not in CALM_NAMESPACES and cast("Workload", each).replicas > 1
    ]
    if deployments:
        roll(state, state.rng.choice(deployments), now)


def roll(state: State, deployment: Workload, now: float) -> None:
    first, *others = deployment.template.containers
    shipped = replace(first, image=next_image(first.image))
    template = replace(deployment.template, containers=(shipped, *others))
    state.put(
        replace(
            deployment,
            template=template,
            template_hash=template_hash(template),
            generation=deployment.generation + 1,
            edited_by=SHIPPERS[deployment.generation % len(SHIPPERS)],
            edited_at=now,
        )
    )


def next_image(image: str) -> str:
    """``…:3.14.0`` becomes ``…:3.14.1``; a tag without numbers gets one."""
    name, _, tag = image.rpartition(":")
    head, dot, last = tag.rpartition(".")
    return f"{name}:{head}{dot}{int(last) + 1}" if last.isdecimal() else f"{image}.1"


def fail_one(state: State, now: float) -> None:
    """A worker's power or network goes; it comes back by itself."""
    workers = [node for node in state.nodes() if node.ready and not node.unschedulable and not node.taints]
    if workers and not state.silent:
        node = state.rng.choice(workers)
        kubelet.fall_silent(node.name, state, now)
        state.later(now, state.rng.uniform(*AWAY_S), partial(kubelet.come_back, node.name))


class Moody(msgspec.Struct, frozen=True):
    """A workload of which one pod is not ready, then ready for a while, then not again, and so on."""

    namespace: str
    prefix: str
    """How the names of its pods begin."""
    unready_s: float
    ready_s: float

    def begin(self, world: World, now: float) -> None:
        """One of its pods is not ready now."""
        world.plan(now, self.unready_s, self._heal)

    def _heal(self, state: State, now: float) -> None:
        broken = next((pod for pod in self._running(state) if not pod.ready), None)
        if broken is not None:
            kubelet.set_ready(state, broken, True, now)
        state.later(now, self.ready_s, self._break)

    def _break(self, state: State, now: float) -> None:
        running = self._running(state)
        if running and all(pod.ready for pod in running):
            kubelet.set_ready(state, running[-1], False, now)
            message = "Readiness probe failed: HTTP probe failed with statuscode: 503"
            _tell(state, running[-1], "Unhealthy", message, now)
        state.later(now, self.unready_s, self._heal)

    def _running(self, state: State) -> list[Pod]:
        pods = [pod for pod in state.pods_in(self.namespace) if pod.active and pod.phase == "Running"]
        return sorted((pod for pod in pods if pod.name.startswith(self.prefix)), key=lambda pod: pod.name)


def _any_pod(state: State, wanted: Callable[[Pod], bool]) -> Pod | None:
    """By chance, in bounded time: some pods are tried, not all counted."""
    nodes = cast("list[Node]", list(state.nodes()))
    for _ in range(12):
        pods = state.pods_on(state.rng.choice(nodes).name) if nodes else ()
        pod = state.rng.choice(pods) if pods else None
        if pod is not None and pod.active and pod.namespace not in CALM_NAMESPACES and wanted(pod):
            return pod
    return None


def _tell(state: State, pod: Pod, reason: str, message: str, now: float) -> None:
    state.tell(pod, kind="Pod", event_type="Warning", reason=reason, message=message, source="kubelet", now=now)
