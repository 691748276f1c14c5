"""What can be wrong between us and a cluster, in one word for the row and one sentence for the operator's hands."""

from enum import StrEnum

import msgspec


class FaultKind(StrEnum):
    """One word each; the row shows ``Fault.word``, never a stack trace."""

    CONFIG = "config"
    """The kubeconfig entry cannot be used as it stands."""
    CREDENTIALS = "credentials"
    """The exec plugin failed, timed out, or wants a person."""
    UNAUTHORIZED = "unauthorized"
    """401: the server does not accept who we are (expired token or certificate)."""
    FORBIDDEN = "forbidden"
    """403: known, but not allowed this kind. ``Fault.what`` names the kind."""
    TLS = "tls"
    """Certificate expired, unknown authority, wrong name."""
    UNKNOWN_HOST = "unknown host"
    REFUSED = "refused"
    """Connection refused: nothing listens there."""
    TIMEOUT = "timeout"
    """Connected or not, no answer in time."""
    AWAITED = "awaited"
    """It was asked, nothing has come, and it still has time: neither alive nor dead."""
    THROTTLED = "throttled"
    """429 to a read."""
    SERVER_ERROR = "server error"
    """5xx, or an answer that is not Kubernetes."""
    NETWORK = "network"
    """Any other way a connection breaks."""
    IMPOSTOR = "other cluster"
    """The server that answers is not the cluster it was: its kube-system UID has changed."""
    INTERNAL = "internal error"
    """A defect of ours, fenced so that it costs one cluster and not the session. The log has the traceback."""
    GONE = "gone"
    """410: the resourceVersion is too old; the reader must list again. Never shown."""

    @property
    def answered(self) -> bool:
        """A living server states it: not allowed, not now. It says nothing against the server's life."""
        return self in _ANSWERED

    @property
    def needs_a_person(self) -> bool:
        """It does not pass by itself. Asking every second would run credential plugins and open login windows in a
        storm."""
        return self in _NEEDS_A_PERSON


_ANSWERED = frozenset({FaultKind.FORBIDDEN, FaultKind.THROTTLED})
_NEEDS_A_PERSON = frozenset(
    {
        FaultKind.CONFIG,
        FaultKind.CREDENTIALS,
        FaultKind.UNAUTHORIZED,
        FaultKind.FORBIDDEN,
        FaultKind.TLS,
        FaultKind.IMPOSTOR,
    }
)


class Fault(msgspec.Struct, frozen=True):
    """One failure, cleaned for the screen: no secret, one line each."""

    kind: FaultKind
    word: str
    """At most four words for a table cell: ``token expired``, ``cert expired 2h ago``, ``403 pods``."""
    detail: str
    """What happened, with the server's or plugin's own text, at most 300 characters."""
    remedy: str
    """What the operator can do about it: ``run: aws sso login --profile prod``."""
    what: str = ""
    """The kind of object it concerns (``pods``), or empty for the whole cluster."""
    retry_after_s: float | None = None
    """Seconds, when the server sent Retry-After."""


class ClusterError(Exception):
    """Raised by every cluster port instead of a library's own exception."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.word}: {fault.detail}")
        self.fault = fault


class GoneError(ClusterError):
    """410 from a list or a watch: list again from the start."""
