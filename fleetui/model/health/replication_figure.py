"""The further figures of an instance: how bad each is, and how it is said."""

from fleetui.model.amount import number_text
from fleetui.model.cluster import Health
from fleetui.model.duration import format_duration
from fleetui.model.health.board import value_text
from fleetui.model.health.replication_kind import FigureRule, Level
from fleetui.model.health.replication_reading import Figure
from fleetui.model.health.threshold import Threshold

_HEALTH = {Level.CALM: Health.CALM, Level.AMBER: Health.WARNING, Level.RED: Health.BROKEN}


def figure_level(rule: FigureRule, value: float | None) -> Health:
    """UNKNOWN without a value; CALM for a figure without limits."""
    if value is None:
        return Health.UNKNOWN
    if rule.levels:
        return _HEALTH[rule.levels.get(value, Level.CALM)]
    never = float("-inf") if rule.falling else float("inf")
    amber = never if rule.amber is None else rule.amber
    red = never if rule.red is None else rule.red
    return Threshold(rule.title, rule.unit, amber, red, "its kind", falling=rule.falling).judge(value)


def figure_text(figure: Figure) -> str:
    if figure.value is None:
        return "?"
    word = figure.rule.words.get(figure.value)
    return word if word is not None else amount_text(figure.value, figure.rule.unit)


def limit_text(rule: FigureRule, level: Health) -> str:
    """`` (limit 16 MiB)``, the one that it has reached; empty where states are judged."""
    limit = rule.red if level is Health.BROKEN else rule.amber
    return "" if limit is None or rule.levels else f" (limit {amount_text(limit, rule.unit)})"


def seconds_text(seconds: float) -> str:
    """``0 s``, ``0.4 s``, ``31 s``, ``12m``."""
    if seconds >= 120:
        return format_duration(seconds)
    return f"{number_text(round(seconds, 1) if seconds < 10 else round(seconds))} s"


def amount_text(value: float, unit: str) -> str:
    """``6.4 MiB``, ``120 KiB``, ``1,204 messages``, ``97%``."""
    if unit == "B" and value < 10 * 2**20:
        if value < 1024:
            return f"{value:.0f} B"
        return f"{value / 2**10:,.0f} KiB" if value < 2**20 else f"{value / 2**20:.1f} MiB"
    return seconds_text(value) if unit == "s" else value_text(value, unit)
