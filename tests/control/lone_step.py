"""One step's context on the stage's cluster and store, without an engine around it."""

from functools import partial
from random import Random

from fleetui.control.effect_kind import EVICT
from fleetui.control.logbook import Logbook
from fleetui.control.operation_run import no_etcd
from fleetui.control.safe_points import SafePoints
from fleetui.control.step_context import StepContext, Surroundings
from fleetui.model.operation import PlannedStep
from fleetui.ports.target import TargetCluster
from tests.control.stage import WITNESSED, Stage

OP_ID = "op-1"


def lone_step(stage: Stage, *, cluster: TargetCluster | None = None) -> StepContext:
    """Of a drain of wk-1 that this controller has just claimed."""
    stage.propose("drain", "wk-1")
    fence = stage.store.claim(OP_ID, "c1", 1e6)
    logbook = Logbook(stage.store, stage.store.load(OP_ID), fence)
    WITNESSED.stores.append(stage.store)
    operation = logbook.operation
    around = Surroundings(
        cluster=cluster or stage.engine_target(),
        intent=operation.intent,
        actor=operation.actor,
        options={},
        holder="c1",
        logbook=logbook,
        safe_points=SafePoints(logbook, stage.clock),
        clock=stage.clock,
        chance=Random(1),
        timing=stage.timing,
        effects={EVICT.name: EVICT},
        renewals={},
        open_etcd=partial(no_etcd, operation.intent.cluster),
    )
    (target,) = operation.intent.targets
    return StepContext(around, PlannedStep("evict/wk-1", "evict", target, "", "", "", 1.0))
