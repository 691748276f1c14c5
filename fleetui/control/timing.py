"""Every interval of the controller core in one value, so that fault runs can shorten them together."""

import msgspec

from fleetui.model.alerts.maintenance import LASTS_S, MOST_S, RENEW_S
from fleetui.model.lock import LOCK_RENEW_S, LOCK_TTL_S
from fleetui.model.operation import APPROVAL_S


class Timing(msgspec.Struct, frozen=True):
    """Seconds."""

    scan_s: float = 0.25
    """Between two looks into the store for new operations and requests."""
    claim_ttl_s: float = 15.0
    """As client-go's leases; renewed at a third of it."""
    approval_s: float = APPROVAL_S
    """A proposal older than this ends as never approved, whether or not a console still shows it."""
    start_s: float = 600.0
    """An approved operation that cannot look at its cluster once more for so long ends without having begun: what was
    confirmed is too old by then."""
    check_s: float = 15.0
    """One preflight check; slower is unknown."""
    lock_ttl_s: float = LOCK_TTL_S
    lock_renew_s: float = LOCK_RENEW_S

    @property
    def lock_sure_s(self) -> float:
        """A lock confirmed less than so long ago is surely ours: its TTL less the time that a request may take."""
        return max(self.lock_ttl_s - self.lock_renew_s, self.lock_renew_s)

    mute_s: float = LASTS_S
    """A maintenance silence that nobody prolongs ends by itself after this."""
    mute_renew_s: float = RENEW_S
    mute_most_s: float = MOST_S
    mute_ask_s: float = 5.0
    """For all Alertmanagers to answer: no operation waits longer for them, nor fails by them."""
    poll_s: float = 1.0
    """Between two reads of what a step waits for."""
    lend_s: float = 30.0
    """A machine whose pods are all held for so long lends its place. Longer than a replacement usually takes to become
    Ready, so that a budget that opens pod by pod does not start a machine more."""
    evict_retry_s: float = 5.0
    """First pause after a refused eviction, as kubectl drain; grows to ``evict_retry_max_s``."""
    evict_retry_max_s: float = 30.0
    outage_retry_s: float = 1.0
    """First pause after a request without an answer; doubles to ``outage_retry_max_s``."""
    outage_retry_max_s: float = 30.0
