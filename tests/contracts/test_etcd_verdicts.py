"""Drills: what happens to a member is told by the very next look, with the right word and the right host."""

import asyncio
from collections.abc import Callable

from fleetui.clients.etcd.members import EtcdMembers as Client
from fleetui.clients.system import SystemClock
from fleetui.model.cluster import Health
from fleetui.model.health.etcd import Member, Picture
from fleetui.model.health.etcd_course import Course
from fleetui.model.health.etcd_finding import About
from fleetui.model.health.etcd_pace import Counters
from fleetui.model.health.etcd_quorum import Step, guard
from fleetui.model.health.etcd_steps import may_defragment, may_disarm, may_move_leader
from fleetui.model.health.etcd_verdict import Verdict, verdict
from fleetui.ports.ended import Ended
from tests.bed.etcd_members import EtcdMembers
from tests.contracts.etcd_worlds import EtcdWorld, RealWorld, open_world

PERIOD_S = 5.0
NOW = SystemClock().now


class Watcher:
    """Looks again and again, as observe will, and judges each look against the one before."""

    def __init__(self, members: Client) -> None:
        self._members = members
        self.before: Picture | None = None
        self.picture: Picture | None = None

    async def told(self) -> Verdict:
        self.before, self.picture = self.picture, await self._members.look()
        return verdict(self.picture, self.before, at=NOW(), period_s=PERIOD_S)

    async def until(self, wanted: Callable[[Verdict], bool]) -> Verdict:
        async with asyncio.timeout(60):
            while not wanted(found := await self.told()):  # noqa: ASYNC110 - another process, no event
                await asyncio.sleep(0.2)
        return found


async def watching(members: Client) -> Watcher:
    """Who begins with a cluster that is well; on a busy machine a member may be late with its first answer."""
    watcher = Watcher(members)
    await watcher.until(lambda found: (found.level, found.word, found.findings) == (Health.CALM, "can lose 1", ()))
    return watcher


async def test_a_dead_follower(etcd: EtcdWorld, members: Client) -> None:
    watcher = await watching(members)
    follower = next(member.name for member in _members(watcher) if not member.leads)
    await etcd.kill(follower)
    told = await watcher.told()
    assert (told.level, told.word, told.bad) == (Health.WARNING, "2/3 up, next loss fatal", (follower,))
    assert [finding.about for finding in told.findings] == [About.NO_MARGIN, About.MEMBER_DOWN]
    assert watcher.picture is not None
    for member in _members(watcher):
        ruling = guard(watcher.picture, member.id, Step.STOP, now=NOW())
        assert ruling.allowed is (member.name == follower)
    assert not may_defragment(watcher.picture, now=NOW()).allowed


async def test_a_dead_leader(etcd: EtcdWorld, members: Client) -> None:
    watcher = await watching(members)
    leader = await etcd.leader()
    await etcd.kill(leader)
    told = await watcher.told()
    assert (told.level, told.bad) == (Health.WARNING, (leader,))
    # Another leads within seconds, and nothing else changes.
    await watcher.until(lambda _: _leader(watcher) not in ("", leader))
    assert (await watcher.told()).word == "2/3 up, next loss fatal"


async def test_two_dead_members_are_a_lost_quorum_at_once(etcd: EtcdWorld, members: Client) -> None:
    watcher = await watching(members)
    await etcd.kill("m2")
    await etcd.kill("m3")
    told = await watcher.told()
    assert (told.level, told.word, told.bad) == (Health.BROKEN, "quorum lost", ("m2", "m3"))
    assert told.margin is not None
    assert (told.margin.up, told.margin.down) in ((1, 2), (0, 2))  # it may still name the leader that died
    assert watcher.picture is not None
    m2 = next(member.id for member in _members(watcher) if member.name == "m2")
    for step in Step:
        assert not guard(watcher.picture, m2, step, now=NOW()).allowed
    assert not may_defragment(watcher.picture, now=NOW()).allowed
    assert not may_move_leader(watcher.picture, m2, now=NOW()).allowed


async def test_two_hanging_members_are_never_well(etcd: EtcdWorld, members: Client) -> None:
    """Nothing refuses: it might be our way to them, until the third says that it has no leader either."""
    watcher = await watching(members)
    frozen = tuple(member.name for member in _members(watcher) if not member.leads)
    for name in frozen:
        await etcd.freeze(name)
    told = await watcher.told()
    assert told.level is Health.BROKEN
    assert told.bad == frozen
    lost = await watcher.until(lambda verdict: verdict.margin is not None and verdict.margin.leaderless == 1)
    assert (lost.word, lost.level, lost.bad) == ("no quorum seen", Health.BROKEN, frozen)
    for name in frozen:
        await etcd.thaw(name)
    well = await watcher.until(lambda verdict: verdict.level is Health.CALM)
    assert well.word == "can lose 1"


async def test_a_full_database(etcd: EtcdWorld, members: Client) -> None:
    watcher = await watching(members)
    await etcd.fill()
    told = await watcher.told()
    assert watcher.picture is not None
    raised = {watcher.picture.host_of(alarm.member) for alarm in watcher.picture.alarms}
    assert (told.level, told.word) == (Health.BROKEN, "NOSPACE")
    assert set(told.bad) & raised == set(told.bad) != set(), "others may raise it a moment later"
    alarm = watcher.picture.alarms[0]
    assert not may_disarm(watcher.picture, alarm.kind, now=NOW()).allowed
    assert may_defragment(watcher.picture, now=NOW()).allowed


async def test_corruption_stands_above_a_full_database(etcd: EtcdWorld, members: Client) -> None:
    watcher = await watching(members)
    await etcd.fill()
    await etcd.corrupt("m3")
    told = await watcher.told()
    assert (told.level, told.word, told.bad) == (Health.BROKEN, "CORRUPT", ("m3",))
    assert watcher.picture is not None
    assert not may_defragment(watcher.picture, now=NOW()).allowed


async def test_a_learner_that_never_came(etcd: EtcdWorld, members: Client) -> None:
    watcher = await watching(members)
    await etcd.add_learner("late", start=False)
    told = await watcher.told()
    assert (told.level, told.word) == (Health.WARNING, "learner not started")
    assert told.margin is not None
    assert (told.margin.voters, told.margin.can_lose) == (3, 1)
    assert watcher.picture is not None
    m1 = next(member.id for member in _members(watcher) if member.name == "m1")
    assert "joining" in guard(watcher.picture, m1, Step.STOP, now=NOW()).reason


def _members(watcher: Watcher) -> tuple[Member, ...]:
    assert watcher.picture is not None
    return watcher.picture.members


def _leader(watcher: Watcher) -> str:
    """As its own and the others' word has it."""
    assert watcher.picture is not None
    return watcher.picture.leader.name if watcher.picture.leader else ""


async def test_a_slow_disk_names_its_host(etcd_members: EtcdMembers) -> None:
    """fdatasync held back by 150 ms with strace on one member; two looks at the metrics with writes between tell it.
    Again where the machine's own disk kept another member still longer."""
    world = RealWorld(etcd_members)
    members = open_world(world)
    try:
        course = Course().after(await members.look())
        slow = next(member for member in _seen(course) if not member.leads)
        with etcd_members.slow_disk(slow.name, 0.15):
            async with asyncio.timeout(60):
                while (told := await _judged(members, world, slow, course)).bad != (slow.name,):
                    pass
    finally:
        await members.close()
    slowest = next(finding for finding in told.findings if finding.about is About.SLOW_DISK)
    assert (told.level, slowest.level, slowest.hosts) == (Health.BROKEN, Health.BROKEN, (slow.name,))


async def _judged(members: Client, world: RealWorld, slow: Member, course: Course) -> Verdict:
    """After two looks at the metrics with writes between."""
    course = course.measured(await members.counters())
    for _ in range(20):
        assert await world.put()
    await _fsynced(members, slow.id, course)
    told = course.after(await members.look()).measured(await members.counters()).verdict(at=NOW(), period_s=PERIOD_S)
    assert told is not None
    return told


async def test_a_flapping_leader_is_counted(etcd_members: EtcdMembers) -> None:
    world = RealWorld(etcd_members)
    members = open_world(world)
    try:
        course = Course().after(await members.look())
        for _ in range(4):
            target = next(member for member in _seen(course) if not member.leads)
            assert (await members.move_leader(target.id)).ended is Ended.DONE
            course = course.after(await members.look())
        told = course.verdict(at=NOW(), period_s=PERIOD_S)
    finally:
        await members.close()
    assert told is not None
    assert About.FLAPPING in {finding.about for finding in told.findings}
    assert told.level is Health.WARNING


async def _fsynced(members: Client, member: str, course: Course) -> None:
    """The slow member is behind the others: wait until it has synced some of the writes."""
    before = course.counters[member]
    async with asyncio.timeout(60):
        while True:
            now = (await members.counters())[member]
            if isinstance(now, Counters) and now.fsync[-1][1] - before.fsync[-1][1] >= 3:
                return
            await asyncio.sleep(0.1)


def _seen(course: Course) -> tuple[Member, ...]:
    assert course.picture is not None
    return course.picture.members
