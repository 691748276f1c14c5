"""What people do while controllers of operations on etcd die: for each kill point a story in which it comes up."""

from collections.abc import Callable

import msgspec

from fleetui.model.journal import EffectOutcome, RequestKind
from fleetui.model.ledger import Operation
from fleetui.model.operation import OpState, Option
from tests.drills.etcd_scene import EtcdScene
from tests.drills.kill_points import KillPoint
from tests.drills.stories import NotYet

Act = Callable[[EtcdScene, Operation], None]


class EtcdStory(msgspec.Struct, frozen=True):
    operation: str
    ends: OpState = OpState.DONE
    options: tuple[tuple[str, Option], ...] = (("settle_s", 0),)
    full: bool = False
    """The quota is reached, NOSPACE raised."""
    acts: tuple[Act, ...] = ()
    """Looked at again and again until each has been done: an act asks for its moment by itself."""
    paused_before: bool = False
    first_death: KillPoint | None = None
    """A death that brings the point about: the one under test is then the second controller's."""

    @property
    def mutes(self) -> bool:
        """It posts silences."""
        return ("silence", True) in self.options


def _abort_when_locked(scene: EtcdScene, operation: Operation) -> None:
    locked = [it for it in operation.effects if it.intended.kind == "lock" and it.answered is not None]
    if not any(it.answered is not None and it.answered.outcome is EffectOutcome.DONE for it in locked):
        raise NotYet
    scene.ask(operation.op_id, RequestKind.ABORT)


def _abort_when_muted(scene: EtcdScene, operation: Operation) -> None:
    if not any(it.intended.kind == "silence" and it.answered is not None for it in operation.effects):
        raise NotYet
    scene.ask(operation.op_id, RequestKind.ABORT)


def _abort_when_paused(scene: EtcdScene, operation: Operation) -> None:
    if not operation.paused:
        raise NotYet
    scene.ask(operation.op_id, RequestKind.ABORT)


def _resume(scene: EtcdScene, operation: Operation) -> None:
    if not operation.paused:
        raise NotYet
    scene.ask(operation.op_id, RequestKind.RESUME)


def _stories(plain: EtcdStory, steps: dict[str, tuple[str, ...]]) -> dict[tuple[str, str, str], EtcdStory]:
    """Those of one operation, by step and effect; a pause and an abort of what has not begun with them."""
    name = plain.operation
    paused = msgspec.structs.replace(plain, paused_before=True, acts=(_resume,))
    taken_back = msgspec.structs.replace(plain, ends=OpState.ABORTED, paused_before=True, acts=(_abort_when_paused,))
    found = {(name, step, effect): plain for step, effects in steps.items() for effect in (*effects, "")}
    return found | {(name, "paused", ""): paused, (name, "resumed", ""): paused, (name, "aborting", ""): taken_back}


def _locked(name: str, step: str, effects: tuple[str, ...]) -> dict[tuple[str, str, str], EtcdStory]:
    """Of an operation that holds a lock: it renews it while the new leader settles, and an abort gives it back."""
    plain = EtcdStory(name)
    renewed = EtcdStory(name, options=(("settle_s", 2),))
    aborted = EtcdStory(
        name,
        OpState.ABORTED,
        acts=(_abort_when_locked,),
        first_death=KillPoint(name, "lock", "lock", "after answer"),
    )
    muted = EtcdStory(name, options=(("settle_s", 0), ("silence", True)))
    muted_anew = msgspec.structs.replace(muted, first_death=KillPoint(name, "lock", "", "after done"))
    return _stories(plain, {"lock": ("lock",), step: effects, "release": ("release",)}) | {
        (name, "mute", "lock"): muted_anew,
        (name, "mute", "silence"): muted,
        (name, "mute", ""): muted,
        (name, step, "silence"): msgspec.structs.replace(muted, options=(("settle_s", 2), ("silence", True))),
        (name, "unmute", "lift"): muted,
        (name, "unmute", ""): muted,
        (name, "undo", "lift"): EtcdStory(
            name,
            OpState.ABORTED,
            options=muted.options,
            acts=(_abort_when_muted,),
            first_death=KillPoint(name, "mute", "silence", "after answer"),
        ),
        (name, step, "lock"): renewed,
        (name, "undo", "release"): aborted,
        (name, "undo", ""): aborted,
    }


RECOVERY = EtcdStory("etcd-recover-space", full=True)
SNAPSHOT = EtcdStory("etcd-snapshot", options=())

STORIES: dict[tuple[str, str, str], EtcdStory] = {
    **_locked("etcd-defragment", "defragment", ("move-leader", "defragment")),
    **_locked("etcd-move-leader", "move", ("move-leader",)),
    **_stories(
        RECOVERY,
        {
            "snapshot": ("snapshot",),
            "compact": ("compact",),
            "defragment": ("move-leader", "defragment"),
            "disarm": ("disarm",),
        },
    ),
    **_stories(SNAPSHOT, {"snapshot": ("snapshot",)}),
}
"""By operation, step and effect. A declared one without a story fails the drill."""


def story_of(point: KillPoint) -> EtcdStory:
    return STORIES[(point.operation, point.step, point.effect)]
