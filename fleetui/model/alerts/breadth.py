"""Which silences are refused, and why: those that mute more than anybody who writes them can mean.

A silence that named an alert and no cluster has caused an outage (alertmanager#2326), one matcher has muted many
services (alertmanager#3492). Alertmanager itself refuses only what matches an alert without labels.
"""

from collections.abc import Iterable

import msgspec

from fleetui.model.alerts.label_set import ALERTNAME, USUAL, Scheme
from fleetui.model.alerts.matcher import Matcher, MatcherError, one_of
from fleetui.model.alerts.silence import Draft

_NOBODY = ("fleetui-no-such-name", "x", "Zz_9", "0", "10.255.255.254:1")
"""Values that no fleet has; what matches one of them names nothing."""
_PIPELINE = ("Watchdog", "DeadMansSwitch", "InfoInhibitor")
SPARE_THE_PIPELINE = msgspec.structs.replace(one_of(ALERTNAME, _PIPELINE), is_equal=False)
"""What a silence of a whole cluster needs beside it."""


class Refusal(msgspec.Struct, frozen=True):
    reason: str
    fix: str
    """What to write instead."""


MUTES_THE_WATCHDOG = Refusal(
    "it would mute the Watchdog, whose silence is the sign of a dead pipeline", f"add {SPARE_THE_PIPELINE}"
)


def refusals(
    draft: Draft, *, now: float, clusters: Iterable[str] = (), scheme: Scheme = USUAL, whole_cluster: bool = False
) -> tuple[Refusal, ...]:
    """Everything that is wrong with it, empty when it may be posted. ``clusters`` is the roster, by the fleet's names;
    ``whole_cluster`` says that all alerts of a cluster are meant."""
    try:
        return (
            *_signed(draft),
            *_timed(draft, now),
            *_clustered(draft.matchers, tuple(clusters), scheme),
            *([] if whole_cluster else _narrow(draft.matchers, scheme)),
            *_spares_the_pipeline(draft.matchers, scheme),
        )
    except MatcherError as error:
        return (Refusal(str(error), "write values one by one: a|b|c"),)


def names_nothing(matcher: Matcher) -> bool:
    """It lets everything through, or everything but: ``.*``, ``.+``, ``[^x]*``, ``!=x``. Raises MatcherError."""
    return any(matcher.matches(value) for value in ("", *_NOBODY))


def _signed(draft: Draft) -> Iterable[Refusal]:
    if not draft.created_by.strip():
        yield Refusal("it has no author", "say who asks for it")
    if not draft.comment.strip():
        yield Refusal("it has no comment", "say why: the next on call reads it at night")


def _timed(draft: Draft, now: float) -> Iterable[Refusal]:
    if draft.ends_at <= now:
        yield Refusal("it ends in the past", "choose an end that is still to come")
    elif draft.ends_at <= draft.starts_at:
        yield Refusal("it ends before it begins", "choose an end after its start")


def _clustered(matchers: tuple[Matcher, ...], clusters: tuple[str, ...], scheme: Scheme) -> Iterable[Refusal]:
    naming = [matcher for matcher in matchers if matcher.name == scheme.cluster and matcher.is_equal]
    fix = f'add {scheme.cluster}="NAME"'
    if not naming:
        yield Refusal("it names no cluster: it would mute the same alert everywhere", fix)
        return
    if all(names_nothing(matcher) for matcher in naming):
        yield Refusal(f"{naming[0]} matches every cluster", fix)
        return
    labels = [scheme.label_of(cluster) for cluster in clusters]
    if len(labels) > 1 and all(matcher.matches(label) for label in labels for matcher in naming):
        yield Refusal(f"{naming[0]} matches all {len(labels)} clusters of the fleet", fix)


def _narrow(matchers: tuple[Matcher, ...], scheme: Scheme) -> Iterable[Refusal]:
    narrowing = [m for m in matchers if m.name != scheme.cluster and not names_nothing(m)]
    if narrowing:
        return
    empty = next((m for m in matchers if m.name != scheme.cluster and m.is_equal), None)
    reason = f"{empty} matches everything" if empty else "it mutes every alert of its cluster"
    yield Refusal(reason, f'add {ALERTNAME}="NAME", or say that the whole cluster is meant')


def _spares_the_pipeline(matchers: tuple[Matcher, ...], scheme: Scheme) -> Iterable[Refusal]:
    about_names = [matcher for matcher in matchers if matcher.name == ALERTNAME]
    elsewhere = any(m.name not in (ALERTNAME, scheme.cluster) and not names_nothing(m) for m in matchers)
    if not elsewhere and all(matcher.matches(_PIPELINE[0]) for matcher in about_names):
        yield MUTES_THE_WATCHDOG
