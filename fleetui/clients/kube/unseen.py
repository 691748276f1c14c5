"""Values that hold secrets. Reprs end up in logs and tracebacks, so theirs say nothing."""

import msgspec


class Unseen(msgspec.Struct, frozen=True):
    """Shows its class and no field."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"
