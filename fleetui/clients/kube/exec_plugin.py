"""One credential plugin: run as kubectl runs it, but with nobody at its keyboard.

The plugin gets a closed stdin, a session of its own (it cannot reach our terminal, and all of it can be ended at once),
a time limit, and a bound on what it may say. The protocol is client.authentication.k8s.io v1 and v1beta1:
kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
"""

import asyncio
import json
import os
import re
import signal
from base64 import b64encode
from contextlib import suppress
from datetime import datetime

import msgspec

from fleetui.clients.http.faults import fault, redact
from fleetui.clients.http.unseen import Unseen
from fleetui.clients.kube.connection import ExecSpec, Server
from fleetui.model.fault import ClusterError, Fault, FaultKind

OUTPUT_LIMIT = 1 << 20
"""Bytes of stdout; a token and a certificate have a few thousand."""
_STDERR_LIMIT = 1 << 16
_LOGIN = re.compile(
    r"aws sso login(?: --[\w-]+[= ][\w.:/-]+)*|gcloud auth (?:application-default )?login"
    r"|az login(?: --[\w-]+ [\w.-]+)*|tsh (?:kube )?login(?: [\w.=/-]+)*"
    r"|oc login|doctl auth init|vault login|kubelogin get-token"
)
"""Commands that plugins name when they want a person."""


class ExecAnswer(Unseen, frozen=True):
    """What a plugin said. At least a token or a certificate with its key."""

    token: str = ""
    cert_pem: bytes | None = None
    key_pem: bytes | None = None
    expires: float | None = None
    """Unix seconds; None when it does not say."""


class _Status(msgspec.Struct, rename="camel"):
    token: str | None = None
    client_certificate_data: str | None = None
    client_key_data: str | None = None
    expiration_timestamp: datetime | None = None


class _ExecCredential(msgspec.Struct, rename="camel"):
    api_version: str = ""
    kind: str = ""
    status: _Status | None = None


async def run_plugin(
    spec: ExecSpec, server: Server, *, timeout_s: float, stderr: bytearray | None = None
) -> ExecAnswer:
    """Runs the plugin once. ``stderr`` fills with what it says there while it runs: often what a person should do.

    Raises ClusterError (CREDENTIALS) with what it wrote to stderr.
    """
    stdout, stderr = bytearray(), bytearray() if stderr is None else stderr
    if spec.interactive_mode == "Always":
        raise _error(
            spec, "needs a person", "the plugin wants a terminal", remedy=f"log in first, with {spec.name} in a shell"
        )
    process = await _start(spec, server)
    try:
        async with asyncio.timeout(timeout_s):
            await _communicate(process, stdout, stderr)
    except TimeoutError as error:
        raise _late(spec, "exec timed out", f"no answer within {timeout_s:g} s", stderr) from error
    finally:
        await _end(process)
    if process.returncode:
        raise _failed(spec, process.returncode, _said(spec, stderr))
    return _read(spec, bytes(stdout))


def unfinished(spec: ExecSpec, stderr: bytes) -> Fault:
    """What there is to say of a plugin that has been running for longer than anyone wants to look at an empty row."""
    return _late(spec, "waits for exec", "no answer yet", stderr).fault


async def _start(spec: ExecSpec, server: Server) -> asyncio.subprocess.Process:
    pipe, null = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    try:
        return await asyncio.create_subprocess_exec(
            spec.command, *spec.args, stdin=null, stdout=pipe, stderr=pipe,
            env=_environment(spec, server), start_new_session=True,
        )  # fmt: skip
    except FileNotFoundError as error:
        remedy = spec.install_hint or f"install {spec.command}, or put it on PATH"
        raise _error(spec, "plugin missing", "not found", remedy=remedy) from error
    except OSError as error:
        raise _error(spec, "exec failed", error.strerror or "cannot be run") from error


async def _communicate(process: asyncio.subprocess.Process, stdout: bytearray, stderr: bytearray) -> None:
    assert process.stdout is not None
    assert process.stderr is not None
    await asyncio.gather(
        _drain(process.stdout, stdout, OUTPUT_LIMIT), _drain(process.stderr, stderr, _STDERR_LIMIT), process.wait()
    )


async def _drain(stream: asyncio.StreamReader, kept: bytearray, limit: int) -> None:
    """Reads to the end of the stream, of which the last ``limit`` bytes are kept: errors stand at the end."""
    while chunk := await stream.read(65_536):
        kept += chunk
        del kept[: max(0, len(kept) - limit)]


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ends the plugin's whole group when it still runs, and waits until it is gone."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _environment(spec: ExecSpec, server: Server) -> dict[str, str]:
    cluster = {"cluster": _cluster_info(server)} if spec.provide_cluster_info else {}
    info = {"kind": "ExecCredential", "apiVersion": spec.api_version, "spec": {**cluster, "interactive": False}}
    return {**os.environ, **dict(spec.env), "KUBERNETES_EXEC_INFO": json.dumps(info)}


def _cluster_info(server: Server) -> dict[str, object]:
    info: dict[str, object] = {"server": server.url, "config": json.loads(server.exec_config or "null")}
    if server.ca_pem is not None:
        info["certificate-authority-data"] = b64encode(server.ca_pem).decode()
    if server.insecure:
        info["insecure-skip-tls-verify"] = True
    if server.tls_server_name:
        info["tls-server-name"] = server.tls_server_name
    if server.proxy_url:
        info["proxy-url"] = server.proxy_url
    return info


def _read(spec: ExecSpec, stdout: bytes) -> ExecAnswer:
    try:
        said = msgspec.json.decode(stdout, type=_ExecCredential)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _error(spec, "exec failed", "its output is not an ExecCredential") from error
    if said.kind != "ExecCredential" or said.api_version != spec.api_version:
        detail = f"it answered {said.api_version} {said.kind}, the kubeconfig asks for {spec.api_version}"
        raise _error(spec, "exec failed", detail, remedy="correct apiVersion in the kubeconfig, or update the plugin")
    status = said.status or _Status()
    if not status.token and not (status.client_certificate_data and status.client_key_data):
        raise _error(spec, "exec failed", "it answered neither a token nor a certificate with its key")
    return ExecAnswer(
        token=status.token or "",
        cert_pem=_pem(status.client_certificate_data),
        key_pem=_pem(status.client_key_data),
        expires=status.expiration_timestamp.timestamp() if status.expiration_timestamp else None,
    )


def _pem(text: str | None) -> bytes | None:
    return text.encode() if text else None


def _said(spec: ExecSpec, stderr: bytes | bytearray) -> str:
    return redact(stderr.decode("utf-8", errors="replace").strip(), *spec.secrets)


def _failed(spec: ExecSpec, code: int, said: str) -> ClusterError:
    how = f"exit {code}" if code > 0 else f"signal {-code}"
    # The end of the text is where plugins say what went wrong.
    return _error(spec, "exec failed", f"{how}: {said[-240:]}", remedy=_login(said))


def _late(spec: ExecSpec, word: str, how: str, stderr: bytes | bytearray) -> ClusterError:
    said = _said(spec, stderr)
    detail = f"{how}; it may wait for a login" + (f": {said[-200:]}" if said else "")
    return _error(spec, word, detail, remedy=_login(said))


def _login(said: str) -> str:
    login = _LOGIN.search(said)
    return f"run: {login.group()}" if login else ""


def _error(spec: ExecSpec, word: str, detail: str, *, remedy: str = "") -> ClusterError:
    see = f"run it in a shell to see why, as the exec entry of the kubeconfig has it: {spec.name}"
    return ClusterError(fault(FaultKind.CREDENTIALS, word, f"{spec.name}: {detail}", remedy or see))
