"""An alert in all Alertmanagers that have it, and what the Prometheis claim of it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from fleetui.model.alerts.claims import Claim, ClaimIndex
from fleetui.model.alerts.evidence import AlertmanagerSays, Posted
from fleetui.model.alerts.face import Face, Faces
from fleetui.model.alerts.label_set import Labels

Posts = list[tuple[AlertmanagerSays, Posted]]


class Delivery(msgspec.Struct):
    """One alert in all Alertmanagers that have it."""

    face: Face
    posts: Posts
    claim: Claim | None = None
    proven: Claim | None = None
    """The claim, where no other alert could be meant by it."""

    @property
    def cluster(self) -> str:
        return self.face.cluster or (self.proven.cluster if self.proven is not None else "")


def deliveries(said: Iterable[AlertmanagerSays], faces: Faces) -> list[Delivery]:
    found: dict[Labels, Delivery] = {}
    for answer in said:
        for post in answer.posted if answer.fault is None else ():
            face = faces.of(post.labels)
            known = found.get(face.labels)
            if known is None:
                found[face.labels] = Delivery(face, [(answer, post)])
            else:
                known.posts.append((answer, post))
    return list(found.values())


def join(delivered: Iterable[Delivery], index: ClaimIndex) -> Counter[int]:
    """How many deliveries each claim (by ``id``) has found."""
    joined = [(delivery, index.of(delivery.face, delivery.posts[0][1])) for delivery in delivered]
    taken = Counter([id(claim) for _, claim in joined if claim is not None])
    for delivery, claim in joined:
        delivery.claim = claim
        delivery.proven = claim if claim is not None and taken[id(claim)] == 1 else None
    return taken


def firing(delivered: Iterable[Delivery], left: Iterable[Claim]) -> Mapping[str, set[str]]:
    """By name, the clusters in which it fires."""
    found: dict[str, set[str]] = defaultdict(set)
    for delivery in delivered:
        found[delivery.face.name].add(delivery.cluster)
    for claim in left:
        if claim.firing:
            found[claim.face.name].add(claim.cluster)
    for clusters in found.values():
        clusters.discard("")
    return found
