"""What the rows need of Kubernetes objects, as partial structs: msgspec skips every other field without building it.

Lists that a server may send as ``null`` are optional; a field of another type fails its own object only.
"""

import sys
from datetime import datetime

import msgspec

from fleetui.model.lock import CORDON_ANNOTATION, LOCK_ANNOTATION
from fleetui.model.text import clean

Labels = tuple[tuple[str, str], ...]


class OwnerReference(msgspec.Struct, gc=False):
    kind: str = ""
    name: str = ""
    controller: bool | None = None


class Annotations(msgspec.Struct, gc=False):
    """Only ours: others hold whole manifests."""

    cordoned_by: str | None = msgspec.field(default=None, name=CORDON_ANNOTATION)
    lock: str | None = msgspec.field(default=None, name=LOCK_ANNOTATION)


class Meta(msgspec.Struct, rename="camel"):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    deletion_grace_period_seconds: int | None = None
    labels: dict[str, str] | None = None
    owner_references: list[OwnerReference] | None = None


class NodeMeta(Meta, rename="camel"):
    annotations: Annotations | None = None


def seconds(moment: datetime | None) -> float | None:
    """Unix seconds."""
    return None if moment is None else moment.timestamp()


def asked_to_end(meta: Meta) -> float | None:
    """When deletion was asked for: the timestamp is that moment plus the grace period."""
    if meta.deletion_timestamp is None:
        return None
    return meta.deletion_timestamp.timestamp() - (meta.deletion_grace_period_seconds or 0)


class Words(dict[object, str]):
    """Foreign texts made harmless, remembered: the same namespaces, nodes, labels and versions stand in thousands of
    rows. One object for all that are equal, and most look-ups never leave C."""

    LIMIT = 50_000
    """Texts remembered; a cluster that sends ever new ones costs time then, not memory."""

    def __missing__(self, said: object) -> str:
        if len(self) >= self.LIMIT:
            self.clear()
        word = sys.intern(clean("" if said is None else str(said)))
        self[said] = word
        return word


class LabelPool:
    """Label sets, one object for all that are equal: replicas carry the same."""

    LIMIT = 20_000

    def __init__(self, words: Words) -> None:
        self._words = words
        self._known: dict[Labels, Labels] = {}

    def labels(self, said: dict[str, str] | None) -> Labels:
        """Clean, sorted by key."""
        if not said:
            return ()
        raw = tuple(sorted(said.items()))
        known = self._known.get(raw)
        if known is not None:
            return known
        words = self._words
        found = tuple(sorted((words[key], words[value]) for key, value in raw))
        if len(self._known) >= self.LIMIT:
            self._known.clear()
        self._known[raw] = found
        return found


def controller_of(meta: Meta, words: Words) -> str:
    """``ReplicaSet/web-7d9``, empty without a controller."""
    for owner in meta.owner_references or ():
        if owner.controller:
            return words[f"{owner.kind}/{owner.name}"]
    return ""
