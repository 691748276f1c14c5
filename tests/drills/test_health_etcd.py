"""Drills on a real etcd: what befalls a member is on the screen and in plain output with its verdict and its host.

The same three members are asked directly (the cluster ``direct``) and scraped (``eu-1``), so that each fault is met
once and seen on both ways. The slow disk is made by strace, which holds back fdatasync (tests/bed/slow_disk.py).
"""

import asyncio
import re
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fleetui.console.glyphs import UNICODE
from fleetui.console.views import View
from fleetui.observe.etcd_poll import EVERY_S, PACES_EVERY_S
from fleetui.observe.sources import FASTEST_S
from tests.bed.etcd_members import EtcdMembers
from tests.bed.health_bed import CLUSTER as SCRAPED
from tests.bed.named_bed import NamedBed
from tests.bed.plain_http import NO_ANSWER, HttpError
from tests.bed.slow_disk import SlowDisk
from tests.drills.delays import SLACK, Bound, told
from tests.drills.health_scene import Scene, Screen, etcd_config, found_of, kubeconfig

pytestmark = [pytest.mark.drill, pytest.mark.xdist_group("health"), pytest.mark.timeout(180)]

DIRECT = "direct"
SCRAPE_S = 1.0
POLL = Bound(1, "poll", EVERY_S)
PACES = Bound(1, "poll", PACES_EVERY_S)
"""Of the members' own metrics, which are read more seldom than their status."""
GAUGE = Bound(1, "scrape", SCRAPE_S, more_s=FASTEST_S, more="an asking")
RATE = Bound(4, "scrape", SCRAPE_S, more_s=FASTEST_S, more="an asking")

TURN_S = 0.5
"""The inspector follows a cursor that rests."""
BROKEN = UNICODE.broken

Holds = Callable[[str], object]
"""Of the words of a row."""


@dataclass
class Drill:
    """One fault: what is done, and what each way must then say."""

    etcd: EtcdMembers
    scene: Scene
    screen: Screen
    _turned: float = 0.0
    """When the cursor was last put on another row."""

    async def shows(self, name: str, since: float, ways: Mapping[str, tuple[Holds, Bound]]) -> None:
        """Each way is right within its bound of ``since``, which is monotonic: its row, or the inspector. Of two
        warnings one alone has the cell, and a busy machine brings its own."""
        longest = max(bound.seconds for _, bound in ways.values())
        wanted = {way: self._holds(way, holds) for way, (holds, _) in ways.items()}
        found = await self.screen.delays(wanted, since=since, within_s=SLACK * longest)
        for way, (_, bound) in ways.items():
            told(name, "direct" if way == DIRECT else "scraped", self.screen.verdict(way), found[way], bound)

    def _holds(self, way: str, holds: Holds) -> Callable[[], object]:
        def look() -> object:
            if holds(self.screen.line(way)) or holds(self.screen.inspector(way)):
                return True
            now = time.monotonic()
            if not self.screen.inspector(way) and now - self._turned > TURN_S:
                self._turned = now
                self.screen.go_to(way)
            return False

        return look

    async def inspected(self, way: str, *words: str) -> None:
        """The inspector says all of it of that row."""
        assert self.screen.go_to(way)
        await self.screen.until(lambda: all(word in self.screen.inspector(way) for word in words), f"{way}: {words}")

    async def printed(self) -> dict[str, dict[str, Any]]:
        return await self.scene.rows("etcd")


WHOLE_S = 180.0
"""Whom the members know is asked once a minute: after a drill with a member more, a new screen knows of four."""


@pytest.fixture
async def drill(named_bed: NamedBed, tmp_path: Path) -> AsyncIterator[Drill]:
    pair = (("a", named_bed.prometheis.a), ("b", named_bed.prometheis.b))
    config = {
        "metrics": {name: {"url": one.url, "clusters": [SCRAPED]} for name, one in pair},
        "clusters": {DIRECT: {"etcd": etcd_config(named_bed.etcd)}},
    }
    scene = Scene.of(tmp_path, config, kubeconfig([DIRECT, SCRAPED]))
    async with scene.console(View("etcd")) as screen:
        for way in (DIRECT, SCRAPED):
            await screen.until(lambda way=way: "3/3" in screen.line(way), f"{way} is whole", within_s=WHOLE_S)
        yield Drill(named_bed.etcd, scene, screen)


def says(*words: str) -> Holds:
    return lambda line: all(word in line for word in words)


def unseen(line: str) -> bool:
    """A failed scrape says that the scraper does not reach a member, never that it is dead: what is left has a leader
    still, or none any more."""
    return BROKEN in line and ("1 of 3 seen" in line or "no leader" in line)


async def begun(act: Callable[..., object], *arguments: object) -> float:
    """Does it, and says when it was done."""
    await asyncio.to_thread(act, *arguments)
    return time.monotonic()


@contextmanager
def writing(etcd: EtcdMembers) -> Iterator[None]:
    """Somebody writes a small key to the leader about every 20 ms, errors or not."""
    ended, leader = threading.Event(), etcd.leader()

    def write() -> None:
        while not ended.wait(0.02):
            with suppress(HttpError, *NO_ANSWER):
                etcd.put("load", member=leader)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        ended.set()
        writer.join()


@contextmanager
def stuck_log(etcd: EtcdMembers, name: str) -> Iterator[None]:
    """The member's log takes half a minute for each sync."""
    (log,) = (etcd.folder / name / "member" / "wal").glob("*.wal")
    slow = SlowDisk(etcd.process(name).pid, 30, etcd.folder / f"stuck-{name}.log", only=log)
    try:
        yield
    finally:
        slow.close()


def follower(etcd: EtcdMembers) -> str:
    return next(name for name in etcd.members if name not in (etcd.leader(), "m1"))


async def test_a_killed_member(drill: Drill) -> None:
    victim = await asyncio.to_thread(follower, drill.etcd)
    since = await begun(drill.etcd.kill, victim)
    thin = says("2/3", "+0")
    await drill.shows("one member of three killed", since, {DIRECT: (thin, POLL), SCRAPED: (thin, GAUGE)})
    for way in (DIRECT, SCRAPED):
        await drill.inspected(way, "next loss fatal", victim)
        assert drill.screen.styled(way, "ok") == []
    rows = await drill.printed()
    for row in rows.values():
        assert (row["health"] in ("warning", "broken"), row["canLose"], row["quorumLost"]) == (True, 0, False)
        assert found_of(row, "2/3 up, next loss fatal") == [victim]


async def test_a_lost_quorum(drill: Drill) -> None:
    for name in ("m2", "m3"):
        since = await begun(drill.etcd.kill, name)
    ways = {DIRECT: (says("quorum lost", "lost"), POLL), SCRAPED: (unseen, GAUGE)}
    await drill.shows("two members of three killed", since, ways)
    for way in ways:
        await drill.inspected(way, "m2", "m3")
        assert drill.screen.styled(way, "danger")
    rows = await drill.printed()
    assert (rows[DIRECT]["state"], rows[DIRECT]["quorumLost"]) == ("quorum lost", True)
    assert rows[DIRECT]["badHosts"] == ["m2", "m3"]
    assert rows[SCRAPED]["canLose"] < 0
    assert {"m2", "m3"} <= set(rows[SCRAPED]["badHosts"])
    assert {row["health"] for row in rows.values()} == {"broken"}


async def test_a_full_database(drill: Drill) -> None:
    since = await begun(drill.etcd.fill)
    full = says("NOSPACE")
    await drill.shows("NOSPACE", since, {DIRECT: (full, POLL), SCRAPED: (full, GAUGE)})
    raised = {member for member, _ in await asyncio.to_thread(drill.etcd.alarms)}
    names = [name for name in drill.etcd.members if await asyncio.to_thread(drill.etcd.member_id, name) in raised]
    rows = await drill.printed()
    await drill.inspected(DIRECT, "a restart does not help")
    await drill.inspected(SCRAPED, "the metric counts activations")  # which is all that a metric can tell
    for row in rows.values():
        assert (row["health"], row["alarms"]) == ("broken", ["NOSPACE"])
        assert set(row["badHosts"]) & set(names)


async def test_a_slow_disk(drill: Drill) -> None:
    """150 ms more for each fdatasync of one follower, while somebody writes."""
    slow = await asyncio.to_thread(follower, drill.etcd)
    late = says("fsync", BROKEN)
    with drill.etcd.slow_disk(slow, 0.15), writing(drill.etcd):
        ways = {DIRECT: (late, PACES), SCRAPED: (late, RATE)}
        await drill.shows("slow disk (fdatasync + 150 ms)", time.monotonic(), ways)
        for way in ways:
            await drill.inspected(way, f"WAL fsync p99 of {slow}", f"look at {slow}")
        row = (await drill.printed())[SCRAPED]
    assert (row["health"], row["badHosts"]) == ("broken", [slow])
    assert row["fsyncP99Seconds"] > 0.1


async def test_a_learner_that_never_came_and_one_that_is_stuck(drill: Drill) -> None:
    """Stuck: its log takes longer to sync than two looks are apart, while somebody writes. Of its database no sync is
    held back: it would answer nobody meanwhile."""
    since = await begun(lambda: drill.etcd.add_learner("absent", start=False))
    await drill.shows("learner added and never started", since, {DIRECT: (says("has never started"), POLL)})
    row = (await drill.printed())[DIRECT]
    assert (row["health"] in ("warning", "broken"), row["canLose"]) == (True, 1)
    told_of = next(found for found in row["findings"] if found["word"] == "learner not started")
    assert drill.etcd.members["absent"].peer_url in told_of["detail"], "it has no name yet"

    await asyncio.to_thread(drill.etcd.remove, "absent")
    await asyncio.to_thread(drill.etcd.add_learner, "late")
    with stuck_log(drill.etcd, "late"), writing(drill.etcd):
        two = Bound(2, "poll", EVERY_S)
        ways = {DIRECT: (says("the learner late has applied nothing"), two)}
        await drill.shows("learner stuck (fdatasync of its log + 30 s)", time.monotonic(), ways)


async def test_a_flapping_leader(drill: Drill, named_bed: NamedBed) -> None:
    """Elections of other drills are in the quarter of an hour too."""
    moves, changes = 5, "max(increase(etcd_server_leader_changes_seen_total[15m]))"
    before = await asyncio.to_thread(named_bed.prometheis.a.value, changes) or 0.0

    def flap() -> None:
        for _ in range(moves):
            drill.etcd.move_leader(next(name for name in drill.etcd.members if name != drill.etcd.leader()))

    def counted(line: str) -> bool:
        found = re.search(r"leaders ([\d.]+)|leader changes in 15 min of m\d: ([\d.]+)", line)
        return found is not None and float(found[1] or found[2].rstrip(".")) >= before + moves - 0.5

    def flapping(text: str) -> bool:
        return f"{moves} leader changes" in text or f"{moves} leaders in 15 minutes" in text

    since = await begun(flap)
    ways = {DIRECT: (flapping, POLL), SCRAPED: (counted, RATE)}
    await drill.shows(f"leader flapping ({moves} moves)", since, ways)
    row = (await drill.printed())[SCRAPED]
    assert row["health"] in ("warning", "broken")
    assert any(found["detail"].startswith("leader changes in 15 min of m") for found in row["findings"])
