"""How each console is started, driven and read: the only place that knows their keys and words."""

import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.screen import Screen

Seen = Callable[[Screen], bool]
ROOT = Path(__file__).parents[1]
FLEETUI = [str(Path(sys.executable).with_name("fleetui"))]


@dataclass(frozen=True)
class Scale:
    """How much the cluster holds."""

    nodes: int = 5_000
    pods: int = 20_000

    def of(self, view: str) -> int:
        return self.nodes if view == "machines" else self.pods


@dataclass(frozen=True)
class Subject:
    """One console: its start, the words by which its screens are known, and `marker`, the glyph at the cursor's row.

    `argv`: from the kubeconfig and the view in which it starts.
    """

    name: str
    argv: Callable[[Path, str], list[str]]
    frame: str
    row: dict[str, str]
    count: Callable[[int], re.Pattern[str]]
    marker: re.Pattern[str]
    clear: str = "\x1b"

    def has_rows(self, view: str) -> Seen:
        return lambda screen: self.row[view] in screen.text

    def has_all(self, view: str, scale: Scale) -> Seen:
        wanted = self.count(scale.of(view))
        return lambda screen: wanted.search(screen.text) is not None and self.row[view] in screen.text

    def cursor_row(self, screen: Screen) -> int:
        """The row at which the cursor's marker stands; -1 where there is none."""
        return next((at for at, line in enumerate(screen.lines) if self.marker.search(line)), -1)


def fleetui(*, theme: str = "dark") -> Subject:
    """This work tree's console."""
    return Subject(
        name="fleetui",
        argv=lambda kubeconfig, view: [*FLEETUI, "--theme", theme, "--kubeconfig", str(kubeconfig), "-c", view],
        frame="fleetui",
        row={"fleet": "v1.36", "machines": "wk-0", "pods": "service-0"},
        count=lambda count: re.compile(rf"\b({count}|{count:,})\b"),
        marker=re.compile("^ ?▸ "),
    )


def sofka() -> Subject:
    """The nearest peer: `cargo install sofka --locked`."""
    words = {"machines": "nodes", "pods": "pods"}
    return Subject(
        name="sofka",
        argv=lambda kubeconfig, view: [sofka_path(), "--kubeconfig", str(kubeconfig), "-A", words[view]],
        frame="sofka",
        row={"machines": "wk-0", "pods": "service-0"},
        count=lambda count: re.compile(rf"\[{count}\]"),
        marker=re.compile("^│▌"),
    )


def sofka_path() -> str:
    """Its program, from PATH or cargo's folder. Raises FileNotFoundError with the remedy."""
    found = shutil.which("sofka") or shutil.which("sofka", path=str(Path.home() / ".cargo" / "bin"))
    if found is None:
        raise FileNotFoundError("no sofka: cargo install sofka --locked")
    return found


def environment(home: Path, terminal: dict[str, str]) -> dict[str, str]:
    """Nothing of the user's: an empty home, the terminal's variables, and this work tree to import from."""
    fixed = {"HOME": str(home), "LANG": "C.UTF-8", "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return fixed | {"XDG_RUNTIME_DIR": str(home)} | terminal
