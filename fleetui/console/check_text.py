"""The checks of a plan as the confirmation dialog shows them: what blocks first, what passed folded away. Pure.

A check that says the same of several machines is said once, with their names.
"""

from collections.abc import Iterable

import msgspec
from rich.cells import cell_len

from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, Span, fit, line, wrap
from fleetui.console.options import titled
from fleetui.model.duration import format_duration
from fleetui.model.operation import Check, Outcome, Severity

FEW = 4
"""Machines named of a check that says the same of several; more of them are a number."""

FRESH_S, COARSE_S = 10.0, 10
"""Younger is ``just now``; below a minute an age grows in steps of this, so that an open dialog rests."""

MARK_CELLS = 11


class Finding(msgspec.Struct, frozen=True):
    """One check, and every machine of which it says the same."""

    check: Check
    targets: tuple[str, ...]

    @property
    def text(self) -> str:
        about = f"{named(self.targets)}: " if self.targets else ""
        return f"{about}{self.check.title}: {titled(self.check.evidence)}"


def findings(checks: Iterable[Check]) -> list[Finding]:
    """In the order of the checks, each thing once."""
    targets: dict[tuple[object, ...], list[str]] = {}
    first: dict[tuple[object, ...], Check] = {}
    for check in checks:
        said = (check.id, check.title, check.severity, check.outcome, check.evidence, check.remedy)
        first.setdefault(said, check)
        targets.setdefault(said, []).extend([check.target] if check.target else [])
    return [Finding(check, tuple(targets[said])) for said, check in first.items()]


def check_lines(
    checks: Iterable[Check], *, now: float, glyphs: Glyphs, cells: int, opened: bool, key: str = ""
) -> list[Line]:
    """What blocks, what is at risk, what warns, what is unknown; then how many passed.

    ``opened`` also shows those that passed, and of each where it was seen. ``key`` opens and folds them.
    """
    known = tuple(checks)
    troubled = findings(check for check in known if check.outcome is not Outcome.OK)
    passed = [check for check in known if check.outcome is Outcome.OK]
    lines: list[Line] = []
    for finding in sorted(troubled, key=lambda finding: _rank(finding.check)):
        lines += _trouble(finding, now=now, glyphs=glyphs, cells=cells, opened=opened)
    if passed:
        hint = hinted(key, "folds" if opened else "opens") if key else ()
        lines.append((*line((f"{glyphs.ok} {len(passed)} passed", "ok")), *hint))
    if opened:
        for finding in findings(passed):
            lines += _good(finding, now=now, glyphs=glyphs, cells=cells)
    return lines


def check_mark(check: Check, glyphs: Glyphs) -> Span:
    """Glyph and word of a check that is not ok. Unknown says unknown, whatever its severity."""
    if check.outcome is Outcome.UNKNOWN:
        return (f"{glyphs.unknown} {check.word}", "danger" if check.blocks else "unknown")
    if check.blocks or check.needs_word:
        return (f"{glyphs.broken} {check.word}", "danger")
    return (f"{glyphs.warning} {check.word}", "warn" if check.severity is Severity.WARN else "text")


def hinted(key: str, does: str) -> Line:
    """``  (p plans again)``: a key, beside what it changes."""
    return line(("  (", "muted"), (key, "key"), (f" {does})", "muted"))


def ago_text(seconds: float) -> str:
    """``just now``, ``20s ago``, ``3m ago``."""
    if seconds < FRESH_S:
        return "just now"
    return f"{format_duration(seconds // COARSE_S * COARSE_S if seconds < 60 else seconds // 60 * 60)} ago"


def _rank(check: Check) -> tuple[bool, bool, bool, str]:
    return (not check.blocks, not (check.blocks or check.needs_word), check.outcome is Outcome.UNKNOWN, check.target)


def _trouble(finding: Finding, *, now: float, glyphs: Glyphs, cells: int, opened: bool) -> list[Line]:
    check, room = finding.check, cells - MARK_CELLS
    mark, style = check_mark(check, glyphs)
    head, *rest = wrap(finding.text, room, "text")
    lines: list[Line] = [((mark.ljust(MARK_CELLS), style), *head), *_indented(rest)]
    if check.remedy:
        lines += _indented(wrap(f"{glyphs.arrow} {titled(check.remedy)}", room, "accent", indent=2))
    if opened:
        return [*lines, *_indented(wrap(_origin(check, now), room, "faint"))]
    if check.blocks or check.needs_word:
        return [*lines, *_indented([fit(line((_origin(check, now), "faint")), room)])]
    return lines


def _good(finding: Finding, *, now: float, glyphs: Glyphs, cells: int) -> list[Line]:
    """Where it was seen stands behind what was seen if there is room, else below."""
    said, origin = finding.text, _origin(finding.check, now)
    if 4 + cell_len(f"{said}  {origin}") <= cells:
        return [line((f"  {glyphs.ok} ", "ok"), said, (f"  {origin}", "faint"))]
    head, *rest = wrap(said, cells - 4, "text")
    return [((f"  {glyphs.ok} ", "ok"), *head), *_indented([*rest, *wrap(origin, cells - 4, "faint")], by=4)]


def _origin(check: Check, now: float) -> str:
    """What was read, and when unless that was just now."""
    age = now - check.at
    return f"{check.source}, {ago_text(age)}" if age >= FRESH_S else check.source


def named(targets: tuple[str, ...]) -> str:
    """``wk-1 wk-2 wk-3 wk-4 and 3 more``."""
    more = len(targets) - FEW
    return " ".join(targets[:FEW]) + (f" and {more} more" if more > 0 else "")


def _indented(lines: Iterable[Line], *, by: int = MARK_CELLS) -> list[Line]:
    return [((" " * by, "text"), *said) for said in lines]
