"""Whether what an operation needs outlives the login that starts it: an operation may run for hours after its operator
has closed the laptop. Pure rules over facts that ``clients`` collects."""

import msgspec

from fleetui.model.operation import Check, Outcome, Severity


class LoginFacts(msgspec.Struct, frozen=True):
    """What is known of this login and of the credentials of the operation's cluster. None is unknown."""

    over_ssh: bool = False
    ssh_auth_sock: str = ""
    krb5_cache: str = ""
    """KRB5CCNAME."""
    kills_user_processes: bool | None = None
    """logind's KillUserProcesses."""
    lingering: bool | None = None
    """``loginctl enable-linger`` was run for this user."""
    in_user_unit: bool = False
    """The controller is a unit of the user's systemd, not a child of the login."""


class CredentialUse(msgspec.Struct, frozen=True):
    """How the operation authenticates to its cluster."""

    exec_command: str = ""
    """Of the kubeconfig's exec plugin, the program's name without its directory; empty when there is none."""
    uses_ssh_agent: bool = False
    """The operation speaks SSH to hosts with keys from the agent."""


class _Verdict(msgspec.Struct, frozen=True):
    outcome: Outcome
    evidence: str
    remedy: str = ""


_OK, _FAIL, _UNKNOWN = Outcome.OK, Outcome.FAIL, Outcome.UNKNOWN
_AS_UNIT = "run: fleetui controller install, and loginctl enable-linger"


def login_checks(login: LoginFacts, use: CredentialUse, *, at: float) -> tuple[Check, ...]:
    """One check per thing that can end with the login; all are warnings: the operation can be run, watched."""
    subjects = (
        ("login-process", "the controller outlives this login", "logind: KillUserProcesses, Linger", _process(login)),
        ("login-kerberos", "the Kerberos tickets outlive this login", "KRB5CCNAME", _kerberos(login.krb5_cache)),
        ("login-agent", "the SSH keys outlive this login", "SSH_AUTH_SOCK", _agent(login, use)),
        ("login-plugin", "the cluster's credentials outlive this login", "kubeconfig: exec", _plugin(use.exec_command)),
    )
    return tuple(
        Check(ident, title, Severity.WARN, said.outcome, said.evidence, source, at, remedy=said.remedy)
        for ident, title, source, said in subjects
    )


def _process(login: LoginFacts) -> _Verdict:
    if login.in_user_unit and login.lingering:
        return _Verdict(_OK, "it is a user unit, and lingering is on")
    if login.in_user_unit:
        outcome = _UNKNOWN if login.lingering is None else _FAIL
        return _Verdict(outcome, "a user unit ends with the last login", "run: loginctl enable-linger")
    if login.kills_user_processes is None:
        return _Verdict(_UNKNOWN, "logind's KillUserProcesses is not known", _AS_UNIT)
    if login.kills_user_processes:  # of session scopes, lingering or not: logind.conf(5)
        return _Verdict(_FAIL, "logind kills all processes of a login that ends", _AS_UNIT)
    return _Verdict(_OK, "logind leaves the processes of ended logins alone")


def _kerberos(cache: str) -> _Verdict:
    remedy = "kinit into KCM:, a FILE: cache or KEYRING:persistent: before starting the operation"
    kind, _, rest = cache.partition(":")
    if not cache:
        return _Verdict(_OK, "no ticket cache is named")
    if kind.upper() == "KEYRING" and not rest.lower().startswith(("persistent:", "user:")):
        return _Verdict(_FAIL, f"{cache} belongs to this session's keyring", remedy)
    if kind.upper() == "MEMORY":
        return _Verdict(_FAIL, f"{cache} lives in one process", remedy)
    return _Verdict(_OK, f"{cache} is kept outside the session")


def _agent(login: LoginFacts, use: CredentialUse) -> _Verdict:
    remedy = "use a key on this host, or an agent that runs here (ssh-agent as a user unit)"
    socket = login.ssh_auth_sock
    if not use.uses_ssh_agent:
        return _Verdict(_OK, "this operation uses no SSH agent")
    if not socket:
        return _Verdict(_FAIL, "there is no SSH agent", remedy)
    if not login.over_ssh:
        return _Verdict(_OK, f"{socket} runs on this host")
    if _is_forwarded(socket):
        return _Verdict(_FAIL, f"{socket} is forwarded from where you sit: it ends with this SSH line", remedy)
    return _Verdict(_UNKNOWN, f"{socket} may be a forwarded agent", remedy)


def _is_forwarded(socket: str) -> bool:
    """sshd makes /tmp/ssh-XXXXXXXXXX/agent.PID for a forwarded agent; since OpenSSH 10.1 ~/.ssh/agent/s.*.sshd.* ."""
    return (socket.startswith("/tmp/ssh-") and "/agent." in socket) or ".sshd." in socket  # noqa: S108 - sshd's choice


_INTERACTIVE = {
    "aws": "aws sso login",
    "aws-vault": "aws-vault login",
    "gke-gcloud-auth-plugin": "gcloud auth login",
    "kubelogin": "kubelogin (device or browser login)",
    "kubectl-oidc_login": "kubectl oidc-login",
    "tsh": "tsh login",
    "teleport": "tsh login",
    "okta-aws-cli": "okta-aws-cli",
    "pinniped": "pinniped login",
    "vault": "vault login",
}
"""Plugins whose cached login ends after hours and then wants a person, and the command that renews it."""


def _plugin(command: str) -> _Verdict:
    if not command:
        return _Verdict(_OK, "no credential plugin: they are in the kubeconfig")
    renew = _INTERACTIVE.get(command)
    if renew is None:
        return _Verdict(_UNKNOWN, f"{command} may want a person", "ask its owner how long its login lives")
    evidence = f"{command} lives on a cached login that ends by itself and then wants a person"
    return _Verdict(_UNKNOWN, evidence, f"renew it first: {renew}")
