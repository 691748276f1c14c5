"""The options of an operation as the dialog offers them: in words, with the configured default first."""

import msgspec

from fleetui.model.duration import format_duration
from fleetui.model.operation import Intent, Option

OWN_GRACE = -1
"""The drain's own word for: each pod keeps the grace period that it asks for."""


class Offered(msgspec.Struct, frozen=True):
    key: str
    """The option's name in the intent."""
    title: str
    values: tuple[tuple[str, Option], ...]
    """(what is shown, the value)."""


_OFFERED = {
    "drain": (
        Offered("grace_s", "grace", (("pod's own", OWN_GRACE), ("0s", 0), ("30s", 30), ("60s", 60), ("5m", 300))),
        Offered("delete_emptydir_data", "emptyDir data", (("keep", False), ("delete", True))),
        Offered("force", "naked pods", (("keep", False), ("delete", True))),
        Offered("max_parallel", "at once", (("1", 1), ("2", 2), ("3", 3), ("5", 5), ("10", 10))),
        Offered("timeout_s", "give up", (("never", 0), ("5m", 300), ("15m", 900), ("1h", 3600))),
    ),
}


def offered(intent: Intent) -> tuple[Offered, ...]:
    """What can be chosen for this intent, the value it has now first among the known ones."""
    return tuple(_with_current(option, intent) for option in _OFFERED.get(intent.kind, ()))


def _with_current(option: Offered, intent: Intent) -> Offered:
    now = intent.option(option.key, option.values[0][1])
    if any(value == now for _, value in option.values):
        return option
    shown = format_duration(int(now)) if option.key.endswith("_s") else str(now)
    return msgspec.structs.replace(option, values=((shown, now), *option.values))
