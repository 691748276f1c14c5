"""Where an operation's maintenance is muted: the Alertmanagers of the configuration, and what labels mean there."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import msgspec

from fleetui.model.alerts.evidence import AlertmanagerSays
from fleetui.model.alerts.inventory import SilencesSaid
from fleetui.model.alerts.label_set import USUAL, Scheme
from fleetui.model.alerts.maintenance import Muted
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.operation import Actor, Intent, Target
from fleetui.ports.alerting import Alerting, Alertmanager

log = logging.getLogger(__name__)

OPTION = "silence"
"""Of every operation that can be muted."""
ANSWER_S = 2.0
"""For one answer of one Alertmanager. Who posts first asks all of them which gossip with each other: both must fit in
``Timing.mute_ask_s``, or one that is silent would keep the silence from all others."""


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


NO_ANSWER = Fault(FaultKind.TIMEOUT, "no answer", "no answer in time", "")


async def silences(alerting: Alerting, *, within_s: float) -> tuple[SilencesSaid, ...]:
    """Of every Alertmanager; with a fault of each that gives no answer within this time. None waits for another."""

    async def one(member: Alertmanager) -> SilencesSaid:
        fault = NO_ANSWER
        try:
            async with asyncio.timeout(within_s):
                return await member.silences()
        except TimeoutError:
            pass
        except Exception as error:  # a fence: whatever breaks in asking an Alertmanager must not fail the work
            log.exception("%s could not be asked", member.name)
            fault = Fault(FaultKind.INTERNAL, "no answer", f"{type(error).__name__}: {error}", "")
        return SilencesSaid(member.name, 0.0, fault=fault)

    return tuple(await asyncio.gather(*(one(member) for member in alerting.members)))


async def alerts(alerting: Alerting, *, within_s: float) -> tuple[AlertmanagerSays, ...]:
    """Of those that answer within this time. None waits for another."""

    async def one(member: Alertmanager) -> AlertmanagerSays | None:
        try:
            async with asyncio.timeout(within_s):
                said = await member.alerts()
        except TimeoutError:
            return None
        except Exception:  # a fence, as of every check: one that breaks is unknown, and must not take the plan with it
            log.exception("%s could not be asked", member.name)
            return None
        return said if said.fault is None else None

    said = await asyncio.gather(*(one(member) for member in alerting.members))
    return tuple(one for one in said if one is not None)
