"""A control plane and a promise in words: the verdict with its reason, then every figure with its limit, and of each
that is missing why."""

from fleetui.model.cluster import Health
from fleetui.model.duration import format_duration
from fleetui.model.health.board import Cell, value_text
from fleetui.model.health.controlplane import PANELS
from fleetui.model.health.coverage import PARTS, Cover, CoverageRow, Covered, Part
from fleetui.model.health.fleet_figures import FleetFigure
from fleetui.model.health.panel_board import PanelRow
from fleetui.model.health.panels import Panel
from fleetui.model.health.slo import share_text
from fleetui.model.health.slo_board import SloRow, Sort
from fleetui.model.section import Fact, Section, present, section
from fleetui.model.table.cell_text import HEALTH_STYLES
from fleetui.model.table.column import UNKNOWN
from fleetui.model.table.columns_board import exact_text, known_text, limit_text, total_text
from fleetui.model.table.columns_slo import left_text, now_text, target_text

TOLD_SHOWN = 20
"""Silent clusters, or incidents, that the inspector names; the row counts them all."""
_WORST = (Health.BROKEN, Health.WARNING)


def panel_sections(row: PanelRow, *, now: float) -> tuple[Section, ...]:
    cells = list(zip(row.cells, PANELS, strict=True)) if row.cells else []
    missing = [(cell, panel) for cell, panel in cells if not cell.sample.known and not cell.idle]
    return present(
        section(row.cluster, *_verdict(row.word, row.level, row.reason, row.remedy, _said_by(row, now))),
        section("beyond their limits", *(_figure(*each) for each in cells if each[0].level in _WORST)),
        section("within", *(_figure(*each) for each in cells if each not in missing and each[0].level not in _WORST)),
        section("not known", *(Fact(panel.short, cell.text, "unknown") for cell, panel in missing)),
    )


def slo_sections(row: SloRow, *, now: float) -> tuple[Section, ...]:
    return present(
        section(
            f"{row.cluster}: {row.title}",
            *_verdict(row.word, row.level, row.reason, row.remedy, _said_by(row, now)),
        ),
        section("figures", *_promised(row)),
    )


def figure_sections(figure: FleetFigure, *, now: float) -> tuple[Section, ...]:
    panel = figure.panel
    limit = panel.limit
    return present(
        section(
            panel.title,
            Fact("verdict", figure.word, HEALTH_STYLES[figure.level]),
            *(
                Fact("" if number else "these", told, HEALTH_STYLES[figure.level])
                for number, told in enumerate(figure.told[:TOLD_SHOWN])
            ),
            Fact("then", figure.why, "accent"),
            Fact("that is", panel.doc, "muted"),
            Fact("now", exact_text(figure, figure.value) if figure.value is not None else ""),
            Fact("of", f"{figure.of} {figure.whose}".strip()),
            Fact("limit", f"{limit_text(figure)} ({limit.source})" if limit is not None else ""),
            Fact("fleet", total_text(figure) if figure.total is not None else ""),
            Fact("known", f"{known_text(figure)} clusters" if figure.clusters else ""),
            Fact("said by", _said_by(figure, now) if figure.source else "", "muted"),
        ),
        section("beyond it", *(_worst(figure, name, cell) for name, cell in figure.worst)),
        section("query", Fact("PromQL", panel.promql, "muted")),
    )


def coverage_sections(row: CoverageRow) -> tuple[Section, ...]:
    """What is scraped, what is not and why, and what to do."""
    known = [] if row.silent else list(zip(row.cells, PARTS, strict=True))
    return present(
        section(row.cluster, Fact("metrics", row.word, HEALTH_STYLES[row.level]), Fact("then", row.fix, "accent")),
        section(
            "parts",
            *(Fact(part.title, cell.detail or cell.cover.value, _cover_tone(part, cell)) for cell, part in known),
        ),
        section("to be known", *(Fact("note", note, "warn") for note in row.notes)),
    )


def _cover_tone(part: Part, cell: Covered) -> str:
    return "muted" if cell.cover is Cover.MISSING and not part.needed else HEALTH_STYLES[cell.level]


def _worst(figure: FleetFigure, name: str, cell: Cell) -> Fact:
    said = f"{exact_text(figure, cell.sample.value)} {cell.host}".rstrip()
    return Fact(name, said, HEALTH_STYLES[cell.level])


def _verdict(word: str, level: Health, reason: str, remedy: str, said_by: str) -> tuple[Fact, ...]:
    return (
        Fact("verdict", word, HEALTH_STYLES[level]),
        Fact("because", reason if reason != word else ""),
        Fact("that is" if level is not Health.UNKNOWN else "then", remedy, "muted" if remedy else ""),
        Fact("said by", said_by, "muted"),
    )


def _said_by(row: PanelRow | SloRow | FleetFigure, now: float) -> str:
    if row.sample_at is None:
        return row.source or "nobody"
    return f"{row.source}, {format_duration(max(0.0, now - row.sample_at))} ago"


def _figure(cell: Cell, panel: Panel) -> Fact:
    if cell.idle or cell.sample.value is None:
        return Fact(panel.short, cell.text, "muted")
    whose = f" {cell.host}" if cell.host else ""
    said = f"{value_text(cell.sample.value, panel.unit)}{whose}"
    if panel.limit is not None and cell.level in _WORST:
        said += f", limit {value_text(panel.limit.amber, panel.unit)} ({panel.limit.source})"
    return Fact(panel.short, said, HEALTH_STYLES[cell.level])


def _promised(row: SloRow) -> tuple[Fact, ...]:
    if row.sort is not Sort.BUDGET:
        return (Fact("now", f"{now_text(row)} {row.named}".strip()), Fact("promised", target_text(row)))
    return (
        Fact("good in 1 h", share_text(row.value)),
        Fact("promised", share_text(row.target)),
        Fact("budget left", f"{left_text(row)} of 30 d" if row.left is not None else UNKNOWN),
        Fact("burns", UNKNOWN if row.burn is None else f"{row.burn:.1f} x its pace"),
    )
