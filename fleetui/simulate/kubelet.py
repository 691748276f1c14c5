"""What happens on the nodes: pods start, crash, stop; a node falls silent and comes back. Every act checks by uid that
its pod still is what it was when the act was put on the agenda."""

from functools import partial

from msgspec.structs import replace

from fleetui.simulate.objects import (
    NO_EXECUTE,
    UNREACHABLE_TAINTS,
    Condition,
    ContainerStatus,
    Key,
    Node,
    Pod,
    PodTemplate,
)
from fleetui.simulate.scheduler import tolerates
from fleetui.simulate.state import State

NOTICED_AFTER_S = 40.0
"""kube-controller-manager --node-monitor-grace-period, as it was before 1.32 (50 s since)."""
EVICTED_AFTER_S = 300.0
"""The default toleration of unreachable nodes."""
RUNS_BEFORE_CRASH_S = 8.0
FIRST_BACKOFF_S = 10.0
LAST_BACKOFF_S = 300.0

_PRESSURES = (
    ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
)


def healthy_conditions(since: float) -> tuple[Condition, ...]:
    calm = tuple(Condition(kind, "False", reason, message, since) for kind, reason, message in _PRESSURES)
    return (*calm, Condition("Ready", "True", "KubeletReady", "kubelet is posting ready status", since))


def waiting(template: PodTemplate, reason: str = "ContainerCreating") -> tuple[ContainerStatus, ...]:
    return tuple(ContainerStatus("waiting", reason) for _ in template.containers)


def take(state: State, pod: Pod, now: float) -> None:
    """The node's kubelet sees a pod that was bound to it."""
    if pod.node in state.silent:
        return
    state.put(replace(pod, started=now, containers=waiting(pod.template)))
    slack = state.rng.uniform(0.5, 1.5)
    state.later(now, pod.template.starts_in_s * slack, partial(_start, pod.key, pod.uid))


def _start(key: Key, uid: str, state: State, now: float) -> None:
    pod = _same(state, key, uid)
    if pod is None or pod.deletes_at is not None or pod.node in state.silent:
        return
    ready = not (pod.template.never_ready or pod.template.crashes)
    node = state.node(pod.node)
    ip = node.internal_ip if pod.template.host_network and node is not None else _address(state)
    running = tuple(replace(each, state="running", reason="", ready=ready, since=now) for each in pod.containers)
    state.put(replace(_readiness(pod, ready, now), phase="Running", containers=running, ip=pod.ip or ip))
    if pod.template.crashes:
        state.later(now, RUNS_BEFORE_CRASH_S, partial(crash, key, uid))


def crash(key: Key, uid: str, state: State, now: float) -> None:
    """The first container ends with an error, and waits as CrashLoopBackOff for longer each time."""
    pod = _same(state, key, uid)
    if pod is None or pod.deletes_at is not None or pod.node in state.silent or not pod.containers:
        return
    first, *others = pod.containers
    down = replace(
        first, state="waiting", reason="CrashLoopBackOff", ready=False, restarts=first.restarts + 1, last_exit=now
    )
    state.put(replace(_readiness(pod, False, now), containers=(down, *others)))
    backoff = min(LAST_BACKOFF_S, FIRST_BACKOFF_S * 2.0 ** min(first.restarts, 5))
    state.later(now, backoff, partial(_start, key, uid))


def delete(state: State, pod: Pod, now: float, *, grace_s: int | None = None) -> Pod:
    """Asks for a graceful end. Asking again can only shorten the grace, as in the API server.

    Returns the pod as it was last stored, also when it is gone already.
    """
    grace = 0 if not pod.node or pod.finished else pod.template.grace_s if grace_s is None else grace_s
    if pod.deletes_at is not None and (pod.grace_s or 0) <= grace:
        return pod
    asked = pod.deletes_at - (pod.grace_s or 0) if pod.deletes_at is not None else now
    marked = replace(pod, deletes_at=max(now, asked + grace), grace_s=grace, generation=pod.generation + 1)
    stored = state.put(marked)
    _stop(state, stored, now)
    return stored


def _stop(state: State, pod: Pod, now: float) -> None:
    """The containers end within the grace; on a silent node nobody ends them."""
    if pod.grace_s == 0:
        _gone(pod.key, pod.uid, state, now)
    elif pod.node not in state.silent:
        seconds = min(float(pod.grace_s or 0), pod.template.stops_in_s)
        state.later(now, seconds, partial(_gone, pod.key, pod.uid))


def _gone(key: Key, uid: str, state: State, now: float) -> None:
    pod = _same(state, key, uid)
    if pod is None or (pod.node in state.silent and pod.grace_s != 0):
        return
    if not pod.finalizers:
        state.remove(pod)
        return
    ended = tuple(replace(each, state="terminated", reason="Completed", ready=False) for each in pod.containers)
    if ended != pod.containers:
        phase = pod.phase if not pod.node else "Succeeded"
        state.put(replace(_readiness(pod, False, now), phase=phase, containers=ended))


def set_ready(state: State, pod: Pod, ready: bool, now: float) -> None:
    """The readiness probe changes its mind."""
    containers = tuple(replace(each, ready=ready) for each in pod.containers)
    state.put(replace(_readiness(pod, ready, now), containers=containers))


def _readiness(pod: Pod, ready: bool, now: float) -> Pod:
    return pod if pod.ready == ready and pod.ready_changed is not None else replace(pod, ready=ready, ready_changed=now)


def _same(state: State, key: Key, uid: str) -> Pod | None:
    pod = state.pod(key)
    return pod if pod is not None and pod.uid == uid else None


def _address(state: State) -> str:
    value = state.rng.getrandbits(16)
    return f"10.{64 + value % 64}.{(value >> 8) % 250}.{1 + value % 250}"


# A node that stops answering.


def fall_silent(name: str, state: State, now: float) -> None:
    """Power, kernel or network: the kubelet stops. The cluster notices later."""
    if state.node(name) is None or name in state.silent:
        return
    state.silent[name] = now
    state.later(now, NOTICED_AFTER_S, partial(_notice, name, now))


def _notice(name: str, since: float, state: State, now: float) -> None:
    node = state.node(name)
    if node is None or state.silent.get(name) != since:
        return
    unknown = tuple(
        replace(each, status="Unknown", reason="NodeStatusUnknown", since=now,
                message="Kubelet stopped posting node status.")
        for each in node.conditions
    )  # fmt: skip
    state.put(replace(node, conditions=unknown, taints=(*node.taints, *UNREACHABLE_TAINTS)))
    _tell(state, node, "NodeNotReady", f"Node {name} status is now: NodeNotReady", now)
    for pod in state.pods_on(name):
        if pod.ready:
            state.put(_readiness(pod, False, now))
    state.later(now, EVICTED_AFTER_S, partial(_evict_from, name, since))


def _evict_from(name: str, since: float, state: State, now: float) -> None:
    """The taint manager: pods that do not tolerate it for ever are deleted, and stay Terminating: nobody answers."""
    if state.silent.get(name) != since:
        return
    for pod in state.pods_on(name):
        if pod.active and not _stays(pod):
            delete(state, pod, now)


def _stays(pod: Pod) -> bool:
    unreachable = next(taint for taint in UNREACHABLE_TAINTS if taint.effect == NO_EXECUTE)
    return pod.mirror or any(tolerates(each, unreachable) and each.seconds is None for each in pod.template.tolerations)


def come_back(name: str, state: State, now: float) -> None:
    """The kubelet runs again: it reports, ends what was to end, and starts what was bound to it meanwhile."""
    if state.silent.pop(name, None) is None:
        return
    node = state.node(name)
    if node is None:
        return
    taints = tuple(taint for taint in node.taints if taint not in UNREACHABLE_TAINTS)
    if not node.ready:
        state.put(replace(node, conditions=healthy_conditions(now), taints=taints))
        _tell(state, node, "NodeReady", f"Node {name} status is now: NodeReady", now)
    for pod in state.pods_on(name):
        if pod.deletes_at is not None:
            _stop(state, pod, now)
        elif pod.phase == "Pending":
            take(state, pod, now)
        elif not pod.ready and all(each.state == "running" and each.ready for each in pod.containers):
            state.put(_readiness(pod, True, now))


def _tell(state: State, node: Node, reason: str, message: str, now: float) -> None:
    state.tell(
        node, kind="Node", event_type="Normal", reason=reason, message=message, source="node-controller", now=now
    )
