"""What the boards of metrics come to on a cluster's row in the fleet: of its rows on each board the worst."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from fleetui.model.cluster import BoardSign, Health
from fleetui.model.health.board import value_text
from fleetui.model.health.panel_board import NO_SOURCE, PanelRow
from fleetui.model.health.replication import Replica
from fleetui.model.health.sample import Age
from fleetui.model.health.slo import Call
from fleetui.model.health.slo_board import SloRow, Sort
from fleetui.model.health.slo_objectives import FIGURES

_TROUBLE = (Health.BROKEN, Health.WARNING)
_CALLS = tuple(Call)
_SHORT = {panel.id: panel.short or panel.title for panel in FIGURES} | {"credentials": "certs", "pod-ready": "pods"}


class Entry(msgspec.Struct, frozen=True):
    """One row of a board, in as much as it matters here."""

    level: Health
    word: str
    why: str
    urgency: tuple[int, float] = (0, 0.0)
    """Among those of one level the smallest comes first."""


def promise(row: SloRow) -> Entry | None:
    """Who is called, then what is gone first. Too little traffic for a verdict is known, and no blindness."""
    if not row.settled or row.word == NO_SOURCE:
        return None
    measured = row.value is not None and row.age in (Age.FRESH, Age.LATE)
    level = Health.CALM if row.level is Health.UNKNOWN and measured else row.level
    gone = float("inf") if row.gone_in_s is None else row.gone_in_s
    return Entry(level, _promised(row), _joined(row.title, row.reason), (_CALLS.index(row.call), gone))


def _promised(row: SloRow) -> str:
    """``gone 6.7 h`` of a budget, ``pods 83%`` of a figure, ``volumes full in 12 d``: short enough for a cell."""
    if row.level is Health.UNKNOWN or row.sort is Sort.CAPACITY or row.value is None:
        return f"{row.title} {row.word}"
    if row.sort is Sort.BUDGET:
        return row.word.replace("gone in", "gone")
    return f"{_SHORT.get(row.objective, row.title)} {value_text(row.value, row.unit)}"


def figures(row: PanelRow) -> Entry | None:
    """The reason begins with the word, which is not said twice."""
    if not row.settled or row.word == NO_SOURCE:
        return None
    return Entry(row.level, row.word, row.reason.removeprefix(row.word).removeprefix(", "))


def instance(row: Replica) -> Entry | None:
    return Entry(row.level, row.word, _joined(f"{row.title} {row.instance}".strip(), row.reason))


ENTRIES: Mapping[str, Callable[[Any], Entry | None]] = {
    "slo": promise,
    "controlplane": figures,
    "replication": instance,
}
"""By board, how one of its rows is read; None for one that says nothing. What burns comes before what causes it."""
BOARDS = tuple(ENTRIES)


def board_sign(board: str, rows: Iterable[Any]) -> BoardSign | None:
    """Of one cluster's rows; None where the board has nothing of it, or nothing yet, or nobody is asked about it."""
    known = [entry for row in rows if (entry := ENTRIES[board](row)) is not None]
    if not known:
        return None
    bad = sorted((entry for entry in known if entry.level in _TROUBLE), key=_worst_first)
    blind = [entry for entry in known if entry.level is Health.UNKNOWN]
    if not bad and not blind:
        return BoardSign(board, Health.CALM, "")
    first = (bad or blind)[0]
    return BoardSign(board, first.level, first.word, first.why, more=max(0, len(bad) - 1), unknown=len(blind))


def _worst_first(entry: Entry) -> tuple[int, tuple[int, float]]:
    return _TROUBLE.index(entry.level), entry.urgency


def _joined(about: str, reason: str) -> str:
    return f"{about}: {reason}" if reason else about
