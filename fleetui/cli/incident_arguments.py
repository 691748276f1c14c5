"""The words after ``fleetui incident``."""

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

FORMATS = ("bundle", "postmortem", "json")

_EPILOG = """examples:
  fleetui incident start "payments down" name=KubeNodeNotReady @prod-east-2    for the alerts that fire of these
  fleetui incident start "rack C dark" --cluster prod-east-1 --cluster dr-west
  fleetui incident note 4F7QXZ "moved the load to dr-west"                      the end of an id is enough
  fleetui incident tick 4F7QXZ verify
  fleetui incident close 4F7QXZ "rack C has power again"
  fleetui incident export 4F7QXZ --format bundle -o payments-down.tar.gz
An incident is a record of your own: it changes no cluster, and --readonly allows it.
"""


def add_incident(commands: Any, complete: Callable[[Any], None]) -> None:
    """``complete`` gets the parsers of its words when the command is used: no other pays for them."""
    incident = commands.add_parser(
        "incident",
        help="begin an incident from alerts, write notes, hand it over, write its post-mortem",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    incident.later = (partial(_add_words, complete=complete),)


def _add_words(incident: Any, complete: Callable[[Any], None]) -> None:
    words = incident.add_subparsers(dest="action", metavar="start|note|tick|show|list|close|export", required=True)
    _add_start(words)
    _add_writing(words)
    _add_reading(words)
    complete(words)


def _add_start(words: Any) -> None:
    start = words.add_parser("start", help="begin one, for alerts that fire or for clusters; prints its id")
    start.add_argument("title", help="what is wrong, in a few words")
    start.add_argument("filter", nargs="*", default=[], help="which alerts, as in get alerts: name=NAME @CLUSTER")
    start.add_argument(
        "--cluster", action="append", default=[], metavar="NAME", help="that it is about; again for each"
    )


def _add_writing(words: Any) -> None:
    note = words.add_parser("note", help="write something down")
    tick = words.add_parser("tick", help="check an item of the checklist off")
    close = words.add_parser("close", help="end the recording, with a summary")
    for command in (note, tick, close):
        command.add_argument("incident", metavar="ID", help="its beginning or its end is enough")
    note.add_argument("text", help="what you saw, did or decided")
    tick.add_argument("item", help="as show names it: lead, ack, verify, ...")
    tick.add_argument("--undo", action="store_true", help="it is not done after all")
    close.add_argument("summary", help="what it was, and what ended it")


def _add_reading(words: Any) -> None:
    show = words.add_parser("show", help="print its timeline, what changed before it, its checklist")
    listed = words.add_parser("list", help="all incidents of this machine, open ones first")
    export = words.add_parser("export", help="write it into a file, secrets taken out")
    for command in (show, export):
        command.add_argument("incident", metavar="ID", help="its beginning or its end is enough")
    show.add_argument("-o", "--output", choices=("text", "json"), default="text")
    listed.add_argument("-o", "--output", choices=("table", "wide", "json", "name"), default="table")
    export.add_argument("--format", choices=FORMATS, default="bundle", help="default: bundle")
    export.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="of a bundle: a new directory, or FILE.tar.gz"
    )
    export.add_argument("--no-addresses", action="store_true", help="take IP addresses out as well")
