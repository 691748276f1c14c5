"""A wish to ack or to silence some alerts, and everything that would come of it, before anything is posted."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from fleetui.model.alerts.ack import AckError, Request, acks, exactly, fires
from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.breadth import Refusal
from fleetui.model.alerts.grouping import order
from fleetui.model.alerts.label_set import ALERTNAME, USUAL, Scheme, get
from fleetui.model.alerts.matcher import Matcher, MatcherError, parse_matchers
from fleetui.model.alerts.preview import Preview, preview
from fleetui.model.alerts.silence import Draft, Silence

MOST_SILENCES = 100
"""Of one wish. Own judgement: every silence is matched against every alert, and somebody has to find them again."""


class Kind(StrEnum):
    ACK = "ack"
    SILENCE = "silence"


class Reach(StrEnum):
    """What a silence is to mute, seen from the alerts that were chosen."""

    EXACTLY = "just these"
    NAME = "by name"
    """In the same cluster, also those that are still to come."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind
    chosen: tuple[Alert, ...]
    by: str
    comment: str
    lasts_s: float
    reach: Reach = Reach.EXACTLY
    """Of a silence; an ack is never of more than was chosen."""
    typed: str | None = None
    """Matchers as somebody wrote them; they take the place of the reach."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to see when the question is asked."""

    alerts: tuple[Alert, ...]
    """Of the whole fleet, the pipeline's own among them."""
    now: float
    silences: tuple[Silence, ...] = ()
    clusters: tuple[str, ...] = ()
    """The roster, by the fleet's names."""
    scheme: Scheme = USUAL


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    drafts: tuple[tuple[Draft, Preview], ...] = ()
    muted: tuple[Alert, ...] = ()
    """By all of them together, the most urgent first."""
    extra: tuple[Alert, ...] = ()
    """Of those, the ones that nobody has chosen."""
    left_out: tuple[Alert, ...] = ()
    """Chosen, and not muted: an ack is of what fires, typed matchers may miss."""
    refusals: tuple[Refusal, ...] = ()
    """Not empty: nothing is posted."""

    @property
    def ready(self) -> bool:
        return bool(self.drafts) and not self.refusals


def outlook(wish: Wish, known: Known) -> Outlook:
    """Never raises: what cannot be done is refused with its reason."""
    try:
        drafts = _drafts(wish, known)
    except (AckError, MatcherError) as error:
        return Outlook(left_out=wish.chosen, refusals=(Refusal(str(error), "choose others, or write the matchers"),))
    if not drafts or len(drafts) > MOST_SILENCES:
        refusal = _too_many(len(drafts)) if drafts else _NOTHING
        return Outlook(left_out=wish.chosen, refusals=(refusal,))
    candidates = _Candidates(known.alerts, drafts)
    found = tuple((draft, _preview(draft, candidates.of(draft), known)) for draft in drafts)
    muted = {alert.key: alert for _, one in found for alert in one.muted}
    chosen = {alert.key for alert in wish.chosen}
    return Outlook(
        drafts=found,
        muted=tuple(sorted(muted.values(), key=_place)),
        extra=tuple(sorted((alert for key, alert in muted.items() if key not in chosen), key=_place)),
        left_out=tuple(alert for alert in wish.chosen if alert.key not in muted),
        refusals=tuple(dict.fromkeys(refusal for _, one in found for refusal in one.refusals)),
    )


def _place(alert: Alert) -> tuple[object, ...]:
    return (*order(alert), alert.cluster, alert.name, alert.labels)


_NOTHING = Refusal(
    "nothing that fires is chosen: there is nothing to acknowledge", "a silence can come before it fires"
)


def _too_many(count: int) -> Refusal:
    fix = "choose fewer, or silence them by name: one silence for each name in each cluster"
    return Refusal(f"it would take {count:,} silences: more than anybody can look at, or end again", fix)


def _drafts(wish: Wish, known: Known) -> tuple[Draft, ...]:
    """Raises AckError, MatcherError."""
    if wish.kind is Kind.ACK:
        request = Request(wish.by, wish.comment, lasts_s=wish.lasts_s)
        found = acks(filter(fires, wish.chosen), request, now=known.now, scheme=known.scheme)
        if wish.comment.strip():
            return found
        return tuple(msgspec.structs.replace(draft, comment="") for draft in found)  # the prefix alone is no comment
    until = known.now + wish.lasts_s
    return tuple(Draft(matchers, known.now, until, wish.by, wish.comment) for matchers in matchers_of(wish, known))


def matchers_of(wish: Wish, known: Known) -> tuple[tuple[Matcher, ...], ...]:
    """Of each silence. Raises AckError, MatcherError."""
    if wish.typed is not None:
        return (parse_matchers(wish.typed),)
    if wish.reach is Reach.EXACTLY:
        return exactly(wish.chosen, known.scheme)
    label = known.scheme.cluster
    pairs = dict.fromkeys((alert.name, get(alert.labels, label)) for alert in wish.chosen)
    if nowhere := next((name for name, value in pairs if not value), None):
        raise AckError(f"{nowhere} has no label {label}: its silence would mute it in every cluster")
    return tuple((Matcher(ALERTNAME, name), Matcher(label, value)) for name, value in pairs)


class _Candidates:
    """The alerts that a draft could match: of 5,000 and a hundred drafts, not all for each. Those with a label that a
    draft wants to be equal, of its labels the rarest."""

    def __init__(self, alerts: tuple[Alert, ...], drafts: Iterable[Draft]) -> None:
        self._all = alerts
        self._having: dict[tuple[str, str], list[Alert]] = {pair: [] for draft in drafts for pair in _equalities(draft)}
        for alert in alerts:
            for pair in alert.labels:
                if pair in self._having:
                    self._having[pair].append(alert)

    def of(self, draft: Draft) -> Sequence[Alert]:
        return min((self._having[pair] for pair in _equalities(draft)), key=len, default=self._all)


def _equalities(draft: Draft) -> Iterable[tuple[str, str]]:
    """A label that is not there has the empty value too: such a matcher finds nobody by it."""
    return ((m.name, m.value) for m in draft.matchers if m.is_equal and not m.is_regex and m.value)


def _preview(draft: Draft, candidates: Sequence[Alert], known: Known) -> Preview:
    return preview(
        draft,
        candidates,
        now=known.now,
        silences=known.silences,
        clusters=known.clusters,
        scheme=known.scheme,
    )


def near(found: Iterable[Alert]) -> tuple[str, ...]:
    """The Alertmanagers that could notify about these: whoever is told once for each mesh of them."""
    return tuple(sorted({name for alert in found for name in alert.alertmanagers}))
