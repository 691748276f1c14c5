"""Control's public face: what a console or a command line may ask. Everything goes through the store.

The desk never touches a cluster and never decides: it writes down what a person wants, and folds what the controller
has written. A console that dies after any call has lost nothing.
"""

from collections.abc import Callable

from fleetui.control.folds import Folds
from fleetui.model.journal import Request, RequestKind, Submission
from fleetui.model.ledger import Operation
from fleetui.model.operation import SCHEMA_VERSION, Actor, Intent
from fleetui.ports.clock import Clock, Ids
from fleetui.ports.store import OperationStore


class DeskError(Exception):
    """What was asked makes no sense for the operation as it stands; nothing was written. Its text is for people."""


class Desk:
    """One person's face of the controller core, for one thread. Calls write to the store and return."""

    def __init__(
        self,
        store: OperationStore,
        *,
        clock: Clock,
        ids: Ids,
        actor: Actor,
        wake: Callable[[], None] = lambda: None,
        revive: Callable[[], None] = lambda: None,
    ) -> None:
        """``wake`` sees to it that a controller runs: called after every write. ``revive`` the same with restraint:
        called by every poll while an operation would stand still without one. Both return at once and never raise:
        ``control.detached.Waker`` has them."""
        self._store = store
        self._clock = clock
        self._ids = ids
        self._actor = actor
        self._wake = wake
        self._revive = revive
        self._folds = Folds(store)
        self._unpolled: dict[str, None] = {}

    def propose(self, intent: Intent, *, key: str) -> str:
        """Asks for a plan. ``key`` names this one wish: the same key again is the same operation, whatever it says.

        Raises DeskError for an option that the operation has not: a mistyped line is no failed operation.
        """
        _check_options(intent)
        submission = Submission(
            op_id=self._ids.new(), intent=intent, actor=self._actor, at=self._clock.now(), schema=SCHEMA_VERSION
        )
        op_id = self._store.submit(submission, key)
        self._wake()
        return op_id

    def approve(self, op_id: str, digest: str) -> None:
        """Lets the plan with this digest run. Approving it twice is approving it once, however far it has come.

        Raises DeskError when that is not the operation's plan now, a check blocks it, or it has ended unapproved.
        """
        operation = self.operation(op_id)
        is_its_plan = operation.plan is not None and operation.plan.digest == digest
        if is_its_plan and operation.approved_by is not None:
            return
        self._unended(op_id)
        if operation.plan is None or not is_its_plan:
            raise DeskError("the plan has changed since it was shown: look at the new one")
        if operation.plan.blocked:
            raise DeskError("a check blocks this plan")
        self._request(op_id, RequestKind.APPROVE, digest=digest)

    def pause(self, op_id: str) -> None:
        """Stops at the next safe point. Raises DeskError when the operation has ended."""
        operation = self._unended(op_id)
        if not operation.pausing and (operation.resuming or not operation.paused):
            self._request(op_id, RequestKind.PAUSE)

    def resume(self, op_id: str) -> None:
        """Goes on after a pause, or takes a pause back. Raises DeskError when the operation has ended."""
        operation = self._unended(op_id)
        if operation.pausing or (operation.paused and not operation.resuming):
            self._request(op_id, RequestKind.RESUME)

    def abort(self, op_id: str) -> None:
        """Stops at the next safe point and gives back the machines that are not finished; finished ones stay so.

        Raises DeskError when the operation has ended.
        """
        if not self._unended(op_id).aborting:
            self._request(op_id, RequestKind.ABORT)

    def operation(self, op_id: str) -> Operation:
        """As it stands now. Raises UnknownOperationError."""
        self._refresh()
        return self._folds.operation(op_id)

    def operations(self) -> tuple[Operation, ...]:
        """All of them, newest first."""
        self._refresh()
        return self._folds.newest_first()

    def poll(self) -> tuple[Operation, ...]:
        """What changed since the last poll (first: all), what changed last at the end. Cheap when nothing has."""
        self._refresh()
        changed = tuple(self._folds.operation(op_id) for op_id in self._unpolled)
        self._unpolled.clear()
        if self._folds.needs_controller(self._clock.now()):
            self._revive()
        return changed

    def _unended(self, op_id: str) -> Operation:
        operation = self.operation(op_id)
        if operation.newer:
            raise DeskError(operation.newer)
        if operation.damaged:
            raise DeskError(operation.damaged)
        if operation.state.ended:
            raise DeskError(f"the operation has ended: {operation.state}")
        return operation

    def _request(self, op_id: str, kind: RequestKind, *, digest: str = "") -> None:
        self._store.request(op_id, Request(kind=kind, by=self._actor, at=self._clock.now(), digest=digest))
        self._wake()

    def _refresh(self) -> None:
        for op_id in self._folds.refresh():
            self._unpolled.pop(op_id, None)
            self._unpolled[op_id] = None


def _check_options(intent: Intent) -> None:
    """An operation that only a newer controller knows is the controller's to judge."""
    from fleetui.control.operation_kind import InvalidOptionError, read_options  # the first frame needs no operation
    from fleetui.control.registry import load_registry

    kind = load_registry().get(intent.kind)
    if kind is None:
        return
    try:
        read_options(kind, intent.options)
    except InvalidOptionError as error:
        raise DeskError(str(error)) from error
