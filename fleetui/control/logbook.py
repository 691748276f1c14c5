"""One operation's journal as its controller writes it: every record durable before the next thing happens."""

from collections.abc import Iterator

import msgspec

from fleetui.model.journal import EffectAnswered, EffectIntended, Paused, Record, Request, Resumed, Stored
from fleetui.model.ledger import Effect, Ledger, Operation
from fleetui.ports.store import OperationStore


class Logbook:
    """Appends with our fence and the next sequence number, and folds what it appends.

    ``write`` raises FencedError or SequenceError when somebody else has taken over: stop then, and write nothing.
    """

    def __init__(self, store: OperationStore, stored: Stored, fence: int) -> None:
        self.op_id = stored.submission.op_id
        self.fence = fence
        self._store = store
        self._ledger = Ledger(stored.submission)
        self._effects: dict[str, Effect] = {}
        self._paused: list[list[float]] = []
        self._header = stored
        self._take_in(stored)

    @property
    def operation(self) -> Operation:
        """As it stands with everything written so far."""
        return self._ledger.operation()

    @property
    def requests(self) -> tuple[Request, ...]:
        return self._header.requests

    def refresh(self) -> Operation:
        """Takes in what people have asked for meanwhile."""
        self._take_in(self._store.load(self.op_id, from_seq=self._ledger.next_seq))
        return self._ledger.operation()

    def write(self, record: Record) -> None:
        seq = self._ledger.next_seq
        self._store.append(self.op_id, self.fence, seq, record)
        self._take_in(msgspec.structs.replace(self._header, records=(record,), first_seq=seq))

    def effects(self, kind: str) -> Iterator[Effect]:
        """All effects of this kind so far, oldest first, those of earlier controllers too."""
        return (effect for effect in self._effects.values() if effect.intended.kind == kind)

    def open_effects(self) -> tuple[EffectIntended, ...]:
        """Nobody knows whether these happened."""
        return tuple(effect.intended for effect in self._effects.values() if effect.is_open)

    def intended(self, effect_id: str) -> EffectIntended:
        return self._effects[effect_id].intended

    def next_effect_id(self, prefix: str) -> str:
        """``prefix/n``, unique in the operation."""
        return f"{prefix}/{1 + sum(key.rpartition('/')[0] == prefix for key in self._effects)}"

    def paused_since(self, start: float, now: float) -> float:
        """Seconds that the operation stood paused between ``start`` and ``now``."""
        spans = ((begun, ended[0] if ended else now) for begun, *ended in self._paused)
        return sum(max(0.0, ended - max(begun, start)) for begun, ended in spans)

    def _take_in(self, stored: Stored) -> None:
        for record in stored.records[self._ledger.next_seq - stored.first_seq :]:
            self._remember(record)
        self._ledger.feed(stored)
        self._header = msgspec.structs.replace(stored, records=())

    def _remember(self, record: Record) -> None:
        match record:
            case EffectIntended():
                self._effects[record.effect_id] = Effect(record)
            case EffectAnswered():
                self._effects[record.effect_id] = Effect(self._effects[record.effect_id].intended, record)
            case Paused():
                self._paused.append([record.at])
            case Resumed() if self._paused:
                self._paused[-1].append(record.at)
            case _:
                pass
