"""Values that the store's, the ledger's and the desk's tests write down, and a clock that stands where it is put."""

import asyncio

from fleetui.model.cluster import ClusterRef
from fleetui.model.journal import Note, Request, RequestKind, Submission
from fleetui.model.operation import (
    Actor,
    Blast,
    Check,
    Intent,
    Outcome,
    Plan,
    PlannedPod,
    PlannedStep,
    Severity,
    Target,
)

ANA = Actor(user="ana", host="bastion", origin="10.0.0.7")
BEN = Actor(user="ben", host="laptop", origin="local")
MACHINE = Target(name="wk-b-01", uid="11111111-aaaa")
INTENT = Intent(
    kind="drain",
    cluster=ClusterRef(name="prod-east-1", context="prod", uid="c0ffee"),
    targets=(MACHINE,),
    options=(("force", False), ("grace_s", 30), ("settle_s", 5)),
    reason="disk swap, ticket 4711",
)


class StillClock:
    """Time that passes only when the test says so."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.time = now

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        await asyncio.sleep(0)


class CountingIds:
    def __init__(self) -> None:
        self.count = 0

    def new(self) -> str:
        self.count += 1
        return f"OP{self.count:024d}"


def submission(op_id: str = "OP1", *, at: float = 1.0) -> Submission:
    return Submission(op_id=op_id, intent=INTENT, actor=ANA, at=at)


def request(kind: RequestKind = RequestKind.PAUSE, *, by: Actor = ANA, at: float = 2.0, digest: str = "") -> Request:
    return Request(kind=kind, by=by, at=at, digest=digest)


def note(text: str, *, at: float = 3.0) -> Note:
    return Note(text=text, at=at)


def plan(*, pods: int = 3, intent: Intent = INTENT, outcome: Outcome = Outcome.OK) -> Plan:
    """A cordon, then an eviction of ``pods`` pods beside one that is skipped. Its estimate is an int on purpose."""
    moved = tuple(PlannedPod(f"pod-{n}", "payments", f"api-{n}", "evict", "runs here") for n in range(pods))
    skipped = PlannedPod("pod-ds", "kube-system", "agent", "skip", "DaemonSet")
    return Plan(
        intent=intent,
        steps=(
            PlannedStep("cordon/wk-b-01", "cordon", MACHINE, "wk-b-01 takes no pods", "asked for", "nothing", 1),
            PlannedStep(
                "evict/wk-b-01", "evict", MACHINE, "no evictable pod", "asked for", "pods move", 60, (*moved, skipped)
            ),
        ),
        checks=(Check("ready", "is ready", Severity.BLOCK, outcome, "Ready=True", "GET /api/v1/nodes", 5),),
        blast=Blast(pods_moved=pods, capacity_left_pct=80.0),
        made_at=10.0,
    )
