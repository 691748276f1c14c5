"""Acknowledging: a short silence on exactly these alerts, prolonged while we run and they fire.

Alertmanager has no acknowledgement (alertmanager#1860); this is the convention of karma and kthxbye, so theirs are
shown as acks too, and kthxbye prolongs ours.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from fleetui.model.alerts.alert import Alert, Phase
from fleetui.model.alerts.label_set import USUAL, Labels, Scheme, get
from fleetui.model.alerts.matcher import Matcher, one_of
from fleetui.model.alerts.silence import ACK, Draft, Silence, SilenceState, extended
from fleetui.model.text import CELL_LIMIT, ELLIPSIS, REPLACEMENT

LASTS_S = 900.0
"""karma's default: long enough to look, short enough to be told again when whoever looked has gone."""
PROLONG_BEFORE_S = 300.0
"""kthxbye's -extend-if-expiring-in."""
LONGEST_S = 12 * 3600.0
"""A shift. What is acknowledged longer than that is forgotten (karma#3175, #6314)."""
TOGETHER = 100
"""Alerts that one silence lists: its expression stays readable, and Alertmanager quick."""


class AckError(ValueError):
    """An alert that cannot be acknowledged, with the reason."""


class Request(msgspec.Struct, frozen=True):
    by: str
    comment: str
    incident: str = ""
    lasts_s: float = LASTS_S

    @property
    def text(self) -> str:
        """``ACK! looking at the disk [INC-42]``."""
        return " ".join(
            part for part in (ACK, self.comment.strip(), f"[{self.incident}]" if self.incident else "") if part
        )


def acks(alerts: Iterable[Alert], request: Request, *, now: float, scheme: Scheme = USUAL) -> tuple[Draft, ...]:
    """As few silences as mute exactly these alerts: those that differ in one label share one.

    Raises AckError for an alert without a cluster, and for one that does not fire: Alertmanager knows nothing of it.
    """
    found = tuple(alerts)
    for alert in found:
        if not fires(alert):
            raise AckError(f"{alert.name} of {alert.cluster or '?'} does not fire: it is {alert.phase.value}")
    return tuple(
        Draft(matchers, now, now + request.lasts_s, request.by, request.text) for matchers in exactly(found, scheme)
    )


def fires(alert: Alert) -> bool:
    """Whether Alertmanager may know of it, so that there is something to acknowledge."""
    return alert.phase in (Phase.FIRING, Phase.UNKNOWN)


def exactly(alerts: Iterable[Alert], scheme: Scheme = USUAL) -> tuple[tuple[Matcher, ...], ...]:
    """The matchers of as few silences as mute exactly these. Raises AckError for an alert without a cluster."""
    families: dict[tuple[str, str, tuple[str, ...]], list[Labels]] = defaultdict(list)
    for alert in alerts:
        labels = _exact(alert, scheme)
        families[alert.cluster, alert.name, tuple(name for name, _ in labels)].append(labels)
    return tuple(matchers for family in families.values() for matchers in _matchers(family))


def _exact(alert: Alert, scheme: Scheme) -> Labels:
    """All labels that we have as they are; a value that was made harmless for the screen would match nothing."""
    labels = tuple((name, value) for name, value in alert.labels if _faithful(name) and _faithful(value))
    if not get(labels, scheme.cluster):
        raise AckError(f"{alert.name} has no label {scheme.cluster}: its silence would mute it in every cluster")
    return labels


def _faithful(text: str) -> bool:
    return REPLACEMENT not in text and not (len(text) >= CELL_LIMIT and text.endswith(ELLIPSIS))


def _matchers(family: Sequence[Labels]) -> list[tuple[Matcher, ...]]:
    """The alerts of one name in one cluster, whose labels have the same names."""
    shared = set(family[0]).intersection(*family)
    differing = [name for name, value in family[0] if (name, value) not in shared]
    if len(differing) > 1:
        return [tuple(Matcher(*pair) for pair in labels) for labels in dict.fromkeys(family)]
    common = tuple(Matcher(*pair) for pair in family[0] if pair in shared)
    if not differing:
        return [common]
    values = sorted({get(labels, differing[0]) for labels in family})
    return [
        tuple(sorted((*common, one_of(differing[0], values[at : at + TOGETHER]))))
        for at in range(0, len(values), TOGETHER)
    ]


def prolonged(
    silence: Silence, alerts: Iterable[Alert], *, by: str, now: float, lasts_s: float = LASTS_S
) -> Draft | None:
    """What to post now to keep an ack of ours alive; None to leave it. It is prolonged only near its end, only while an
    alert that it mutes is known to fire, and never past ``LONGEST_S`` after its beginning."""
    due = silence.state is SilenceState.ACTIVE and silence.left_s(now) <= PROLONG_BEFORE_S
    if not due or not silence.is_ack or silence.created_by != by or now - silence.starts_at >= LONGEST_S:
        return None
    if not any(silence.id in alert.silenced_by and alert.phase is Phase.FIRING for alert in alerts):
        return None
    wanted = min(now + lasts_s, silence.starts_at + LONGEST_S)
    return extended(silence, by_s=wanted - silence.ends_at, now=now) if wanted > silence.ends_at else None
