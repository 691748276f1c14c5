"""An Alertmanager that tests can lame: it keeps alerts and silences as the real one does, as far as the contract suite
holds both to the same behaviour, and fails on command."""

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from aiohttp import web

from tests.clients.scripted import Scripted, serving

Object = dict[str, Any]
Trouble = Callable[[web.BaseRequest], Awaitable[web.StreamResponse | None]]
_FILTER = re.compile(r'(\w+)(=~|!~|!=|=)"(.*)"')


def now_text(ahead: float = 0.0) -> str:
    at = datetime.fromtimestamp(datetime.now(UTC).timestamp() + ahead, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Mesh:
    """What Alertmanagers that gossip have in common."""

    alerts: dict[str, Object] = field(default_factory=dict)
    silences: dict[str, Object] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    def fire(self, labels: Mapping[str, str]) -> None:
        said = json.dumps(sorted(labels.items()))
        fingerprint = blake2b(said.encode(), digest_size=8).hexdigest()
        self.alerts[fingerprint] = {
            "fingerprint": fingerprint,
            "labels": dict(labels),
            "annotations": {},
            "startsAt": now_text(),
            "updatedAt": now_text(),
            "endsAt": now_text(3600),
            "generatorURL": "",
            "receivers": [{"name": "scripted"}],
        }


@dataclass
class ScriptedAlertmanager:
    """One member. ``trouble``, when it gives a response, goes first."""

    mesh: Mesh
    name: str
    trouble: Trouble | None = None
    after: Trouble | None = None
    """Like ``trouble``, but what was asked has been carried out."""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if self.trouble is not None and (response := await self.trouble(request)) is not None:
            return response
        done = await self._handle(request)
        if self.after is not None and (response := await self.after(request)) is not None:
            return response
        return done

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        match request.method, request.path.rstrip("/").split("/")[3:]:
            case "GET", ["alerts"]:
                return web.json_response(self._alerts(request.query.getall("filter", [])))
            case "GET", ["silences"]:
                return web.json_response([self._shown(silence) for silence in self.mesh.silences.values()])
            case "GET", ["status"]:
                peers = [{"name": name, "address": "127.0.0.1:1"} for name in self.mesh.names]
                cluster = {"name": self.name, "peers": peers, "status": "ready"}
                return web.json_response({"cluster": cluster, "versionInfo": {"version": "0.25.0"}})
            case "POST", ["silences"]:
                return self._post(await request.json())
            case "DELETE", ["silence", silence_id]:
                return self._expire(silence_id)
        return web.Response(status=404, text="page not found")

    def _alerts(self, filters: list[str]) -> list[Object]:
        found = [
            {**alert, "status": self._status(alert["labels"])}
            for alert in self.mesh.alerts.values()
            if all(_matches(_matcher(text), alert["labels"]) for text in filters)
        ]
        return sorted(found, key=lambda alert: str(alert["fingerprint"]))

    def _status(self, labels: Mapping[str, str]) -> Object:
        by = [
            silence["id"]
            for silence in self.mesh.silences.values()
            if self._shown(silence)["status"]["state"] == "active"
            and all(_matches(matcher, labels) for matcher in silence["matchers"])
        ]
        return {"state": "suppressed" if by else "active", "silencedBy": by, "inhibitedBy": []}

    def _shown(self, silence: Object) -> Object:
        now = now_text()
        state = "expired" if silence["endsAt"] <= now else "pending" if silence["startsAt"] > now else "active"
        return {**silence, "status": {"state": state}}

    def _post(self, said: Object) -> web.Response:
        if said["endsAt"] <= now_text():
            return web.json_response("failed to create silence: end time can't be in the past", status=400)
        if all(_matches(matcher, {}) for matcher in said["matchers"]):
            text = "failed to create silence: at least one matcher must not match the empty string"
            return web.json_response(text, status=400)
        known = self.mesh.silences.get(said.get("id", ""))
        if said.get("id") and known is None:
            return web.json_response("silence not found", status=404)
        kept = known is not None and known["matchers"] == said["matchers"] and known["endsAt"] > now_text()
        if known is not None and not kept:
            known["endsAt"] = now_text()
        silence_id = said["id"] if kept else str(uuid.uuid4())
        starts = known["startsAt"] if known is not None and kept else max(said["startsAt"], now_text())
        self.mesh.silences[silence_id] = {**said, "id": silence_id, "startsAt": starts, "updatedAt": now_text()}
        return web.json_response({"silenceID": silence_id})

    def _expire(self, silence_id: str) -> web.Response:
        known = self.mesh.silences.get(silence_id)
        if known is None:
            return web.json_response(f"silence {silence_id} not found", status=500)
        known["endsAt"] = min(known["endsAt"], now_text())
        return web.Response()


def _matcher(text: str) -> Object:
    found = _FILTER.fullmatch(text)
    assert found, text
    return {"name": found[1], "value": found[3], "isRegex": "~" in found[2], "isEqual": "!" not in found[2]}


def _matches(matcher: Object, labels: Mapping[str, str]) -> bool:
    value = labels.get(matcher["name"], "")
    same = re.fullmatch(matcher["value"], value) is not None if matcher["isRegex"] else matcher["value"] == value
    return bool(same is matcher["isEqual"])


@asynccontextmanager
async def alertmanager(mesh: Mesh | None = None) -> AsyncIterator[tuple[ScriptedAlertmanager, Scripted]]:
    """The member and its server."""
    mesh = mesh or Mesh()
    member = ScriptedAlertmanager(mesh, f"peer-{len(mesh.names)}")
    mesh.names.append(member.name)
    async with serving(member.handle) as server:
        yield member, server


async def refuse(request: web.BaseRequest) -> web.StreamResponse:
    """A connection that ends without an answer."""
    assert request.transport is not None
    request.transport.abort()
    await asyncio.sleep(0)
    return web.Response()
