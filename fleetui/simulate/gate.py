"""The way into a simulated cluster for a client in the same process: its troubles, met as the ports' own errors."""

from fleetui.model.fault import ClusterError, Fault, FaultKind, GoneError
from fleetui.model.text import clean_message
from fleetui.simulate import refusals
from fleetui.simulate.host import Host
from fleetui.simulate.kinds import BY_RESOURCE
from fleetui.simulate.request import Answer, Request, Status

USER = "simulated"
HANG_TIMEOUT_S = 3.0
"""How long a client waits for an answer: as long as the /readyz poll may take."""


class Gate:
    """One client's connection to one cluster. Every method raises ``ClusterError``."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def ask(self, request: Request, *, verb: str, resource: str) -> Answer:
        """The answer, whatever its code: refusals of a single request are the caller's to read."""
        await self.enter(verb, resource)
        return self._host.ask(request)

    async def enter(self, verb: str = "", resource: str = "") -> None:
        """Passes all troubles, or raises what they mean."""
        trouble = self._host.trouble
        if trouble.dead:
            raise ClusterError(_refused(self._host.name))
        if trouble.hang:
            await self._wait_in_vain()
        if trouble.slow_s:
            await self._host.sleep(trouble.slow_s)
        if trouble.unauthorized:
            raise ClusterError(_unauthorized())
        if trouble.throttled:
            raise ClusterError(_throttled(resource))
        if trouble.server_error:
            raise ClusterError(_server_error(resource, trouble.says))
        if verb and trouble.denies(verb, resource):
            raise ClusterError(forbidden(verb, resource))

    async def _wait_in_vain(self) -> None:
        """Until the client's own patience ends, or the cluster answers again."""
        deadline = self._host.now() + HANG_TIMEOUT_S
        while self._host.trouble.hang:
            if self._host.now() >= deadline:
                raise ClusterError(_timeout(self._host.name))
            await self._host.sleep(HANG_TIMEOUT_S / 10)


def raise_for(status: Status | None, what: str) -> None:
    """The error of an answer that no port method has a value for."""
    if status is None or status.success:
        return
    if status.code == 410:
        raise gone(status.message)
    word = f"{status.code} {status.reason or 'error'}"
    raise ClusterError(Fault(FaultKind.SERVER_ERROR, word, status.message, "look at the API server", what=what))


def gone(message: str) -> GoneError:
    return GoneError(Fault(FaultKind.GONE, "expired", message, ""))


def forbidden(verb: str, resource: str) -> Fault:
    plural = resource.partition("/")[0]
    group = BY_RESOURCE[plural].group if plural in BY_RESOURCE else ""
    said = refusals.forbidden(user=USER, verb=verb, resource=resource, group=group)
    remedy = f"ask for the right to {verb} {resource}"
    return Fault(FaultKind.FORBIDDEN, f"403 {plural}", said.message, remedy, what=plural)


def _refused(name: str) -> Fault:
    return Fault(FaultKind.REFUSED, "refused", f"{name}: connection refused", "is the API server running?")


def _timeout(name: str) -> Fault:
    detail = f"{name}: no answer within {HANG_TIMEOUT_S:g} s"
    return Fault(FaultKind.TIMEOUT, "timeout", detail, f"is {name} reachable from here? VPN, firewall")


def _unauthorized() -> Fault:
    return Fault(FaultKind.UNAUTHORIZED, "token expired", "the server refused our token: Unauthorized", "log in again")


def _throttled(what: str) -> Fault:
    return Fault(FaultKind.THROTTLED, "429 throttled", "too many requests", "wait; the server sheds load", what=what,
                 retry_after_s=1.0)  # fmt: skip


def _server_error(what: str, said: str) -> Fault:
    detail = clean_message(said or "an error on the server")
    return Fault(FaultKind.SERVER_ERROR, "500 InternalError", detail, "look at the API server", what=what)
