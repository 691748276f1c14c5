"""Where files lie: the one place that knows directories and environment variables of the session."""

import os
from pathlib import Path

import msgspec


class Paths(msgspec.Struct, frozen=True):
    """Directories of one session. ``--demo`` and tests use a directory of their own for all of them."""

    config_file: Path
    state_dir: Path
    """Operations, the controller's lock and log. Must be on a local disk."""
    cache_dir: Path
    """The last known picture. May be deleted at any time."""

    @property
    def operations(self) -> Path:
        return self.state_dir / "operations.db"

    @property
    def kinds(self) -> Path:
        """The operator's own kinds of clusters, one file each."""
        return self.config_file.parent / "kinds"

    @property
    def picture(self) -> Path:
        return self.cache_dir / "picture.msgpack"


def session_paths(env: dict[str, str] | None = None) -> Paths:
    """The XDG directories of this login; ``FLEETUI_CONFIG`` and ``FLEETUI_STATE_DIR`` override."""
    environ = dict(os.environ) if env is None else env
    home = Path(environ.get("HOME") or Path.home())
    config_home = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    state_home = Path(environ.get("XDG_STATE_HOME") or home / ".local" / "state")
    cache_home = Path(environ.get("XDG_CACHE_HOME") or home / ".cache")
    return Paths(
        config_file=Path(environ.get("FLEETUI_CONFIG") or config_home / "fleetui" / "config.yaml"),
        state_dir=Path(environ.get("FLEETUI_STATE_DIR") or state_home / "fleetui"),
        cache_dir=cache_home / "fleetui",
    )


def paths_under(directory: Path) -> Paths:
    """All of a session's files in one directory, which its owner deletes."""
    return Paths(config_file=directory / "config.yaml", state_dir=directory / "state", cache_dir=directory / "cache")


def kubeconfig_files(extra: tuple[str, ...] = (), env: dict[str, str] | None = None) -> tuple[Path, ...]:
    """KUBECONFIG's list, or ``~/.kube/config``; then the configuration's own files. Files that do not exist stay in
    the list: the kubeconfig reader says so where it matters."""
    environ = dict(os.environ) if env is None else env
    home = Path(environ.get("HOME") or Path.home())
    listed = [Path(part) for part in environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    first = listed or [home / ".kube" / "config"]
    return tuple(dict.fromkeys([*first, *(Path(name).expanduser() for name in extra)]))


def data_file(name: str) -> Path:
    """A file that ships with the program: in the wheel under ``fleetui/data``, in a checkout beside the package."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "data" / name
    return shipped if shipped.exists() else package.parent / name


def shipped_kinds() -> Path:
    """The kinds of clusters that ship: inside the package, in the wheel as in a checkout."""
    return Path(__file__).resolve().parent.parent / "kinds"
