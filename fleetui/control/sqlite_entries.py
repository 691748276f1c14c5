"""The rows of one operation as what was written, or the very place that cannot be read: damage to one is not to all."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import TypeVar

import msgspec

from fleetui.control.record_codec import decode_record
from fleetui.model.journal import Request, Stored, Submission
from fleetui.ports.store import DamagedOperationError

Rows = Sequence[tuple[int, bytes]]
"""(place, payload), by place."""

T = TypeVar("T")

REMEDY = (
    "no controller goes on with it: see its machines for a cordon of it (its lock runs out by itself), then propose it "
    "again; keep a copy of the file; what else is damaged: fleetui controller status"
)


def read_submission(op_id: str, row: tuple[bytes] | None) -> Submission:
    """Raises DamagedOperationError."""
    if row is None:
        raise DamagedOperationError(f"operation {op_id} is damaged: its submission is missing", REMEDY)
    try:
        return msgspec.json.decode(row[0], type=Submission)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DamagedOperationError(
            f"operation {op_id} is damaged: its submission cannot be read: {error}", REMEDY
        ) from error


def with_entries(stored: Stored, requests: Rows, records: Rows) -> Stored:
    """``stored`` with its requests and records. Raises DamagedOperationError.

    What a newer program has written may be unreadable here; that is its version, not damage.
    """
    try:
        _refuse_gaps(stored, records)
        return msgspec.structs.replace(
            stored,
            requests=_decoded(stored, "request at", requests, lambda it: msgspec.json.decode(it, type=Request)),
            records=_decoded(stored, "record", records, decode_record),
        )
    except DamagedOperationError:
        if stored.submission.newer:
            return stored
        raise


def _refuse_gaps(stored: Stored, records: Rows) -> None:
    for (seq, _), wanted in zip(records, count(stored.first_seq), strict=False):
        if seq != wanted:
            raise _damage(stored, f"record {wanted} is missing")


def _decoded(stored: Stored, kind: str, rows: Rows, decode: Callable[[bytes], T]) -> tuple[T, ...]:
    decoded: list[T] = []
    for place, payload in rows:
        try:
            decoded.append(decode(payload))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _damage(stored, f"{kind} {place} cannot be read: {error}") from error
    return tuple(decoded)


def _damage(stored: Stored, what: str) -> DamagedOperationError:
    submission = stored.submission
    return DamagedOperationError(f"operation {submission.op_id} is damaged: {what}", REMEDY, submission=submission)
