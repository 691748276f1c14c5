"""What kind of trouble an alert tells of: by it alerts are grouped, owned, and given their runbook."""

import msgspec

from fleetui.model.diagnosis.mode import Mode

LABEL = "error_type"
OWNER = "platform"
"""Where nobody is named."""


class ErrorType(msgspec.Struct, frozen=True):
    """One kind."""

    id: str
    runbook: str
    """One that ships, by its file's name without ``.md``."""
    slo: str
    """Which promise it endangers: an objective's or a panel's id; empty: none."""
    below: bool = False
    """Trouble of single machines and of what runs on them: it follows from that of the whole cluster."""


CONTROL_PLANE = ErrorType("control-plane", Mode.CONTROL_PLANE.runbook, "availability")
ETCD = ErrorType("etcd", Mode.CONTROL_PLANE.runbook, "availability")
CASCADE = ErrorType("cascade", Mode.NODE.runbook, "availability")
CREDENTIALS = ErrorType("credentials", Mode.CERTIFICATES.runbook, "credentials")
PROVISIONING = ErrorType("provisioning", "provisioning", "reconcile")
NODES = ErrorType("nodes", Mode.NODE.runbook, "pod-ready", below=True)
NETWORK = ErrorType("network", Mode.PARTITION.runbook, "app-errors", below=True)
SCHEDULING = ErrorType("scheduling", Mode.SCHEDULING.runbook, "scheduling", below=True)
WORKLOADS = ErrorType("workloads", Mode.EXHAUSTION.runbook, "app-errors", below=True)
REPLICATION = ErrorType("replication", Mode.STORAGE.runbook, "replication")
CAPACITY = ErrorType("capacity", Mode.EXHAUSTION.runbook, "cpu", below=True)
DRIFT = ErrorType("drift", Mode.DRIFT.runbook, "upgrades")
LEAK = ErrorType("leak", "leaks-and-cost", "orphans")
COST = ErrorType("cost", "leaks-and-cost", "")
PIPELINE = ErrorType("pipeline", "alert-pipeline", "availability")

ERROR_TYPES = (
    CONTROL_PLANE, ETCD, CASCADE, CREDENTIALS, PROVISIONING, NODES, NETWORK, SCHEDULING, WORKLOADS, REPLICATION,
    CAPACITY, DRIFT, LEAK, COST, PIPELINE,
)  # fmt: skip
