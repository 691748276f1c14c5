"""What the fleet is worth: availability, clusters Ready, burn, capacity, incidents, provisioning, cost."""

from fleetui.console.board_screen import BoardScreen
from fleetui.console.frame import bindings
from fleetui.model.table.columns_board import EXECUTIVE


class ExecutiveScreen(BoardScreen):
    PLACE = "executive"
    TABLE = EXECUTIVE
    BOARD = "executive"
    CRUMB = "executive"
    BINDINGS = bindings("executive")
