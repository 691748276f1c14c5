"""The hash chain over everything written about an operation: submission, requests and records in the order they came.

It shows what got round the triggers: an entry edited, taken out or put in with another program. Who can write the file
can also compute a new chain: an exported head (``fleetui audit``), kept elsewhere, is what it is held against.
"""

import hashlib
import sqlite3
from collections.abc import Iterator


def link(before: str, kind: str, payload: str) -> str:
    """The chain after one more entry: SHA-256 over the chain before it and all that the entry says."""
    return hashlib.sha256(f"{before}\n{kind}\n{payload}".encode()).hexdigest()


_ENTRIES = """
SELECT 0, 'submission', payload, chain FROM submissions WHERE op_id = :op
UNION ALL SELECT pos, 'request', payload, chain FROM requests WHERE op_id = :op
UNION ALL SELECT pos, 'record ' || fence, payload, chain FROM records WHERE op_id = :op
ORDER BY 1
"""


def broken_links(sql: sqlite3.Connection, op_id: str, head: str) -> Iterator[str]:
    """What is wrong with one operation's entries, at most one line: after the first break nothing can be said."""
    chain = ""
    for place, (pos, kind, payload, written) in enumerate(sql.execute(_ENTRIES, {"op": op_id})):
        chain = link(chain, kind, payload)
        if pos != place or chain != written:
            yield f"entry {place} ({kind}) is not what was written"
            return
    if chain != head:
        yield "its last entries are missing"
