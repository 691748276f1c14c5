"""Whom to ask."""

import pytest

from fleetui.model.actor import person


@pytest.mark.parametrize(
    ("actor", "said"),
    [
        ("ana@jump-1", "ana@jump-1"),
        ("root (sudo by ana)@jump-1", "ana@jump-1"),
        ("root (sudo by ana)", "ana"),
        ("", ""),
    ],
)
def test_the_person_behind_sudo_is_the_one_to_ask(actor: str, said: str) -> None:
    assert person(actor) == said
