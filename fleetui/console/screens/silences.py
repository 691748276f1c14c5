"""All silences of all Alertmanagers: what ends first, what each still mutes, whose it is. Ended and extended here."""

from collections import Counter
from typing import Any

from fleetui.console.feeding import Feeding
from fleetui.console.frame import bindings
from fleetui.console.ink import Line, join, line, wrap
from fleetui.console.inspector import facts
from fleetui.console.table_screen import TableScreen
from fleetui.console.views import View
from fleetui.model.alerts.inventory import Standing
from fleetui.model.alerts.silence import SilenceState
from fleetui.model.duration import age_text
from fleetui.model.table.columns_silence import SILENCES, left_text, state_word


class SilencesScreen(TableScreen):
    PLACE = "silences"
    TABLE = SILENCES
    FOLDING = True
    BINDINGS = bindings("silences")

    def feeding(self) -> Feeding:
        return Feeding(self, self.session, "silences", self.take)

    def boards(self) -> frozenset[str]:
        """They are read with the alerts."""
        return frozenset({"alerts", "silences"})

    def crumbs(self) -> tuple[str, ...]:
        return ("Silences",)

    def is_late(self) -> bool:
        """What is left of each grows less."""
        return True

    def clusters_changed(self) -> None:
        """No row says anything of a cluster's own."""
        self.refresh_headlines()

    def trust(self, cells: int) -> Line:  # noqa: ARG002 - short enough for any width
        rows: list[Standing] = list(self.rows.all_rows())
        states = Counter(row.silence.state for row in rows)
        active = [row for row in rows if row.silence.state is SilenceState.ACTIVE]
        now, glyphs = self.session.clock.now(), self.session.glyphs
        soon, idle = sum(row.silence.ends_soon(now) for row in active), sum(row.idle for row in active)
        lacking, unheard = sum(bool(row.lacking) for row in rows), sum(row.muted is None for row in active)
        parts = [
            line((f" {glyphs.stale} ", "ok"), f"{states[SilenceState.ACTIVE]} active"),
            line((f"{states[SilenceState.PENDING]} pending", "muted")) if states[SilenceState.PENDING] else (),
            line((f"{soon} end soon", "warn")) if soon else (),
            line((f"{idle} mute nothing", "muted")) if idle else (),
            line((f"{glyphs.warning} {lacking} not everywhere", "warn")) if lacking else (),
            line((f"{glyphs.unknown} {unheard} unknown", "unknown")) if unheard else (),
        ]
        return join(parts, "  ")

    def inspect(self, row: Any, cells: int) -> tuple[Line, ...]:
        assert isinstance(row, Standing)
        silence, now = row.silence, self.session.clock.now()
        lines: list[Line] = [*wrap(silence.comment or "no comment", cells, "strong")]
        for matcher in silence.matchers:
            lines += wrap(str(matcher), cells, "accent", indent=2)
        lines.append(())
        lines += facts(
            [
                ("state", state_word(row).replace(",", " ")),
                ("ended" if silence.state is SilenceState.EXPIRED else "ends in", left_text(row, now)),
                ("began", f"{age_text(silence.starts_at, now)} ago" if silence.starts_at <= now else "not yet"),
                ("by", silence.created_by or "?"),
                ("mutes", _mutes(row)),
                ("in", ", ".join(row.clusters)),
                ("at", ", ".join(row.sources)),
                ("lacking", ", ".join(row.lacking)),
                ("id", silence.id),
            ],
            cells,
        )
        return tuple(lines)

    def nothing(self, cells: int) -> tuple[Line, ...]:
        if self.session.fleet.board("alerts") is None:
            said = "no Alertmanager is configured: write alertmanagers: in config.yaml (config.example.yaml shows how)"
            return tuple(wrap(said, min(cells, 100)))
        return (line(("no silence is known", "strong")), line(("s on the alerts screen makes one", "muted")))

    def view_below(self, row: Any) -> View | None:
        """The alerts of its cluster, where it is one."""
        assert isinstance(row, Standing)
        return View("alerts", query=f"@{row.clusters[0]}") if len(row.clusters) == 1 else None


def _mutes(row: Standing) -> str:
    if row.silence.state is not SilenceState.ACTIVE:
        return "nothing now"
    return "nobody can tell now" if row.muted is None else f"{row.muted} alerts, {row.pages or 0} page"
