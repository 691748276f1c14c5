"""How a failure mode is judged: a table of signs, of what explains them better, and of likely causes."""

from collections.abc import Callable
from enum import StrEnum

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.diagnosis.clue import Clue, listed
from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.diagnosis.mode import Mode

Look = Callable[[Evidence], Clue]


class Weight(StrEnum):
    PROOF = "proof"
    """Found, it is this mode."""
    HINT = "hint"
    """Found, it may be."""


class Sign(msgspec.Struct, frozen=True):
    """One line of a mode's table."""

    look: Look
    weight: Weight
    settles: bool = False
    """The mode is absent once all signs that settle it were looked for and not found. Where one of them cannot be seen,
    it is unknown instead."""


class Better(msgspec.Struct, frozen=True):
    """What tells the mode from a neighbour: where this is found, the neighbour explains it all."""

    look: Look
    mode: Mode


class Likely(msgspec.Struct, frozen=True):
    """A cause and the first safe step. ``{who}`` in either is replaced by the names of what was found."""

    when: Look
    cause: str
    first: str


class Rule(msgspec.Struct, frozen=True):
    mode: Mode
    signs: tuple[Sign, ...]
    likely: tuple[Likely, ...]
    """The first whose sign is found; the last always is."""
    better: tuple[Better, ...] = ()


class State(StrEnum):
    """Worst first."""

    PRESENT = "present"
    SUSPECTED = "suspected"
    EXPLAINED = "explained"
    """It looks like this mode, and another one explains it better."""
    UNKNOWN = "unknown"
    ABSENT = "absent"


class Judgement(msgspec.Struct, frozen=True):
    """What one mode came to."""

    mode: Mode
    state: State
    evidence: tuple[Clue, ...] = ()
    """What was found; proofs first."""
    missing: tuple[str, ...] = ()
    """What could not be seen, and why."""
    cause: str = ""
    """Where something was found."""
    first: str = ""
    """The first safe step."""
    instead: Mode | None = None
    """EXPLAINED: by which."""

    @property
    def level(self) -> Health:
        return _LEVELS[self.state]

    @property
    def names(self) -> tuple[str, ...]:
        """Machines, members or pods to look at."""
        return tuple(dict.fromkeys(name for clue in self.evidence for name in clue.names))


_LEVELS = {
    State.PRESENT: Health.BROKEN,
    State.SUSPECTED: Health.WARNING,
    State.EXPLAINED: Health.WARNING,
    State.UNKNOWN: Health.UNKNOWN,
    State.ABSENT: Health.CALM,
}


def judge(rule: Rule, evidence: Evidence) -> Judgement:
    looked = [(sign, evidence.look(sign.look)) for sign in rule.signs]
    found = tuple(clue for sign, clue in sorted(looked, key=_proof_first) if clue.found)
    missing = tuple(dict.fromkeys(clue.text for _, clue in looked if clue.found is None))
    if not found:
        blind = any(sign.settles and clue.found is None for sign, clue in looked)
        return Judgement(rule.mode, State.UNKNOWN if blind else State.ABSENT, missing=missing)
    proven = any(sign.weight is Weight.PROOF and clue.found for sign, clue in looked)
    state = State.PRESENT if proven else State.SUSPECTED
    cause, first = _likely(rule, evidence, found)
    judgement = Judgement(rule.mode, state, found, missing, cause, first)
    return _explained(judgement, rule, evidence)


def _proof_first(looked: tuple[Sign, Clue]) -> bool:
    return looked[0].weight is not Weight.PROOF


def _likely(rule: Rule, evidence: Evidence, found: tuple[Clue, ...]) -> tuple[str, str]:
    for likely in rule.likely:
        clue = evidence.look(likely.when)
        if clue.found:
            names = clue.names or next((each.names for each in found if each.names), ())
            who = listed(names) or evidence.cluster.name
            return likely.cause.format(who=who), likely.first.format(who=who)
    raise ValueError(f"the causes of {rule.mode} do not end with one that is always there")


def _explained(judgement: Judgement, rule: Rule, evidence: Evidence) -> Judgement:
    for better in rule.better:
        clue = evidence.look(better.look)
        if clue.found:
            return msgspec.structs.replace(
                judgement, state=State.EXPLAINED, instead=better.mode, evidence=(*judgement.evidence, clue)
            )
    return judgement


def otherwise(_: Evidence) -> Clue:
    """For the last cause of a table."""
    return Clue(True, "")
