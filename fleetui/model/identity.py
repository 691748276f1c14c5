"""Who is who: two contexts that reach one kube-system UID are one cluster, one row, one set of watches, one lock."""

import msgspec

from fleetui.model.fault import Fault, FaultKind

SETTLE_S = 5.0
"""How long after a claim an earlier context may still take the row over. It makes the name of a cluster with several
contexts the same in every run; after it, a row under the operator's cursor no longer changes its name."""


class Claim(msgspec.Struct, frozen=True):
    """A context that has proved, by the server's answer, which cluster it reaches."""

    name: str
    order: int
    """Place in the configuration: the first of several contexts gives the row its name."""
    at: float
    """Monotonic seconds."""


def takes_over(newcomer: Claim, owner: Claim) -> bool:
    """Whether the row goes from ``owner`` to ``newcomer``; otherwise the newcomer is an alias."""
    return newcomer.order < owner.order and newcomer.at - owner.at <= SETTLE_S


def changed(known: str, answered: str) -> bool:
    """True when the uid proves another cluster. An empty uid (reading it is forbidden) proves nothing."""
    return bool(known and answered and known != answered)


def impostor(*, known: str, answered: str) -> Fault:
    """What the row says when another cluster answers at a cluster's address."""
    return Fault(
        kind=FaultKind.IMPOSTOR,
        word="other cluster",
        detail=f"kube-system was {known} and is now {answered}: another cluster answers at this address",
        remedy="check the context's server; disconnect and connect again to accept the new cluster",
    )
