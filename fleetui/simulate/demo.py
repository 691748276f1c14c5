"""The demo: a fleet worth looking at, with life in it, drawn from a seed."""

import asyncio
from collections.abc import Mapping
from functools import partial

from fleetui.model.cluster import Tags
from fleetui.ports.clock import Clock
from fleetui.simulate.demo_build import build
from fleetui.simulate.demo_clusters import EXPIRED, NOT_LISTENING, OUTAGES, PLANS, Outage, Plan, troubles
from fleetui.simulate.fleet import Fleet, Member
from fleetui.simulate.host import Host
from fleetui.simulate.scale import fleet_of

__all__ = ["demo_fleet", "demo_settings", "fleet_of", "weather"]


def demo_fleet(*, seed: int, speed: float, clock: Clock) -> Fleet:
    """The clusters, each built when it is first asked something. ``speed`` divides the durations of simulated life."""
    now = clock.now()
    return Fleet(tuple(_member(plan, seed, speed, now, clock) for plan in PLANS))


def demo_settings() -> Mapping[str, Tags]:
    """Cluster -> what the configuration says of it."""
    return {plan.name: plan.tags for plan in PLANS}


async def weather(fleet: Fleet, *, speed: float, clock: Clock) -> None:
    """Lines that go down and come back, until cancelled."""
    async with asyncio.TaskGroup() as group:
        for outage in OUTAGES:
            group.create_task(_flap(fleet.host(outage.cluster), outage, speed, clock))


async def _flap(host: Host, outage: Outage, speed: float, clock: Clock) -> None:
    await clock.sleep(outage.first_s / speed)
    while True:
        host.trouble.hang = True
        await clock.sleep(outage.down_s / speed)
        host.trouble.hang = False
        await clock.sleep(outage.up_s / speed)


def _member(plan: Plan, seed: int, speed: float, now: float, clock: Clock) -> Member:
    token = f"demo-{plan.name}"
    return Member(
        host=Host(plan.name, partial(build, plan, seed, speed, now), clock, troubles(plan.name)),
        tags=plan.tags,
        token=token,
        accepted=f"{token}-renewed" if plan.name in EXPIRED else token,
        listening=plan.name not in NOT_LISTENING,
    )
