"""Reads a file of requirements for the planner of topologies, and says what is wrong with it: line, field and fix."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from fleetui.clients.yaml_file import load, locate
from fleetui.model.topology.mistakes import mistakes
from fleetui.model.topology.needs import (
    ApiLoad,
    Criticality,
    Environment,
    Hardware,
    Isolation,
    Link,
    Loss,
    Needs,
    Rack,
    Site,
    Workload,
)

_SHAPES: dict[tuple[str, int], type[msgspec.Struct]] = {
    ("", 0): Needs, ("hardware", 2): Hardware, ("sites", 2): Site, ("sites", 4): Rack, ("workloads", 2): Workload,
    ("links", 2): Link,
}  # fmt: skip
"""What stands at a path: by its first part and its length."""
_WORDS = {
    "environment": Environment, "isolation": Isolation, "criticality": Criticality, "api_load": ApiLoad,
    "survive": Loss,
}  # fmt: skip


class RequirementsError(ValueError):
    """The message is for the operator: ``requirements.yaml:12: workloads.shop.machines: expected int, got str``."""


def read_requirements(path: Path) -> Needs:
    """Raises RequirementsError, and OSError when the file cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RequirementsError(f"{path}: not text; save the file as UTF-8") from error
    return parse_requirements(text, where=str(path))


def parse_requirements(text: str, *, where: str) -> Needs:
    """``where`` names the text in messages. All mistakes of a file that has the right shape, a line each. Raises
    RequirementsError."""
    try:
        document = load(text, where)
    except ValueError as error:
        raise RequirementsError(str(error)) from error
    try:
        needs = msgspec.convert({} if document is None else document, Needs)
    except msgspec.ValidationError as error:
        path, words = _explain(str(error), document)
        raise RequirementsError(_line(path, words, text=text, where=where)) from error
    if wrong := [_line(path, words, text=text, where=where) for path, words in mistakes(needs)]:
        raise RequirementsError("\n".join(wrong))
    return needs


def _line(path: Sequence[str], words: str, *, text: str, where: str) -> str:
    line = locate(text, tuple(path))
    place = where if line is None else f"{where}:{line}"
    return f"{place}: {'.'.join(path) or 'the file'}: {words}"


def _explain(message: str, document: object) -> tuple[tuple[str, ...], str]:
    """msgspec says ``Expected `int`, got `str` - at `$.workloads[...].machines```: (the path in full, words)."""
    what, _, at = message.partition(" - at ")
    pointer = at.rpartition("`$")[2].rstrip("`")
    parts = re.findall(r"\[([^\]]*)\]|([\w-]+)", pointer)
    path = _named([index or word for index, word in parts], document)
    if at.startswith("`key`"):
        return path, "a name that reads as a number or a word of YAML; put it in quotes"
    if found := re.search(r"(unknown|required) field `([^`]+)`", what):
        kind, field = found.groups()
        if kind == "required":
            return path, f"{field} is missing; add it"
        return (*path, field), f"no such field; there are {', '.join(_fields(path))}"
    if what.startswith("Invalid enum value") and (
        words := _WORDS.get(path[-1] if not path[-1].isdigit() else path[-2])
    ):
        return path, f"no such word; there are {', '.join(words)}"
    return path, what[:1].lower() + what[1:].replace("`", "")


def _fields(path: tuple[str, ...]) -> list[str]:
    shape = _SHAPES.get((path[0] if path else "", len(path)), Needs)
    return [field.name for field in msgspec.structs.fields(shape)]


def _named(parts: list[str], document: Any) -> tuple[str, ...]:
    """The path with the names of mappings' entries, for which msgspec writes ``...``: the first entry that is wrong
    when it stands alone."""
    path: list[str] = []
    node = document
    for part in parts:
        name = part
        if part == "..." and isinstance(node, dict):
            name = next((key for key in node if _is_wrong(_only(document, path, key))), part)
            document = _only(document, path, name) if name in node else document
        path.append(str(name))
        node = _child(node, name)
    return tuple(path)


def _child(node: Any, name: Any) -> Any:
    if isinstance(node, list) and str(name).isdigit():
        return node[int(name)]
    return node.get(name) if isinstance(node, dict) else None


def _only(document: Any, path: Sequence[str], key: object) -> Any:
    """A copy in which the mapping at ``path`` has that entry alone."""
    if not path:
        return {key: document[key]}
    first, *rest = path
    return {**document, first: _only(document[first], rest, key)}


def _is_wrong(document: object) -> bool:
    try:
        msgspec.convert(document, Needs)
    except msgspec.ValidationError:
        return True
    return False
