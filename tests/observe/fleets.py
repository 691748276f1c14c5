"""Rows and fleets for the tests of this room."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fleetui.model.cluster import Cluster
from fleetui.model.freshness import Trust
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from fleetui.observe.fleet import Fleet
from tests.observe.scripted import ScriptedReader, Server
from tests.observe.virtual_clock import VirtualClock, settle


def machine(number: int = 1, status: str = "Ready", **fields: object) -> Machine:
    values: dict[str, object] = {"uid": f"node-{number}", "name": f"wk-{number}", "cluster": "", "status": status}
    return Machine(**{**values, **fields})  # type: ignore[arg-type]


def pod(number: int = 1, status: str = "Running", **fields: object) -> Pod:
    values: dict[str, object] = {
        "uid": f"pod-{number}",
        "name": f"web-{number}",
        "namespace": "shop",
        "cluster": "",
        "status": status,
        "ready": 1 if status == "Running" else 0,
        "containers": 1,
    }
    return Pod(**{**values, **fields})  # type: ignore[arg-type]


def server(nodes: int = 3, pods: int = 0, **fields: object) -> Server:
    made = Server(**fields)  # type: ignore[arg-type]
    for number in range(nodes):
        made.put(machine(number))
    for number in range(pods):
        made.put(pod(number))
    return made


class Bench:
    """A fleet over scripted servers on a virtual clock."""

    def __init__(self, servers: dict[str, Server], **options: object) -> None:
        self.clock = VirtualClock()
        self.servers = servers
        self.fleet = Fleet(clock=self.clock, chance=random.Random(7), **options)  # type: ignore[arg-type]
        self.readers: dict[str, list[ScriptedReader]] = {name: [] for name in servers}
        for name in servers:
            self.fleet.add(name, open_reader=lambda name=name: self._open(name))

    def _open(self, name: str) -> ScriptedReader:
        reader = ScriptedReader(name, self.servers[name], self.clock)
        self.readers[name].append(reader)
        return reader

    def row(self, name: str = "a") -> Cluster:
        row = self.fleet.cluster(name)
        assert row is not None
        return row

    def trust(self, name: str = "a") -> Trust:
        return self.row(name).trust

    def rows(self, table: str) -> dict[str, Cluster | Machine | Pod]:
        """All rows of a table by id, as a new subscriber gets them."""
        subscription = self.fleet.subscribe(table)  # type: ignore[arg-type]
        delta = subscription.take()
        subscription.close()
        return dict(delta.upserts)

    def names(self, table: str) -> set[str]:
        return {row.name for row in self.rows(table).values()}

    def count(self, table: str) -> int:
        return len(self.rows(table))

    @asynccontextmanager
    async def running(self, *, connect: bool = True) -> AsyncIterator["Bench"]:
        if connect:
            self.fleet.connect(self.servers)
        task = asyncio.create_task(self.fleet.run())
        await settle()
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait({task})
        assert task.cancelled()
