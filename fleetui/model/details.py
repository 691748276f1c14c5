"""What only the whole object says of one machine or one pod: read when somebody asks, never kept.

Text is clean for the screen. What we may not read is None, and ``refused`` says why.
"""

import msgspec

from fleetui.model.drain import Budget, NodeState, PodState
from fleetui.model.fault import Fault


class Condition(msgspec.Struct, frozen=True):
    """One of a node's or a pod's conditions."""

    type: str
    """``Ready``, ``MemoryPressure``, ``PodScheduled``."""
    status: str
    """``True``, ``False`` or ``Unknown``."""
    since: float | None = None
    """Last transition, Unix seconds."""
    reason: str = ""
    message: str = ""


class ContainerDetails(msgspec.Struct, frozen=True):
    """One container of a pod. Times are Unix seconds."""

    name: str
    image: str = ""
    ready: bool = False
    restarts: int = 0
    state: str = ""
    """``running``, ``waiting`` or ``terminated``; empty before the kubelet has said anything."""
    reason: str = ""
    """``CrashLoopBackOff``, ``Completed``."""
    message: str = ""
    since: float | None = None
    """When it began to run, or ended."""
    exit_code: int | None = None
    """Of a terminated one."""
    last_exit_code: int | None = None
    """Of the run before this one; None when there was none."""
    last_reason: str = ""
    last_ended: float | None = None
    init: bool = False


class Happening(msgspec.Struct, frozen=True):
    """An Event that the cluster keeps about the object."""

    at: float | None
    reason: str
    message: str
    warning: bool = False
    count: int = 1


class MachineDetails(msgspec.Struct, frozen=True):
    node: NodeState
    conditions: tuple[Condition, ...] = ()
    pod_room: int | None = None
    """Pods that the kubelet takes at most."""
    pods: tuple[PodState, ...] | None = None
    """Those on it, finished ones too."""
    happenings: tuple[Happening, ...] | None = None
    refused: tuple[Fault, ...] = ()


class PodDetails(msgspec.Struct, frozen=True):
    pod: PodState
    conditions: tuple[Condition, ...] = ()
    containers: tuple[ContainerDetails, ...] = ()
    reason: str = ""
    """Of the whole pod: ``Evicted``."""
    message: str = ""
    budgets: tuple[Budget, ...] | None = None
    """Of its namespace, those that do not select it too."""
    happenings: tuple[Happening, ...] | None = None
    """Oldest first."""
    refused: tuple[Fault, ...] = ()


Details = MachineDetails | PodDetails
