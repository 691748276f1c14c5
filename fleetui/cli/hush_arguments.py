"""The words after ``fleetui silence`` and ``fleetui ack``."""

from fleetui.cli.parser import Commands, Parser, seconds


def add_hush(commands: "Commands[Parser]") -> None:
    """Both show first what would be muted, and are posted when that is confirmed."""
    silence = commands.add_parser("silence", help="mute alerts of a cluster: shows what it would mute, then asks")
    silence.add_argument("matcher", nargs="+", help="alertname=NAME cluster=NAME, =~ != !~ as Alertmanager has them")
    silence.add_argument("--whole-cluster", action="store_true", help="all alerts of a cluster are meant")
    ack = commands.add_parser("ack", help="say that you are at what fires: a short silence on exactly these alerts")
    ack.add_argument("filter", nargs="+", help="as in get alerts: name=NAME @CLUSTER call=page")
    ack.add_argument("--incident", default="", metavar="ID", help="named in the comment")
    ack.add_argument(
        "--hold",
        action="store_true",
        help="stay, and prolong it while it fires; a console of yours on :alerts does so too",
    )
    for command, lasts in ((silence, None), (ack, 900.0)):
        needed = {"required": True} if lasts is None else {"default": lasts}
        command.add_argument("--for", dest="lasts", type=seconds, metavar="DURATION", help="such as 2h", **needed)
        command.add_argument("--comment", required=True, help="why; the next on call reads it at night")
        command.add_argument("--author", default=None, metavar="NAME", help="default: your login")
        command.add_argument("--yes", action="store_true", help="post without asking")
