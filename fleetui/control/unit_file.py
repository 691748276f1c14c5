"""``fleetui controller install``: a systemd user unit, for controllers that outlive logins and reboots. Who installs it
writes the file and shows the commands."""

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

UNIT_NAME = "fleetui-controller.service"

STOP_TIMEOUT_S = 90
"""A controller stops at a safe point: after the request under way, which may take 30 s, and what it writes then."""


def unit_path(env: Mapping[str, str], home: Path) -> Path:
    """Where systemd looks for a user's own units (systemd.unit(5))."""
    return Path(env.get("XDG_CONFIG_HOME") or home / ".config") / "systemd" / "user" / UNIT_NAME


def unit_text(argv: Sequence[str], *, environment: Mapping[str, str]) -> str:
    """The unit. ``argv`` is the controller's command with an absolute path, ``environment`` what it must find again."""
    lines = [
        "[Unit]",
        "Description=fleetui controller: plans and runs operations on Kubernetes clusters",
        "StartLimitIntervalSec=300",
        "StartLimitBurst=10",
        "",
        "[Service]",
        f"ExecStart={' '.join(_quoted(word) for word in argv)}",
        *(f"Environment={_quoted(f'{key}={value}')}" for key, value in sorted(environment.items())),
        "WorkingDirectory=/",
        "Restart=on-failure",
        "RestartSec=5",
        f"TimeoutStopSec={STOP_TIMEOUT_S}",
        "KillMode=mixed",
        "UMask=0077",
        "",
        "[Install]",
        "WantedBy=default.target",
    ]
    return "\n".join(lines) + "\n"


def install_steps(path: Path, user: str) -> tuple[str, ...]:
    """What is left to do once the file is written, each a command with its reason."""
    return (
        f"systemctl --user daemon-reload   # read {path}",
        f"systemctl --user enable --now {UNIT_NAME}   # start it now and at every boot",
        f"loginctl enable-linger {user}   # without it your user manager, and the controller, end with your last login",
    )


def kept_environment(env: Mapping[str, str]) -> dict[str, str]:
    """What of this login's environment a unit needs to reach the same clusters as the same person. No secrets: a unit
    file stays, and is copied and backed up. So a proxy's user name and password are left out; ``withheld`` says so."""
    kept = {key: value for key, value in env.items() if key in _KEPT | _PROXIES and value}
    return {key: _without_userinfo(value) if key in _PROXIES else value for key, value in kept.items()}


def withheld(env: Mapping[str, str]) -> tuple[str, ...]:
    """A line for each variable of ``kept_environment`` that is not as in ``env``, and what to do. Never the secret."""
    return tuple(
        f"{key} is kept without its user name and password; if the proxy asks for them, put the variable into a file "
        f"of mode 0600 and name that: systemctl --user edit {UNIT_NAME}: [Service] EnvironmentFile=/PATH"
        for key, kept in kept_environment(env).items()
        if kept != env[key]
    )


def write_unit(path: Path, text: str) -> None:
    """Puts the unit in its place, for its owner's eyes alone: all of it, or what was there before. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp: mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.fsencode(text))  # a path in the environment need not be UTF-8
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


_USERINFO = re.compile(r"^((?:[a-z][a-z0-9+.-]*://)?).*@", re.IGNORECASE | re.DOTALL)
"""To the last @ of a proxy's address: passwords hold unescaped @ and / in practice, a proxy's address no path."""


def _without_userinfo(proxy: str) -> str:
    return _USERINFO.sub(r"\1", proxy)


_KEPT = frozenset(
    {"KUBECONFIG", "PATH", "FLEETUI_CONFIG", "FLEETUI_STATE_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"}
    | {"NO_PROXY", "no_proxy", "SSL_CERT_FILE"}
    | {"AWS_PROFILE", "AWS_REGION", "AWS_CONFIG_FILE", "CLOUDSDK_CONFIG", "AZURE_CONFIG_DIR", "KRB5CCNAME", "LANG"}
)
_PROXIES = frozenset({"HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"})


def _quoted(word: str) -> str:
    """One word as systemd.syntax(7) reads it: specifiers and variables escaped."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if any(character in word for character in " \t\n\"'\\;") or not word else escaped
