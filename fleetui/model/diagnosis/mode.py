"""The failure modes by their names. Each has a runbook of its name in ``fleetui/runbooks``."""

from enum import StrEnum


class Mode(StrEnum):
    """The most urgent first: what stops everybody, before what stops some, before what will stop somebody."""

    CONTROL_PLANE = "control-plane outage"
    PARTITION = "partition"
    CERTIFICATES = "certificate expiry"
    EXHAUSTION = "resource exhaustion"
    NODE = "node failure"
    STORAGE = "storage lag"
    SCHEDULING = "scheduler backlog"
    DRIFT = "drift"

    @property
    def runbook(self) -> str:
        """Its file's name without ``.md``."""
        return self.value.replace(" ", "-")
