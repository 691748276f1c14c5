"""A pod as the Pods screen shows it, and the rule for the word in its STATUS column."""

import msgspec


class Pod(msgspec.Struct, frozen=True, gc=False):
    """One pod. Text is already clean for the screen."""

    uid: str
    name: str
    namespace: str
    cluster: str
    status: str
    """The word kubectl prints: ``Running``, ``CrashLoopBackOff``, ``Terminating``, ``Init:0/1``."""
    ready: int = 0
    """Containers that are ready."""
    containers: int = 0
    restarts: int = 0
    node: str = ""
    ip: str = ""
    owner: str = ""
    """``ReplicaSet/web-7d9``; empty for a naked pod."""
    created: float | None = None
    deleting_since: float | None = None
    labels: tuple[tuple[str, str], ...] = ()
    resource_version: str = ""

    @property
    def finished(self) -> bool:
        return self.status in ("Completed", "Succeeded", "Failed", "Error") and self.ready == 0

    @property
    def healthy(self) -> bool:
        return self.status == "Completed" or (self.status == "Running" and self.ready == self.containers)

    def label(self, key: str) -> str | None:
        for name, value in self.labels:
            if name == key:
                return value
        return None
