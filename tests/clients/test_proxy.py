"""HTTPS_PROXY and NO_PROXY as kubectl reads them."""

import pytest

from fleetui.clients.http.proxy import environment_proxy
from fleetui.model.fault import ClusterError

PROXY = "http://proxy:3128"


@pytest.mark.parametrize(
    ("url", "environ", "proxy"),
    [
        ("https://api:6443", {}, None),
        ("https://api:6443", {"HTTPS_PROXY": PROXY}, PROXY),
        ("https://api:6443", {"https_proxy": "proxy:3128"}, PROXY),
        ("https://api:6443", {"HTTP_PROXY": PROXY}, None),
        ("http://api", {"HTTP_PROXY": PROXY}, PROXY),
        ("https://localhost:6443", {"HTTPS_PROXY": PROXY}, None),
        ("https://127.0.0.7:6443", {"HTTPS_PROXY": PROXY}, None),
        ("https://[::1]:6443", {"HTTPS_PROXY": PROXY}, None),
    ],
)
def test_which_proxy(url: str, environ: dict[str, str], proxy: str | None) -> None:
    assert environment_proxy(url, environ) == proxy


@pytest.mark.parametrize(
    ("rule", "host", "direct"),
    [
        ("*", "api.example", True),
        ("example", "api.example", True),
        (".example", "api.example", True),
        (".example", "example", False),
        ("*.example", "api.example", True),
        ("ple", "api.example", False),
        ("API.Example", "api.example", True),
        ("api.example:6443", "api.example", True),
        ("api.example:443", "api.example", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/8", "api.example", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3:443", "10.1.2.3", False),
        ("fd00::/8", "[fd00::1]", True),
        ("fd00::1", "[fd00::1]", True),
        ("nonsense/99", "10.1.2.3", False),
        (" other , api.example ", "api.example", True),
    ],
)
def test_no_proxy(rule: str, host: str, direct: bool) -> None:
    found = environment_proxy(f"https://{host}:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": rule})
    assert found == (None if direct else PROXY)


def test_a_kind_that_is_not_spoken_is_a_fault_with_a_way_out() -> None:
    with pytest.raises(ClusterError) as raised:
        environment_proxy("https://api:6443", {"HTTPS_PROXY": "socks5://proxy:1080"})
    assert "add api to NO_PROXY" in raised.value.fault.remedy


def test_a_kind_that_is_spoken() -> None:
    socks = {"HTTPS_PROXY": "socks5h://proxy:1080"}
    assert environment_proxy("https://api:6443", socks, spoken=("socks5h",)) == "socks5h://proxy:1080"
