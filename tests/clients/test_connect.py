"""What the controller is told about the credentials of an operation's cluster."""

from pathlib import Path

import yaml

from fleetui.clients.kube.connect import Connector
from fleetui.clients.system import SystemChance, SystemClock
from fleetui.model.cluster import ClusterRef


def connector(tmp_path: Path) -> Connector:
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "/opt/bin/cloud-login", "args": ["token"]}
    content = {
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:6443"}}],
        "users": [{"name": "sso", "user": {"exec": plugin}}, {"name": "static", "user": {"token": "t"}}],
        "contexts": [
            {"name": "by-plugin", "context": {"cluster": "c", "user": "sso"}},
            {"name": "by-token", "context": {"cluster": "c", "user": "static"}},
        ],
    }
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(content))
    return Connector((path,), clock=SystemClock(), chance=SystemChance())


async def test_a_plugin_is_named_without_its_directory(tmp_path: Path) -> None:
    opened = connector(tmp_path)
    names = {
        context: opened.exec_command(ClusterRef(context, context)) for context in ("by-plugin", "by-token", "gone")
    }
    assert names == {"by-plugin": "cloud-login", "by-token": "", "gone": ""}
