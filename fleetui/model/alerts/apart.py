"""Which labels tell the alerts of one name and cluster apart: the only ones that a reader of their rows looks for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from fleetui.model.alerts.claims import Claim
from fleetui.model.alerts.delivery import Delivery
from fleetui.model.alerts.label_set import Labels

Apart = Mapping[tuple[str, str], tuple[str, ...]]
"""By (name, cluster), the names of labels that are not the same on all; nothing of an alert that is alone."""


def apart(delivered: Iterable[Delivery], left: Iterable[Claim]) -> Apart:
    groups: dict[tuple[str, str], list[Labels]] = defaultdict(list)
    for delivery in delivered:
        groups[delivery.face.name, delivery.cluster].append(delivery.face.labels)
    for claim in left:
        groups[claim.face.name, claim.cluster].append(claim.face.labels)
    return {group: differing(sets) for group, sets in groups.items() if len(sets) > 1}


def differing(sets: Iterable[Labels]) -> tuple[str, ...]:
    """Sorted; a label that only some have is one of them."""
    first, *others = map(set, sets)
    return tuple(sorted({name for name, _ in first.union(*others) - first.intersection(*others)}))
