"""Kubeconfigs as kubectl reads them: several files, the first to say something wins, relative paths relative to theirs.

Reading is lazy: files are parsed once, an entry is looked at when its context is opened. 300 contexts of which five
are used cost one parse, and one broken entry breaks its own context only.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from fleetui.clients.http.unseen import Unseen
from fleetui.clients.kube.connection import Connection
from fleetui.clients.kube.entries import BODIES, Entry
from fleetui.clients.kube.resolve import server_of, user_of
from fleetui.clients.yaml_file import YamlError, load
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.text import clean_message

Signature = tuple[tuple[int, int, int] | None, ...]


class Kubeconfig(Unseen, frozen=True):
    """The merged view of some files at one moment."""

    paths: tuple[Path, ...]
    contexts: Mapping[str, Entry]
    clusters: Mapping[str, Entry]
    users: Mapping[str, Entry]
    current: str = ""
    problems: tuple[Fault, ...] = ()
    """Files that could not be read, each with its place and fix. The others count all the same."""
    signature: Signature = ()
    """Changes when a file does."""

    def connection(self, context: str) -> Connection:
        """Where ``context`` leads. Raises ClusterError (CONFIG) with file, line and fix."""
        entry = self.contexts.get(context)
        if entry is None:
            raise ClusterError(_missing_context(context, self))
        cluster = self._referred(entry, "cluster", self.clusters)
        if cluster is None:
            raise entry.error(("cluster",), "no cluster is named", "name one of clusters")
        user = self._referred(entry, "user", self.users)
        return Connection(server=server_of(cluster), user=user_of(user))

    def namespace(self, context: str) -> str:
        """The context's namespace, empty when it names none."""
        return self.contexts[context].text("namespace")

    def _referred(self, entry: Entry, key: str, entries: Mapping[str, Entry]) -> Entry | None:
        name = entry.text(key)
        if not name:
            return None
        found = entries.get(name)
        if found is None:
            raise entry.error((key,), f"there is no {key} {name!r}", f"add it to {key}s, or correct the name")
        return found


def read_kubeconfig(paths: Iterable[Path]) -> Kubeconfig:
    """Reads and merges the files. Never raises: what cannot be read is in ``problems``; files that are not there are
    left out, as kubectl does, unless none is there at all."""
    files = tuple(paths)
    signature = sign(files)
    merged: dict[str, dict[str, Entry]] = {"contexts": {}, "clusters": {}, "users": {}}
    problems: list[Fault] = []
    current = ""
    for file in files:
        try:
            document = _document(file)
            current = current or _current(document, file)
            for list_name, known in merged.items():
                for name, entry in _entries(document, list_name, file).items():
                    known.setdefault(name, entry)
        except YamlError as error:
            problems.append(_unreadable(str(error)))
    if all(there is None for there in signature):
        problems.append(_unreadable(f"no kubeconfig: {', '.join(map(str, files)) or 'none named'}", _GET_ONE))
    return Kubeconfig(files, **merged, current=current, problems=tuple(problems), signature=signature)


def sign(files: tuple[Path, ...]) -> Signature:
    """What changes when a file is written or replaced; None for a file that is not there."""
    signs: list[tuple[int, int, int] | None] = []
    for file in files:
        try:
            stat = file.stat()
            signs.append((stat.st_mtime_ns, stat.st_size, stat.st_ino))
        except OSError:
            signs.append(None)
    return tuple(signs)


_GET_ONE = "set KUBECONFIG, or copy one to ~/.kube/config; without any cluster: fleetui demo"


def _document(file: Path) -> Mapping[str, object]:
    try:
        document = load(file.read_text(encoding="utf-8"), str(file))
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise YamlError(f"{file}: not text at byte {error.start}; save the file as UTF-8") from error
    except OSError as error:
        raise YamlError(f"{file}: {error.strerror}; check the path and its permissions") from error
    if document is None:
        return {}
    if not isinstance(document, Mapping):
        raise YamlError(f"{file}:1: not a kubeconfig; it begins with 'apiVersion: v1'")
    return document


def _current(document: Mapping[str, object], file: Path) -> str:
    current = document.get("current-context") or ""
    if not isinstance(current, str):
        raise YamlError(f"{file}: current-context: expected text; quote it")
    return current


def _entries(document: Mapping[str, object], list_name: str, file: Path) -> dict[str, Entry]:
    listed = document.get(list_name) or []
    if not isinstance(listed, list):
        raise YamlError(f"{file}: {list_name}: expected a list; write '- name: …'")
    entries: dict[str, Entry] = {}
    for index, item in enumerate(listed):
        name = item.get("name") if isinstance(item, Mapping) else None
        if not isinstance(name, str) or not name:
            continue
        first = entries.get(name)
        if first is None:
            entries[name] = Entry(list_name, name, index, item.get(BODIES[list_name]), file)
        else:
            entries[name] = Entry(list_name, name, first.index, first.body, file, also=index)
    return entries


def _missing_context(context: str, config: Kubeconfig) -> Fault:
    where = ", ".join(map(str, config.paths)) or "no file"
    detail = clean_message(f"there is no context {context!r} in {where}")
    return Fault(kind=FaultKind.CONFIG, word="no such context", detail=detail, remedy="kubectl config get-contexts")


def _unreadable(text: str, remedy: str = "") -> Fault:
    detail, _, fix = text.rpartition("; ")
    return Fault(
        kind=FaultKind.CONFIG,
        word="kubeconfig",
        detail=clean_message(text if remedy else detail or fix),
        remedy=clean_message(remedy or fix),
    )
