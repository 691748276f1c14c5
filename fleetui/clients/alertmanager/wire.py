"""The API as bytes: what stands in its JSON, and the values that it becomes. Foreign text is made harmless here, once.

Labels are cleaned exactly as those of Prometheus are, or the two would not be found to be the same. What is sent back
when a silence is changed (its matchers) stays as it is, and is cleaned where it is shown.
"""

from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

import msgspec

from fleetui.clients.monitoring.pieces import Pieces
from fleetui.model.alerts.evidence import Posted, PostedState
from fleetui.model.alerts.label_set import TEXT_LIMIT, Labels, cleaned, cleaned_annotations
from fleetui.model.alerts.matcher import Matcher
from fleetui.model.alerts.silence import Draft, Silence, SilenceState
from fleetui.model.text import clean, clean_message

_QUERY_LIMIT = 4_000
"""Characters of an expression: as ``clients.prometheus.wire``."""


class Receiver(msgspec.Struct):
    name: str = ""


class AlertStatus(msgspec.Struct, rename="camel"):
    state: PostedState
    silenced_by: list[str] = []
    inhibited_by: list[str] = []
    muted_by: list[str] = []


class AlertEntry(msgspec.Struct, rename="camel"):
    """An entry of GET /alerts."""

    fingerprint: str
    labels: msgspec.Raw
    status: msgspec.Raw
    starts_at: datetime
    updated_at: datetime
    ends_at: datetime
    annotations: msgspec.Raw = msgspec.Raw(b"{}")
    receivers: msgspec.Raw = msgspec.Raw(b"[]")
    generator_url: str = msgspec.field(default="", name="generatorURL")


class MatcherEntry(msgspec.Struct, rename="camel"):
    name: str
    value: str
    is_regex: bool
    is_equal: bool = True
    """Left out before 0.22, which knew no other."""


class SilenceStatus(msgspec.Struct):
    state: SilenceState


class SilenceEntry(msgspec.Struct, rename="camel"):
    """An entry of GET /silences."""

    id: str
    status: SilenceStatus
    updated_at: datetime
    starts_at: datetime
    ends_at: datetime
    matchers: list[MatcherEntry]
    created_by: str = ""
    comment: str = ""


class PostableSilence(msgspec.Struct, rename="camel", omit_defaults=True):
    """The body of POST /silences."""

    matchers: list[MatcherEntry]
    starts_at: str
    ends_at: str
    created_by: str
    comment: str
    id: str = ""


class PostedSilence(msgspec.Struct):
    """What answers it."""

    silence_id: str = msgspec.field(name="silenceID")


class Peer(msgspec.Struct):
    name: str = ""


class ClusterStatus(msgspec.Struct):
    status: str
    """``ready``, ``settling``, ``disabled``."""
    name: str = ""
    peers: list[Peer] = []


class Version(msgspec.Struct):
    version: str = ""


class StatusEntry(msgspec.Struct, rename="camel"):
    """GET /status."""

    cluster: ClusterStatus
    version_info: Version = msgspec.field(default_factory=Version)


items = msgspec.json.Decoder(list[msgspec.Raw])
_alert = msgspec.json.Decoder(AlertEntry)
_alert_status = msgspec.json.Decoder(AlertStatus)
_receiver_list = msgspec.json.Decoder(list[Receiver])
_texts = msgspec.json.Decoder(dict[str, str])
_silences = msgspec.json.Decoder(list[SilenceEntry])
_status = msgspec.json.Decoder(StatusEntry)
_posted = msgspec.json.Decoder(PostedSilence)


class Alerts:
    """Reads alerts one by one, and what they have in common once."""

    def __init__(self) -> None:
        self._labels = Pieces(_labels)
        self._annotations = Pieces(_annotations)
        self._receivers = Pieces(_receivers)
        self._statuses = Pieces(_status_of)

    def read(self, body: bytes | msgspec.Raw) -> Posted:
        """Raises msgspec.DecodeError or UnicodeDecodeError."""
        said = _alert.decode(body)
        status = self._statuses.of(said.status)
        return Posted(
            fingerprint=clean(said.fingerprint),
            labels=self._labels.of(said.labels),
            state=status.state,
            starts_at=_seconds(said.starts_at),
            updated_at=_seconds(said.updated_at),
            ends_at=_seconds(said.ends_at),
            annotations=self._annotations.of(said.annotations),
            silenced_by=status.silenced_by,
            inhibited_by=status.inhibited_by,
            muted_by=status.muted_by,
            receivers=self._receivers.of(said.receivers),
            query=_query(said.generator_url),
        )

    def tidy(self, said: int) -> None:
        """A list of so many has been read."""
        for pieces in (self._labels, self._annotations, self._receivers, self._statuses):
            pieces.tidy(said)


class _Status(msgspec.Struct, frozen=True):
    state: PostedState
    silenced_by: tuple[str, ...]
    inhibited_by: tuple[str, ...]
    muted_by: tuple[str, ...]


def _status_of(piece: bytes) -> _Status:
    said = _alert_status.decode(piece)
    return _Status(said.state, _names(said.silenced_by), _names(said.inhibited_by), _names(said.muted_by))


def _labels(piece: bytes) -> Labels:
    return cleaned(_texts.decode(piece))


def _annotations(piece: bytes) -> Labels:
    return cleaned_annotations(_texts.decode(piece))


def _receivers(piece: bytes) -> tuple[str, ...]:
    return _names([receiver.name for receiver in _receiver_list.decode(piece)])


def silences(body: bytes) -> tuple[Silence, ...]:
    """Raises msgspec.DecodeError or UnicodeDecodeError."""
    return tuple(_silence(said) for said in _silences.decode(body))


def _silence(said: SilenceEntry) -> Silence:
    return Silence(
        id=clean(said.id),
        matchers=tuple(
            Matcher(matcher.name, matcher.value, is_regex=matcher.is_regex, is_equal=matcher.is_equal)
            for matcher in said.matchers
        ),
        starts_at=_seconds(said.starts_at),
        ends_at=_seconds(said.ends_at),
        created_by=clean(said.created_by),
        comment=clean_message(said.comment, limit=TEXT_LIMIT),
        state=said.status.state,
        updated_at=_seconds(said.updated_at),
    )


def status(body: bytes) -> tuple[str, str, frozenset[str], bool]:
    """(version, own name, names of peers, settled). Raises msgspec.DecodeError or UnicodeDecodeError."""
    said = _status.decode(body)
    peers = frozenset(clean(peer.name) for peer in said.cluster.peers)
    ready = said.cluster.status != "settling"
    return clean(said.version_info.version, limit=40), clean(said.cluster.name), peers, ready


def silence_id(body: bytes) -> str:
    """Of the answer to a post. Raises msgspec.DecodeError or UnicodeDecodeError."""
    return clean(_posted.decode(body).silence_id)


def postable(draft: Draft) -> bytes:
    return msgspec.json.encode(
        PostableSilence(
            matchers=[
                MatcherEntry(matcher.name, matcher.value, matcher.is_regex, matcher.is_equal)
                for matcher in draft.matchers
            ],
            starts_at=_time(draft.starts_at),
            ends_at=_time(draft.ends_at),
            created_by=draft.created_by,
            comment=draft.comment,
            id=draft.id,
        )
    )


def _time(at: float) -> str:
    """RFC 3339 to the millisecond, as Alertmanager writes it: what it gave comes back the same."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _seconds(at: datetime) -> float:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _names(said: list[str]) -> tuple[str, ...]:
    return tuple(sorted([clean(name) for name in said])) if said else ()


@lru_cache(maxsize=2_048)
def _query(url: str) -> str:
    """The expression in the address of Prometheus' graph page; the same for all alerts of a rule."""
    try:
        said = parse_qs(urlsplit(url).query).get("g0.expr", [""])[0]
    except ValueError:
        return ""
    return clean_message(said, limit=_QUERY_LIMIT)
