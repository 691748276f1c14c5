"""What changed and when, in the operator's words: the entries of ``:changes 30m``, and the rules that make them."""

import msgspec

from fleetui.model.cluster import Cluster
from fleetui.model.freshness import Trust
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod


class Transition(msgspec.Struct, frozen=True, gc=False):
    """One thing that became another. ``was`` or ``now`` is empty for what appeared or went."""

    at: float
    """When this session saw it, Unix seconds."""
    cluster: str
    kind: str
    """``cluster``, ``machine`` or ``pod``."""
    name: str
    """``web-7d9`` of a pod; the namespace has its own field."""
    field: str
    """What changed: ``trust``, ``status``, ``cordoned``, ``version``, ``operation``, ``exists``."""
    was: str
    now: str
    uid: str = ""
    namespace: str = ""


POD_TROUBLE = frozenset(
    {
        "CrashLoopBackOff",
        "ImagePullBackOff",
        "ErrImagePull",
        "InvalidImageName",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "OOMKilled",
        "Error",
        "Evicted",
        "NodeLost",
        "Unknown",
    }
)
"""The words of kubectl's STATUS column that belong in a history. Starting and ending are not news."""


def cluster_transitions(was: Cluster, now: Cluster, at: float) -> tuple[Transition, ...]:
    """Trust and version of the API server. Connecting is the start of a session, not news; a first failure is."""
    if was.trust not in _BEFORE:
        trust = (was.trust.value, now.trust.value)
    else:
        trust = ("", now.trust.value if now.trust is Trust.SILENT else "")
    entry = Transition(at=at, cluster=now.name, kind="cluster", name=now.name, field="", was="", now="", uid=now.uid)
    version = (was.version or "", now.version or "") if was.version and now.version else ("", "")
    return _entries(entry, [("trust", *trust), ("version", *version)])


_BEFORE = frozenset({Trust.CONNECTING, Trust.IDLE})


def machine_transitions(was: Machine | None, now: Machine | None, at: float) -> tuple[Transition, ...]:
    """Readiness, cordon, kubelet version, the operation that holds the lock, coming and going."""
    row = now or was
    assert row is not None
    entry = Transition(at=at, cluster=row.cluster, kind="machine", name=row.name, field="", was="", now="", uid=row.uid)
    if was is None or now is None:
        return _entries(entry, [("exists", was.status if was else "", now.status if now else "")])
    changes = [
        ("status", was.status.partition(",")[0], now.status.partition(",")[0]),
        ("cordoned", _cordon_word(was), _cordon_word(now)),
        ("version", was.version, now.version),
        ("operation", was.operation, now.operation),
    ]
    return _entries(entry, changes)


def _cordon_word(machine: Machine) -> str:
    if not machine.cordoned:
        return "schedulable"
    return f"cordoned by {machine.cordoned_by}" if machine.cordoned_by else "cordoned"


def pod_transitions(was: Pod | None, now: Pod | None, at: float) -> tuple[Transition, ...]:
    """Into trouble, out of it, from one trouble to another."""
    if was is None or now is None or was.status == now.status:
        return ()
    if was.status not in POD_TROUBLE and now.status not in POD_TROUBLE:
        return ()
    entry = Transition(
        at=at,
        cluster=now.cluster,
        kind="pod",
        name=now.name,
        field="",
        was="",
        now="",
        uid=now.uid,
        namespace=now.namespace,
    )
    return _entries(entry, [("status", was.status, now.status)])


def _entries(entry: Transition, changes: list[tuple[str, str, str]]) -> tuple[Transition, ...]:
    return tuple(
        msgspec.structs.replace(entry, field=field, was=was, now=now) for field, was, now in changes if was != now
    )
