"""One cluster on one screen: what is wrong, by which evidence, what to do first and what not, what happened. Pure."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from fleetui.console.boxes import Box, row_of_boxes
from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, fit, join, line, wrap
from fleetui.console.lens_boards import boards
from fleetui.console.lens_box import SHOWN, sign
from fleetui.console.lens_figures import trouble_line
from fleetui.model.cluster import Health
from fleetui.model.details import Condition
from fleetui.model.diagnosis.blocked import Blocked
from fleetui.model.diagnosis.clue import listed
from fleetui.model.diagnosis.diagnosis import Diagnosis
from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.diagnosis.figure_signs import UNMEASURED
from fleetui.model.diagnosis.rule import Judgement, State
from fleetui.model.diagnosis.timeline import Moment
from fleetui.model.duration import age_text, format_duration
from fleetui.model.health.board import worst_level
from fleetui.model.table.cell_text import HEALTH_STYLES

WIDE = 110
"""Cells from which boards stand three abreast; below it they follow each other."""
DAY_S = 86_400.0
"""What happened longer ago is said with its age: a clock time would be taken for today's."""
MOMENTS = 10
LABEL = 8

Lines = list[Line]


class LensView(msgspec.Struct, frozen=True):
    """Everything that the screen says."""

    evidence: Evidence
    diagnosis: Diagnosis
    moments: tuple[Moment, ...]
    """Newest first."""
    since: float
    """How far back they reach, Unix seconds."""
    reasons: Mapping[str, Condition] = {}
    """By uid of a machine, why it is not Ready."""
    keys: Mapping[str, str] = {}
    """The operator's keys by what they do or open: ``propose``, ``runbook``, ``slo``."""


def lens_lines(view: LensView, *, glyphs: Glyphs, cells: int) -> tuple[Line, ...]:
    """Verdict and first step on top; below them the boards, the past, and what would make it worse."""
    parts = (
        [*_verdict(view, glyphs, cells), *_against(view, glyphs, cells)],
        _boards(view, glyphs, cells),
        _past(view, glyphs, cells),
        _blocked(view.diagnosis.blocked, glyphs, cells),
        _others(view, glyphs, cells),
    )
    lines: Lines = []
    for part in parts:
        if part:
            lines += [*([()] if lines else []), *part]
    return tuple(lines)


def _labelled(label: str, text: str, cells: int, style: str = "text") -> Lines:
    """The label in a narrow column, the text wrapped beside it."""
    first, *rest = wrap(text, max(20, cells - LABEL - 2), style)
    pad = " " * (LABEL + 2)
    return [((f"  {label.ljust(LABEL)}", "muted"), *first), *(((pad, "text"), *more) for more in rest)]


def _verdict(view: LensView, glyphs: Glyphs, cells: int) -> Lines:
    leading = view.diagnosis.leading
    if leading is None:
        return _nothing(view, glyphs, cells)
    lines = [_headline(leading, glyphs)]
    lines += _labelled("because", leading.evidence[0].text, cells)
    for clue in leading.evidence[1:4]:
        lines += _labelled("and", clue.text, cells)
    lines += _labelled("likely", leading.cause, cells, "strong")
    lines += _labelled("first", leading.first, cells, "accent")
    return [*lines, *_next_keys(view, cells)]


def _against(view: LensView, glyphs: Glyphs, cells: int) -> Lines:
    """What the boards say against it: nothing above may look calmer than they do."""
    said = trouble_line(view.evidence, glyphs)
    return [fit(line((f"  {'boards'.ljust(LABEL)}", "muted"), *said), cells)] if said else []


def _headline(judgement: Judgement, glyphs: Glyphs) -> Line:
    glyph, style = sign(judgement.level, glyphs)
    said = judgement.mode.value.upper() if judgement.state is State.PRESENT else judgement.mode.value
    word = "" if judgement.state is State.PRESENT else f"  {judgement.state.value}"
    return line((f"{glyph} {said}", style), (word, "muted"))


def _nothing(view: LensView, glyphs: Glyphs, cells: int) -> Lines:
    """Nothing was found. That is good news only of what could be seen."""
    blind = view.diagnosis.unknown
    explained = view.diagnosis.found
    if not blind and not explained and not view.evidence.reasons:
        glyph, style = sign(Health.CALM, glyphs)
        return [line((f"{glyph} nothing is wrong", style), ("  every failure mode was looked for", "muted"))]
    levels = [reason.level for reason in view.evidence.reasons]
    levels += [Health.UNKNOWN] * bool(blind) + [Health.WARNING] * bool(explained)
    glyph, style = sign(worst_level(levels), glyphs)
    names = ", ".join(judgement.mode.value for judgement in blind)
    seen = len(view.diagnosis.absent)
    lines = [line((f"{glyph} nothing is found", style), (f"  {seen} failure modes are looked for and absent", "muted"))]
    return lines + (_labelled("unknown", names, cells, "unknown") if names else [])


def _next_keys(view: LensView, cells: int) -> Lines:
    """The safe operation and the runbook, with their keys."""
    lines: Lines = []
    proposal, leading, keys = view.diagnosis.proposal, view.diagnosis.leading, view.keys
    if proposal is not None:
        names = listed(proposal.names)
        said = line(
            (keys.get("propose", ""), "key"), (f" {proposal.kind} {names}", "strong"), (f": {proposal.why}", "muted")
        )
        lines.append(fit(line((f"  {'next'.ljust(LABEL)}", "muted"), *said), cells))
    if leading is not None:
        label = "next" if proposal is None else ""
        said = line((keys.get("runbook", ""), "key"), (f" runbook: {leading.mode.value}", "text"))
        lines.append(fit(line((f"  {label.ljust(LABEL)}", "muted"), *said), cells))
    return lines


def _boards(view: LensView, glyphs: Glyphs, cells: int) -> Lines:
    inside = (cells - 2) // 3 - 4 if cells >= WIDE else cells - 4
    shown = boards(view.evidence, view.reasons, keys=view.keys, cells=inside, glyphs=glyphs)
    if cells >= WIDE:
        rows = (shown[:3], shown[3:6], shown[6:])
        return [said for row in rows for said in row_of_boxes(row, glyphs=glyphs, cells=cells)]
    return [said for box in shown for said in _stacked(box, cells)]


def _stacked(box: Box, cells: int) -> Lines:
    """Without walls, which would take a quarter of a small screen."""
    title, lines = box
    return [fit(title, cells), *(fit(line("  ", *said), cells) for said in lines)]


def _past(view: LensView, glyphs: Glyphs, cells: int) -> Lines:
    span = format_duration(max(60.0, view.evidence.now - view.since))
    said = f"  in the last {span}; state changes only while this console runs"
    head = line(("What happened", "heading"), (said, "faint"))
    if not view.moments:
        return [head, line(("  nothing that was seen from here", "muted"))]
    lines = [_moment(moment, view.evidence.now, glyphs, cells) for moment in view.moments[:MOMENTS]]
    more = len(view.moments) - MOMENTS
    return [head, *lines, *([line((f"  {more} earlier", "muted"))] if more > 0 else [])]


def _moment(moment: Moment, now: float, glyphs: Glyphs, cells: int) -> Line:
    old = now - moment.at > DAY_S
    clock = (
        f"{age_text(moment.at, now)} ago".ljust(8) if old else datetime.fromtimestamp(moment.at).strftime("%H:%M:%S")
    )
    style = HEALTH_STYLES[moment.level] or "text"
    source = line((f"{glyphs.dot} {moment.source}", "faint"))
    return fit(join([line((f"  {clock}  ", "muted"), (moment.text, style)), source], "  "), cells)


def _blocked(barred: tuple[Blocked, ...], glyphs: Glyphs, cells: int) -> Lines:
    if not barred:
        return []
    lines: Lines = [line(("Would make it worse", "heading"))]
    by_reason: dict[str, list[str]] = {}
    for one in barred:
        by_reason.setdefault(one.reason, []).append(one.deed.value)
    for reason, deeds in by_reason.items():
        said = wrap(f"{', '.join(deeds)}: {reason}", max(20, cells - 4), "text")
        lines += [((f"  {glyphs.broken} ", "warn"), *said[0]), *((("    ", "text"), *more) for more in said[1:])]
    return lines


def _others(view: LensView, glyphs: Glyphs, cells: int) -> Lines:
    """What else was found, what explains it, what nobody can see, what is not there."""
    found = [judgement for judgement in view.diagnosis.found if judgement is not view.diagnosis.leading]
    lines: Lines = []
    for judgement in found:
        lines += _also(judgement, glyphs, cells)
    for judgement in view.diagnosis.unknown:
        text = f"{judgement.mode.value}: {_missing(judgement, view.evidence)}"
        first, *rest = wrap(text, max(20, cells - 4), "muted")
        lines += [((f"  {glyphs.unknown} ", "unknown"), *first), *((("    ", "text"), *more) for more in rest)]
    if view.diagnosis.absent:
        names = ", ".join(judgement.mode.value for judgement in view.diagnosis.absent)
        first, *rest = wrap(f"not found: {names}", max(20, cells - 4), "muted")
        lines += [((f"  {glyphs.ok} ", "ok"), *first), *((("    ", "text"), *more) for more in rest)]
    return [line(("Other failure modes", "heading")), *lines] if lines else []


def _missing(judgement: Judgement, evidence: Evidence) -> str:
    """What could not be seen; what alerts and figures are worth stands on their boards already."""
    known = (evidence.alerts_doubt, UNMEASURED)
    return "; ".join([why for why in judgement.missing if why not in known][:SHOWN] or judgement.missing[:1])


def _also(judgement: Judgement, glyphs: Glyphs, cells: int) -> Lines:
    glyph, style = sign(judgement.level, glyphs)
    if judgement.state is State.EXPLAINED and judgement.instead is not None:
        text = (
            f"looks like {judgement.mode.value}, explained by {judgement.instead.value}: {judgement.evidence[-1].text}"
        )
    else:
        text = f"{judgement.mode.value} {judgement.state.value}: {judgement.evidence[0].text}. {judgement.cause}"
    first, *rest = wrap(text, max(20, cells - 4), "text")
    return [((f"  {glyph} ", style), *first), *((("    ", "text"), *more) for more in rest)]
