"""The limits of etcd's figures. Where rule sets differ the earlier warning is taken: a screen is not a pager."""

from fleetui.model.health.threshold import Threshold

MEBI = 2**20

_MIXIN = "etcd mixin"
_FAQ = "etcd FAQ"
_OWN = "own judgement"

FSYNC_P99 = Threshold("WAL fsync p99", "s", amber=0.010, red=0.100, source=f"{_FAQ}; red: {_OWN}")
COMMIT_P99 = Threshold("backend commit p99", "s", amber=0.025, red=0.250, source=f"{_FAQ}; red: {_MIXIN}")
RTT_P99 = Threshold("peer round trip p99", "s", amber=0.050, red=0.150, source=f"half a heartbeat; red: {_MIXIN}")
DB_OF_QUOTA = Threshold("database of its quota", "ratio", amber=0.80, red=0.95, source=f"etcd-diagnosis; red: {_MIXIN}")
HOURS_TO_FULL = Threshold("hours to full", "h", amber=24, red=4, source=f"{_OWN}; red: {_MIXIN}", falling=True)
LEADER_CHANGES = Threshold("leader changes in 15 min", "", amber=4, red=12, source=f"{_MIXIN}; red: {_OWN}")
"""Three are a healthy rolling restart of three members."""
APPLY_LAG = Threshold("entries not applied", "", amber=50, red=5_000, source=f"{_OWN}; red: etcd refuses writes")
"""etcd's maxGapBetweenApplyAndCommitIndex is 5,000: beyond it, it answers "too many requests"."""

FRAGMENTED = 0.5
"""Share of the file that a defragmentation would give back (etcd mixin), worth it only from WORTHWHILE on."""
WORTHWHILE = 100 * MEBI
"""Bytes in use under which nobody defragments (etcd mixin)."""
