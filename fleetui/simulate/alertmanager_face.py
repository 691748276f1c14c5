"""Simulated Alertmanagers on loopback, each on a port of its own: version 2 of the API as 0.25 speaks it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiohttp import web

from fleetui.model.alerts.label_set import label_set
from fleetui.model.alerts.matcher import Matcher, MatcherError, parse_matcher
from fleetui.model.alerts.silence import Draft, Silence
from fleetui.ports.clock import Clock
from fleetui.simulate.alertmanager_mesh import Held, RefusedError, Sent, SimulatedMesh
from fleetui.simulate.loopback import Loopback
from fleetui.simulate.wire_text import moment

Document = dict[str, Any]
VERSION = "0.25.0"
"""Whose answers the contract suite compares with."""
RESOLVES_AFTER_S = 300.0
"""resolve_timeout: how long an alert goes on that was posted without an end."""


class _Postable(msgspec.Struct, rename="camel"):
    """An entry of POST /alerts."""

    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    generator_url: str = msgspec.field(default="", name="generatorURL")


class _Matcher(msgspec.Struct, rename="camel"):
    name: str
    value: str
    is_regex: bool
    is_equal: bool = True


class _PostableSilence(msgspec.Struct, rename="camel"):
    """The body of POST /silences."""

    matchers: list[_Matcher]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    id: str = ""


class AlertmanagerFaces:
    """``start`` opens them all; ``stop_one`` takes one away while the others answer."""

    def __init__(self, mesh: SimulatedMesh, clock: Clock, *, before: Callable[[], None] = lambda: None) -> None:
        """``before`` is called before each answer: whoever sends alerts has sent them."""
        self._faces = {name: Loopback(_Member(name, mesh, clock, before).answer) for name in mesh.names}

    @property
    def urls(self) -> Mapping[str, str]:
        """By member, once started."""
        return {name: face.url for name, face in self._faces.items()}

    async def start(self) -> None:
        for face in self._faces.values():
            await face.start()

    async def stop(self) -> None:
        for face in self._faces.values():
            await face.stop()

    async def stop_one(self, name: str) -> None:
        await self._faces[name].stop()


class _Member:
    def __init__(self, name: str, mesh: SimulatedMesh, clock: Clock, before: Callable[[], None]) -> None:
        self._name = name
        self._mesh = mesh
        self._clock = clock
        self._before = before

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self._before()
        try:
            return _json(await self._answer(request))
        except RefusedError as refused:
            return _json(str(refused), status=refused.status)
        except (msgspec.DecodeError, msgspec.ValidationError, MatcherError) as error:
            return _json(f"bad request: {error}", status=400)

    async def _answer(self, request: web.Request) -> object:
        now = self._clock.now()
        match request.method, request.path.rstrip("/").split("/")[1:]:
            case "GET", ["api", "v2", "alerts"]:
                wanted = [parse_matcher(text) for text in request.query.getall("filter", [])]
                return [_alert(held) for held in self._mesh.alerts(now, wanted)]
            case "POST", ["api", "v2", "alerts"]:
                said = msgspec.json.decode(await request.read(), type=list[_Postable])
                self._mesh.receive([_sent(one, now) for one in said], now)
                return None
            case "GET", ["api", "v2", "silences"]:
                return [_silence(silence) for silence in self._mesh.silences(now)]
            case "POST", ["api", "v2", "silences"]:
                draft = _draft(msgspec.json.decode(await request.read(), type=_PostableSilence))
                return {"silenceID": self._mesh.post(draft, now)}
            case "DELETE", ["api", "v2", "silence", silence_id]:
                self._mesh.expire(silence_id, now)
                return None
            case "GET", ["api", "v2", "status"]:
                return self._status()
        raise RefusedError(404, "404 page not found")

    def _status(self) -> Document:
        peers = [{"name": name, "address": "127.0.0.1:9094"} for name in self._mesh.names]
        cluster = {"name": self._name, "status": "ready", "peers": peers}
        return {"cluster": cluster, "versionInfo": {"version": VERSION}, "uptime": moment(self._clock.now())}


def _json(said: object, *, status: int = 200) -> web.Response:
    body = b"" if said is None else msgspec.json.encode(said)
    return web.Response(status=status, body=body, content_type="application/json")


def _sent(said: _Postable, now: float) -> Sent:
    ends = said.ends_at.timestamp() if said.ends_at is not None else now + RESOLVES_AFTER_S
    starts = said.starts_at.timestamp() if said.starts_at is not None else min(now, ends)
    return Sent(label_set(said.labels), starts, ends, label_set(said.annotations), said.generator_url)


def _draft(said: _PostableSilence) -> Draft:
    return Draft(
        matchers=tuple(Matcher(one.name, one.value, one.is_regex, one.is_equal) for one in said.matchers),
        starts_at=_seconds(said.starts_at),
        ends_at=_seconds(said.ends_at),
        created_by=said.created_by,
        comment=said.comment,
        id=said.id,
    )


def _seconds(at: datetime) -> float:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _alert(held: Held) -> Document:
    quiet = held.silenced_by or held.inhibited_by
    return {
        "fingerprint": held.fingerprint,
        "labels": dict(held.sent.labels),
        "annotations": dict(held.sent.annotations),
        "startsAt": moment(held.sent.starts_at),
        "endsAt": moment(held.sent.ends_at),
        "updatedAt": moment(held.updated_at),
        "generatorURL": held.sent.generator_url,
        "receivers": [{"name": name} for name in held.receivers],
        "status": {
            "state": "suppressed" if quiet else "active",
            "silencedBy": list(held.silenced_by),
            "inhibitedBy": list(held.inhibited_by),
        },
    }


def _silence(silence: Silence) -> Document:
    return {
        "id": silence.id,
        "matchers": [
            {"name": one.name, "value": one.value, "isRegex": one.is_regex, "isEqual": one.is_equal}
            for one in silence.matchers
        ],
        "startsAt": moment(silence.starts_at),
        "endsAt": moment(silence.ends_at),
        "updatedAt": moment(silence.updated_at or silence.starts_at),
        "createdBy": silence.created_by,
        "comment": silence.comment,
        "status": {"state": silence.state.value},
    }
