"""A runbook: Markdown made into blocks, with the commands that an operator may copy. Nothing here runs anything."""

import re
import shlex
from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from fleetui.model.text import clean, clean_block


class BlockKind(StrEnum):
    HEADING = "heading"
    TEXT = "text"
    ITEM = "item"
    COMMAND = "command"
    """One command, ready to be copied; it may have several lines."""


class Block(msgspec.Struct, frozen=True):
    kind: BlockKind
    text: str
    """``**bold**`` and backquoted words as they are written; of a command exactly what is copied."""
    level: int = 1
    """Of a heading: 1 is the title."""
    mark: str = ""
    """Of an item: ``-`` or ``1.``."""


class Runbook(msgspec.Struct, frozen=True):
    name: str
    """Its file's name without ``.md``."""
    blocks: tuple[Block, ...]
    source: str = ""
    """Where it was read: a path, or ``shipped``."""

    @property
    def title(self) -> str:
        first = next((block for block in self.blocks if block.kind is BlockKind.HEADING), None)
        return first.text if first is not None else self.name

    @property
    def commands(self) -> tuple[str, ...]:
        return tuple(block.text for block in self.blocks if block.kind is BlockKind.COMMAND)


def elsewhere(name: str, url: str) -> Runbook:
    """Of a runbook that only its rule's ``url`` leads to: where it is, whole and ready to be copied."""
    said = "It is not among the runbooks here. Its rule says where it is: copy the address and open it."
    blocks = (Block(BlockKind.HEADING, name or "Runbook"), Block(BlockKind.TEXT, said), Block(BlockKind.COMMAND, url))
    return Runbook(name, blocks, source="named by the rule")


_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_ITEM = re.compile(r"\s*([-*+]|\d+[.)])\s+(.*)$")
_FENCE = re.compile(r"\s*(```+|~~~+)")


def read(name: str, text: str, *, source: str = "") -> Runbook:
    """What is not known of Markdown stays as it is written: nothing is left out. Text is made harmless."""
    blocks: list[Block] = []
    words: list[str] = []
    lines = iter(clean_block(text).splitlines())
    for said in lines:
        if _FENCE.match(said):
            _close(words, blocks)
            blocks += _commands(lines)
        elif not said.strip():
            _close(words, blocks)
        elif (found := _HEADING.match(said)) is not None:
            _close(words, blocks)
            blocks.append(Block(BlockKind.HEADING, found[2], level=len(found[1])))
        else:
            if _ITEM.match(said):
                _close(words, blocks)
            words.append(said)
    _close(words, blocks)
    return Runbook(clean(name), tuple(blocks), source)


def _close(words: list[str], blocks: list[Block]) -> None:
    """The paragraph or the item that these lines are, broken at will by whoever wrote them."""
    if not words:
        return
    item = _ITEM.match(words[0])
    first = item[2] if item is not None else words[0].strip()
    text = " ".join((first, *(line.strip() for line in words[1:])))
    blocks.append(Block(BlockKind.ITEM, text, mark=item[1]) if item is not None else Block(BlockKind.TEXT, text))
    words.clear()


def _commands(lines: Iterable[str]) -> Iterable[Block]:
    """Of a fenced block up to its end: one a line, those that end in a backslash together."""
    command: list[str] = []
    for said in lines:
        if _FENCE.match(said):
            break
        if said.strip():
            command.append(said)
        if command and not said.rstrip().endswith("\\"):
            yield Block(BlockKind.COMMAND, "\n".join(command))
            command = []
    if command:
        yield Block(BlockKind.COMMAND, "\n".join(command))


def filled(runbook: Runbook, values: Mapping[str, str]) -> Runbook:
    """With what is known in the place of words such as ``CONTEXT`` and ``NODE`` of its commands, quoted for a shell.
    An empty value leaves the word: the operator sees what is missing."""
    known = {word: shlex.quote(value) for word, value in values.items() if value}
    if not known:
        return runbook
    words = re.compile(rf"\b({'|'.join(map(re.escape, known))})\b")

    def fill(block: Block) -> Block:
        if block.kind is not BlockKind.COMMAND:
            return block
        return msgspec.structs.replace(block, text=words.sub(lambda found: known[found[1]], block.text))

    return msgspec.structs.replace(runbook, blocks=tuple(map(fill, runbook.blocks)))
