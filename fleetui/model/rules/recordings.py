"""Recording rules of the promises: the share of errors over every window that boards and alerts read.

Windows up to 2 h are the boards' own queries. Longer ones would read every raw series of days each time, so they are
made of what was recorded: of promises that count events, bad ones by all of them; of those where every moment counts,
the mean. Their samples are taken one window apart (5 min, 1 h), so nothing is counted twice.
"""

from collections.abc import Iterator

from fleetui.model.health.slo import TRAFFIC_WINDOW, WINDOWS
from fleetui.model.health.slo_objectives import OBJECTIVES, Objective
from fleetui.model.rules.rule import Ground, Group, Recording

DIRECT = ("5m", "30m", "1h", "2h")
MADE_OF = {"6h": "5m", "1d": "5m", "3d": "1h", "30d": "1h"}
"""Long windows, and the short ones that they are made of: 72 to 720 samples each."""
_DIRECT_EVERY, _LONG_EVERY = "30s", "2m"
"""Less than the five minutes after which a sample is stale."""


def recordings(ground: Ground) -> tuple[Group, ...]:
    """One group of short windows and one of long ones for each promise."""
    assert {*DIRECT, *MADE_OF} == {*WINDOWS}
    return tuple(group for objective in OBJECTIVES for group in _groups(objective, ground))


def _groups(objective: Objective, ground: Ground) -> Iterator[Group]:
    name = f"fleetui-slo-{objective.id}"
    yield Group(name, _DIRECT_EVERY, (*_direct(objective, ground), *_counted(objective, ground)))
    yield Group(f"{name}-long", _LONG_EVERY, tuple(_long(objective, window, ground) for window in MADE_OF))


def _direct(objective: Objective, ground: Ground) -> Iterator[Recording]:
    for window in DIRECT:
        yield Recording(objective.recording(window), ground.fill(objective.panel(window).promql))


def _counted(objective: Objective, ground: Ground) -> Iterator[Recording]:
    """All events, and the bad ones of them. Without any event there is no share of errors, and none was bad."""
    if not objective.events:
        return
    for window in sorted({*MADE_OF.values(), TRAFFIC_WINDOW}):
        every = objective.counted(window)
        yield Recording(every.own, ground.fill(every.promql))
        yield Recording(_bad(objective, window), f"({objective.recording(window)} >= 0) * {every.own}")


def _long(objective: Objective, window: str, ground: Ground) -> Recording:
    """Only where the rules have been evaluated for as long: before that raw series know more, and boards read them."""
    step = MADE_OF[window]
    at, short = f"[{window}:{step}]", objective.recording(step)
    if objective.events:
        bad, every = _bad(objective, step), objective.counted(step).own
        share = f"sum_over_time({bad}{at})\n/ sum_over_time({every}{at})"
    else:
        every, share = short, f"avg_over_time({short}{at})"
    since = f"last_over_time({every}[1h] offset {window})"
    return Recording(objective.recording(window), f"{share}\nand on ({ground.fill('$per')}) {since}")


def _bad(objective: Objective, window: str) -> str:
    return objective.counted(window).own.replace(":increase", ":bad_increase")
