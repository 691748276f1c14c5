"""Where an operation's maintenance is muted: the Alertmanagers of the configuration, and what labels mean there."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import msgspec

from fleetui.model.alerts.inventory import SilencesSaid
from fleetui.model.alerts.label_set import USUAL, Scheme
from fleetui.model.alerts.maintenance import Muted
from fleetui.model.operation import Actor, Intent, Target
from fleetui.ports.alerting import Alerting

log = logging.getLogger(__name__)

OPTION = "silence"
"""Of every operation that can be muted."""


class Mutes(msgspec.Struct, frozen=True):
    alerting: Alerting
    scheme: Scheme = USUAL

    def muted(self, intent: Intent, target: Target, *, op: str, actor: Actor) -> Muted:
        """What an operation mutes while it works on a machine."""
        return Muted(
            kind=intent.kind,
            op=op,
            by=str(actor),
            cluster=self.scheme.label_of(intent.cluster.name),
            machine=target.name,
            reason=intent.reason,
        )


OpenMutes = Callable[[], Awaitable[Mutes | None]]
"""As the configuration says now; None where it names no Alertmanager. Raises ClusterError when they cannot be used."""


async def no_mutes() -> Mutes | None:
    """For a controller that knows of no Alertmanager."""
    return None


async def silences(alerting: Alerting, *, within_s: float) -> tuple[SilencesSaid, ...]:
    """Of the Alertmanagers that answer within this time; none when one of them keeps all waiting."""
    try:
        async with asyncio.timeout(within_s):
            said = await asyncio.gather(*(member.silences() for member in alerting.members))
    except TimeoutError:
        return ()
    except Exception:  # a fence: whatever breaks in asking an Alertmanager must not fail the work
        log.exception("Alertmanagers could not be asked")
        return ()
    return tuple(one for one in said if one.fault is None)
