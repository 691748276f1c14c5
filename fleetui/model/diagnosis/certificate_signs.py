"""Signs of certificates and logins that have run out, or will."""

from fleetui.model.diagnosis.clue import Clue, not_seen, seen, unseen
from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.fault import FaultKind

_ENDED = ("expired",)


def serving(evidence: Evidence) -> Clue:
    """The API server's own."""
    return _of(evidence, FaultKind.TLS, "the API server's certificate")


def ours(evidence: Evidence) -> Clue:
    """What we log in with: a client certificate or a token."""
    return _of(evidence, FaultKind.UNAUTHORIZED, "our login")


def _of(evidence: Evidence, kind: FaultKind, whose: str) -> Clue:
    cluster = evidence.cluster
    faults = [cluster.fault, *(feed.fault for feed in cluster.feeds)]
    ended = next(
        (f for f in faults if f is not None and f.kind is kind and any(word in f.word for word in _ENDED)), None
    )
    if ended is not None:
        return seen(f"{whose}: {ended.word}; {ended.detail}", source="readyz")
    if evidence.reached is None or evidence.fault is not None:
        return unseen(f"{whose}: {evidence.silence}", source="readyz")
    return not_seen(f"{whose} is accepted", source="readyz")
