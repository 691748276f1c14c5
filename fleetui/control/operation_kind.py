"""What an operation is made of. The engine runs every kind the same way and knows none by name.

An operation declares its steps, and for each step the effects (mutating requests) it may make. Nothing undeclared is
sent, and the kill drills enumerate their kill points from the declarations.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from fleetui.control.effect_kind import RELEASE, UNCORDON, EffectKind
from fleetui.model.operation import Intent, Option, PlannedStep

if TYPE_CHECKING:
    from fleetui.control.facts import Facts
    from fleetui.control.preflight import CheckKind
    from fleetui.control.step_context import Keeper, StepContext


class StepKind(msgspec.Struct, frozen=True):
    name: str
    title: str
    effects: tuple[EffectKind, ...] = ()
    """Every kind of mutating request that the step may make, each with the way to find out whether it was made."""
    advance: bool = False
    """Done for all machines before any other step of any of them."""
    kept: bool = False
    """``OperationKind.keep`` is called at its safe points."""
    guarded: bool = False
    """A point of no return: the checks that guard are made again just before it."""


UNDO = StepKind(
    "undo", "lift our own cordon, release our lock, leave everything else as it is", effects=(UNCORDON, RELEASE)
)
"""What an abort runs for each machine that the operation has begun with and not finished."""


class OptionKind(msgspec.Struct, frozen=True):
    name: str
    default: Option
    help: str
    minimum: int | None = None
    """For whole numbers."""


class InvalidOptionError(ValueError):
    """An option the operation does not have, or a value it cannot use. Its text is for people."""


class Undone(msgspec.Struct, frozen=True):
    """What giving one machine back came to."""

    said: str
    given_back: bool
    """Nothing of this operation is left on it: neither its cordon nor its lock, nor did somebody else come between."""


Undo = Callable[["StepContext", bool], Awaitable[Undone]]


class OperationKind(Protocol):
    """One module of ``control.operations``; its ``OPERATION`` is what the registry finds."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def disruptive(self) -> bool:
        """Whether it can take an application down: then big or delicate plans ask for a typed word."""
        ...

    @property
    def options(self) -> tuple[OptionKind, ...]: ...

    @property
    def steps(self) -> tuple[StepKind, ...]:
        """Of the plan and of its undo."""
        ...

    @property
    def checks(self) -> "tuple[CheckKind, ...]": ...

    @property
    def start_checks(self) -> "tuple[CheckKind, ...]":
        """Made once, when the approved plan is to begin: what it saw against what is there. All of them block."""
        ...

    @property
    def keep(self) -> "Callable[[StepContext], Keeper] | None":
        """What holds a machine while a step that is ``kept`` waits or runs. None: nothing has to."""
        ...

    @property
    def undo(self) -> "Undo | None":
        """Gives one machine back; with False only the lock goes, the cordon stays. None: nothing to undo."""
        ...

    async def plan(self, facts: "Facts") -> tuple[PlannedStep, ...]:
        """The steps, machine by machine in the order in which these shall take their turns. What could not be read is
        left out: a check says so and blocks."""
        ...

    async def run(self, context: "StepContext") -> str:
        """Brings about the state that ``context.step`` names, whatever has been done of it before.

        Returns what it came to, in words. Raises StepFailedError.
        """
        ...


def one_step_each(intent: Intent, *, kind: str, does: str, breaks: str) -> tuple[PlannedStep, ...]:
    """The plan of an operation that is one request a machine. ``{name}`` in ``does`` is the machine."""
    why = intent.reason or "asked for"
    return tuple(
        PlannedStep(f"{kind}/{target.name}", kind, target, does.format(name=target.name), why, breaks, estimate_s=1.0)
        for target in intent.targets
    )


def effect_kinds(kind: OperationKind) -> dict[str, EffectKind]:
    """By name: all that the operation may ever have intended."""
    return {effect.name: effect for step in kind.steps for effect in step.effects}


def acts_on_etcd(kind: OperationKind) -> bool:
    """By what it declares: then its cluster's etcd is opened with the cluster."""
    return any(effect.on_etcd for effect in effect_kinds(kind).values())


def step_kind(kind: OperationKind, name: str) -> StepKind:
    return next(step for step in kind.steps if step.name == name)


def read_options(kind: OperationKind, given: Sequence[tuple[str, Option]]) -> dict[str, Option]:
    """All options with their values, defaults where none was given. Raises InvalidOptionError."""
    known = {option.name: option for option in kind.options}
    values: dict[str, Option] = {option.name: option.default for option in kind.options}
    for name, value in given:
        if name not in known:
            choices = ", ".join(sorted(known)) or "none"
            raise InvalidOptionError(f"{kind.name} has no option {name!r}; it has: {choices}")
        values[name] = _checked(kind, known[name], value)
    return values


def _checked(kind: OperationKind, option: OptionKind, value: Option) -> Option:
    # bool is an int to Python, but not to an operator.
    if type(value) is not type(option.default):
        wanted = {bool: "yes or no", int: "a whole number", str: "text"}[type(option.default)]
        raise InvalidOptionError(f"{kind.name} option {option.name}: {value!r} is not {wanted}")
    if option.minimum is not None and isinstance(value, int) and value < option.minimum:
        raise InvalidOptionError(f"{kind.name} option {option.name}: {value} is below {option.minimum}")
    return value
