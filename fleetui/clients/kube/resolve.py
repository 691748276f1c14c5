"""From the entries of a kubeconfig to the values that a session needs; every unusable field is a fault with its fix."""

import json
import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from fleetui.clients.http.proxy import HTTP, SOCKS
from fleetui.clients.kube.connection import ExecSpec, Impersonation, Server, User
from fleetui.clients.kube.entries import Entry

EXEC_API = "client.authentication.k8s.io"
_EXEC_VERSIONS = (f"{EXEC_API}/v1", f"{EXEC_API}/v1beta1")
_INTERACTIVE = ("", "Never", "IfAvailable", "Always")


def server_of(entry: Entry) -> Server:
    """Raises ClusterError (CONFIG)."""
    ca_pem = entry.pem("certificate-authority")
    insecure = entry.flag("insecure-skip-tls-verify")
    if insecure and ca_pem is not None:
        raise entry.error(("insecure-skip-tls-verify",), "true although an authority is given", "remove one of the two")
    return Server(
        url=_url(entry, tls=insecure or ca_pem is not None),
        ca_pem=ca_pem,
        insecure=insecure,
        tls_server_name=entry.text("tls-server-name"),
        proxy_url=_proxy(entry),
        compress=not entry.flag("disable-compression"),
        exec_config=_exec_config(entry),
    )


def user_of(entry: Entry | None) -> User:
    """An anonymous user when the context names none. Raises ClusterError (CONFIG)."""
    if entry is None:
        return User()
    plugin = _exec(entry)
    _refuse_auth_provider(entry)
    cert, key = _client_cert(entry)
    token_file = entry.text("tokenFile")
    return User(
        name=entry.name,
        token=entry.text("token"),
        token_file=str(entry.path(token_file)) if token_file else "",
        username=entry.text("username"),
        password=entry.text("password"),
        client_cert_pem=cert,
        client_key_pem=key,
        exec=plugin,
        impersonation=_impersonation(entry),
    )


def _url(entry: Entry, *, tls: bool) -> str:
    said = entry.text("server").rstrip("/")
    if not said:
        raise entry.error(("server",), "no address", "write server: https://HOST:6443")
    url = said if "://" in said else f"{'https' if tls else 'http'}://{said}"
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise entry.error(("server",), f"not an address: {said}", "write server: https://HOST:6443")
    return url


def _proxy(entry: Entry) -> str | None:
    """Nothing but what we speak: a silent direct connection would leave the operator's tunnel."""
    url = entry.text("proxy-url")
    if not url:
        return None
    if urlsplit(url).scheme not in (*HTTP, *SOCKS):
        fix = "write proxy-url: http://HOST:PORT, or socks5://HOST:PORT"
        raise entry.error(("proxy-url",), "not the address of an HTTP or SOCKS5 proxy", fix)
    return url


def _exec_config(entry: Entry) -> str:
    for extension in entry.sections("extensions"):
        if extension.get("name") == f"{EXEC_API}/exec":
            return json.dumps(extension.get("extension"), sort_keys=True, default=str)
    return ""


def _client_cert(entry: Entry) -> tuple[bytes | None, bytes | None]:
    cert, key = entry.pem("client-certificate"), entry.pem("client-key")
    if cert is not None and key is None:
        raise entry.error(("client-certificate",), "has no client-key", "add client-key or client-key-data")
    if key is not None and cert is None:
        raise entry.error(("client-key",), "has no client-certificate", "add client-certificate-data")
    return cert, key


def _refuse_auth_provider(entry: Entry) -> None:
    provider = entry.section("auth-provider")
    if not provider:
        return
    name = str(provider.get("name", ""))
    fixes = {
        "gcp": "gcloud container clusters get-credentials CLUSTER (uses gke-gcloud-auth-plugin)",
        "azure": "kubelogin convert-kubeconfig",
        "oidc": "kubectl oidc-login setup, and use its exec entry",
    }
    fix = fixes.get(name, "use an exec credential plugin instead")
    raise entry.error(("auth-provider",), f"{name or 'auth-provider'}: removed from Kubernetes in 1.26", fix)


def _impersonation(entry: Entry) -> Impersonation:
    extra = [(str(key), entry.texts("as-user-extra", str(key))) for key in entry.section("as-user-extra")]
    found = Impersonation(
        user=entry.text("as"), uid=entry.text("as-uid"), groups=entry.texts("as-groups"), extra=tuple(sorted(extra))
    )
    if not found.user and found != Impersonation():
        raise entry.error(("as-groups",), "groups, uid or extra without a user", "add as: NAME")
    return found


def _exec(entry: Entry) -> ExecSpec | None:
    if not entry.section("exec"):
        return None
    command = entry.text("exec", "command")
    if not command:
        raise entry.error(("exec", "command"), "no command", "name the credential plugin")
    return ExecSpec(
        command=str(entry.path(command)) if os.sep in command else command,
        args=entry.texts("exec", "args"),
        env=_exec_env(entry),
        api_version=_exec_version(entry),
        interactive_mode=_interactive_mode(entry),
        install_hint=entry.text("exec", "installHint"),
        provide_cluster_info=entry.flag("exec", "provideClusterInfo"),
    )


def _exec_version(entry: Entry) -> str:
    version = entry.text("exec", "apiVersion")
    if version not in _EXEC_VERSIONS:
        fix = f"update the plugin, then: apiVersion: {_EXEC_VERSIONS[0]}"
        raise entry.error(("exec", "apiVersion"), f"{version or 'no version'} is not supported", fix)
    return version


def _interactive_mode(entry: Entry) -> str:
    mode = entry.text("exec", "interactiveMode")
    if mode not in _INTERACTIVE:
        raise entry.error(("exec", "interactiveMode"), f"unknown: {mode}", "write Never, IfAvailable or Always")
    return mode or "IfAvailable"


def _exec_env(entry: Entry) -> tuple[tuple[str, str], ...]:
    return tuple(_variable(entry, variable) for variable in entry.sections("exec", "env"))


def _variable(entry: Entry, variable: Mapping[str, object]) -> tuple[str, str]:
    name, value = variable.get("name"), variable.get("value", "")
    if not isinstance(name, str) or not re.fullmatch(r"[^=\x00]+", name) or not isinstance(value, str) or "\0" in value:
        raise entry.error(("exec", "env"), "a variable is not a name and a text", 'write {name: NAME, value: "text"}')
    return name, value
