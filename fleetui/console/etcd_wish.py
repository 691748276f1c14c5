"""The wish to act on an etcd: which one is meant, frozen by the id with which its members answer."""

from fleetui.console.proposal import known_ref
from fleetui.console.session import Session
from fleetui.model.defaults import default_options
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.operation import ETCD_TARGET, Intent, Option, Target


def freeze_etcd(kind: str, row: object, options: tuple[tuple[str, Option], ...], session: Session) -> Intent:
    """``row``: what the cursor is on. Raises ValueError: only what answers itself can be acted on."""
    if not isinstance(row, EtcdState):
        raise ValueError("put the cursor on the etcd of a cluster")
    found = row.direct.cluster_ids if row.direct is not None else ()
    if len(found) != 1:
        why = f"ids {' '.join(found)} answer" if found else "no member answers us directly"
        raise ValueError(f"the etcd of {row.cluster} cannot be acted on: {why}")
    ref = known_ref(row.cluster, session)
    target = Target(ETCD_TARGET, found[0])
    usual = default_options(kind, session.config.operations, mutes=bool(session.config.alertmanagers))
    chosen = tuple(sorted({**dict(usual), **dict(options)}.items()))
    return Intent(kind=kind, cluster=ref, targets=(target,), options=chosen, reason=session.arming.reason)
