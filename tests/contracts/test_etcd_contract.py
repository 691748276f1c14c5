"""What a look at etcd's members tells and how each action ends: real members of two generations and simulated ones
alike."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from fleetui.clients.etcd.members import EtcdMembers as Client
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.health.etcd import AlarmKind, Picture
from fleetui.model.health.etcd_pace import Counters, pace
from fleetui.model.health.etcd_space import fullness
from fleetui.ports.ended import Ended
from fleetui.ports.etcd import SnapshotError
from tests.contracts.etcd_worlds import QUOTA, EtcdWorld

T = TypeVar("T")


def ids(picture: Picture) -> dict[str, str]:
    return {member.name: member.id for member in picture.members}


async def ask_until(ask: Callable[[], Awaitable[T]], wanted: Callable[[T], bool]) -> T:
    """An answer that is as wanted: what happens to one member takes the others a moment to notice, and what is
    acknowledged is not yet applied by all."""
    async with asyncio.timeout(60):
        while not wanted(answer := await ask()):  # noqa: ASYNC110 - another process, no event
            await asyncio.sleep(0.05)
    return answer


def answering(picture: Picture) -> list[bool]:
    return [member.answers for member in picture.members]


async def look_until(members: Client, wanted: Callable[[Picture], bool]) -> Picture:
    return await ask_until(members.look, wanted)


def committed(counters: dict[str, Counters | Fault]) -> dict[str, float]:
    """Entries of the log by member, of those whose counters came and tell it."""
    said = {member: each.committed for member, each in counters.items() if isinstance(each, Counters)}
    return {member: count for member, count in said.items() if count is not None}


async def test_one_endpoint_leads_to_every_member(etcd: EtcdWorld, members: Client) -> None:
    picture = await look_until(members, lambda now: all(answering(now)))
    assert [member.name for member in picture.members] == ["m1", "m2", "m3"]
    assert len({member.endpoint for member in picture.members}) == 3
    assert picture.leader is not None
    assert picture.leader.name == await etcd.leader()
    assert (picture.alarms, picture.split, picture.strangers, picture.why) == ((), (), (), "")


async def test_a_status_tells_what_a_board_shows(members: Client) -> None:
    picture = await look_until(members, lambda now: all(answering(now)))
    for status in (member.said for member in picture.members):
        assert status is not None
        assert status.version.startswith(("3.4.", "3.6."))
        assert status.applied <= status.index
        assert min(status.term, status.index, status.revision or 0, status.latency_s or 0) > 0
        assert 0 < (status.db_in_use or 0) <= (status.db_size or 0)
        assert status.quota == (QUOTA if status.version.startswith("3.6.") else None)
        assert (status.no_leader, status.errors) == (False, ())
    assert len({member.said.cluster_id for member in picture.members if member.said}) == 1


async def test_the_metrics_know_the_quota_of_every_generation(etcd: EtcdWorld, members: Client) -> None:
    picture = await members.look()
    first = await members.counters()
    assert first.keys() == {member.id for member in picture.members}
    for _ in range(20):
        assert await etcd.put()
    goal = {member: count + 20 for member, count in committed(first).items()}
    last = await ask_until(members.counters, lambda now: all(committed(now).get(id_, 0) >= goal[id_] for id_ in goal))
    assert goal.keys() == first.keys() == last.keys()
    for member_id, before in first.items():
        after = last[member_id]
        assert isinstance(before, Counters)
        assert isinstance(after, Counters)
        assert before.quota == QUOTA
        between = pace(before, after)
        assert between is not None
        assert between.writes is not None
        assert round(between.writes * between.span_s) == committed(last)[member_id] - committed(first)[member_id]
        assert between.fsync_p99 is not None
        assert 0 < between.fsync_p99 < 10
        said = next(member.said for member in picture.members if member.id == member_id)
        assert said is not None
        assert 0 < (fullness(said, before.quota) or 0) < 1


async def test_a_dead_member_stays_listed_with_its_fault(etcd: EtcdWorld, members: Client) -> None:
    await look_until(members, lambda now: all(answering(now)))
    await etcd.kill("m3")
    gone = next(member for member in (await members.look()).members if member.name == "m3")
    assert gone.fault is not None
    assert (gone.fault.kind, gone.said, gone.status.why) == (FaultKind.REFUSED, None, "refused")
    assert gone.certainly_down
    await etcd.restart("m3")
    await look_until(members, lambda now: all(answering(now)))


async def test_the_endpoint_that_was_configured_may_be_the_dead_one(etcd: EtcdWorld, members: Client) -> None:
    await look_until(members, lambda now: all(answering(now)))
    await etcd.kill("m1")
    await look_until(members, lambda now: answering(now) == [False, True, True])


async def test_a_hanging_member_costs_a_second_and_not_the_others(etcd: EtcdWorld, members: Client) -> None:
    """On a busy machine another may be late, or all of it: such a look is no evidence, and the next one is taken."""
    await look_until(members, lambda now: all(answering(now)))
    await etcd.freeze("m2")

    async def timed() -> tuple[Picture, float]:
        began = asyncio.get_running_loop().time()
        return await members.look(), asyncio.get_running_loop().time() - began

    picture, _ = await ask_until(timed, lambda now: answering(now[0]) == [True, False, True] and now[1] < 2.5)
    fault = picture.members[1].fault
    assert fault is not None
    assert (fault.kind, fault.word) == (FaultKind.TIMEOUT, "no answer")
    assert not picture.members[1].certainly_down
    await etcd.thaw("m2")


async def test_the_leader_hands_over(etcd: EtcdWorld, members: Client) -> None:
    picture = await members.look()
    target = next(member for member in picture.members if not member.leads)
    outcome = await members.move_leader(target.id)
    assert (outcome.ended, outcome.fault) == (Ended.DONE, None)
    assert target.host in outcome.detail
    await look_until(members, lambda now: now.leader is not None and now.leader.name == target.name)
    assert await etcd.leader() == target.name
    again = await members.move_leader(target.id)
    assert again.ended is Ended.DONE
    assert "already" in again.detail


async def test_a_leader_that_is_no_member_is_refused(members: Client) -> None:
    outcome = await members.move_leader("2a")
    assert outcome.ended is Ended.REFUSED
    assert "bad leader transferee" in outcome.detail


async def test_defragmenting_one_member(members: Client) -> None:
    picture = await members.look()
    follower = next(member for member in picture.members if not member.leads)
    outcome = await members.defragment(follower.id)
    assert outcome.ended is Ended.DONE
    assert (await members.defragment("2a")).ended is Ended.REFUSED


async def test_compaction_is_refused_for_the_future_and_done_twice(etcd: EtcdWorld, members: Client) -> None:
    assert await etcd.put()
    revision = next(member.said.revision for member in (await members.look()).members if member.said)
    assert revision is not None
    future = await members.compact(revision + 1_000)
    assert (future.ended, future.fault is not None) == (Ended.REFUSED, True)
    assert (await members.compact(revision)).ended is Ended.DONE
    assert (await members.compact(revision)).ended is Ended.DONE


async def test_a_full_cluster_is_recovered(etcd: EtcdWorld, members: Client) -> None:
    await etcd.fill()
    assert not await etcd.put()
    picture = await look_until(members, lambda now: all(each.said and each.said.alarms for each in now.members))
    raised = picture.alarms
    assert {alarm.kind for alarm in raised} == {AlarmKind.NOSPACE}
    assert {alarm.member for alarm in raised} <= set(ids(picture).values())
    assert set(await members.alarms()) >= set(raised)  # each member raises its own, maybe a moment later
    revision = max(member.said.revision or 0 for member in picture.members if member.said)
    assert (await members.compact(revision)).ended is Ended.DONE
    for member in picture.members:
        assert (await members.defragment(member.id)).ended is Ended.DONE
    for alarm in await members.alarms():
        assert (await members.disarm(alarm)).ended is Ended.DONE
    assert await members.alarms() == ()
    assert await etcd.put()
    for member in (await members.look()).members:
        assert member.said is not None
        assert (fullness(member.said, QUOTA) or 1) < 0.8


async def test_without_a_quorum_nothing_that_needs_one_is_sent(etcd: EtcdWorld, members: Client) -> None:
    picture = await members.look()
    survivor = next(member for member in picture.members if not member.leads)
    for member in picture.members:
        if member.name != survivor.name:
            await etcd.kill(member.name)
    await look_until(members, lambda now: [each.said.no_leader for each in now.answering if each.said] == [True])
    began = asyncio.get_running_loop().time()
    with pytest.raises(ClusterError, match="no leader"):
        await members.alarms()
    moved, compacted = await members.move_leader(survivor.id), await members.compact(1)
    assert (moved.ended, compacted.ended) == (Ended.REFUSED, Ended.REFUSED)
    assert asyncio.get_running_loop().time() - began < 7  # each would have hung for so long


async def test_a_snapshot_is_whole_private_and_verified(members: Client, tmp_path: Path) -> None:
    member = ids(await members.look())["m2"]
    seen: list[tuple[int, int | None]] = []
    path = tmp_path / "etcd.db"
    taken = await members.snapshot(member, path, progress=lambda got, of: seen.append((got, of)))
    content = path.read_bytes()
    assert (taken.size, taken.member) == (len(content), member)
    assert hashlib.sha256(content[:-32]).hexdigest() == taken.sha256 == content[-32:].hex()
    assert path.stat().st_mode & 0o777 == 0o600
    assert not path.with_name("etcd.db.part").exists()
    assert [got for got, _ in seen] == sorted(got for got, _ in seen)
    assert seen[-1][0] == taken.size
    with pytest.raises(SnapshotError, match="cannot write"):
        await members.snapshot(member, path)
    assert path.read_bytes() == content


async def test_a_learner_that_never_came_is_listed(etcd: EtcdWorld, members: Client) -> None:
    await members.look()
    await etcd.add_learner("late", start=False)
    learner = next(member for member in (await members.look()).members if member.learner)
    assert (learner.name, learner.started, learner.answers, learner.endpoint) == ("", False, False, "")
    assert learner.status.why == "not started"
