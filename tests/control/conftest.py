"""What every test of the controller core is held to, whatever it is about: the journal knows of a change first."""

from collections.abc import Iterator

import pytest

from tests.control.stage import WITNESSED


@pytest.fixture(autouse=True)
def journal_before_request() -> Iterator[None]:
    """Of every operation and every effect: its intent is durable and open when its request reaches the cluster."""
    WITNESSED.clear()
    yield
    assert WITNESSED.unannounced == []
