"""What this login is made of: whether its processes, agents and ticket caches live on when it ends."""

import os
import pwd
from collections.abc import Mapping
from pathlib import Path

from fleetui.model.login import LoginFacts


def login_facts(env: Mapping[str, str] | None = None, *, root: Path = Path("/"), pid: int | None = None) -> LoginFacts:
    """Read from the environment and systemd's files under ``root``; costs a few small files, asks no daemon."""
    environ = os.environ if env is None else env
    return LoginFacts(
        over_ssh=bool(environ.get("SSH_CONNECTION") or environ.get("SSH_CLIENT")),
        ssh_auth_sock=environ.get("SSH_AUTH_SOCK", ""),
        krb5_cache=environ.get("KRB5CCNAME", ""),
        kills_user_processes=_kills_user_processes(root),
        lingering=_lingers(root),
        in_user_unit=_in_user_unit(root, os.getpid() if pid is None else pid),
    )


def _kills_user_processes(root: Path) -> bool | None:
    """logind.conf(5): the last setting counts, drop-ins after the file itself. Distributions compile in different
    defaults, so without a setting it is unknown; without systemd nothing kills."""
    if not (root / "run/systemd/system").is_dir():
        return False
    found: bool | None = None
    for file in _logind_files(root):
        for line in _lines(file):
            key, separator, value = line.partition("=")
            if separator and key.strip() == "KillUserProcesses":
                found = value.strip().lower() in ("yes", "true", "on", "1")
    return found


def _logind_files(root: Path) -> list[Path]:
    """In the order in which they count: the first logind.conf, then the drop-ins of all directories by name; one in
    /etc hides its namesakes elsewhere."""
    directories = [root / part / "systemd" for part in ("etc", "run", "usr/local/lib", "usr/lib")]
    mains = [directory / "logind.conf" for directory in directories if (directory / "logind.conf").is_file()]
    drop_ins: dict[str, Path] = {}
    for directory in reversed(directories):
        drop_ins.update({file.name: file for file in (directory / "logind.conf.d").glob("*.conf")})
    return mains[:1] + [drop_ins[name] for name in sorted(drop_ins)]


def _lingers(root: Path) -> bool | None:
    """logind keeps one empty file per user for whom ``loginctl enable-linger`` was run."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
        return (root / "var/lib/systemd/linger" / user).exists()
    except (KeyError, OSError):
        return None


def _in_user_unit(root: Path, pid: int) -> bool:
    """Whether this process belongs to the user's service manager, by its control group, and not to a session scope."""
    groups = _lines(root / "proc" / str(pid) / "cgroup")
    return any(f"/user@{os.getuid()}.service/" in group for group in groups)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(errors="replace").splitlines()
    except OSError:
        return []
