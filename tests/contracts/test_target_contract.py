"""What ``ports.target.TargetCluster`` promises, held against every cluster there is."""

import json
import time

import msgspec
import pytest

from fleetui.model.drain import NodeState, PodState
from fleetui.ports.target import Capacity, PatchAnswer, Permission, TargetCluster
from tests.contracts.worlds import World, until

GIB = 2**30


async def _node(target: TargetCluster, name: str) -> NodeState:
    found = await target.node(name)
    assert found is not None
    return found


async def _patch(target: TargetCluster, name: str, patch: object) -> NodeState:
    """The node after a patch; once more when a kubelet or a controller was quicker."""
    body = json.dumps(patch).encode()
    for _ in range(10):
        node = await _node(target, name)
        answer = await target.patch_node(name, uid=node.uid, resource_version=node.resource_version, patch=body)
        if answer.code == 200:
            assert answer.node is not None
            assert answer.node.resource_version != node.resource_version
            return answer.node
        assert answer.code == 409
    raise AssertionError("always a conflict")


async def _is_still(target: TargetCluster, pod: PodState) -> bool:
    """Whether the server has it as it was, but for what kubelet and controllers may have noted on it meanwhile."""
    now = await target.pod(pod.namespace, pod.name)
    return now is not None and msgspec.structs.replace(now, resource_version=pod.resource_version) == pod


async def _cordon(target: TargetCluster, node: NodeState) -> PatchAnswer:
    patch = b'{"spec":{"unschedulable":true}}'
    return await target.patch_node(node.name, uid=node.uid, resource_version=node.resource_version, patch=patch)


async def test_identity_is_the_readers(world: World, target: TargetCluster) -> None:
    reader = await world.reader()
    assert await target.identify() == await reader.identify()


async def test_tells_the_servers_time(target: TargetCluster) -> None:
    before = time.time()
    assert before - 1 <= await target.server_now() <= time.time() + 1  # told in whole seconds


async def test_a_node_has_what_a_drain_must_know(world: World, target: TargetCluster) -> None:
    node = await _node(target, await world.node(labels={"node-role.kubernetes.io/control-plane": "", "rack": "a"}))
    assert node.ready is True
    assert node.ready_since is not None
    assert not node.unschedulable
    assert node.control_plane
    assert dict(node.labels)["rack"] == "a"
    assert (node.cpu, node.memory) == (64.0, 256 * GIB)
    assert node.name in {found.name for found in await target.nodes()}


async def test_what_is_not_there_is_none(world: World, target: TargetCluster) -> None:
    namespace = await world.namespace()
    assert await target.node("no-such-node") is None
    assert await target.pod(namespace, "no-such-pod") is None
    assert await target.pods_in(namespace) == ()
    assert await target.budgets(namespace) == ()
    assert await target.daemon_set_exists(namespace, "no-such-set") is False


async def test_finds_the_pods_of_a_node_only(world: World, target: TargetCluster) -> None:
    namespace, here, there = await world.namespace(), await world.node(), await world.node()
    mine, other = await world.pod(namespace, node=here), await world.pod(namespace, node=there)
    (pod,) = await target.pods_on(here)
    assert (pod.name, pod.namespace, pod.node, pod.phase, pod.ready) == (mine, namespace, here, "Running", True)
    assert (pod.controller, pod.mirror, pod.finalizers, pod.deleting_since) == (None, False, (), None)
    assert (pod.cpu, pod.memory) == (0.01, 16 * 2**20)
    assert {found.name for found in await target.pods_in(namespace)} == {mine, other}
    assert await _is_still(target, pod)


async def test_one_patch_cordons_and_says_who(world: World, target: TargetCluster) -> None:
    name = await world.node()
    mark = json.dumps({"by": "ana", "op": "01J9"})
    patch = {"spec": {"unschedulable": True}, "metadata": {"annotations": {"fleetui.dev/cordoned-by": mark}}}
    for node in (await _patch(target, name, patch), await _node(target, name)):
        assert node.unschedulable
        assert node.annotation("fleetui.dev/cordoned-by") == mark


async def test_null_in_a_patch_takes_an_annotation_away(world: World, target: TargetCluster) -> None:
    name = await world.node()
    marked = await _patch(target, name, {"metadata": {"annotations": {"fleetui.dev/lock": "{}"}}})
    assert marked.annotation("fleetui.dev/lock") == "{}"
    after = await _patch(target, name, {"metadata": {"annotations": {"fleetui.dev/lock": None}}})
    assert after.annotation("fleetui.dev/lock") is None


async def test_a_patch_of_an_older_state_is_a_conflict(world: World, target: TargetCluster) -> None:
    node = await _node(target, await world.node())
    await world.merge_node(node.name, {"metadata": {"labels": {"touched": "meanwhile"}}})
    answer = await _cordon(target, node)
    assert (answer.code, answer.node) == (409, None)
    assert answer.message
    assert not (await _node(target, node.name)).unschedulable


async def test_a_patch_of_a_node_that_was_replaced_is_a_conflict(world: World, target: TargetCluster) -> None:
    old = await _node(target, await world.node())
    await world.delete_node(old.name)
    await world.node(name=old.name)
    assert (await _cordon(target, old)).code == 409
    assert not (await _node(target, old.name)).unschedulable


async def test_a_patch_with_another_uid_changes_nothing(world: World, target: TargetCluster) -> None:
    """Kubernetes calls it invalid (422) when the version is right and the uid is not: no replaced node looks so."""
    node = await _node(target, await world.node())
    other = msgspec.structs.replace(node, uid="00000000-0000-4000-8000-000000000000")
    assert (await _cordon(target, other)).code in (409, 422)
    assert not (await _node(target, node.name)).unschedulable


async def test_a_patch_of_no_node_says_404(world: World, target: TargetCluster) -> None:
    node = await _node(target, await world.node())
    await world.delete_node(node.name)
    answer = await _cordon(target, node)
    assert (answer.code, answer.node) == (404, None)


async def test_an_eviction_ends_the_pod_and_a_rehearsal_does_not(world: World, target: TargetCluster) -> None:
    namespace, node = await world.namespace(), await world.node()
    (pod,) = [await target.pod(namespace, await world.pod(namespace, node=node))]
    assert pod is not None
    rehearsed = await target.evict(namespace, pod.name, uid=pod.uid, grace_s=None, dry_run=True)
    assert rehearsed.code == 201
    assert await _is_still(target, pod)
    assert (await target.evict(namespace, pod.name, uid=pod.uid, grace_s=0, dry_run=False)).code == 201

    async def gone() -> bool | None:
        return True if await target.pod(namespace, pod.name) is None else None

    assert await until(gone)
    assert (await target.evict(namespace, pod.name, uid=pod.uid, grace_s=None, dry_run=False)).code == 404


async def test_an_eviction_of_another_pod_of_the_name_is_a_conflict(world: World, target: TargetCluster) -> None:
    namespace, node = await world.namespace(), await world.node()
    pod = await target.pod(namespace, await world.pod(namespace, node=node))
    assert pod is not None
    other = "00000000-0000-4000-8000-000000000000"
    answer = await target.evict(namespace, pod.name, uid=other, grace_s=None, dry_run=False)
    assert answer.code == 409
    assert await _is_still(target, pod)


async def test_a_budget_refuses_and_says_what_it_needs(world: World, target: TargetCluster) -> None:
    namespace, node = await world.namespace(), await world.node()
    app = await world.deployment(namespace, node=node, replicas=2)
    name = await world.budget(namespace, {"app": app}, min_available=2)
    (budget,) = await target.budgets(namespace)
    assert (budget.name, budget.match_labels, budget.min_available) == (name, (("app", app),), "2")
    assert (budget.disruptions_allowed, budget.current_healthy, budget.desired_healthy) == (0, 2, 2)
    assert budget.expected_pods == 2
    assert not budget.selects_nothing
    assert budget.blocked_since is not None
    pod = (await target.pods_in(namespace))[0]
    answer = await target.evict(namespace, pod.name, uid=pod.uid, grace_s=None, dry_run=False)
    assert answer.code == 429
    assert any("DisruptionBudget" in cause and "needs 2 healthy pods" in cause for cause in answer.causes)
    assert len([found for found in await target.pods_in(namespace) if found.deleting_since is None]) == 2


async def test_two_budgets_on_a_pod_are_an_error_of_their_own(world: World, target: TargetCluster) -> None:
    namespace, node = await world.namespace(), await world.node()
    app = await world.deployment(namespace, node=node, replicas=1)
    for _ in range(2):
        await world.budget(namespace, {"app": app}, min_available=0)
    (pod,) = await target.pods_in(namespace)
    answer = await target.evict(namespace, pod.name, uid=pod.uid, grace_s=None, dry_run=False)
    assert answer.code == 500
    assert "more than one PodDisruptionBudget" in answer.message


async def test_the_owner_is_the_workload_at_the_top(world: World, target: TargetCluster) -> None:
    namespace, node = await world.namespace(), await world.node()
    app = await world.deployment(namespace, node=node, replicas=2)
    pod = (await target.pods_in(namespace))[0]
    assert pod.controller is not None
    assert pod.controller.kind == "ReplicaSet"
    owner = await target.owner(pod)
    assert owner is not None
    assert (owner.kind, owner.namespace, owner.name) == ("Deployment", namespace, app)
    assert (owner.replicas, owner.ready) == (2, 2)
    naked = await target.pod(namespace, await world.pod(namespace, node=node))
    assert naked is not None
    assert await target.owner(naked) is None


async def test_capacity_counts_what_takes_pods(world: World, target: TargetCluster) -> None:
    namespace, node = await world.namespace(), await world.node()
    await world.pod(namespace, node=node)

    async def alone() -> Capacity | None:
        """What the others have, once nothing of earlier tests comes or goes between two looks."""
        first, with_it, last = [await target.capacity(without=frozenset(left)) for left in ({node}, (), {node})]
        if first != last:
            return None
        assert with_it.nodes == first.nodes + 1
        assert None not in (first.allocatable_cpu, with_it.allocatable_cpu, first.requested_cpu, with_it.requested_cpu)
        assert with_it.allocatable_memory == (first.allocatable_memory or 0.0) + 256 * GIB
        assert with_it.requested_cpu == pytest.approx((first.requested_cpu or 0.0) + 0.01)
        return first

    others = await until(alone)
    await world.merge_node(node, {"spec": {"unschedulable": True}})
    cordoned = await target.capacity(without=frozenset())
    assert (cordoned.nodes, cordoned.allocatable_memory) == (others.nodes, others.allocatable_memory)


async def test_says_what_we_may_do(target: TargetCluster) -> None:
    asked = (Permission("patch", "nodes"), Permission("create", "pods/eviction", namespace="default"))
    assert await target.allowed((*asked, Permission("get", "poddisruptionbudgets.policy"))) == dict.fromkeys(
        (*asked, Permission("get", "poddisruptionbudgets.policy")), True
    )
