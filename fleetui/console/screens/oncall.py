"""What whoever is on call looks at first: pods, errors, nodes, restarts, machines, upgrades, rate limits."""

from fleetui.console.board_screen import BoardScreen
from fleetui.console.frame import bindings
from fleetui.model.table.columns_board import ONCALL


class OnCallScreen(BoardScreen):
    PLACE = "oncall"
    TABLE = ONCALL
    BOARD = "oncall"
    CRUMB = "on call"
    BINDINGS = bindings("oncall")
