"""Kill drills of the operations on etcd: SIGKILL at every declared point, and a second controller that finishes.

The points come from the operation registry: what is declared and has no story, or is never reached, fails. The world is
a simulated etcd, whose members write down what reaches them, and a real API server for the lock.
"""

import hashlib
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleetui.control.registry import load_registry
from fleetui.model.journal import EffectOutcome, RequestKind
from fleetui.model.ledger import Operation
from fleetui.model.operation import OpState
from tests.bed.alertmanager import Alertmanagers
from tests.bed.cluster import BedCluster
from tests.drills.etcd_scene import EtcdScene
from tests.drills.etcd_stories import STORIES, EtcdStory, story_of
from tests.drills.kill_points import KillPoint, enumerate_points
from tests.drills.nursery import Controller
from tests.drills.scene import TIMEOUT_S, outline, until
from tests.drills.stories import NotYet

pytestmark = pytest.mark.timeout(TIMEOUT_S)
ON_ETCD = {name: kind for name, kind in load_registry().items() if name.startswith("etcd-")}
POINTS = tuple(enumerate_points(ON_ETCD))
SAVING = ("etcd-snapshot", "etcd-recover-space")
"""They take a snapshot, and may be told where."""
REQUESTS = {"after intent": 0, "after act": 1}
"""How many requests of the effect whose answer nobody wrote down reached the members."""


def _quick() -> Iterator[KillPoint]:
    """For every test run: each kind of effect on etcd once, at its worst moment. The others are those of a drain."""
    seen: set[str] = set()
    for point in POINTS:
        if point.point == "after act" and point.effect not in ("release", "silence", "lift", *seen):
            seen.add(point.effect)
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
    scene = EtcdScene(bed, folder, full=story.full, alertmanager=takes.urls[0] if takes is not None else "")
    try:
        op_id = _play(scene, story, point)
        if takes is not None:
            ours = [one["status"]["state"] for one in takes.silences() if op_id in one["comment"]]
            assert ours == ["expired"], "one was made, whoever died in between, and it is lifted"
    finally:
        scene.close()


def _play(scene: EtcdScene, story: EtcdStory, point: KillPoint) -> str:
    deaths = [death for death in (story.first_death, point) if death is not None]
    options = dict(story.options) | ({"path": str(scene.snapshot)} if story.operation in SAVING else {})
    op_id = scene.propose(story.operation, **options)
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
        assert not (operation.state.ended and deaths and acts == []), f"never reached {deaths[0]}"
        return operation if operation.state.ended and not deaths else None

    try:
        operation = until(live, f"{point} and the end of {op_id}")
    except AssertionError as error:
        raise AssertionError(f"{error}\n{outline(scene.operation(op_id))}\n{scene.logs()}") from error
    _end(controller)
    _check(scene, story, operation)
    _check_killed_effect(scene, operation, point)
    return op_id


def _end(controller: Controller) -> None:
    controller.terminate()
    assert controller.wait(timeout=30) == 0


def _check(scene: EtcdScene, story: EtcdStory, operation: Operation) -> None:
    assert operation.state is story.ends, outline(operation)
    assert operation.open_effects == ()
    made = {(e.intended.step_id.partition("/")[0], e.intended.kind) for e in operation.effects}
    assert made <= {(point.step, point.effect) for point in POINTS if point.operation == story.operation}
    assert not scene.is_locked()
    assert scene.misdeeds(operation) == []
    if story.ends is OpState.DONE:
        REACHED[story.operation](scene)


def _check_killed_effect(scene: EtcdScene, operation: Operation, point: KillPoint) -> None:
    """Of the effect under test, whose answer nobody wrote down: did it reach the members, and was it made again?"""
    if point.point not in REQUESTS or point.effect in ("lock", "release", "silence", "lift"):
        return
    intents = [effect.intended for effect in operation.effects if effect.intended.kind == point.effect]
    probed = next(
        effect
        for effect in operation.effects
        if effect.answered is not None
        and effect.answered.message.startswith("probed: ")
        and effect.intended.kind == point.effect
    )
    killed, answered = probed.intended, probed.answered
    assert answered is not None
    if point.effect != "compact":  # of which nobody can tell whether it was done; done twice it is done once
        wanted = EffectOutcome.DONE if point.point == "after act" else EffectOutcome.REFUSED
        assert answered.outcome is wanted, answered
    later = [it.at for it in intents if it.uid == killed.uid and it.at > killed.at]
    came = [it for it in scene.arrivals if (it.kind, it.uid) == (killed.kind, killed.uid)]
    of_it = [it for it in came if it.at >= killed.at and not (later and it.at >= later[0])]
    assert len(of_it) == REQUESTS[point.point]
    if point.effect != "compact":
        assert len(came) == 1


def _has_no_holes(scene: EtcdScene) -> None:
    assert all(member.db_size == member.db_in_use for member in scene.etcd.members)
    assert scene.etcd.leader is not None
    assert scene.etcd.leader.name != "m1", "whoever led handed over before it stood still"
    order = [arrival.uid for arrival in scene.arrivals if arrival.kind == "defragment"]
    assert len(order) == len(set(order)) == 3, "each once, whoever died"
    assert order[-1].endswith(f"/{scene.etcd.by_name('m1').id:x}"), "the leader last"


def _has_moved(scene: EtcdScene) -> None:
    assert scene.etcd.leader is not None
    assert scene.etcd.leader.name != "m1"
    assert len(scene.arrivals) == 1


def _has_room(scene: EtcdScene) -> None:
    _has_no_holes(scene)
    assert scene.etcd.alarms == set()
    assert scene.etcd.compacted == scene.etcd.revision
    kinds = [arrival.kind for arrival in scene.arrivals]
    assert (kinds[0], kinds[-1], kinds.count("disarm")) == ("snapshot", "disarm", 1)
    assert kinds.index("compact") > max(at for at, kind in enumerate(kinds) if kind == "snapshot")
    _is_whole(scene)


def _is_whole(scene: EtcdScene) -> None:
    written = scene.snapshot.read_bytes()
    assert hashlib.sha256(written[:-32]).digest() == written[-32:]
    assert scene.snapshot.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in scene.folder.glob("etcd.db*")) == ["etcd.db"]


REACHED = {
    "etcd-defragment": _has_no_holes,
    "etcd-move-leader": _has_moved,
    "etcd-recover-space": _has_room,
    "etcd-snapshot": _is_whole,
}
"""What must be so once an operation is done, whoever died on the way."""
