"""What the configuration says about an operation's options, the same for the dialog and for ``fleetui run``."""

from fleetui.model.alerts.maintenance import CAUSED
from fleetui.model.config import OperationsConfig
from fleetui.model.duration import parse_duration
from fleetui.model.operation import Option

OWN_GRACE = -1
"""The drain's own word for: each pod keeps the grace period that it asks for."""


def default_options(kind: str, config: OperationsConfig, *, mutes: bool = False) -> tuple[tuple[str, Option], ...]:
    """The configured options of a kind of operation, sorted by key; durations in whole seconds. ``mutes``: there is an
    Alertmanager that takes maintenance silences.

    Raises ValueError on a duration that cannot be read.
    """
    muting: tuple[tuple[str, Option], ...] = (("silence", True),) if mutes and kind in CAUSED else ()
    if kind != "drain":
        return muting
    grace = int(parse_duration(config.grace)) if config.grace else OWN_GRACE
    return (
        ("grace_s", grace),
        ("max_parallel", config.max_parallel),
        *muting,
        ("timeout_s", int(parse_duration(config.drain_timeout))),
    )
