"""How much room a cluster has: the one question whose answer needs every pod.

Read from the API server's memory (``resourceVersion=0``) as one stream and added up as it comes: 20,000 pods take a
second, where pages from storage take five. What is a moment old does no harm to a sum; targets are never read so.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import TypeVar

import msgspec

from fleetui.clients.kube import faults
from fleetui.clients.kube.fragments import BrokenListError, Envelope, Fragments
from fleetui.clients.kube.link import Link
from fleetui.clients.kube.session import Call
from fleetui.clients.kube.target_objects import PodSpec, WireNode, node_state, requested
from fleetui.model.drain import NodeState
from fleetui.model.fault import ClusterError, FaultKind
from fleetui.ports.target import Capacity

T = TypeVar("T")
TIMEOUT_S = 120.0
_FROM_MEMORY = (("resourceVersion", "0"),)
_UNFINISHED = (*_FROM_MEMORY, ("fieldSelector", "status.phase!=Succeeded,status.phase!=Failed"))

Requests = dict[str, tuple[float, float]]
"""By node: cores and bytes that its unfinished pods ask for."""


class _Pod(msgspec.Struct):
    spec: PodSpec = msgspec.field(default_factory=PodSpec)


_pods = msgspec.json.Decoder(list[_Pod])
_nodes = msgspec.json.Decoder(list[WireNode])


class Room:
    """Nodes and requests of one cluster. Questions asked at the same time share one reading; nothing is kept."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._reading: asyncio.Task[tuple[tuple[NodeState, ...], Requests | None]] | None = None

    async def capacity(self, *, without: frozenset[str]) -> Capacity:
        """Of the schedulable Ready nodes not in ``without``. Raises ClusterError."""
        if self._reading is None:
            self._reading = asyncio.create_task(self._read(), name="capacity")
            self._reading.add_done_callback(self._over)
        nodes, requests = await asyncio.shield(self._reading)
        return _capacity([node for node in nodes if _takes_pods(node) and node.name not in without], requests)

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    def _over(self, task: "asyncio.Task[tuple[tuple[NodeState, ...], Requests | None]]") -> None:
        self._reading = None
        if not task.cancelled():
            task.exception()  # whoever asked has it; nobody may be left to ask

    async def _read(self) -> tuple[tuple[NodeState, ...], Requests | None]:
        return await asyncio.gather(self._read_nodes(), self._read_requests())

    async def _read_nodes(self) -> tuple[NodeState, ...]:
        call = Call("/api/v1/nodes", _FROM_MEMORY, what="nodes", timeout_s=TIMEOUT_S)
        parts = await self._parts(call, lambda _, text: [node_state(node) for node in _nodes.decode(text)])
        return tuple(node for part in parts for node in part)

    async def _read_requests(self) -> Requests | None:
        """None when the pods may not be listed."""
        call = Call("/api/v1/pods", _UNFINISHED, what="pods", timeout_s=TIMEOUT_S)
        requests: Requests = {}

        def add_up(_: Envelope, text: bytes) -> None:
            for pod in _pods.decode(text):
                cpu, memory = requests.get(pod.spec.node_name, (0.0, 0.0))
                requests[pod.spec.node_name] = (
                    cpu + requested(pod.spec, "cpu"),
                    memory + requested(pod.spec, "memory"),
                )

        try:
            await self._parts(call, add_up)
        except ClusterError as error:
            if error.fault.kind is not FaultKind.FORBIDDEN:
                raise
            return None
        return requests

    async def _parts(self, call: Call, decode: Callable[[Envelope, bytes], T]) -> list[T]:
        """What ``decode`` made of each part of the answer. One object that cannot be read fails the whole."""
        fragments = Fragments(decode)
        try:
            async with self._link.stream(call) as (_, chunks), aclosing(fragments.read(chunks)) as parts:
                return [part async for part in parts]
        except BrokenListError as error:
            raise faults.not_kubernetes(await self._link.host(), f"no list of {call.what}: {error}") from error


def _takes_pods(node: NodeState) -> bool:
    return bool(node.ready) and not node.unschedulable


def _capacity(nodes: list[NodeState], requests: Requests | None) -> Capacity:
    asked = None if requests is None else [requests.get(node.name, (0.0, 0.0)) for node in nodes]
    return Capacity(
        allocatable_cpu=_sum([node.cpu for node in nodes]),
        allocatable_memory=_sum([node.memory for node in nodes]),
        requested_cpu=None if asked is None else sum(cpu for cpu, _ in asked),
        requested_memory=None if asked is None else sum(memory for _, memory in asked),
        nodes=len(nodes),
    )


def _sum(amounts: list[float | None]) -> float | None:
    """None as soon as one is unknown."""
    total = 0.0
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
