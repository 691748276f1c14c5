"""Label sets: how alerts are told apart, and which labels only say through whom an alert came."""

from collections.abc import Iterable, Mapping

import msgspec

from fleetui.model.text import CELL_LIMIT, clean, clean_message

Labels = tuple[tuple[str, str], ...]
"""(name, value), sorted by name, each name once."""

ALERTNAME = "alertname"
VALUE_LIMIT, TEXT_LIMIT = 1_024, 2_000
"""Characters of a label's value, of an annotation."""
REPLICAS = frozenset({"prometheus_replica", "thanos_ruler_replica", "rule_replica", "__replica__"})
"""What tells the two of an HA pair apart: prometheus-operator, its ThanosRuler, Thanos' docs, Mimir. ``replica`` alone
is left out: database rules use it for their own replicas, and two alerts made one would hide one."""


class Scheme(msgspec.Struct, frozen=True):
    """Which labels mean what in this fleet."""

    cluster: str = "cluster"
    """The label that names the cluster."""
    replicas: frozenset[str] = REPLICAS
    names: Mapping[str, str] = {}
    """Values of that label where they are not the fleet's own name of the cluster."""

    def cluster_of(self, labels: Labels) -> str:
        """The fleet's name; empty when the labels do not say."""
        value = get(labels, self.cluster)
        return self.names.get(value, value)

    def label_of(self, cluster: str) -> str:
        """The value that alerts carry for a cluster of the fleet."""
        return next((value for value, name in self.names.items() if name == cluster), cluster)

    def identity(self, labels: Labels) -> Labels:
        """Without what only tells replicas apart."""
        replicas = self.replicas
        for name, _ in labels:
            if name in replicas:
                return tuple([pair for pair in labels if pair[0] not in replicas])
        return labels


USUAL = Scheme()


def label_set(labels: Mapping[str, str] | Iterable[tuple[str, str]]) -> Labels:
    """Sorted; an empty value is the same as no label (Prometheus' data model)."""
    pairs = labels.items() if isinstance(labels, Mapping) else labels
    return tuple(sorted((name, value) for name, value in dict(pairs).items() if value))


def cleaned(said: Mapping[str, str]) -> Labels:
    """Labels as somebody else's server says them, made harmless; both kinds of server go through here, or their alerts
    would not be found to be the same."""
    pairs = sorted(said.items())
    whole = "".join([part for pair in pairs for part in pair])
    if len(whole) <= CELL_LIMIT and whole.isascii() and whole.isprintable() and "" not in said.values():
        return tuple(pairs)  # nearly all are like this, and 5,000 are looked at
    return label_set([(clean(name), clean(value, limit=VALUE_LIMIT)) for name, value in pairs])


def cleaned_annotations(said: Mapping[str, str]) -> Labels:
    return label_set([(clean(name), clean_message(text, limit=TEXT_LIMIT)) for name, text in said.items()])


def get(labels: Labels, name: str) -> str:
    """Empty where there is none."""
    for label, value in labels:
        if label == name:
            return value
    return ""


def joined(labels: Labels, more: Labels) -> Labels:
    """``more`` is added where ``labels`` do not say otherwise, as Prometheus adds its external labels."""
    return label_set({**dict(more), **dict(labels)}) if more else labels


def text(labels: Labels, *, without: Iterable[str] = ()) -> str:
    """``job=etcd instance=10.0.0.1:2379``."""
    left_out = frozenset(without)
    return " ".join(f"{name}={value}" for name, value in labels if name not in left_out)
