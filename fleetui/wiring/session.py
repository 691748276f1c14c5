"""What one session works with: its files, its configuration, its kubeconfigs. Reads no more than the command needs."""

import argparse
import os
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import msgspec

from fleetui.clients.paths import Paths, kubeconfig_files, paths_under, session_paths
from fleetui.model.config import Config


class Session(msgspec.Struct, frozen=True, dict=True):
    """Everything the command line and the environment decide; what is read from files is read when asked for."""

    paths: Paths
    kubeconfig_override: tuple[Path, ...] = ()
    patterns: tuple[str, ...] = ()
    """``--context``: connect only these."""
    theme_override: str = ""
    readonly: bool = False
    demo: bool = False

    @cached_property
    def config(self) -> Config:
        """Raises ConfigError. A file that does not exist costs no import of a YAML library before the first frame."""
        config = Config()
        if self.paths.config_file.exists():
            from fleetui.clients.config_file import read_config

            config = read_config(self.paths.config_file, check=_check_keys)
        return msgspec.structs.replace(config, connect=self.patterns) if self.patterns else config

    @property
    def theme(self) -> str:
        return self.theme_override or self.config.theme

    @property
    def runbook_dir(self) -> Path:
        """The operator's own runbooks: as configured, else beside the configuration. It need not exist."""
        said = self.config.runbooks
        return Path(said).expanduser() if said else self.paths.config_file.parent / "runbooks"

    @property
    def kubeconfigs(self) -> tuple[Path, ...]:
        return self.kubeconfig_override or kubeconfig_files(self.config.kubeconfigs)


def _check_keys(config: Config) -> Iterable[tuple[tuple[str, ...], str]]:
    """The commands are the console's; they are asked only where there is something to ask."""
    if not config.keys:
        return ()
    from fleetui.console.keymap import problems

    return problems(config.keys)


def open_session(arguments: argparse.Namespace) -> Session:
    """From the command line; an explicit ``--config`` that does not exist is an error, a missing default is not."""
    paths = session_paths()
    if arguments.config:
        if not Path(arguments.config).exists():
            raise FileNotFoundError(f"--config {arguments.config}: no such file")
        paths = msgspec.structs.replace(paths, config_file=Path(arguments.config).absolute())
    if arguments.state_dir:
        paths = msgspec.structs.replace(paths, state_dir=Path(arguments.state_dir).absolute())
    files = [part for part in (arguments.kubeconfig or "").split(os.pathsep) if part]
    return Session(
        paths=paths,
        kubeconfig_override=tuple(Path(part).expanduser().absolute() for part in files),
        patterns=tuple(arguments.context),
        theme_override=arguments.theme or "",
        readonly=arguments.readonly,
    )


def demo_session(arguments: argparse.Namespace, directory: Path) -> Session:
    """A session whose every file lies in the demo's own directory."""
    return Session(
        paths=paths_under(directory),
        kubeconfig_override=(directory / "kubeconfig",),
        patterns=tuple(arguments.context),
        theme_override=arguments.theme or "",
        readonly=arguments.readonly,
        demo=True,
    )
