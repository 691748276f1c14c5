"""Intent, plan, checks and the states of an operation: the words that console, controller and store share."""

import hashlib
from enum import StrEnum

import msgspec

from fleetui.model.cluster import ClusterRef

SCHEMA_VERSION = 1
"""Of everything that is written down about an operation. A controller refuses what a newer one has submitted."""

APPROVAL_S = 900.0
"""A proposal that nobody approves in this time ends as never approved: its plan describes a cluster of the past."""

Option = str | int | bool


class Actor(msgspec.Struct, frozen=True):
    """Who, and from where."""

    user: str
    host: str
    origin: str = ""
    """Where the session came from: the SSH client's address, or ``local``."""

    def __str__(self) -> str:
        return f"{self.user}@{self.host}"


class Target(msgspec.Struct, frozen=True):
    """One machine, frozen by uid: another node of the same name is another target. Or the etcd of the cluster."""

    name: str
    uid: str


ETCD_TARGET = "etcd"
"""Name of the one target of an operation on a cluster's etcd; its uid is the id of the etcd cluster."""
ETCD_KINDS = "etcd-"
"""How the names of all operations on etcd begin."""


class Intent(msgspec.Struct, frozen=True):
    """What the operator wants, before anything was looked at. One operation, one cluster."""

    kind: str
    """A registered operation: ``cordon``, ``uncordon``, ``drain``, ``etcd-defragment``."""
    cluster: ClusterRef
    targets: tuple[Target, ...]
    options: tuple[tuple[str, Option], ...] = ()
    """Sorted by key; the operation's module names and validates them."""
    reason: str = ""

    def option(self, key: str, default: Option) -> Option:
        return dict(self.options).get(key, default)


class Severity(StrEnum):
    """What a check that is not ok means. Unknown is not ok: it counts as failed for BLOCK and FORCE."""

    BLOCK = "block"
    FORCE = "force"
    """Stops the operation unless the operator's typed word accepts it."""
    WARN = "warn"
    INFO = "info"


class Outcome(StrEnum):
    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Check(msgspec.Struct, frozen=True):
    """One preflight, with what it saw and how."""

    id: str
    title: str
    severity: Severity
    outcome: Outcome
    evidence: str
    """What was seen, in one line: names, numbers, units."""
    source: str
    """The request or command it came from: ``GET /apis/policy/v1/namespaces/payments/poddisruptionbudgets``."""
    at: float
    target: str = ""
    """The machine it is about; empty for the whole operation."""
    remedy: str = ""

    @property
    def blocks(self) -> bool:
        """Nothing overrides it: the plan cannot be approved as it stands."""
        return self.outcome is not Outcome.OK and self.severity is Severity.BLOCK

    @property
    def word(self) -> str:
        """What it came to, for people: unknown is unknown, whatever its severity."""
        return _WORDS[self.severity] if self.outcome is Outcome.FAIL else str(self.outcome)

    @property
    def needs_word(self) -> bool:
        """It stops the operation unless the word that ``Blast.confirm_word`` asks for is typed."""
        return self.outcome is not Outcome.OK and self.severity is Severity.FORCE


_WORDS = {Severity.BLOCK: "blocked", Severity.FORCE: "at risk", Severity.WARN: "warn", Severity.INFO: "note"}


class PlannedPod(msgspec.Struct, frozen=True):
    """One pod of the plan: a pod that is not listed is never touched."""

    uid: str
    namespace: str
    name: str
    action: str
    """``evict``, ``skip``, ``wait`` (already going)."""
    why: str
    owner: str = ""
    blocked: str = ""
    """What would refuse its eviction now: ``pdb payments/api allows 0 (3 of 3 needed)``; empty when nothing."""


class PlannedStep(msgspec.Struct, frozen=True):
    """One convergent step: a state to reach, not an action to repeat."""

    id: str
    """``evict/wk-b-01``: unique in the operation."""
    kind: str
    """As the operation declares it: ``cordon``, ``evict``, ``settle``, ``release``."""
    target: Target
    title: str
    """``no evictable pod of wk-b-01``."""
    why: str
    breaks: str
    """What it can break."""
    estimate_s: float
    pods: tuple[PlannedPod, ...] = ()


class Headroom(msgspec.Struct, frozen=True):
    """What the machines that remain can carry, and what must fit on them. None is unknown."""

    cpu_left: float | None = None
    """Cores that are allocatable on the remaining schedulable Ready nodes."""
    cpu_needed: float | None = None
    """Cores that the pods there and the moved ones ask for."""
    memory_left: float | None = None
    """Bytes."""
    memory_needed: float | None = None


class Blast(msgspec.Struct, frozen=True):
    """The blast radius from what was known when the plan was made. None is unknown."""

    pods_moved: int | None
    """None when the pods of a target could not be read."""
    budgets_at_limit: tuple[str, ...] = ()
    capacity_left_pct: float | None = None
    """Allocatable of the remaining schedulable Ready nodes as % of today's, the scarcer of CPU and memory."""
    capacity_needed_pct: float | None = None
    """Requests that must fit, on the same scale."""
    control_plane: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    """What each failure domain keeps: ``rack B keeps 9 of 14 machines``."""
    confirm_word: str = ""
    """What must be typed; empty when a plain yes is enough."""
    confirm_why: str = ""
    headroom: Headroom = Headroom()
    """The capacity left and needed, in cores and bytes."""
    already_out: tuple[str, ...] = ()
    """Targets that were cordoned or not Ready before: nothing that is left is less without them."""


class Plan(msgspec.Struct, frozen=True):
    intent: Intent
    steps: tuple[PlannedStep, ...]
    checks: tuple[Check, ...]
    blast: Blast
    made_at: float

    @property
    def digest(self) -> str:
        """SHA-256 over what will be done (intent and steps). What was confirmed is what runs.

        The same before and after a journal: an int in a field of floats is a float once it has been read back.
        """
        written = msgspec.json.encode((self.intent, self.steps))
        read_back = msgspec.json.decode(written, type=tuple[Intent, tuple[PlannedStep, ...]])
        return hashlib.sha256(msgspec.json.encode(read_back)).hexdigest()

    @property
    def blocked(self) -> bool:
        return any(check.blocks for check in self.checks)


class OpState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    ABORTED = "aborted"
    ROLLED_BACK = "rolled back"

    @property
    def ended(self) -> bool:
        return self in (OpState.DONE, OpState.FAILED, OpState.ABORTED, OpState.ROLLED_BACK)
