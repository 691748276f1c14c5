"""The command lines of a bed's servers, each flag with its reason where it is not plain."""

from pathlib import Path

Flags = dict[str, object]
# Nodes without this annotation have no kubelet: their pods never run and never end.
KUBELET_SELECTOR = "kwok.x-k8s.io/node=fake"


def etcd(folder: Path, *, client: int, peer: int) -> Flags:
    """`folder`: the cluster's; `client` and `peer` are ports."""
    data = folder / "etcd"
    client_url, peer_url = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    return {
        "data-dir": data,
        "listen-client-urls": client_url,
        "advertise-client-urls": client_url,
        "listen-peer-urls": peer_url,
        "initial-advertise-peer-urls": peer_url,
        "initial-cluster": f"default={peer_url}",
        "force-new-cluster": str(data.exists()).lower(),  # a seed knows another peer address
        "unsafe-no-fsync": "true",
        "quota-backend-bytes": 8 << 30,
        "log-level": "warn",
    }


def apiserver(folder: Path, *, port: int, etcd: int) -> Flags:
    """Loopback alone; users by `tokens.csv` and by certificates of the cluster's authority."""
    pki = folder / "pki"
    return {
        "etcd-servers": f"http://127.0.0.1:{etcd}",
        "secure-port": port,
        "bind-address": "127.0.0.1",
        "advertise-address": "127.0.0.1",
        "endpoint-reconciler-type": "none",
        "service-cluster-ip-range": "10.0.0.0/16",
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-account-key-file": pki / "sa.pub",
        "service-account-signing-key-file": pki / "sa.key",
        "token-auth-file": folder / "tokens.csv",
        "client-ca-file": pki / "ca.crt",
        "tls-cert-file": pki / "serving.crt",
        "tls-private-key-file": pki / "serving.key",
        "authorization-mode": "RBAC",
        "disable-admission-plugins": "ServiceAccount",  # pods need no token, so none waits for one
        "audit-policy-file": folder / "audit-policy.yaml",
        "audit-log-path": folder / "audit.log",
        "audit-log-mode": "blocking-strict",  # a line that is not written fails its request: nothing is lost
    }


def controllers(folder: Path, kubeconfig: Path) -> Flags:
    return {
        "kubeconfig": kubeconfig,
        "service-account-private-key-file": folder / "pki" / "sa.key",
        "leader-elect": "false",
        "controllers": "*,-nodeipam",
        "node-monitor-grace-period": "24h",  # a condition that a test has set by hand stays as it is
        "secure-port": 0,
    }


def scheduler(kubeconfig: Path) -> Flags:
    return {"kubeconfig": kubeconfig, "leader-elect": "false", "secure-port": 0}


def kubelets(folder: Path, kubeconfig: Path) -> Flags:
    config = folder / "kwok.yaml"
    config.touch()  # empty: kwok's built-in stages, and no file of the user's home
    selector = "manage-nodes-with-annotation-selector"
    return {"kubeconfig": kubeconfig, selector: KUBELET_SELECTOR, "config": config}
