"""The operation store: the only protocol between consoles and controllers."""

from enum import StrEnum
from typing import Protocol

import msgspec

from fleetui.model.journal import Record
from fleetui.model.operation import Actor, Intent

RECORD_LIMIT = 16_384
"""Bytes of one encoded record; what is larger is split by its writer (a plan into steps and pages of pods)."""


class StoreError(Exception):
    """Base of what a store raises."""


class UnknownOperationError(StoreError): ...


class ClaimHeldError(StoreError):
    """Another holder's claim has not expired. ``holder`` and ``expires`` (Unix seconds) say whose."""

    def __init__(self, holder: str, expires: float) -> None:
        super().__init__(f"claimed by {holder}")
        self.holder = holder
        self.expires = expires


class FencedError(StoreError):
    """The fence is not the newest: another holder has claimed since. Stop at once, write nothing."""


class SequenceError(StoreError):
    """``expected_seq`` is not the next: somebody else, or an earlier self, has written."""


class RecordTooLargeError(StoreError): ...


class RequestKind(StrEnum):
    APPROVE = "approve"
    PAUSE = "pause"
    RESUME = "resume"
    ABORT = "abort"


class Submission(msgspec.Struct, frozen=True):
    op_id: str
    intent: Intent
    actor: Actor
    at: float


class Request(msgspec.Struct, frozen=True):
    kind: RequestKind
    by: Actor
    at: float
    digest: str = ""
    """Of the plan that was confirmed; only with APPROVE."""


class Stored(msgspec.Struct, frozen=True):
    """Everything the store knows of one operation; ``model.operation.fold`` makes sense of it."""

    submission: Submission
    requests: tuple[Request, ...]
    records: tuple[Record, ...]
    """``records[n]`` has sequence number n."""
    holder: str = ""
    fence: int = 0
    claim_expires: float = 0.0


class Changes(msgspec.Struct, frozen=True):
    cursor: int
    op_ids: tuple[str, ...]
    """Operations with anything new since the asked cursor, oldest change first, each once."""


class OperationStore(Protocol):
    """Synchronous: the embedded one answers in fractions of a millisecond. Every write is durable when it returns."""

    def submit(self, submission: Submission, idempotency_key: str) -> str:
        """The operation's id; the id of the first submission when the key was seen before."""
        ...

    def claim(self, op_id: str, holder: str, ttl_s: float) -> int:
        """The fence (> 0), larger than any before for this operation; the same holder renews and keeps its fence.

        Raises ClaimHeldError, UnknownOperationError.
        """
        ...

    def append(self, op_id: str, fence: int, expected_seq: int, record: Record) -> int:
        """The sequence number after this one. Raises FencedError, SequenceError, RecordTooLargeError."""
        ...

    def request(self, op_id: str, request: Request) -> None: ...

    def changes(self, since: int) -> Changes:
        """Cheap when nothing changed: consoles call it four times a second."""
        ...

    def load(self, op_id: str) -> Stored: ...

    def list_ids(self) -> tuple[str, ...]:
        """Newest first."""
        ...

    def close(self) -> None: ...
