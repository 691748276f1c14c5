"""The operation store: the only protocol between consoles and controllers."""

from typing import Protocol

import msgspec

from fleetui.model.journal import Record, Request, RequestKind, Stored, Submission

__all__ = [
    "RECORD_LIMIT",
    "Changes",
    "ClaimHeldError",
    "ControllerStore",
    "DamagedOperationError",
    "DuplicateOperationError",
    "FencedError",
    "OperationStore",
    "Record",
    "RecordTooLargeError",
    "Request",
    "RequestKind",
    "SequenceError",
    "StoreError",
    "StoreUnusableError",
    "Stored",
    "Submission",
    "UnknownOperationError",
]

RECORD_LIMIT = 16_384
"""Bytes of one encoded record; what is larger is split by its writer (a plan into steps and pages of pods)."""


class StoreError(Exception):
    """Base of what a store raises."""


class StoreUnusableError(StoreError):
    """The store cannot be opened or written as it stands (disk full, damaged, wrong place, wrong version). Nothing that
    was acknowledged is lost. ``remedy`` says what a person can do about it."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}")
        self.remedy = remedy


class DamagedOperationError(StoreUnusableError):
    """Something written about one operation cannot be read; the others are whole. ``submission`` is None when that is
    what cannot be read."""

    def __init__(self, message: str, remedy: str, *, submission: Submission | None = None) -> None:
        super().__init__(message, remedy)
        self.submission = submission


class UnknownOperationError(StoreError): ...


class DuplicateOperationError(StoreError):
    """Another submission, with another idempotency key, has this operation id."""


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


class Changes(msgspec.Struct, frozen=True):
    cursor: int
    op_ids: tuple[str, ...]
    """Operations with anything new since the asked cursor, each once, the one that changed last at the end. New are a
    submission, a request, a record and a claim with a new fence; the renewal of a claim is not."""


class OperationStore(Protocol):
    """Synchronous: the embedded one answers in fractions of a millisecond. Every write is durable when it returns."""

    def submit(self, submission: Submission, idempotency_key: str) -> str:
        """The operation's id; the id of the first submission when the key was seen before, whatever it said.

        Raises DuplicateOperationError.
        """
        ...

    def claim(self, op_id: str, holder: str, ttl_s: float) -> int:
        """The fence (> 0), larger than any before for this operation; the same holder renews and keeps its fence.

        A claim that has expired still holds until somebody else claims. Raises ClaimHeldError, UnknownOperationError.
        """
        ...

    def append(self, op_id: str, fence: int, expected_seq: int, record: Record) -> int:
        """The sequence number after this one. Raises UnknownOperationError, FencedError, SequenceError (in this order:
        who is fenced must not learn that it only needs another number) and RecordTooLargeError before any of them."""
        ...

    def request(self, op_id: str, request: Request) -> None:
        """Raises UnknownOperationError."""
        ...

    def changes(self, since: int) -> Changes:
        """Cheap when nothing changed: consoles call it four times a second."""
        ...

    def load(self, op_id: str, *, from_seq: int = 0) -> Stored:
        """One consistent view; with ``from_seq`` only the records from that number on, for who has folded the others.

        Raises UnknownOperationError, DamagedOperationError.
        """
        ...

    def list_ids(self) -> tuple[str, ...]:
        """Newest first."""
        ...

    def close(self) -> None: ...


class ControllerStore(OperationStore, Protocol):
    """What a controller process asks of its store beyond what everybody does."""

    def expire_claims(self, *, but: str) -> None:
        """Ends every claim of another holder at once; fences stay. Only for who can prove that none of them lives."""
        ...

    def is_in_place(self) -> bool:
        """False once consoles would open another store than this: nobody will ever read what is written here."""
        ...
