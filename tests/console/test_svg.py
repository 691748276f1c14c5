"""Pictures without blanks at the ends of their texts."""

import pytest

from fleetui.console.svg import without_blanks


def text(x: float, length: float, words: str) -> str:
    return f'<text class="r1" x="{x:g}" y="20" textLength="{length:g}" clip-path="url(#l)">{words}</text>'


@pytest.mark.parametrize(
    ("drawn", "wanted"),
    [
        (text(0, 61, "&#160;&#160;abc"), text(24.4, 36.6, "abc")),
        (text(12.2, 61, "ab&#160;&#160;&#160;"), text(12.2, 24.4, "ab")),
        (text(0, 73.2, "&#160;a&#160;&lt;b&#160;"), text(12.2, 48.8, "a&#160;&lt;b")),
        (text(0, 36.6, "&#160;&#160;&#160;"), ""),
        (text(0, 24.4, "ab"), text(0, 24.4, "ab")),
    ],
)
def test_blanks_become_coordinates(drawn: str, wanted: str) -> None:
    assert without_blanks(f"<g>{drawn}\n</g>") == f"<g>{wanted}\n</g>"
