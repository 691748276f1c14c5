"""Every command line of ours that a remedy, a hint or a sentence names is one that the program understands."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

import fleetui
from fleetui.cli.arguments import build_parser, parse
from fleetui.cli.operate_arguments import OPERATIONS

SOURCE = Path(fleetui.__file__).parent
COMMANDS = tuple(next(action.choices or () for action in build_parser()._actions if action.dest == "command"))
_NAMED = re.compile(rf"\bfleetui (?:{'|'.join((*COMMANDS, *OPERATIONS))})\b[^`;,)\n]*|(?<=: )fleetui [^`;,)\n]*")
_PROSE = re.compile(r"   .*| (?:and|or|tells|shows|explains|which|of|#) .*|[.:]*$|: .*")
"""Where a sentence, or a column of explanations, goes on after the command."""
_VALUE = "wk-1"
"""Stands for what is filled in."""


def _texts(path: Path) -> Iterator[str]:
    """All strings but those that stand alone: docstrings are shown to nobody."""
    tree = ast.parse(path.read_text())
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else _VALUE for part in node.values)
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner | alone:
            yield node.value


def named() -> Iterator[tuple[str, str]]:
    """(where, command line)."""
    for path in sorted(SOURCE.rglob("*.py")):
        for text in _texts(path):
            for found in _NAMED.finditer(text):
                command = _PROSE.sub("", found.group(), count=1).strip()
                if not re.search(r"[|\[<]", command):  # a grammar of the reference, no command
                    yield str(path.relative_to(SOURCE)), command


NAMED = sorted(set(named()))


def test_they_are_found() -> None:
    """In plain strings, in those that are filled in, and in the examples of the help."""
    commands = {command for _, command in NAMED}
    assert {"fleetui get clusters", "fleetui controller install", f"fleetui op resume {_VALUE}"} <= commands
    assert any(where == "control/lanes.py" for where, _ in NAMED)


@pytest.mark.parametrize(("where", "command"), NAMED)
def test_the_program_understands_what_its_texts_name(where: str, command: str) -> None:
    words = shlex.split(command)[1:]
    if len(words) == 1 and words[0] in COMMANDS:
        return  # the command by its name alone, in a list of them
    try:
        parse(words)
    except SystemExit as error:
        pytest.fail(f"{where} names `{command}`, which is refused ({error.code})")
