"""The etcd of every cluster: can it lose a member, is it full, who is bad. Asked for while it is looked at."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from fleetui.console.describing import section_lines
from fleetui.console.feeding import Feeding
from fleetui.console.frame import bindings
from fleetui.console.ink import Line, join, line, wrap
from fleetui.console.trending import Trending
from fleetui.console.views import View
from fleetui.model.chart.etcd_subjects import ETCD as ETCD_SUBJECTS
from fleetui.model.chart.etcd_subjects import etcd_subject
from fleetui.model.chart.subject import Wish
from fleetui.model.cluster import Health
from fleetui.model.etcd_description import etcd_sections
from fleetui.model.freshness import Source
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.table.columns_etcd import ETCD
from fleetui.model.table.etcd_cells import is_late

_EXAMPLE = """clusters:
  prod-*:
    etcd:
      endpoints: [https://10.0.0.11:2379]
      ca: ~/pki/etcd/ca.crt
      cert: ~/pki/apiserver-etcd-client.crt
      key: ~/pki/apiserver-etcd-client.key
metrics:
  central: {url: https://prometheus.example}"""

BESIDE = ("fsync", "commit", "rtt", "of_quota", "writes", "unapplied", "changes")
"""Panels whose last hour the inspector shows."""


class EtcdScreen(Trending):
    PLACE = "etcd"
    TABLE = ETCD
    BINDINGS = bindings("etcd")

    def feeding(self) -> Feeding:
        return Feeding(self, self.session, "etcd", self.take)

    def boards(self) -> frozenset[str]:
        return frozenset({"etcd"})

    def crumbs(self) -> tuple[str, ...]:
        return ("etcd",)

    def is_mine(self, row: Any) -> bool:
        return not self.view.cluster or row.cluster == self.view.cluster

    def inspect(self, row: Any, cells: int) -> tuple[Line, ...]:
        assert isinstance(row, EtcdState)
        return self.beside(row, section_lines(etcd_sections(row, now=self.session.clock.now()), cells), cells)

    def wish(self, row: Any) -> Wish:
        return Wish(etcd_subject(row), (row.cluster, "", ""))

    def wishes_beside(self, row: Any) -> Sequence[Wish]:
        return [Wish(ETCD_SUBJECTS[panel], (row.cluster, "", "")) for panel in BESIDE]

    def trust(self, cells: int) -> Line:  # noqa: ARG002 - short enough for any width
        """By which way how many are known, and of how many nothing is."""
        glyphs, rows = self.session.glyphs, tuple(self.rows.all_rows())
        ways = Counter(row.source for row in rows if row.level is not Health.UNKNOWN)
        unknown = sum(row.level is Health.UNKNOWN for row in rows)
        late = sum(is_late(row, self.session.clock.now()) for row in rows)
        parts = [
            line((f" {glyphs.stale} ", "ok"), f"{ways[Source.POLLED]} asked directly"),
            line((f"{glyphs.scraped} ", "ok"), f"{ways[Source.SCRAPED]} scraped") if ways[Source.SCRAPED] else (),
            line((f"{glyphs.warning} {late} late", "stale")) if late else (),
            line((f"{glyphs.unknown} {unknown} unknown", "unknown")) if unknown else (),
        ]
        return join(parts, "  ")

    def is_late(self) -> bool:
        """Ages of what is late are on the screen."""
        now = self.session.clock.now()
        return any(is_late(row, now) for row in self.rows.all_rows())

    def clusters_changed(self) -> None:
        """Its rows are judged by their own sources, not by what is heard from the API server."""
        self.refresh_headlines()

    def nothing(self, cells: int) -> tuple[Line, ...]:
        said = (
            "Its members are asked directly, or a source of metrics is, where the configuration names them. "
            "config.example.yaml explains every line; fleetui info tells which file is read."
        )
        example = tuple(line((text, "accent")) for text in _EXAMPLE.splitlines())
        return (line(("no etcd is watched", "strong")), (), *wrap(said, min(cells, 100)), (), *example)

    def view_below(self, row: Any) -> View | None:
        return View("machines", cluster=row.cluster) if isinstance(row, EtcdState) else None
