"""What every command of the line is made of: a parser that answers mistakes shortly, and the options of all."""

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NoReturn

from fleetui.model.duration import parse_duration

UNKNOWN = 3
"""Exit code of ``check`` for a mistake on the line: to a scheduler 2 would be CRITICAL."""
_LISTED = {" get": "filter", " check": "filter", " plan": "machines", " run": "machines", " start": "filter"}
"""What a command takes any number of. argparse takes none of them where an option stands before the first."""


class Parser(argparse.ArgumentParser):
    """Answers a mistake with one line: what is wrong, and where to read on. A page of usage hides both."""

    later: "tuple[Callable[[Parser], None], ...]" = ()
    """What adds the rest of a command when it is used: who lists machines pays for that command alone."""

    def error(self, message: str) -> NoReturn:
        if self.prog.endswith(" check"):
            print(f"CHECK UNKNOWN - {message}; see: {self.prog} --help")
            self.exit(UNKNOWN)
        self.exit(2, f"fleetui: {message}; see: {self.prog} --help\n")

    def parse_known_args(  # type: ignore[override]  # argparse's has overloads for foreign namespaces
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """A filter's words and machines may stand after options, too: ``get machines -o json status=NotReady``."""
        later, self.later = self.later, ()
        for add in later:
            add(self)
        found, extras = super().parse_known_args(args, namespace)
        listed = next((name for command, name in _LISTED.items() if self.prog.endswith(command)), "")
        if listed in found:
            setattr(found, listed, [*getattr(found, listed), *(word for word in extras if not word.startswith("-"))])
            extras = [word for word in extras if word.startswith("-")]
        return found, extras


Commands = argparse._SubParsersAction  # argparse has no public name for what add_subparsers returns


def add_session_options(parser: argparse.ArgumentParser, *, again: bool = False) -> None:
    """``again``: the same options after the command; what was said before it stays unless it is said anew."""
    session = parser.add_argument_group("session, before or after the command")

    def add(name: str, default: object, **said: Any) -> None:
        session.add_argument(name, default=argparse.SUPPRESS if again else default, **said)

    add("--demo", False, action="store_true", help="use a simulated fleet; nothing is left behind")
    add("--seed", 1, type=int, metavar="N", help="of the simulated fleet (default 1)")
    add("--speed", 1.0, type=float, metavar="X", help="of simulated time (default 1)")
    add("--kubeconfig", None, metavar="FILES", help="instead of KUBECONFIG; a list as there")
    add("--context", [], action="append", metavar="PATTERN", help="connect only these")
    add("--config", None, metavar="FILE", help="configuration file")
    add("--state-dir", None, metavar="DIR", help="operations and the controller's lock; a local disk")
    add("--theme", None, metavar="NAME", help="dark, ansi-16")
    add("--readonly", False, action="store_true", help="refuse :write for the whole session")


def repeat_session_options(commands: "Commands[Parser]") -> None:
    for command in commands.choices.values():
        command.later += (partial(add_session_options, again=True),)


def seconds(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def size(text: str) -> tuple[int, int]:
    columns, _, rows = text.partition("x")
    if not (columns.isdecimal() and rows.isdecimal() and int(columns) >= 40 and int(rows) >= 10):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size: write COLUMNSxROWS, at least 40x10")
    return int(columns), int(rows)
