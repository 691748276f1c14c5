"""The wire face in a thread of this process, handed out as a bed cluster is: port, authority, token, kubeconfig."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from fleetui.clients.system import SystemClock
from fleetui.simulate.blueprint import Blueprint
from fleetui.simulate.fleet import Fleet, Member
from fleetui.simulate.handout import write
from fleetui.simulate.host import Host
from fleetui.simulate.wire import PREFIX, WireFleet
from fleetui.simulate.world import World
from tests.bed.api import Api

TOKEN = "tok-wire"
SPEED = 50.0


class PrefixedApi(Api):
    """The witness's API, on a cluster that lives under a path of a shared port."""

    def __init__(self, name: str, port: int, ca: Path) -> None:
        super().__init__(port, ca, TOKEN)
        self._prefix = f"{PREFIX}/{name}"

    def request(self, method: str, path: str, body: Any = None, *, content: str = "application/json") -> bytes:
        return super().request(method, self._prefix + path, body, content=content)


class WireBed:
    """One running server."""

    def __init__(self, fleet: Fleet, directory: Path, loop: asyncio.AbstractEventLoop, wire: WireFleet) -> None:
        self.fleet = fleet
        self.directory = directory
        self.name = fleet.members[0].host.name
        self._loop = loop
        self._wire = wire
        self.ca = directory / "ca.pem"
        self.ca.write_bytes(wire.certificate_authority)
        self.kubeconfig, self.config = write(
            directory, fleet, url=wire.url, authority=wire.certificate_authority
        )  # fmt: skip

    @property
    def port(self) -> int:
        return self._wire.port

    def kubeconfig_for(self, _user: str) -> Path:
        return self.kubeconfig

    def api(self, name: str = "") -> Api:
        return PrefixedApi(name or self.name, self.port, self.ca)

    def on_loop(self, change: Callable[[Host], Any], name: str = "") -> Any:
        """Runs ``change`` where the cluster lives, and wakes its watchers."""

        async def run() -> Any:
            host = self.fleet.host(name or self.name)
            result = change(host)
            host.wake()
            return result

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(timeout=30)


@contextmanager
def serve(fleet: Fleet, directory: Path) -> Iterator[WireBed]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="wire", daemon=True)
    thread.start()
    wire = WireFleet(fleet)
    try:
        asyncio.run_coroutine_threadsafe(wire.start(), loop).result(timeout=30)
        yield WireBed(fleet, directory, loop, wire)
    finally:
        asyncio.run_coroutine_threadsafe(wire.stop(), loop).result(timeout=30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


def bare_host(name: str, *, seed: int = 1, speed: float = SPEED) -> Host:
    """A cluster with its namespaces and nothing in them."""
    clock = SystemClock()

    def build() -> World:
        rng = Random(seed)
        world = World(rng=rng, speed=speed)
        world.begin(Blueprint(rng=rng, now=clock.now(), version="v1.36.3").namespaces(), clock.now())
        return world

    return Host(name, build, clock)


def bare_fleet(*names: str) -> Fleet:
    return Fleet(tuple(Member(bare_host(name), token=TOKEN, accepted=TOKEN) for name in names))
