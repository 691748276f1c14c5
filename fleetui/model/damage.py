"""An operation of which the store has kept something that cannot be read: shown as that, so that the others go on."""

from fleetui.model.cluster import ClusterRef
from fleetui.model.journal import Submission
from fleetui.model.ledger import Operation
from fleetui.model.operation import Actor, Intent, OpState

UNREADABLE = "?"


def damaged_operation(op_id: str, submission: Submission | None, why: str) -> Operation:
    """Failed, since no controller will go on with it. ``submission`` is None when not even that can be read."""
    known = submission or Submission(
        op_id,
        Intent(UNREADABLE, ClusterRef(UNREADABLE, UNREADABLE), ()),
        Actor(UNREADABLE, UNREADABLE),
        _made_at(op_id),
    )
    return Operation(
        op_id=op_id,
        intent=known.intent,
        actor=known.actor,
        submitted=known.at,
        state=OpState.FAILED,
        plan_error=why,
        summary=why,
        damaged=why,
    )


_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TIME_LENGTH = 10
_ULID_LENGTH = 26


def _made_at(op_id: str) -> float:
    """Unix seconds in a ULID; the epoch for an id that is none."""
    if len(op_id) != _ULID_LENGTH or not set(op_id) <= set(_CROCKFORD):
        return 0.0
    milliseconds = 0
    for letter in op_id[:_TIME_LENGTH]:
        milliseconds = milliseconds * 32 + _CROCKFORD.index(letter)
    return milliseconds / 1000
