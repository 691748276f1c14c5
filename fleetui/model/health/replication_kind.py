"""A kind of cluster that has replicas, or only a state, declared as data: one YAML file a kind, so that an operator
adds a kind without code. The queries are PromQL with holes:

``$by``     the labels that tell instances apart: the cluster's, those of ``group``, those of ``instance``
``$group``  the same without ``instance``: all who replicate from each other
``$w``      the window of a rate, four scrapes
"""

from enum import StrEnum

import msgspec


class Role(StrEnum):
    """What an instance is to the others of its group."""

    PRIMARY = "primary"
    REPLICA = "replica"
    LEARNER = "learner"
    CONSUMER = "consumer"
    """Of a log that others write: it lags like a replica."""
    ARBITER = "arbiter"
    """Votes and holds nothing."""
    MEMBER = "member"
    """One of equals, or of a kind that has a state and no lag."""

    @property
    def follows(self) -> bool:
        return self in (Role.REPLICA, Role.LEARNER, Role.CONSUMER)


class Level(StrEnum):
    """How bad a value of a figure is."""

    CALM = "calm"
    AMBER = "amber"
    RED = "red"


class RoleRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Either a query whose value says the role, or the role that all have."""

    query: str = ""
    values: dict[float, Role] = {}
    always: Role | None = None


class LinkRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How it is known whether a follower still receives. What it says of itself comes before what others say of it."""

    own: str = ""
    """By ``$by``: above 0 it receives, 0 it does not; no series says nothing."""
    before: str = ""
    """By ``$by``: it had a series of ``own`` lately. That it has none now means that the link is broken."""
    seen: str = ""
    """By ``$group`` and the labels of ``match``: one series for each follower that the primary sends to."""
    match: tuple[str, ...] = ()
    """Labels of ``seen`` that name the follower: its address, its name."""
    broken: str = "link broken"
    """The verdict in a word."""
    enable: str = ""
    """What makes the exporter tell, where nobody says anything of the link."""


class SecondsRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds behind, by ``$by``; with ``match`` by ``$group`` and those labels, as the primary sees it."""

    query: str
    match: tuple[str, ...] = ()
    held: str = ""
    """The least of the last ``$w``: counts while the backlog is small, so that one unlucky scrape is no alarm."""
    at_most: bool = False
    """It is the age of what was replayed last: the lag is no more than that, and may be less."""
    idle_grows: bool = False
    """It grows while the primary has nothing to write: only the backlog then tells whether anything is missing."""
    amber: float = 5.0
    red: float = 30.0


class BacklogRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is missing, by ``$by``; with ``match`` by ``$group`` and those labels, as the primary sees it."""

    query: str
    unit: str = "B"
    """``B``, or what is counted: ``messages``, ``entries``."""
    match: tuple[str, ...] = ()
    amber: float = 16 * 2**20
    red: float = 2**30


class FigureRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One more figure of an instance. With limits or levels it is part of the verdict."""

    id: str
    title: str
    query: str
    unit: str = ""
    """``s``, ``B``, ``ratio``, ``/s``, or a word."""
    label: str = ""
    """A label beside ``$by`` that names what the figure is of (a slot); the worst of them counts."""
    of: tuple[Role, ...] = ()
    """Whose figure it is; empty: everybody's."""
    amber: float | None = None
    red: float | None = None
    falling: bool = False
    """Smaller is worse."""
    words: dict[float, str] = {}
    """A value that is a state, in a word."""
    levels: dict[float, Level] = {}
    """How bad each state is; values that are not named are calm."""
    word: str = ""
    """The verdict in a word where this figure is the worst; else its title."""
    step: str = ""
    """The first safe step then."""

    @property
    def judged(self) -> bool:
        return self.amber is not None or self.red is not None or bool(self.levels)


class Steps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first safe step: read, compare, nothing that cannot be taken back."""

    broken: str = ""
    down: str = ""
    silent: str = "is its exporter running? look at the target's last error in Prometheus"
    lagging: str = ""
    leaderless: str = ""


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind. Without ``role`` it has a state and no lag: no seconds are ever made up for it."""

    name: str
    """On the command line and in filters: ``postgres``."""
    title: str
    exporter: str
    """Who exports its metrics, from which version on, as an operator would look for it."""
    marker: str
    """A metric that every instance has. A store without it is not asked about this kind; its samples say how old what
    is known of an instance is."""
    group: tuple[str, ...] = ("namespace",)
    instance: tuple[str, ...] = ("instance",)
    alive: str = ""
    """0: the exporter answers, and what it exports does not."""
    rows: str = ""
    """Of all that have the marker only those with a series of this, by ``$by``."""
    role: RoleRule | None = None
    link: LinkRule | None = None
    seconds: SecondsRule | None = None
    backlog: BacklogRule | None = None
    writes: str = ""
    """By ``$group``: how much the primary writes a second, in the unit of the backlog."""
    one_primary: bool = False
    """A group without a primary, or with two, is in trouble."""
    figures: tuple[FigureRule, ...] = ()
    steps: Steps = Steps()

    @property
    def replicates(self) -> bool:
        return self.role is not None
