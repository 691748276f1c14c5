"""One measured figure beside its bound, and how a run is told as a table."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`value` in `unit`; `bound` is what it may be at most, said in `rule`; `peer` is the same of other programs.

    `steady`: the load of the machine has no say in it (bytes, memory): a missed bound is a defect wherever it is seen.
    """

    what: str
    value: float
    unit: str
    bound: float | None = None
    rule: str = ""
    peer: str = ""
    steady: bool = False

    @property
    def held(self) -> bool | None:
        """None where there is no bound."""
        return None if self.bound is None else self.value <= self.bound

    @property
    def ratio(self) -> float | None:
        """Of the bound: over 1 is missed."""
        return self.value / self.bound if self.bound else None


def broken(figures: Iterable[Figure], *, steady: bool) -> list[Figure]:
    """Those whose bound is missed; where `steady`, only those that no busy machine excuses."""
    return [figure for figure in figures if figure.held is False and (figure.steady or not steady)]


def median(values: Iterable[float]) -> float:
    return statistics.median(list(values))


def high(values: Sequence[float], share: float = 0.95) -> float:
    """The value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(figures: Iterable[Figure]) -> str:
    """A Markdown table."""
    lines = ["| what | measured | at most | of the bound | | peers in the same run |", "|---|---:|---:|---:|---|---|"]
    for figure in figures:
        rule = f" ({figure.rule})" if figure.rule else ""
        bound = "" if figure.bound is None else f"{_number(figure.bound)} {figure.unit}{rule}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        word = {None: "", True: "held", False: "**missed**"}[figure.held]
        cells = (figure.what, f"{_number(figure.value)} {figure.unit}", bound, ratio, word, figure.peer)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
