"""The row of one alert, out of what is said of it; where that is what was said before, the row from before."""

import hashlib
from collections.abc import Mapping
from itertools import chain

import msgspec

from fleetui.model.alerts.alert import Alert, Hush, Phase
from fleetui.model.alerts.apart import Apart
from fleetui.model.alerts.claims import Claim
from fleetui.model.alerts.delivery import Delivery, Posts
from fleetui.model.alerts.evidence import AlertmanagerSays, Posted
from fleetui.model.alerts.label_set import Labels
from fleetui.model.alerts.quiet import quiet, union
from fleetui.model.alerts.silence import Silence


class Made(msgspec.Struct, frozen=True):
    """A row as it was made, and what it was made of."""

    row: Alert
    posts: Posts
    proven: Claim


class Builder:
    def __init__(
        self,
        silences: Mapping[str, Silence],
        keys: Mapping[str, str],
        before: Mapping[str, Made],
        firing: Mapping[str, set[str]],
        apart: Apart,
        *,
        heard: bool,
    ) -> None:
        self.made: dict[str, Made] = {}
        self._silences = silences
        self._keys = keys
        self._before = before
        self._firing = firing
        self._apart = apart
        self._heard = heard
        self._used: set[str] = set()

    def claimed(self, claim: Claim) -> Alert:
        """No Alertmanager has it: it is pending, or was not sent, or none answers."""
        face, fires_at = claim.face, claim.fires_at
        return Alert(
            key=self._key(claim.cluster, face.labels, ()),
            name=face.name,
            cluster=claim.cluster,
            labels=face.labels,
            annotations=claim.annotations,
            phase=Phase.FIRING if claim.firing else Phase.PENDING,
            call=face.verdict.call,
            why=face.verdict.why,
            severity=face.severity,
            since=claim.active_at,
            firing_since=fires_at if claim.firing else None,
            fires_at=None if claim.firing else fires_at,
            value=claim.value,
            rule=claim.rule,
            sources=claim.sources,
            confirmed_at=claim.at,
            elsewhere=self._elsewhere(face.name, claim.cluster),
            apart=self._apart.get((face.name, claim.cluster), ()),
            hush=Hush.UNKNOWN if claim.firing and not self._heard else Hush.NONE,
        )

    def posted(self, delivery: Delivery) -> Alert:
        proven, posts = delivery.proven, delivery.posts
        fingerprints = (posts[0][1].fingerprint,) if len(posts) == 1 else union([(p.fingerprint,) for _, p in posts])
        known = (proven.cluster, proven.face.labels) if proven is not None else (delivery.cluster, delivery.face.labels)
        key = self._key(*known, fingerprints)
        row = self._again(self._before.get(key), delivery) or self._anew(delivery, key, fingerprints)
        if proven is not None and not row.silenced_by:  # what a silence says may change
            self.made[key] = Made(row, posts, proven)
        return row

    def _again(self, made: Made | None, delivery: Delivery) -> Alert | None:
        """The row from before, where nothing but its value and what else fires can have changed."""
        proven = delivery.proven
        if (
            made is None
            or proven is None
            or not (_same_claim(made.proven, proven) and _same_posts(made.posts, delivery.posts))
        ):
            return None
        row, elsewhere = made.row, self._elsewhere(made.row.name, made.row.cluster)
        apart = self._apart.get((row.name, row.cluster), ())
        if row.value == proven.value and row.elsewhere == elsewhere and row.apart == apart:
            return row
        return msgspec.structs.replace(row, value=proven.value, elsewhere=elsewhere, apart=apart)

    def _anew(self, delivery: Delivery, key: str, fingerprints: tuple[str, ...]) -> Alert:
        face, claim, proven, posts = delivery.face, delivery.claim, delivery.proven, delivery.posts
        fired = min([post.starts_at - answer.skew_s for answer, post in posts])
        active = proven.active_at if proven is not None else None
        alertmanagers = union([(answer.source,) for answer, _ in posts])
        hush = quiet(posts, self._silences)
        return Alert(
            key=key,
            name=face.name,
            cluster=delivery.cluster,
            labels=face.labels,
            annotations=max(posts, key=_updated)[1].annotations,
            phase=Phase.FIRING,
            call=face.verdict.call,
            why=face.verdict.why,
            severity=face.severity,
            since=fired if active is None else min(active, fired),
            firing_since=fired,
            value=proven.value if proven else None,
            rule=claim.rule if claim else None,
            sources=union([alertmanagers, proven.sources]) if proven else alertmanagers,
            alertmanagers=alertmanagers,
            confirmed_at=_confirmed(posts),
            elsewhere=self._elsewhere(face.name, delivery.cluster),
            apart=self._apart.get((face.name, delivery.cluster), ()),
            hush=hush.kind,
            planned=hush.planned if hush.kind is Hush.PLANNED else "",
            ack=hush.ack,
            silenced_by=hush.silenced_by,
            inhibited_by=hush.inhibited_by,
            muted_by=hush.muted_by,
            receivers=union([post.receivers for _, post in posts]),
            fingerprints=fingerprints,
        )

    def _elsewhere(self, name: str, cluster: str) -> int:
        clusters = self._firing.get(name, ())
        return len(clusters) - (cluster in clusters)

    def _key(self, cluster: str, labels: Labels, fingerprints: tuple[str, ...]) -> str:
        for fingerprint in fingerprints:
            key = self._keys.get(fingerprint)
            if key is not None and key not in self._used:
                self._used.add(key)
                return key
        made = _key(cluster, labels)
        while made in self._used:  # two alerts that one key was given to before, when only one was seen
            made += "'"
        self._used.add(made)
        return made


def _same_claim(one: Claim, other: Claim) -> bool:
    """But for its value, and for when it was made."""
    return one is other or (
        one.face is other.face
        and one.active_at == other.active_at
        and one.rule == other.rule
        and one.cluster == other.cluster
        and one.sources == other.sources
    )


def _same_posts(some: Posts, others: Posts) -> bool:
    """The very same, from those who said them before, with clocks as before."""
    if some is others:
        return True
    return len(some) == len(others) and all(
        post is other and said.source == told.source and said.skew_s == told.skew_s
        for (said, post), (told, other) in zip(some, others, strict=True)
    )


def _updated(post: tuple[AlertmanagerSays, Posted]) -> float:
    return post[1].updated_at


def _confirmed(posts: Posts) -> float:
    return max([min(post.updated_at - answer.skew_s, answer.at) for answer, post in posts])


def _key(cluster: str, labels: Labels) -> str:
    """Short, and the same in every run."""
    said = "\0".join([cluster, *chain.from_iterable(labels)])
    return hashlib.blake2b(said.encode(errors="surrogatepass"), digest_size=8).hexdigest()
