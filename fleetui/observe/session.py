"""One connection to one cluster: its pulse and its feeds, until it is refused, displaced or cancelled."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from fleetui.model.fault import ClusterError, Fault
from fleetui.model.identity import changed, impostor
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from fleetui.observe.feed import FeedState
from fleetui.observe.feeder import Feeder
from fleetui.observe.holdings import Holdings
from fleetui.observe.pulse import Pulse
from fleetui.observe.reflector import Reflector
from fleetui.observe.scene import Scene
from fleetui.observe.shelf import Shelf
from fleetui.observe.standing import no_answer
from fleetui.observe.waiting import Stretch, within
from fleetui.ports.reader import ClusterReader, Kind

K = TypeVar("K", bound=Machine | Pod)

CONFIRM_S = 10.0
"""For the question who answers, in the middle of a connection; the reader's own limit is shorter."""


@dataclass(frozen=True, slots=True)
class Reports:
    """What a session tells its supervisor. All are quick and do not raise."""

    fed: Callable[[], None]
    """Rows or the state of a feed changed."""
    beaten: Callable[[], None]
    """The pulse has an answer or a failure."""
    refused: Callable[[Fault], None]
    """This connection cannot go on: only a new one, with what is on disk then, may."""


class Session:
    def __init__(
        self, *, reader: ClusterReader, holdings: Holdings, scene: Scene, focused: asyncio.Event, reports: Reports
    ) -> None:
        self.reader = reader
        self._holdings = holdings
        self._scene = scene
        self._focused = focused
        self._reports = reports
        self._pods_watch = Stretch()
        self._pods_flow = False
        self._pulse = Pulse(
            reader=reader,
            standing=holdings.standing,
            clock=scene.clock,
            chance=scene.chance,
            confirm=self._confirm,
            beaten=reports.beaten,
            recovered=self.ring,
            refused=reports.refused,
        )
        standing = holdings.standing
        self._nodes = self._feeder(Kind.MACHINES, holdings.machine_core, holdings.machines, standing.nodes)
        self._pods = self._feeder(Kind.PODS, holdings.pod_core, holdings.pods, standing.pods)

    async def follow(self) -> None:
        """Until cancelled."""
        name = self.reader.name
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pulse.run(), name=f"readyz {name}")
            group.create_task(self._nodes.run(), name=f"nodes {name}")
            group.create_task(self._watch_pods(), name=f"pods {name}")

    def ring(self) -> None:
        """Try now whatever waits for its next attempt."""
        self._pulse.ring()
        self._nodes.ring()
        self._pods.ring()

    def reopen(self) -> None:
        """Make the streams anew: their connections may be dead without knowing."""
        self._nodes.reopen()
        if self._pods_flow:
            self._pods.reopen()

    def judge(self, now: float) -> None:
        self._nodes.judge(now)
        if self._pods_flow:
            self._pods.judge(now)

    def release_pods(self) -> None:
        self._pods_watch.cut()

    def _feeder(self, kind: Kind, core: Reflector[K], shelf: Shelf[K], feed: FeedState) -> Feeder[K]:
        return Feeder(
            kind=kind,
            reader=self.reader,
            core=core,
            shelf=shelf,
            feed=feed,
            clock=self._scene.clock,
            chance=self._scene.chance,
            confirm=self._confirm,
            changed=self._reports.fed,
            alarmed=self._pulse.alarm,
        )

    async def _watch_pods(self) -> None:
        pods = self._holdings.standing.pods
        while True:
            await self._focused.wait()
            if not pods.wanted:
                pods.want(self._scene.clock)
                self._reports.fed()
            self._pods_flow = True
            try:
                await self._pods_watch.run(self._pods.run())
            finally:
                self._pods_flow = False

    async def _confirm(self) -> None:
        """Ask again who answers. Another cluster ends this connection: its rows must not mix with ours."""
        standing = self._holdings.standing
        try:
            identity = await within(self._scene.clock, CONFIRM_S, self.reader.identify())
        except TimeoutError as error:
            raise ClusterError(no_answer()) from error
        if changed(standing.uid, identity.uid):
            fault = impostor(known=standing.uid, answered=identity.uid)
            self._reports.refused(fault)
            raise ClusterError(fault)
        standing.version = identity.version
