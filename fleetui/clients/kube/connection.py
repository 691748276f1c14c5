"""What one kubeconfig context comes to: a server, a user, and how to prove who that is. Values only.

Equal connections share one session, so everything that decides who we are to whom is part of the value. Secrets never
show in a ``repr``, because reprs end up in logs and tracebacks.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Server:
    """A kubeconfig ``cluster``."""

    url: str
    """Scheme, host, port and an optional path prefix; no trailing slash."""
    ca_pem: bytes | None = field(default=None, repr=False)
    """None trusts the system's authorities."""
    insecure: bool = False
    """insecure-skip-tls-verify."""
    tls_server_name: str = ""
    proxy_url: str | None = field(default=None, repr=False)
    """None asks the environment (HTTPS_PROXY, NO_PROXY), as kubectl does."""
    compress: bool = True
    """False with disable-compression."""
    exec_config: str = ""
    """JSON of the extension ``client.authentication.k8s.io/exec``, for plugins with provideClusterInfo."""

    @property
    def host(self) -> str:
        """Host and port as an operator knows them, without credentials: ``10.0.0.1:6443``."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        shown = f"[{host}]" if ":" in host else host
        return f"{shown}:{parts.port}" if parts.port else shown


@dataclass(frozen=True, slots=True)
class ExecSpec:
    """A credential plugin. Equal specs share one process and one answer."""

    command: str
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    api_version: str = "client.authentication.k8s.io/v1"
    interactive_mode: str = "IfAvailable"
    """``Never``, ``IfAvailable``, ``Always``. We never have a terminal to lend, so ``Always`` is a fault."""
    install_hint: str = ""
    provide_cluster_info: bool = False

    @property
    def line(self) -> str:
        """The command as one would type it."""
        return " ".join((self.command, *self.args))


@dataclass(frozen=True, slots=True)
class Impersonation:
    user: str = ""
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class User:
    """A kubeconfig ``user``: at most one of the ways is used, in the order kubectl prefers them."""

    name: str = ""
    token: str = field(default="", repr=False)
    token_file: str = ""
    """Read again while the session lives: projected tokens change every hour."""
    username: str = ""
    password: str = field(default="", repr=False)
    client_cert_pem: bytes | None = field(default=None, repr=False)
    client_key_pem: bytes | None = field(default=None, repr=False)
    exec: ExecSpec | None = None
    impersonation: Impersonation = Impersonation()


@dataclass(frozen=True, slots=True)
class Connection:
    server: Server
    user: User
