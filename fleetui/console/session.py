"""What every screen of one console shares: the live picture, the desk, the clock, who sits here, how it looks.

One mutable value with one owner (the app); screens read it and ask the app to change it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.style import Style

from fleetui.console.arming import Arming
from fleetui.console.commands import by_id
from fleetui.console.doors import ClusterRefs, ControllerStatus, LiveCharts, LiveDesk, LiveFleet, NoRunbooks, Runbooks
from fleetui.console.glyphs import UNICODE, Glyphs
from fleetui.console.keymap import key_of
from fleetui.model.cluster import Cluster
from fleetui.model.config import Config
from fleetui.model.operation import Actor
from fleetui.ports.clock import Clock, Ids


@dataclass(slots=True)
class Session:
    fleet: LiveFleet
    desk: LiveDesk
    clock: Clock
    ids: Ids
    actor: Actor
    cluster_ref: ClusterRefs
    config: Config = field(default_factory=Config)
    glyphs: Glyphs = UNICODE
    styles: dict[str, Style] = field(default_factory=dict)
    arming: Arming = field(default_factory=Arming)
    readonly: bool = False
    """True: ``:write`` is refused for the whole session."""
    clusters: dict[str, Cluster] = field(default_factory=dict)
    """By name, as the app last saw them: for trust lines, the palette, the kubectl line."""
    controller_status: ControllerStatus = lambda: ""
    runbooks: Runbooks = field(default_factory=NoRunbooks)
    charts: LiveCharts | None = None
    """None where no source of metrics is configured."""
    import_incidents: Callable[[], None] = lambda: None
    """Called beside the first connections, in a thread: incidents are watched from then on."""
    title: str = ""
    """Stands beside the brand: ``demo``."""
    painted: bool = False
    """True once the first frame is on the screen."""
    on_first_frame: Callable[[], None] = lambda: None
    """Called once, when the first frame is on the screen: what was put off for its sake may happen now."""
    import_boards: Callable[[], None] = lambda: None
    """May run in a thread: imports what the boards that a row has a word of need, so that looking at them does not."""
    boards_imported: bool = False
    """From then on the fleet has a word of them on every row."""
    write_terminal: Callable[[str], None] | None = None
    """Sends a control sequence to the terminal (clipboard, bell, desktop notice); None where there is no terminal."""

    async def bring_boards(self) -> None:
        """Imports them in a thread: keys are answered meanwhile."""
        await asyncio.to_thread(self.import_boards)
        self.boards_imported = True

    def key_of(self, command_id: str) -> str:
        """The operator's key for a command, as it is written on screen."""
        return key_of(by_id(command_id), self.config.keys)

    @property
    def armed(self) -> bool:
        return self.arming.armed(self.clock.now())
