"""What one kubeconfig context comes to: a server, a user, and how to prove who that is. Values only.

Equal connections share one session, so everything that decides who we are to whom is part of the value.
"""

import re
from pathlib import PurePath
from urllib.parse import urlsplit

import msgspec

from fleetui.clients.http.unseen import Unseen


class Server(Unseen, frozen=True):
    """A kubeconfig ``cluster``."""

    url: str
    """Scheme, host, port and an optional path prefix; no trailing slash."""
    ca_pem: bytes | None = None
    """None trusts the system's authorities."""
    insecure: bool = False
    """insecure-skip-tls-verify."""
    tls_server_name: str = ""
    proxy_url: str | None = None
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


class ExecSpec(Unseen, frozen=True):
    """A credential plugin. Equal specs share one process and one answer."""

    command: str
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    api_version: str = "client.authentication.k8s.io/v1"
    interactive_mode: str = "IfAvailable"
    """``Never``, ``IfAvailable``, ``Always``. We never have a terminal to lend, so ``Always`` is a fault."""
    install_hint: str = ""
    provide_cluster_info: bool = False

    @property
    def name(self) -> str:
        """The program, without its directory and without its arguments: they hold client secrets and passwords, in
        more ways than can be recognised, and a remedy goes to screens, pictures and journals that are never erased."""
        return PurePath(self.command).name

    @property
    def secrets(self) -> tuple[str, ...]:
        """What the program may quote and nobody may read: the environment it is given, the values of arguments that
        are named as secrets, and the user information of URLs."""
        given = (*self.args, *(value for _, value in self.env))
        named = [value for pair in zip(("", *self.args), self.args, strict=False) if (value := _secret_of(*pair))]
        parts = [part for text in given for part in _userinfo(text)]
        return (*(value for _, value in self.env), *named, *parts)


_TELLTALE = r"(?i)secret|token|passw|passphrase|credential|api[-_]?key|private[-_]?key|access[-_]?key"
_USERINFO = r"://(\S+)@"
"""Of one argument, to its last @: passwords hold unescaped @ and / in practice."""
# Compiled when a plugin's words are first looked at: most starts meet none.


def _secret_of(before: str, argument: str) -> str:
    """The value of ``--client-secret=VALUE``, ``CLIENT_SECRET=VALUE``, ``--client-secret VALUE`` or ``-p VALUE``."""
    key, given, value = argument.partition("=")
    if given and re.search(_TELLTALE, key):
        return value
    named = before == "-p" or (before.startswith("-") and "=" not in before and re.search(_TELLTALE, before))
    return argument if named and not argument.startswith("-") else ""


def _userinfo(text: str) -> tuple[str, ...]:
    """``ana:s3cret`` and ``s3cret`` of ``https://ana:s3cret@proxy``."""
    whole = [found.group(1) for found in re.finditer(_USERINFO, text)]
    return (*whole, *(one.partition(":")[2] or one for one in whole))


class Impersonation(msgspec.Struct, frozen=True):
    user: str = ""
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()


class User(Unseen, frozen=True):
    """A kubeconfig ``user``: at most one of the ways is used, in the order kubectl prefers them."""

    name: str = ""
    token: str = ""
    token_file: str = ""
    """Read again while the session lives: projected tokens change every hour."""
    username: str = ""
    password: str = ""
    client_cert_pem: bytes | None = None
    client_key_pem: bytes | None = None
    exec: ExecSpec | None = None
    impersonation: Impersonation = Impersonation()


class Connection(Unseen, frozen=True):
    server: Server
    user: User
