"""The row tells the truth: what a cluster does to us shows on its row in time, and on no other."""

import asyncio
from pathlib import Path

import pytest

from fleetui.model.cluster import Health
from fleetui.model.cluster_verdict import health
from fleetui.model.details import MachineDetails, PodDetails
from fleetui.model.fault import ClusterError, FaultKind
from fleetui.model.freshness import ANSWER_WITHIN_S, Source, Trust
from fleetui.model.work import Work
from fleetui.ports.reader import Kind
from tests.observe.fleets import Bench, machine, pod, server
from tests.observe.scripted import ScriptedReader, fault
from tests.observe.virtual_clock import settle


async def test_a_connected_cluster_is_live_with_its_numbers() -> None:
    made = server(2)
    made.put(machine(7, "NotReady", roles=("control-plane",)))
    made.put(machine(8, "Ready,SchedulingDisabled", operation="drain by ana"))
    async with Bench({"a": made}).running() as bench:
        row = bench.row()
        assert (row.trust, row.source, row.fault) == (Trust.LIVE, Source.PUSHED, None)
        assert (row.nodes_ready, row.nodes_total, row.not_ready, row.cordoned) == (3, 4, 1, 1)
        assert (row.control_plane_ready, row.control_plane_total) == (0, 1)
        assert (row.operation, row.version, row.uid) == ("drain by ana", "v1.36.3", "uid-1")
        assert row.last_contact == bench.clock.now()
        assert bench.names("machines") == {"wk-0", "wk-1", "wk-7", "wk-8"}


async def test_who_is_not_chosen_is_not_connected_and_never_green() -> None:
    bench = Bench({"a": server(), "b": server(uid="uid-2")})
    bench.fleet.connect(["a"])
    async with bench.running(connect=False):
        assert bench.trust("b") is Trust.IDLE
        assert health(bench.row("b")) is Health.UNKNOWN
        assert bench.servers["b"].calls == []
        assert bench.fleet.feed("b", "nodes") is None


async def test_a_frozen_server_is_stale_then_silent_within_ten_seconds() -> None:
    async with Bench({"a": server(), "b": server(uid="uid-2")}).running() as bench:
        bench.servers["a"].freeze()
        seen = [Trust.LIVE]
        passed = 0.0
        while bench.trust() is not Trust.SILENT:
            await bench.clock.advance(0.1)
            passed += 0.1
            if bench.trust() is not seen[-1]:
                seen.append(bench.trust())
        assert passed <= 10.0
        assert seen[-1] is Trust.SILENT
        assert (row := bench.row()).fault is not None
        assert row.fault.kind is FaultKind.TIMEOUT
        assert row.nodes_total == 3
        assert bench.trust("b") is Trust.LIVE
        bench.servers["a"].thaw()
        await bench.clock.until(lambda: bench.trust() is Trust.LIVE, within=21.0)
        assert bench.row().fault is None


async def test_a_server_that_answers_as_late_as_it_may_is_live_all_the_time() -> None:
    async with Bench({"a": server()}).running() as bench:
        (reader,) = bench.readers["a"]
        made = bench.servers["a"]
        seen = set()
        while (asked := made.count("readyz")) < 24:  # every other time at once: then the next is the latest
            reader.readyz_after_s = ANSWER_WITHIN_S if asked % 2 else 0.0
            await bench.clock.advance(0.1)
            seen.add(bench.trust())
        assert seen == {Trust.LIVE}


async def test_a_reader_that_never_gives_up_is_given_up() -> None:
    async with Bench({"a": server()}).running() as bench:
        for reader in bench.readers["a"]:
            reader.patience_s = None
        bench.servers["a"].freeze()
        await bench.clock.until(lambda: bench.trust() is Trust.SILENT, within=10.0)
        assert bench.row().fault.word == "no answer"


async def test_a_stopped_server_is_silent_within_seconds_and_back_with_its_changes() -> None:
    async with Bench({"a": server()}).running() as bench:
        bench.servers["a"].stop()
        assert await bench.clock.until(lambda: bench.trust() is Trust.SILENT, within=3.0) <= 3.0
        assert bench.row().fault.kind is FaultKind.REFUSED
        await bench.clock.advance(600.0)
        bench.servers["a"].start()
        bench.servers["a"].put(machine(9))
        await bench.clock.until(lambda: bench.trust() is Trust.LIVE, within=21.0)
        assert bench.row().nodes_total == 4
        assert bench.servers["a"].count("list nodes") == 1


@pytest.mark.parametrize("down_s", range(100, 400, 37))
async def test_feeds_do_not_wait_when_the_server_is_back(down_s: int) -> None:
    async with Bench({"a": server()}).running() as bench:
        made = bench.servers["a"]
        made.stop()
        await bench.clock.advance(float(down_s))
        made.start()
        made.calls.clear()
        await bench.clock.until(lambda: made.count("readyz") > 0, within=21.0)
        await bench.clock.until(lambda: bench.trust() is Trust.LIVE, within=4.0)


async def test_a_dead_start_is_said_within_ten_seconds() -> None:
    made = server()
    made.freeze()
    async with Bench({"a": made}).running() as bench:
        assert bench.trust() is Trust.CONNECTING
        await bench.clock.until(lambda: bench.trust() is Trust.SILENT, within=10.0)
        assert bench.row().fault is not None
        made.thaw()
        await bench.clock.until(lambda: bench.trust() is Trust.LIVE, within=1.0)


async def test_a_refused_start_is_said_at_once() -> None:
    made = server()
    made.down = fault(FaultKind.CREDENTIALS, "login needed")
    async with Bench({"a": made}).running() as bench:
        assert (bench.trust(), bench.row().fault.word) == (Trust.SILENT, "login needed")


async def test_forbidden_pods_leave_the_nodes() -> None:
    made = server(3, pods=2)
    made.failing["list pods"] = fault(FaultKind.FORBIDDEN, "403 pods", what="pods")
    bench = Bench({"a": made})
    bench.fleet.focus_pods(frozenset({"a"}))
    async with bench.running():
        row = bench.row()
        assert (row.trust, row.nodes_total, row.pods_total) == (Trust.LIVE, 3, None)
        assert bench.fleet.feed("a", "pods").fault.word == "403 pods"
        assert health(row) is Health.CALM
        await bench.clock.advance(60.0)
        assert 2 <= made.count("list pods") <= 10
        del made.failing["list pods"]
        await bench.clock.until(lambda: bench.row().pods_total == 2, within=130.0)


async def test_forbidden_nodes_leave_the_pods_and_are_never_green() -> None:
    made = server(3, pods=2)
    made.failing["list nodes"] = fault(FaultKind.FORBIDDEN, "403 nodes", what="nodes")
    bench = Bench({"a": made})
    bench.fleet.focus_pods(frozenset({"a"}))
    async with bench.running():
        row = bench.row()
        assert (row.trust, row.nodes_total, row.pods_total) == (Trust.LIVE, None, 2)
        assert row.fault.word == "403 nodes"
        assert health(row) is Health.UNKNOWN


async def test_a_server_that_keeps_readyz_from_us_has_a_calm_row_while_its_nodes_are_live() -> None:
    made = server(3)
    made.failing["readyz"] = fault(FaultKind.FORBIDDEN, "403 readyz", what="readyz")
    async with Bench({"a": made}).running() as bench:
        await bench.clock.advance(60.0)
        row = bench.row()
        assert (row.trust, row.nodes_total, row.fault) == (Trust.LIVE, 3, None)
        assert bench.fleet.feed("a", "readyz").fault.word == "403 readyz"
        assert health(row) is Health.CALM


async def test_a_cluster_without_control_plane_nodes_has_no_number_of_them() -> None:
    made = server(3)
    made.put(control_plane := machine(7, roles=("control-plane",)))
    async with Bench({"a": made}).running() as bench:
        assert (bench.row().control_plane_ready, bench.row().control_plane_total) == (1, 1)
        made.delete(Kind.MACHINES, control_plane.uid)
        await settle()
        row = bench.row()
        assert (row.nodes_total, row.control_plane_ready, row.control_plane_total) == (3, None, None)


async def test_rights_revoked_in_the_middle_make_old_numbers_stale() -> None:
    async with Bench({"a": server()}).running() as bench:
        made = bench.servers["a"]
        made.failing["list nodes"] = made.failing["watch nodes"] = fault(FaultKind.FORBIDDEN, "403 nodes")
        made.break_watches()
        await bench.clock.advance(2.0)
        assert (bench.trust(), bench.row().nodes_total) == (Trust.STALE, 3)


async def test_expired_credentials_are_retried_slowly_with_a_new_reader() -> None:
    async with Bench({"a": server()}).running() as bench:
        made = bench.servers["a"]
        made.down = fault(FaultKind.UNAUTHORIZED, "token expired")
        await bench.clock.until(lambda: bench.trust() is Trust.SILENT, within=10.0)
        assert bench.row().fault.word == "token expired"
        made.calls.clear()
        await bench.clock.advance(300.0)
        assert 2 <= len(made.calls) <= 12
        made.down = None
        made.put(machine(9))
        made.hanging.add("watch nodes")
        await bench.clock.until(lambda: bench.trust() is not Trust.SILENT, within=121.0)
        assert (bench.trust(), bench.row().nodes_total) == (Trust.STALE, 3)
        await bench.clock.until(lambda: bench.trust() is Trust.LIVE, within=121.0)
        assert len(bench.readers["a"]) > 2
        assert all(reader.closed for reader in bench.readers["a"][:-1])


async def test_connecting_again_tries_at_once() -> None:
    async with Bench({"a": server()}).running() as bench:
        bench.servers["a"].down = fault(FaultKind.CREDENTIALS)
        await bench.clock.until(lambda: bench.trust() is Trust.SILENT, within=10.0)
        await bench.clock.advance(200.0)
        bench.servers["a"].down = None
        bench.fleet.connect(["a"])
        await bench.clock.until(lambda: bench.trust() is Trust.LIVE, within=4.0)


@pytest.mark.parametrize("request_", ["list nodes", "readyz", "identify", "watch nodes"])
async def test_a_defect_is_fenced_in_its_own_row(request_: str) -> None:
    bad, good = server(), server(uid="uid-2")
    bad.failing[request_] = ZeroDivisionError("a bug of ours")
    async with Bench({"a": bad, "b": good}).running() as bench:
        await bench.clock.advance(1.0)
        assert bench.row("a").fault.kind is FaultKind.INTERNAL
        assert "ZeroDivisionError" in bench.row("a").fault.detail
        assert bench.trust("a") is not Trust.LIVE
        assert bench.trust("b") is Trust.LIVE
        await bench.clock.advance(30.0)
        assert bad.count(request_) >= 3
        del bad.failing[request_]
        await bench.clock.until(lambda: bench.trust("a") is Trust.LIVE, within=61.0)


async def test_rows_of_another_cluster_are_refused() -> None:
    lying = server()
    bench = Bench({})
    bench.fleet.add("c", open_reader=lambda: ScriptedReader("b", lying, bench.clock))
    bench.fleet.connect(["c"])
    async with bench.running(connect=False):
        assert bench.row("c").fault.kind is FaultKind.INTERNAL
        assert bench.count("machines") == 0
        assert lying.count("list nodes") == 1


async def test_another_cluster_at_the_same_address_is_a_fault_and_rows_do_not_mix() -> None:
    async with Bench({"a": server(2)}).running() as bench:
        impostor = server(5, uid="uid-other")
        bench.servers["a"].stop()
        await bench.clock.advance(3.0)
        for reader in bench.readers["a"]:
            reader.server = impostor
        bench.servers["a"] = impostor
        await bench.clock.until(lambda: bench.row().fault.kind is FaultKind.IMPOSTOR, within=30.0)
        await bench.clock.advance(120.0)
        assert (bench.trust(), bench.row().nodes_total) == (Trust.SILENT, 2)
        assert impostor.count("list nodes") == 0
        bench.fleet.disconnect(["a"])
        await settle()
        bench.fleet.connect(["a"])
        await settle()
        assert (bench.trust(), bench.row().nodes_total, bench.row().uid) == (Trust.LIVE, 5, "uid-other")
        assert len(bench.names("machines")) == 5


async def test_after_a_stop_of_our_own_nothing_is_live_before_it_answers() -> None:
    bench = Bench({"a": server(), "b": server(uid="uid-2")})
    bench.fleet.focus_pods(frozenset({"b"}))
    async with bench.running():
        seen: list[Trust] = []
        bench.servers["a"].freeze()
        loop = asyncio.get_running_loop()
        subscription = bench.fleet.subscribe("clusters", lambda: loop.call_soon(lambda: seen.append(bench.trust("b"))))
        subscription.take()
        bench.clock.freeze(60.0)
        await bench.clock.advance(0.5)
        assert seen[0] is Trust.STALE
        assert bench.trust("a") is not Trust.LIVE
        await bench.clock.until(lambda: bench.trust("b") is Trust.LIVE, within=4.0)
        assert bench.servers["b"].count("watch nodes") == 2
        assert bench.servers["b"].count("watch pods") == 2


async def test_a_machine_that_slept_is_noticed_by_the_wall_clock() -> None:
    async with Bench({"a": server()}).running() as bench:
        bench.servers["a"].freeze()
        bench.clock.freeze(3600.0, slept=True)
        await bench.clock.advance(0.6)
        assert bench.trust() is not Trust.LIVE


async def test_two_contexts_of_one_cluster_are_one_row_named_by_the_first() -> None:
    made = server(3)
    async with Bench({"b": made, "a": made}).running() as bench:
        await bench.clock.advance(1.0)
        assert bench.names("clusters") == {"b"}
        assert bench.row("b").aliases == ("a",)
        assert made.watching(Kind.MACHINES) == 1
        assert len(bench.names("machines")) == 3
        bench.fleet.disconnect(["b"])
        await bench.clock.advance(1.0)
        assert bench.trust("a") is Trust.LIVE
        assert bench.names("clusters") == {"a", "b"}
        assert bench.trust("b") is Trust.IDLE


async def test_the_first_context_takes_over_from_one_that_answered_sooner() -> None:
    made = server(3)
    bench = Bench({"first": made, "second": made})
    bench.fleet.connect(["second"])
    async with bench.running(connect=False):
        assert bench.names("clusters") == {"first", "second"}
        await bench.clock.advance(1.0)
        bench.fleet.connect(["first"])
        await bench.clock.advance(1.0)
        assert bench.names("clusters") == {"first"}
        assert bench.row("first").aliases == ("second",)
        assert made.watching(Kind.MACHINES) == 1
        assert {row.cluster for row in bench.rows("machines").values()} == {"first"}
        bench.fleet.disconnect(["first"])
        await bench.clock.advance(1.0)
        assert (bench.trust("second"), bench.row("second").nodes_total) == (Trust.LIVE, 3)


async def test_an_alias_of_a_displaced_context_is_the_new_owners() -> None:
    made = server(3)
    bench = Bench({"first": made, "second": made, "third": made})
    bench.fleet.connect(["second", "third"])
    async with bench.running(connect=False):
        assert bench.row("second").aliases == ("third",)
        bench.fleet.connect(["first"])
        await bench.clock.advance(1.0)
        assert bench.row("first").aliases == ("second", "third")
        bench.fleet.disconnect(["first", "second"])
        await bench.clock.advance(1.0)
        assert bench.trust("third") is Trust.LIVE
        assert bench.row("third").aliases == ()


async def test_pods_are_watched_in_focus_only_and_their_numbers_stay_with_their_age() -> None:
    bench = Bench({"a": server(1, pods=4)})
    made = bench.servers["a"]
    async with bench.running():
        assert (bench.row().pods_total, made.watching(Kind.PODS)) == (None, 0)
        bench.fleet.focus_pods(frozenset({"a"}))
        await settle()
        assert (bench.row().pods_ready, bench.row().pods_total, made.watching(Kind.PODS)) == (4, 4, 1)
        bench.fleet.focus_pods(frozenset())
        await bench.clock.advance(20.0)
        assert made.watching(Kind.PODS) == 1
        await bench.clock.advance(20.0)
        assert made.watching(Kind.PODS) == 0
        assert bench.names("pods") == set()
        row = bench.row()
        assert (row.pods_ready, row.pods_total, row.trust) == (4, 4, Trust.LIVE)
        age = bench.clock.now() - row.pods_at
        assert 5.0 <= age <= 20.0
        made.put(pod(99))
        bench.fleet.focus_pods(frozenset({"a"}))
        await settle()
        assert bench.row().pods_total == 5


async def test_a_dead_and_hanging_third_of_the_fleet_does_not_delay_the_start() -> None:
    async def first_rows(bad: int, *, hanging: bool = True) -> tuple[float, int]:
        servers = {f"c{number:03}": server(2, uid=f"uid-{number}") for number in range(150)}
        for number in range(bad):
            made = servers[f"c{number:03}"]
            if number % 2 and hanging:
                made.freeze()
            else:
                made.down = fault(FaultKind.REFUSED)
        async with Bench(servers).running() as bench:
            alive = [name for number, name in enumerate(servers) if number >= bad]
            took = await bench.clock.until(lambda: all(bench.trust(name) is Trust.LIVE for name in alive), within=5.0)
            return took, bench.count("machines")

    assert await first_rows(0) == (0.0, 300)
    assert await first_rows(30, hanging=False) == (0.0, 240)
    took, rows = await first_rows(30)
    assert took <= 0.25
    assert rows == 240


async def test_describe_reads_the_object_now() -> None:
    async with Bench({"a": server(1, pods=1)}).running() as bench:
        text = await bench.fleet.describe(pod(0, cluster="a"))
        assert "namespace: shop" in text
        assert "name: wk-0" in await bench.fleet.describe(machine(0, cluster="a"))


async def test_details_are_read_now_and_only_from_a_connected_cluster() -> None:
    async with Bench({"a": server(1, pods=1)}).running() as bench:
        of_pod = await bench.fleet.details(pod(0, cluster="a"))
        assert isinstance(of_pod, PodDetails)
        assert (of_pod.pod.namespace, of_pod.pod.name) == ("shop", "web-0")
        of_node = await bench.fleet.details(machine(0, cluster="a"))
        assert isinstance(of_node, MachineDetails)
        assert of_node.node.name == "wk-0"
        bench.fleet.disconnect(["a"])
        await bench.clock.advance(1.0)
        with pytest.raises(ClusterError, match="not connected"):
            await bench.fleet.details(machine(0, cluster="a"))


async def test_the_version_follows_an_upgrade_without_a_break() -> None:
    async with Bench({"a": server()}).running() as bench:
        bench.servers["a"].version = "v1.37.0"
        await bench.clock.until(lambda: bench.row().version == "v1.37.0", within=66.0)
        assert [entry.field for entry in bench.fleet.history(0.0)] == ["version"]


async def test_connecting_again_waits_for_the_end_of_the_connection_before() -> None:
    async with Bench({"a": server()}).running() as bench:
        reader = bench.readers["a"][0]

        async def slowly() -> None:
            await bench.clock.sleep(1.0)
            reader.closed = True

        reader.close = slowly  # type: ignore[method-assign]
        bench.fleet.disconnect(["a"])
        bench.fleet.connect(["a"])
        await bench.clock.advance(0.9)
        assert len(bench.readers["a"]) == 1
        await bench.clock.advance(0.2)
        assert (len(bench.readers["a"]), reader.closed, bench.trust()) == (2, True, Trust.LIVE)


async def test_disconnecting_keeps_what_was_known_and_closes_the_reader() -> None:
    async with Bench({"a": server()}).running() as bench:
        bench.fleet.disconnect(["a"])
        await settle()
        row = bench.row()
        assert (row.trust, row.nodes_total, row.feeds, row.fault) == (Trust.IDLE, 3, (), None)
        assert all(reader.closed for reader in bench.readers["a"])
        assert bench.servers["a"].open == []
        calls = len(bench.servers["a"].calls)
        await bench.clock.advance(60.0)
        assert len(bench.servers["a"].calls) == calls


async def test_the_row_says_what_is_under_way_on_its_cluster_and_no_other() -> None:
    async with Bench({"a": server(3), "b": server(3)}).running() as bench:
        await bench.clock.advance(1.0)
        work = Work("op-1", "drain", "ana", cluster="a", uid=bench.row("a").uid, total=2)
        changes = bench.fleet.subscribe("clusters")
        changes.take()

        bench.fleet.tell_work((work,))
        assert bench.row("a").works == (work,)
        assert bench.row("b").works == ()
        assert [row_id for row_id, _ in changes.take().upserts] == ["a"]

        bench.fleet.tell_work(())
        assert bench.row("a").works == ()


async def test_work_of_an_earlier_run_is_not_recalled(tmp_path: Path) -> None:
    async with Bench({"a": server(3)}, cache_file=tmp_path / "picture").running() as bench:
        await bench.clock.advance(1.0)
        bench.fleet.tell_work((Work("op-1", "drain", "ana", cluster="a"),))
    later = Bench({"a": server(3)}, cache_file=tmp_path / "picture")
    later.fleet.load_cache()

    assert later.row("a").nodes_total == 3
    assert later.row("a").works == ()
