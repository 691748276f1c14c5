"""Alerts of the promises: when a budget burns so fast that somebody has to know, by the policy of the configuration.

The same arithmetic as ``model.health.slo`` does on the board: both windows of a pair, events enough for a verdict.
"""

from collections.abc import Iterator

from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.health.slo import (
    FAST,
    HALF,
    LITTLE_LEFT,
    PAIRS,
    PERIOD,
    PERIOD_S,
    SHORTER,
    TRAFFIC_WINDOW,
    WINDOWS,
    Pair,
    Policy,
    needed_events,
)
from fleetui.model.health.slo import Call as Told
from fleetui.model.health.slo_objectives import OBJECTIVES, Objective
from fleetui.model.rules.error_type import CONTROL_PLANE, PROVISIONING, WORKLOADS, ErrorType
from fleetui.model.rules.rule import AlertRule, Ground, Group

ERROR_TYPES: dict[str, ErrorType] = {"app-errors": WORKLOADS, "reconcile": PROVISIONING}
"""Of promises; all others are of the control plane."""
HOLDS = {"1h": "2m", "6h": "15m", "1d": "1h", "3d": "3h"}
"""By the long window, as in kubernetes-mixin."""


def burns(ground: Ground, policy: Policy) -> Group:
    """All promises, each with its targets."""
    rules = (
        rule
        for objective in OBJECTIVES
        for target, clusters in sorted(_targets(objective, ground).items())
        for rule in _Burning(objective, target, _only(objective, ground, clusters), ground).rules(policy)
    )
    return Group("fleetui-slo-alerts", "1m", tuple(rules))


def _targets(objective: Objective, ground: Ground) -> dict[float, tuple[str, ...]]:
    return dict(ground.targets.get(objective.id, {objective.target: ()}))


def _only(objective: Objective, ground: Ground, clusters: tuple[str, ...]) -> str:
    """The matcher of those clusters, or of all that no other target names; empty for all."""
    others = sorted(name for names in _targets(objective, ground).values() for name in names)
    if clusters:
        return f'{{{ground.cluster}=~"{_either(clusters)}"}}'
    return f'{{{ground.cluster}!~"{_either(others)}"}}' if others else ""


def _either(names: "tuple[str, ...] | list[str]") -> str:
    return "|".join(quoted(name) for name in names)


def quoted(name: str) -> str:
    """A value as part of a regular expression within a quoted string; quoted by us, as RE2 knows fewer escapes than
    Python writes."""
    escaped = "".join(f"\\{letter}" if letter in r"\.+*?()|[]{}^$" else letter for letter in name)
    return escaped.replace("\\", "\\\\").replace('"', '\\"')


class _Burning:
    """One promise at one target."""

    def __init__(self, objective: Objective, target: float, only: str, ground: Ground) -> None:
        self._objective = objective
        self._budget = 1 - target
        self._target = target
        self._only = only
        self._ground = ground

    def rules(self, policy: Policy) -> Iterator[AlertRule]:
        match policy:
            case Policy.LOW_BUDGET:
                yield self._low_budget()
            case Policy.HALF_SPENT:
                yield from (self._half_spent(window) for window in SHORTER if self._half(window) < 1)
            case Policy.PAIRS:
                pass
        for pair in PAIRS:
            pages = policy is Policy.PAIRS and pair.call is Told.PAGE
            yield self._pair(pair, Call.PAGE if pages else Call.TICKET)

    def _pair(self, pair: Pair, call: Call) -> AlertRule:
        fast = [f"{self._errors(window)} >= {pair.factor:g} * {self._budget:.6g}" for window in (pair.long, pair.short)]
        expr = self._all_of(*fast, *self._enough(pair))
        spent = pair.factor * WINDOWS[pair.long] / PERIOD_S
        return self._rule(
            expr,
            hold=HOLDS[pair.long],
            call=call,
            window=pair.long,
            how=f"burns {pair.factor:g} x its pace over {pair.long} and {pair.short}",
            spent=f"{spent:.0%} of the error budget of {PERIOD} went within {pair.long}, and it goes on. ",
        )

    def _low_budget(self) -> AlertRule:
        expr = self._all_of(
            f"{self._errors('1h')} > {FAST:g} * {self._budget:.6g}",
            f"{self._errors(PERIOD)} > {1 - LITTLE_LEFT:g} * {self._budget:.6g}",
            *self._enough(PAIRS[0]),
        )
        how = f"burns {FAST:g} x its pace with less than {LITTLE_LEFT:.0%} left"
        return self._rule(expr, hold="2m", call=Call.PAGE, window="1h", how=how)

    def _half_spent(self, window: str) -> AlertRule:
        fits = [pair for pair in PAIRS if WINDOWS[pair.short] <= WINDOWS[window]]
        enough = min(fits, key=self._needed)
        expr = self._all_of(f"{self._errors(window)} > {self._half(window):.6g}", *self._enough(enough))
        how = f"lost more than {HALF:.0%} of its budget within {window}"
        return self._rule(expr, hold="1m", call=Call.PAGE, window=window, how=how)

    def _half(self, window: str) -> float:
        """The share of errors that spends half of the budget within it; 1 and more cannot be."""
        return HALF * PERIOD_S / WINDOWS[window] * self._budget

    def _errors(self, window: str) -> str:
        return f"{self._objective.recording(window)}{self._only}"

    def _enough(self, pair: Pair) -> Iterator[str]:
        """With fewer events a single bad one would do."""
        if self._objective.events:
            yield f"{self._objective.counted(TRAFFIC_WINDOW).own} >= {self._needed(pair):.6g}"

    def _needed(self, pair: Pair) -> float:
        """Events within an hour."""
        return needed_events(pair, self._budget) * WINDOWS[TRAFFIC_WINDOW] / WINDOWS[pair.long]

    def _all_of(self, first: str, *others: str) -> str:
        return f"\nand on ({self._ground.fill('$per')}) ".join((first, *others))

    def _rule(self, expr: str, *, hold: str, call: Call, window: str, how: str, spent: str = "") -> AlertRule:
        return AlertRule(
            name=f"Fleet{camel(self._objective.id)}BudgetBurn",
            expr=expr,
            hold=hold,
            call=call,
            error_type=ERROR_TYPES.get(self._objective.id, CONTROL_PLANE),
            slo=self._objective.id,
            summary=f"{self._ground.where}: {self._objective.title} ({self._target:.6g}) {how}",
            window=window,
            description=f"{spent}{self._objective.doc}",
        )


def camel(id_: str) -> str:
    """``api-errors`` as ``ApiErrors``."""
    return "".join(word.capitalize() for word in id_.replace("_", "-").split("-"))
