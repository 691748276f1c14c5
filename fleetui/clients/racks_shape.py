"""What is wrong with the shape of a document of racks, all of it at once: msgspec stops at the first mistake, and says
what it expected in words of programs."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from fleetui.model.racks.layout import Layout

Mistake = tuple[tuple[str, ...], str, str]
"""(path in the document, what is wrong, what to write)."""

ANY_KEY = "..."
"""What msgspec says for a key of a mapping whose keys are the operator's own."""
_WORDS = {
    "object": "a mapping", "array": "a list", "str": "text", "int": "a whole number", "float": "a number",
    "bool": "true or false", "null": "nothing",
}  # fmt: skip


def mistakes(document: object) -> Iterator[Mistake]:
    """At most one of each entry."""
    if not isinstance(document, dict):
        yield (), "the file is no mapping", "write sections, such as racks:"
        return
    kinds = {field.name: field.type for field in msgspec.structs.fields(Layout)}
    for section, said in document.items():
        if section not in kinds:
            yield (str(section),), "no such section", _one_of(str(section), tuple(kinds))
            continue
        entry = next(iter(get_args(kinds[section])), None)
        if entry is None or not isinstance(said, list):
            yield from _wrong(said, kinds[section], (section,))
            continue
        for index, each in enumerate(said):
            yield from _wrong(each, entry, (section, str(index)))


def _wrong(said: object, kind: Any, path: tuple[str, ...]) -> Iterator[Mistake]:
    try:
        msgspec.convert(said, kind)
    except msgspec.ValidationError as error:
        what, _, pointer = str(error).partition(" - at `$")
        inner = tuple(re.findall(rf"{re.escape(ANY_KEY)}|[\w-]+", pointer.rstrip("`")))
        yield _explained(what, kind, path, inner)


def _explained(what: str, kind: Any, path: tuple[str, ...], inner: tuple[str, ...]) -> Mistake:
    """msgspec says ``Expected `float | null`, got `str```; people need what to write."""
    name = next(iter(re.findall(r"`([^`]+)`", what)), "")
    whole, inner = inner, tuple(part for part in inner if part != ANY_KEY)
    if "missing required field" in what:
        return (*path, *inner), f"says no {name}", f"add {name}: {_example(_kind_at(kind, (*inner, name)))}"
    if "unknown field" in what:
        fields = tuple(field.name for field in msgspec.structs.fields(_kind_at(kind, inner)))
        return (*path, *inner, name), "no such field", _one_of(name, fields)
    at = _kind_at(kind, whole)
    got = re.search(r", got `([^`]+)`", what)
    if got:
        wrong = f"is {_WORDS.get(got[1], got[1])}"
    elif what.startswith("Invalid enum value"):
        wrong = what.removeprefix("Invalid enum value ") + " is no such word"
    else:  # of a bound
        wrong = "is too large, too small or no number"
    return (*path, *inner), wrong, f"write {_example(at)}"


def _kind_at(kind: Any, path: tuple[str, ...]) -> Any:
    """The type of the part at a path of a value of ``kind``."""
    kind = _bare(kind)
    for part in path:
        if get_origin(kind) in (tuple, dict):
            kind = _bare(get_args(kind)[0 if get_origin(kind) is tuple else 1])
        else:
            kind = _bare(next(field.type for field in msgspec.structs.fields(kind) if field.name == part))
    return kind


def _bare(kind: Any) -> Any:
    """Without what may be left out and what is said about it."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return _bare(next(each for each in get_args(kind) if each is not type(None)))
    return kind


def _example(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "one of " + ", ".join(str(member.value) for member in kind)
    if get_origin(kind) is tuple:
        return "a list, such as [1, 2]" if _bare(get_args(kind)[0]) is int else "a list"
    if get_origin(kind) is dict or (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return "a mapping"
    word = _WORDS[kind.__name__]
    return f"{word}, in quotes" if kind is str else word


def _one_of(name: str, names: tuple[str, ...]) -> str:
    close = get_close_matches(name, names, n=1)
    return f"write {close[0]}" if close else f"there are {', '.join(names)}"
