"""Runbooks as files: the operator's own directory first, then those that ship in the package."""

from collections.abc import Iterable
from pathlib import Path

from fleetui.model.runbook import Runbook, read

SHIPPED = Path(__file__).resolve().parent.parent / "runbooks"
LARGEST = 1_000_000
"""Bytes; more is no runbook."""


class RunbookFiles:
    """Called with names, the most fitting first: the first that anybody has wrote a runbook for."""

    def __init__(self, own: Path) -> None:
        """``own``: the operator's directory; it need not exist."""
        self._own = own

    def __call__(self, names: Iterable[str]) -> Runbook | None:
        """None where there is none of these. A file that cannot be read is said in its place."""
        wanted = [name for name in names if name and Path(name).name == name]
        for folder, source in ((self._own, None), (SHIPPED, "shipped")):
            for name in wanted:
                if (path := folder / f"{name}.md").is_file():
                    return _read(path, name, source or str(path))
        return None

    def names(self) -> tuple[str, ...]:
        """Of all there are, sorted."""
        files = [path for folder in (self._own, SHIPPED) if folder.is_dir() for path in folder.glob("*.md")]
        return tuple(sorted({path.stem for path in files}))


def _read(path: Path, name: str, source: str) -> Runbook:
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST).decode("utf-8", "replace")
    except OSError as error:
        text = f"# {name}\n\n{path} cannot be read: {error.strerror}."
    return read(name, text, source=source)
