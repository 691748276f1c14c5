"""What the dialog before an ack or a silence says: what it would mute, what of that nobody has chosen, what speaks
against it, and what became of it. Pure."""

from collections.abc import Iterable, Sequence

from fleetui.console.alert_text import alert_sign
from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, fit, join, line, width, wrap
from fleetui.model.alerts.alert import Alert, Hush
from fleetui.model.alerts.breadth import Refusal
from fleetui.model.alerts.hushing import Outlook, Wish
from fleetui.model.alerts.silence import ACK, Draft, Silence
from fleetui.model.duration import age_text
from fleetui.model.quantity import counted
from fleetui.model.table.alert_cells import state_text, what
from fleetui.ports.alerting import Outcome
from fleetui.ports.ended import Ended

NAMED = 60
"""Alerts told one by one; the rest are a number. What nobody has chosen stands before what was."""
NAME_CELLS, CLUSTER_CELLS = 40, 18
NARROW_NAME_CELLS = 26
ROOMY = 100


def title(wish: Wish, *, armed: bool) -> str:
    """``Ack 3 alerts``; ``Rehearsal: ack 3 alerts`` while nothing may be changed."""
    said = f"{wish.kind.value} {counted(len(wish.chosen), 'alert')}"
    return f"{said[0].upper()}{said[1:]}" if armed else f"Rehearsal: {said}"


KEPT = "prolonged while this console runs and they fire, at most 12h; it ends when they have resolved"


def outlook_lines(found: Outlook, *, now: float, glyphs: Glyphs, cells: int) -> tuple[Line, ...]:
    lines = [_headline(found, cells), *_refused(found.refusals, glyphs, cells)]
    chosen = [alert for alert in found.muted if alert not in found.extra]
    if found.extra:
        said = f"{glyphs.warning} it mutes {counted(len(found.extra), 'alert')} that you have not chosen:"
        lines += [line((said, "warn")), *_named(found.extra, now, glyphs, cells)]
        lines += [line((f"and {counted(len(chosen), 'alert')} that you have chosen:", "muted"))] if chosen else []
    lines += _named(chosen, now, glyphs, cells)
    if found.left_out:
        lines += [line((f"not muted by it: {counted(len(found.left_out), 'alert')} of those you have chosen", "muted"))]
        lines += _named(found.left_out, now, glyphs, cells)
    lines += _notes(found, now, cells)
    drafts = [draft for draft, _ in found.drafts]
    if any(draft.comment.startswith(ACK) for draft in drafts):
        lines += wrap(KEPT, cells, "muted")
    if drafts:
        lines += _silences(drafts, cells)
    return tuple(lines)


def _headline(found: Outlook, cells: int) -> Line:
    clusters = sorted({alert.cluster for alert in found.muted})
    pages = sum(alert.call == "page" for alert in found.muted)
    already = sum(bool(alert.silenced_by) for alert in found.muted)
    where = clusters[0] if len(clusters) == 1 else f"{len(clusters)} clusters: {', '.join(clusters)}"
    parts = [
        line(("mutes ", "muted"), (counted(len(found.muted), "alert"), "strong")),
        line((f"{pages} page", "danger" if pages else "muted")) if found.muted else (),
        line((f"{already} muted already", "muted")) if already else (),
        line(("in ", "muted"), where) if clusters else (),
    ]
    return fit(join(parts, "  "), cells)


def _refused(refusals: Iterable[Refusal], glyphs: Glyphs, cells: int) -> list[Line]:
    lines: list[Line] = []
    for refusal in refusals:
        lines += wrap(f"{glyphs.broken} refused: {refusal.reason}", cells, "danger", indent=2)
        lines += wrap(f"  {glyphs.arrow} {refusal.fix}", cells, "accent", indent=4)
    return lines


def _named(alerts: Sequence[Alert], now: float, glyphs: Glyphs, cells: int) -> list[Line]:
    """A row each: sign, name, cluster, state, what tells it from others."""
    most = NAME_CELLS if cells >= ROOMY else NARROW_NAME_CELLS
    name = min(most, max((len(alert.name) for alert in alerts), default=0))
    cluster = min(CLUSTER_CELLS, max((len(alert.cluster) for alert in alerts), default=0))
    lines = [_alert_line(alert, (name, cluster), now, glyphs, cells) for alert in alerts[:NAMED]]
    if len(alerts) > NAMED:
        lines.append(line((f"  and {len(alerts) - NAMED:,} more", "muted")))
    return lines


def _alert_line(alert: Alert, columns: tuple[int, int], now: float, glyphs: Glyphs, cells: int) -> Line:
    sign, look = alert_sign(alert, glyphs)
    name, cluster = (_column(text, size) for text, size in zip((alert.name, alert.cluster), columns, strict=True))
    state = "" if alert.hush is Hush.NONE and alert.phase == "firing" else f"{state_text(alert, now)}  "
    return fit(
        line((f"  {sign} ", look), name, f"  {cluster}  ", (f"{state}{what(alert)}", "muted")),
        cells,
    )


def _column(text: str, cells: int) -> str:
    said = fit(line(text), cells)
    return said[0][0] + " " * (cells - width(said))


def _notes(found: Outlook, now: float, cells: int) -> list[Line]:
    """What the operator should know; the counts stand above already."""
    doubts = dict.fromkeys(doubt for _, one in found.drafts for doubt in one.doubts)
    similar = dict.fromkeys(silence for _, one in found.drafts for silence in one.similar)
    said = [*doubts, *(_similar(silence, now) for silence in similar)]
    return [one for text in said for one in wrap(f"note: {text}", cells, "stale", indent=6)]


def _similar(silence: Silence, now: float) -> str:
    left = age_text(now - silence.left_s(now), now)
    return f"a silence of {silence.created_by} is there already, {left} left: {silence.comment} ({silence.id})"


def _silences(drafts: Sequence[Draft], cells: int) -> list[Line]:
    """Their matchers, as amtool writes them."""
    lines: list[Line] = [(), line((f"as {len(drafts)} silences" if len(drafts) > 1 else "as the silence", "heading"))]
    for draft in drafts[:NAMED]:
        lines += wrap(" ".join(map(str, draft.matchers)), cells, "muted", indent=2)
    if len(drafts) > NAMED:
        lines.append(line((f"  and {len(drafts) - NAMED} more", "muted")))
    return lines


def outcome_lines(outcomes: Iterable[Outcome], *, glyphs: Glyphs, cells: int) -> tuple[Line, ...]:
    """Each mesh's answer; a lost one is said as what it is."""
    return tuple(said for outcome in outcomes for said in _outcome(outcome, glyphs, cells))


def _outcome(outcome: Outcome, glyphs: Glyphs, cells: int) -> list[Line]:
    if outcome.ended is Ended.DONE:
        return wrap(f"{glyphs.ok} {outcome.source}: done", cells, "ok", indent=2)
    fault = outcome.fault
    why = "" if fault is None else f": {fault.word}; {fault.remedy}"
    if outcome.ended is Ended.UNKNOWN:
        said = f"{glyphs.unknown} {outcome.source}: sent, and nobody knows whether it arrived{why}"
        return [*wrap(said, cells, "unknown", indent=2), *wrap("  look before you send it again", cells, "accent")]
    return wrap(f"{glyphs.broken} {outcome.source}: not done{why}", cells, "danger", indent=2)
