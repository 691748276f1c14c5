"""What a silence would do, before it is posted: which alerts it mutes, where, and what mutes them already."""

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from fleetui.model.alerts.alert import Alert, Phase
from fleetui.model.alerts.breadth import MUTES_THE_WATCHDOG, Refusal, refusals
from fleetui.model.alerts.grouping import listed, order
from fleetui.model.alerts.label_set import USUAL, Scheme
from fleetui.model.alerts.matcher import MatcherError, all_match
from fleetui.model.alerts.page_or_ticket import WATCHDOGS, Call
from fleetui.model.alerts.silence import Draft, Silence, SilenceState

LONG_S = 7 * 86_400.0
"""Own judgement: what nobody looks at for a week is a rule to mend, not an alert to mute."""


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    muted: tuple[Alert, ...]
    """Those it would mute, of all clusters, the most urgent first."""
    newly: int
    """Of those, the ones that nothing mutes now."""
    pages: int
    """Of those, the ones that page."""
    pending: int
    clusters: Mapping[str, int]
    """How many in which."""
    refusals: tuple[Refusal, ...] = ()
    """Not empty: it is not posted."""
    doubts: tuple[str, ...] = ()
    """What the operator should know; one line each."""
    similar: tuple[Silence, ...] = ()
    """Silences that mute some of the same already, acks not among them: extend one of them instead?"""

    @property
    def allowed(self) -> bool:
        return not self.refusals


def preview(
    draft: Draft,
    alerts: Iterable[Alert],
    *,
    now: float,
    silences: Iterable[Silence] = (),
    clusters: Iterable[str] = (),
    scheme: Scheme = USUAL,
    whole_cluster: bool = False,
) -> Preview:
    """``alerts`` are those of the whole fleet, ``clusters`` its roster. Never raises."""
    found = _matching(draft, alerts)
    muted = tuple(sorted(listed(found), key=order))
    counts = Counter(alert.cluster for alert in muted)
    refused = refusals(draft, now=now, clusters=clusters, scheme=scheme, whole_cluster=whole_cluster)
    if MUTES_THE_WATCHDOG not in refused and any(WATCHDOGS.fullmatch(alert.name) for alert in found):
        refused = (*refused, MUTES_THE_WATCHDOG)
    return Preview(
        muted=muted,
        newly=sum(not alert.silenced_by for alert in muted),
        pages=sum(alert.call is Call.PAGE for alert in muted),
        pending=sum(alert.phase is Phase.PENDING for alert in muted),
        clusters=dict(sorted(counts.items())),
        refusals=refused,
        doubts=tuple(_doubts(draft, muted, counts)),
        similar=_similar(draft, muted, silences),
    )


def _matching(draft: Draft, alerts: Iterable[Alert]) -> list[Alert]:
    try:
        return [alert for alert in alerts if not alert.phase.over and all_match(draft.matchers, alert.labels)]
    except MatcherError:
        return []  # it is refused for that, with the reason


def _doubts(draft: Draft, muted: tuple[Alert, ...], counts: Counter[str]) -> Iterable[str]:
    if not muted:
        yield "it mutes nothing that fires or is pending now"
    if len(counts) > 1:
        yield f"it mutes alerts in {len(counts)} clusters"
    if draft.ends_at - draft.starts_at > LONG_S:
        yield f"it lasts {int((draft.ends_at - draft.starts_at) // 86_400)} days"
    unknown = sum(alert.phase is Phase.UNKNOWN for alert in muted)
    if unknown:
        yield f"of {unknown} nobody knows whether they still fire"


def _similar(draft: Draft, muted: tuple[Alert, ...], silences: Iterable[Silence]) -> tuple[Silence, ...]:
    ids = {id_ for alert in muted for id_ in alert.silenced_by}
    wanted = set(draft.matchers)
    return tuple(
        silence
        for silence in silences
        if silence.id != draft.id
        and silence.state is not SilenceState.EXPIRED
        and not silence.is_ack
        and (silence.id in ids or set(silence.matchers) == wanted)
    )
