"""A console with its real wiring beside real programs, and the plain program beside it: both read the same files.

What a drill asks of the screen it asks of the painted cells, not of the rows behind them.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rich.segment import Segment
from textual.pilot import Pilot

from fleetui.cli.arguments import parse
from fleetui.console.app import FleetApp
from fleetui.console.glyphs import UNICODE
from fleetui.console.grid import Grid
from fleetui.console.page import Page
from fleetui.console.paper import Paper
from fleetui.console.terminal import choose
from fleetui.console.views import View
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.core import Core
from fleetui.wiring.screen import build_app
from fleetui.wiring.session import open_session
from tests.bed.etcd_members import EtcdMembers

ENVIRONMENT = {**os.environ, "COLORTERM": "truecolor", "TERM": "xterm-256color", "LANG": "C.UTF-8"}
PATIENCE_S = 60.0
"""For what is not measured: a start, a recovery."""
NOBODY = "https://127.0.0.1:1"
"""An API server that refuses: etcd and metrics are asked all the same."""

Said = Callable[[], object]


def kubeconfig(names: Iterable[str], server: str = NOBODY) -> dict[str, Any]:
    """Contexts of these names, with nobody behind them."""
    contexts = [{"name": name, "context": {"cluster": "c", "user": ""}} for name in names]
    cluster = {"name": "c", "cluster": {"server": server}}
    return {"apiVersion": "v1", "kind": "Config", "clusters": [cluster], "contexts": contexts}


def etcd_config(etcd: EtcdMembers) -> dict[str, Any]:
    """``clusters.X.etcd`` for these members."""
    files = etcd.credentials
    endpoints = [etcd.members["m1"].client_url]
    return {"endpoints": endpoints, "ca": str(files.ca), "cert": str(files.cert), "key": str(files.key)}


def found_of(row: Mapping[str, Any], word: str) -> list[str]:
    """The hosts of that finding of a printed row. Beside it a busy machine may have worse ones of its own."""
    hosts: list[str] = next((found["hosts"] for found in row["findings"] if found["word"] == word), [])
    return hosts


@dataclass(frozen=True)
class Scene:
    """A user's files in ``home``."""

    home: Path

    @classmethod
    def of(cls, home: Path, config: Mapping[str, Any], kubeconfigs: Mapping[str, Any] | Path) -> "Scene":
        """``kubeconfigs``: the content of one, or a file that exists."""
        (home / "config.yaml").write_text(yaml.safe_dump(dict(config)))
        content = kubeconfigs.read_text() if isinstance(kubeconfigs, Path) else yaml.safe_dump(dict(kubeconfigs))
        (home / "kubeconfig").write_text(content)
        (home / "kubeconfig").chmod(0o600)
        return cls(home)

    @property
    def files(self) -> list[str]:
        return [
            f"--kubeconfig={self.home / 'kubeconfig'}",
            f"--config={self.home / 'config.yaml'}",
            f"--state-dir={self.home / 'state'}",
        ]

    @asynccontextmanager
    async def console(self, view: View, *, size: tuple[int, int] = (160, 50)) -> AsyncIterator["Screen"]:
        session = open_session(parse(self.files))
        app = build_app(session, choose(ENVIRONMENT), Clusters(session), Core(session), view=view)
        async with app.run_test(size=size) as pilot:
            yield Screen(app, pilot)

    async def plain(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """``fleetui ARGUMENTS`` as a user starts it."""
        command = [sys.executable, "-m", "fleetui", *self.files, *arguments]
        return await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )

    async def rows(self, what: str, *arguments: str) -> dict[str, dict[str, Any]]:
        """``fleetui get WHAT -o json``, by name."""
        answer = await self.plain("get", what, "-o", "json", *arguments)
        assert answer.stdout, answer.stderr
        return {row["name"]: row for row in json.loads(answer.stdout)}


class Screen:
    """What is painted."""

    def __init__(self, app: FleetApp, pilot: Pilot[int]) -> None:
        self.app = app
        self._pilot = pilot

    def line(self, name: str) -> str:
        """The table's line that begins with this name; empty where there is none."""
        return "".join(segment.text for segment in self._cells(name))

    def verdict(self, name: str) -> str:
        """The cell after the name; in whole from the inspector where it is cut off."""
        cells = re.split(r"\s{2,}", self.line(name).strip())
        cell = cells[1] if len(cells) > 1 else ""
        whole = re.search(r"verdict (.+?) (?:because|said by)", self.inspector(name))
        return whole[1] if cell.endswith(UNICODE.ellipsis) and whole else cell

    def inspector(self, name: str) -> str:
        """The words about the row of this name, wherever its lines break; empty where it tells of another."""
        text = self.app.frame.query_one("#inspector", Page).text
        return " ".join(text.split()) if text.startswith(name) else ""

    def styled(self, name: str, style: str) -> list[str]:
        """The words of that line that are painted as the theme paints ``style``: ``ok``, ``danger``."""
        colour = self.app.session.styles[style].color
        return [
            segment.text.strip()
            for segment in self._cells(name)
            if segment.text.strip() and segment.style is not None and segment.style.color == colour
        ]

    def head(self) -> str:
        """The two lines above: where, and how far it may be relied on."""
        return " ".join(self.app.frame.query_one(f"#{name}", Paper).text for name in ("where", "trust"))

    def page(self, name: str) -> str:
        """A screen that is text, such as the lens."""
        return " ".join(self.app.frame.query_one(f"#{name}", Page).text.split())

    def at(self, place: str) -> bool:
        return self.app.screen is self.app.frame and self.app.frame.built and place == self.app.frame.PLACE

    def go_to(self, row_id: str) -> bool:
        return bool(self.app.frame.query_one(Grid).go_to(row_id))

    async def press(self, *keys: str) -> None:
        await self._pilot.press(*keys)

    async def open(self, view: View) -> None:
        self.app.go.open(view)
        await self.until(lambda: self.at(view.screen), f"{view.screen} is open")

    async def until(self, holds: Said, what: str, *, within_s: float = PATIENCE_S) -> None:
        await self.delays({what: holds}, since=time.monotonic(), within_s=within_s)

    async def delays(self, wanted: Mapping[str, Said], *, since: float, within_s: float) -> dict[str, float]:
        """Seconds from ``since`` (monotonic) until each was first on the screen. Raises AssertionError with the screen
        where one is not within ``within_s`` from now."""
        deadline, found = time.monotonic() + within_s, dict[str, float]()
        while len(found) < len(wanted):
            for name, holds in wanted.items():
                if name not in found and holds():
                    found[name] = time.monotonic() - since
            missing = ", ".join(wanted.keys() - found.keys())
            assert time.monotonic() < deadline, f"not within {within_s:g} s: {missing}\n{self.text()}"
            await self._pilot.pause(0.03)
        return found

    def text(self) -> str:
        """Everything, for error messages."""
        width, height = self.app.size
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip()[:width] for strip in strips[:height])

    def _cells(self, name: str) -> list[Segment]:
        grids = self.app.frame.query(Grid) if self.app.screen is self.app.frame and self.app.frame.built else ()
        for grid in grids:
            for y in range(grid.size.height):
                strip = grid.render_line(y)
                if name in strip.text.split():
                    return list(strip)
        return []
