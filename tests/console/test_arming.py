"""The guard in front of every submission: to the second, with a reason, for no longer than a shift."""

import msgspec
import pytest

from fleetui.console.arming import MAX_S, Arming, arm
from fleetui.console.proposal import Proposal
from fleetui.console.screens.arm import read_words
from fleetui.model.journal import RequestKind
from fleetui.model.operation import Intent, Outcome, Target
from tests.console.samples import check, fill, tense_plan
from tests.console.world import NOON, World

SHIFT = 8 * 3600


@pytest.mark.parametrize("seconds", [1, 1800, SHIFT])
def test_arms_for_so_long_and_not_a_moment_longer(seconds: float) -> None:
    arming = arm("CHG-1", seconds=seconds, now=NOON)
    assert arming.armed(NOON)
    assert arming.armed(NOON + seconds - 0.001)
    assert not arming.armed(NOON + seconds)


@pytest.mark.parametrize("seconds", [0, -1, SHIFT + 1, SHIFT * 10, float("inf"), float("nan")])
def test_no_time_beyond_a_shift_and_none_without_length(seconds: float) -> None:
    with pytest.raises(ValueError, match="at most 8 hours"):
        arm("CHG-1", seconds=seconds, now=NOON)


@pytest.mark.parametrize("reason", ["", "   ", "\t\n"])
def test_no_arming_without_a_reason(reason: str) -> None:
    with pytest.raises(ValueError, match="say why"):
        arm(reason, seconds=60, now=NOON)


def test_nothing_is_armed_by_default_and_the_reason_is_kept_trimmed() -> None:
    assert MAX_S == SHIFT
    assert not Arming().armed(NOON)
    assert not Arming(reason="CHG-1").armed(NOON)
    assert arm("  CHG-1 ", seconds=60, now=NOON).reason == "CHG-1"


@pytest.mark.parametrize(("left", "minutes"), [(0, 0), (-60, 0), (0.5, 1), (60, 1), (61, 2), (SHIFT, 480)])
def test_minutes_left_are_rounded_up(left: float, minutes: int) -> None:
    assert Arming("CHG-1", NOON + left).minutes_left(NOON) == minutes


def test_the_words_of_the_prompt_meet_the_same_bounds() -> None:
    session = World().session
    arming, reason, duration = read_words("rack C repair 30m", session)
    assert (arming, reason, duration) == (Arming("rack C repair", NOON + 1800), "rack C repair", "30m")
    with pytest.raises(ValueError, match="at most 8 hours"):
        read_words("rack C repair 9h", session)
    assert read_words("30m", session) == (None, "", "30m")
    assert read_words("ticket 4711", session)[1] == "ticket 4711"


# -- a proposal on its way to an approval ------------------------------------------------------------------------------


def proposed(world: World, **plan: object) -> Proposal:
    """A proposal whose plan the controller has written."""
    ref = world.cluster_ref("prod-east-2")
    assert ref is not None
    intent = Intent("drain", ref, (Target("wk-b-01", "uid-prod-east-2-wk-b-01"),), reason="CHG-1")
    proposal = Proposal(world.session, intent)
    proposal.submit()
    world.plan(proposal.op_id, world.plan_of(proposal.op_id, **plan))
    return proposal


def approvals(world: World, proposal: Proposal) -> int:
    return [request.kind for request in world.store.load(proposal.op_id).requests].count(RequestKind.APPROVE)


def armed(world: World, seconds: float = 60) -> World:
    world.session.arming = arm("CHG-1", seconds=seconds, now=world.clock.at)
    return world


def test_an_approval_of_a_session_that_is_not_armed_any_more_is_none() -> None:
    world = armed(fill(World()))
    proposal = proposed(world)
    world.clock.at += 60
    assert proposal.obstacle("") == "read-only"
    assert not proposal.approve("")
    assert approvals(world, proposal) == 0
    armed(world)
    assert proposal.approve("")
    assert approvals(world, proposal) == 1


def test_two_enters_are_one_approval() -> None:
    world = armed(fill(World()))
    proposal = proposed(world)
    assert [proposal.approve(""), proposal.approve("")] == [True, False]
    assert approvals(world, proposal) == 1


def test_a_blocked_plan_is_not_approved_by_any_word() -> None:
    world = armed(fill(World()))
    proposal = proposed(world, checks=(check("quorum", "quorum holds", "2 of 3", Outcome.FAIL),))
    assert proposal.obstacle("prod-east-2") == "blocked"
    assert not proposal.approve("prod-east-2")
    assert approvals(world, proposal) == 0


@pytest.mark.parametrize("typed", ["", "prod-east", "prod-east-2 ", "PROD-EAST-2", "prod-east-22"])
def test_the_word_is_the_word(typed: str) -> None:
    world = armed(fill(World()))
    blast = tense_plan(proposed(world).intent).blast
    proposal = proposed(world, blast=msgspec.structs.replace(blast, confirm_word="prod-east-2"))
    assert proposal.obstacle(typed) == "type prod-east-2"
    assert not proposal.approve(typed)
    assert approvals(world, proposal) == 0
    assert proposal.approve("prod-east-2")


def test_what_is_withdrawn_is_aborted_and_what_is_approved_is_not() -> None:
    world = armed(fill(World()))
    left, kept = proposed(world), proposed(world)
    assert kept.approve("")
    left.withdraw()
    kept.withdraw()
    kinds = [[request.kind for request in world.store.load(one.op_id).requests] for one in (left, kept)]
    assert kinds == [[RequestKind.ABORT], [RequestKind.APPROVE]]


def test_looking_at_an_earlier_proposal_leaves_it_as_it_is() -> None:
    world = fill(World())
    first = proposed(world)
    again = Proposal(world.session, first.intent, op_id=first.op_id)
    again.submit()
    again.withdraw()
    assert world.store.load(first.op_id).requests == ()
    assert len(world.desk.operations()) == 1


def test_another_option_withdraws_the_plan_that_was_shown() -> None:
    world = armed(fill(World()))
    proposal = proposed(world)
    before = proposal.op_id
    world.clock.at += 5
    proposal.revise("grace_s", 30)
    assert proposal.op_id != before
    assert proposal.since == world.clock.at
    assert [request.kind for request in world.store.load(before).requests] == [RequestKind.ABORT]
    assert proposal.obstacle("") == "planning"
    assert not proposal.approve("")
    proposal.submit()  # the same revision again is the same operation
    assert len(world.desk.operations()) == 2
