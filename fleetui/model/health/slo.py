"""Service levels: how much of an error budget is left, how fast it burns, and whether somebody has to be called.

Multi-window, multi-burn-rate alerting after the Google SRE Workbook (chapter 5, table 5-8), in the four pairs of
kubernetes-mixin and sloth. A burn rate is the error ratio in units of the budget: at 1 the budget lasts exactly its
period. People are told when the budget is gone; a burn rate alone says little to most (slok/sloth#489).
"""

from collections.abc import Mapping
from enum import StrEnum
from math import ceil

import msgspec

from fleetui.model.cluster import Health

WINDOWS: Mapping[str, float] = {
    "5m": 300.0, "30m": 1_800.0, "1h": 3_600.0, "2h": 7_200.0, "6h": 21_600.0, "1d": 86_400.0, "3d": 259_200.0,
    "30d": 2_592_000.0,
}  # fmt: skip
"""All that is asked for, in seconds. The last one is the budget's own period."""
PERIOD = "30d"
PERIOD_S = WINDOWS[PERIOD]
TRAFFIC_WINDOW = "1h"
"""In which the events are counted."""


class Call(StrEnum):
    """Who has to know, worst first."""

    PAGE = "page"
    TICKET = "ticket"
    NOBODY = "nobody"
    UNKNOWN = "?"


class Pair(msgspec.Struct, frozen=True):
    """Both windows must burn at least so fast: the long one makes sure that it matters, the short one that it still
    goes on."""

    long: str
    short: str
    factor: float
    call: Call


PAIRS = (
    Pair("1h", "5m", 14.4, Call.PAGE),
    Pair("6h", "30m", 6.0, Call.PAGE),
    Pair("1d", "2h", 3.0, Call.TICKET),
    Pair("3d", "6h", 1.0, Call.TICKET),
)
"""2 % of a 30-day budget in 1 h, 5 % in 6 h, 10 % in 1 d and in 3 d: factor = share x 30 d / long window."""


class Policy(StrEnum):
    """When somebody is called; requirement F4."""

    PAIRS = "pairs"
    """``PAIRS``."""
    LOW_BUDGET = "low-budget"
    """A page while the budget burns at more than twice its pace and little of it is left; else the pairs' tickets."""
    HALF_SPENT = "half-spent"
    """A page when more than half of the budget went within one of the shorter windows, up to a day."""


FAST = 2.0
LITTLE_LEFT = 0.25
"""Share of the budget (own judgement: at twice the pace a quarter lasts less than four days)."""
HALF = 0.5
SHORTER = ("5m", "30m", "1h", "2h", "6h", "1d")


class Measured(msgspec.Struct, frozen=True):
    """What is known of one objective of one cluster."""

    errors: Mapping[str, float]
    """Share of events that were bad, by window; without those that nobody knows."""
    events: float | None = None
    """How many there were in ``TRAFFIC_WINDOW``; None where every moment counts and not every event."""
    what: str = "requests"


class Verdict(msgspec.Struct, frozen=True):
    """Whether an objective is kept."""

    call: Call
    level: Health
    word: str
    """For a cell: ``gone in 2.1 d``, ``gone``, ``low budget``, ``kept``, ``low traffic``."""
    reason: str
    burn: float | None = None
    """Of the last hour, in budgets a period; None where nobody knows."""
    left: float | None = None
    """Of the budget, 1 is all of it; negative when more was spent than there was. None where nobody knows."""
    gone_in_s: float | None = None
    """At the pace of the last hour; None where it does not end, or nobody knows."""


def judge(measured: Measured, *, target: float, policy: Policy = Policy.PAIRS) -> Verdict:
    """``target`` is the share that must be good, such as 0.999; ValueError unless it is between 0 and 1."""
    if not 0 < target < 1:
        raise ValueError(f"a target is a share between 0 and 1, not {target}")
    budget = 1 - target
    burns = {window: ratio / budget for window, ratio in measured.errors.items()}
    left = 1 - burns[PERIOD] if PERIOD in burns else None
    burn, gone_in = burns.get("1h"), exhaustion_s(left, burns.get("1h"))
    call, reason = _called(burns, left, measured, budget, policy)
    gone = exhaustion_text(left, burn)
    level, word = _level(call, left, gone)
    if call is Call.UNKNOWN:
        word = "low traffic" if burns else "no data"
    return Verdict(call, level, word, reason or _left_text(level, left), burn, left, gone_in)


def needed_events(pair: Pair, budget: float) -> int:
    """So many events must have been in the long window that a single bad one does not reach the factor by itself."""
    return ceil(1 / (pair.factor * budget))


def exhaustion_s(left: float | None, burn: float | None) -> float | None:
    """Seconds until the budget is gone at this pace: 0 when it is; None when it does not end or nobody knows."""
    if left is None or burn is None:
        return None
    if left <= 0:
        return 0.0
    return left * PERIOD_S / burn if burn > 0 else None


def exhaustion_text(left: float | None, burn: float | None) -> str:
    """``gone in 2.1 d``, ``gone``, ``lasts`` (longer than its period at this pace), ``?``."""
    if left is None or burn is None:
        return "?"
    seconds = exhaustion_s(left, burn)
    if seconds is None or seconds > PERIOD_S:
        return "lasts"
    return f"gone in {span_text(seconds)}" if seconds > 0 else "gone"


def span_text(seconds: float) -> str:
    """Of the future, in words that are exact enough to plan with: ``40 min``, ``5.5 h``, ``2.1 d``, ``63 d``."""
    if seconds < 5_400:
        return f"{max(1, round(seconds / 60))} min"
    size, unit = (3_600, "h") if seconds < 172_800 else (86_400, "d")
    amount = seconds / size
    return f"{amount:.0f} {unit}" if amount >= 10 else f"{amount:.1f} {unit}"


def share_text(share: float | None) -> str:
    """A share that was kept, exact where the nines are: ``99.95%``, ``100%`` only when nothing was lost."""
    if share is None:
        return "?"
    if share >= 1:
        return "100%"
    digits = 2 if share < 0.9995 else 3
    return f"{min(share * 100, 100 - 10**-digits):.{digits}f}".rstrip("0").rstrip(".") + "%"


def _called(
    burns: Mapping[str, float], left: float | None, measured: Measured, budget: float, policy: Policy
) -> tuple[Call, str]:
    enough = [pair for pair in PAIRS if _enough(pair, measured.events, budget)]
    judged = [pair for pair in enough if pair.long in burns and pair.short in burns]
    if not judged:
        return Call.UNKNOWN, _why_unjudged(burns, measured)
    firing = [pair for pair in judged if burns[pair.long] >= pair.factor and burns[pair.short] >= pair.factor]
    if page := _page(policy, firing, burns, left, judged):
        return Call.PAGE, page
    if ticket := next((pair for pair in firing if pair.call is Call.TICKET or policy is not Policy.PAIRS), None):
        return Call.TICKET, _pair_text(ticket, burns)
    thin = "" if PAIRS[0] in enough else f"{_traffic_text(measured)}; judged over {judged[-1].long}"
    return Call.NOBODY, thin


def _page(
    policy: Policy, firing: list[Pair], burns: Mapping[str, float], left: float | None, judged: list[Pair]
) -> str:
    """Why it pages; empty when it does not."""
    if policy is Policy.PAIRS:
        return next((_pair_text(pair, burns) for pair in firing if pair.call is Call.PAGE), "")
    if policy is Policy.LOW_BUDGET:
        fast = PAIRS[0] in judged and burns["1h"] > FAST and left is not None and left < LITTLE_LEFT
        return f"burns {burns['1h']:.1f} x its pace with {left:.0%} left" if fast else ""
    spent = {w: burns[w] * WINDOWS[w] / PERIOD_S for w in SHORTER if w in burns and _long_enough(w, judged)}
    most = max(spent, key=lambda window: spent[window], default="")
    return f"{spent[most]:.0%} of the budget went within {most}" if most and spent[most] > HALF else ""


def _long_enough(window: str, judged: list[Pair]) -> bool:
    """Not shorter than the shortest window that has events enough."""
    return WINDOWS[window] >= min(WINDOWS[pair.short] for pair in judged)


def _enough(pair: Pair, events: float | None, budget: float) -> bool:
    """The traffic of an hour stands for that of longer windows."""
    if events is None:
        return True
    return events * WINDOWS[pair.long] / WINDOWS[TRAFFIC_WINDOW] >= needed_events(pair, budget)


def _why_unjudged(burns: Mapping[str, float], measured: Measured) -> str:
    if not burns:
        return "nothing of it is measured"
    return _traffic_text(measured) if measured.events is not None else "too little history for any window"


def _traffic_text(measured: Measured) -> str:
    """``37 requests in 1 h: no verdict``: of the window that is missing for want of them."""
    return f"{measured.events or 0:,.0f} {measured.what} in 1 h: no verdict"


def _pair_text(pair: Pair, burns: Mapping[str, float]) -> str:
    return f"burns {burns[pair.long]:.1f} x its pace over {pair.long}, {burns[pair.short]:.1f} x over {pair.short}"


def _left_text(level: Health, left: float | None) -> str:
    """Why it is trouble although nobody is called."""
    if level is not Health.WARNING or left is None:
        return ""
    return f"{left:.0%} of the budget is left" if left > 0 else f"{-left:.0%} more was spent than there was"


def _level(call: Call, left: float | None, gone: str) -> tuple[Health, str]:
    """A budget that is gone is trouble even while nothing burns: the promise is broken. One of which little is left is
    worth a look before it is."""
    spent, little = left is not None and left <= 0, left is not None and left < LITTLE_LEFT
    if call is Call.UNKNOWN:
        return Health.UNKNOWN, "?"
    if call is Call.PAGE:
        return Health.BROKEN, gone if gone != "?" else "burns"
    if call is Call.TICKET or spent:
        return Health.WARNING, gone if gone not in ("?", "lasts") else "burns"
    if little:
        return Health.WARNING, "low budget"
    return Health.CALM, "kept"
