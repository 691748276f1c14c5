"""The last known picture: at once on the screen with its age, replaced by what is live, never a reason to fail."""

import random
import stat
from pathlib import Path

import msgspec
import pytest

from fleetui.model.cluster import Cluster, Tags
from fleetui.model.freshness import Source, Trust
from fleetui.observe import cache
from fleetui.observe.fleet import Fleet
from fleetui.ports.reader import Kind
from tests.observe.fleets import Bench, machine, server
from tests.observe.scripted import ScriptedReader, Server
from tests.observe.virtual_clock import VirtualClock, settle


async def picture(path: Path, *servers: tuple[str, Server]) -> VirtualClock:
    """A session that has seen these clusters and ended."""
    bench = Bench(dict(servers), cache_file=path)
    async with bench.running():
        await bench.clock.advance(1.0)
    return bench.clock


async def test_the_next_session_shows_it_before_anything_connects(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "picture.msgpack"
    clock = await picture(path, ("a", server(3)), ("b", server(2, uid="uid-2")))
    bench = Bench({"a": server(), "b": server(uid="uid-2")}, cache_file=path)
    bench.fleet.load_cache()
    bench.fleet.connect(["a"])
    row = bench.row("a")
    assert (row.trust, row.source, row.nodes_total, row.version) == (Trust.CONNECTING, Source.CACHED, 3, "v1.36.3")
    assert row.last_contact is not None
    assert row.last_contact <= clock.now()
    assert (bench.trust("b"), bench.row("b").nodes_total) == (Trust.IDLE, 2)
    assert bench.servers["a"].calls == []


async def test_cached_machines_come_with_the_run_and_live_ones_replace_them(tmp_path: Path) -> None:
    path = tmp_path / "picture.msgpack"
    old = server(3)
    await picture(path, ("a", old))
    new = server(2)
    new.put(machine(9, "NotReady"))
    new.hanging.add("list nodes")
    bench = Bench({"a": new}, cache_file=path)
    bench.fleet.load_cache()
    async with bench.running():
        assert bench.names("machines") == {"wk-0", "wk-1", "wk-2"}
        assert (bench.row().source, bench.trust(), bench.row().nodes_total) == (Source.CACHED, Trust.CONNECTING, 3)
        assert bench.fleet.feed("a", "nodes").source is Source.CACHED
        new.hanging.clear()
        await bench.clock.until(lambda: bench.row().source is Source.PUSHED, within=70.0)
        assert bench.names("machines") == {"wk-0", "wk-1", "wk-9"}
        assert bench.row().nodes_total == 3
        assert bench.row().not_ready == 1
        assert [entry for entry in bench.fleet.history(0.0) if entry.kind == "machine"] == []


async def test_cached_rows_of_another_cluster_do_not_mix_with_live_ones(tmp_path: Path) -> None:
    path = tmp_path / "picture.msgpack"
    await picture(path, ("a", server(5)))
    rebuilt = server(2, uid="rebuilt")
    rebuilt.hanging.add("list nodes")
    bench = Bench({"a": rebuilt}, cache_file=path)
    bench.fleet.load_cache()
    async with bench.running():
        assert (bench.row().uid, bench.row().nodes_total, bench.count("machines")) == ("rebuilt", None, 0)
        rebuilt.hanging.clear()
        await bench.clock.advance(90.0)
        assert (bench.row().uid, bench.row().nodes_total, bench.count("machines")) == ("rebuilt", 2, 2)


async def test_clusters_that_are_no_longer_configured_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "picture.msgpack"
    await picture(path, ("a", server(2)), ("gone", server(2, uid="uid-2")))
    bench = Bench({"a": server(2)}, cache_file=path)
    bench.fleet.load_cache()
    async with bench.running(connect=False):
        assert bench.names("clusters") == {"a"}
        assert {row.cluster for row in bench.rows("machines").values()} == {"a"}


def many(path: Path, count: int) -> None:
    rows = [machine(number, "Unknown", cluster="a") for number in range(count)]
    cache.save(path, at=1.0, clusters=[Cluster(name="a", uid="uid-1", nodes_total=count)], machines={"a": rows})


async def test_a_live_list_that_overtakes_the_cached_rows_ends_them(tmp_path: Path) -> None:
    path = tmp_path / "picture.msgpack"
    many(path, 20_000)
    bench = Bench({"a": server(2)}, cache_file=path)
    bench.fleet.load_cache()
    async with bench.running():
        assert bench.names("machines") == {"wk-0", "wk-1"}
        assert bench.row().nodes_total == 2


async def test_a_cached_row_never_replaces_a_live_one(tmp_path: Path) -> None:
    path = tmp_path / "picture.msgpack"
    many(path, 20_000)
    made = Server(page_size=1)
    made.put(machine(19_999, "Ready"))
    made.put(machine(1))
    made.between_pages = made.freeze
    bench = Bench({"a": made}, cache_file=path)
    bench.fleet.load_cache()
    async with bench.running():
        shown = bench.rows("machines")
        assert len(shown) == 20_000
        assert (shown["a/node-19999"].status, shown["a/node-19998"].status) == ("Ready", "Unknown")


async def test_tags_are_the_present_configurations(tmp_path: Path) -> None:
    path = tmp_path / "picture.msgpack"
    await picture(path, ("a", server(2)))
    clock = VirtualClock()
    fleet = Fleet(clock=clock, chance=random.Random(1), cache_file=path)
    fleet.add("a", open_reader=lambda: ScriptedReader("a", server(), clock), tags=Tags(environment="prod"), context="c")
    fleet.load_cache()
    assert (fleet.cluster("a").tags.environment, fleet.cluster("a").context) == ("prod", "c")


async def test_it_is_written_regularly_and_only_when_something_changed(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "picture.msgpack"
    saved: list[int] = []
    bench = Bench({"a": server(2)}, cache_file=path)
    monkeypatch.setattr("fleetui.observe.memory.asyncio.to_thread", _at_once(saved))
    async with bench.running():
        bench.servers["a"].hanging.add("readyz")
        await bench.clock.advance(31.0)
        assert len(saved) == 1
        assert cache.load(path).clusters[0].nodes_total == 2
        bench.fleet.disconnect(["a"])
        await bench.clock.advance(31.0)
        assert len(saved) == 2
        await bench.clock.advance(300.0)
        assert len(saved) == 2


def _at_once(saved: list[int]):
    async def run(work) -> None:
        saved.append(1)
        work()

    return run


def test_the_file_is_its_owners_alone_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "picture.msgpack"
    for _ in range(2):
        cache.save(path, at=1.0, clusters=[Cluster(name="a")], machines={"a": [machine(1, cluster="a")]})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["picture.msgpack"]


def test_a_failed_write_keeps_the_last_file(tmp_path: Path) -> None:
    path = tmp_path / "picture.msgpack"
    cache.save(path, at=1.0, clusters=[], machines={})
    before = path.read_bytes()

    def failing():
        yield machine(1)
        raise MemoryError

    with pytest.raises(MemoryError):
        cache.save(path, at=2.0, clusters=[], machines={"a": failing()})
    assert path.read_bytes() == before


def test_machines_come_back_as_they_were_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "picture.msgpack"
    rows = [
        machine(
            number, cluster="a", roles=("control-plane",), labels=(("zone", "b"),), created=1.5, resource_version="7"
        )
        for number in range(1_201)
    ]
    cache.save(path, at=1.0, clusters=[], machines={"a": rows, "empty": []})
    last = cache.load(path)
    pieces = list(last.machines("a"))
    assert [len(piece) for piece in pieces] == [500, 500, 201]
    assert [row for piece in pieces for row in piece] == rows
    assert list(last.machines("empty")) == list(last.machines("unknown")) == []


def test_a_picture_that_grows_too_large_keeps_its_clusters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LIMIT", 10_000)
    path = tmp_path / "picture.msgpack"
    rows = {"small": [machine(1, cluster="small")], "huge": [machine(n, cluster="huge") for n in range(1_000)]}
    cache.save(path, at=1.0, clusters=[Cluster(name="small"), Cluster(name="huge")], machines=rows)
    last = cache.load(path)
    assert [row.name for row in last.clusters] == ["small", "huge"]
    assert set(last.pieces) == {"small"}
    assert path.stat().st_size < 12_000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x94",
        b"not a picture at all",
        msgspec.msgpack.encode([cache.FORMAT + 1, 0.0, [], {}]),
        msgspec.msgpack.encode([cache.FORMAT, "when", [], {}]),
        msgspec.msgpack.encode([cache.FORMAT, 0.0, [{"name": 7}], {}]),
        msgspec.msgpack.encode({"format": 1}),
    ],
)
async def test_a_foreign_or_broken_file_is_a_note(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "picture.msgpack"
    path.write_bytes(content)
    bench = Bench({"a": server(1)}, cache_file=path)
    bench.fleet.load_cache()
    assert len(bench.fleet.notes) == 1
    assert "last known picture" in bench.fleet.notes[0]
    async with bench.running():
        assert bench.trust() is Trust.LIVE


@pytest.mark.parametrize("seed", range(60))
async def test_damage_anywhere_never_stops_the_session(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "picture.msgpack"
    await picture(path, ("a", server(3)))
    chance = random.Random(seed)
    data = bytearray(path.read_bytes())
    if seed % 2:
        del data[chance.randrange(len(data)) :]
    else:
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    path.write_bytes(data)
    made = server(3)
    made.hanging.add("list nodes")
    bench = Bench({"a": made}, cache_file=path)
    bench.fleet.load_cache()
    async with bench.running():
        made.hanging.clear()
        made.put(machine(7))
        await bench.clock.until(lambda: bench.trust() is Trust.LIVE, within=70.0)
        assert set(bench.rows("machines")) == {f"a/{uid}" for uid in made.objects[Kind.MACHINES]}


async def test_a_place_that_cannot_be_written_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    bench = Bench({"a": server(1)}, cache_file=tmp_path / "file" / "picture.msgpack")
    bench.fleet.load_cache()
    async with bench.running():
        await settle()
    assert any("not saved" in note for note in bench.fleet.notes)
