"""Reads the configuration file, and says what is wrong with it: the line, the field and the fix."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from fleetui.clients.yaml_file import load, locate
from fleetui.model.config import ClusterConfig, Config
from fleetui.model.duration import parse_duration
from fleetui.model.monitoring import (
    AlertmanagerConfig,
    MetricsConfig,
    alertmanager_mistakes,
    metrics_mistakes,
    slo_mistakes,
)


class ConfigError(ValueError):
    """The message is for the operator: ``config.yaml:12: clusters.prod.tier: expected str, got int``."""


_MAPPINGS = {"clusters": ClusterConfig, "keys": str, "metrics": MetricsConfig, "alertmanagers": AlertmanagerConfig}
"""Fields whose keys are the operator's own."""

Check = Callable[[Config], Iterable[tuple[tuple[str, ...], str]]]
"""What this module cannot know: yields (path of the field, what is wrong with it and what to write)."""


def read_config(path: Path, *, check: Check = lambda _: ()) -> Config:
    """The file's configuration, the defaults when there is no file. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    return parse_config(text, where=str(path), check=check)


def parse_config(text: str, *, where: str, check: Check = lambda _: ()) -> Config:
    """``where`` names the text in messages. Raises ConfigError; an empty text is all defaults."""
    try:
        document = load(text, where)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    try:
        config = msgspec.convert({} if document is None else document, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(_explain(_name_entry(str(error), document), text=text, where=where)) from error
    _check_durations(config, text=text, where=where)
    mistakes = (
        *metrics_mistakes(config.metrics),
        *alertmanager_mistakes(config.alertmanagers),
        *slo_mistakes(config.slo),
        *check(config),
    )
    for pointer, wrong in mistakes:
        raise ConfigError(f"{_place(pointer, text=text, where=where)}: {'.'.join(pointer)}: {wrong}")
    return config


def _check_durations(config: Config, *, text: str, where: str) -> None:
    said = {
        ("exec_timeout",): config.exec_timeout,
        ("operations", "drain_timeout"): config.operations.drain_timeout,
        ("operations", "write_for"): config.operations.write_for,
    }
    if config.operations.grace:
        said["operations", "grace"] = config.operations.grace
    for name, source in config.metrics.items():
        said["metrics", name, "timeout"] = source.timeout
        if source.latency_offset:
            said["metrics", name, "latency_offset"] = source.latency_offset
    said |= {("alertmanagers", name, "timeout"): one.timeout for name, one in config.alertmanagers.items()}
    for path, value in said.items():
        try:
            parse_duration(value)
        except ValueError as error:
            raise ConfigError(f"{_place(path, text=text, where=where)}: {'.'.join(path)}: {error}") from error


def _name_entry(message: str, document: object) -> str:
    """msgspec writes ``[...]`` for a key of a mapping; the operator needs to know which cluster or command it was."""
    for field, kind in _MAPPINGS.items():
        entries = document.get(field) if isinstance(document, dict) else None
        if f"$.{field}[...]" in message and isinstance(entries, dict):
            return message.replace("[...]", f"[{_first_wrong(entries, kind)}]", 1)
    return message


def _first_wrong(entries: dict[object, object], kind: type) -> object:
    for name, said in entries.items():
        try:
            msgspec.convert(said, kind)
        except msgspec.ValidationError:
            return name
    return "..."


def _explain(message: str, *, text: str, where: str) -> str:
    """msgspec says ``Expected `str`, got `int` - at `$.clusters[...].tier```; the operator needs the line."""
    what, _, pointer = message.partition(" - at `$")
    path = tuple(part.strip("[]") for part in re.findall(r"\[[^\]]*\]|[\w-]+", pointer.rstrip("`")))
    unknown = re.search(r"unknown field `([^`]+)`", message)
    if unknown:
        path = (*path, unknown.group(1))
        known = ", ".join(field.name for field in msgspec.structs.fields(Config))
        what = f"no such field; there are {known}" if len(path) == 1 else "no such field"
    return f"{_place(path, text=text, where=where)}: {'.'.join(path) or 'the file'}: {what}"


def _place(path: tuple[str, ...], *, text: str, where: str) -> str:
    line = locate(text, path)
    return where if line is None else f"{where}:{line}"
