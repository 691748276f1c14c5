"""The words after ``fleetui chart`` and ``fleetui screenshot``."""

from fleetui.cli.parser import Commands, Parser, seconds, size

SCREENS = (
    "fleet", "machines", "pods", "operations", "etcd", "replication", "controlplane", "slo",
    "executive", "oncall", "debug", "coverage", "alerts", "help",
)  # fmt: skip


def add_chart(commands: "Commands[Parser]") -> None:
    chart = commands.add_parser("chart", help="draw the history of one figure of a board")
    chart.add_argument(
        "figure", metavar="BOARD/PANEL", help="etcd/fsync, controlplane/errors, replication/postgres:lag, alerts/NAME"
    )
    chart.add_argument("--cluster", action="append", default=[], metavar="NAME", help="of these; of all without it")
    chart.add_argument("--since", type=seconds, default=3_600.0, metavar="DURATION", help="how far back (default 1h)")
    chart.add_argument("-o", "--output", choices=("text", "json", "svg"), default="text", help="default: text")
    chart.add_argument("--size", type=size, default=None, metavar="COLUMNSxROWS", help="of text; default: the terminal")


def add_screenshot(commands: "Commands[Parser]") -> None:
    shot = commands.add_parser("screenshot", help="draw one frame of a screen into an SVG file, without a terminal")
    shot.add_argument("screen", choices=SCREENS, help="which one")
    shot.add_argument("-o", "--output", required=True, metavar="FILE.svg")
    shot.add_argument("--size", type=size, default=(160, 50), metavar="COLUMNSxROWS")
