"""kubernetes.aio over our own session: its request building, our credentials, TLS and words for failures.

Its own REST client would write keys to temporary files and knows no credential plugins. Importing it costs 0.4 s, so
only the controller does, at its first request.
"""

import json
from collections.abc import Mapping
from typing import Any

from kubernetes.aio.client.api_client import ApiClient
from kubernetes.aio.client.configuration import Configuration

from fleetui.clients.http.answer import Answer
from fleetui.clients.kube.link import Link
from fleetui.clients.kube.session import Call

WRITE_TIMEOUT_S = 30.0


class Response:
    """What the generated ``*_without_preload_content`` methods hand back: the whole answer, not yet looked at."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.status = answer.code
        self.reason = ""
        self.data = answer.body

    @property
    def response(self) -> "Response":
        """Where the generated code looks for aiohttp's response."""
        return self

    @property
    def headers(self) -> Mapping[str, str]:
        return self.answer.headers

    async def read(self) -> bytes:
        return self.data


class LinkedRest:
    """Stands where kubernetes.aio's RESTClientObject stood. Raises ClusterError when there is no answer."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def request(
        self, method: str, url: str, headers: dict[str, str] | None = None, body: Any = None,
        post_params: Any = None, _request_timeout: float | None = None,
    ) -> Response:  # fmt: skip
        """``url`` is path and query: the configuration below has no host."""
        assert not post_params, "no API of Kubernetes takes forms"
        said = headers or {}
        call = Call(
            url,
            method=method,
            accept=said.get("Accept", "application/json"),
            content_type=said.get("Content-Type", "application/json"),
            body=None if body is None else json.dumps(body).encode(),
            timeout_s=_request_timeout or WRITE_TIMEOUT_S,
        )
        return Response(await self._link.send(call))

    async def close(self) -> None:
        """The link is closed by its owner."""


def api_client(link: Link) -> ApiClient:
    """A client for the generated APIs whose every request goes through ``link``."""
    client = ApiClient(Configuration(host=""))
    client.rest_client = LinkedRest(link)  # type: ignore[assignment]  # the methods that ApiClient calls, no more
    return client
