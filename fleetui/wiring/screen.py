"""The console with everything it works with. Textual is imported after the terminal has been looked at: it reads its
settings then."""

import gc
import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from fleetui.clients.paths import data_file
from fleetui.console import hangup
from fleetui.console.terminal import Choice, choose
from fleetui.wiring.charts import LateCharts
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.core import Core
from fleetui.wiring.session import Session

if TYPE_CHECKING:
    from fleetui.console.app import FleetApp
    from fleetui.console.theme import Themes
    from fleetui.console.views import View
    from fleetui.observe.fleet import Fleet
    from fleetui.observe.incident_board import IncidentBoard


class NoTerminalError(OSError):
    """There is no terminal that a screen can be drawn on."""


class NoViewError(ValueError):
    """``-c`` names no view."""


def open_console(session: Session, at: str = "") -> int:
    """Runs until the operator leaves; the exit status. ``at``: the first view and its filter, as after ``:``. Raises
    NoTerminalError, NoViewError."""
    view = _view(at)
    choice = choose(os.environ)
    if not choice.usable or not os.isatty(0):
        raise NoTerminalError("the console needs a terminal; without one: fleetui get, plan, run, op")
    adapt(choice)
    hangup.watch()
    sys.setswitchinterval(TURN_S)
    app = build_app(session, choice, Clusters(session), Core(session), view=view)
    app.run(mouse=False)
    return app.return_code or 0


def _view(at: str) -> "View":
    from fleetui.console.command_line import view_of
    from fleetui.console.views import FLEET

    try:
        return view_of(at) if at.strip() else FLEET
    except ValueError as error:
        raise NoViewError(f"-c {error}") from error


def adapt(choice: Choice) -> None:
    """What Textual will find in the environment."""
    os.environ.update(choice.settings)
    for name in choice.unset:
        os.environ.pop(name, None)


def build_app(session: Session, choice: Choice, clusters: Clusters, core: Core, *, view: "View") -> "FleetApp":
    """The app, not yet running and connected to nothing."""
    from fleetui.clients.runbook_files import RunbookFiles
    from fleetui.console.app import FleetApp
    from fleetui.console.glyphs import ASCII, UNICODE
    from fleetui.console.session import Session as ConsoleSession

    config, fleet = session.config, clusters.fleet()
    fleet.add_board("incidents", partial(_incidents, session, fleet, core))
    ascii_only = choice.ascii if config.ascii is None else config.ascii
    charts = LateCharts(session, clock=core.clock, chance=clusters.chance) if config.metrics else None
    console = ConsoleSession(
        fleet=fleet,
        desk=core.desk,
        clock=core.clock,
        ids=core.ids,
        actor=core.actor,
        cluster_ref=clusters.ref,
        config=config,
        glyphs=ASCII if ascii_only else UNICODE,
        readonly=session.readonly,
        controller_status=core.complaint,
        runbooks=RunbookFiles(session.runbook_dir),
        charts=charts,
        title="demo" if session.demo else "",
        on_first_frame=partial(_after_first_frame, clusters),
        import_incidents=_import_incidents,
        import_boards=clusters.import_boards,
    )
    wanted = choice.theme if session.theme == "auto" else session.theme
    return FleetApp(console, themes=themes(), theme=(wanted, choice.theme), view=view)


def _import_incidents() -> None:
    """So that the loop does not pay for it."""
    import fleetui.observe.incident_board
    import fleetui.wiring.incident_journal  # noqa: F401 - both are only imported


def _incidents(session: Session, fleet: "Fleet", core: Core) -> "IncidentBoard":
    from fleetui.wiring.incident_journal import board  # the first frame needs none of it

    return board(session, fleet, core)


YOUNG_OBJECTS = 20_000
"""Containers made since the last collection before the next one. At Python's 700 each letter of a filter over 150,000
rows met one, which walks the lists of what is shown now: 8 ms, and every tenth time 16."""


TURN_S = 0.0005
"""How long a thread may go on while the loop waits. A key is several turns (it is read, handled, written), and each
waited Python's 5 ms while a thread read or merged 5,000 alerts: a p95 of 63 to 65 ms became one of 25 to 33."""


def _after_first_frame(clusters: Clusters) -> None:
    """The client is imported now, and what all imports made is never looked through again: the first full collection
    would hold the loop for 17 ms in the middle of the first list."""
    clusters.import_client()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    gc.enable()


def theme_names() -> list[str]:
    """The themes that ship."""
    return sorted(path.stem for path in data_file("themes").glob("*.yaml"))


def themes() -> "Themes":
    """Every theme that ships, by its file's name."""
    from fleetui.clients.yaml_file import load
    from fleetui.console.theme import Themes

    files = {path.stem: path for path in data_file("themes").glob("*.yaml")}
    return Themes({name: path.read_text for name, path in files.items()}, load_yaml=load)
