"""``fleetui controller install``: a systemd user unit, for controllers that outlive logins and reboots. Text only; who
installs it writes the file and shows the commands."""

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
    """What of this login's environment a unit needs to reach the same clusters as the same person. Nothing that looks
    like a secret: a unit file is readable and stays."""
    return {key: value for key, value in env.items() if key in _KEPT and value}


_KEPT = frozenset(
    {"KUBECONFIG", "PATH", "FLEETUI_CONFIG", "FLEETUI_STATE_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"}
    | {"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "SSL_CERT_FILE"}
    | {"AWS_PROFILE", "AWS_REGION", "AWS_CONFIG_FILE", "CLOUDSDK_CONFIG", "AZURE_CONFIG_DIR", "KRB5CCNAME", "LANG"}
)


def _quoted(word: str) -> str:
    """One word as systemd.syntax(7) reads it: specifiers and variables escaped."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if any(character in word for character in " \t\n\"'\\;") or not word else escaped
