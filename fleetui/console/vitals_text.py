"""What monitoring says of a cluster, in words: for its inspector and for the lens. Pure."""

from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, fit, line
from fleetui.model.cluster import BoardSign, Cluster, Health, Quiet
from fleetui.model.cluster_verdict import reasons
from fleetui.model.duration import age_text
from fleetui.model.quantity import counted
from fleetui.model.table.cell_text import HEALTH_SIGNS, HEALTH_STYLES


def reason_lines(cluster: Cluster, glyphs: Glyphs, cells: int) -> list[Line]:
    """What the boards say against it, worst first, each with the command that opens its board."""
    lines: list[Line] = []
    for reason in reasons(cluster):
        if reason.board:
            sign = getattr(glyphs, HEALTH_SIGNS[reason.level])
            said = line((f"{sign} {reason.said}", HEALTH_STYLES[reason.level]), (f"  :{reason.board}", "muted"))
            lines.append(fit(said, cells))
    return lines


def etcd_text(cluster: Cluster) -> str:
    """The board's word, and why; ``:etcd`` says the rest."""
    said = cluster.etcd
    if said is None:
        return ""
    return f"{said.word}: {said.why}" if said.why else said.word


def board_text(sign: BoardSign) -> str:
    """``5xx 16%: ... (+2 more)``; a calm board says so."""
    if sign.level is Health.CALM:
        return "calm"
    more = f" (+{sign.more} more)" if sign.more else ""
    return f"{sign.word}: {sign.why}{more}" if sign.why else f"{sign.word}{more}"


def alerts_text(cluster: Cluster, now: float) -> str:
    """``2 pages, 5 tickets, 1 page acked by kim 12m``, and why there may be more."""
    said = cluster.alerts
    if said is None:
        return ""
    parts = [counted(count, word) for count, word in ((said.pages, "page"), (said.tickets, "ticket")) if count]
    parts += [quiet_text(each, now) for each in said.quiet]
    parts += [f"{counted(hushed, 'ticket')} hushed" for hushed in (said.hushed - said.quiet_pages,) if hushed]
    told = ", ".join(parts) or ("nothing fires" if said.known else "nobody knows")
    return "; ".join(part for part in (told, said.blind, said.late) if part)


def quiet_text(quiet: Quiet, now: float) -> str:
    """``1 page acked by kim 12m``."""
    return f"{counted(quiet.pages, 'page')} {how_text(quiet, now)}"


def how_text(quiet: Quiet, now: float) -> str:
    """``acked by kim 12m``: how long nobody else is told."""
    return quiet.how if quiet.until is None else f"{quiet.how} {age_text(now - max(0.0, quiet.until - now), now)}"
