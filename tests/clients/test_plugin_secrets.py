"""What a credential plugin is given is secret on every way out: arguments, environment, user information of URLs."""

import asyncio
import getpass
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import yaml
from aiohttp import web
from rich.pretty import pretty_repr

from fleetui.clients.kube.connect import Connector
from fleetui.clients.kube.connection import ExecSpec, User
from fleetui.clients.system import SystemChance, SystemClock, UlidIds
from fleetui.control.desk import Desk
from fleetui.control.sqlite_store import SqliteStore
from fleetui.model.cluster import ClusterRef
from fleetui.model.freshness import Trust
from fleetui.model.operation import Actor, Intent, Target
from fleetui.observe.fleet import Fleet
from tests.clients.scripted import credential, serving

SECRETS = (
    "hushed-arg-1",
    "hushed-arg-2",
    "hushed-arg-3",
    "hushed-pos-4",
    "hushed/u@l-5",
    "hushed-env-6",
    "hushed-env-7",
)
ARGS = [
    "get-token",
    f"--oidc-client-secret={SECRETS[0]}",
    "--password",
    SECRETS[1],
    "-p",
    SECRETS[2],
    f"--issuer=https://ana:{SECRETS[4]}@sso.example/realm",
]
ENV = [
    {"name": "CLIENT_SECRET", "value": SECRETS[5]},
    {"name": "HTTPS_PROXY", "value": f"http://ana:{SECRETS[6]}@proxy:3128"},
]
TELLS_ALL = 'echo "bad: $* env $CLIENT_SECRET via $HTTPS_PROXY, ${HTTPS_PROXY#http://}" >&2; exit 1'
PLUGINS = {
    "fails": (TELLS_ALL, ARGS, "IfAvailable"),
    "mute": ("exit 1", [*ARGS, SECRETS[3]], "IfAvailable"),
    "terminal": ("exit 0", [*ARGS, SECRETS[3]], "Always"),
    "refused": (credential("tok"), [*ARGS, SECRETS[3]], "IfAvailable"),
}
WORDS = {"fails": "exec failed", "mute": "exec failed", "terminal": "needs a person", "refused": "401 unauthorized"}


def kubeconfig(tmp_path: Path, url: str) -> Path:
    """A context for each plugin."""
    content: dict[str, list[object]] = {"clusters": [], "users": [], "contexts": []}
    for name, (script, args, mode) in PLUGINS.items():
        program = tmp_path / f"{name}-plugin"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        spec = {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": str(program),
            "args": args,
            "env": ENV,
            "interactiveMode": mode,
        }
        content["clusters"].append({"name": name, "cluster": {"server": url}})
        content["users"].append({"name": name, "user": {"exec": spec}})
        content["contexts"].append({"name": name, "context": {"cluster": name, "user": name}})
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(content))
    return path


async def refuses(_: web.BaseRequest) -> web.Response:
    body = {"kind": "Status", "message": "Unauthorized", "reason": "Unauthorized", "code": 401}
    return web.json_response(body, status=401)


def leaked(said: bytes | str) -> list[str]:
    text = said.encode() if isinstance(said, str) else said
    parts = [part for secret in SECRETS for part in (secret, secret.rpartition("@")[2])]
    return [part for part in parts if part.encode() in text]


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


class Outside:
    """Runs the program itself, with a home of its own, and reads whatever it leaves there."""

    def __init__(self, tmp_path: Path, config: Path) -> None:
        self.home = tmp_path / "of-the-program"
        self.state = self.home / "state"
        self.state.mkdir(parents=True, mode=0o700)
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "FLEETUI_"))}
        self.env = {**kept, "HOME": str(self.home), "KUBECONFIG": str(config)}

    def argv(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "fleetui", "--state-dir", str(self.state), *arguments]

    async def says(self, *arguments: str) -> str:
        """Of both streams."""
        process = await asyncio.create_subprocess_exec(
            *self.argv(*arguments), env=self.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return (await process.communicate())[0].decode()

    def files(self) -> Iterator[tuple[Path, bytes]]:
        for path in self.home.rglob("*"):
            if path.is_file():
                yield path, path.read_bytes()


def test_no_repr_shows_them() -> None:
    spec = ExecSpec(command="/opt/plugin", args=tuple(ARGS), env=tuple((one["name"], one["value"]) for one in ENV))
    assert leaked(repr(spec)) == leaked(repr(User(exec=spec, token="tok-1"))) == []
    shown = repr([User(exec=spec, token="tok-1")]) + pretty_repr(User(exec=spec, token="tok-1"))
    assert "tok-1" not in shown
    assert leaked(shown) == []


@pytest.mark.parametrize("form", ["json", "yaml", "wide"])
async def test_no_list_shows_them(tmp_path: Path, form: str) -> None:
    async with serving(refuses) as server:
        said = await Outside(tmp_path, kubeconfig(tmp_path, server.url)).says("get", "clusters", "*", "-o", form)
    assert leaked(said) == []
    if form != "wide":
        assert [name for name, word in WORDS.items() if word not in said or f"{name}-plugin" not in said] == []


async def test_neither_a_row_nor_the_kept_picture_has_them(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A row is all that the screens have to draw from."""
    cache = tmp_path / "cache" / "picture"
    async with serving(refuses) as server:
        connector = Connector((kubeconfig(tmp_path, server.url),), clock=SystemClock(), chance=SystemChance())
        fleet = Fleet(clock=SystemClock(), chance=random.Random(1), cache_file=cache)
        for name in PLUGINS:
            fleet.add(name, open_reader=lambda name=name: connector.open_reader(name, name=name))  # type: ignore[misc]
        fleet.connect(PLUGINS)
        task = asyncio.create_task(fleet.run())
        await until(lambda: all((row := fleet.cluster(name)) and row.trust is Trust.SILENT for name in PLUGINS))
        rows = msgspec.json.encode([fleet.cluster(name) for name in PLUGINS])
        task.cancel()
        await asyncio.wait({task})  # saves the picture
        await connector.close()
    assert leaked(rows) == leaked(cache.read_bytes()) == leaked(caplog.text) == []
    assert [word for word in WORDS.values() if word.encode() not in rows] == []


@pytest.mark.parametrize("name", list(PLUGINS))
async def test_neither_journal_nor_audit_nor_log_has_them(tmp_path: Path, name: str) -> None:
    """A real controller tries to plan for a cluster that it cannot log in to; all it leaves is read."""
    async with serving(refuses) as server:
        config = kubeconfig(tmp_path, server.url)
        outside = Outside(tmp_path, config)
        store = SqliteStore(outside.state / "operations.db", SystemClock())
        actor = Actor(user=getpass.getuser(), host="here")
        desk = Desk(store, clock=SystemClock(), ids=UlidIds(), actor=actor, wake=lambda: None)
        ref = ClusterRef(name, name, (str(config),))
        op_id = desk.propose(Intent("drain", ref, (Target("wk-1", "uid-1"),)), key="one wish")
        with (outside.state / "log").open("wb") as log:
            controller = await asyncio.create_subprocess_exec(
                *outside.argv("controller", "--stay"), env=outside.env, stdout=log, stderr=log
            )
        try:
            await until(lambda: desk.operation(op_id).plan is not None)
            said = await outside.says("op", "show", op_id)
            said += await outside.says("audit", "-o", "json") + await outside.says("get", "ops", "--all", "-o", "json")
        finally:
            controller.terminate()
            await controller.wait()
            store.close()
    assert WORDS[name] in said
    assert leaked(said) == []
    assert any(WORDS[name].encode() in data for _, data in outside.files()), "the journal can be read as text"
    assert {path: found for path, data in outside.files() if (found := leaked(data))} == {}
