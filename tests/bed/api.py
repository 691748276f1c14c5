"""A plain, synchronous way to a bed's API server for fixtures and witnesses.

It shares no code with the clients under test, so that it can testify about them.
"""

import http.client
import json
import ssl
from contextlib import closing
from pathlib import Path
from typing import Any

Object = dict[str, Any]
_PATCH = {
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "json": "application/json-patch+json",
}


class ApiError(RuntimeError):
    """The server refused: `code` is the HTTP status, `status` its Status object (or {})."""

    def __init__(self, method: str, path: str, code: int, body: bytes) -> None:
        super().__init__(f"{method} {path}: {code} {body[:600]!r}")
        self.code = code
        self.status: Object = _as_json(body)


class Api:
    """One user's requests, each over a connection of its own: nothing is left open, whatever happens to the server."""

    def __init__(self, port: int, ca: Path, token: str, *, timeout: float = 10) -> None:
        self._port, self._token, self._timeout = port, token, timeout
        self._context = ssl.create_default_context(cafile=str(ca))

    def get(self, path: str) -> Any:
        return json.loads(self.request("GET", path))

    def create(self, path: str, body: Object) -> Any:
        return json.loads(self.request("POST", path, body))

    def patch(self, path: str, body: Any, *, kind: str = "merge") -> Any:
        """`kind`: merge, strategic or json."""
        return json.loads(self.request("PATCH", path, body, content=_PATCH[kind]))

    def delete(self, path: str, body: Object | None = None) -> Any:
        return json.loads(self.request("DELETE", path, body))

    def request(self, method: str, path: str, body: Any = None, *, content: str = "application/json") -> bytes:
        """The body of the answer. Raises ApiError on 4xx and 5xx, OSError or HTTPException where there is no answer."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": content, "Accept": "application/json"}
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, context=self._context, timeout=self._timeout)
        with closing(connection):
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            said = answer.read()
        if answer.status >= 400:
            raise ApiError(method, path, answer.status, said)
        return said


def _as_json(body: bytes) -> Object:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
