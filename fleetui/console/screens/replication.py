"""Who replicates from whom, does it receive, how far is it behind: PostgreSQL, Redis, Kafka, whatever is declared."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from fleetui.console.describing import section_lines
from fleetui.console.emptiness import asking
from fleetui.console.feeding import Feeding
from fleetui.console.frame import bindings
from fleetui.console.ink import Line, join, line, wrap
from fleetui.console.trending import Trending
from fleetui.console.views import View
from fleetui.model.chart.replication_subjects import replica_place, replication_subject
from fleetui.model.chart.subject import Subject, Wish
from fleetui.model.cluster import Health
from fleetui.model.fault import Fault
from fleetui.model.health.replication import Replica
from fleetui.model.health.replication_description import replication_sections
from fleetui.model.table.columns_replication import REPLICATION
from fleetui.model.table.replication_cells import is_late

_EXAMPLE = """metrics:
  central: {url: https://prometheus.example}"""
_COUNTED = (
    (Health.BROKEN, "broken", "danger"),
    (Health.WARNING, "warning", "warn"),
    (Health.UNKNOWN, "unknown", "unknown"),
)


class ReplicationPicture(Protocol):
    """What the board of replication knows beside its rows."""

    @property
    def faults(self) -> tuple[tuple[str, Fault], ...]: ...

    @property
    def mistakes(self) -> tuple[Fault, ...]: ...

    @property
    def waiting(self) -> frozenset[str]: ...


def _wish(row: Replica, subject: Subject) -> Wish | None:
    place = replica_place(row, subject)
    return None if place is None else Wish(subject, place)


class ReplicationScreen(Trending):
    PLACE = "replication"
    TABLE = REPLICATION
    BINDINGS = bindings("replication")

    def feeding(self) -> Feeding:
        return Feeding(self, self.session, "replication", self.take)

    def boards(self) -> frozenset[str]:
        return frozenset({"replication"})

    def crumbs(self) -> tuple[str, ...]:
        return ("replication",)

    def is_mine(self, row: Any) -> bool:
        return not self.view.cluster or row.cluster == self.view.cluster

    def inspect(self, row: Any, cells: int) -> tuple[Line, ...]:
        assert isinstance(row, Replica)
        return self.beside(row, section_lines(replication_sections(row, now=self.session.clock.now()), cells), cells)

    def wish(self, row: Any) -> Wish | None:
        subject = replication_subject(row, self._kinds)
        return None if subject is None else _wish(row, subject)

    def wishes_beside(self, row: Any) -> Sequence[Wish]:
        """Everything that its kind tells of it."""
        own = (_wish(row, subject) for name, subject in self._kinds.items() if name.startswith(f"{row.kind}:"))
        return [wish for wish in own if wish is not None]

    @property
    def _kinds(self) -> Mapping[str, Subject]:
        return self.session.charts.kinds if self.session.charts is not None else {}

    def counts(self) -> Line:
        total = self.rows.counts.total
        return line((f"{total:,} {'instance' if total == 1 else 'instances'}", "muted"))

    def trust(self, cells: int) -> Line:  # noqa: ARG002 - short enough for any width
        """How many there are, of how many kinds, and how many of them are in what trouble."""
        glyphs, rows = self.session.glyphs, tuple(self.rows.all_rows())
        levels, now = Counter(row.level for row in rows), self.session.clock.now()
        late = sum(is_late(row, now) for row in rows)
        kinds = len({row.kind for row in rows})
        parts = [
            line((f" {glyphs.scraped} ", "ok"), f"{len(rows)} scraped, {kinds} {'kind' if kinds == 1 else 'kinds'}"),
            *(self._found(levels, *each) for each in _COUNTED),
            line((f"{glyphs.warning} {late} late", "stale")) if late else (),
            *self._troubles(),
        ]
        return join(parts, "  ")

    def _found(self, levels: Counter[Health], level: Health, glyph: str, style: str) -> Line:
        sign = getattr(self.session.glyphs, glyph)
        return line((f"{sign} {levels[level]} {level.value}", style)) if levels[level] else ()

    def _troubles(self) -> tuple[Line, ...]:
        """Sources that do not answer, and files of kinds that cannot be used."""
        board, sign = self._board, self.session.glyphs.broken
        if board is None:
            return ()
        sources = tuple(line((f"{sign} {name}: {fault.word}", "danger")) for name, fault in board.faults)
        wrong = len(board.mistakes)
        return (*sources, *((line((f"{sign} {wrong} wrong in kinds/", "danger")),) if wrong else ()))

    @property
    def _board(self) -> ReplicationPicture | None:
        """The session's board of that name is of that kind: the composition root says so."""
        return cast("ReplicationPicture | None", self.session.fleet.board("replication"))

    def is_late(self) -> bool:
        """Ages of what is late are on the screen, and what a source is worth may change while no row does."""
        now, board = self.session.clock.now(), self._board
        troubled = board is not None and bool(board.faults or board.waiting)
        return troubled or any(is_late(row, now) for row in self.rows.all_rows())

    def tick(self) -> None:
        super().tick()
        self._grid.say_why_empty()

    def clusters_changed(self) -> None:
        """Its rows are judged by their own sources, not by what is heard from the API server."""
        self.refresh_headlines()

    def nothing(self, cells: int) -> tuple[Line, ...]:
        said = (
            "Sources of metrics are asked for the kinds that ship and for your own, a file each in kinds/ beside the "
            "configuration. No source is configured, or none has metrics of a kind."
        )
        board, room = self._board, min(cells, 100)
        if board is not None and board.waiting:
            return (asking(board.waiting, self.session.glyphs),)
        told = [] if board is None else [*board.faults, *((fault.word, fault) for fault in board.mistakes)]
        troubles = [
            part for name, fault in told for part in wrap(f"{name}: {fault.detail}; {fault.remedy}", room, "danger")
        ]
        example = tuple(line((text, "accent")) for text in _EXAMPLE.splitlines())
        heading = line(("nothing that replicates is scraped", "strong"))
        return (heading, (), *wrap(said, room), (), *troubles, *(([()]) if troubles else ()), *example)

    def view_below(self, row: Any) -> View | None:
        """The machines of its cluster, where it is one of ours."""
        known = isinstance(row, Replica) and row.cluster in self.session.clusters
        return View("machines", cluster=row.cluster) if known else None
