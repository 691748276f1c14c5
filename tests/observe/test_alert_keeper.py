"""An ack through half an hour of an alert: prolonged while the board is watched, ended when it has resolved."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import pytest

from fleetui.model.alerts.ack import Request, acks
from fleetui.model.alerts.alert import Alert, Hush
from fleetui.model.alerts.evidence import AlertmanagerSays, Posted, PostedState
from fleetui.model.alerts.inventory import SilencesSaid
from fleetui.model.alerts.keeping import Kept
from fleetui.model.alerts.label_set import label_set
from fleetui.model.alerts.mesh import NO_MESH
from fleetui.model.alerts.silence import Draft, Silence, SilenceState
from fleetui.observe.alert_board import AlertBoard
from fleetui.observe.alert_sources import AlertSources
from fleetui.ports.alerting import Outcome
from fleetui.ports.ended import Ended
from fleetui.simulate.alertmanager_mesh import Sent, SimulatedMesh
from tests.observe.virtual_clock import VirtualClock

BROKEN = {"alertname": "Broken", "cluster": "eu-1", "severity": "critical"}
WATCHDOG = {"alertname": "Watchdog", "severity": "none"}
LEASE_S = 240.0
HALF_HOUR_S = 1800.0


@dataclass
class Member:
    """One of the simulated Alertmanagers, asked without a wire."""

    name: str
    mesh: SimulatedMesh
    clock: VirtualClock

    async def alerts(self) -> AlertmanagerSays:
        now = self.clock.now()
        posted = tuple(
            Posted(
                held.fingerprint,
                held.sent.labels,
                PostedState.SUPPRESSED if held.silenced_by else PostedState.ACTIVE,
                held.sent.starts_at,
                held.updated_at,
                held.sent.ends_at,
                silenced_by=held.silenced_by,
            )
            for held in self.mesh.alerts(now)
        )
        return AlertmanagerSays(self.name, now, posted)

    async def silences(self) -> SilencesSaid:
        return SilencesSaid(self.name, self.clock.now(), self.mesh.silences(self.clock.now()))


class Pair:
    names = ("am-a", "am-b")
    meshes = NO_MESH

    def __init__(self, mesh: SimulatedMesh, clock: VirtualClock) -> None:
        self._mesh, self._clock = mesh, clock
        self.members = tuple(Member(name, mesh, clock) for name in self.names)
        self.posts = 0

    async def post(self, draft: Draft, near: Iterable[str] = ()) -> tuple[Outcome, ...]:
        self.posts += 1
        return (Outcome(Ended.DONE, "am-a", self._mesh.post(draft, self._clock.now())),)

    async def expire(self, silence_id: str, near: Iterable[str]) -> tuple[Outcome, ...]:
        self._mesh.expire(silence_id, self._clock.now())
        return (Outcome(Ended.DONE, "am-a", silence_id),)

    async def statuses(self) -> tuple[()]:
        return ()

    async def close(self) -> None:
        pass


class Scene:
    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.mesh = SimulatedMesh(Pair.names, rng=random.Random(1))
        self.firing = True
        self.consoles = [self.console() for _ in range(2)]

    def console(self, by: str = "") -> tuple[AlertBoard, Pair]:
        pair = Pair(self.mesh, self.clock)
        sources = AlertSources((), cast(Any, pair))
        return AlertBoard(lambda: sources, clock=self.clock, chance=random.Random(2), by=by), pair

    def send(self) -> None:
        """As a Prometheus would, every half minute."""
        now = self.clock.now()
        said: list[Mapping[str, str]] = [WATCHDOG, *([BROKEN] if self.firing else [])]
        self.mesh.receive([Sent(label_set(labels), now, now + LEASE_S) for labels in said], now)

    async def pass_(self, seconds: float) -> None:
        for _ in range(int(seconds // 30)):
            self.send()
            await self.clock.advance(30)

    def broken(self) -> Alert | None:
        return next((alert for alert in self.consoles[0][0].alerts if alert.name == "Broken"), None)

    def silences(self, state: SilenceState = SilenceState.ACTIVE) -> list[Silence]:
        return [one for one in self.mesh.silences(self.clock.now()) if one.state is state]

    async def ack(self) -> Silence:
        """Posted by the first console; the second has been told to keep the same."""
        broken = self.broken()
        assert broken is not None
        (draft,) = acks([broken], Request("ana", "on it"), now=self.clock.now())
        (outcome,) = await self.consoles[0][0].post(draft, ("am-a",))
        for board, _ in self.consoles:
            board.keep(Kept(outcome.id, "ana", draft.ends_at))
        return self.silences()[0]


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    made = Scene()
    made.send()
    work = [asyncio.create_task(board.watch()) for board, _ in made.consoles]
    await made.pass_(60)
    yield made
    for task in work:
        task.cancel()
    await asyncio.wait(work)


async def test_an_ack_lives_on_while_its_alert_fires_and_two_consoles_keep_one(scene: Scene) -> None:
    ack = await scene.ack()
    await scene.pass_(HALF_HOUR_S)
    (kept,) = scene.silences()
    assert (kept.id, kept.starts_at) == (ack.id, ack.starts_at)
    assert kept.ends_at > ack.ends_at + HALF_HOUR_S - 900
    assert scene.silences(SilenceState.EXPIRED) == []
    broken = scene.broken()
    assert broken is not None
    assert broken.hush is Hush.ACKED
    posts = sum(pair.posts for _, pair in scene.consoles)
    assert posts <= 2 * (1 + HALF_HOUR_S / 600), "once in ten minutes by each at most"


async def test_it_ends_when_its_alert_has_resolved_and_nobody_keeps_it(scene: Scene) -> None:
    ack = await scene.ack()
    await scene.pass_(60)
    scene.firing = False
    await scene.pass_(LEASE_S + 120)
    assert [one.id for one in scene.silences(SilenceState.EXPIRED)] == [ack.id]
    assert scene.clock.now() < ack.ends_at, "not by its own end"
    assert [board.keeps for board, _ in scene.consoles] == [False, False]


async def test_one_that_a_colleague_ends_stays_ended(scene: Scene) -> None:
    ack = await scene.ack()
    await scene.pass_(590)
    scene.mesh.expire(ack.id, scene.clock.now())
    await scene.pass_(900)
    assert scene.silences() == []
    assert [board.keeps for board, _ in scene.consoles] == [False, False]


async def test_a_defect_in_keeping_leaves_the_alerts_alone(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    await scene.ack()
    (board, pair), _ = scene.consoles
    pair.members = (Broken(), *pair.members)  # type: ignore[assignment]
    await scene.pass_(900)
    assert "keeping acks failed" in caplog.text
    assert board.pipeline is not None
    assert scene.clock.now() - board.pipeline.at < 10, "it is still watched"
    assert len(scene.silences()) == 1, "the other console keeps it"


class Broken:
    async def silences(self) -> SilencesSaid:
        raise ZeroDivisionError


async def test_without_anybody_who_watches_it_ends_by_itself() -> None:
    scene = Scene()
    scene.send()
    watching = asyncio.create_task(scene.consoles[0][0].watch())
    await scene.pass_(60)
    await scene.ack()
    watching.cancel()
    await asyncio.wait({watching})
    await scene.pass_(1200)
    assert scene.silences() == []


@pytest.mark.parametrize(("author", "kept"), [("ana", True), ("eve", False)])
async def test_an_ack_of_the_same_operator_is_kept_whoever_posted_it(author: str, kept: bool) -> None:
    """As of the command line, which has ended since."""
    scene = Scene()
    scene.send()
    board, _ = scene.consoles[0] = scene.console(by="ana")
    watching = asyncio.create_task(board.watch())
    await scene.pass_(60)
    broken = scene.broken()
    assert broken is not None
    (draft,) = acks([broken], Request(author, "on it"), now=scene.clock.now())
    id_ = scene.mesh.post(draft, scene.clock.now())
    await scene.pass_(HALF_HOUR_S)
    assert [one.id for one in scene.silences()] == ([id_] if kept else [])
    assert board.keeps is kept
    watching.cancel()
    await asyncio.wait({watching})
