"""What a fault's kind says about the server's life, and about who can mend it."""

import pytest

from fleetui.model.fault import FaultKind

SORTED = {
    # kind: (a living server states it, it needs a person)
    FaultKind.CONFIG: (False, True),
    FaultKind.CREDENTIALS: (False, True),
    FaultKind.UNAUTHORIZED: (False, True),
    FaultKind.FORBIDDEN: (True, True),
    FaultKind.TLS: (False, True),
    FaultKind.UNKNOWN_HOST: (False, False),
    FaultKind.REFUSED: (False, False),
    FaultKind.TIMEOUT: (False, False),
    FaultKind.AWAITED: (False, False),
    FaultKind.THROTTLED: (True, False),
    FaultKind.SERVER_ERROR: (False, False),
    FaultKind.NETWORK: (False, False),
    FaultKind.IMPOSTOR: (False, True),
    FaultKind.INTERNAL: (False, False),
    FaultKind.GONE: (False, False),
}


@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_is_sorted(kind: FaultKind) -> None:
    assert (kind.answered, kind.needs_a_person) == SORTED[kind]
