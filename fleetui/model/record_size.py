"""What fits one record of the journal, counted as it is stored: bytes of JSON, not characters.

A webhook's message in Chinese takes three bytes a character, a control character six; a record holds 16,384 bytes.
"""

from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from fleetui.model.text import ELLIPSIS
from fleetui.model.waiting import Waiting

LIST_BYTES = 12_000
"""Of the items in one record: the store's 16,384 less the record's own words."""
TEXT_BYTES = 1_000
"""Of one text of a ``Waiting``: two of them fit a record whatever they say."""
WAITING_SHOWN = 20
"""More in one record nobody reads; the rest is counted."""


def size(value: object) -> int:
    """Bytes of JSON."""
    return len(msgspec.json.encode(value))


def clip(text: str, limit: int) -> str:
    """``text``, or as much of it as takes ``limit`` bytes of JSON together with the ellipsis at its end."""
    room = limit + len('""')
    if size(text) <= room:
        return text
    kept = bisect_right(range(len(text) + 1), room, key=lambda end: size(text[:end] + ELLIPSIS)) - 1
    return text[:kept] + ELLIPSIS


def shown(waiting: Sequence[Waiting]) -> tuple[Waiting, ...]:
    """The first of them that fit a record, each text clipped; the last item then says how many more there are."""
    kept: list[Waiting] = []
    room = LIST_BYTES
    for one in waiting[:WAITING_SHOWN]:
        clipped = _clipped(one)
        room -= size(clipped) + len(",")
        if room < 0:
            break
        kept.append(clipped)
    more = len(waiting) - len(kept)
    return (*kept, _more(more)) if more else tuple(kept)


def _more(count: int) -> Waiting:
    pods = "pod" if count == 1 else "pods"
    return Waiting(object=f"and {count} more {pods}", why="as above", detail="not listed here")


def _clipped(one: Waiting) -> Waiting:
    texts = {name: clip(getattr(one, name), TEXT_BYTES) for name in ("object", "why", "detail", "owner", "remedy")}
    return msgspec.structs.replace(one, **texts)
