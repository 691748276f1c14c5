"""The live picture: watches, polls, reconnects, freshness and a bounded history. One writer, deltas out.

It sees clusters through ``ports.reader`` only and draws nothing.
"""

import logging

# A library logs only where its program says so; without this the last-resort handler would write into the screen.
logging.getLogger("fleetui").addHandler(logging.NullHandler())
