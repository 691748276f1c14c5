"""One list of alerts out of what several Prometheis and several Alertmanagers say.

Nothing that either says is lost: what one Alertmanager alone has is a row, what one Prometheus alone has is a row.
Where a claim could belong to two posted alerts, both stay, and neither gets the claim's value.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import chain

import msgspec

from fleetui.model.alerts.alert import Ack, Alert, Hush, Phase
from fleetui.model.alerts.cascade import escalated
from fleetui.model.alerts.claims import Claim, ClaimIndex, claims
from fleetui.model.alerts.evidence import AlertmanagerSays, Posted, PostedState, PrometheusSays
from fleetui.model.alerts.label_set import ALERTNAME, USUAL, Labels, Scheme, get
from fleetui.model.alerts.page_or_ticket import SEVERITY, Override, judge
from fleetui.model.alerts.planned import is_planned, whose
from fleetui.model.alerts.silence import ACK, Silence


class Evidence(msgspec.Struct, frozen=True):
    """Everything that was said at one moment."""

    prometheis: tuple[PrometheusSays, ...] = ()
    alertmanagers: tuple[AlertmanagerSays, ...] = ()
    silences: Mapping[str, Silence] = {}
    """By id, of all Alertmanagers."""


class Reading(msgspec.Struct, frozen=True):
    """How to read it."""

    scheme: Scheme = USUAL
    overrides: tuple[Override, ...] = ()
    keys: Mapping[str, str] = {}
    """Fingerprint to the key that the alert has had before, so that a row stays itself when one source falls away."""


PLAIN = Reading()

Posts = list[tuple[AlertmanagerSays, Posted]]


class _Delivery(msgspec.Struct):
    """One alert in all Alertmanagers that have it."""

    name: str
    cluster: str
    labels: Labels
    posts: Posts
    claim: Claim | None = None


def merge(evidence: Evidence, reading: Reading = PLAIN) -> tuple[Alert, ...]:
    """In no particular order. Sources that failed say nothing here; what that means for alerts that were known is
    ``lifetime.follow``'s business. 5,000 alerts in both take about 0.1 s: not on an event loop."""
    said = claims(evidence.prometheis, reading.scheme)
    delivered = _deliveries(evidence.alertmanagers, reading.scheme)
    taken = _join(delivered, ClaimIndex(said))
    heard = any(answer.fault is None for answer in evidence.alertmanagers)
    build = _Builder(evidence, reading, ambiguous={claim for claim, count in taken.items() if count > 1}, heard=heard)
    rows = [build.posted(delivery) for delivery in delivered]
    rows += [build.claimed(claim) for claim in said if id(claim) not in taken]
    return escalated(_related(rows))


def keys_of(alerts: Iterable[Alert]) -> dict[str, str]:
    """For the ``Reading`` of the next merge."""
    return {fingerprint: alert.key for alert in alerts for fingerprint in alert.fingerprints}


def _deliveries(said: Iterable[AlertmanagerSays], scheme: Scheme) -> list[_Delivery]:
    found: dict[Labels, _Delivery] = {}
    for answer in said:
        for post in answer.posted if answer.fault is None else ():
            labels = scheme.identity(post.labels)
            known = found.get(labels)
            if known is None:
                found[labels] = _Delivery(get(labels, ALERTNAME), scheme.cluster_of(labels), labels, [(answer, post)])
            else:
                known.posts.append((answer, post))
    return list(found.values())


def _join(delivered: Iterable[_Delivery], index: ClaimIndex) -> Counter[int]:
    """How many deliveries each claim (by ``id``) has found."""
    taken: Counter[int] = Counter()
    for delivery in delivered:
        claim = index.of(delivery.labels, name=delivery.name, cluster=delivery.cluster, posted=delivery.posts[0][1])
        if claim is not None:
            delivery.claim = claim
            taken[id(claim)] += 1
    return taken


class _Builder:
    def __init__(self, evidence: Evidence, reading: Reading, *, ambiguous: set[int], heard: bool) -> None:
        self._silences = evidence.silences
        self._reading = reading
        self._ambiguous = ambiguous
        self._heard = heard
        self._used: set[str] = set()

    def claimed(self, claim: Claim) -> Alert:
        """No Alertmanager has it: it is pending, or was not sent, or none answers."""
        verdict = judge(claim.labels, overrides=self._reading.overrides)
        fires_at = claim.fires_at
        return Alert(
            key=self._key(claim.cluster, claim.labels, ()),
            name=claim.name,
            cluster=claim.cluster,
            labels=claim.labels,
            annotations=claim.annotations,
            phase=Phase.FIRING if claim.firing else Phase.PENDING,
            call=verdict.call,
            why=verdict.why,
            severity=get(claim.labels, SEVERITY),
            since=claim.active_at,
            firing_since=fires_at if claim.firing else None,
            fires_at=None if claim.firing else fires_at,
            value=claim.value,
            rule=claim.rule,
            sources=claim.sources,
            confirmed_at=claim.at,
            hush=Hush.UNKNOWN if claim.firing and not self._heard else Hush.NONE,
        )

    def posted(self, delivery: _Delivery) -> Alert:
        claim, posts = delivery.claim, delivery.posts
        proven = None if claim is None or id(claim) in self._ambiguous else claim
        fired = min([post.starts_at - answer.skew_s for answer, post in posts])
        active = proven.active_at if proven is not None else None
        verdict = judge(delivery.labels, overrides=self._reading.overrides)
        alertmanagers = _union([(answer.source,) for answer, _ in posts])
        fingerprints = _union([(post.fingerprint,) for _, post in posts])
        cluster = delivery.cluster or (proven.cluster if proven else "")
        known = (proven.cluster, proven.labels) if proven else (cluster, delivery.labels)
        hush = self._hush(posts)
        return Alert(
            key=self._key(*known, fingerprints),
            name=delivery.name,
            cluster=cluster,
            labels=delivery.labels,
            annotations=max(posts, key=_updated)[1].annotations,
            phase=Phase.FIRING,
            call=verdict.call,
            why=verdict.why,
            severity=get(delivery.labels, SEVERITY),
            since=fired if active is None else min(active, fired),
            firing_since=fired,
            value=proven.value if proven else None,
            rule=claim.rule if claim else None,
            sources=_union([alertmanagers, proven.sources]) if proven else alertmanagers,
            alertmanagers=alertmanagers,
            confirmed_at=_confirmed(posts),
            hush=hush.kind,
            planned=hush.planned if hush.kind is Hush.PLANNED else "",
            ack=hush.ack,
            silenced_by=hush.silenced_by,
            inhibited_by=hush.inhibited_by,
            muted_by=hush.muted_by,
            receivers=_union([post.receivers for _, post in posts]),
            fingerprints=fingerprints,
        )

    def _hush(self, posts: Posts) -> "_Hushing":
        for _, post in posts:
            if post.state is PostedState.SUPPRESSED or post.silenced_by or post.inhibited_by:
                return _Hushing(posts, self._silences)
        return _LOUD

    def _key(self, cluster: str, labels: Labels, fingerprints: tuple[str, ...]) -> str:
        known = (self._reading.keys.get(fingerprint) for fingerprint in fingerprints)
        for key in known:
            if key is not None and key not in self._used:
                self._used.add(key)
                return key
        key = _key(cluster, labels)
        while key in self._used:  # two alerts that one key was given to before, when only one was seen
            key += "'"
        self._used.add(key)
        return key


class _Hushing:
    """Only what all Alertmanagers agree on keeps an alert quiet: one that would notify is enough to be loud."""

    def __init__(self, posts: Posts, silences: Mapping[str, Silence]) -> None:
        suppressed = bool(posts) and all(post.state is PostedState.SUPPRESSED for _, post in posts)
        self.silenced_by = _union([post.silenced_by for _, post in posts])
        self.inhibited_by = _union([post.inhibited_by for _, post in posts])
        self.muted_by = _union([post.muted_by for _, post in posts])
        self.ack = _ack(self.silenced_by, silences)
        self.planned = next((whose(silences[id_]) for id_ in self.silenced_by if is_planned(silences.get(id_))), "")
        self.kind = self._kind() if suppressed else Hush.NONE

    def _kind(self) -> Hush:
        if self.silenced_by:
            return Hush.ACKED if self.ack is not None else Hush.PLANNED if self.planned else Hush.SILENCED
        if self.inhibited_by:
            return Hush.INHIBITED
        return Hush.MUTED


def _ack(ids: Iterable[str], silences: Mapping[str, Silence]) -> Ack | None:
    """The one that lasts longest."""
    known = [silences[id_] for id_ in ids if id_ in silences and silences[id_].is_ack]
    if not known:
        return None
    last = max(known, key=lambda silence: silence.ends_at)
    return Ack(last.id, last.created_by, last.ends_at, last.comment.removeprefix(ACK).strip())


def _union(groups: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Sorted, each once. That of one group, or of equal ones, is the group itself."""
    first = groups[0] if groups else ()
    for group in groups:
        if group != first:
            return tuple(sorted({item for group in groups for item in group}))
    return first


def _updated(post: tuple[AlertmanagerSays, Posted]) -> float:
    return post[1].updated_at


def _confirmed(posts: Posts) -> float:
    return max([min(post.updated_at - answer.skew_s, answer.at) for answer, post in posts])


_LOUD = _Hushing([], {})


def _key(cluster: str, labels: Labels) -> str:
    """Short, and the same in every run."""
    said = "\0".join([cluster, *chain.from_iterable(labels)])
    return hashlib.blake2b(said.encode(errors="surrogatepass"), digest_size=8).hexdigest()


def _related(rows: list[Alert]) -> tuple[Alert, ...]:
    """With what can only be said when all are known: who inhibits whom, and where else it fires."""
    keys = keys_of(rows)
    firing: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.phase is Phase.FIRING and row.cluster:
            firing[row.name].add(row.cluster)
    return tuple(_with_relations(row, keys, firing.get(row.name, set())) for row in rows)


def _with_relations(row: Alert, keys: Mapping[str, str], clusters: set[str]) -> Alert:
    others = len(clusters) - (row.cluster in clusters)
    if not others and not row.inhibited_by:
        return row
    inhibitors = tuple(keys.get(fingerprint, fingerprint) for fingerprint in row.inhibited_by)
    return msgspec.structs.replace(row, elsewhere=others, inhibited_by=inhibitors)
