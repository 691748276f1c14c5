"""Every operation of a store, folded, kept up to date with as little reading as possible: a console asks four times a
second, and mostly nothing has changed."""

from fleetui.model.damage import damaged_operation
from fleetui.model.ledger import Ledger, Operation
from fleetui.ports.store import DamagedOperationError, OperationStore


class Folds:
    """A cache over one store, for one thread."""

    def __init__(self, store: OperationStore) -> None:
        self._store = store
        self._cursor = 0
        self._ledgers: dict[str, Ledger] = {}
        self._folded: dict[str, Operation] = {}

    def refresh(self) -> tuple[str, ...]:
        """Takes in what is new; the ids of what changed, the latest change at the end. Raises StoreError.

        One whose records cannot be read is shown as that; the others are none the worse.
        """
        changes = self._store.changes(self._cursor)
        for op_id in changes.op_ids:
            self._fold(op_id)
        self._cursor = changes.cursor
        return changes.op_ids

    def operation(self, op_id: str) -> Operation:
        """As of the last refresh. Raises UnknownOperationError."""
        return self._folded.get(op_id) or self._fold(op_id)

    def newest_first(self) -> tuple[Operation, ...]:
        return tuple(self._folded[op_id] for op_id in self._store.list_ids() if op_id in self._folded)

    def needs_controller(self, now: float) -> bool:
        """Whether any operation would stand still without a controller, or stay proposed for ever."""
        return any(operation.needs_controller or operation.is_overdue(now) for operation in self._folded.values())

    @property
    def occupies_controller(self) -> bool:
        """Whether a controller must stay: there is work, or a proposal that it ends if nobody approves it."""
        return any(operation.needs_controller or operation.awaits_approval for operation in self._folded.values())

    def _fold(self, op_id: str) -> Operation:
        ledger = self._ledgers.get(op_id)
        try:
            stored = self._store.load(op_id, from_seq=ledger.next_seq if ledger else 0)
        except DamagedOperationError as error:
            damaged = self._folded[op_id] = damaged_operation(op_id, error.submission, str(error))
            return damaged
        if ledger is None:
            ledger = self._ledgers[op_id] = Ledger(stored.submission)
        ledger.feed(stored)
        folded = self._folded[op_id] = ledger.operation()
        return folded
