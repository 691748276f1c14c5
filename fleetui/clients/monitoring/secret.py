"""Secrets where the configuration says they are kept, and the headers that they become."""

import asyncio
import base64
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from fleetui.clients.http.answer import Answer
from fleetui.clients.http.faults import redact
from fleetui.clients.monitoring import faults
from fleetui.model.monitoring import AuthConfig, SecretConfig
from fleetui.ports.clock import Clock

FILE_KEPT_S = 10.0
"""As client-go keeps token files: a projected token changes every hour, a board asks twenty times a poll."""
COMMAND_TIMEOUT_S = 30.0
_SAID_LIMIT = 1 << 16
"""Bytes that a command may print."""


class Secret:
    """One secret. A command runs once, however many ask, and again only after ``refused``."""

    def __init__(self, config: SecretConfig, clock: Clock, *, what: str) -> None:
        self._config = config
        self._clock = clock
        self._what = what
        self._lock = asyncio.Lock()
        self._kept: tuple[float, str] | None = None

    async def read(self) -> str:
        """Raises NoSecretError when there is none."""
        async with self._lock:
            if self._kept is None or (self._config.file and self._clock.monotonic() - self._kept[0] > FILE_KEPT_S):
                self._kept = self._clock.monotonic(), self._checked(await self._fetch())
            return self._kept[1]

    def refused(self, secret: str) -> bool:
        """The server did not take it. True when asking again may give another one."""
        if self._kept is not None and self._kept[1] == secret:
            self._kept = None
        return bool(self._config.file or self._config.command)

    async def _fetch(self) -> str:
        if self._config.command:
            return await self._run()
        if self._config.file:
            return self._read_file()
        return os.environ.get(self._config.env, "")

    def _read_file(self) -> str:
        path = Path(self._config.file).expanduser()
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not text"
            raise faults.no_secret(self._what, f"{path}: {reason}", f"write the {self._what} to the file") from error

    def _checked(self, text: str) -> str:
        """Its first line. An empty one or one that no header can carry is none."""
        secret = (text.strip().splitlines() or [""])[0]
        where = self._config.file or self._config.env or _program(self._config.command)
        if not secret:
            raise faults.no_secret(self._what, f"{where} is empty or not set", f"put the {self._what} there")
        if not secret.isprintable():
            raise faults.no_secret(self._what, f"{where} has characters that no header can carry", "look at its bytes")
        return secret

    async def _run(self) -> str:
        command = self._config.command
        name = _program(command)
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, start_new_session=True
            )
        except OSError as error:
            raise faults.no_secret(self._what, f"{name}: {error.strerror}", f"install {command[0]}") from error
        try:
            async with asyncio.timeout(COMMAND_TIMEOUT_S):
                said, complaint = await process.communicate()
        except TimeoutError as error:
            detail = f"{name}: no answer within {COMMAND_TIMEOUT_S:g} s"
            raise faults.no_secret(self._what, detail, _by_hand(name)) from error
        finally:
            await _end(process)
        if process.returncode:
            detail = f"{name}: {redact(complaint[:_SAID_LIMIT].decode('utf-8', errors='replace')).strip()}"
            raise faults.no_secret(self._what, detail, _by_hand(name))
        return said[:_SAID_LIMIT].decode("utf-8", errors="replace")


def _program(command: Sequence[str]) -> str:
    """Without its arguments, which may be secrets themselves."""
    return command[0] if command else ""


def _by_hand(name: str) -> str:
    return f"run it by hand, with the arguments of the configuration: {name}"


async def _end(process: asyncio.subprocess.Process) -> None:
    """The whole group, when it still runs."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


@dataclass(frozen=True, slots=True)
class Proof:
    """What one request carries."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret: str = field(default="", repr=False)


class Credentials:
    """Who asks one source."""

    def __init__(self, auth: AuthConfig, clock: Clock) -> None:
        self._auth = auth
        self._secret: Secret | None = None
        if auth.token.configured:
            self._secret = Secret(auth.token, clock, what="token")
        elif auth.password.configured:
            self._secret = Secret(auth.password, clock, what="password")

    async def carried(self, ask: Callable[[Proof], Awaitable[Answer]]) -> Answer:
        """The answer, whatever its code, after at most one renewal of the secret (a 401 was not carried out). Raises
        NoSecretError, and what ``ask`` raises."""
        proof = await self._proof()
        answer = await ask(proof)
        if answer.code == 401 and self._refused(proof):
            again = await self._proof()
            answer = await ask(again) if again != proof else answer
        return answer

    async def _proof(self) -> Proof:
        headers = {"X-Scope-OrgID": self._auth.tenant} if self._auth.tenant else {}
        secret = await self._secret.read() if self._secret is not None else ""
        if self._auth.username:
            pair = f"{self._auth.username}:{secret}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        elif secret:
            headers["Authorization"] = f"Bearer {secret}"
        return Proof(headers, secret)

    def _refused(self, proof: Proof) -> bool:
        """401. True when another secret may be had."""
        return self._secret is not None and self._secret.refused(proof.secret)
