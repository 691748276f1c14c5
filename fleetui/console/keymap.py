"""Keys of the operator's own: what ``keys`` of the configuration may say, and each command with the keys it has then.

Written as the help shows them (``D``, ``ctrl+d`` or ``^d``, ``/``, ``f5``), several with blanks between them.
Imports no Textual: a wrong key is told before there is a screen.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType

import msgspec

from fleetui.console.command import Command, show_key
from fleetui.console.commands import COMMANDS, clashes

NO_KEYS: Mapping[str, str] = MappingProxyType({})

FIXED = frozenset({"session.interrupt", "session.suspend", "go.back"})
"""What leaves and stops works in every dialog by the same key."""

MOVING = frozenset(
    {"j", "k", "g", "G", "up", "down", "home", "end", "pageup", "pagedown", "ctrl+d", "ctrl+u", "ctrl+f", "ctrl+b"}
)
"""The tables' own keys."""

_NAMED = frozenset({"enter", "space", "tab", "backspace", "delete", "insert", "left", "right", *MOVING})
_PATTERN = re.compile(r"((ctrl|shift|alt)\+)*([a-z0-9]|f\d\d?|[a-z_]{3,})")
_TEXTUAL = {"hyphen_minus": "minus", "solidus": "slash", "reverse_solidus": "backslash", "commercial_at": "at",
            "plus_sign": "plus", "low_line": "underscore"}  # fmt: skip
"""Textual's short names for what Unicode names at length."""

Problem = tuple[tuple[str, ...], str]
"""(the path in the file, what is wrong and what to write)."""


def keys_of(text: str) -> tuple[str, ...]:
    """``x ^d`` as Textual's names. Raises ValueError with what can be written."""
    found = tuple(_key(word) for word in text.split())
    if not found:
        raise ValueError("no key: write one such as x, ctrl+x or f5")
    return found


def bound(command: Command, keys: Mapping[str, str]) -> Command:
    """The command with the keys that it has in this configuration."""
    said = keys.get(command.id)
    return command if said is None else msgspec.structs.replace(command, keys=keys_of(said))


def key_of(command: Command, keys: Mapping[str, str]) -> str:
    """The key that sentences on screen name: the first that the command has, as it is written."""
    return show_key(bound(command, keys).keys[0])


def textual_keymap(keys: Mapping[str, str]) -> dict[str, str]:
    """For ``App.set_keymap``."""
    return {command_id: ",".join(keys_of(said)) for command_id, said in keys.items()}


def problems(keys: Mapping[str, str]) -> Iterator[Problem]:
    """What is wrong with each entry; nothing when all of it can be used."""
    known = {command.id for command in COMMANDS}
    usable: dict[str, str] = {}
    for command_id, said in keys.items():
        wrong = _wrong(command_id, said, known)
        if wrong:
            yield ("keys", command_id), wrong
        else:
            usable[command_id] = said
    for claim in clashes([bound(command, usable) for command in COMMANDS]):
        blamed = next((command_id for command_id in usable if command_id in claim), "")
        yield ("keys", *([blamed] if blamed else [])), f"{claim}: give one of them another key"


def _wrong(command_id: str, said: str, known: set[str]) -> str:
    if command_id not in known:
        near = get_close_matches(command_id, known, n=3, cutoff=0.4)
        meant = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(known))}"
        return f"no such command; {meant}"
    if command_id in FIXED:
        return "its key stays what it is: every dialog obeys it too"
    try:
        moving = [show_key(key) for key in keys_of(said) if key in MOVING]
    except ValueError as error:
        return str(error)
    return f"{moving[0]} moves the cursor: choose another key" if moving else ""


def _key(word: str) -> str:
    if len(word) == 1:
        return word if word.isascii() and word.isalnum() else _named(word)
    if word.startswith("^"):
        word = f"ctrl+{word[1:]}"
    head, plus, last = word.rpartition("+")
    name = _named(last) if len(last) == 1 and not last.isalnum() else last
    key = f"{head}{plus}{name}"
    if not _PATTERN.fullmatch(key) or (len(name) > 1 and not _is_name(name)):
        raise ValueError(f"{word!r} is no key: write x, X, ctrl+x, f5, space or a sign such as /")
    return key


def _named(sign: str) -> str:
    name = unicodedata.name(sign, "").lower().replace("-", "_").replace(" ", "_")
    if not sign.isascii() or not name:
        raise ValueError(f"{sign!r} is no key that every keyboard has: choose another")
    return _TEXTUAL.get(name, name)


def _is_name(name: str) -> bool:
    signs = {_named(chr(code)) for code in range(33, 127) if not chr(code).isalnum()}
    return name in _NAMED or name in signs or re.fullmatch(r"f([1-9]|1\d|2[0-4])", name) is not None
