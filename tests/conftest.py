"""What all tests share: a home that is not the user's, and real clusters on request."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bed import build
from tests.bed.cluster import BedCluster

pytest_plugins = ("tests.bed.fixtures",)  # the real programs of health
# Fixed before any test moves the home, so that all tests find the same binaries.
os.environ["FLEETUI_BED_CACHE"] = str(build.cache_dir())

_BED_FIXTURES = {"bed_cluster", "bed_factory"}
_KEPT = {"FLEETUI_BED_CACHE", "FLEETUI_UPDATE_SNAPSHOTS"}
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def _hear_signals() -> None:
    """What started the tests may ignore signals (nohup, a shell's `&`) or hold them back, and every process that a test
    starts and signals would inherit that."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


_hear_signals()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for a real server is marked so, whether or not its author thought of it."""
    for item in items:
        if _BED_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.bed)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Build what is missing before the first test, outside the tests' timeouts. What cannot be built fails the run."""
    if any(item.get_closest_marker("bed") for item in session.items):
        build.ensure()


@pytest.fixture(autouse=True)
def hygiene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own: no kubeconfig, journal, cache or setting of the user is read or written. Returns it."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for variable, folder in {
        "XDG_CONFIG_HOME": ".config",
        "XDG_STATE_HOME": ".local/state",
        "XDG_DATA_HOME": ".local/share",
        "XDG_CACHE_HOME": ".cache",
        "XDG_RUNTIME_DIR": "run",
    }.items():
        (home / folder).mkdir(parents=True, mode=0o700)
        monkeypatch.setenv(variable, str(home / folder))
    monkeypatch.setenv("KUBECONFIG", str(home / "no-kubeconfig"))
    for variable in [name for name in os.environ if name.startswith("FLEETUI_") and name not in _KEPT]:
        monkeypatch.delenv(variable)
    for proxy in _PROXIES:
        monkeypatch.delenv(proxy, raising=False)
        monkeypatch.delenv(proxy.lower(), raising=False)
    return home


@pytest.fixture(scope="session")
def bed_cluster() -> Iterator[BedCluster]:
    """The session's real cluster, with controllers and kubelets. Tests share it: use names and namespaces of your own,
    and do not stop it (take one of your own from `bed_factory` for that)."""
    with BedCluster("bed") as cluster:
        yield cluster


@pytest.fixture
def bed_namespace(bed_cluster: BedCluster, request: pytest.FixtureRequest) -> str:
    """A fresh namespace on the session's cluster."""
    created = bed_cluster.api().create("/api/v1/namespaces", {"metadata": {"generateName": "test-"}})
    return str(created["metadata"]["name"])


@pytest.fixture
def bed_factory() -> Iterator[Callable[..., BedCluster]]:
    """Starts more clusters (arguments of BedCluster); they end with the test."""
    started: list[BedCluster] = []

    def start(name: str = "own", **options: object) -> BedCluster:
        started.append(BedCluster(name, **options))  # type: ignore[arg-type]
        return started[-1]

    yield start
    for cluster in started:
        cluster.close()
