"""One real cluster on loopback: etcd and an API server, and on request the controller manager and fake kubelets.

Every part can be stopped, frozen and started again, and the audit log tells every mutation that arrived.
"""

import base64
import http.client
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import yaml

from tests.bed import audit, build, flags, users
from tests.bed.api import Api, ApiError, Object
from tests.bed.authority import Authority, service_account_key
from tests.bed.process import Process
from tests.bed.service import START_WITHIN, Service, ServiceError

T = TypeVar("T")


class BedError(ServiceError):
    """A server of the bed did not do what the bed needs; the text carries the end of its log."""


class BedCluster(Service):
    """A cluster called `name`, ready when the constructor returns; `close` ends all its processes.

    `controllers`: kube-controller-manager (budgets' status, garbage collection, workloads, taints by condition).
    `scheduler`: kube-scheduler, for workloads whose pods name no node.
    `kubelets`: kwok, which makes the nodes of `objects.node` Ready, runs pods with a nodeName, and removes ended ones.
    `seed`: a folder made by `save`, to start from its data and keys instead of from nothing.
    """

    def __init__(
        self,
        name: str = "bed",
        *,
        controllers: bool = True,
        scheduler: bool = False,
        kubelets: bool = True,
        seed: Path | None = None,
    ) -> None:
        build.ensure()
        self._seed = seed
        self._wanted = {"controllers": controllers, "scheduler": scheduler, "kubelets": kubelets}
        super().__init__(name)

    # -- what it is ----------------------------------------------------------------------------------------------------

    @property
    def port(self) -> int:
        return self.port_of("api")

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def ca(self) -> Path:
        """The PEM file that signs the API server's certificate."""
        return self.authority.cert_file

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig; its one context has the cluster's name."""
        return self.kubeconfig_for("admin")

    def kubeconfig_for(self, user: str, *, auth: str = "token", server: str | None = None, context: str = "") -> Path:
        """A kubeconfig of one of `users.USERS`, by `auth` "token" or "cert", perhaps through a proxy at `server`."""
        context = context or self.name
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": self.name,
                    "cluster": {"server": server or self.url, "certificate-authority-data": _inline(self.ca)},
                }
            ],
            "users": [{"name": f"{self.name}-{user}", "user": self._credentials(user, auth)}],
            "contexts": [{"name": context, "context": {"cluster": self.name, "user": f"{self.name}-{user}"}}],
            "current-context": context,
        }
        path = self.folder / f"kubeconfig-{user}-{auth}-{'direct' if server is None else 'via'}-{context}"
        path.write_text(yaml.safe_dump(content))
        path.chmod(0o600)
        return path

    def api(self, user: str = "admin", *, timeout: float = 10) -> Api:
        """Plain requests as `user`."""
        return Api(self.port, self.ca, f"tok-{user}", timeout=timeout)

    def kubectl(self, *args: str, user: str = "admin", check: bool = True, stdin: str | None = None) -> str:
        """Standard output of kubectl; raises BedError with its standard error where `check` and it fails."""
        argv = [
            str(build.path_of("kubectl")),
            f"--kubeconfig={self.kubeconfig_for(user)}",
            f"--cache-dir={self.folder}/kubectl",
            *args,
        ]
        done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False, timeout=60)
        if check and done.returncode != 0:
            raise BedError(f"kubectl {' '.join(args)}: {done.stderr}")
        return done.stdout

    def audit(self) -> list[Object]:
        """Every audited event so far, oldest first (see audit.POLICY for what is audited)."""
        return audit.read(self.folder / "audit.log")

    def audit_until(self, wanted: Callable[[Object], bool], *, count: int = 1, within: float = 60) -> list[Object]:
        """The events that are `wanted`, once there are `count`: an answer may overtake its line in the log."""
        return self._until(
            lambda: found if len(found := [e for e in self.audit() if wanted(e)]) >= count else None,
            within,
            lambda: f"the audit log of {self.name} has too few of the wanted events:\n{audit.outline(self.audit())}",
        )

    def process(self, part: str) -> Process:
        """The process of `etcd`, `apiserver`, `controllers`, `scheduler` or `kubelets`."""
        return self.processes[part]

    # -- what can happen to it -----------------------------------------------------------------------------------------

    def stop_api(self) -> None:
        """The API server is gone at once: connections break, new ones are refused."""
        self.process("apiserver").kill()

    def start_api(self) -> None:
        """The API server again, at the same port with the same data; returns when it is ready."""
        self.process("apiserver").start()
        self.wait_ready()

    def freeze_api(self) -> None:
        """The API server hangs: connections stay open, nothing is answered."""
        self.process("apiserver").freeze()

    def thaw_api(self) -> None:
        self.process("apiserver").thaw()

    def restart_etcd(self) -> None:
        """etcd is killed and started again with its data; returns when the API server is ready again."""
        self.stop_etcd()
        self.start_etcd()

    def stop_etcd(self) -> None:
        """Storage is gone: the API server answers errors."""
        self.process("etcd").kill()

    def start_etcd(self) -> None:
        self.process("etcd").start()
        self.wait_ready()

    def save(self, folder: Path) -> None:
        """Write a seed for other clusters: etcd's data and the keys that go with it. The cluster ends with this."""
        for part in ("kubelets", "scheduler", "controllers", "apiserver", "etcd"):
            if part in self.processes:
                self.processes[part].terminate()
        shutil.copytree(self.folder / "etcd", folder / "etcd")
        shutil.copytree(self.folder / "pki", folder / "pki")
        self.close()

    # -- how it starts -------------------------------------------------------------------------------------------------

    def wait_ready(self, within: float = START_WITHIN) -> None:
        """Return when /readyz says 200 and a read reaches etcd (readyz is ahead of that). Raises BedError."""
        api = self.api(timeout=2)
        paths = ("/readyz", "/api/v1/namespaces/kube-system")

        def ready() -> bool | None:
            return all(_answers(api, path) for path in paths) or None

        self._until(ready, within, lambda: self._why("apiserver"))

    def _prepare(self, seed: Path | None) -> None:
        if seed is not None:
            shutil.copytree(seed, self.folder, dirs_exist_ok=True)
        pki = self.folder / "pki"
        self.authority = Authority(pki)
        self.serving_cert, self.serving_key = self.authority.serving()
        service_account_key(pki)
        (self.folder / "tokens.csv").write_text(users.token_lines())
        (self.folder / "audit-policy.yaml").write_text(yaml.safe_dump(audit.POLICY))

    def start_all(self) -> None:
        self._prepare(self._seed)
        client, peer = self.port_of("etcd"), self.port_of("peer")
        self._run("etcd", "etcd", flags.etcd(self.folder, client=client, peer=peer))
        self._run("apiserver", "kube-apiserver", flags.apiserver(self.folder, port=self.port, etcd=client))
        self.wait_ready()
        self._grant()
        if self._wanted["controllers"]:
            self._run(
                "controllers",
                "kube-controller-manager",
                flags.controllers(self.folder, self.kubeconfig_for("controllers")),
            )
        if self._wanted["scheduler"]:
            self._run("scheduler", "kube-scheduler", flags.scheduler(self.kubeconfig_for("scheduler")))
        if self._wanted["kubelets"]:
            self._run("kubelets", "kwok", flags.kubelets(self.folder, self.kubeconfig_for("kubelets")))
        if self._wanted["controllers"]:
            self._until(self._controllers_work, START_WITHIN, lambda: self._why("controllers"))

    def _run(self, part: str, program: str, options: Mapping[str, object]) -> None:
        argv: list[object] = [build.path_of(program), *(f"--{flag}={value}" for flag, value in options.items())]
        self.run(part, argv)

    def _grant(self) -> None:
        api = self.api()
        for path, body in users.grants():
            try:
                api.create(path, body)
            except ApiError as error:
                if error.code != http.client.CONFLICT:  # a seed has them already
                    raise

    def _controllers_work(self) -> bool | None:
        return _answers(self.api(timeout=2), "/api/v1/namespaces/default/serviceaccounts/default")

    def _credentials(self, user: str, auth: str) -> Object:
        known = {u.name: u for u in users.USERS}[user]
        if auth == "token":
            return {"token": known.token}
        cert, key = self.authority.client(user, groups=known.groups)
        return {"client-certificate-data": _inline(cert), "client-key-data": _inline(key)}

    def _until(self, attempt: Callable[[], T | None], within: float, why: Callable[[], str]) -> T:
        deadline = time.monotonic() + within
        while (found := attempt()) is None:
            if dead := [part for part, process in self.processes.items() if not process.alive]:
                raise BedError("\n".join(f"{part} is not running\n{self.processes[part].tail()}" for part in dead))
            if time.monotonic() > deadline:
                raise BedError(f"not within {within:g} s: {why()}")
            time.sleep(0.02)
        return found

    def _why(self, part: str) -> str:
        return f"{part} of {self.name}\n{self.processes[part].tail()}"


def _answers(api: Api, path: str) -> bool | None:
    try:
        api.request("GET", path)
    except (ApiError, OSError, http.client.HTTPException):
        return None
    return True


def _inline(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
