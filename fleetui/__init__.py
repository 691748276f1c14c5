"""fleetui: the console for operators of many Kubernetes clusters on real machines in real racks.

This package module holds the version and imports nothing, so that ``fleetui --version`` is instant.
"""

__version__ = "0.1.0"
