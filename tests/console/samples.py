"""A small fleet worth looking at, and plans in every mood. Deterministic: snapshots are made of it."""

import msgspec

from fleetui.model import journal
from fleetui.model.cluster import AlertSign, BoardSign, Cluster, EtcdSign, Feed, Health, Quiet, Tags
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Source, Trust
from fleetui.model.journal import Waiting
from fleetui.model.machine import Machine
from fleetui.model.operation import (
    Blast,
    Check,
    Headroom,
    Intent,
    Outcome,
    Plan,
    PlannedPod,
    PlannedStep,
    Severity,
    Target,
)
from fleetui.model.pod import Pod
from tests.console.world import ANA, NOON, World

DAY = 86_400.0


def cluster(
    name: str, environment: str, nodes: int, *, ready: int | None = None, version: str = "v1.35.4", **more: object
) -> Cluster:
    ready = nodes if ready is None else ready
    values: dict[str, object] = {
        "name": name,
        "context": name,
        "uid": f"uid-{name}",
        "tags": Tags(
            environment=environment, group=name.rpartition("-")[0], owner="team-platform", labels=(("site", "east"),)
        ),
        "trust": Trust.LIVE,
        "source": Source.PUSHED,
        "last_contact": NOON - 1,
        "version": version,
        "api_latency_s": 0.012,
        "nodes_ready": ready,
        "nodes_total": nodes,
        "not_ready": nodes - ready,
        "control_plane_ready": 3,
        "control_plane_total": 3,
        "feeds": (
            Feed("readyz", Trust.LIVE, Source.POLLED, NOON - 1, complete=True),
            Feed("nodes", Trust.LIVE, Source.PUSHED, NOON - 1, complete=True),
        ),
    }
    return Cluster(**{**values, **more})  # type: ignore[arg-type]


EXPIRED = Fault(
    FaultKind.TLS,
    "cert expired 2h ago",
    "x509: certificate has expired: current time 2027-01-15T08:00:00Z is after 2027-01-15T06:00:00Z",
    "renew the API server's certificate: kubeadm certs renew apiserver, on each control plane",
)

FORBIDDEN = Fault(
    FaultKind.FORBIDDEN,
    "403 pods",
    'pods is forbidden: User "ana" cannot list resource "pods" at the cluster scope',
    "ask for list and watch on pods: fleetui info shows the ClusterRole",
    what="pods",
)

TOWNS = ("oslo", "kiel", "bari", "cork", "graz")

CLUSTERS = (
    cluster(
        "edge-lima-02", "edge", 12, version="v1.34.6", trust=Trust.SILENT, source=Source.POLLED, fault=EXPIRED,
        last_contact=NOON - 372, api_latency_s=None, nodes_ready=None, control_plane_ready=None, not_ready=0,
        feeds=(Feed("readyz", Trust.SILENT, Source.POLLED, NOON - 372, EXPIRED),),
    ),
    cluster("prod-east-1", "prod", 415, ready=414, pods_ready=9_911, pods_total=10_000, pods_at=NOON),
    cluster("prod-east-2", "prod", 45, ready=43, operation="drain by ana", cordoned=2),
    cluster("prod-west-1", "prod", 288, version="v1.34.6"),
    cluster("prod-west-2", "prod", 120, trust=Trust.STALE, source=Source.POLLED, last_contact=NOON - 43),
    cluster("dr-west", "prod", 38),
    cluster("pci-east", "prod", 18, feeds=(Feed("pods", Trust.SILENT, Source.PUSHED, None, FORBIDDEN),)),
    cluster("stage-west", "stage", 31, operation="uncordon by li", control_plane_total=None, control_plane_ready=None),
    *(cluster(f"stage-{name}", "stage", 12) for name in ("north", "south", "mid", "lab")),
    *(cluster(f"edge-{town}-0{number}", "edge", 3, version="v1.36.1") for town in TOWNS for number in (1, 2)),
    cluster("edge-rome-01", "edge", 0, trust=Trust.CONNECTING, source=Source.CACHED, last_contact=None, version=None,
            nodes_ready=None, nodes_total=None, control_plane_ready=None, control_plane_total=None, api_latency_s=None),
)  # fmt: skip

_WELL = EtcdSign(Health.CALM, "can lose 1", 1, 3)
_ALONE = EtcdSign(Health.CALM, "can lose 0", 0, 1)
_FULL = EtcdSign(Health.BROKEN, "NOSPACE", 1, 3, "the database of cp-b has reached its quota: writes are refused")
_SILENT = EtcdSign(Health.UNKNOWN, "not scraped", why="kubeadm binds etcd's metrics to 127.0.0.1:2381")
_SIGNS = {
    "edge-lima-02": (_SILENT, AlertSign(tickets=1, blind="it sends no metrics: none of its alerts can fire")),
    "prod-east-1": (_FULL, AlertSign(pages=2, tickets=3, hushed=1)),
    "prod-east-2": (EtcdSign(Health.WARNING, "fsync 64 ms", 1, 3, "cp-c writes slowly"), AlertSign(tickets=2)),
    "prod-west-2": (_WELL, AlertSign(blind="Watchdog of prod-west-2 last sent 6m ago", dead=True)),
    "stage-west": (_WELL, AlertSign(tickets=1, hushed=2)),
    "pci-east": (_WELL, AlertSign(hushed=1, quiet=(Quiet("ack", "acked by kim", until=NOON + 720),))),
    "edge-rome-01": (_SILENT, AlertSign()),
}


_BURNS = BoardSign("slo", Health.BROKEN, "gone 6.7 h", "control plane available: burns 53.3 x its pace over 1h", more=1)
_BOARDS = {
    "prod-west-1": (_BURNS, BoardSign("controlplane", Health.BROKEN, "available 95%", "available 95%")),
    "edge-oslo-01": (BoardSign("controlplane", Health.UNKNOWN, "kube-state-metrics: not scraped", unknown=1),),
    "stage-lab": (BoardSign("replication", Health.WARNING, "lagging", "PostgreSQL db-1: 23 s behind"),),
}


def watched() -> tuple[Cluster, ...]:
    """The same, as monitoring knows them."""
    usual = (_WELL, AlertSign())
    return tuple(
        msgspec.structs.replace(
            one,
            etcd=etcd if not one.name.startswith("edge-") or one.name in _SIGNS else _ALONE,
            alerts=alerts,
            boards=_BOARDS.get(one.name, ()),
        )
        for one in CLUSTERS
        for etcd, alerts in [_SIGNS.get(one.name, usual)]
    )


def machine(
    name: str, cluster_name: str = "prod-east-2", *, status: str = "Ready", rack: str = "b", **more: object
) -> Machine:
    values: dict[str, object] = {
        "uid": f"uid-{cluster_name}-{name}",
        "name": name,
        "cluster": cluster_name,
        "status": status,
        "roles": ("worker",),
        "version": "v1.35.4",
        "created": NOON - 41 * DAY,
        "internal_ip": f"10.4.{len(name)}.{sum(map(ord, name)) % 250}",
        "os_image": "Debian GNU/Linux 13 (trixie)",
        "kernel": "6.12.48-amd64",
        "runtime": "containerd://2.1.4",
        "labels": (("kubernetes.io/hostname", name), ("topology.kubernetes.io/zone", f"rack-{rack}")),
    }
    return Machine(**{**values, **more})  # type: ignore[arg-type]


def machines() -> list[Machine]:
    rows = [machine(f"cp-{rack}", rack=rack, roles=("control-plane",), created=NOON - 210 * DAY) for rack in "abc"]
    for rack in "abc":
        rows += [machine(f"wk-{rack}-{number:02d}", rack=rack) for number in range(1, 15)]
    changed = {
        "wk-b-07": machine(
            "wk-b-07", status="Ready,SchedulingDisabled", cordoned_by="ana drain 0012", operation="drain by ana"
        ),
        "wk-c-03": machine("wk-c-03", rack="c", status="NotReady"),
        "wk-a-11": machine("wk-a-11", rack="a", status="Ready,SchedulingDisabled", cordoned_by=""),
        "wk-a-12": machine("wk-a-12", rack="a", status="Unknown", version=""),
    }
    rows = [changed.get(row.name, row) for row in rows]
    rows += [machine(f"wk-e-{number:02d}", "prod-east-1", rack="e") for number in range(1, 9)]
    rows += [machine("wk-e-09", "prod-east-1", rack="e", status="NotReady")]
    return rows


def all_machines() -> list[Machine]:
    """With the calm majority, so that the clusters' numbers are those of their machines."""
    rows = machines()
    for known in CLUSTERS:
        have = sum(row.cluster == known.name for row in rows)
        rows += [_plain(known, number) for number in range(1, (known.nodes_total or 0) - have + 1)]
    return rows


def _plain(known: Cluster, number: int) -> Machine:
    """The calm majority: three of the control plane where the cluster shows one, then workers."""
    leads = number <= (known.control_plane_total or 0)
    busy = known.name == "stage-west" and number == 4
    return machine(
        f"cp-{number}" if leads else f"wk-{number:03d}",
        known.name,
        rack="def"[number % 3],
        roles=("control-plane",) if leads else ("worker",),
        version=known.version or "",
        operation=known.operation if busy else "",
    )


def pod(
    name: str, node: str = "wk-b-04", *, status: str = "Running", namespace: str = "payments", **more: object
) -> Pod:
    values: dict[str, object] = {
        "uid": f"uid-{name}",
        "name": name,
        "namespace": namespace,
        "cluster": "prod-east-2",
        "status": status,
        "ready": 1,
        "containers": 1,
        "node": node,
        "ip": f"10.32.4.{sum(map(ord, name)) % 250}",
        "owner": f"ReplicaSet/{name.rpartition('-')[0]}",
        "created": NOON - 3 * DAY,
        "labels": (("app", name.partition("-")[0]),),
    }
    return Pod(**{**values, **more})  # type: ignore[arg-type]


def pods() -> list[Pod]:
    api = zip(("x2k9p", "m4vqt", "z8w2c"), ("wk-b-07", "wk-b-04", "wk-c-05"), strict=True)
    rows = [pod(f"api-7d9f8b6c5-{tail}", node) for tail, node in api]
    rows += [
        pod(f"web-5c6d7f8b9-{tail}", f"wk-{rack}-02")
        for rack, tail in zip("abcabc", ("aa1", "bb2", "cc3", "dd4", "ee5", "ff6"), strict=True)
    ]
    rows += [
        pod("ledger-0", status="CrashLoopBackOff", ready=0, restarts=17, owner="StatefulSet/ledger"),
        pod("batch-2291-k7x", namespace="jobs", status="Completed", ready=0, owner="Job/batch-2291"),
        pod("debug-shell", namespace="default", owner="", labels=()),
        pod("importer-6f-qq1", namespace="jobs", status="Pending", ready=0, node="", ip=""),
        pod(
            "cache-1",
            namespace="payments",
            status="Terminating",
            ready=0,
            deleting_since=NOON - 95,
            owner="StatefulSet/cache",
        ),
    ]
    return rows


def fill(world: World, *, whole: bool = False) -> World:
    """The sample fleet. ``whole``: with every machine that its clusters count, for pictures."""
    world.fleet.put(*CLUSTERS)
    world.fleet.put(*(all_machines() if whole else machines()))
    world.fleet.put(*pods())
    return world


def check(
    identity: str,
    title: str,
    evidence: str,
    outcome: Outcome = Outcome.OK,
    severity: Severity = Severity.BLOCK,
    **more: str,
) -> Check:
    return Check(
        id=identity, title=title, severity=severity, outcome=outcome, evidence=evidence, at=NOON - 3,
        source=more.get("source", "GET /api/v1/nodes/wk-b-04"), target=more.get("target", ""),
        remedy=more.get("remedy", ""),
    )  # fmt: skip


CALM_CHECKS = (
    check("api", "API server", "v1.35.4, answers in 12 ms", source="GET /api/v1/namespaces/kube-system, GET /version"),
    check("permissions", "permissions", "may get nodes, patch nodes, list pods, create pods/eviction",
          source="POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
    check("others", "other operations", "no other operation in this cluster", source="the operation store"),
    check("capacity", "capacity left", "memory: 81 % of today's stays, 74 % is asked for", severity=Severity.FORCE,
          source="GET /api/v1/nodes, GET /api/v1/pods, computed"),
    check("clock", "clocks agree", "the server's clock is +0.2 s from ours (±1 s)", severity=Severity.WARN,
          source="Date header of GET /version"),
)  # fmt: skip


def calm_plan(intent: Intent, at: float = NOON) -> Plan:
    steps = tuple(
        PlannedStep(
            id=f"evict/{target.name}", kind="evict", target=target, title=f"no evictable pod of {target.name}",
            why="it is to be drained", breaks="pods restart elsewhere", estimate_s=30.0,
            pods=(PlannedPod(f"uid-api-{target.name}", "payments", f"api-{target.name}", "evict", "ReplicaSet/api"),
                  PlannedPod(f"uid-log-{target.name}", "logs", f"agent-{target.name}", "skip", "DaemonSet")),
        )
        for target in intent.targets
    )  # fmt: skip
    return Plan(
        intent, steps, CALM_CHECKS, Blast(len(intent.targets), capacity_left_pct=81.0, capacity_needed_pct=74.0), at
    )


def tense_plan(intent: Intent, at: float = NOON) -> Plan:
    """One machine waits for a budget, one has data, a word must be typed."""
    calm = calm_plan(intent, at)
    blocked = PlannedPod(
        "uid-b", "payments", "api-7d9f8b6c5-m4vqt", "evict", "ReplicaSet/api-7d9f8b6c5", "Deployment/api",
        "pdb payments/api allows 0: needs 3, has 3 of 4 pods",
    )  # fmt: skip
    steps = tuple(
        PlannedStep(**{**{name: getattr(step, name) for name in step.__struct_fields__}, "pods": (*step.pods, blocked)})
        if index == 2 else step
        for index, step in enumerate(calm.steps)
    )  # fmt: skip
    checks = (
        check("budgets", "disruption budgets",
              "pdb payments/api allows 0: needs 3, has 3 of 4 pods, "
              "not Ready: payments/api-7d9f8b6c5-q5n7d (since 14m), owner Deployment/api, "
              "payments/api-7d9f8b6c5-m4vqt would wait",
              Outcome.FAIL, Severity.FORCE, target="wk-b-04",
              source="GET /apis/policy/v1/namespaces/*/poddisruptionbudgets, computed",
              remedy="1 more of its pods must become ready (1 is not)"),
        check("emptydir", "emptyDir data", "lost with payments/api-wk-b-09 (cache)", Outcome.FAIL,
              Severity.WARN, target="wk-b-09", source="GET /api/v1/pods?fieldSelector=spec.nodeName=wk-b-09"),
        check("single", "single replicas", "replicas of 2 pods' owners are not known", Outcome.UNKNOWN,
              Severity.WARN, target="wk-b-04",
              source="GET /api/v1/pods?fieldSelector=spec.nodeName=wk-b-04, GET their owners"),
        *CALM_CHECKS,
    )  # fmt: skip
    moved = sum(pod.action == "evict" for step in steps for pod in step.pods)
    blast = Blast(
        moved, ("payments/api",), 81.0, 74.0, (), (f"rack b keeps {14 - len(intent.targets)} of 14 machines",),
        confirm_word="prod-east-2", confirm_why=f"production, {moved} pods",
        headroom=Headroom(cpu_left=1_152.0, cpu_needed=1_048.0, memory_left=4.5 * 2**40, memory_needed=3.9 * 2**40),
    )  # fmt: skip
    return Plan(intent, steps, checks, blast, at)


BUDGET_WAIT = Waiting(
    object="pod payments/api-7d9f8b6c5-x2k9p",
    why="budget",
    detail="pdb payments/api allows 0: needs 3, has 3",
    owner="Deployment/api",
    since=NOON - 840,
    remedy="raise the replicas of payments/api to 4",
)


def running_drain(world: World, *names: str) -> str:
    """A drain under way: the first machine done, the second waits for a budget."""
    ref = world.cluster_ref("prod-east-2")
    assert ref is not None
    targets = tuple(Target(name, f"uid-prod-east-2-{name}") for name in names)
    intent = Intent("drain", ref, targets, reason="rack B gets new PDUs, CHG-4711")
    now, world.clock.at = world.clock.at, NOON - 1010
    op_id = world.desk.propose(intent, key=f"drain-{names}")
    world.clock.at = now
    plan = calm_plan(intent, NOON - 1000)
    world.plan(op_id, plan)
    world.desk.approve(op_id, plan.digest)
    first, second = plan.steps[0].id, plan.steps[1].id
    world.write(
        op_id,
        journal.Started("jump-1/4711", 1, NOON - 960),
        journal.StepStarted(first, NOON - 950),
        journal.StepDone(first, "12 pods moved", NOON - 890),
        journal.StepStarted(second, NOON - 880),
        journal.StepWaiting(second, (BUDGET_WAIT,), 1, NOON - 840),
    )
    return op_id


__all__ = ["ANA", "CLUSTERS", "NOON"]
