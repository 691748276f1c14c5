"""A screen around a table that sources of metrics fill: how fresh they are, and how to name one while it is empty."""

from collections import Counter
from typing import Any, ClassVar, Protocol, cast

from fleetui.console.emptiness import asking
from fleetui.console.feeding import Feeding
from fleetui.console.ink import Line, join, line, wrap
from fleetui.console.table_screen import TableScreen
from fleetui.console.views import View
from fleetui.model.cluster import Health
from fleetui.model.duration import format_duration
from fleetui.model.health.sample import Age

_EXAMPLE = """metrics:
  central:
    url: https://prometheus.example
    auth: {token: {env: METRICS_TOKEN}}"""


class Asked(Protocol):
    """What the boards of these screens know beside their rows."""

    @property
    def waiting(self) -> frozenset[str]:
        """Sources that have neither answered nor failed."""


class MetricsScreen(TableScreen):
    """Rows have ``cluster``, ``age`` and ``sample_at``."""

    BOARD: ClassVar[str]
    """Name of the table; also the place in the crumbs."""
    CRUMB: ClassVar[str]
    NOUN: ClassVar[str] = "clusters"
    """What the rows are."""
    UNHEARD: ClassVar[str] = "silent"
    """What a row is of which nobody has ever said anything."""
    EMPTY: ClassVar[str]
    """The headline over an empty table."""

    def feeding(self) -> Feeding:
        return Feeding(self, self.session, self.BOARD, self.take)  # type: ignore[arg-type]

    def boards(self) -> frozenset[str]:
        return frozenset({self.BOARD})

    def crumbs(self) -> tuple[str, ...]:
        return (self.CRUMB,)

    def counts(self) -> Line:
        return line((f"{self.rows.counts.total:,} {self.NOUN}", "muted"))

    def is_mine(self, row: Any) -> bool:
        return not self.view.cluster or row.cluster == self.view.cluster

    def trust(self, cells: int) -> Line:  # noqa: ARG002 - short enough for any width
        """Of how many clusters the figures are fresh, late and stale, and of how many there are none."""
        glyphs, ages = self.session.glyphs, self._ages()
        counts = Counter(age for age, _ in ages.values())
        fresh = [at for age, at in ages.values() if age is Age.FRESH and at is not None]
        as_of = f", as of {format_duration(self.session.clock.now() - min(fresh))} ago" if fresh else ""
        parts = [
            line(
                (f" {glyphs.scraped} ", "ok" if fresh else "unknown"), f"{counts[Age.FRESH]}/{len(ages)} fresh{as_of}"
            ),
            line((f"{glyphs.warning} {counts[Age.LATE]} late", "stale")) if counts[Age.LATE] else (),
            line((f"{glyphs.warning} {counts[Age.STALE]} stale", "stale")) if counts[Age.STALE] else (),
            line((f"{glyphs.unknown} {counts[Age.NONE]} {self.UNHEARD}", "unknown")) if counts[Age.NONE] else (),
            self.verdicts(),
        ]
        return join(parts, "  ")

    def verdicts(self) -> Line:
        """What the rows come to, beside how fresh they are."""
        glyphs, levels = self.session.glyphs, Counter(row.level for row in self.rows.all_rows())
        told = [
            line((f"{glyphs.broken} {levels[Health.BROKEN]} broken", "danger")) if levels[Health.BROKEN] else (),
            line((f"{glyphs.warning} {levels[Health.WARNING]} warning", "warn")) if levels[Health.WARNING] else (),
        ]
        return join(told, "  ")

    def _ages(self) -> dict[str, tuple[Age, float | None]]:
        """By cluster."""
        return {row.cluster: (row.age, row.sample_at) for row in self.rows.all_rows()}

    def is_late(self) -> bool:
        """Ages of what is late are on the screen."""
        return any(age in (Age.LATE, Age.STALE) for age, _ in self._ages().values())

    def clusters_changed(self) -> None:
        """Its rows are judged by their own sources, not by what is heard from the API server."""
        self.refresh_headlines()

    def tick(self) -> None:
        """Who is still asked changes while no row does."""
        super().tick()
        self._grid.say_why_empty()

    def nothing(self, cells: int) -> tuple[Line, ...]:
        board = cast("Asked | None", self.session.fleet.board(self.BOARD))  # type: ignore[arg-type]
        if board is not None and board.waiting:
            return (asking(board.waiting, self.session.glyphs),)
        said = (
            "These figures come from the sources of metrics that the configuration names: Prometheus, Thanos, Mimir or "
            "VictoriaMetrics. config.example.yaml explains every line; fleetui info tells which file is read."
        )
        example = tuple(line((text, "accent")) for text in _EXAMPLE.splitlines())
        return (line((self.EMPTY, "strong")), (), *wrap(said, min(cells, 100)), (), *example)

    def view_below(self, row: Any) -> View | None:
        return View("machines", cluster=row.cluster)
