"""What a simulated cluster remembers: as a real one says it, with the troubles that a real one has."""

import pytest

from fleetui.clients.system import SystemClock
from fleetui.model.fault import ClusterError
from fleetui.model.incident.past import MAY_NOT
from fleetui.simulate import kubelet, life
from fleetui.simulate.host import Host
from fleetui.simulate.inprocess import SimulatedReader
from fleetui.simulate.request import Create
from tests.bed import objects
from tests.simulate.wire_bed import bare_host


@pytest.fixture
def host() -> Host:
    host = bare_host("sim")
    host.ask(Create("nodes", objects.node("n1")))
    host.ask(Create("namespaces", objects.namespace("shop")))
    host.ask(Create("deployments", objects.deployment("web", replicas=2), "shop"))
    return host


def later(host: Host, seconds: float) -> None:
    host.world.tick(SystemClock().now() + seconds)


async def test_a_rollout_is_told_with_who_shipped_it(host: Host) -> None:
    began = SystemClock().now()
    host.world.plan(began, 0, life.roll_one)
    later(host, 10)
    told = await SimulatedReader(host).changes(since=began - 5)
    said = [(one.kind, one.place, one.text.partition("-")[0], one.who) for one in told.said]
    assert ("Deployment", "shop/web", "edited", "argocd-controller") in said
    assert said.count(("Deployment", "shop/web", "rolls out web", "")) == 2
    assert [one.at for one in told.said] == sorted(one.at for one in told.said)


async def test_a_machine_that_falls_silent_is_told_among_the_events(host: Host) -> None:
    began = SystemClock().now()
    host.world.plan(began, 0, lambda state, now: kubelet.fall_silent("n1", state, now))
    later(host, 120)
    told = await SimulatedReader(host).events(since=began - 2)  # they have whole seconds
    assert any(one.kind == "Node" and one.name == "n1" and "NotReady" in one.text for one in told.said)
    assert not (await SimulatedReader(host).events(since=began + 3600)).said


async def test_what_may_not_be_listed_is_named_and_a_dead_server_is_an_error(host: Host) -> None:
    host.trouble.forbidden = frozenset({"deployments", "events"})
    reader = SimulatedReader(host)
    lacks = {lack.what: lack.why for lack in (await reader.changes(since=0.0)).lacks}
    assert lacks["deployments"] == MAY_NOT
    assert [lack.why for lack in (await reader.events(since=0.0)).lacks] == [MAY_NOT]
    host.trouble.dead = True
    with pytest.raises(ClusterError):
        await reader.changes(since=0.0)
