"""Where a controller can die, enumerated from what the operations declare; nothing is listed by hand."""

from collections.abc import Iterator

import msgspec

from fleetui.control.registry import Registry
from fleetui.model.journal import (
    Aborting,
    EffectAnswered,
    EffectIntended,
    EffectOutcome,
    Paused,
    Record,
    Resumed,
    StepDone,
    StepStarted,
)

EFFECT_POINTS = ("before intent", "after intent", "after act", "after answer")
"""``after intent``: durable, not sent. ``after act``: answered by the server, not written down."""
STEP_POINTS = ("after start", "before done", "after done")
TURNS = {"paused": Paused, "resumed": Resumed, "aborting": Aborting}
TURN_POINTS = ("before", "after")


class KillPoint(msgspec.Struct, frozen=True):
    operation: str
    step: str
    """A declared step; or a turn of the whole operation: ``paused``, ``resumed``, ``aborting``."""
    effect: str
    """Empty for a point of the step itself."""
    point: str

    def __str__(self) -> str:
        return "-".join(part for part in (self.operation, self.step, self.effect, self.point) if part).replace(" ", "-")


def enumerate_points(registry: Registry) -> Iterator[KillPoint]:
    """Every operation x step x effect x moment, every step x moment, and the turns that people bring about.

    The operation with the most steps first: where one of several will do, the richest is taken.
    """
    for kind in sorted(registry.values(), key=lambda kind: -len(kind.steps)):
        for step in kind.steps:
            for effect in step.effects:
                yield from (KillPoint(kind.name, step.name, effect.name, point) for point in EFFECT_POINTS)
            yield from (KillPoint(kind.name, step.name, "", point) for point in STEP_POINTS)
        for turn in TURNS:
            yield from (KillPoint(kind.name, turn, "", point) for point in TURN_POINTS)


class Watch:
    """Tells when the point is reached, record by record."""

    def __init__(self, point: KillPoint) -> None:
        self._point = point
        self._steps: dict[str, str] = {}
        """Effect id to step kind, of effects of the wanted kind."""

    def before(self, record: Record) -> bool:
        """Die before this record is written?"""
        match self._point.point:
            case "before intent":
                return self._is_intent(record)
            case "after act":
                return self._is_answer(record)
            case "before done":
                return isinstance(record, StepDone) and self._is_step(record.step_id) and not self._point.effect
            case "before":
                return self._is_turn(record)
        return False

    def after(self, record: Record) -> bool:
        """Die once this record is durable?"""
        if isinstance(record, EffectIntended) and self._is_intent(record):
            self._steps[record.effect_id] = record.kind
        match self._point.point:
            case "after intent":
                return self._is_intent(record)
            case "after answer":
                return self._is_answer(record)
            case "after start":
                return isinstance(record, StepStarted) and self._is_step(record.step_id)
            case "after done":
                return isinstance(record, StepDone) and self._is_step(record.step_id)
            case "after":
                return self._is_turn(record)
        return False

    def _is_intent(self, record: Record) -> bool:
        return (
            isinstance(record, EffectIntended) and record.kind == self._point.effect and self._is_step(record.step_id)
        )

    def _is_answer(self, record: Record) -> bool:
        """Only of effects that changed something: dying around a refusal proves nothing."""
        done = isinstance(record, EffectAnswered) and record.outcome is EffectOutcome.DONE
        return done and isinstance(record, EffectAnswered) and record.effect_id in self._steps

    def _is_step(self, step_id: str) -> bool:
        return step_id.partition("/")[0] == self._point.step

    def _is_turn(self, record: Record) -> bool:
        return self._point.step in TURNS and isinstance(record, TURNS[self._point.step])
