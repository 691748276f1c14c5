"""What explains trouble: the busiest nodes, queues, lag, traces, bootstrap and reconcile times, provider errors."""

from fleetui.console.board_screen import BoardScreen
from fleetui.console.frame import bindings
from fleetui.model.table.columns_board import DEBUG


class DebugScreen(BoardScreen):
    PLACE = "debug"
    TABLE = DEBUG
    BOARD = "debug"
    CRUMB = "debug"
    BINDINGS = bindings("debug")
