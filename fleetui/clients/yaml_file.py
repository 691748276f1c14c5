"""YAML in and out: the only module that imports yaml, so that every file's mistakes read the same.

Dates stay text (``2026-01-01`` in a label is a label), and a key said twice is a mistake instead of the last one
winning in silence.
"""

import re
from collections.abc import Hashable
from typing import Any, ClassVar

import yaml

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_MERGE = "tag:yaml.org,2002:merge"


class YamlError(ValueError):
    """The message is for the operator: ``FILE:LINE:COLUMN: what is wrong; the fix``."""


class _Loader(_Base):  # type: ignore[misc]
    """Safe types only; no dates; no duplicate keys."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
        for first, resolvers in _Base.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        said = node.value
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        if len(mapping) < len(node.value):
            _refuse_duplicates(said)
        return mapping


def load(text: str, where: str) -> object:
    """The document's value, None for an empty text. ``where`` names the text in messages. Raises YamlError."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with fewer types
    except yaml.MarkedYAMLError as error:
        raise YamlError(_explain(error, text=text, where=where)) from error
    except yaml.reader.ReaderError as error:
        raise YamlError(_explain_character(text=text, where=where)) from error
    except RecursionError as error:
        raise YamlError(f"{where}: nested too deeply to be meant") from error


class _BlockDumper(_Dumper):  # type: ignore[misc]
    """Texts of several lines as they are, below their key; what is said twice is written twice."""

    def ignore_aliases(self, _: Any) -> bool:
        return True


def _text_node(dumper: Any, text: str) -> yaml.ScalarNode:
    node: yaml.ScalarNode = dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)
    return node


_BlockDumper.add_representer(str, _text_node)


def dump(value: object, *, blocks: bool = False) -> str:
    """``value`` as block YAML in the order of its keys; with ``blocks`` as people write it: texts of several
    lines keep their lines, and there are no anchors."""
    dumper = _BlockDumper if blocks else _Dumper
    text: str = yaml.dump(value, Dumper=dumper, sort_keys=False, allow_unicode=True, width=4096)
    return text


def locate(text: str, path: tuple[str, ...]) -> int | None:
    """The line (from 1) of the key or list index at ``path``, or of the nearest parent there is; None for no YAML."""
    return Outline(text).line(path)


class Outline:
    """Where each part of a text stands: read once, however many places are asked for."""

    def __init__(self, text: str) -> None:
        try:
            self._root = yaml.compose(text, Loader=_Loader)
        except (yaml.YAMLError, RecursionError):
            self._root = None

    def line(self, path: tuple[str, ...]) -> int | None:
        """As ``locate``."""
        node = self._root
        if node is None:
            return None
        line: int = node.start_mark.line
        for part in path:
            step = _child(node, part)
            if step is None:
                break
            line, node = step
        return line + 1


def _child(node: yaml.Node, part: str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key.start_mark.line, value
    elif isinstance(node, yaml.SequenceNode) and part.isdecimal() and int(part) < len(node.value):
        item = node.value[int(part)]
        return item.start_mark.line, item
    return None


def _refuse_duplicates(pairs: list[tuple[yaml.Node, yaml.Node]]) -> None:
    seen: set[Hashable] = set()
    for key, _ in pairs:
        if key.tag == _MERGE or not isinstance(key, yaml.ScalarNode):
            continue
        if key.value in seen:
            raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} is said twice", key.start_mark)
        seen.add(key.value)


_FIXES = (
    (r"is said twice", "keep one"),
    (r"mapping values are not allowed", "quote the value, or check the indentation"),
    (r"could not find expected ':'", "write 'key: value'"),
    (r"undefined alias", "quote a value that begins with *"),
    (r"unexpected end of stream|while scanning a quoted scalar", "close the quote"),
    (r"expected ',' or", "close the bracket"),
    (r"unhashable key", "quote {{ }}, or fill in the template"),
    (r"could not determine a constructor", "remove the tag"),
)


def _explain(error: yaml.MarkedYAMLError, *, text: str, where: str) -> str:
    mark = error.problem_mark or error.context_mark
    place = f"{where}:{mark.line + 1}:{mark.column + 1}" if mark else where
    problem = error.problem or error.context or "not YAML"
    if "cannot start any token" in problem and mark:
        tab = text.splitlines()[mark.line][mark.column : mark.column + 1] == "\t"
        return f"{place}: {problem}; {'indent with spaces, not tabs' if tab else 'quote the value'}"
    for pattern, fix in _FIXES:
        if re.search(pattern, problem):
            return f"{place}: {problem}; {fix}"
    return f"{place}: {problem}; check the indentation and the brackets"


def _explain_character(*, text: str, where: str) -> str:
    """The parser in C counts bytes and the one in Python characters, so the place is looked for again."""
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if found is None:
        return f"{where}: not text; save the file as UTF-8"
    before = text[: found.start()].split("\n")
    place = f"{where}:{len(before)}:{len(before[-1]) + 1}"
    return f"{place}: character #x{ord(found.group()):04x} is not allowed in YAML; remove it"
