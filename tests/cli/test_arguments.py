"""The words of the command line are those that exist."""

import pytest

from fleetui.cli.arguments import build_parser, parse
from fleetui.cli.drawing_arguments import SCREENS
from fleetui.cli.operate_arguments import OPERATIONS
from fleetui.cli.tables import WORDS
from fleetui.console.commands import by_word
from fleetui.control.registry import load_registry
from fleetui.wiring import handler


def test_every_operation_of_the_core_can_be_run_from_the_line() -> None:
    assert set(OPERATIONS) == set(load_registry())


def test_every_word_has_its_command() -> None:
    (words,) = [action.choices for action in build_parser()._actions if action.dest == "command"]
    for word in words or ():
        assert word == "demo" or callable(handler(word))


def test_every_screen_that_can_be_drawn_can_be_opened() -> None:
    assert all(by_word(screen) for screen in SCREENS)


@pytest.mark.parametrize("what", WORDS)
def test_get_knows_every_table(what: str) -> None:
    assert parse(["get", what]).what == what


@pytest.mark.parametrize("size", ["160", "ax50", "39x50", "160x9", "0x0"])
def test_a_size_that_makes_no_sense_is_refused(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        parse(["screenshot", "fleet", "-o", "x.svg", "--size", size])
    assert exit_.value.code == 2
    assert "COLUMNSxROWS" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "filters"),
    [
        ("get machines -o json status=NotReady", ["status=NotReady"]),
        ("get machines a -o json b !c", ["a", "b", "!c"]),
        ("get -w machines a", ["a"]),
        ("get machines -o json", []),
    ],
)
def test_a_filter_may_stand_after_the_options(line: str, filters: list[str]) -> None:
    assert parse(line.split()).filter == filters


@pytest.mark.parametrize("line", ["run drain --cluster c -o wide n1 n2", "plan drain n1 --cluster c n2"])
def test_machines_may_stand_after_the_options(line: str) -> None:
    assert parse(line.split()).machines == ["n1", "n2"]


def test_an_unknown_option_of_get_is_still_refused() -> None:
    with pytest.raises(SystemExit):
        parse(["get", "machines", "-o", "json", "a", "--nosuch"])


@pytest.mark.parametrize("word", ["--sort", "--sort-by"])
def test_descending_order_needs_no_equals_sign(word: str) -> None:
    assert parse(["get", "machines", word, "-age", "-w"]).sort == "-age"
    with pytest.raises(SystemExit):
        parse(["get", "machines", word, "-w"])


@pytest.mark.parametrize(
    ("word", "what"), [("node/w1", "machines/w1"), ("PODS", "pods"), ("cluster/arn:a/b", "clusters/arn:a/b")]
)
def test_tables_by_the_names_that_hands_know(word: str, what: str) -> None:
    assert parse(["get", word]).what == what
