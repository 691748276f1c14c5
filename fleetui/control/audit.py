"""The audit: who did what, why, when, from where, with which result, each effect included, for people and for archives.

Every line carries the hash of the line before it, so that an edited, missing or inserted line shows. The last line's
hash, kept somewhere else, also shows a shortened file and a file written anew.
"""

import csv
import hashlib
import heapq
import io
import json
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Protocol, runtime_checkable

import msgspec

from fleetui.model import journal
from fleetui.model.journal import EffectAnswered, EffectIntended, Record, Stored
from fleetui.model.operation import Actor
from fleetui.model.text import clean
from fleetui.ports.store import OperationStore

GENESIS = "0" * 64
"""What stands before the first line."""


class TamperedError(ValueError):
    """An exported audit is not what was exported."""


class AuditLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened. Times are Unix seconds; empty means that it does not apply."""

    op: str
    at: float
    event: str
    """``submission``, a request (``approve``, ``pause``, ``resume``, ``abort``), or a record (``effect-answered``)."""
    user: str
    """Who asked; for the records of a controller, who submitted the operation it works on."""
    host: str
    origin: str
    kind: str
    cluster: str
    cluster_uid: str = ""
    targets: tuple[str, ...] = ()
    reason: str = ""
    effect: str = ""
    verb: str = ""
    object: str = ""
    uid: str = ""
    outcome: str = ""
    code: int = 0
    text: str = ""
    fence: int = 0
    digest: str = ""
    previous: str = ""
    hash: str = ""


def audit_lines(store: OperationStore) -> Iterator[AuditLine]:
    """Everything in the store, oldest operation first, chained. Raises StoreError."""
    previous = GENESIS
    for op_id in reversed(store.list_ids()):
        for line in operation_lines(store.load(op_id)):
            chained = msgspec.structs.replace(line, previous=previous, hash=_hash(line, previous))
            previous = chained.hash
            yield chained


def operation_lines(stored: Stored) -> Iterator[AuditLine]:
    """One operation, unchained: its requests and its records, each in their own order, put together by their times."""
    submission = stored.submission
    unread: Said = {"text": submission.newer} if submission.newer else {}
    yield _line(stored, submission.actor, submission.at, "submission", unread)
    asked = [_line(stored, wish.by, wish.at, wish.kind.value, {"digest": wish.digest}) for wish in stored.requests]
    yield from heapq.merge(asked, _record_lines(stored), key=lambda line: line.at)


def _record_lines(stored: Stored) -> Iterator[AuditLine]:
    actor, at = stored.submission.actor, stored.submission.at
    intended: dict[str, EffectIntended] = {}
    for record in stored.records:
        at = getattr(record, "at", at)  # the pages of a plan have no time of their own
        if isinstance(record, EffectIntended):
            intended[record.effect_id] = record
        if not isinstance(record, journal.PlanStep | journal.PlanPods | journal.PlanChecks):
            said = _said(record)
            if isinstance(record, EffectAnswered) and record.effect_id in intended:
                said = {**_said(intended[record.effect_id]), **said}
            yield _line(stored, actor, at, str(record.__struct_config__.tag), said)


@runtime_checkable
class SelfChecking(Protocol):
    """A store that can tell whether what it holds is what was written."""

    def damage(self) -> tuple[str, ...]: ...


def damage_report(store: OperationStore) -> tuple[str, ...]:
    """What is wrong with the store, in plain lines; empty when all is well or the store cannot look at itself.

    Reads everything: for the start of a controller and for a person who asks, not for every look. Raises StoreError.
    """
    return store.damage() if isinstance(store, SelfChecking) else ()


def to_json_lines(lines: Iterable[AuditLine]) -> Iterator[str]:
    """Pure ASCII: what a cluster wrote is kept to the letter, and no terminal obeys it."""
    return (json.dumps(msgspec.to_builtins(line), ensure_ascii=True, separators=(",", ":")) for line in lines)


def to_csv(lines: Iterable[AuditLine]) -> Iterator[str]:
    """With a header. A cell that a spreadsheet would run as a formula is made text with a leading apostrophe."""
    yield _csv_row(AuditLine.__struct_fields__)
    for line in lines:
        yield _csv_row([_csv_cell(getattr(line, field)) for field in AuditLine.__struct_fields__])


def verify(exported: Iterable[str]) -> tuple[int, str]:
    """(number of lines, hash of the last one) of exported JSON lines.

    Raises TamperedError, with the line's number, at the first that was edited, or whose predecessor is missing or
    another.
    """
    previous, count = GENESIS, 0
    for count, text in enumerate(exported, start=1):
        try:
            line = msgspec.json.decode(text, type=AuditLine)
        except msgspec.DecodeError as error:
            raise TamperedError(f"line {count} is not an audit line: {error}") from error
        if line.previous != previous:
            raise TamperedError(f"line {count} does not follow the line before it: one is missing, added or moved")
        if line.hash != _hash(line, previous):
            raise TamperedError(f"line {count} was changed")
        previous = line.hash
    return count, previous


def _hash(line: AuditLine, previous: str) -> str:
    content = msgspec.structs.replace(line, previous=previous, hash="")
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()


Said = dict[str, str | int]


def _line(stored: Stored, by: Actor, at: float, event: str, said: Said) -> AuditLine:
    intent = stored.submission.intent
    line = AuditLine(
        op=stored.submission.op_id,
        at=at,
        event=event,
        user=by.user,
        host=by.host,
        origin=by.origin,
        kind=intent.kind,
        cluster=intent.cluster.name,
        cluster_uid=intent.cluster.uid,
        targets=tuple(f"{target.name} {target.uid}" for target in intent.targets),
        reason=intent.reason,
    )
    return msgspec.structs.replace(line, **said)


_COLUMN_OF = {
    "effect_id": "effect",
    "verb": "verb",
    "object": "object",
    "step_id": "object",
    "uid": "uid",
    "outcome": "outcome",
    "state": "outcome",
    "code": "code",
    "fence": "fence",
    "digest": "digest",
    "message": "text",
    "summary": "text",
    "holder": "text",
    "title": "text",
    "safe_point": "text",
    "why": "text",
    "text": "text",
}
"""Where a field of a record stands in an audit line."""


def _said(record: Record) -> Said:
    """What a record says, in the columns of an audit line. An effect's object is the cluster's, not its step."""
    said: Said = {}
    for field, column in _COLUMN_OF.items():
        value = getattr(record, field, None)
        if value is not None and column not in said:
            said[column] = value.value if isinstance(value, StrEnum) else value
    if isinstance(record, journal.StepWaiting):
        said["text"] = "; ".join(f"{waiting.object}: {waiting.why}: {waiting.detail}" for waiting in record.waiting)
    return said


def _csv_row(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()


def _csv_cell(value: object) -> str:
    text = clean("; ".join(value) if isinstance(value, tuple) else str(value))
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
