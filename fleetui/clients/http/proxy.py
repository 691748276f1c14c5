"""Which proxy a request goes through when no configuration names one: HTTPS_PROXY, HTTP_PROXY, NO_PROXY as kubectl
reads them (golang.org/x/net/http/httpproxy): lower case wins not, loopback never goes through a proxy, NO_PROXY knows
addresses, networks, ``.domain``, ``domain`` with its subdomains, ports and ``*``."""

import ipaddress
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from fleetui.clients.http.faults import fault
from fleetui.model.fault import ClusterError, FaultKind

HTTP = ("http", "https")
SOCKS = ("socks5", "socks5h")
"""Kinds of proxies. The two of SOCKS are the same to kubectl: names are always looked up by the proxy."""


def environment_proxy(url: str, environ: Mapping[str, str], *, spoken: Collection[str] = HTTP) -> str | None:
    """The proxy's URL, or None for a direct connection. Raises ClusterError for a kind that is not ``spoken``."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    name = "HTTPS_PROXY" if parts.scheme == "https" else "HTTP_PROXY"
    said = environ.get(name) or environ.get(name.lower()) or ""
    if not said or is_loopback(host) or _excluded(host, parts.port, environ):
        return None
    proxy = said if "://" in said else f"http://{said}"
    if urlsplit(proxy).scheme not in spoken:
        detail = f"{name} is a {urlsplit(proxy).scheme} proxy, which is not supported"
        raise ClusterError(fault(FaultKind.CONFIG, "proxy", detail, f"add {host} to NO_PROXY, or use an HTTP proxy"))
    return proxy


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def _excluded(host: str, port: int | None, environ: Mapping[str, str]) -> bool:
    listed = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    return any(_matches(rule.strip().lower(), host.lower(), port) for rule in listed.split(",") if rule.strip())


def _matches(rule: str, host: str, port: int | None) -> bool:
    if rule == "*":
        return True
    address = _address(host)
    if "/" in rule:
        return address is not None and address in _network(rule)
    if address is None or _address(rule) is None:
        rule, _, rule_port = rule.partition(":")
        if rule_port and rule_port != str(port):
            return False
    if address is not None:
        return _address(rule) == address
    return host.endswith(rule.removeprefix("*")) if rule.startswith((".", "*.")) else _is_domain(rule, host)


def _is_domain(rule: str, host: str) -> bool:
    return host == rule or host.endswith(f".{rule}")


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return ipaddress.ip_network("255.255.255.255/32")
