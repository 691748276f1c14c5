"""Reads the kinds of clusters that are declared as files: those that ship, and the operator's own in ``kinds`` beside
the configuration. A file of one's own replaces the one that ships under the same name; one with a mistake costs only
its own kind, and the mistake is told with its line and the fix."""

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from fleetui.clients.yaml_file import load, locate
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.health.replication_kind import Kind
from fleetui.model.health.replication_mistakes import kind_mistakes
from fleetui.model.text import clean_message


class KindError(ValueError):
    """The message is for the operator: ``kinds/mine.yaml:7: link.own: has a ( that is not closed``."""


class Kinds(msgspec.Struct, frozen=True):
    kinds: tuple[Kind, ...]
    """By name."""
    faults: tuple[Fault, ...] = ()
    """One for each file that cannot be used."""


def read_kinds(shipped: Path, own: Path) -> Kinds:
    """Of two folders; one that is not there holds nothing."""
    found: dict[str, Kind] = {}
    faults = []
    for path in (*_files(shipped), *_files(own)):
        try:
            kind = parse_kind(path.read_text(encoding="utf-8"), where=str(path))
            found[kind.name] = kind
        except (KindError, OSError, UnicodeDecodeError) as error:
            faults.append(_fault(path, error))
    return Kinds(tuple(found[name] for name in sorted(found)), tuple(faults))


def parse_kind(text: str, *, where: str) -> Kind:
    """``where`` names the text in messages. Raises KindError."""
    try:
        document = load(text, where)
    except ValueError as error:
        raise KindError(str(error)) from error
    try:
        kind = msgspec.convert(document, Kind)
    except msgspec.ValidationError as error:
        raise KindError(_explain(str(error), text=text, where=where)) from error
    for path, wrong in kind_mistakes(kind):
        raise KindError(f"{_place(path, text=text, where=where)}: {'.'.join(path)}: {wrong}")
    return kind


def _files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.glob("*.yaml") if path.is_file())


def _fault(path: Path, error: Exception) -> Fault:
    said = str(error) if isinstance(error, KindError) else f"{path}: cannot be read: {error}"
    remedy = "mend or remove the file; the kinds that ship show every field"
    return Fault(FaultKind.CONFIG, f"kind {path.stem}", clean_message(said), remedy)


def _explain(message: str, *, text: str, where: str) -> str:
    """msgspec says ``Expected `str`, got `int` - at `$.link.own```; the operator needs the line."""
    what, _, pointer = message.partition(" - at `$")
    path = tuple(part.strip("[]") for part in re.findall(r"\[[^\]]*\]|[\w-]+", pointer.rstrip("`")))
    unknown = re.search(r"unknown field `([^`]+)`", message)
    if unknown:
        path, what = (*path, unknown.group(1)), "no such field"
    return f"{_place(path, text=text, where=where)}: {'.'.join(path) or 'the file'}: {what}"


def _place(path: tuple[str, ...], *, text: str, where: str) -> str:
    line = locate(text, path)
    return where if line is None else f"{where}:{line}"
