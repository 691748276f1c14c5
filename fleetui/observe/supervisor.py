"""One cluster's life: connect, prove who it is, follow it, judge it, and begin again whatever happens.

Everything that can go wrong with a cluster ends in its own row. Nothing raised in here reaches another cluster.
"""

import asyncio
import logging
from typing import NoReturn

from fleetui.model.cluster import Cluster, Signs
from fleetui.model.fault import ClusterError, Fault
from fleetui.model.history import cluster_transitions
from fleetui.model.identity import Claim, changed, impostor
from fleetui.model.work import Work
from fleetui.observe.backoff import Backoff
from fleetui.observe.gate import Place
from fleetui.observe.holdings import Holdings
from fleetui.observe.scene import Member, Scene
from fleetui.observe.session import Reports, Session
from fleetui.observe.standing import internal_error, no_answer
from fleetui.observe.waiting import Bell, Stretch, within
from fleetui.ports.reader import ClusterReader, Identity

_log = logging.getLogger(__name__)

IDENTIFY_S = 60.0
"""For a reader that never answers; a credential plugin that asks a person may take this long."""
CLOSE_S = 2.0
LINGER_S = 30.0
"""Pods are watched this long after their cluster left the focus: going back and forth costs no new list."""


class Supervisor:
    """Of a cluster that may or may not be connected; ``run`` connects it."""

    def __init__(self, member: Member, scene: Scene) -> None:
        self.member = member
        self._scene = scene
        self.holdings = Holdings(member, scene)
        self._standing = self.holdings.standing
        self._backoff = Backoff(scene.chance)
        self._bell = Bell(scene.clock)
        self._stretch = Stretch()
        self._focused = asyncio.Event()
        self._unfocused_at: float | None = None
        self._owner_gone: asyncio.Event | None = None
        """Set while this context is an alias of another, which has the row."""
        self._refusal: Fault | None = None
        self._place: Place | None = None
        self._session: Session | None = None

    @property
    def reader(self) -> ClusterReader | None:
        """While connected."""
        return self._session.reader if self._session is not None else None

    @property
    def row(self) -> Cluster:
        """As last published."""
        return self._standing.last

    def show(self) -> None:
        """Put the row on the table before anything is known of it from this session."""
        self._scene.clusters.apply(self.member.name, [(self.member.name, self._standing.last)])

    def want(self) -> None:
        """The cluster was chosen: from now on silence is a fact about it."""
        self._standing.readyz.want(self._scene.clock)
        self._standing.nodes.want(self._scene.clock)
        self.publish()

    def tell_work(self, works: tuple[Work, ...]) -> None:
        """What is under way anywhere: the row takes what is under way on its cluster."""
        self._standing.works = works
        self.publish()

    def tell_vitals(self, signs: Signs) -> None:
        """What monitoring says of it."""
        self._standing.signs = signs
        self.publish()

    def ring(self) -> None:
        """Try everything now that is waiting for its next attempt."""
        self._bell.ring()
        if self._session is not None:
            self._session.ring()

    def focus(self, *, focused: bool) -> None:
        if focused:
            self._unfocused_at = None
            self._focused.set()
        elif self._focused.is_set():
            self._focused.clear()
            self._unfocused_at = self._scene.clock.monotonic()

    def judge(self, now: float) -> None:
        """What only time can tell. Called for every cluster twice a second; no I/O, no scan of rows."""
        if self._session is not None:
            self._session.judge(now)
        if self._unfocused_at is not None and now - self._unfocused_at > LINGER_S:
            self._release_pods()
        if self._standing.readyz.wanted:
            self.publish()

    def woke(self, now: float, *, long: bool) -> None:
        """The program was stopped or asleep: nothing is live before it has answered again. After a long while the
        connections are made anew too."""
        self._standing.readyz.doubt(now)
        if long:
            self._standing.nodes.suspect(now)
            self._standing.pods.suspect(now)
            if self._session is not None:
                self._session.reopen()
        self.ring()
        self.publish()

    async def run(self) -> NoReturn:
        """Until cancelled; then the row is "not connected" and everything learned stays as last known."""
        try:
            while True:
                await self._bell.wait(await self._attempt())
        finally:
            self._scene.identities.release(self.member.name)
            self._owner_gone = None
            self.holdings.retire()
            self.publish()

    async def _attempt(self) -> float:
        """One connection; the seconds to wait before the next."""
        self._refusal = None
        try:
            self._place = await self._scene.gate.enter()
            await self._stretch.run(self._connected())
        except ClusterError as error:
            self._refusal = error.fault
        except TimeoutError:
            self._refusal = no_answer()
        except Exception as error:  # fence: a defect costs this cluster a retry, never the others or the session
            _log.exception("cluster %s failed", self.member.name)
            self._refusal = internal_error(error)
        finally:
            self._leave_place()
        return await self._aftermath()

    async def _aftermath(self) -> float:
        if self._owner_gone is not None:
            self.holdings.forget()
            self._scene.clusters.drop(self.member.name)
            await self._owner_gone.wait()
            self._owner_gone = None
            self.show()
            self.publish()
            return 0.0
        self._standing.fault = self._refusal
        self.publish()
        return self._backoff.delay(self._refusal)

    async def _connected(self) -> None:
        reader = self._standing.reader = self.member.open_reader()
        try:
            identity = await within(self._scene.clock, IDENTIFY_S, reader.identify())
            if self._adopt(identity):
                reports = Reports(fed=self._fed, beaten=self._beaten, refused=self._refused)
                self._session = Session(
                    reader=reader, holdings=self.holdings, scene=self._scene, focused=self._focused, reports=reports
                )
                await self._session.follow()
        finally:
            self._session = self._standing.reader = None
            await self._close(reader)

    def _adopt(self, identity: Identity) -> bool:
        """Take the answer as this cluster's name. False when another context has the cluster already."""
        standing, now = self._standing, self._scene.clock.monotonic()
        if changed(standing.uid, identity.uid):
            raise ClusterError(impostor(known=standing.uid, answered=identity.uid))
        if identity.uid and not self._claim(identity.uid, now):
            return False
        if changed(standing.last.uid, identity.uid):
            self.holdings.forget()
        standing.uid, standing.version, standing.fault = identity.uid or standing.uid, identity.version, None
        standing.aliases = self._scene.identities.aliases(self.member.name)
        standing.readyz.heard(self._scene.clock)
        standing.readyz.mended()
        standing.nodes.suspect(now)
        standing.pods.suspect(now)
        self._backoff.reset()
        self._beaten()
        return True

    def _claim(self, uid: str, now: float) -> bool:
        claim = Claim(name=self.member.name, order=self.member.order, at=now)
        identities = self._scene.identities
        self._owner_gone = identities.claim(uid, claim, changed=self._aliases_changed, displaced=self._displaced)
        return self._owner_gone is None

    def publish(self, *, heartbeat: bool = False) -> None:
        """Put the row on the table if it says anything new. A heartbeat also moves the times it shows."""
        scene, standing = self._scene, self._standing
        if self._owner_gone is not None:
            return
        now = scene.clock.monotonic()
        if heartbeat or standing.verdict(now) is not standing.last.trust:
            standing.stamp(scene.clock.now(), now)
        row = standing.row(now)
        if row == standing.last:
            return
        scene.history.add(cluster_transitions(standing.last, row, scene.clock.now()))
        standing.last = row
        self.show()

    def _fed(self) -> None:
        self._leave_place()
        self.publish()

    def _beaten(self) -> None:
        self.publish(heartbeat=True)

    def _refused(self, fault: Fault) -> None:
        self._refusal = fault
        self._stretch.cut()

    def _aliases_changed(self) -> None:
        self._standing.aliases = self._scene.identities.aliases(self.member.name)
        self.publish()

    def _displaced(self, owner_gone: asyncio.Event) -> None:
        """An earlier context of the configuration reaches the same cluster: the row is its row."""
        self._owner_gone = owner_gone
        self._bell.ring()
        self._stretch.cut()

    def _release_pods(self) -> None:
        self._unfocused_at = None
        if self._session is not None:
            self._session.release_pods()
        self.holdings.release_pods()
        self.publish()

    def _leave_place(self) -> None:
        place, self._place = self._place, None
        if place is not None:
            place.leave()

    async def _close(self, reader: ClusterReader) -> None:
        try:
            await within(self._scene.clock, CLOSE_S, reader.close())
        except Exception:  # fence: a connection that does not close cleanly is closed by the process's end
            _log.exception("closing %s failed", self.member.name)
