"""The console with everything it works with."""

from fleetui.clients.paths import data_file
from fleetui.clients.yaml_file import load
from fleetui.console.app import FleetApp
from fleetui.console.session import Session as ConsoleSession
from fleetui.console.theme import Themes
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.core import Core
from fleetui.wiring.session import Session


def open_console(session: Session) -> int:
    """Runs until the operator leaves; the exit status."""
    app = build_app(session, Clusters(session), Core(session))
    status = app.run(mouse=False)
    return status or app.return_code or 0


def build_app(session: Session, clusters: Clusters, core: Core) -> FleetApp:
    """The app, not yet running and connected to nothing."""
    console = ConsoleSession(
        fleet=clusters.fleet(),
        desk=core.desk,
        clock=core.clock,
        ids=core.ids,
        actor=core.actor,
        cluster_ref=clusters.ref,
        config=session.config,
        readonly=session.readonly,
        controller_status=core.complaint,
        title="demo" if session.demo else "",
    )
    return FleetApp(console, themes=themes(), theme=(session.theme,))


def themes() -> Themes:
    """Every theme that ships, by its file's name."""
    files = {path.stem: path for path in data_file("themes").glob("*.yaml")}
    return Themes({name: path.read_text for name, path in files.items()}, load_yaml=load)
