"""One thing that is not as it should be in an etcd cluster: what it is about, and who is to be looked at."""

from enum import StrEnum

import msgspec

from fleetui.model.cluster import Health


class About(StrEnum):
    """What a finding is about, in the order in which findings of one level are told."""

    NOTHING_KNOWN = "nothing known"
    CORRUPT = "corrupt"
    QUORUM_LOST = "quorum lost"
    NO_QUORUM_SEEN = "no quorum seen"
    NO_LEADER = "no leader"
    OTHER_CLUSTER = "other cluster"
    NO_SPACE = "no space"
    ALARM = "alarm"
    NO_MARGIN = "no margin"
    MEMBER_DOWN = "member down"
    MEMBER_SILENT = "member silent"
    CUT_OFF = "cut off"
    DISAGREEMENT = "disagreement"
    MEMBER_LISTS = "member lists"
    FLAPPING = "flapping"
    SLOW_DISK = "slow disk"
    SLOW_NETWORK = "slow network"
    BEHIND = "behind"
    FILLING = "filling"
    FRAGMENTED = "fragmented"
    VERSIONS = "versions"
    JOINING = "joining"
    DOWNGRADE = "downgrade"
    STALE = "stale"


class Finding(msgspec.Struct, frozen=True):
    """One thing that is not as it should be."""

    level: Health
    about: About
    word: str
    """At most four words, for a cell."""
    detail: str
    """One sentence with the figures."""
    hosts: tuple[str, ...] = ()
    """The machines to look at."""
    remedy: str = ""
