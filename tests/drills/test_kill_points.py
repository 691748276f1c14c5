"""Kill drills: a real controller process, killed with SIGKILL at every declared point, on a real API server.

A second controller finishes the work, and the API server's audit log is the witness. The points come from the operation
registry: what is declared and has no story, or is never reached, fails.
"""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleetui.control.operation_kind import effect_kinds
from fleetui.control.registry import load_registry
from fleetui.model.journal import RequestKind
from fleetui.model.ledger import Operation
from fleetui.model.lock import LOCK_ANNOTATION
from fleetui.model.operation import OpState
from tests.bed.alertmanager import Alertmanagers
from tests.bed.cluster import BedCluster
from tests.drills import witness
from tests.drills.kill_points import KillPoint, enumerate_points
from tests.drills.nursery import Controller
from tests.drills.scene import TIMEOUT_S, DrillScene, outline, until
from tests.drills.stories import STORIES, NotYet, Story, story_of

pytestmark = pytest.mark.timeout(TIMEOUT_S)
ON_MACHINES = {name: kind for name, kind in load_registry().items() if not name.startswith("etcd-")}
"""The operations on etcd have a drill of their own: ``test_etcd_kill_points``."""
POINTS = tuple(enumerate_points(ON_MACHINES))


def _quick() -> Iterator[KillPoint]:
    """For every test run: each kind of effect once, at its worst moment, and each turn once."""
    seen: set[str] = set()
    for point in POINTS:
        worst = point.point in ("after act", "after")
        if worst and (mark := point.effect or point.step) not in seen:
            seen.add(mark)
            yield point


QUICK = tuple(_quick())


@pytest.mark.bed
@pytest.mark.parametrize("point", QUICK, ids=str)
def test_killed_once_for_each_kind_of_effect(
    point: KillPoint, bed_cluster: BedCluster, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    _drill(point, bed_cluster, tmp_path, request)


@pytest.mark.bed
@pytest.mark.drill
@pytest.mark.parametrize("point", [point for point in POINTS if point not in QUICK], ids=str)
def test_killed_everywhere(
    point: KillPoint, bed_cluster: BedCluster, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    _drill(point, bed_cluster, tmp_path, request)


def test_every_declared_step_and_effect_has_a_story() -> None:
    assert {(point.operation, point.step, point.effect) for point in POINTS} == set(STORIES)


@pytest.fixture(scope="module")
def alertmanager() -> Iterator[Alertmanagers]:
    """For the stories that mute."""
    with Alertmanagers(1) as alone:
        yield alone


def _drill(point: KillPoint, bed: BedCluster, folder: Path, request: pytest.FixtureRequest) -> None:
    story = story_of(point)
    takes: Alertmanagers | None = request.getfixturevalue("alertmanager") if story.mutes else None
    scene = DrillScene(
        bed,
        folder,
        cordoned=story.cordoned_before,
        replacements_run=story.replacements_run,
        alertmanager=takes.urls[0] if takes is not None else "",
    )
    try:
        if story.budget is not None:
            scene.budget(story.budget)
        op_id = _play(scene, story, point)
        if takes is not None:
            _check_silences(takes, op_id)
    finally:
        scene.close()


def _check_silences(takes: Alertmanagers, op_id: str) -> None:
    """Two were made, by node and by instance, whoever died in between; none is left."""
    ours = [one["status"]["state"] for one in takes.silences() if op_id in one["comment"]]
    assert ours == ["expired"] * 2


def _play(scene: DrillScene, story: Story, point: KillPoint) -> str:
    deaths = [death for death in (story.first_death, point) if death is not None]
    op_id = scene.propose(story.operation, **dict(story.options))
    controller = scene.start(deaths[0])
    if story.paused_before:
        scene.ask(op_id, RequestKind.PAUSE)
    scene.approve(op_id)
    acts = list(story.acts)

    def live() -> Operation | None:
        nonlocal controller
        operation = scene.operation(op_id)
        if acts and not operation.state.ended:
            try:
                acts[0](scene, operation)
                acts.pop(0)
            except NotYet:
                pass
        if controller.poll() is not None:
            assert controller.returncode == -signal.SIGKILL, scene.logs()
            deaths.pop(0)
            controller = scene.start(deaths[0] if deaths else None)
        return operation if operation.state.ended and not deaths else None

    try:
        operation = until(live, f"{point} and the end of {op_id}")
    except AssertionError as error:
        raise AssertionError(f"{error}\n{outline(scene.operation(op_id))}\n{scene.logs()}") from error
    _end(controller)
    _check(scene, story, operation)
    _check_audit(scene, operation, point)
    return op_id


def _end(controller: Controller) -> None:
    controller.terminate()
    assert controller.wait(timeout=30) == 0


def _check(scene: DrillScene, story: Story, operation: Operation) -> None:
    assert operation.state is story.ends, outline(operation)
    assert operation.open_effects == ()
    made = {(e.intended.step_id.partition("/")[0], e.intended.kind) for e in operation.effects}
    assert made <= {(point.step, point.effect) for point in POINTS if point.operation == story.operation}
    node = scene.node()
    assert bool(node["spec"].get("unschedulable")) is story.stays_cordoned
    assert LOCK_ANNOTATION not in node["metadata"]["annotations"]
    if story.operation == "drain" and story.ends is OpState.DONE:
        assert scene.pods_here() == []


def _check_audit(scene: DrillScene, operation: Operation, point: KillPoint) -> None:
    """The log may be a moment behind: every effect that the journal calls done is in it before it is judged."""
    here = [effect for effect in operation.effects if effect.intended.kind not in ON_ALERTING]
    done = sum(effect.answered is not None and effect.answered.code in (200, 201) for effect in here)
    done += point.point == "after act" and point.effect not in ON_ALERTING  # done, and answered to nobody

    def ours() -> list[witness.Event] | None:
        events = scene.audited()
        return events if sum(map(witness.is_accepted, events)) >= done else None

    events = until(ours, "the audit log tells what the journal says")
    assert scene.misdeeds(operation.op_id) == []
    assert len(witness.accepted_evictions(events)) == len(set(witness.accepted_evictions(events)))
    if point.point in REQUESTS and point.effect not in ON_ALERTING:
        _check_killed_effect(events, operation, point)


ON_ALERTING = {name for kind in ON_MACHINES.values() for name, it in effect_kinds(kind).items() if it.on_alerting}
"""No request of theirs reaches the API server."""
REQUESTS = {"after intent": 0, "after act": 1}
"""How many requests of the effect whose answer nobody wrote down reached the server, by where its controller died."""


def _check_killed_effect(events: list[witness.Event], operation: Operation, point: KillPoint) -> None:
    intents = [effect.intended for effect in operation.effects]
    killed = next(
        effect.intended
        for effect in operation.effects
        if effect.answered is not None
        and effect.answered.message.startswith("probed: ")
        and effect.intended.kind == point.effect
        and effect.intended.step_id.partition("/")[0] == point.step
    )
    real = [event for event in events if not witness.is_dry_run(event)]
    assert sum(witness.announcing(event, intents) is killed for event in real) == REQUESTS[point.point]
