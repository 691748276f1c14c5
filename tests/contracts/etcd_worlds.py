"""The etcd clusters of the contract suite: real ones of two generations, and the simulated one on its wire."""

import asyncio
import base64
from typing import Protocol

from fleetui.clients.etcd.connect import open_etcd
from fleetui.clients.etcd.members import EtcdMembers
from fleetui.clients.system import SystemClock
from fleetui.model.config import EtcdConfig
from fleetui.simulate.etcd_cluster import SimulatedEtcd
from fleetui.simulate.etcd_gateway import EtcdGateways
from tests.bed import etcd_members
from tests.bed.plain_http import HttpError

QUOTA = etcd_members.QUOTA
_MEBI = 1 << 20
_VALUE = base64.b64encode(b"\1" * _MEBI).decode()


class EtcdWorld(Protocol):
    """Three members m1, m2, m3 that are well when a test gets them, and what a test can do to them."""

    @property
    def config(self) -> EtcdConfig:
        """Names one endpoint, that of m1."""
        ...

    async def begin(self) -> None: ...
    async def kill(self, name: str) -> None: ...
    async def restart(self, name: str) -> None: ...
    async def freeze(self, name: str) -> None: ...
    async def thaw(self, name: str) -> None: ...
    async def put(self) -> bool:
        """Whether a small write was acknowledged."""
        ...

    async def fill(self) -> None:
        """Overwrites one key until there is no space: what is left after a compaction is little."""
        ...

    async def corrupt(self, name: str) -> None: ...
    async def add_learner(self, name: str, *, start: bool) -> None: ...
    async def leader(self) -> str: ...
    async def end(self) -> None: ...


class RealWorld:
    """Members of the bed, shared by the tests and mended after each."""

    def __init__(self, members: etcd_members.EtcdMembers) -> None:
        self._members = members

    @property
    def config(self) -> EtcdConfig:
        files = self._members.credentials
        endpoint = self._members.members["m1"].client_url
        return EtcdConfig(endpoints=(endpoint,), ca=str(files.ca), cert=str(files.cert), key=str(files.key))

    async def begin(self) -> None:
        """They are well."""

    async def kill(self, name: str) -> None:
        await asyncio.to_thread(self._members.kill, name)

    async def restart(self, name: str) -> None:
        await asyncio.to_thread(self._members.restart, name)

    async def freeze(self, name: str) -> None:
        await asyncio.to_thread(self._members.freeze, name)

    async def thaw(self, name: str) -> None:
        await asyncio.to_thread(self._members.thaw, name)

    async def put(self) -> bool:
        return await asyncio.to_thread(self._put, "small", base64.b64encode(b"x").decode())

    async def fill(self) -> None:
        def overwrite() -> None:
            while self._put("large", _VALUE):
                pass

        await asyncio.to_thread(overwrite)

    async def corrupt(self, name: str) -> None:
        await asyncio.to_thread(self._members.raise_alarm, name, "CORRUPT")

    async def add_learner(self, name: str, *, start: bool) -> None:
        await asyncio.to_thread(lambda: self._members.add_learner(name, start=start))

    async def leader(self) -> str:
        return await asyncio.to_thread(self._members.leader)

    async def end(self) -> None:
        """The fixture that gave them mends them."""

    def _put(self, key: str, value: str) -> bool:
        try:
            body = {"key": base64.b64encode(key.encode()).decode(), "value": value}
            self._members.ask(self._members.leader(), "/v3/kv/put", body, timeout=30)
        except HttpError as error:
            if b"space exceeded" not in error.body:
                raise
            return False
        return True


class SimulatedWorld:
    """The simulated members on loopback, in this event loop."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._etcd = SimulatedEtcd(("m1", "m2", "m3"), quota=QUOTA)
        self._gateways = EtcdGateways(self._etcd, self._clock)

    @property
    def config(self) -> EtcdConfig:
        return EtcdConfig(endpoints=(self._etcd.by_name("m1").client_url,))

    async def begin(self) -> None:
        await self._gateways.start()

    async def kill(self, name: str) -> None:
        self._etcd.by_name(name).alive = False
        await self._gateways.refresh()

    async def restart(self, name: str) -> None:
        self._etcd.by_name(name).alive = True
        await self._gateways.refresh()

    async def freeze(self, name: str) -> None:
        self._etcd.by_name(name).hung = True

    async def thaw(self, name: str) -> None:
        self._etcd.by_name(name).hung = False

    async def put(self) -> bool:
        self._etcd.tick(self._clock.now())
        return self._etcd.write(100)

    async def fill(self) -> None:
        while self._etcd.write(_MEBI):
            pass

    async def corrupt(self, name: str) -> None:
        self._etcd.alarms.add((self._etcd.by_name(name).id, "CORRUPT"))

    async def add_learner(self, name: str, *, start: bool) -> None:
        self._etcd.add_learner(name, peer_url="http://127.0.0.1:2380", started=start)
        await self._gateways.refresh()

    async def leader(self) -> str:
        self._etcd.tick(self._clock.now())
        assert self._etcd.leader is not None
        return self._etcd.leader.name

    async def end(self) -> None:
        await self._gateways.stop()


def open_world(world: EtcdWorld) -> EtcdMembers:
    """The client under test, with the one endpoint that the world names."""
    return open_etcd("east", world.config, nodes=tuple, clock=SystemClock())
