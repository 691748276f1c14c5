"""How a record lies in a store: JSON, at most RECORD_LIMIT bytes, readable with any tool twenty years from now."""

import msgspec

from fleetui.model.journal import Record
from fleetui.ports.store import RECORD_LIMIT, RecordTooLargeError

_DECODER = msgspec.json.Decoder(Record)


def encode_record(record: Record) -> bytes:
    """JSON. Raises RecordTooLargeError above RECORD_LIMIT bytes."""
    encoded = msgspec.json.encode(record)
    if len(encoded) > RECORD_LIMIT:
        raise RecordTooLargeError(f"{type(record).__name__} takes {len(encoded)} bytes, {RECORD_LIMIT} fit a record")
    return encoded


def decode_record(encoded: bytes | str) -> Record:
    decoded: Record = _DECODER.decode(encoded)
    return decoded
