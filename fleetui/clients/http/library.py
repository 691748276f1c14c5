"""aiohttp, imported without its two spare TLS contexts: whoever speaks HTTP takes it from here.

While it is imported, aiohttp 3.14 reads the system's certificates twice (``connector._make_ssl_context``, 20 ms each)
for requests that bring no context of their own. Each of ours brings one (``tls_context``), so the spare ones stay
without certificates. They still verify: a request that came to one of them would be refused, never trusted.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _no_certificates() -> Iterator[None]:
    """For as long as this lasts, contexts load none of the system's certificates."""

    def nothing(*_: object) -> None:
        return None

    load = ssl.SSLContext.load_default_certs
    ssl.SSLContext.load_default_certs = nothing  # type: ignore[assignment,method-assign]
    ssl.SSLContext.set_default_verify_paths = nothing  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        ssl.SSLContext.load_default_certs = load  # type: ignore[method-assign]
        del ssl.SSLContext.set_default_verify_paths  # what is left is the one of the C class underneath


with _no_certificates():
    import aiohttp

__all__ = ["aiohttp"]
