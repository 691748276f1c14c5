"""The kinds of effects on machines and pods, each with its probe: what became of it when nobody has seen the answer.

A probe reads the object and never assumes. ``DONE`` when the effect's mark is on the object; ``REFUSED`` when it is
not, so that the step may make it again. An operation that needs another kind declares it in its own module.
"""

from collections.abc import Awaitable, Callable

import msgspec

from fleetui.control.timing import Timing
from fleetui.model.drain import NodeState
from fleetui.model.journal import EffectIntended, EffectOutcome
from fleetui.model.lock import Lock, owns_cordon, read_lock
from fleetui.ports.alerting import Alerting
from fleetui.ports.etcd import EtcdCluster
from fleetui.ports.target import TargetCluster

Finding = tuple[EffectOutcome, str]
Probe = Callable[[TargetCluster, EffectIntended, str], Awaitable[Finding]]
"""The cluster, the effect, and the operation whose mark it would have left."""
EtcdProbe = Callable[[EtcdCluster, EffectIntended, str], Awaitable[Finding]]
"""The same of an effect on the cluster's etcd."""
AlertingProbe = Callable[[Alerting | None, EffectIntended, str, Timing], Awaitable[Finding]]
"""The same of an effect on the Alertmanagers; None where none is configured any more. It never raises, nor waits longer
for them than the operation does."""


class Sides(msgspec.Struct, frozen=True):
    """What effects may act on."""

    cluster: TargetCluster
    etcd: EtcdCluster | None = None
    alerting: Alerting | None = None
    timing: Timing = Timing()


class EffectKind(msgspec.Struct, frozen=True):
    """One kind of mutating request."""

    name: str
    """In the journal, for ever."""
    probe: Probe | EtcdProbe | AlertingProbe
    needs_lock: bool = False
    """Nothing in the request itself proves whose the machine is: it is only sent while our lock surely holds."""
    on_etcd: bool = False
    """Its probe is an ``EtcdProbe``."""
    on_alerting: bool = False
    """Its probe is an ``AlertingProbe``."""

    async def find_out(self, sides: Sides, effect: EffectIntended, op: str) -> Finding:
        """What became of it. Raises ClusterError when that cannot be seen now."""
        probe: Callable[..., Awaitable[Finding]] = self.probe
        if self.on_alerting:
            return await probe(sides.alerting, effect, op, sides.timing)
        return await probe(sides.etcd if self.on_etcd else sides.cluster, effect, op)


def _found(done: bool, seen: str) -> Finding:
    return (EffectOutcome.DONE if done else EffectOutcome.REFUSED), f"probed: {seen}"


class _Sight(msgspec.Struct, frozen=True):
    """The node, and whose mark is looked for."""

    node: NodeState
    op: str
    fence: int


def _of_node(is_done: Callable[[_Sight], bool], mark: str) -> Probe:
    """``mark``: what the node carries once the effect is done."""

    async def probe(cluster: TargetCluster, effect: EffectIntended, op: str) -> Finding:
        node = await cluster.node(effect.object.partition(" ")[2])
        if node is None or node.uid != effect.uid:
            return _found(False, "the machine is gone")
        done = is_done(_Sight(node, op, effect.fence))
        return _found(done, mark if done else f"not: {mark}")

    return probe


def _held(sight: _Sight) -> bool:
    lock = read_lock(sight.node)
    return isinstance(lock, Lock) and (lock.op, lock.fence) == (sight.op, sight.fence)


def _locked(sight: _Sight) -> bool:
    return _held(sight) and sight.node.unschedulable


def _cordoned(sight: _Sight) -> bool:
    return owns_cordon(sight.node, sight.op)


def _released(sight: _Sight) -> bool:
    lock = read_lock(sight.node)
    return not (isinstance(lock, Lock) and lock.op == sight.op)


def _uncordoned(sight: _Sight) -> bool:
    return not sight.node.unschedulable


async def _evicted(cluster: TargetCluster, effect: EffectIntended, _op: str) -> Finding:
    namespace, _, name = effect.object.partition(" ")[2].partition("/")
    pod = await cluster.pod(namespace, name)
    if pod is None or pod.uid != effect.uid:
        return _found(True, "the pod is gone")
    if pod.deleting_since is not None:
        return _found(True, "the pod is terminating")
    return _found(False, "the pod runs on")


_OURS = "our lock is on it"

LOCK = EffectKind("lock", _of_node(_held, _OURS))
"""The machine goes on as it was; nobody else of ours may begin with it."""
LOCK_AND_CORDON = EffectKind("lock-and-cordon", _of_node(_locked, _OURS))
RENEW = EffectKind("renew", _of_node(_locked, _OURS))
RELEASE = EffectKind("release", _of_node(_released, "our lock is off it"))
CORDON = EffectKind("cordon", _of_node(_cordoned, "our cordon is on it"))
UNCORDON = EffectKind("uncordon", _of_node(_uncordoned, "it is schedulable"))
EVICT = EffectKind("evict", _evicted, needs_lock=True)
