"""Racks as YAML: one file, or a directory whose files are read as one, and what is wrong with their shape.

Files are edited by people and by us, and an edit must leave every byte that it does not mean. A library that writes a
document anew, even one that keeps comments, settles indentation, quotes and line breaks its own way. So the text is
kept, the parser says on which line and in which column each value stands, and an edit replaces that piece alone: undo
is then the same bytes. What pyyaml marks suffices for that; ruamel.yaml would add a dependency and keep less.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

import msgspec

from fleetui.clients.racks_shape import Mistake, mistakes
from fleetui.clients.yaml_file import Outline, YamlError, load
from fleetui.model.quantity import counted
from fleetui.model.racks.finding import Path
from fleetui.model.racks.layout import FORMAT, Layout

SHOWN = 20
"""Mistakes that are told at once."""


class RacksError(ValueError):
    """The message is for the operator, a line a mistake: ``racks.yaml:12: racks.A.status: ...; the fix``."""


class RacksText(msgspec.Struct, frozen=True, dict=True):
    """One file as it was read."""

    name: str
    text: str
    layout: Layout

    @cached_property
    def outline(self) -> Outline:
        """Read again only where a place is asked for: most files have nothing wrong."""
        return Outline(self.text)

    def where(self, path: Path) -> str:
        line = self.outline.line(path)
        return self.name if line is None else f"{self.name}:{line}"


class RacksFile(msgspec.Struct, frozen=True, dict=True):
    """All texts as one layout, entries in the order of the files' names and then of their lines."""

    texts: tuple[RacksText, ...]

    @cached_property
    def layout(self) -> Layout:
        """Raises nothing: each text has been read."""
        sections: dict[str, Any] = {
            section: tuple(entry for text in self.texts for entry in getattr(text.layout, section))
            for section in SECTIONS
        }
        return Layout(**sections)

    def where(self, path: Path) -> str:
        """The file and the line of a path of the whole layout."""
        section, index = path[0], int(path[1])
        for text in self.texts:
            held = len(getattr(text.layout, section))
            if index < held:
                return text.where((section, str(index), *path[2:]))
            index -= held
        raise LookupError(f"no entry {path}")


SECTIONS = tuple(field.name for field in msgspec.structs.fields(Layout) if field.name != "version")


def read_racks(path: FilePath) -> RacksFile:
    """Of a file, or of every ``*.yaml`` of a directory by name. Raises RacksError with all that is wrong, OSError for
    what is not there."""
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise RacksError(f"{path}: no *.yaml in it; write one (docs/racks.md), or name a file")
    read, wrong = [], []
    for file in files:
        try:
            read.append(parse_racks(_text(file), where=str(file)))
        except RacksError as error:
            wrong.append(str(error))
    if wrong:
        raise RacksError("\n".join(wrong))
    return RacksFile(tuple(read))


def _text(file: FilePath) -> str:
    try:
        return file.read_bytes().decode()  # no newline is translated: an edit must find it again
    except UnicodeDecodeError as error:
        raise RacksError(f"{file}: not text; save the file as UTF-8") from error


def parse_racks(text: str, *, where: str) -> RacksText:
    """``where`` names the text in messages. Raises RacksError; an empty text is an empty layout."""
    try:
        document = load(text, where)
    except YamlError as error:
        raise RacksError(str(error)) from error
    said = {} if document is None else document
    try:
        layout = msgspec.convert(said, Layout)
    except msgspec.ValidationError as error:
        raise RacksError(_told(tuple(mistakes(said)), text=text, where=where)) from error
    if layout.version != FORMAT:
        fix = f"write version: {FORMAT}, or use the fleetui that it was made for"
        raise RacksError(_told([(("version",), f"this fleetui reads {FORMAT}, not {layout.version}", fix)],
                               text=text, where=where))  # fmt: skip
    return RacksText(where, text, layout)


def _told(found: Sequence[Mistake], *, text: str, where: str) -> str:
    return "\n".join(_lines(found, Outline(text), where))


def _lines(found: Sequence[Mistake], outline: Outline, where: str) -> Iterator[str]:
    for path, wrong, fix in found[:SHOWN]:
        line = outline.line(path)
        place = where if line is None else f"{where}:{line}"
        yield f"{place}: {_named(path)}{wrong}; {fix}"
    if len(found) > SHOWN:
        yield f"{where}: and {counted(len(found) - SHOWN, 'mistake')} more"


def _named(path: Iterable[Any]) -> str:
    """``racks.3.status: ``; nothing for the whole file."""
    said = ".".join(map(str, path))
    return f"{said}: " if said else ""
