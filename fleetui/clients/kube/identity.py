"""How a session proves who it is, request by request: a static secret, a token file, or a credential plugin.

The order is kubectl's: a token or password of the kubeconfig goes before the plugin, and a token file before the token.
"""

import base64
import binascii
import json
from pathlib import Path
from urllib.parse import quote

from fleetui.clients.http import tls
from fleetui.clients.http.faults import fault
from fleetui.clients.http.unseen import Unseen
from fleetui.clients.kube.connection import Connection, User
from fleetui.clients.kube.credentials import Plugins
from fleetui.clients.kube.exec_plugin import ExecAnswer
from fleetui.clients.kube.faults import unauthorized
from fleetui.model.duration import format_duration
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.ports.clock import Clock

TOKEN_FILE_KEPT_S = 10.0
"""client-go keeps a token file's content for ten seconds before a new one (transport/token_source.go: period)."""
_HEADER_KEY_SAFE = "!#$&'*+-.^_`|~"


class Proof(Unseen, frozen=True):
    """What one request carries."""

    authorization: str = ""
    cert_pem: bytes | None = None
    key_pem: bytes | None = None
    answer: ExecAnswer | None = None
    """The plugin's answer it comes from."""


class Identity:
    """The user of one connection."""

    def __init__(self, connection: Connection, plugins: Plugins, clock: Clock) -> None:
        self._user = connection.user
        self._clock = clock
        self._plugin = plugins.plugin(self._user.exec, connection.server) if self._user.exec else None
        self._file_token = ""
        self._file_read_at: float | None = None
        self.headers = impersonation_headers(self._user)
        """Of every request, besides the proof."""

    @property
    def held_up(self) -> Fault | None:
        """What keeps requests from being sent: the plugin, while it has not answered."""
        return self._plugin.held_up if self._plugin is not None else None

    async def proof(self) -> Proof:
        """What the next request carries. Raises ClusterError when there is nothing to carry."""
        user = self._user
        authorization = self._static()
        if not authorization and self._plugin is not None:
            return self._of(await self._plugin.answer())
        return Proof(authorization, user.client_cert_pem, user.client_key_pem)

    async def renew(self, refused: Proof) -> Proof | None:
        """Another proof than the one that got a 401; None when there is no other way."""
        if refused.answer is not None and self._plugin is not None:
            return self._of(await self._plugin.renew(refused.answer))
        self._file_read_at = None
        again = await self.proof()
        return again if again != refused else None

    def refused(self, proof: Proof, said: str) -> ClusterError:
        """The error for a 401 that no renewal cured: what has expired and when, and what to do."""
        now, user = self._clock.now(), self._user
        cert_ended = tls.not_after(proof.cert_pem) if proof.cert_pem else None
        if not proof.authorization and cert_ended is not None and cert_ended < now:
            word = f"login expired {format_duration(now - cert_ended)} ago"
            return unauthorized(
                said=said, how="client certificate, which has expired", remedy=_renewal(user), word=word
            )
        token_ended = _token_end(proof.authorization)
        if token_ended is not None and token_ended < now:
            word = f"token expired {format_duration(now - token_ended)} ago"
            return unauthorized(said=said, how="token", remedy=_renewal(user), word=word)
        return unauthorized(said=said, how=_way(user, proof), remedy=_renewal(user))

    def _static(self) -> str:
        user = self._user
        token = self._token_from_file() if user.token_file else user.token
        if token:
            return f"Bearer {token}"
        if user.username:
            return "Basic " + base64.b64encode(f"{user.username}:{user.password}".encode()).decode()
        return ""

    def _token_from_file(self) -> str:
        now = self._clock.monotonic()
        if self._file_read_at is None or now - self._file_read_at > TOKEN_FILE_KEPT_S:
            try:
                self._file_token = Path(self._user.token_file).read_text(encoding="ascii").strip()
            except (OSError, UnicodeDecodeError) as error:
                if not self._user.token:
                    raise _no_token(self._user, error) from error
                self._file_token = self._user.token
            self._file_read_at = now
        return self._file_token

    @staticmethod
    def _of(answer: ExecAnswer) -> Proof:
        authorization = f"Bearer {answer.token}" if answer.token else ""
        return Proof(authorization, answer.cert_pem, answer.key_pem, answer)


def impersonation_headers(user: User) -> tuple[tuple[str, str], ...]:
    """As client-go writes them (transport/round_trippers.go): keys of extra are lower case and percent-encoded."""
    who = user.impersonation
    headers = [("Impersonate-User", who.user)] if who.user else []
    if who.uid:
        headers.append(("Impersonate-Uid", who.uid))
    headers += [("Impersonate-Group", group) for group in who.groups]
    for key, values in who.extra:
        name = f"Impersonate-Extra-{quote(key.lower(), safe=_HEADER_KEY_SAFE)}"
        headers += [(name, value) for value in values]
    return tuple(headers)


def _no_token(user: User, error: OSError | UnicodeDecodeError) -> ClusterError:
    reason = error.strerror if isinstance(error, OSError) else "not text"
    detail = f"{user.token_file}: {reason}"
    return ClusterError(fault(FaultKind.CREDENTIALS, "no token", detail, "write a token to the file"))


def _token_end(authorization: str) -> float | None:
    """``exp`` of a JWT, unverified: it only words a refusal that has already happened."""
    parts = authorization.removeprefix("Bearer ").split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
        return float(claims["exp"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None


def _way(user: User, proof: Proof) -> str:
    if user.exec is not None and proof.answer is not None:
        return f"credentials from {user.exec.name}"
    if proof.authorization.startswith("Basic"):
        return "user name and password"
    if proof.authorization:
        return "token"
    return "client certificate" if proof.cert_pem else "anonymous request: the context names no way to log in"


def _renewal(user: User) -> str:
    if user.exec is not None:
        where = f" (users.{user.name}.exec)" if user.name else ""
        return f"log in again; the plugin is: {user.exec.name}{where}"
    if user.token_file:
        return f"write a new token to {user.token_file}"
    if user.client_cert_pem is not None:
        return "fetch the kubeconfig again; kubeadm: kubeadm certs renew admin.conf"
    return f"put new credentials under users.{user.name}" if user.name else "name a user in the context"
