"""What ``ports.reader.ClusterReader`` promises, held against every cluster there is."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import cast

import pytest

from fleetui.model.budget import selects
from fleetui.model.details import MachineDetails, PodDetails
from fleetui.model.fault import ClusterError
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from fleetui.model.pod_description import pod_sections
from fleetui.ports.reader import Change, ChangeType, ClusterReader, Kind
from tests.contracts.worlds import NAME, World

WITHIN_S = 60.0


async def _all(reader: ClusterReader, kind: Kind) -> tuple[dict[str, Machine | Pod], int]:
    """Every row by name, and the version to watch from."""
    rows: dict[str, Machine | Pod] = {}
    versions: list[int] = []
    async for page in reader.list_all(kind):
        rows.update({item.name: item for item in page.items})
        versions.append(int(page.resource_version))
    return rows, min(versions)


async def _machine(reader: ClusterReader, name: str) -> Machine:
    rows, _ = await _all(reader, Kind.MACHINES)
    return cast(Machine, rows[name])


class Heard:
    """A watch and the changes it brought that are ``wanted``."""

    def __init__(self, watch: AsyncIterator[tuple[Change, ...]], wanted: Callable[[Change], bool]) -> None:
        self._watch = cast(AsyncGenerator[tuple[Change, ...], None], watch)
        self._wanted = wanted
        self.changes: list[Change] = []

    async def until(self, enough: Callable[[list[Change]], bool]) -> list[Change]:
        """The changes once they are ``enough``. The watch is closed then."""
        async with aclosing(self._watch), asyncio.timeout(WITHIN_S):
            async for batch in self._watch:
                self.changes += [change for change in batch if self._wanted(change)]
                if enough(self.changes):
                    return self.changes
        raise AssertionError(f"the watch ended after {self.changes}")


async def test_knows_its_name_its_identity_and_its_version(reader: ClusterReader) -> None:
    first, second = await reader.identify(), await reader.identify()
    assert reader.name == NAME
    assert first == second
    assert len(first.uid) == 36
    assert first.version.startswith("v1.")


async def test_is_ready_with_a_latency_and_nearly_our_clock(reader: ClusterReader) -> None:
    ready = await reader.readyz()
    assert 0 < ready.latency_s < 3
    assert ready.skew_s is not None
    assert abs(ready.skew_s) < 2


async def test_a_machine_has_what_its_row_shows(world: World, reader: ClusterReader) -> None:
    name = await world.node(labels={"node-role.kubernetes.io/worker": "", "topology.kubernetes.io/zone": "a"})
    machine = await _machine(reader, name)
    assert (machine.status, machine.ready, machine.cordoned) == ("Ready", True, False)
    assert machine.roles == ("worker",)
    assert machine.cluster == NAME
    assert machine.version.startswith("v1.")
    assert all((machine.uid, machine.internal_ip, machine.os_image, machine.kernel, machine.runtime))
    assert machine.label("topology.kubernetes.io/zone") == "a"
    assert list(machine.labels) == sorted(machine.labels)
    assert machine.created is not None
    assert abs(machine.created - time.time()) < 60
    assert machine.resource_version


async def test_our_marks_on_a_machine_are_read_and_broken_ones_ignored(world: World, reader: ClusterReader) -> None:
    ours, broken = await world.node(), await world.node()
    cordoned_by = '{"op":"01J9","by":"ana@ops","at":1.5,"reason":"disk","kind":"drain"}'
    lock = '{"holder":"h","op":"01J9","by":"ana@ops","kind":"drain","fence":3,"expires":9.5}'
    marks = {"fleetui.dev/cordoned-by": cordoned_by, "fleetui.dev/lock": lock}
    await world.merge_node(ours, {"spec": {"unschedulable": True}, "metadata": {"annotations": marks}})
    await world.merge_node(broken, {"metadata": {"annotations": dict.fromkeys(marks, '{"by": [1}')}})
    machine = await _machine(reader, ours)
    assert (machine.cordoned, machine.ready) == (True, True)
    assert machine.cordoned_by == "ana@ops drain 01J9"
    assert machine.operation == "drain by ana@ops"
    machine = await _machine(reader, broken)
    assert (machine.cordoned_by, machine.operation) == ("", "")


async def test_a_pod_has_what_its_row_shows(world: World, reader: ClusterReader) -> None:
    namespace, node = await world.namespace(), await world.node()
    app = await world.deployment(namespace, node=node, replicas=2)
    rows, _ = await _all(reader, Kind.PODS)
    pods = [cast(Pod, pod) for pod in rows.values() if cast(Pod, pod).namespace == namespace]
    assert len(pods) == 2
    for pod in pods:
        assert (pod.status, pod.ready, pod.containers, pod.restarts) == ("Running", 1, 1, 0)
        assert pod.healthy
        assert not pod.finished
        assert (pod.node, pod.cluster) == (node, NAME)
        assert pod.owner.startswith(f"ReplicaSet/{app}-")
        assert pod.label("app") == app
        assert pod.uid
        assert pod.ip
        assert pod.deleting_since is None


async def test_pages_hold_every_object_once(world: World, reader: ClusterReader) -> None:
    made = {await world.node() for _ in range(5)}
    seen: list[str] = []
    page = await reader.list_page(Kind.MACHINES, limit=2)
    while True:
        assert len(page.items) <= 2
        seen += [item.name for item in page.items]
        if not page.continue_:
            break
        assert page.remaining is None or page.remaining > 0
        page = await reader.list_page(Kind.MACHINES, limit=2, continue_=page.continue_)
    assert len(seen) == len(set(seen))
    assert made <= set(seen)


async def test_a_watch_brings_a_machine_from_its_birth_to_its_end(world: World, reader: ClusterReader) -> None:
    _, version = await _all(reader, Kind.MACHINES)
    watch = reader.watch(Kind.MACHINES, resource_version=str(version))
    name = await world.node()
    await world.merge_node(name, {"spec": {"unschedulable": True}})
    await world.delete_node(name)

    def about(change: Change) -> bool:
        return change.item is not None and change.item.name == name

    changes = await Heard(watch, about).until(lambda heard: bool(heard) and heard[-1].type is ChangeType.DELETED)
    assert changes[0].type is ChangeType.ADDED
    assert {change.type for change in changes[1:-1]} == {ChangeType.MODIFIED}
    assert any(cast(Machine, change.item).cordoned for change in changes[1:-1])
    versions = [int(change.resource_version) for change in changes]
    assert versions == sorted(versions)
    assert versions[0] > version


async def test_a_watch_from_a_list_misses_nothing_that_came_since(world: World, reader: ClusterReader) -> None:
    namespace, node = await world.namespace(), await world.node()
    _, version = await _all(reader, Kind.PODS)
    names = {await world.pod(namespace, node=node) for _ in range(3)}
    watch = reader.watch(Kind.PODS, resource_version=str(version))
    mine = Heard(
        watch, lambda change: change.type is ChangeType.ADDED and cast(Pod, change.item).namespace == namespace
    )
    added = await mine.until(lambda heard: len(heard) == 3)
    assert {cast(Pod, change.item).name for change in added} == names


def _is_leaving(change: Change, name: str) -> bool:
    return isinstance(change.item, Pod) and change.item.name == name and change.item.deleting_since is not None


async def test_a_pod_on_its_way_out_says_so(world: World, reader: ClusterReader) -> None:
    namespace, node = await world.namespace(), await world.node()
    name = await world.pod(namespace, node=node, finalizer="fleetui.dev/test")
    _, version = await _all(reader, Kind.PODS)
    await world.delete_pod(namespace, name)
    watch = reader.watch(Kind.PODS, resource_version=str(version))
    mine = Heard(watch, lambda change: _is_leaving(change, name))
    pod = cast(Pod, (await mine.until(lambda heard: len(heard) > 0))[0].item)
    assert pod.status == "Terminating"  # at first; its containers may have ended before the next change
    assert pod.deleting_since is not None
    assert abs(pod.deleting_since - time.time()) < 30


async def test_a_page_that_never_was_is_refused(reader: ClusterReader) -> None:
    with pytest.raises(ClusterError):
        await reader.list_page(Kind.PODS, limit=2, continue_="not-a-token")


async def test_describes_the_whole_object_but_its_managed_fields(world: World, reader: ClusterReader) -> None:
    namespace, node = await world.namespace(), await world.node()
    name = await world.pod(namespace, node=node)
    text = await reader.describe(Kind.PODS, namespace=namespace, name=name)
    assert f"  name: {name}\n" in text
    assert f"  nodeName: {node}\n" in text
    assert "managedFields" not in text
    assert f"  name: {node}\n" in await reader.describe(Kind.MACHINES, namespace="", name=node)


async def test_what_is_not_there_cannot_be_described(world: World, reader: ClusterReader) -> None:
    namespace = await world.namespace()
    with pytest.raises(ClusterError):
        await reader.describe(Kind.PODS, namespace=namespace, name="no-such-pod")


async def test_the_details_of_a_pod_bring_its_containers_and_the_budgets_of_its_namespace(
    world: World, reader: ClusterReader
) -> None:
    namespace, node = await world.namespace(), await world.node()
    name = await world.pod(namespace, node=node, labels={"app": "api"})
    budget = await world.budget(namespace, {"app": "api"}, min_available=1)
    details = await reader.details(Kind.PODS, namespace=namespace, name=name)
    assert isinstance(details, PodDetails)
    assert (details.pod.name, details.pod.node, details.pod.phase) == (name, node, "Running")
    assert [(one.state, one.ready, one.restarts, one.init) for one in details.containers] == [
        ("running", True, 0, False)
    ]
    ready = next(one for one in details.conditions if one.type == "Ready")
    assert ready.status == "True"
    assert ready.since is not None
    assert abs(ready.since - time.time()) < 60
    assert [(one.name, selects(one, details.pod)) for one in details.budgets or ()] == [(budget, True)]
    assert details.budgets is not None
    assert details.budgets[0].disruptions_allowed == 0
    assert details.refused == ()
    said = pod_sections(_row(details), details, cluster=None, now=time.time())
    facts = {fact.label: fact.text for one in said for fact in one.facts}
    assert facts[f"{namespace}/{budget}"].startswith("at its limit, allows 0: 1 healthy, 1 needed")


def _row(details: PodDetails) -> Pod:
    pod = details.pod
    return Pod(uid=pod.uid, name=pod.name, namespace=pod.namespace, cluster=NAME, status=pod.phase)


async def test_the_details_of_a_machine_bring_its_conditions_and_the_pods_on_it(
    world: World, reader: ClusterReader
) -> None:
    namespace, node, other = await world.namespace(), await world.node(), await world.node()
    name = await world.pod(namespace, node=node)
    await world.pod(namespace, node=other)
    details = await reader.details(Kind.MACHINES, namespace="", name=node)
    assert isinstance(details, MachineDetails)
    assert (details.node.name, details.node.ready, details.node.cpu) == (node, True, 64)
    assert next(one.status for one in details.conditions if one.type == "Ready") == "True"
    assert details.pod_room is not None
    assert [pod.name for pod in details.pods or () if pod.namespace == namespace] == [name]
    assert details.refused == ()


@pytest.mark.parametrize("kind", Kind)
async def test_what_is_not_there_has_no_details(world: World, reader: ClusterReader, kind: Kind) -> None:
    namespace = await world.namespace()
    with pytest.raises(ClusterError):
        await reader.details(kind, namespace=namespace, name="no-such-thing")


async def test_closing_a_watch_half_way_leaves_the_reader_usable(world: World, reader: ClusterReader) -> None:
    _, version = await _all(reader, Kind.MACHINES)
    watch = Heard(reader.watch(Kind.MACHINES, resource_version=str(version)), lambda _: False)
    task = asyncio.create_task(watch.until(lambda _: False))
    name = await world.node()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert name in (await _all(reader, Kind.MACHINES))[0]


async def test_its_past_tells_who_made_what_and_what_may_not_be_read(world: World, reader: ClusterReader) -> None:
    """The simulation has no secrets; it says so instead of saying that none changed."""
    since = time.time() - 60
    namespace, node = await world.namespace(), await world.node()
    app = await world.deployment(namespace, node=node, replicas=1)
    told = await reader.changes(since=since)
    said = {(one.kind, one.place, one.text.partition(" ")[0]) for one in told.said}
    assert {("Node", node, "joined"), ("Deployment", f"{namespace}/{app}", "made")} <= said
    assert ("Deployment", f"{namespace}/{app}", "rolls") in said
    assert [one.at for one in told.said] == sorted(one.at for one in told.said)
    assert {lack.what for lack in told.lacks} <= {
        "controllerrevisions", "configmaps", "secrets", "certificatesigningrequests"
    }  # fmt: skip
    assert not (await reader.changes(since=time.time() + 60)).said


async def test_its_events_are_told_of_machines_and_of_trouble(world: World, reader: ClusterReader) -> None:
    told = await reader.events(since=0.0)
    assert told.lacks == ()
    assert all(one.warning or one.kind == "Node" for one in told.said)
