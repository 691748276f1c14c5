"""Real Alertmanagers, the simulated and the scripted ones, held to the same behaviour through our client."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import msgspec
import pytest

from fleetui.clients.system import SystemClock
from fleetui.model.alerts.ack import Request, acks
from fleetui.model.alerts.alert import Alert, Hush
from fleetui.model.alerts.evidence import PostedState
from fleetui.model.alerts.inventory import by_id, inventory
from fleetui.model.alerts.keeping import Kept
from fleetui.model.alerts.matcher import Matcher
from fleetui.model.alerts.merge import Evidence, merge
from fleetui.model.alerts.silence import Draft, Silence, SilenceState, edited, extended
from fleetui.observe.alert_keeper import AckKeeper
from fleetui.ports.alerting import Outcome
from fleetui.ports.ended import Ended
from tests.bed.fixtures import REAL_HEALTH
from tests.contracts.alerting_worlds import RealPair, ScriptedPair, SimulatedPair, Stage, stage

NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture(params=[pytest.param("alertmanager", marks=REAL_HEALTH), "simulated", "scripted"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    if request.param == "alertmanager":
        async with stage(RealPair(request.getfixturevalue("alertmanagers"))) as made:
            yield made
        return
    pair = SimulatedPair() if request.param == "simulated" else ScriptedPair()
    await pair.start()
    async with stage(pair) as made:
        yield made
    await pair.close()


async def test_an_alert_of_both_is_one_row_that_names_both(world: Stage) -> None:
    world.fire("Broken", node="n1")
    await world.until_posted("Broken", number=0)
    await world.until_posted("Broken", number=1)

    look = await world.members.look()
    rows = [row for row in merge(Evidence(alertmanagers=look.alerts)) if row.cluster == world.cluster]

    assert [(row.name, row.alertmanagers, row.hush) for row in rows] == [("Broken", ("am-0", "am-1"), Hush.NONE)]
    assert rows[0].firing_since == pytest.approx(time.time(), abs=WITHIN)


WITHIN = 30.0


async def test_what_has_not_changed_stays_the_same_object(world: Stage) -> None:
    world.fire("Still")
    first = await world.until_posted("Still")

    assert await world.posted("Still") is first


async def test_matchers_are_applied_by_the_server(world: Stage) -> None:
    world.fire("One")
    world.fire("Two")
    await world.until_posted("Two")
    member = world.members._members["am-0"]  # the face of one is not offered by the face of all

    said = await member.alerts((Matcher("cluster", world.cluster), Matcher("alertname", "T.o", is_regex=True)))

    assert [dict(post.labels)["alertname"] for post in said.posted] == ["Two"]


async def test_a_pair_is_one_mesh(world: Stage) -> None:
    statuses = await world.members.statuses()

    assert [status.version for status in statuses] == ["0.25.0", "0.25.0"]
    assert world.members.meshes.peers("am-0") == {"am-0", "am-1"}
    assert world.members.meshes.once_each(["am-1"]) == (("am-1", "am-0"),)


async def test_a_silence_is_posted_once_and_mutes_in_both(world: Stage) -> None:
    world.fire("Noisy")
    await world.until_posted("Noisy", number=1)

    (outcome,) = await world.members.post(world.draft("Noisy"))

    assert outcome.ended is Ended.DONE
    for number in (0, 1):
        post = await world.until_posted("Noisy", silenced=True, number=number)
        assert (post.state, post.silenced_by) == (PostedState.SUPPRESSED, (outcome.id,))
    ours = [
        silence for silence in by_id((await world.members.look()).silences).values() if world.cluster in str(silence)
    ]
    assert [(silence.id, silence.created_by, silence.comment) for silence in ours] == [
        (outcome.id, "ana", "looking at it")
    ]


async def test_extending_keeps_the_id_and_other_matchers_make_another(world: Stage) -> None:
    (made,) = await world.members.post(world.draft("Edited"))
    silence = await world.until(lambda: _silence(world, made.id))
    longer = extended(silence, by_s=600, now=time.time())
    (kept,) = await world.members.post(longer, near=["am-0"])
    again = await world.until(lambda: _silence(world, made.id, ends_after=silence.ends_at + 500))
    other = edited(again, matchers=(*again.matchers, Matcher("node", "n1")))
    (changed,) = await world.members.post(other, near=["am-0"])

    assert kept.id == made.id != changed.id
    assert (await _silence(world, made.id)).state is SilenceState.EXPIRED  # type: ignore[union-attr]
    assert (await _silence(world, changed.id)).state is SilenceState.ACTIVE  # type: ignore[union-attr]


async def test_ending_a_silence_twice_is_done_and_an_unknown_one_is_refused(world: Stage) -> None:
    world.fire("Ended")
    (made,) = await world.members.post(world.draft("Ended"))
    await world.until_posted("Ended", silenced=True)

    first = await world.members.expire(made.id, ["am-0"])
    second = await world.members.expire(made.id, ["am-0"])
    (unknown,) = await world.members.expire(NOBODY, ["am-0"])

    assert [outcome.ended for outcome in (*first, *second)] == [Ended.DONE, Ended.DONE]
    assert (unknown.ended, unknown.fault and unknown.fault.word) == (Ended.REFUSED, "not there")
    await world.until_posted("Ended", silenced=False)


@pytest.mark.parametrize("wrong", ["past", "everything"])
async def test_what_alertmanager_refuses_says_why(world: Stage, wrong: str) -> None:
    draft = world.draft("Refused")
    everything = msgspec.structs.replace(draft, matchers=(Matcher("node", ".*", is_regex=True),))
    past = msgspec.structs.replace(draft, starts_at=time.time() - 120, ends_at=time.time() - 60)

    (outcome,) = await world.members.post(past if wrong == "past" else everything)

    assert outcome.ended is Ended.REFUSED
    assert outcome.answered
    assert outcome.fault is not None
    assert ("in the past" if wrong == "past" else "empty string") in outcome.fault.detail


async def test_an_ack_is_its_own_state_with_who_and_until_when(world: Stage) -> None:
    world.fire("Acked", node='odd "name"', path=r"C:\disk|x")
    await world.until_posted("Acked")
    (row,) = [row for row in await _rows(world) if row.name == "Acked"]
    (draft,) = acks([row], Request("ana", "on it", incident="INC-7"), now=time.time())

    await world.members.post(draft, near=row.alertmanagers)
    await world.until_posted("Acked", silenced=True, number=0)
    await world.until_posted("Acked", silenced=True, number=1)
    (row,) = [row for row in await _rows(world) if row.name == "Acked"]

    assert row.hush is Hush.ACKED
    assert row.ack is not None
    assert (row.ack.by, row.ack.comment) == ("ana", "on it [INC-7]")
    assert row.ack.until == pytest.approx(draft.ends_at, abs=0.01)


async def test_two_consoles_prolong_one_ack_and_it_stays_one_and_ended_it_stays_ended(world: Stage) -> None:
    world.fire("Kept")
    await world.until_posted("Kept", number=0)
    await world.until_posted("Kept", number=1)
    (row,) = [row for row in await _rows(world) if row.name == "Kept"]
    (draft,) = acks([row], Request("ana", "on it", lasts_s=200), now=time.time())
    (made,) = await world.members.post(draft, near=row.alertmanagers)
    await world.until_posted("Kept", silenced=True, number=0)
    await world.until_posted("Kept", silenced=True, number=1)
    consoles = [await Console.of(world) for _ in range(2)]
    keepers = [AckKeeper(console, read=console.read, clock=SystemClock()) for console in consoles]
    for keeper in keepers:
        keeper.keep(Kept(made.id, "ana", draft.ends_at))

    await asyncio.gather(*(keeper.once() for keeper in keepers))
    await world.until(lambda: _silence(world, made.id, ends_after=draft.ends_at + 600))
    ours = [one for one in by_id((await world.members.look()).silences).values() if world.cluster in str(one)]

    assert [one.id for one in ours] == [made.id]
    assert ours[0].left_s(time.time()) == pytest.approx(900, abs=WITHIN)
    assert [console.posts for console in consoles] == [1, 1]

    await world.members.expire(made.id, ["am-0"])
    await keepers[0].once()  # it still believes what it saw: that the ack ends soon
    ours = [one for one in by_id((await world.members.look()).silences).values() if world.cluster in str(one)]

    assert [one.state for one in ours] == [SilenceState.EXPIRED]


@dataclass
class Console:
    """What one console saw at one moment."""

    world: Stage
    alerts: tuple[Alert, ...]
    silences: Mapping[str, Silence]
    posts: int = 0

    @classmethod
    async def of(cls, world: Stage) -> "Console":
        return cls(world, tuple(await _rows(world)), by_id((await world.members.look()).silences))

    async def read(self) -> Mapping[str, Silence]:
        return by_id((await self.world.members.look()).silences)

    async def post(self, draft: Draft) -> tuple[Outcome, ...]:
        self.posts += 1
        return await self.world.members.post(draft, near=["am-0"])

    async def expire(self, silence_id: str) -> tuple[Outcome, ...]:
        return await self.world.members.expire(silence_id, ["am-0"])


async def test_an_ack_of_several_mutes_these_and_no_other(world: Stage) -> None:
    for node in ("a.1", "a.2", "ax1", "b"):
        world.fire("Disk", node=node)
    await world.until(lambda: _count(world, "Disk", 4))
    rows = [row for row in await _rows(world) if dict(row.labels)["node"] in ("a.1", "a.2")]

    drafts = acks(rows, Request("ana", "both"), now=time.time())
    for draft in drafts:
        await world.members.post(draft)
    await world.until(lambda: _count(world, "Disk", 2, silenced=True))

    assert len(drafts) == 1
    assert {dict(row.labels)["node"] for row in await _rows(world) if row.ack} == {"a.1", "a.2"}


async def test_one_that_is_lost_is_passed_over_and_its_alerts_stay(world: Stage) -> None:
    world.fire("Kept")
    await world.until_posted("Kept", number=0)
    await world.until_posted("Kept", number=1)
    await world.members.statuses()
    world.pair.lose(0)

    look = await world.members.look()
    (row,) = [row for row in merge(Evidence(alertmanagers=look.alerts)) if row.cluster == world.cluster]
    (outcome,) = await world.members.post(world.draft("Kept"), near=["am-0"])

    assert look.alerts[0].fault is not None
    assert look.alerts[0].fault.remedy
    assert row.alertmanagers == ("am-1",)
    assert outcome.ended in (Ended.DONE, Ended.UNKNOWN)
    assert outcome.source == "am-1" or outcome.ended is Ended.UNKNOWN


async def test_the_inventory_knows_what_a_silence_mutes(world: Stage) -> None:
    world.fire("Muted", severity="critical")
    (busy,) = await world.members.post(world.draft("Muted"))
    (idle,) = await world.members.post(world.draft("NoSuchAlert"))
    await world.until_posted("Muted", silenced=True, number=0)
    await world.until_posted("Muted", silenced=True, number=1)
    await world.until(lambda: _in_both(world, idle.id))

    look = await world.members.look()
    heard = frozenset(said.source for said in look.alerts)
    found = {
        standing.silence.id: standing
        for standing in inventory(
            look.silences, await _rows(world), now=time.time(), heard=heard, meshes=world.members.meshes
        )
    }

    assert (found[busy.id].muted, found[busy.id].pages, found[busy.id].clusters) == (1, 1, (world.cluster,))
    assert (found[idle.id].muted, found[idle.id].idle) == (0, True)
    assert (found[idle.id].sources, found[idle.id].lacking) == (("am-0", "am-1"), ())


async def _rows(world: Stage):  # type: ignore[no-untyped-def]
    look = await world.members.look()
    rows = merge(Evidence(alertmanagers=look.alerts, silences=by_id(look.silences)))
    return [row for row in rows if row.cluster == world.cluster]


async def _count(world: Stage, name: str, wanted: int, *, silenced: bool = False) -> bool:
    rows = [row for row in await _rows(world) if row.name == name and (row.hush is not Hush.NONE or not silenced)]
    return len(rows) == wanted and all(len(row.alertmanagers) == 2 for row in rows)


async def _in_both(world: Stage, silence_id: str) -> bool:
    said = (await world.members.look()).silences
    return all(any(silence.id == silence_id for silence in each.silences) for each in said)


async def _silence(world: Stage, silence_id: str, *, ends_after: float = 0.0):  # type: ignore[no-untyped-def]
    found = by_id((await world.members.look()).silences).get(silence_id)
    return found if found is not None and found.ends_at > ends_after else None
