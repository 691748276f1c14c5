"""What people do while controllers die: for each kill point a story in which that point comes up."""

from collections.abc import Callable

import msgspec

from fleetui.model.journal import RequestKind
from fleetui.model.ledger import Operation
from fleetui.model.operation import OpState, Option
from tests.drills.kill_points import KillPoint
from tests.drills.scene import DrillScene, is_waiting

Act = Callable[[DrillScene, Operation], None]


class Story(msgspec.Struct, frozen=True):
    operation: str
    ends: OpState = OpState.DONE
    options: tuple[tuple[str, Option], ...] = ()
    budget: int | None = None
    """minAvailable over two pods before the start; 2 closes it."""
    acts: tuple[Act, ...] = ()
    """Looked at again and again until each has been done: an act asks for its moment by itself."""
    cordoned_before: bool = False
    stays_cordoned: bool = True
    replacements_run: bool = True
    paused_before: bool = False
    """Pause is asked for before the approval. A cordon is one request: its only safe point is before it."""
    first_death: KillPoint | None = None
    """A death that brings the point about: the one under test is then the second controller's."""

    @property
    def mutes(self) -> bool:
        """It posts silences."""
        return ("silence", True) in self.options


class NotYet(Exception):
    """The act's moment has not come."""


def _open_budget(scene: DrillScene, operation: Operation) -> None:
    if not is_waiting(operation, "budget") and not operation.paused:
        raise NotYet
    scene.budget(0)


def _open_budget_late(scene: DrillScene, operation: Operation) -> None:
    """After the lock was renewed."""
    renewed = [effect for effect in operation.effects if effect.intended.kind == "renew" and effect.answered]
    if len(renewed) < 2:
        raise NotYet
    _open_budget(scene, operation)


def _open_budget_muted(scene: DrillScene, operation: Operation) -> None:
    """After the silences were prolonged while it is held."""
    prolonged = [
        effect
        for effect in operation.effects
        if effect.intended.kind == "silence" and effect.intended.step_id.startswith("evict/") and effect.answered
    ]
    if len(prolonged) < 2:
        raise NotYet
    _open_budget(scene, operation)


def _abort_when_blocked(scene: DrillScene, operation: Operation) -> None:
    if not is_waiting(operation, "budget"):
        raise NotYet
    scene.ask(operation.op_id, RequestKind.ABORT)


def _abort_at_once(scene: DrillScene, operation: Operation) -> None:
    if operation.started is None:
        raise NotYet
    scene.ask(operation.op_id, RequestKind.ABORT)


def _pause(scene: DrillScene, operation: Operation) -> None:
    if not is_waiting(operation, "budget"):
        raise NotYet
    scene.ask(operation.op_id, RequestKind.PAUSE)


def _abort_when_paused(scene: DrillScene, operation: Operation) -> None:
    if not operation.paused:
        raise NotYet
    scene.ask(operation.op_id, RequestKind.ABORT)


def _resume(scene: DrillScene, operation: Operation) -> None:
    if not operation.paused:
        raise NotYet
    scene.ask(operation.op_id, RequestKind.RESUME)


DRAIN = Story("drain", budget=1)
BLOCKED = Story("drain", budget=2, acts=(_open_budget_late,))
SETTLING = Story("drain", options=(("settle_s", 3),), replacements_run=False)
ABORTED = Story("drain", OpState.ABORTED, budget=2, acts=(_abort_when_blocked,), stays_cordoned=False)
ABORTED_CORDONED = msgspec.structs.replace(ABORTED, cordoned_before=True, stays_cordoned=True)
PAUSED = Story("drain", budget=2, acts=(_pause, _open_budget, _resume))
_MUTED = (("silence", True),)
MUTED = msgspec.structs.replace(DRAIN, options=_MUTED)
MUTED_ANEW = msgspec.structs.replace(MUTED, first_death=KillPoint("drain", "cordon", "", "after done"))
MUTED_BLOCKED = Story("drain", budget=2, options=_MUTED, acts=(_open_budget_muted,))
MUTED_SETTLING = msgspec.structs.replace(SETTLING, options=(("settle_s", 3), *_MUTED))
MUTED_ABORTED = msgspec.structs.replace(ABORTED, options=_MUTED)
CORDON = Story("cordon")
CORDON_ABORTED = Story(
    "cordon",
    OpState.ABORTED,
    acts=(_abort_at_once,),
    stays_cordoned=False,
    first_death=KillPoint("cordon", "cordon", "cordon", "after answer"),
)
UNCORDON = Story("uncordon", cordoned_before=True, stays_cordoned=False)
CORDON_PAUSED = Story("cordon", paused_before=True, acts=(_resume,))
CORDON_TAKEN_BACK = Story(
    "cordon", OpState.ABORTED, paused_before=True, acts=(_abort_when_paused,), stays_cordoned=False
)
UNCORDON_PAUSED = msgspec.structs.replace(
    CORDON_PAUSED, operation="uncordon", cordoned_before=True, stays_cordoned=False
)
UNCORDON_TAKEN_BACK = msgspec.structs.replace(
    CORDON_TAKEN_BACK, operation="uncordon", cordoned_before=True, stays_cordoned=True
)

STORIES: dict[tuple[str, str, str], Story] = {
    ("cordon", "cordon", "cordon"): CORDON,
    ("cordon", "cordon", ""): CORDON,
    ("cordon", "undo", "uncordon"): CORDON_ABORTED,
    ("cordon", "undo", ""): CORDON_ABORTED,
    ("cordon", "paused", ""): CORDON_PAUSED,
    ("cordon", "resumed", ""): CORDON_PAUSED,
    ("cordon", "aborting", ""): CORDON_TAKEN_BACK,
    ("uncordon", "uncordon", "uncordon"): UNCORDON,
    ("uncordon", "uncordon", ""): UNCORDON,
    ("uncordon", "paused", ""): UNCORDON_PAUSED,
    ("uncordon", "resumed", ""): UNCORDON_PAUSED,
    ("uncordon", "aborting", ""): UNCORDON_TAKEN_BACK,
    ("drain", "cordon", "lock-and-cordon"): DRAIN,
    ("drain", "cordon", ""): DRAIN,
    ("drain", "mute", "silence"): MUTED,
    ("drain", "mute", "renew"): MUTED_ANEW,
    ("drain", "mute", ""): MUTED,
    ("drain", "evict", "evict"): DRAIN,
    ("drain", "evict", "renew"): BLOCKED,
    ("drain", "evict", ""): BLOCKED,
    ("drain", "evict", "silence"): MUTED_BLOCKED,
    ("drain", "settle", "renew"): SETTLING,
    ("drain", "settle", "silence"): MUTED_SETTLING,
    ("drain", "settle", ""): DRAIN,
    ("drain", "release", "release"): DRAIN,
    ("drain", "release", ""): DRAIN,
    ("drain", "unmute", "lift"): MUTED,
    ("drain", "unmute", ""): MUTED,
    ("drain", "undo", "lift"): MUTED_ABORTED,
    ("drain", "undo", "uncordon"): ABORTED,
    ("drain", "undo", "release"): ABORTED_CORDONED,
    ("drain", "undo", ""): ABORTED,
    ("drain", "paused", ""): PAUSED,
    ("drain", "resumed", ""): PAUSED,
    ("drain", "aborting", ""): ABORTED,
}
"""By operation, step and effect. A declared one without a story fails the drill."""


def story_of(point: KillPoint) -> Story:
    return STORIES[(point.operation, point.step, point.effect)]
