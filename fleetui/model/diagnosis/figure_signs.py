"""Signs that are figures: a board of metrics says that something is beyond its limit, or that a promise is not kept."""

from collections.abc import Iterable, Iterator

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.diagnosis.clue import Clue, listed, not_seen, seen, unseen
from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.diagnosis.rule import Look
from fleetui.model.health.board import value_text
from fleetui.model.health.controlplane import PANELS
from fleetui.model.health.panel_board import NO_SOURCE, cell_sentence
from fleetui.model.health.sample import Age
from fleetui.model.health.slo_board import SloRow, Sort

_BAD = (Health.BROKEN, Health.WARNING)
_PANELS = {panel.id: panel for panel in PANELS}
_TOLD = 2
"""Figures said in one line."""
UNMEASURED = "no source of metrics tells of its figures"
CREDENTIALS = "credentials"
"""The promise about the end of certificates."""
_CERTIFICATE = "certificate"
"""The figure of a kind that reads one's end."""


class _Said(msgspec.Struct, frozen=True):
    level: Health
    text: str
    source: str
    names: tuple[str, ...] = ()


def beyond(*panels: str, promises: tuple[str, ...] = (), broken: bool = False) -> Look:
    """Figures of ``:controlplane`` beyond their limits, and promises of ``:slo`` that are not kept, by id. ``broken``:
    only those that are more than a warning."""

    def look(evidence: Evidence) -> Clue:
        said = [*_promises(evidence, promises), *_figures(evidence, panels)]
        said = [each for each in said if each.level is Health.BROKEN or not broken]
        if said:
            worst = sorted(said, key=lambda each: _BAD.index(each.level))
            names = tuple(dict.fromkeys(name for each in worst for name in each.names))
            return seen("; ".join(each.text for each in worst[:_TOLD]), source=worst[0].source, names=names)
        if why := _unknown(evidence, panels, promises):
            return unseen(why, source="metrics")
        return not_seen("its figures are within their limits", source="metrics")

    return look


def _unknown(evidence: Evidence, panels: tuple[str, ...], promises: tuple[str, ...]) -> str:
    """Why none of these is known; empty when one is."""
    row = evidence.figures
    cells = [cell for cell in row.cells if cell.panel in panels] if row is not None else []
    rows = [each for each in evidence.slo if each.objective in promises]
    if any(level is not Health.UNKNOWN for level in (*(cell.level for cell in cells), *(each.level for each in rows))):
        return ""
    stale = row.word if row is not None and row.level is Health.UNKNOWN else Age.STALE.value
    figures = _not_known((cell.text or stale for cell in cells), evidence, "controlplane")
    if figures != UNMEASURED or not promises:
        return figures
    return _not_known((each.word for each in rows), evidence, "slo")


def _not_known(said: Iterable[str], evidence: Evidence, board: str) -> str:
    """Of rows or cells without a verdict, in the first one's word; of none at all why there is none."""
    why = next((word for word in said if word != NO_SOURCE), "") or evidence.unheard.get(board, "")
    return f"{board}: {why}" if why else UNMEASURED


def _figures(evidence: Evidence, panels: tuple[str, ...]) -> Iterator[_Said]:
    for cell in evidence.figures.cells if evidence.figures is not None else ():
        if cell.panel in panels and cell.level in _BAD:
            text = cell_sentence(cell, _PANELS[cell.panel])
            yield _Said(cell.level, text, "controlplane", (cell.host,) if cell.host else ())


def _promises(evidence: Evidence, promises: tuple[str, ...]) -> Iterator[_Said]:
    for row in evidence.slo:
        if row.objective in promises and row.level in _BAD:
            yield _Said(row.level, _promise(row), "slo", (row.named,) if row.named else ())


def _promise(row: SloRow) -> str:
    """``control plane available: budget gone in 6.7 h, burns 53.3 x its pace``."""
    budget = "budget " if row.sort is Sort.BUDGET else ""
    return f"{row.title}: {budget}{row.word}" + (f", {row.reason}" if row.reason else "")


API_AILS = beyond(
    "errors", "availability", "writes", "reads", promises=("availability", "api-errors", "api-writes"), broken=True
)
SCHEDULER_SLOW = beyond("scheduling", "queue", "pending")
STORE_SLOW = beyond("store")
SHORT = beyond("pressure", "evictions", "memory", "cpu")


def filling(evidence: Evidence) -> Clue:
    """What will be full at its pace, or has no room for a loss."""
    rows = [row for row in evidence.slo if row.sort is Sort.CAPACITY]
    bad = [row for row in rows if row.level in _BAD]
    if bad:
        return seen("; ".join(f"{row.title}: {row.word}" for row in bad[:_TOLD]), source="slo")
    if any(row.level is Health.CALM for row in rows):
        return not_seen("nothing fills", source="slo")
    return unseen(_not_known((row.word for row in rows), evidence, "slo"), source="slo")


def lagging(evidence: Evidence) -> Clue:
    """Databases and queues that do not keep up, or whose link is broken."""
    rows = sorted((row for row in evidence.replicas if row.level in _BAD), key=lambda row: _BAD.index(row.level))
    if not rows and any(row.level is Health.CALM for row in evidence.replicas):
        return not_seen("what replicates keeps up", source="replication")
    if not rows:
        words = (row.word for row in evidence.replicas)
        return unseen(_not_known(words, evidence, "replication"), source="replication")
    said = (f"{row.title} {row.instance}".strip() + f": {row.word}" for row in rows[:_TOLD])
    return seen("; ".join(said), source="replication", names=tuple(filter(None, (row.instance for row in rows))))


def ending(evidence: Evidence) -> Clue:
    """How long certificates live, as far as a board says it: an expired one shows by itself, one that ends tomorrow
    only here."""
    said = [text for row in evidence.slo if row.objective == CREDENTIALS and (text := _credentials(row))]
    names = [row.named for row in evidence.slo if row.objective == CREDENTIALS and row.named]
    for row in evidence.replicas:
        for figure in row.figures:
            if figure.rule.id == _CERTIFICATE and figure.value is not None and row.level in _BAD:
                said.append(f"{row.title} {row.instance}: {figure.value:.0f} {figure.rule.unit} left")
                names.append(row.instance)
    if said:
        return seen("; ".join(said[:_TOLD]), source="slo", names=names)
    known = [row for row in evidence.slo if row.objective == CREDENTIALS and row.level is Health.CALM]
    if known and known[0].value is not None:
        return not_seen(f"the first certificate ends in {value_text(known[0].value, known[0].unit)}", source="slo")
    return unseen("until when its certificates live is not read: kubeadm certs check-expiration tells")


def _credentials(row: SloRow) -> str:
    if row.level not in _BAD or row.value is None:
        return ""
    whose = f" ({listed([row.named])})" if row.named else ""
    return f"the first certificate ends in {value_text(row.value, row.unit)}{whose}"
