"""The one registry: no clash, nothing unreachable, completion, answers in words."""

import re
from collections.abc import Callable

import pytest

from fleetui.console import commands
from fleetui.console.command import PLACES, TABLES, Command, show_key
from fleetui.console.command_line import complete, run_line, view_of
from fleetui.console.commands import COMMANDS, clashes, hints
from fleetui.console.frame import bindings, key_line
from fleetui.console.ink import plain, width
from fleetui.console.screens.help import GROUPS, help_lines
from fleetui.console.views import FLEET, Trail, View
from fleetui.control.registry import load_registry

UNUSABLE = ("ctrl+a", "ctrl+s", "ctrl+q", "ctrl+h", "ctrl+j", "ctrl+l", "ctrl+i", "ctrl+m")
"""Taken by tmux, screen and terminals themselves."""


def test_no_key_and_no_word_is_claimed_twice() -> None:
    assert clashes() == ()


def test_a_clash_is_found() -> None:
    first = next(command for command in COMMANDS if command.keys)
    assert clashes((first, Command("x", "x", "x", first.handler, first.keys)))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_can_be_reached_and_is_explained(command: Command) -> None:
    assert command.keys or command.words
    assert command.help.endswith(".")
    assert command.id.partition(".")[0] in GROUPS
    assert not set(command.keys) & set(UNUSABLE)
    assert command.places <= PLACES


def test_every_operation_has_its_key_and_its_word() -> None:
    offered = {command.id: command for command in COMMANDS}
    for kind in load_registry():
        command = offered[f"machine.{kind}" if not kind.startswith("etcd-") else kind.replace("-", ".", 1)]
        assert command.keys
        assert kind in command.words


@pytest.mark.parametrize(
    ("line", "view"),
    [
        ("pods", View("pods")),
        (":po @eu-* CrashLoopBackOff", View("pods", query="@eu-* CrashLoopBackOff")),
        ("nodes /wk-a", View("machines", query="wk-a")),
        ("ctx", View("fleet")),
        ("lens prod-east-1", View("lens", cluster="prod-east-1")),
        ("ops", View("operations")),
    ],
)
def test_a_line_names_the_view_to_begin_with(line: str, view: View) -> None:
    assert view_of(line) == view


@pytest.mark.parametrize("line", ["last", "podz", "drain wk-1"])
def test_a_line_that_leads_to_no_view_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"no such view; there are .*fleet, .*machines"):
        view_of(line)


@pytest.mark.parametrize("place", sorted(PLACES))
def test_every_key_of_a_place_is_bound_and_helped(place: str) -> None:
    bound = {binding.id for binding in bindings(place)}  # type: ignore[union-attr]
    text = "\n".join(plain(line) for line in help_lines(place, [], (), 120))
    for command in commands.of_place(place):
        assert command.help.split(".")[0][:20] in text
        if command.keys:
            assert command.id in bound
            assert show_key(command.keys[0]) in text


@pytest.mark.parametrize("place", sorted(TABLES))
@pytest.mark.parametrize("cells", [40, 80, 160])
def test_the_footer_shows_whole_entries_and_help_at_last(place: str, cells: int) -> None:
    said = key_line(hints(place), cells)
    assert width(said) <= cells
    assert plain(said).rstrip().endswith("? help")


def test_the_footer_does_not_lead_where_one_is() -> None:
    assert "go.operations" not in [command.id for command in hints("operations")]


class Elsewhere:
    """A console in which nothing is under the cursor, nothing is proposed and nothing can be drawn."""

    class _Nothing:
        def current(self) -> None:
            return None

        def can_open(self) -> bool:
            return False

        def marked(self) -> bool:
            return False

        def __getattr__(self, name: str) -> Callable[..., str]:
            return lambda **_: f"{name}: not here"

    def __init__(self, place: str) -> None:
        self.table = None if place in ("lens", "incident") else self._Nothing()
        self.triage = self.looking = self.incidents = self._Nothing()
        self.hushing = self.go = self
        self.here = View(place)

    def holds(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("place", "idle", "there"),
    [
        ("lens", {"x", "b", "t"}, {"m", "p", "e", "I", "?"}),
        ("alerts", {"A", "s", "b", "t", "I", "*", ".", "enter", "space"}, {"/", ":", "?"}),
        ("machines", {"C", "D", "U", "i", "enter"}, {"/", ":", "?"}),
        ("incidents", {"n", "t", "X"}, {"/", ":", "?"}),
        ("operations", {"p", "A", "enter", "i"}, {"/", ":", "?"}),
    ],
)
def test_the_footer_shows_no_key_that_does_nothing(place: str, idle: set[str], there: set[str]) -> None:
    every = {show_key(command.keys[0]) for command in hints(place)}
    now = {show_key(command.keys[0]) for command in hints(place, Elsewhere(place))}  # type: ignore[arg-type]

    assert idle <= every
    assert not idle & now
    assert there <= now


@pytest.mark.parametrize("place", sorted(PLACES))
def test_what_the_footer_leaves_out_is_what_the_key_would_refuse(place: str) -> None:
    console = Elsewhere(place)
    shown = {command.id for command in hints(place, console)}  # type: ignore[arg-type]
    for command in hints(place):
        if command.id not in shown and not command.offers(console):  # type: ignore[arg-type]
            with pytest.raises(ValueError, match=re.escape(command.title)):
                commands.run(console, command)  # type: ignore[arg-type]


def test_completion_offers_names_first() -> None:
    assert complete("ma") == ("machines", "machine")
    assert complete("machines ") == ()
    assert complete("") == ()


class Spy:
    """Stands in for the app."""

    def __init__(self) -> None:
        self.opened: list[View] = []
        self.table = None
        self.operating = self.looking = self.choosing = self.leaving = None
        self.told: list[str] = []

    @property
    def go(self) -> "Spy":
        return self

    @property
    def here(self) -> View:
        return FLEET

    def open(self, view: View) -> None:
        self.opened.append(view)

    def key_of(self, command_id: str) -> str:
        return f"the key of {command_id}"

    def say(self, text: str, style: str = "text") -> None:
        self.told.append(text)


@pytest.mark.parametrize(
    ("line", "view"),
    [
        ("nodes", View("machines")),
        ("machines @eu-* NotReady", View("machines", query="@eu-* NotReady")),
        ("no /NotReady", View("machines", query="NotReady")),
        ("pods @eu-*", View("pods", query="@eu-*")),
        ("pods", View("pods")),
        ("fleet", FLEET),
        ("ops", View("operations")),
    ],
)
def test_words_open_views(line: str, view: View) -> None:
    spy = Spy()
    run_line(spy, line)  # type: ignore[arg-type]
    assert spy.opened == [view]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("machnes", "did you mean :machines"),
        ("drain", "not on this screen"),
        ("zzz", "the key of session.help shows them all"),
        ("p", ":p could be :pods, :palette"),
        ("dra", ":dra could be :drain"),
        ("qui", ":qui could be :q"),
        ("ex", ":ex could be :executive, :q"),
    ],
)
def test_what_makes_no_sense_is_answered(line: str, told: str) -> None:
    with pytest.raises(ValueError, match=told.replace("?", r"\?")):
        run_line(Spy(), line)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "view", "told"),
    [
        ("mach", View("machines"), [":mach ran :machines"]),
        ("nod @eu-*", View("machines", query="@eu-*"), [":nod ran :machines"]),
        ("operat", View("operations"), [":operat ran :operations"]),
        ("machines", View("machines"), []),
    ],
)
def test_a_word_that_only_one_command_begins_with_is_enough(line: str, view: View, told: list[str]) -> None:
    spy = Spy()
    run_line(spy, line)  # type: ignore[arg-type]
    assert spy.opened == [view]
    assert spy.told == told


def test_the_way_back_is_the_way_one_came() -> None:
    machines, pods = View("machines", "a"), View("pods", "a", "m")
    trail = Trail().open(machines).open(pods)
    assert trail.back().here == machines
    assert trail.back().back().here == FLEET
    assert trail.back().back().back().here == FLEET
    assert trail.last().here == machines
    assert trail.last().last().here == pods
    assert trail.step(-2).here == FLEET
    assert trail.step(-2).step(9).here == pods
    assert trail.open(machines).back().here == FLEET


def test_the_history_is_bounded() -> None:
    trail = Trail()
    for number in range(200):
        trail = trail.open(View("machines", str(number)))
    assert len(trail.visited) == 50
    assert trail.here == View("machines", "199")
