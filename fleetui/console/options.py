"""The options of an operation as the dialog offers them: in words, each with one line that says what it is about.

``ignore_daemonsets`` is not among them: without it a drain is refused on every machine that runs a DaemonSet, which is
every machine; the command line has it for those who want to be told.
"""

import re

import msgspec

from fleetui.model.defaults import OWN_GRACE
from fleetui.model.duration import format_duration
from fleetui.model.operation import Intent, Option


class Offered(msgspec.Struct, frozen=True):
    """One option; the first of its values is what the operation does when nothing is said."""

    key: str
    """The option's name in the intent."""
    title: str
    values: tuple[tuple[str, Option], ...]
    """(what is shown, the value)."""
    about: str
    """What it decides, in at most ``ABOUT_CELLS`` cells: the dialog has one line for it at 80 columns."""

    @property
    def usual(self) -> Option:
        return self.values[0][1]

    def shown(self, value: Option) -> str:
        return next(text for text, known in self.values if known == value)


MUTING = "silence"
"""Only offered where the configuration names an Alertmanager: the intent then has it."""
ABOUT_CELLS = 43

MUTED = Offered(MUTING, "its alerts", (("muted", True), ("heard", False)), "those that the work itself causes there")
_OFFERED = {
    "etcd-defragment": (MUTED,),
    "etcd-move-leader": (MUTED,),
    "etcd-recover-space": (
        Offered(
            "snapshot",
            "snapshot first",
            (("taken", True), ("declined", False)),
            "into a new file here, its hash verified",
        ),
    ),
    "drain": (
        Offered(
            "max_parallel", "at once", (("1", 1), ("2", 2), ("3", 3), ("5", 5), ("10", 10)), "machines at the same time"
        ),
        Offered(
            "grace_s",
            "grace period",
            (("pod's own", OWN_GRACE), ("0s", 0), ("30s", 30), ("60s", 60), ("5m", 300)),
            "how long a pod may take to end",
        ),
        Offered(
            "timeout_s",
            "give up",
            (("never", 0), ("5m", 300), ("15m", 900), ("1h", 3600)),
            "after this long on one machine",
        ),
        Offered(
            "settle_s",
            "replacements",
            (("5m", 300), ("no wait", 0), ("1m", 60), ("15m", 900)),
            "wait for them to be Ready before going on",
        ),
        Offered(
            "delete_emptydir_data",
            "emptyDir data",
            (("keep", False), ("delete", True)),
            "keep: refuse pods that would lose theirs",
        ),
        Offered(
            "force", "naked pods", (("keep", False), ("delete", True)), "keep: refuse pods that nothing brings back"
        ),
        Offered(
            "skip_wait_unreachable_s",
            "silent kubelet",
            (("wait", 0), ("skip, 1m", 60), ("skip, 5m", 300)),
            "its pods cannot be seen to end",
        ),
        Offered(
            "uncordon_on_failure",
            "on failure",
            (("cordoned", False), ("give back", True)),
            "the machine stays so, or takes pods again",
        ),
        MUTED,
    ),
}


def offered(intent: Intent) -> tuple[Offered, ...]:
    """What can be chosen for this intent, the value it has now among the known ones."""
    said = dict(intent.options)
    known = (option for option in _OFFERED.get(intent.kind, ()) if option.key != MUTING or MUTING in said)
    return tuple(_with_current(option, intent) for option in known)


def unusual(intent: Intent) -> tuple[str, ...]:
    """``at once 2``: the options that are not what the operation does when nothing is said."""
    return tuple(
        f"{option.title} {option.shown(now)}"
        for option in offered(intent)
        if (now := intent.option(option.key, option.usual)) != option.usual
    )


def titled(text: str) -> str:
    """The option that a remedy means by its name on the command line, ``--option force=true``, in the dialog's own
    words: ``"naked pods: delete"``. What the dialog does not offer stays."""
    return _NAMED.sub(_titled, text)


def _titled(named: re.Match[str]) -> str:
    key, value = named.groups()
    for option in _BY_KEY.get(key, ()):
        for shown, known in option.values:
            if str(known).lower() == value:
                return f'"{option.title}: {shown}"'
    return named.group()


_NAMED = re.compile(r"--option (\w+)=(\w+)")
_BY_KEY = {option.key: (option,) for options in _OFFERED.values() for option in options}


def _with_current(option: Offered, intent: Intent) -> Offered:
    now = intent.option(option.key, option.usual)
    if any(value == now for _, value in option.values):
        return option
    shown = format_duration(int(now)) if option.key.endswith("_s") else str(now)
    return msgspec.structs.replace(option, values=(*option.values, (shown, now)))
