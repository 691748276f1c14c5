"""Markdown into blocks, commands to the letter; one runbook for each failure mode, of which every command is whole."""

import shlex
import subprocess
from pathlib import Path

import pytest

from fleetui.clients.runbook_files import SHIPPED, RunbookFiles
from fleetui.model.diagnosis.mode import Mode
from fleetui.model.rules.error_type import ERROR_TYPES
from fleetui.model.runbook import Block, BlockKind, filled, read

TEXT = """# A title

Words that are
broken **at will**.

## Then
- one
  goes on
- two
1. first

```sh
kubectl --context CONTEXT get node NODE
echo a \\
  b
```
~~~
no end"""


def test_the_forms_of_markdown() -> None:
    assert read("x", TEXT).blocks == (
        Block(BlockKind.HEADING, "A title"),
        Block(BlockKind.TEXT, "Words that are broken **at will**."),
        Block(BlockKind.HEADING, "Then", level=2),
        Block(BlockKind.ITEM, "one goes on", mark="-"),
        Block(BlockKind.ITEM, "two", mark="-"),
        Block(BlockKind.ITEM, "first", mark="1."),
        Block(BlockKind.COMMAND, "kubectl --context CONTEXT get node NODE"),
        Block(BlockKind.COMMAND, "echo a \\\n  b"),
        Block(BlockKind.COMMAND, "no end"),
    )


def test_a_text_without_a_title_is_called_as_its_file() -> None:
    assert read("x", "words").title == "x"
    assert read("x", TEXT).title == "A title"


def test_what_is_known_stands_in_the_commands_quoted_and_only_there() -> None:
    told = filled(read("x", "the NODE\n```\nssh NODE-bmc; ssh ANODE NODE\n```"), {"NODE": "a; reboot", "CONTEXT": ""})
    assert told.blocks[0].text == "the NODE"
    assert told.commands == ("ssh 'a; reboot'-bmc; ssh ANODE 'a; reboot'",)


def test_hostile_text_is_harmless() -> None:
    assert "\x1b" not in "".join(block.text for block in read("x", "a\x1b[2J\n```\nb\x1b]52;c;x\x07\n```").blocks)


def test_the_operators_own_come_first_and_no_name_leads_out_of_the_directory(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "MyAlert.md").write_text("# Mine")
    (tmp_path / "secret.md").write_text("# Secret")
    files = RunbookFiles(own)
    assert (found := files(("MyAlert", "drift"))) is not None
    assert (found.title, found.source) == ("Mine", str(own / "MyAlert.md"))
    assert (shipped := files(("Unheard", "drift"))) is not None
    assert (shipped.title, shipped.source) == ("Drift", "shipped")
    assert files(("../secret", "")) is None
    assert "MyAlert" in files.names()
    assert RunbookFiles(tmp_path / "none")(("drift",)) is not None


@pytest.mark.parametrize("mode", Mode)
def test_every_failure_mode_has_a_runbook_of_the_same_shape(mode: Mode) -> None:
    found = RunbookFiles(Path("/nowhere"))((mode.runbook,))
    assert found is not None, f"no runbook {mode.runbook}.md"
    assert found.title.lower() == mode.value
    headings = [block.text for block in found.blocks if block.kind is BlockKind.HEADING]
    assert "Not now" in headings
    assert "It is over when" in headings
    assert len(found.commands) >= 6


def test_no_runbook_ships_that_nothing_leads_to() -> None:
    led_to = {mode.runbook for mode in Mode} | {error_type.runbook for error_type in ERROR_TYPES}
    assert {path.stem for path in SHIPPED.glob("*.md")} == led_to


@pytest.mark.parametrize("name", sorted(path.stem for path in SHIPPED.glob("*.md")))
def test_every_command_can_be_pasted(name: str) -> None:
    """Whole for a shell: nothing open at its end. bash reads them, and runs none."""
    found = RunbookFiles(Path("/nowhere"))((name,))
    assert found is not None
    for command in filled(found, {"CONTEXT": "it's prod", "NODE": "wk-1"}).commands:
        said = subprocess.run(["bash", "-n", "-c", command], capture_output=True, text=True, check=False)
        assert said.returncode == 0, f"{command}: {said.stderr}"
        assert shlex.split(command)
