"""What fits one record, in bytes of JSON."""

import msgspec
import pytest

from fleetui.model.journal import StepWaiting
from fleetui.model.record_size import LIST_BYTES, TEXT_BYTES, WAITING_SHOWN, clip, shown, size
from fleetui.model.waiting import Waiting
from fleetui.ports.store import RECORD_LIMIT


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("short", "short"),
        ("a" * 10, "a" * 10),
        ("a" * 11, "a" * 7 + "…"),
        ("驱" * 4, "驱驱…"),
        ('"' * 6, '"""…'),
        ("\x01" * 2, "\x01…"),
        ("\N{PILE OF POO}" * 3, "\N{PILE OF POO}…"),
    ],
)
def test_a_text_is_cut_by_the_bytes_that_it_takes(text: str, kept: str) -> None:
    assert clip(text, 10) == kept
    assert size(clip(text, 10)) <= 10 + len('""')


def _pods(count: int, detail: str) -> list[Waiting]:
    return [Waiting(f"pod pay/api-{n}", "webhook", detail, remedy="see its owner") for n in range(count)]


def test_what_fits_is_as_it_was() -> None:
    pods = _pods(WAITING_SHOWN, "denied")
    assert shown(pods) == tuple(pods)


def test_what_is_not_listed_is_counted() -> None:
    pods = _pods(WAITING_SHOWN + 1, "denied")
    assert shown(pods)[:-1] == tuple(pods[:-1])
    assert shown(pods)[-1].object == "and 1 more pod"


@pytest.mark.parametrize("letter", ["a", "驱", "\x01", "\N{PILE OF POO}"])
@pytest.mark.parametrize("length", [300, 20_000])
def test_whatever_pods_wait_for_fits_a_record(letter: str, length: int) -> None:
    fitting = shown(_pods(60, letter * length))
    record = StepWaiting(f"evict/{'n' * 253}", fitting, 60, 1_800_000_000.123)
    assert len(msgspec.json.encode(record)) <= RECORD_LIMIT
    assert fitting[-1].object == f"and {60 - len(fitting) + 1} more pods"
    assert len(fitting) > LIST_BYTES // (TEXT_BYTES + 200)


def test_every_text_of_one_entry_is_bounded() -> None:
    long = "驱" * 20_000
    assert len(shown([Waiting(long, long, long, owner=long, remedy=long)] * 3)) == 3
