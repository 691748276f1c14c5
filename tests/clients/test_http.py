"""The import of aiohttp without its spare certificates, in a fresh interpreter: here it was imported long ago."""

import subprocess
import sys

LOOK = """
import ssl
before = (ssl.SSLContext.load_default_certs, ssl.SSLContext.set_default_verify_paths)
from fleetui.clients.http.library import aiohttp
from aiohttp import connector
after = (ssl.SSLContext.load_default_certs, ssl.SSLContext.set_default_verify_paths)
spare = connector._SSL_CONTEXT_VERIFIED
print(len(spare.get_ca_certs()), spare.verify_mode.name, spare.check_hostname, before == after)
"""


def test_the_spare_context_trusts_nobody_and_later_ones_load_certificates_again() -> None:
    said = subprocess.run([sys.executable, "-c", LOOK], check=True, capture_output=True, text=True).stdout
    assert said.split() == ["0", "CERT_REQUIRED", "True", "True"]
