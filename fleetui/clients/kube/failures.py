"""What aiohttp and the operating system raise, as faults: one place that knows their exceptions."""

import ssl
from urllib.parse import urlsplit

from fleetui.clients.http import tls
from fleetui.clients.http.errors import ProxyRefusedError, cause_of, connect_within
from fleetui.clients.http.faults import fault
from fleetui.clients.http.library import aiohttp
from fleetui.clients.kube import faults
from fleetui.clients.kube.connection import Server
from fleetui.model.fault import ClusterError, FaultKind
from fleetui.model.text import clean_message
from fleetui.ports.clock import Clock

_PROXY_REMEDY = "check proxy-url in the kubeconfig, or HTTPS_PROXY and NO_PROXY"


class Failures:
    """Translates the failures of requests to one server."""

    def __init__(self, server: Server, clock: Clock) -> None:
        self._server = server
        self._clock = clock

    async def explain(self, error: Exception, *, timeout_s: float | None, silence_s: float | None) -> ClusterError:
        """Asks the server for its certificate once more when only its date can say what is wrong."""
        if isinstance(error, TimeoutError):
            return self._timed_out(error, timeout_s=timeout_s, silence_s=silence_s)
        if isinstance(error, aiohttp.ClientHttpProxyError | aiohttp.ClientProxyConnectionError):
            return self._proxy(error)
        if isinstance(error, ProxyRefusedError):
            detail = f"the proxy does not lead to {self._server.host}: {clean_message(str(error))}"
            return ClusterError(fault(FaultKind.NETWORK, "proxy refuses", detail, _PROXY_REMEDY))
        if isinstance(error, aiohttp.ClientResponseError):
            return faults.not_kubernetes(self._server.host, f"not HTTP: {error.message}")
        return await self._broken(error)

    def _timed_out(self, error: TimeoutError, *, timeout_s: float | None, silence_s: float | None) -> ClusterError:
        host = self._server.host
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return faults.unreachable(host, connect_within(timeout_s))
        waited = silence_s if isinstance(error, aiohttp.SocketTimeoutError) else timeout_s
        return faults.silent(host, waited or 0.0)

    def _proxy(self, error: aiohttp.ClientHttpProxyError | aiohttp.ClientProxyConnectionError) -> ClusterError:
        if isinstance(error, aiohttp.ClientHttpProxyError):
            detail = f"the proxy answers {error.status} for {self._server.host}: {error.message}"
            return ClusterError(fault(FaultKind.NETWORK, f"proxy says {error.status}", detail, _PROXY_REMEDY))
        detail = f"the proxy for {self._server.host} cannot be reached: {error.os_error.strerror}"
        return ClusterError(fault(FaultKind.NETWORK, "proxy unreachable", detail, _PROXY_REMEDY))

    async def _broken(self, error: Exception) -> ClusterError:
        host, cause = self._server.host, cause_of(error)
        if isinstance(cause, ssl.SSLCertVerificationError) and cause.verify_code == tls.EXPIRED:
            ended = await self._server_cert_end()
            return faults.expired_certificate(cause, host=host, ended=ended, now=self._clock.now())
        return faults.broken(cause, host=host)

    async def _server_cert_end(self) -> float | None:
        parts = urlsplit(self._server.url)
        host = parts.hostname or ""
        name = self._server.tls_server_name or host
        shown = await tls.server_certificate(host, parts.port or 443, server_name=name)
        return tls.not_after(shown) if shown else None
