"""What keeps an alert quiet, out of what all Alertmanagers that have it say."""

from collections.abc import Iterable, Mapping

from fleetui.model.alerts.alert import Ack, Hush
from fleetui.model.alerts.delivery import Posts
from fleetui.model.alerts.evidence import PostedState
from fleetui.model.alerts.planned import is_planned, whose
from fleetui.model.alerts.silence import ACK, Silence


def quiet(posts: Posts, silences: Mapping[str, Silence]) -> "Quiet":
    for _, post in posts:
        if post.state is PostedState.SUPPRESSED or post.silenced_by or post.inhibited_by:
            return Quiet(posts, silences)
    return _LOUD


class Quiet:
    """Only what all Alertmanagers agree on keeps an alert quiet: one that would notify is enough to be loud."""

    def __init__(self, posts: Posts, silences: Mapping[str, Silence]) -> None:
        suppressed = bool(posts) and all(post.state is PostedState.SUPPRESSED for _, post in posts)
        self.silenced_by = union([post.silenced_by for _, post in posts])
        self.inhibited_by = union([post.inhibited_by for _, post in posts])
        self.muted_by = union([post.muted_by for _, post in posts])
        self.ack = _ack(self.silenced_by, silences)
        self.planned = next((whose(silences[id_]) for id_ in self.silenced_by if is_planned(silences.get(id_))), "")
        self.kind = self._kind() if suppressed else Hush.NONE

    def _kind(self) -> Hush:
        if self.silenced_by:
            return Hush.ACKED if self.ack is not None else Hush.PLANNED if self.planned else Hush.SILENCED
        if self.inhibited_by:
            return Hush.INHIBITED
        return Hush.MUTED


def _ack(ids: Iterable[str], silences: Mapping[str, Silence]) -> Ack | None:
    """The one that lasts longest."""
    known = [silences[id_] for id_ in ids if id_ in silences and silences[id_].is_ack]
    if not known:
        return None
    last = max(known, key=lambda silence: silence.ends_at)
    return Ack(last.id, last.created_by, last.ends_at, last.comment.removeprefix(ACK).strip())


def union(groups: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Sorted, each once. That of one group, or of equal ones, is the group itself."""
    first = groups[0] if groups else ()
    for group in groups:
        if group != first:
            return tuple(sorted({item for group in groups for item in group}))
    return first


_LOUD = Quiet([], {})
