"""The operation store of tests and simulations: the whole contract of ``ports.store``, nothing durable."""

from fleetui.control.record_codec import decode_record, encode_record
from fleetui.model.journal import Record, Request, Stored, Submission
from fleetui.ports.clock import Clock
from fleetui.ports.store import (
    Changes,
    ClaimHeldError,
    DuplicateOperationError,
    FencedError,
    SequenceError,
    UnknownOperationError,
)


class _Entry:
    """One operation's rows."""

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.requests: list[Request] = []
        self.records: list[bytes] = []
        self.holder = ""
        self.fence = 0
        self.claim_expires = 0.0


class MemoryStore:
    """Records are kept encoded and decoded at every load: what cannot be stored fails here as it would on disk."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: dict[str, _Entry] = {}
        self._keys: dict[str, str] = {}
        self._changed: dict[str, int] = {}
        self._cursor = 0

    def submit(self, submission: Submission, idempotency_key: str) -> str:
        seen = self._keys.get(idempotency_key)
        if seen is not None:
            return seen
        op_id = submission.op_id
        if op_id in self._entries:
            raise DuplicateOperationError(op_id)
        self._entries[op_id] = _Entry(submission)
        self._keys[idempotency_key] = op_id
        self._touch(op_id)
        return op_id

    def claim(self, op_id: str, holder: str, ttl_s: float) -> int:
        entry = self._entry(op_id)
        now = self._clock.now()
        if entry.holder != holder:
            if entry.claim_expires > now:
                raise ClaimHeldError(entry.holder, entry.claim_expires)
            entry.holder = holder
            entry.fence += 1
            self._touch(op_id)
        entry.claim_expires = now + ttl_s
        return entry.fence

    def append(self, op_id: str, fence: int, expected_seq: int, record: Record) -> int:
        encoded = encode_record(record)
        entry = self._entry(op_id)
        if fence == 0 or fence != entry.fence:
            raise FencedError(f"fence {fence} of {op_id} is not the newest, {entry.fence} is: {entry.holder}")
        if expected_seq != len(entry.records):
            raise SequenceError(f"record {expected_seq} of {op_id} cannot follow {len(entry.records) - 1}")
        entry.records.append(encoded)
        self._touch(op_id)
        return len(entry.records)

    def request(self, op_id: str, request: Request) -> None:
        self._entry(op_id).requests.append(request)
        self._touch(op_id)

    def changes(self, since: int) -> Changes:
        if since >= self._cursor:
            return Changes(self._cursor, ())
        return Changes(self._cursor, tuple(op_id for op_id, at in self._changed.items() if at > since))

    def load(self, op_id: str, *, from_seq: int = 0) -> Stored:
        entry = self._entry(op_id)
        return Stored(
            submission=entry.submission,
            requests=tuple(entry.requests),
            records=tuple(decode_record(encoded) for encoded in entry.records[from_seq:]),
            holder=entry.holder,
            fence=entry.fence,
            claim_expires=entry.claim_expires,
            first_seq=from_seq,
        )

    def list_ids(self) -> tuple[str, ...]:
        return tuple(reversed(self._entries))

    def close(self) -> None:
        """Nothing to let go of: what was written can be read on, as from a reopened file."""

    def _entry(self, op_id: str) -> _Entry:
        try:
            return self._entries[op_id]
        except KeyError:
            raise UnknownOperationError(op_id) from None

    def _touch(self, op_id: str) -> None:
        self._cursor += 1
        self._changed.pop(op_id, None)  # to the end: dictionaries keep the order of insertion
        self._changed[op_id] = self._cursor
