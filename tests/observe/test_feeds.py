"""List, watch and again: what a server may do between two events, and what the feed makes of it."""

import random

import pytest

from fleetui.model.fault import FaultKind
from fleetui.model.freshness import Trust
from fleetui.ports.reader import Kind
from tests.observe.fleets import Bench, machine, pod, server
from tests.observe.scripted import fault, gone
from tests.observe.virtual_clock import settle


async def test_watch_events_reach_the_rows_and_the_numbers() -> None:
    async with Bench({"a": server(2)}).running() as bench:
        made = bench.servers["a"]
        made.put(machine(0, "NotReady"))
        made.put(machine(5))
        made.delete(Kind.MACHINES, "node-1")
        await settle()
        row = bench.row()
        assert (row.nodes_ready, row.nodes_total, row.not_ready) == (1, 2, 1)
        assert bench.names("machines") == {"wk-0", "wk-5"}


async def test_pages_show_as_they_arrive_and_numbers_only_when_complete() -> None:
    made = server(1_200, page_size=500)
    seen: list[tuple[int, int | None, Trust]] = []
    bench = Bench({"a": made})
    made.between_pages = lambda: seen.append((bench.count("machines"), bench.row().nodes_total, bench.trust()))
    async with bench.running():
        assert seen == [(500, None, Trust.CONNECTING), (1_000, None, Trust.CONNECTING)]
        assert bench.row().nodes_total == 1_200
        assert bench.fleet.feed("a", "nodes").complete


async def test_what_happens_during_a_list_is_not_lost() -> None:
    made = server(1_000, page_size=400)
    deletions = iter(range(7, 9))

    def disturb() -> None:
        made.put(machine(3, "NotReady"))
        made.delete(Kind.MACHINES, f"node-{next(deletions)}")

    made.between_pages = disturb
    async with Bench({"a": made}).running() as bench:
        row = bench.row()
        assert (row.nodes_total, row.not_ready) == (998, 1)
        assert set(bench.rows("machines")) == {f"a/{uid}" for uid in made.objects[Kind.MACHINES]}


async def test_410_lists_again_without_a_flicker() -> None:
    async with Bench({"a": server(3)}).running() as bench:
        made = bench.servers["a"]
        subscription = bench.fleet.subscribe("machines")
        subscription.take()
        made.put(machine(8))
        made.delete(Kind.MACHINES, "node-0")
        made.compact()
        made.break_watches(gone())
        await bench.clock.advance(1.0)
        delta = subscription.take()
        assert {row.name for _, row in delta.upserts} == {"wk-8"}
        assert delta.removes == ("a/node-0",)
        assert made.count("list nodes") == 2
        assert bench.fleet.history(0.0)[0].kind == "machine"
        assert not [entry for entry in bench.fleet.history(0.0) if entry.kind == "cluster"]


async def test_a_storm_of_410_is_answered_slower_and_slower() -> None:
    async with Bench({"a": server()}).running() as bench:
        made = bench.servers["a"]
        made.failing["watch nodes"] = gone()
        made.break_watches(gone())
        listed, at = 0, 0.0
        for _ in range(600):
            await bench.clock.advance(0.5)
            if made.count("list nodes") > listed:
                listed, at = made.count("list nodes"), bench.clock.monotonic()
            assert bench.clock.monotonic() - at < 9.0 or bench.trust() is Trust.STALE
        assert 6 <= listed <= 16
        del made.failing["watch nodes"]
        await bench.clock.until(lambda: bench.trust() is Trust.LIVE, within=65.0)


async def test_a_normal_end_goes_on_from_where_it_was() -> None:
    async with Bench({"a": server()}).running() as bench:
        made = bench.servers["a"]
        for number in range(20, 24):
            await bench.clock.advance(60.0)
            made.break_watches()
            made.put(machine(number))
            await settle()
        assert bench.row().nodes_total == 7
        assert made.count("list nodes") == 1
        assert made.count("watch nodes") == 5
        assert [entry for entry in bench.fleet.history(0.0) if entry.kind == "cluster"] == []


async def test_a_watch_that_ends_at_once_is_no_busy_loop() -> None:
    async with Bench({"a": server()}).running() as bench:
        made = bench.servers["a"]
        made.calls.clear()
        for _ in range(600):
            await bench.clock.advance(0.1)
            made.break_watches()
        assert made.count("watch nodes") < 20


async def test_bookmarks_carry_the_position_over_a_compaction() -> None:
    async with Bench({"a": server()}).running() as bench:
        made = bench.servers["a"]
        await bench.clock.advance(2.0)
        made.bookmark()
        await settle()
        made.compact()
        made.break_watches()
        await bench.clock.advance(5.0)
        assert made.count("watch nodes") == 2
        assert made.count("list nodes") == 1


async def test_one_broken_connection_is_mended_without_a_word() -> None:
    async with Bench({"a": server()}).running() as bench:
        made = bench.servers["a"]
        await bench.clock.advance(30.0)
        made.break_watches(fault(FaultKind.NETWORK, "connection reset"))
        await settle()
        assert made.watching(Kind.MACHINES) == 1
        assert (bench.trust(), bench.row().fault) == (Trust.LIVE, None)
        assert made.count("identify") == 2


async def test_a_flapping_cluster_says_so_and_does_not_hammer() -> None:
    async with Bench({"a": server()}).running() as bench:
        made = bench.servers["a"]
        made.calls.clear()
        words = set()
        for _ in range(300):
            made.break_watches(fault(FaultKind.NETWORK, "connection reset"))
            await bench.clock.advance(0.2)
            words.add(bench.row().fault and bench.row().fault.word)
        assert "connection reset" in words
        assert made.count("watch nodes") <= 20
        assert made.count("readyz") <= 40


async def test_after_a_steady_while_the_delays_start_small_again() -> None:
    async with Bench({"a": server()}).running() as bench:
        made = bench.servers["a"]
        made.failing["watch nodes"] = fault(FaultKind.SERVER_ERROR)
        made.break_watches(fault(FaultKind.NETWORK))
        await bench.clock.advance(400.0)
        made.failing.clear()
        await bench.clock.until(lambda: bench.trust() is Trust.LIVE, within=65.0)
        await bench.clock.advance(15.0)
        made.break_watches(fault(FaultKind.SERVER_ERROR))
        await bench.clock.until(lambda: made.watching(Kind.MACHINES) == 1, within=1.1)


async def test_retry_after_is_honoured() -> None:
    made = server()
    made.failing["list nodes"] = fault(FaultKind.THROTTLED, "429", retry_after_s=40.0)
    async with Bench({"a": made}).running() as bench:
        await bench.clock.advance(39.0)
        assert made.count("list nodes") == 1
        assert bench.row().fault.word == "429"
        await bench.clock.advance(2.0)
        assert made.count("list nodes") == 2


async def test_a_throttled_readyz_is_a_sign_of_life() -> None:
    async with Bench({"a": server()}).running() as bench:
        bench.servers["a"].failing["readyz"] = fault(FaultKind.THROTTLED, "429")
        await bench.clock.advance(30.0)
        assert (bench.trust(), bench.row().fault.word) == (Trust.LIVE, "429")


async def test_a_position_that_only_meets_errors_is_given_up_for_a_list() -> None:
    async with Bench({"a": server()}).running() as bench:
        made = bench.servers["a"]
        made.failing["watch nodes"] = fault(FaultKind.SERVER_ERROR, "504")
        made.break_watches()
        await bench.clock.advance(60.0)
        assert made.count("list nodes") >= 2
        assert bench.row().fault.word == "504"


async def test_a_half_open_watch_is_opened_anew() -> None:
    """The connection is dead and says nothing; readyz, on another one, is fine."""
    async with Bench({"a": server()}).running() as bench:
        made = bench.servers["a"]
        lost = made.open.pop()
        made.open.append(lost)
        lost.stirred.set = lambda: None  # type: ignore[method-assign]
        made.put(machine(9))
        await bench.clock.advance(170.0)
        assert bench.row().nodes_total == 3
        await bench.clock.advance(20.0)
        assert bench.row().nodes_total == 4


async def test_a_list_that_stops_in_the_middle_is_given_up_and_tried_again() -> None:
    made = server(1_000, page_size=400)
    made.between_pages = made.freeze
    async with Bench({"a": made}).running() as bench:
        made.failing.clear()
        await bench.clock.advance(70.0)
        assert bench.row().fault is not None
        made.between_pages = None
        made.thaw()
        await bench.clock.until(lambda: bench.row().nodes_total == 1_000, within=70.0)


@pytest.mark.parametrize("request_", ["identify", "list nodes", "watch nodes", "readyz"])
async def test_one_request_that_is_never_answered_holds_nothing_up_for_ever(request_: str) -> None:
    async with Bench({"a": server()}).running() as bench:
        made = bench.servers["a"]
        made.compact()
        made.hanging.add(request_)
        made.break_watches(fault(FaultKind.NETWORK))
        made.put(machine(9))
        await bench.clock.advance(20.0)
        made.hanging.clear()
        await bench.clock.until(lambda: (bench.row().nodes_total, bench.trust()) == (4, Trust.LIVE), within=180.0)


async def test_a_list_without_pages_does_not_empty_the_rows() -> None:
    async with Bench({"a": server()}).running() as bench:
        reader = bench.readers["a"][0]

        async def nothing(kind: Kind):
            return
            yield

        reader.list_all = nothing  # type: ignore[method-assign]
        bench.servers["a"].compact()
        bench.servers["a"].break_watches(gone())
        await bench.clock.advance(5.0)
        assert bench.count("machines") == 3
        assert bench.row().fault.word == "empty answer"


async def test_heartbeats_wake_nobody() -> None:
    async with Bench({"a": server()}).running() as bench:
        woken: list[bool] = []
        bench.fleet.subscribe("machines", lambda: woken.append(True)).take()
        for _ in range(50):
            bench.servers["a"].put(machine(1))
        await settle()
        assert woken == []
        bench.servers["a"].put(machine(1, "NotReady"))
        await settle()
        assert woken == [True]


async def test_history_has_what_an_operator_asks_for() -> None:
    bench = Bench({"a": server(2, pods=1)})
    bench.fleet.focus_pods(frozenset({"a"}))
    async with bench.running():
        made = bench.servers["a"]
        start = bench.clock.now()
        await bench.clock.advance(10.0)
        made.put(machine(0, "NotReady"))
        made.put(machine(1, "Ready,SchedulingDisabled", cordoned_by="ana drain op-1"))
        made.put(pod(0, "CrashLoopBackOff"))
        await bench.clock.advance(1.0)
        made.stop()
        await bench.clock.advance(9.0)
        said = [(entry.kind, entry.name, entry.was, entry.now) for entry in reversed(bench.fleet.history(start))]
        assert sorted(said[:3]) == [
            ("machine", "wk-0", "Ready", "NotReady"),
            ("machine", "wk-1", "schedulable", "cordoned by ana drain op-1"),
            ("pod", "web-0", "Running", "CrashLoopBackOff"),
        ]
        assert said[3][:2] == ("cluster", "a")
        assert said[-1][3] == "silent"
        assert bench.fleet.history(bench.clock.now() + 1) == ()


@pytest.mark.parametrize("seed", range(40))
async def test_any_schedule_of_faults_ends_in_the_truth_and_never_lies_long(seed: int) -> None:
    """Three clusters under random faults. At every step: who has been dead for ten seconds does not look live, who
    was well all along does. After the faults: every row equals its server."""
    chance = random.Random(seed)
    servers = {name: server(5, pods=5, uid=f"uid-{name}") for name in ("a", "b", "well")}
    bench = Bench(servers)
    bench.fleet.focus_pods(frozenset(servers))
    async with bench.running():
        dead_since: dict[str, float] = {}
        for _ in range(60):
            name = chance.choice(["a", "b"])
            _disturb(servers[name], chance)
            for row in (servers["well"], servers[name]):
                row.put(machine(chance.randrange(12), chance.choice(["Ready", "NotReady", "Ready,SchedulingDisabled"])))
                row.put(pod(chance.randrange(12), chance.choice(["Running", "CrashLoopBackOff"])))
            await bench.clock.advance(chance.choice([0.01, 0.3, 2.0, 11.0]))
            now = bench.clock.monotonic()
            for each in ("a", "b"):
                if servers[each].frozen or servers[each].down:
                    since = dead_since.setdefault(each, now)
                    assert now - since <= 10.0 or bench.trust(each) is not Trust.LIVE
                else:
                    dead_since.pop(each, None)
            assert bench.trust("well") is Trust.LIVE
        for made in servers.values():
            made.thaw()
            made.start()
            made.failing.clear()
        await bench.clock.advance(200.0)
        for name, made in servers.items():
            _assert_equal(bench, name, made)


def _disturb(made, chance: random.Random) -> None:
    match chance.randrange(9):
        case 0:
            made.freeze()
        case 1 | 2:
            made.thaw()
            made.start()
            made.failing.clear()
        case 3:
            made.stop()
        case 4:
            made.compact()
            made.break_watches(gone())
        case 5:
            made.break_watches()
        case 6:
            made.break_watches(fault(FaultKind.NETWORK))
        case 7:
            kind = chance.choice([FaultKind.SERVER_ERROR, FaultKind.THROTTLED, FaultKind.FORBIDDEN, FaultKind.TIMEOUT])
            made.failing[chance.choice(["list nodes", "watch nodes", "watch pods", "readyz"])] = fault(kind)
        case 8 if made.objects[Kind.MACHINES]:
            made.delete(Kind.MACHINES, chance.choice(sorted(made.objects[Kind.MACHINES])))


def _assert_equal(bench: Bench, name: str, made) -> None:
    row = bench.row(name)
    nodes, pods = made.objects[Kind.MACHINES].values(), made.objects[Kind.PODS].values()
    assert (row.trust, row.fault) == (Trust.LIVE, None)
    assert row.nodes_total == len(nodes)
    assert row.nodes_ready == sum(node.ready is True for node in nodes)
    assert row.cordoned == sum(node.cordoned for node in nodes)
    assert (row.pods_total, row.pods_ready) == (len(pods), sum(each.healthy for each in pods))
    for table, truth in (("machines", nodes), ("pods", pods)):
        shown = {each.uid: each.status for each in bench.rows(table).values() if each.cluster == name}
        assert shown == {each.uid: each.status for each in truth}
