"""What the Alerts screen says beside its rows: the pipeline, one alert in a narrow column, an empty table. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, Span, fit, join, line, wrap
from fleetui.console.inspector import facts
from fleetui.model.alerts.alert import Alert, Phase
from fleetui.model.alerts.grouping import Total, loudest
from fleetui.model.alerts.page_or_ticket import Call, by_label
from fleetui.model.alerts.pipeline import Level, Pipeline, Trouble
from fleetui.model.alerts.silence import Silence
from fleetui.model.cluster import Health
from fleetui.model.duration import age_text, silence_text
from fleetui.model.table.alert_cells import alert_health, compared_text, runbook, state_text, summary
from fleetui.model.table.cell_text import HEALTH_SIGNS, HEALTH_STYLES

Lines = tuple[Line, ...]

OLD_S = 15.0
"""A picture older than three polls is told with its age."""
NAMED = 6
"""Clusters, silences and groups told one by one; the rest are a number."""
WIDEST = 100
"""Cells: longer lines are hard to read."""

_LOOKS = {Level.DEAD: "button-danger", Level.LATE: "warn", Level.UNKNOWN: "unknown", Level.OK: "ok"}


def pipeline_line(found: Pipeline | None, *, now: float, glyphs: Glyphs, cells: int) -> Line:
    """Line 2. What is dead is the loudest thing on the screen: an empty list under it proves nothing."""
    if found is None:
        return line((f" {glyphs.connecting} asking the sources of alerts …", "muted"))
    old = line((f"as of {silence_text(found.at, now)} ago", "stale")) if now - found.at > OLD_S else ()
    if not found.troubles:
        return fit(join([_alive(found, now, glyphs), old], "  "), cells)
    worst, more = found.troubles[0], len(found.troubles) - 1
    said = [
        line((f" {_sign(found.level, glyphs)} {_word(found.level)}{worst.what} ", _LOOKS[found.level])),
        old,
        line((f"+{more}", "text")) if more else (),
        line((f"{glyphs.arrow} {worst.remedy}", "muted")),
    ]
    return fit(join(said, "  "), cells)


def _alive(found: Pipeline, now: float, glyphs: Glyphs) -> Line:
    sent = min((watchdog.sent_at for watchdog in found.watchdogs), default=None)
    about = "" if sent is None else f"  the Watchdog was sent {silence_text(sent, now)} ago"
    return line((f" {glyphs.stale} ", "ok"), ("the pipeline lives", "text"), (about, "muted"))


def _word(level: Level) -> str:
    return "PIPELINE DEAD: " if level is Level.DEAD else ""


def _sign(level: Level, glyphs: Glyphs) -> str:
    signs = {Level.DEAD: glyphs.broken, Level.LATE: glyphs.warning, Level.UNKNOWN: glyphs.unknown}
    return signs.get(level, glyphs.ok)


def counts_line(found: Total, glyphs: Glyphs) -> Line:
    """``✖ 3 page (1 acked)  ▲ 11 ticket  ? 1``: what is loud, beside it the pages that somebody is at, and of how many
    nobody knows, short enough for 80 cells."""
    acked = f" ({found.acked_pages:,} acked)" if found.acked_pages else ""
    parts: list[Span] = [
        (f"{glyphs.broken} {found.pages:,} page{acked}", "danger" if found.pages else "busy" if acked else "muted"),
        (f"{glyphs.warning} {found.tickets:,} ticket", "warn" if found.tickets else "muted"),
        (f"{glyphs.unknown} {found.unknown:,}" if found.unknown else "", "unknown"),
    ]
    return join([line(part) for part in parts if part[0]], "  ")


def quiet_line(found: Total) -> Line:
    """What calls for nobody yet, or for nobody any more."""
    said = ((found.pending, "pending"), (found.hushed, "hushed"))
    return join([line((f"{count} {word}", "muted")) for count, word in said if count], "  ")


def held_line(fresh: Sequence[Alert], moved: int, *, key: str) -> Line:
    """``12 new, 2 page  3 changed  . resumes``: what waits while the list stands still; pages are never silent."""
    pages = sum(alert.loud and alert.call == "page" for alert in fresh)
    said = [
        line((f"{len(fresh)} new", "accent"), (f", {pages} page" if pages else "", "danger")) if fresh else (),
        line((f"{moved} changed", "accent")) if moved else (),
    ]
    return join([*said, line((key, "key"), (" resumes", "muted"))], "  ") if any(said) else ()


def alert_lines(
    alert: Alert,
    others: Iterable[Alert],
    *,
    found: Pipeline | None,
    silences: Mapping[str, Silence],
    now: float,
    glyphs: Glyphs,
    cells: int,
) -> Lines:
    """``others``: all alerts that are known, for the same one elsewhere and for those that imply it."""
    known = tuple(others)
    lines = [*_head(alert, now, glyphs, cells), *_routing(alert, glyphs, cells)]
    lines += _doubt(alert, found, now, glyphs, cells)
    lines += wrap(summary(alert), cells, "text") if summary(alert) else []
    lines += [(), *facts(_pairs(alert, now), cells), *_silence_lines(alert, silences, now, cells)]
    lines += _related("implied by", [one for one in known if one.key in alert.inhibited_by], now, cells)
    lines += _related("also in", [one for one in known if _is_same_elsewhere(one, alert)], now, cells)
    lines += _pairs_lines("labels", alert.labels, cells)
    lines += _pairs_lines("annotations", alert.annotations, cells)
    return tuple(lines)


def _head(alert: Alert, now: float, glyphs: Glyphs, cells: int) -> list[Line]:
    sign, look = alert_sign(alert, glyphs)
    return [
        fit(line((f"{sign} ", look), (alert.name, "strong")), cells),
        line(("in ", "muted"), alert.cluster or glyphs.unknown),
        line((state_text(alert, now), look), (f"  {alert.call.value}: {alert.why}", "muted")),
    ]


def alert_sign(alert: Alert, glyphs: Glyphs) -> Span:
    """Its glyph and style. Only what is over looks well: what fires and is put aside does not."""
    health = alert_health(alert)
    calm = glyphs.ok if alert.phase.over else glyphs.idle
    return getattr(glyphs, HEALTH_SIGNS[health]) if HEALTH_SIGNS[health] else calm, HEALTH_STYLES[health] or "muted"


def _routing(alert: Alert, glyphs: Glyphs, cells: int) -> list[Line]:
    """Whom our verdict calls and whom its label does, where they are not the same: at night only one of them rings."""
    label = by_label(alert.severity)
    if label is alert.call or (label is None and alert.call is not Call.PAGE):
        return []
    said = f"{label.value} by its label, severity {alert.severity}" if label is not None else "no call by its label"
    to = f", told to {', '.join(alert.receivers)}" if alert.receivers else ""
    lines = wrap(f"{glyphs.warning} {alert.call.value} by us ({alert.why}), {said}{to}", cells, "warn", indent=2)
    advice = f"{glyphs.arrow} routes that call as we do: fleetui export routes -o routes.yaml"
    return [*lines, *wrap(advice, cells, "accent")]


def _doubt(alert: Alert, found: Pipeline | None, now: float, glyphs: Glyphs, cells: int) -> list[Line]:
    """What keeps its state from being known, before anything that looks like knowledge."""
    lines: list[Line] = []
    if alert.phase is Phase.UNKNOWN:
        was = "was pending" if alert.firing_since is None else "fired"
        said = f"unknown since {silence_text(alert.ended_at, now)} ago: it {was}, and nobody who would know has spoken"
        lines += wrap(f"{glyphs.unknown} {said}", cells, "unknown", indent=2)
    for trouble in _concerning(alert, found):
        lines += trouble_lines(trouble, glyphs, cells)
    return lines


def _concerning(alert: Alert, found: Pipeline | None) -> list[Trouble]:
    troubles = found.troubles if found is not None else ()
    return [trouble for trouble in troubles if trouble.cluster in ("", alert.cluster)]


def trouble_lines(trouble: Trouble, glyphs: Glyphs, cells: int) -> list[Line]:
    """What is wrong with the pipeline, and what to do about it."""
    look = "danger" if trouble.level is Level.DEAD else _LOOKS[trouble.level]
    lines = wrap(f"{_sign(trouble.level, glyphs)} {trouble.what}", cells, look, indent=2)
    return lines + wrap(f"{glyphs.arrow} {trouble.remedy}", cells, "accent", indent=2)


def _pairs(alert: Alert, now: float) -> list[tuple[str, str]]:
    rule = alert.rule
    return [
        *_since(alert, now),
        ("ack", "" if alert.ack is None else f"{alert.ack.by}: {alert.ack.comment or 'no comment'}"),
        ("runbook", runbook(alert) or "none: its rule names no runbook_url"),
        ("value", compared_text(alert) if rule is not None else ""),
        ("rule", rule.query if rule is not None else ""),
        ("for", "" if rule is None or not rule.hold_s else age_text(now - rule.hold_s, now)),
        ("tells", ", ".join(alert.receivers)),
        ("muted by", ", ".join(alert.muted_by)),
        ("says", ", ".join(alert.sources)),
    ]


def _since(alert: Alert, now: float) -> list[tuple[str, str]]:
    """Its age as the table says it, and beside it how long it was pending before it fired."""
    if alert.firing_since is None or alert.since is None or alert.since >= alert.firing_since:
        return [("since", age_text(alert.began, now))]
    pending = age_text(alert.since, alert.firing_since)
    return [("since", f"{age_text(alert.began, now)}, pending {pending} before")]


def _silence_lines(alert: Alert, silences: Mapping[str, Silence], now: float, cells: int) -> list[Line]:
    if not alert.silenced_by:
        return []
    lines: list[Line] = [(), line(("silences", "heading"))]
    for id_ in alert.silenced_by[:NAMED]:
        silence = silences.get(id_)
        said = id_ if silence is None else _silence_said(silence, now)
        lines += wrap(said, cells, "text", indent=2)
    return lines


def _silence_said(silence: Silence, now: float) -> str:
    return f"{silence.created_by}, {age_text(now - silence.left_s(now), now)} left: {silence.comment} ({silence.id})"


def _is_same_elsewhere(one: Alert, alert: Alert) -> bool:
    return one.name == alert.name and one.cluster != alert.cluster and not one.phase.over


def _related(title: str, alerts: Sequence[Alert], now: float, cells: int) -> list[Line]:
    if not alerts:
        return []
    said = [line(f"{one.cluster or '?'} {one.name}  ", (state_text(one, now), "muted")) for one in alerts[:NAMED]]
    more = [line((f"and {len(alerts) - NAMED} more", "muted"))] if len(alerts) > NAMED else []
    return [(), line((title, "heading")), *(fit(one, cells) for one in said), *more]


def _pairs_lines(title: str, pairs: Sequence[tuple[str, str]], cells: int) -> list[Line]:
    if not pairs:
        return []
    lines: list[Line] = [(), line((title, "heading"))]
    for name, value in pairs:
        lines += wrap(f"{name}={value}", cells, "text", indent=2)
    return lines


def pipeline_lines(found: Pipeline | None, alerts: Iterable[Alert], *, glyphs: Glyphs, cells: int) -> Lines:
    """With no alert under the cursor: the pipeline's troubles, and the largest groups."""
    lines: list[Line] = [line(("Alerts", "strong")), ()]
    for trouble in found.troubles if found is not None else ():
        lines += trouble_lines(trouble, glyphs, cells)
    for group in loudest(alerts, NAMED):
        look = HEALTH_STYLES[Health.BROKEN if group.call is Call.PAGE else Health.WARNING]
        lines.append(fit(line((f"{group.count:>4} ", look), f"{group.cluster or '?'} {group.name}"), cells))
    return tuple(lines)


def no_alerts(found: Pipeline | None, *, glyphs: Glyphs, cells: int) -> Lines:
    """An empty table is good news only under a pipeline that lives."""
    cells = min(cells, WIDEST)
    if found is None:
        return (line((f"{glyphs.connecting} asking the sources of alerts …", "muted")),)
    if found.level is Level.OK:
        return (line((f"{glyphs.ok} no alert fires or waits", "ok")), line(("every source has said so", "muted")))
    lines: list[Line] = [line(("no alert is known, and that proves nothing:", "strong")), ()]
    for trouble in found.troubles:
        lines += trouble_lines(trouble, glyphs, cells)
    return tuple(lines)


def not_configured(cells: int) -> Lines:
    """How to have alerts at all."""
    cells = min(cells, WIDEST)
    example = ("alertmanagers:", "  eu-a:", "    url: https://alertmanager-a.example.org",
               "metrics:", "  eu-store:", "    url: https://prometheus.example.org")  # fmt: skip
    return (
        line(("no source of alerts is configured", "strong")),
        (),
        *wrap("Write in config.yaml (fleetui info tells where it is; config.example.yaml has every field):", cells),
        (),
        *(line((f"  {said}", "accent")) for said in example),
        (),
        *wrap("Silences and who is told come from Alertmanagers; pending alerts and values from the rules of metrics "
              "sources. With either alone, half is known.", cells),
    )  # fmt: skip
