"""The control plane's loops in one pass: after every change they run until nothing is left to do.

Real ones take milliseconds and run side by side; here they end before the next request is looked at, but after the
answer was made.
"""

from functools import partial

from msgspec.structs import replace

from fleetui.simulate import disruption, kubelet, scheduler, workloads
from fleetui.simulate.objects import CORDON_TAINT
from fleetui.simulate.state import State

TAINT_AFTER_S = 0.3
"""How long the node controller takes to notice a cordon: the node's version moves once more, after the answer."""
ROUNDS_LIMIT = 10_000
"""Rules that never come to rest are a mistake of ours: better loud than slow."""


def settle(state: State, now: float) -> None:
    for _ in range(ROUNDS_LIMIT):
        if not state.pending:
            return
        _round(state, now)
    raise RuntimeError("the controllers never come to rest")


def _round(state: State, now: float) -> None:
    pending = state.pending
    if pending.nodes:
        _look_at_nodes(state, now)
    elif pending.owners:
        owners, pending.owners = pending.owners, {}
        for uid in owners:
            workloads.reconcile(state, uid, now)
    elif pending.room:
        pending.room = False
        for pod in scheduler.place_all(state):
            kubelet.take(state, pod, now)
    else:
        budgets, pending.budgets = pending.budgets, {}
        for namespace in budgets:
            disruption.refresh(state, namespace, now)


def _look_at_nodes(state: State, now: float) -> None:
    """The node controller mirrors the cordon as a taint; DaemonSets look again at every node that changed."""
    names, state.pending.nodes = state.pending.nodes, {}
    for name in names:
        node = state.node(name)
        if node is not None and node.unschedulable != (CORDON_TAINT in node.taints):
            state.later(now, TAINT_AFTER_S, partial(_mirror_cordon, name))
    for daemon_set in state.all("daemonsets").values():
        state.pending.owners[daemon_set.uid] = None


def _mirror_cordon(name: str, state: State, _: float) -> None:
    node = state.node(name)
    if node is not None and node.unschedulable != (CORDON_TAINT in node.taints):
        others = tuple(taint for taint in node.taints if taint != CORDON_TAINT)
        state.put(replace(node, taints=(*others, CORDON_TAINT) if node.unschedulable else others))
