"""Room in etcd's database: how full, how fragmented, when it is full at this rate."""

from collections.abc import Sequence

import msgspec

from fleetui.model.health import etcd_limits
from fleetui.model.health.etcd import Status

SPAN_NEEDED_S = 300.0
"""Readings have to span this long: the file grows in steps of megabytes, and one step in a few seconds would say
"full in an hour" of a cluster at rest."""
WINDOW_S = 3600.0
"""Older readings are left out: what the last hour did is what the forecast goes on."""
SECONDS_PER_HOUR = 3600.0


class Reading(msgspec.Struct, frozen=True):
    """The database at one moment."""

    at: float
    db_size: int


class Forecast(msgspec.Struct, frozen=True):
    """When the quota is reached, at the rate of the readings."""

    hours: float | None = None
    why: str = ""
    """Why there is no number: ``not growing``, ``quota unknown``, ``5m of readings needed``."""


def fullness(status: Status, quota: int | None = None) -> float | None:
    """Database file over quota, 0 to 1 and a little more; None when either is unknown. ``quota`` stands in where the
    status does not say it."""
    limit = status.quota or quota
    return status.db_size / limit if status.db_size is not None and limit else None


def fragmentation(status: Status) -> float | None:
    """The share of the file that holds no data, 0 to 1."""
    if not status.db_size or status.db_in_use is None:
        return None
    return max(0.0, 1 - status.db_in_use / status.db_size)


def worth_defragmenting(status: Status) -> bool | None:
    """None when it is unknown how much is in use."""
    share = fragmentation(status)
    if share is None or status.db_in_use is None:
        return None
    return share > etcd_limits.FRAGMENTED and status.db_in_use > etcd_limits.WORTHWHILE


def forecast(readings: Sequence[Reading], quota: int | None) -> Forecast:
    """Hours until the file reaches the quota. ``readings`` are oldest first; after a defragmentation the earlier ones
    no longer count."""
    if not quota:
        return Forecast(why="quota unknown")
    recent = _since_last_shrink([reading for reading in readings if readings[-1].at - reading.at <= WINDOW_S])
    if len(recent) < 2 or recent[-1].at - recent[0].at < SPAN_NEEDED_S:
        return Forecast(why=f"{SPAN_NEEDED_S / 60:.0f}m of readings needed")
    left = quota - recent[-1].db_size
    if left <= 0:
        return Forecast(hours=0.0)
    rate = _slope(recent)
    return Forecast(hours=left / rate / SECONDS_PER_HOUR) if rate > 0 else Forecast(why="not growing")


def _since_last_shrink(readings: list[Reading]) -> list[Reading]:
    start = 0
    for place in range(1, len(readings)):
        if readings[place].db_size < readings[place - 1].db_size:
            start = place
    return readings[start:]


def _slope(readings: Sequence[Reading]) -> float:
    """Bytes a second, by least squares: the same as PromQL's deriv."""
    count = len(readings)
    mean_at = sum(reading.at for reading in readings) / count
    mean_size = sum(reading.db_size for reading in readings) / count
    spread = sum((reading.at - mean_at) ** 2 for reading in readings)
    return sum((reading.at - mean_at) * (reading.db_size - mean_size) for reading in readings) / spread
