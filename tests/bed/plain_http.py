"""A plain, synchronous question over HTTP: how fixtures and witnesses ask servers, without the clients under test."""

import http.client
import json
import ssl
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit


class HttpError(RuntimeError):
    """The server answered `code` >= 400 with `body`."""

    def __init__(self, url: str, code: int, body: bytes) -> None:
        super().__init__(f"{url}: {code} {body[:600]!r}")
        self.code, self.body = code, body


NO_ANSWER = (OSError, http.client.HTTPException)  # refused, reset, timed out, cut off


@dataclass(frozen=True)
class Credentials:
    """PEM files of a TLS client: the authority that it trusts, its own certificate and key."""

    ca: Path
    cert: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.ca))
        context.load_cert_chain(self.cert, self.key)
        return context


def ask(
    url: str, body: Any = None, *, context: ssl.SSLContext | None = None, method: str = "", timeout: float = 5
) -> bytes:
    """The body of the answer to a GET, or to a POST of `body` as JSON. Raises HttpError or one of NO_ANSWER."""
    parts = urlsplit(url)
    where = parts.path + (f"?{parts.query}" if parts.query else "")
    with closing(_connection(parts.netloc, context, timeout)) as connection:
        sent = json.dumps(body) if body is not None else None
        method = method or ("GET" if body is None else "POST")
        connection.request(method, where or "/", sent, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        said = answer.read()
    if answer.status >= http.client.BAD_REQUEST:
        raise HttpError(url, answer.status, said)
    return said


def ask_json(url: str, body: Any = None, *, context: ssl.SSLContext | None = None, timeout: float = 5) -> Any:
    """The same, decoded."""
    return json.loads(ask(url, body, context=context, timeout=timeout))


def answers(url: str, *, context: ssl.SSLContext | None = None, timeout: float = 1) -> bool | None:
    """True where a GET says 2xx or 3xx, else None."""
    try:
        ask(url, context=context, timeout=timeout)
    except (HttpError, *NO_ANSWER):
        return None
    return True


def _connection(netloc: str, context: ssl.SSLContext | None, timeout: float) -> http.client.HTTPConnection:
    if context is None:
        return http.client.HTTPConnection(netloc, timeout=timeout)
    return http.client.HTTPSConnection(netloc, context=context, timeout=timeout)


class Exposition:
    """A page of metrics: `value("etcd_server_has_leader")`."""

    def __init__(self, text: str) -> None:
        self._lines = [line for line in text.splitlines() if line and not line.startswith("#")]

    @classmethod
    def of(cls, url: str, timeout: float = 5) -> Self:
        return cls(ask(url, timeout=timeout).decode())

    def __len__(self) -> int:
        return len(self._lines)

    def has(self, name: str) -> bool:
        """Is there any series called so?"""
        return any(line.startswith((f"{name} ", f"{name}{{")) for line in self._lines)

    def value(self, series: str) -> float:
        """The value of the one series that starts with `series` (a name, perhaps with labels). Raises KeyError."""
        found = [line for line in self._lines if line.startswith((f"{series} ", f"{series}{{")) or line == series]
        if len(found) != 1:
            raise KeyError(f"{len(found)} series for {series}")
        return float(found[0].rpartition(" ")[2])

    def values(self, name: str) -> list[float]:
        """Of all series called so, whatever their labels; none where there are none."""
        found = [line for line in self._lines if line.startswith((f"{name} ", f"{name}{{"))]
        return [float(line.rpartition(" ")[2]) for line in found]

    def buckets(self, histogram: str) -> list[tuple[float, float]]:
        """(upper bound, cumulative count) of a histogram, summed over its label sets, in order."""
        found: dict[float, float] = {}
        for line in self._lines:
            if line.startswith(f"{histogram}_bucket{{"):
                bound = float(line.partition('le="')[2].partition('"')[0])
                found[bound] = found.get(bound, 0) + float(line.rpartition(" ")[2])
        return sorted(found.items())
