"""What an operation's row-sized shape says: how far, what blocks it, and whether it still moves."""

import msgspec
import pytest

from fleetui.model import journal
from fleetui.model.cluster import Cluster, Health
from fleetui.model.cluster_verdict import health
from fleetui.model.freshness import Trust
from fleetui.model.journal import Record, RequestKind, Stored, Waiting
from fleetui.model.ledger import Operation, fold
from fleetui.model.ongoing import holds, ongoing
from fleetui.model.operation import OpState
from fleetui.model.plan_pages import plan_records
from fleetui.model.table.columns_cluster import CLUSTERS
from fleetui.model.table.columns_operation import state_text
from fleetui.model.work import Work
from tests.control.samples import BEN, plan, request, submission

NOW = 1_000.0
BUDGET = Waiting("pod pay/api-0", "budget", "pdb pay/api allows 0", owner="Deployment/api", since=NOW - 130)
FINALIZER = Waiting("pod pay/api-1", "finalizer", "finalizers x/y", since=NOW - 700)
GOING = Waiting("pod pay/api-2", "terminating", "within its grace of 30s", since=NOW - 3)

PLAN = plan()
STARTED: tuple[Record, ...] = (
    *plan_records(PLAN),
    journal.Started("h/1", 1, 15.0),
    journal.StepStarted("evict/wk-b-01", 18.0),
)


def operation(*records: Record, approved: bool = True) -> Operation:
    requests = (request(RequestKind.APPROVE, by=BEN, at=12.0, digest=PLAN.digest),) if approved else ()
    return fold(Stored(submission(), requests, records, holder="h/1", fence=1, claim_expires=99.0))


HELD_AT = NOW - 130


def wait_record(*waits: Waiting, at: float = HELD_AT) -> journal.StepWaiting:
    return journal.StepWaiting("evict/wk-b-01", waits, 2, at)


def waiting(*waits: Waiting) -> Operation:
    return operation(*STARTED, wait_record(*waits))


def row(*works: Work, trust: Trust = Trust.LIVE, **more: object) -> Cluster:
    values: dict[str, object] = {"name": "prod", "trust": trust, "nodes_ready": 5, "nodes_total": 5, "works": works}
    return Cluster(**{**values, **more})  # type: ignore[arg-type]


def cell(cluster: Cluster) -> tuple[str, str, str]:
    """Sign, text and style of the OPERATION cell."""
    column = CLUSTERS.column("operation")
    assert column is not None
    assert column.sign is not None
    assert column.style is not None
    return column.sign(cluster), column.text(cluster, NOW), column.style(cluster, NOW)


@pytest.mark.parametrize(
    ("waits", "held"),
    [
        ((), ()),
        ((BUDGET,), (BUDGET,)),
        ((BUDGET, FINALIZER), (BUDGET, FINALIZER)),
        ((BUDGET, GOING), ()),
        ((GOING,), ()),
    ],
)
def test_a_step_is_blocked_when_nothing_of_it_moves(waits: tuple[Waiting, ...], held: tuple[Waiting, ...]) -> None:
    assert holds(waiting(*waits)) == held


def test_only_what_is_approved_and_has_not_ended_is_under_way() -> None:
    ended = operation(*STARTED, journal.Finished(OpState.FAILED, "it failed", 30.0))

    assert ongoing([operation(*plan_records(PLAN), approved=False), ended]) == ()
    assert [work.state for work in ongoing([operation(*plan_records(PLAN)), operation(*STARTED)])] == [
        "approved",
        "running",
    ]


def test_a_blocked_operation_is_trouble_on_its_clusters_row() -> None:
    blocked = row(*ongoing([waiting(BUDGET)]))

    assert health(blocked) is Health.WARNING
    assert cell(blocked) == ("warning", f"drain 0/{len(PLAN.intent.targets)} blocked 2m", "warn")


def test_one_that_moves_is_busy_and_says_how_far_it_is() -> None:
    busy = row(*ongoing([waiting(GOING)]))

    assert health(busy) is Health.BUSY
    assert cell(busy) == ("", f"drain 0/{len(PLAN.intent.targets)}", "busy")


@pytest.mark.parametrize(
    ("waits", "since"),
    [
        ([(BUDGET, FINALIZER)], 100.0),
        ([(GOING,), (BUDGET,)], 101.0),
        ([(BUDGET,), (FINALIZER,)], 100.0),
        ([(BUDGET,), (GOING,), (BUDGET,)], 102.0),
        ([(BUDGET,), ()], None),
    ],
)
def test_blocked_is_since_it_was_held_and_not_since_its_cause_began(
    waits: list[tuple[Waiting, ...]], since: float | None
) -> None:
    records = [wait_record(*each, at=100.0 + index) for index, each in enumerate(waits)]
    (work,) = ongoing([operation(*STARTED, *records)])

    assert work.blocked_since == since


def test_a_step_that_is_done_holds_nothing() -> None:
    held = operation(*STARTED, wait_record(BUDGET), journal.StepDone("evict/wk-b-01", "", NOW))

    assert held.held_since is None


def test_paused_is_since_its_safe_point_until_it_goes_on() -> None:
    paused = (*STARTED, journal.Paused(NOW - 300, "between two steps"))
    (work,) = ongoing([operation(*paused)])

    assert work.text(NOW) == f"drain 0/{len(PLAN.intent.targets)} paused 5m"
    assert state_text(operation(*paused), NOW) == "paused 5m"
    assert operation(*paused, journal.Resumed(NOW - 10)).paused_at is None


def test_the_first_hold_is_the_reason() -> None:
    (work,) = ongoing([waiting(BUDGET, FINALIZER)])

    assert work.reason == "pdb pay/api allows 0, Deployment/api"


def test_a_machine_counts_as_done_with_its_last_step() -> None:
    steps = [step for step in PLAN.steps if step.target == PLAN.intent.targets[0]]
    done = [journal.StepDone(step.id, "", 25.0) for step in steps]

    assert ongoing([operation(*STARTED, *done[:-1])])[0].done == 0
    assert ongoing([operation(*STARTED, *done)])[0].done == 1


def test_the_blocked_one_of_several_is_the_one_that_is_shown() -> None:
    moving = msgspec.structs.replace(waiting(GOING), op_id="01")
    held = msgspec.structs.replace(waiting(BUDGET), op_id="02")

    assert cell(row(*ongoing([moving, held])))[:2] == ("warning", "drain 0/1 blocked 2m +1")


@pytest.mark.parametrize("trust", [Trust.STALE, Trust.CONNECTING, Trust.IDLE])
def test_blocked_is_trouble_whatever_is_known_of_the_cluster(trust: Trust) -> None:
    assert health(row(*ongoing([waiting(BUDGET)]), trust=trust)) is Health.WARNING
    assert health(row(*ongoing([waiting(GOING)]), trust=trust)) is Health.UNKNOWN


def test_what_the_locks_of_others_say_is_shown_where_our_store_knows_nothing() -> None:
    assert cell(row(operation="drain by ben")) == ("", "drain by ben", "busy")
    assert cell(row()) == ("", "–", "faint")


@pytest.mark.parametrize(
    ("name", "uid", "own"),
    [("prod", "u1", True), ("renamed", "u1", True), ("prod", "u2", False), ("prod", "", True), ("other", "", False)],
)
def test_work_belongs_to_the_cluster_of_its_uid(name: str, uid: str, own: bool) -> None:
    work = Work("op", "drain", "ana", cluster="prod", uid="u1")

    assert work.is_of(name=name, uid=uid) is own
