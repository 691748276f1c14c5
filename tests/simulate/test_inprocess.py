"""The in-process faces: troubles as the ports' own errors, hostile text made harmless, and a fleet that is large."""

import asyncio
import time
import unicodedata
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fleetui.clients.system import SystemClock
from fleetui.model.fault import ClusterError, FaultKind, GoneError
from fleetui.model.machine import Machine
from fleetui.ports.reader import Identity, Kind, Page
from fleetui.ports.target import Permission
from fleetui.simulate.host import Host
from fleetui.simulate.hostile import hostile_fleet
from fleetui.simulate.inprocess import SimulatedReader
from fleetui.simulate.inprocess_target import SimulatedTarget
from fleetui.simulate.request import Create, Patch
from fleetui.simulate.scale import fleet_of
from tests.bed import objects
from tests.control.virtual_time import VirtualClock, run_virtual
from tests.simulate.wire_bed import bare_host


@pytest.fixture
def host() -> Host:
    host = bare_host("sim")
    for name in ("n1", "n2", "n3"):
        host.ask(Create("nodes", objects.node(name)))
    return host


class TestTroubles:
    @pytest.mark.parametrize(
        ("trouble", "kind", "word"),
        [
            ({"dead": True}, FaultKind.REFUSED, "refused"),
            ({"unauthorized": True}, FaultKind.UNAUTHORIZED, "token expired"),
            ({"forbidden": frozenset({"nodes"})}, FaultKind.FORBIDDEN, "403 nodes"),
            ({"forbidden": frozenset({"list nodes"})}, FaultKind.FORBIDDEN, "403 nodes"),
            ({"server_error": True}, FaultKind.SERVER_ERROR, "500 InternalError"),
            ({"throttled": True}, FaultKind.THROTTLED, "429 throttled"),
        ],
    )
    async def test_each_is_the_ports_own_error(
        self, host: Host, trouble: dict[str, Any], kind: FaultKind, word: str
    ) -> None:
        for name, value in trouble.items():
            setattr(host.trouble, name, value)
        with pytest.raises(ClusterError) as caught:
            await SimulatedReader(host).list_page(Kind.MACHINES, limit=10)
        assert (caught.value.fault.kind, caught.value.fault.word) == (kind, word)
        assert caught.value.fault.remedy

    def test_a_hanging_one_costs_the_patience_of_a_poll_and_a_slow_one_its_time(self) -> None:
        async def story() -> tuple[float, float, FaultKind]:
            clock = VirtualClock()
            (host,) = fleet_of(clusters=1, nodes=3, clock=clock)
            host.trouble.slow_s = 1.5
            slow = (await SimulatedReader(host).readyz()).latency_s
            host.trouble.slow_s, host.trouble.hang = 0.0, True
            before = clock.now()
            with pytest.raises(ClusterError) as caught:
                await SimulatedReader(host).readyz()
            return slow, clock.now() - before, caught.value.fault.kind

        slow, hung, kind = run_virtual(story())
        assert slow == pytest.approx(1.501)
        assert hung == pytest.approx(3.0, abs=0.5)
        assert kind is FaultKind.TIMEOUT

    async def test_a_skewed_clock_is_told(self, host: Host) -> None:
        host.trouble.skew_s = 90.0
        assert (await SimulatedReader(host).readyz()).skew_s == 90.0
        assert await SimulatedTarget(host).server_now() == pytest.approx(host.now() + 90, abs=2)

    async def test_what_cannot_be_read_is_counted(self, host: Host) -> None:
        host.trouble.undecodable = 2
        page = await SimulatedReader(host).list_page(Kind.MACHINES, limit=10)
        assert ([item.name for item in page.items], page.undecodable) == (["n3"], 2)

    async def test_a_mute_watch_says_nothing_for_ever(self, host: Host) -> None:
        host.trouble.mute = True
        watch = SimulatedReader(host).watch(Kind.MACHINES, resource_version=str(host.world.revision))
        heard = asyncio.ensure_future(anext(aiter(watch)))
        host.ask(Create("nodes", objects.node("unheard")))
        done, _ = await asyncio.wait((heard,), timeout=0.2)
        heard.cancel()
        assert not done

    async def test_a_cut_watch_ends_after_it_spoke(self, host: Host) -> None:
        host.trouble.cut = True
        version = str(host.world.revision)
        host.ask(Create("nodes", objects.node("last-word")))
        batches = [batch async for batch in SimulatedReader(host).watch(Kind.MACHINES, resource_version=version)]
        assert [change.item.name for (change,) in batches if change.item] == ["last-word"]

    async def test_an_old_version_is_gone(self, host: Host) -> None:
        host.world.forget_history()
        with pytest.raises(GoneError):
            await anext(aiter(SimulatedReader(host).watch(Kind.MACHINES, resource_version="1")))

    async def test_a_forbidden_write_is_an_answer_not_an_outage(self, host: Host) -> None:
        host.trouble.forbidden = frozenset({"patch nodes", "create pods/eviction"})
        target = SimulatedTarget(host)
        patched = await target.patch_node("n1", uid="u", resource_version="1", patch=b"{}")
        evicted = await target.evict("pay", "p", uid="u", grace_s=None, dry_run=True)
        assert (patched.code, evicted.code, evicted.reason) == (403, 403, "Forbidden")
        asked = (Permission("patch", "nodes"), Permission("get", "nodes"))
        assert await target.allowed(asked) == {asked[0]: False, asked[1]: True}

    async def test_without_an_answer_permissions_are_unknown(self, host: Host) -> None:
        host.trouble.dead = True
        asked = Permission("patch", "nodes")
        assert await SimulatedTarget(host).allowed((asked,)) == {asked: None}


def test_a_watcher_lives_through_what_it_watches() -> None:
    """Nobody ticks the world: the watch itself sleeps until the next thing is due."""

    async def story() -> list[tuple[str, float]]:
        clock = VirtualClock()
        (host,) = fleet_of(clusters=1, nodes=5, clock=clock)
        begun, seen = clock.now(), []
        watch = SimulatedReader(host).watch(Kind.MACHINES, resource_version=str(host.world.revision))
        (node, *_) = host.world.all("nodes")
        host.ask(Patch("nodes", node.name, {"spec": {"unschedulable": True}}))
        async for batch in watch:
            seen += [(change.item.status, clock.now() - begun) for change in batch if isinstance(change.item, Machine)]
            if len(seen) == 2:
                return seen
        return seen

    assert [status for status, _ in run_virtual(story())] == ["Ready,SchedulingDisabled"] * 2
    assert run_virtual(story())[1][1] == pytest.approx(0.3)


class TestHostile:
    @pytest.mark.parametrize("kind", list(Kind))
    async def test_no_row_holds_anything_a_terminal_obeys(self, kind: Kind) -> None:
        reader = SimulatedReader(hostile_fleet(SystemClock()).host("hostile"))
        rows = [item async for page in reader.list_all(kind) for item in page.items]
        assert len(rows) > 15
        for row in rows:
            for text in _texts(row):
                assert len(text) <= 253
                assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in text)

    async def test_nor_does_a_refusal(self) -> None:
        reader = SimulatedReader(hostile_fleet(SystemClock()).host("hostile-refusal"))
        with pytest.raises(ClusterError) as caught:
            await reader.readyz()
        assert "\x1b" not in caught.value.fault.detail
        assert len(caught.value.fault.detail) <= 300

    async def test_nor_a_description(self) -> None:
        host = hostile_fleet(SystemClock(), long=False).host("hostile")
        reader = SimulatedReader(host)
        for node in host.world.all("nodes"):
            text = await reader.describe(Kind.MACHINES, namespace="", name=node.name)
            assert not any(unicodedata.category(char) in ("Cf", "Cs") or char in "\x1b\x9b\x07" for char in text)


def _texts(row: Any) -> list[str]:
    values = [getattr(row, field) for field in row.__struct_fields__]
    texts = [value for value in values if isinstance(value, str)]
    for value in values:
        if isinstance(value, tuple):
            texts += [part for item in value for part in (item if isinstance(item, tuple) else (item,))]
    return texts


class TestScale:
    CLUSTERS, NODES = 150, 1000

    async def test_first_rows_of_a_large_fleet_come_soon_whoever_is_dead(self) -> None:
        """Built lazily, in one process. The bound is three times what the slowest run took beside seven other jobs."""
        hosts = fleet_of(clusters=self.CLUSTERS, nodes=self.NODES, clock=SystemClock())
        for host in hosts[::5]:
            host.trouble.dead = True
        before = time.process_time()
        answers = await asyncio.gather(*(_first(SimulatedReader(host)) for host in hosts), return_exceptions=True)
        spent = time.process_time() - before
        pages = [answer for answer in answers if isinstance(answer, Page)]
        assert len(pages) == 120
        assert sum(len(page.items) for page in pages) == 12_000
        assert spent < 2.0

    async def test_whole_lists_share_what_is_equal(self) -> None:
        (host,) = fleet_of(clusters=1, nodes=self.NODES, clock=SystemClock())
        rows = [item async for page in SimulatedReader(host).list_all(Kind.MACHINES) for item in page.items]
        assert len({row.name for row in rows}) == self.NODES
        for words in ([row.version for row in rows], [row.kernel for row in rows], [row.os_image for row in rows]):
            assert len({id(word) for word in words}) == 1

    async def test_every_cluster_is_another(self) -> None:
        hosts = fleet_of(clusters=3, nodes=5, clock=SystemClock())
        identify: list[Callable[[], Awaitable[Identity]]] = [SimulatedReader(host).identify for host in hosts]
        assert len({(await ask()).uid for ask in identify}) == 3


async def _first(reader: SimulatedReader) -> Page:
    return await anext(aiter(reader.list_all(Kind.MACHINES)))
