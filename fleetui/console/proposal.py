"""One wish of the operator on its way to a confirmed operation: proposed, planned, revised, approved once or withdrawn.

Holds no widget: the dialog shows it, tests drive it. The targets are frozen when it is made, whatever the
table does meanwhile.
"""

from collections.abc import Sequence

import msgspec

from fleetui.console.session import Session
from fleetui.model.cluster import ClusterRef
from fleetui.model.defaults import default_options
from fleetui.model.ledger import Operation
from fleetui.model.machine import Machine
from fleetui.model.operation import Intent, Option, Target


class Asked(msgspec.Struct, frozen=True):
    """One intent of the sequence that a key has begun, with its targets that were not in sight."""

    intent: Intent
    hidden: tuple[str, ...] = ()
    hidden_by: str = ""
    """``the filter``."""


class Proposal:
    """Submit once, revise at will, approve at most once."""

    def __init__(self, session: Session, intent: Intent, *, op_id: str = "") -> None:
        """``op_id``: of an earlier proposal that is looked at again; closing the dialog then leaves it as it is."""
        self._session = session
        self._key = session.ids.new()
        self._revision = 0
        self._adopted = bool(op_id)
        self.intent = intent
        self.op_id = op_id
        self.approved = False
        self.since = session.clock.now()
        """When this revision was asked for, Unix seconds."""

    @property
    def operation(self) -> Operation | None:
        """None before ``submit``."""
        return self._session.desk.operation(self.op_id) if self.op_id else None

    def submit(self) -> None:
        """Asks the controller for a plan; the same revision again is the same operation."""
        if self._adopted:
            return
        self.since = self._session.clock.now()
        self.op_id = self._session.desk.propose(self.intent, key=f"{self._key}-{self._revision}")

    def revise(self, key: str, value: Option) -> None:
        """Another option: the plan that was shown is withdrawn and a new one asked for."""
        options = {**dict(self.intent.options), key: value}
        self.intent = msgspec.structs.replace(self.intent, options=tuple(sorted(options.items())))
        self.renew()

    def renew(self) -> None:
        """The same wish, looked at anew: the plan that was shown is withdrawn."""
        self._adopted = False
        self.withdraw()
        self._revision += 1
        self.submit()

    def obstacle(self, typed: str) -> str:
        """Why it cannot be approved now, in words for the button; empty when it can."""
        operation = self.operation
        if operation is None or (operation.plan is None and not operation.plan_error):
            return "planning"
        if operation.plan is None:
            return "no plan"
        if operation.plan.blocked:
            return "blocked"
        if not self._session.armed:
            return "read-only"
        word = operation.plan.blast.confirm_word
        return f"type {word}" if word and typed != word else ""

    def approve(self, typed: str) -> bool:
        """True when this call approved it; False when something is in the way or it was approved before.

        Raises what the desk raises when the plan has changed since it was shown.
        """
        operation = self.operation
        if self.approved or self.obstacle(typed) or operation is None or operation.plan is None:
            return False
        self.approved = True
        self._session.desk.approve(self.op_id, operation.plan.digest)
        return True

    def withdraw(self) -> None:
        """The operator changed their mind: nothing is left waiting for an approval."""
        operation = self.operation
        if operation is not None and not (self.approved or self._adopted or operation.state.ended):
            self._session.desk.abort(self.op_id)


def freeze(kind: str, machines: Sequence[Machine], session: Session) -> list[Intent]:
    """One intent for each cluster of the machines, with the targets as they are now. Raises ValueError."""
    by_cluster: dict[str, list[Machine]] = {}
    for machine in machines:
        by_cluster.setdefault(machine.cluster, []).append(machine)
    return [_intent(kind, cluster, found, session) for cluster, found in sorted(by_cluster.items())]


def known_ref(cluster: str, session: Session) -> ClusterRef:
    """How a controller reaches it. Raises ValueError while it has not answered."""
    ref = session.cluster_ref(cluster)
    if ref is None:
        raise ValueError(f"{cluster} has not answered yet: who it is must be known before anything is changed")
    return ref


def _intent(kind: str, cluster: str, machines: Sequence[Machine], session: Session) -> Intent:
    return Intent(
        kind=kind,
        cluster=known_ref(cluster, session),
        targets=tuple(Target(name=machine.name, uid=machine.uid) for machine in machines),
        options=default_options(kind, session.config.operations, mutes=bool(session.config.alertmanagers)),
        reason=session.arming.reason,
    )
