"""The word in a pod's STATUS column and its READY and RESTARTS numbers, by the rule that kubectl's users know.

The rule is the API server's own (kubernetes/pkg/printers/internalversion/printers.go, printPod). The contract suite
holds this one equal to the Tables that a real server prints.
"""

import msgspec


class Waiting(msgspec.Struct, gc=False):
    reason: str = ""


class Terminated(msgspec.Struct, gc=False, rename="camel"):
    reason: str = ""
    exit_code: int = 0
    signal: int = 0


class Running(msgspec.Struct, gc=False):
    pass


class ContainerState(msgspec.Struct, gc=False):
    waiting: Waiting | None = None
    terminated: Terminated | None = None
    running: Running | None = None


class ContainerStatus(msgspec.Struct, gc=False, rename="camel"):
    name: str = ""
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    state: ContainerState | None = None


class Condition(msgspec.Struct, gc=False, rename="camel"):
    type: str = ""
    status: str = ""
    reason: str | None = None


class PodStatus(msgspec.Struct, rename="camel"):
    phase: str = ""
    reason: str | None = None
    pod_ip: str = msgspec.field(default="", name="podIP")
    conditions: list[Condition] | None = None
    init_container_statuses: list[ContainerStatus] | None = None
    container_statuses: list[ContainerStatus] | None = None


class Container(msgspec.Struct, gc=False, rename="camel"):
    name: str = ""
    restart_policy: str | None = None
    """``Always`` on an init container makes it a sidecar."""


class PodSpec(msgspec.Struct, rename="camel"):
    node_name: str = ""
    containers: list[Container] | None = None
    init_containers: list[Container] | None = None


class Printed(msgspec.Struct, gc=False):
    """What stands in the columns."""

    status: str
    ready: int
    containers: int
    restarts: int


_NO_STATE = ContainerState()


def printed(spec: PodSpec, status: PodStatus, *, deleting: bool) -> Printed:
    init = spec.init_containers or []
    sidecars = {container.name for container in init if container.restart_policy == "Always"}
    row = Printed(
        status=_phase_word(status), ready=0, containers=len(spec.containers or ()) + len(sidecars), restarts=0
    )
    sidecar_restarts = 0
    initializing = False
    if init:
        sidecar_restarts, initializing = _initialize(row, status, sidecars=sidecars, count=len(init))
    if not initializing or _holds(status, "Initialized"):
        row.restarts = sidecar_restarts
        _run(row, status)
    if deleting:
        row.status = _ending_word(row.status, status)
    return row


def _phase_word(status: PodStatus) -> str:
    for condition in status.conditions or ():
        if condition.type == "PodScheduled" and condition.reason == "SchedulingGated":
            return "SchedulingGated"
    return status.reason or status.phase


def _initialize(row: Printed, status: PodStatus, *, sidecars: set[str], count: int) -> tuple[int, bool]:
    """Fills in what the init containers say; the sidecars' restarts, and whether one still holds the pod up."""
    sidecar_restarts = 0
    for index, container in enumerate(status.init_container_statuses or ()):
        row.restarts += container.restart_count
        sidecar = container.name in sidecars
        if sidecar:
            sidecar_restarts += container.restart_count
        state = container.state or _NO_STATE
        if state.terminated is not None and state.terminated.exit_code == 0:
            continue
        if sidecar and container.started:
            row.ready += container.ready
            continue
        row.status = "Init:" + _init_word(state, index=index, count=count)
        return sidecar_restarts, True
    return sidecar_restarts, False


def _init_word(state: ContainerState, *, index: int, count: int) -> str:
    if state.terminated is not None:
        return state.terminated.reason or _exit_word(state.terminated)
    if state.waiting is not None and state.waiting.reason not in ("", "PodInitializing"):
        return state.waiting.reason
    return f"{index}/{count}"


def _run(row: Printed, status: PodStatus) -> None:
    running = False
    for container in reversed(status.container_statuses or ()):
        row.restarts += container.restart_count
        state = container.state or _NO_STATE
        if state.waiting is not None and state.waiting.reason:
            row.status = state.waiting.reason
        elif state.terminated is not None:
            row.status = state.terminated.reason or _exit_word(state.terminated)
        elif container.ready and state.running is not None:
            running = True
            row.ready += 1
    if row.status == "Completed" and running:
        row.status = "Running" if _holds(status, "Ready") else "NotReady"


def _exit_word(ended: Terminated) -> str:
    return f"Signal:{ended.signal}" if ended.signal else f"ExitCode:{ended.exit_code}"


def _ending_word(word: str, status: PodStatus) -> str:
    if status.reason == "NodeLost":
        return "Unknown"
    return word if status.phase in ("Failed", "Succeeded") else "Terminating"


def _holds(status: PodStatus, condition_type: str) -> bool:
    return any(found.type == condition_type and found.status == "True" for found in status.conditions or ())
