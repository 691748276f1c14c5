"""One entry of a kubeconfig, read field by field. A mistake names its file, line and fix, and breaks no other entry."""

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path

from fleetui.clients.http.unseen import Unseen
from fleetui.clients.yaml_file import locate
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.text import clean_message

BODIES = {"clusters": "cluster", "users": "user", "contexts": "context"}


class Entry(Unseen, frozen=True):
    """``body`` is what stands under ``cluster:``, ``user:`` or ``context:``; its values are still untyped."""

    list_name: str
    name: str
    index: int
    """In its list in ``file``."""
    body: object
    file: Path
    also: int | None = None
    """Index of a second entry of this name in the same file; kubectl refuses such a file."""

    def mapping(self) -> Mapping[str, object]:
        if self.also is not None:
            raise self.error((), f"{self.name!r} is there twice", "remove one", index=self.also)
        if self.body is None:
            return {}
        if not isinstance(self.body, Mapping):
            raise self.error(
                (), f"expected a mapping, got {_kind(self.body)}", f"write {BODIES[self.list_name]}: {{…}}"
            )
        return self.body

    def text(self, *path: str) -> str:
        """The text at ``path``; empty when it is not there."""
        value = self._at(path)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.error(path, f"expected text, got {_kind(value)}", f'quote it: "{value}"')
        return value

    def flag(self, *path: str) -> bool:
        value = self._at(path)
        if value is None or isinstance(value, bool):
            return bool(value)
        raise self.error(path, f"expected true or false, got {_kind(value)}", "write true or false")

    def texts(self, *path: str) -> tuple[str, ...]:
        value = self._at(path)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(path, "expected a list of texts", 'quote what is not text: ["1"]')
        return tuple(value)

    def section(self, *path: str) -> Mapping[str, object]:
        value = self._at(path)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise self.error(path, f"expected a mapping, got {_kind(value)}", "check the indentation")
        return value

    def sections(self, *path: str) -> tuple[Mapping[str, object], ...]:
        value = self._at(path)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            raise self.error(path, "expected a list of mappings", "check the indentation")
        return tuple(value)

    def pem(self, key: str) -> bytes | None:
        """``KEY-data`` decoded, else the file named by ``KEY``, else None. Data wins, as in kubectl."""
        data = self.text(f"{key}-data")
        if data:
            return self._decode(f"{key}-data", data)
        name = self.text(key)
        return self._read(key, self.path(name)) if name else None

    def path(self, name: str) -> Path:
        """Relative names are relative to the kubeconfig that says them."""
        return self.file.parent / Path(name)

    def error(self, path: tuple[str, ...], what: str, fix: str, *, index: int | None = None) -> ClusterError:
        """A fault with file, line and field: ``~/.kube/config:12: users.ana.token: expected text, got a number``."""
        field = ".".join((self.list_name, self.name, *path))
        at = self.index if index is None else index
        line = _line(self.file, (self.list_name, str(at), BODIES[self.list_name], *path))
        detail = f"{self.file}{line}: {field}: {what}"
        fault = Fault(kind=FaultKind.CONFIG, word="kubeconfig", detail=clean_message(detail), remedy=clean_message(fix))
        return ClusterError(fault)

    def _at(self, path: tuple[str, ...]) -> object:
        value: object = self.mapping()
        for depth, part in enumerate(path):
            if value is None:
                return None
            if not isinstance(value, Mapping):
                raise self.error(path[:depth], f"expected a mapping, got {_kind(value)}", "check the indentation")
            value = value.get(part)
        return value

    def _decode(self, key: str, data: str) -> bytes:
        try:
            pem = base64.b64decode("".join(data.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise self.error((key,), "not base64", f"encode the PEM file: base64 -w0 FILE ({error})") from error
        return self._check_pem(key, pem)

    def _read(self, key: str, file: Path) -> bytes:
        try:
            pem = file.read_bytes()
        except OSError as error:
            raise self.error((key,), f"{file}: {error.strerror}", "correct the path, or restore the file") from error
        return self._check_pem(key, pem)

    def _check_pem(self, key: str, pem: bytes) -> bytes:
        if b"-----BEGIN " not in pem:
            raise self.error((key,), "holds no PEM block", "it must begin with -----BEGIN")
        return pem


def _line(file: Path, path: tuple[str, ...]) -> str:
    """Looked up only when something is wrong: finding a line means parsing the file again."""
    try:
        line = locate(file.read_text(encoding="utf-8"), path)
    except (OSError, UnicodeDecodeError):
        return ""
    return "" if line is None else f":{line}"


_KINDS = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a mapping", str: "text"}


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "something else")
