"""Pods from the wire to rows."""

import msgspec

from fleetui.clients.kube.fragments import Envelope
from fleetui.clients.kube.objects import LabelPool, Meta, Words, asked_to_end, controller_of, seconds
from fleetui.clients.kube.pod_status import PodSpec, PodStatus, printed
from fleetui.model.pod import Pod
from fleetui.model.text import clean


class WirePod(msgspec.Struct):
    metadata: Meta
    spec: PodSpec = msgspec.field(default_factory=PodSpec)
    status: PodStatus = msgspec.field(default_factory=PodStatus)


class PodEvent(msgspec.Struct):
    """A watch event of a pod."""

    object: WirePod
    type: str = ""


_pod = msgspec.json.Decoder(WirePod)
_event = msgspec.json.Decoder(PodEvent)
_pods = msgspec.json.Decoder(list[WirePod])
_raw = msgspec.json.Decoder(list[msgspec.Raw])


class PodRows:
    """Decodes the pods of one cluster. Full objects: a Table's cells say neither the owner nor a number of restarts."""

    accept = "application/json"

    def __init__(self, cluster: str) -> None:
        self._words = Words()
        self._cluster = self._words[cluster]
        self._labels = LabelPool(self._words)

    def array(self, _: Envelope, text: bytes) -> tuple[list[Pod], int]:
        """The rows, and how many objects could not be read. Raises msgspec.DecodeError for no array."""
        try:
            return [self._row(pod) for pod in _pods.decode(text)], 0
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self._one_by_one(_raw.decode(text))

    def event(self, line: bytes) -> tuple[str, Pod] | None:
        """Type and pod of a watch event, read in one go; None when it is no event of a pod that can be read."""
        try:
            event = _event.decode(line)
            return event.type, self._row(event.object)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def object(self, text: msgspec.Raw) -> Pod | None:
        """One pod of a watch; None when it cannot be read."""
        try:
            return self._row(_pod.decode(text))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def _one_by_one(self, items: list[msgspec.Raw]) -> tuple[list[Pod], int]:
        rows = [row for row in map(self.object, items) if row is not None]
        return rows, len(items) - len(rows)

    def _row(self, pod: WirePod) -> Pod:
        meta, words = pod.metadata, self._words
        columns = printed(pod.spec, pod.status, deleting=meta.deletion_timestamp is not None)
        return Pod(
            uid=clean(meta.uid),
            name=clean(meta.name),
            namespace=words[meta.namespace],
            cluster=self._cluster,
            status=words[columns.status],
            ready=columns.ready,
            containers=columns.containers,
            restarts=columns.restarts,
            node=words[pod.spec.node_name],
            ip=clean(pod.status.pod_ip),
            owner=controller_of(meta, words),
            created=seconds(meta.creation_timestamp),
            deleting_since=asked_to_end(meta),
            labels=self._labels.labels(meta.labels),
            resource_version=meta.resource_version,
        )
