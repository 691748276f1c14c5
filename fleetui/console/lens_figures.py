"""The lens's boards of metrics: service levels, figures of the control plane, what replicates. Trouble comes first,
then what cannot be told; what is calm is a number. Pure."""

from collections.abc import Sequence

from fleetui.console.boxes import Box
from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, line
from fleetui.console.lens_box import Keys, cut, sign, titled, told, unknown
from fleetui.model.cluster import BoardSign, Health
from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.health.board import LEVELS, value_text
from fleetui.model.health.controlplane import PANELS
from fleetui.model.health.panel_board import cell_sentence
from fleetui.model.health.slo import Call
from fleetui.model.health.slo_board import SloRow, Sort
from fleetui.model.table.cell_text import HEALTH_STYLES

_PANELS = {panel.id: panel for panel in PANELS}
_CALLS = tuple(Call)
NOBODY = "no source of metrics tells of it"


def service_levels(evidence: Evidence, glyphs: Glyphs, keys: Keys) -> Box:
    """Who is called about which budget first."""
    if not evidence.slo:
        return titled("Service levels", keys, "slo"), unknown(evidence.unheard.get("slo", NOBODY), glyphs)
    rows = sorted(evidence.slo, key=_promise_order)
    return _title("Service levels", keys, "slo", evidence), _lines(
        [told(row.level, row.title, glyphs, _promise(row)) for row in rows if row.level is not Health.CALM],
        f"{len(rows)} promises, all kept",
    )


def _promise_order(row: SloRow) -> tuple[int, int, str]:
    return (LEVELS.index(row.level), _CALLS.index(row.call), row.title)


def _promise(row: SloRow) -> str:
    """``gone in 6.7 h  page  burns 53.3x``; of a figure its value: ``20 d  ticket``."""
    figure = row.value if row.sort is Sort.FIGURE and row.level is not Health.UNKNOWN else None
    word = row.word if figure is None else value_text(figure, row.unit)
    call = row.call.value if row.call in (Call.PAGE, Call.TICKET) else ""
    burn = f"burns {row.burn:.1f}x" if row.burn is not None and row.burn > 1 else ""
    return "  ".join(part for part in (word, call, burn) if part)


def figures(evidence: Evidence, glyphs: Glyphs, keys: Keys) -> Box:
    """Those beyond their limits; why there are none."""
    title, row = _title("Control plane figures", keys, "controlplane", evidence), evidence.figures
    if row is None:
        why = evidence.unheard.get("controlplane", NOBODY)
        return titled("Control plane figures", keys, "controlplane"), unknown(why, glyphs)
    bad = [cell for cell in row.cells if cell.level in (Health.BROKEN, Health.WARNING)]
    lines = [
        told(cell.level, cell_sentence(cell, _PANELS[cell.panel]), glyphs, _PANELS[cell.panel].title)
        for cell in sorted(bad, key=lambda cell: LEVELS.index(cell.level))
    ]
    if row.level is Health.UNKNOWN:
        lines.append(told(Health.UNKNOWN, row.word, glyphs, row.reason))
    return title, _lines(lines, "within limits")


def replication(evidence: Evidence, glyphs: Glyphs, keys: Keys) -> Box:
    """Instances that are behind, cut off or silent. That there are none is said when all have answered."""
    title = _title("Replication", keys, "replication", evidence)
    if not evidence.replicas and (why := evidence.unheard.get("replication")):
        return title, unknown(why, glyphs)
    if not evidence.replicas:
        return title, (line(("nothing that replicates is known here", "muted")),)
    rows = sorted(evidence.replicas, key=lambda row: (LEVELS.index(row.level), row.title, row.instance))
    return title, _lines(
        [
            told(row.level, f"{row.title} {row.instance}".strip(), glyphs, row.word)
            for row in rows
            if row.level is not Health.CALM
        ],
        f"{len(rows)} instances, all well",
    )


def _title(title: str, keys: Keys, board: str, evidence: Evidence) -> Line:
    """With the board's word on the cluster's own row: one verdict in both places."""
    found: BoardSign | None = next((each for each in evidence.cluster.boards if each.board == board), None)
    if found is None or not found.word:
        return titled(title, keys, board)
    return titled(title, keys, board, found.word, HEALTH_STYLES[found.level] or "strong")


def _lines(lines: Sequence[Line], calm: str) -> tuple[Line, ...]:
    return cut(list(lines)) or (line((calm, "muted")),)


def trouble_line(evidence: Evidence, glyphs: Glyphs) -> Line:
    """Every board's trouble in a word, as on the cluster's row: ``✖ slo gone 6.7 h  ▲ repl lagging``."""
    parts: list[tuple[str, str]] = []
    for each in evidence.reasons:
        glyph, style = sign(each.level, glyphs)
        parts.append((f"{'  ' if parts else ''}{glyph} {each.said}", style))
    return tuple(parts)
