"""Bytes as people read them."""

import pytest

from fleetui.model.amount import bytes_text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "?"),
        (0, "0 B"),
        (20, "20 B"),
        (2**10, "1 KiB"),
        (20_480, "20 KiB"),
        (2**20 - 1, "1,024 KiB"),
        (2**20, "1 MiB"),
        (640 * 2**20, "640 MiB"),
        (118 * 2**30, "118 GiB"),
        (2.3 * 2**40, "2.3 TiB"),
    ],
)
def test_what_is_there_is_never_nought(amount: float | None, text: str) -> None:
    assert bytes_text(amount) == text
