"""What ends with a login, case by case."""

import pytest

from fleetui.model.login import CredentialUse, LoginFacts, login_checks
from fleetui.model.operation import Check, Outcome, Severity

OK, FAIL, UNKNOWN = Outcome.OK, Outcome.FAIL, Outcome.UNKNOWN
AGENT = CredentialUse(uses_ssh_agent=True)


def check(ident: str, login: LoginFacts | None = None, use: CredentialUse | None = None) -> Check:
    checks = login_checks(login or LoginFacts(), use or CredentialUse(), at=5.0)
    (found,) = [check for check in checks if check.id == ident]
    return found


@pytest.mark.parametrize(
    ("login", "outcome"),
    [
        (LoginFacts(), UNKNOWN),
        (LoginFacts(kills_user_processes=False), OK),
        (LoginFacts(kills_user_processes=True), FAIL),
        (LoginFacts(kills_user_processes=True, lingering=True), FAIL),
        (LoginFacts(in_user_unit=True, lingering=True, kills_user_processes=True), OK),
        (LoginFacts(in_user_unit=True, lingering=False), FAIL),
        (LoginFacts(in_user_unit=True), UNKNOWN),
    ],
)
def test_the_process(login: LoginFacts, outcome: Outcome) -> None:
    found = check("login-process", login)
    assert found.outcome is outcome
    assert bool(found.remedy) is (outcome is not OK)


@pytest.mark.parametrize(
    ("cache", "outcome"),
    [
        ("", OK),
        ("FILE:/tmp/krb5cc_1000", OK),
        ("/tmp/krb5cc_1000", OK),
        ("DIR:/run/user/1000/krb5cc", OK),
        ("KCM:", OK),
        ("KEYRING:persistent:1000", OK),
        ("KEYRING:user:me", OK),
        ("KEYRING:session:me", FAIL),
        ("keyring:process:x", FAIL),
        ("KEYRING:me", FAIL),
        ("MEMORY:x", FAIL),
    ],
)
def test_the_kerberos_cache(cache: str, outcome: Outcome) -> None:
    found = check("login-kerberos", LoginFacts(krb5_cache=cache))
    assert found.outcome is outcome
    assert cache in found.evidence


@pytest.mark.parametrize(
    ("login", "use", "outcome"),
    [
        (LoginFacts(over_ssh=True, ssh_auth_sock="/tmp/ssh-abc/agent.1"), CredentialUse(), OK),
        (LoginFacts(), AGENT, FAIL),
        (LoginFacts(over_ssh=True, ssh_auth_sock="/tmp/ssh-abc/agent.1"), AGENT, FAIL),
        (LoginFacts(over_ssh=True, ssh_auth_sock="/home/ana/.ssh/agent/s.x.sshd.y"), AGENT, FAIL),
        (LoginFacts(over_ssh=True, ssh_auth_sock="/run/user/1000/openssh_agent"), AGENT, UNKNOWN),
        (LoginFacts(over_ssh=False, ssh_auth_sock="/tmp/ssh-abc/agent.1"), AGENT, OK),
    ],
)
def test_the_ssh_agent(login: LoginFacts, use: CredentialUse, outcome: Outcome) -> None:
    assert check("login-agent", login, use).outcome is outcome


@pytest.mark.parametrize(
    ("command", "outcome", "remedy"),
    [("", OK, ""), ("aws", UNKNOWN, "renew it first: aws sso login"), ("in-house", UNKNOWN, "ask its owner")],
)
def test_the_credential_plugin(command: str, outcome: Outcome, remedy: str) -> None:
    found = check("login-plugin", use=CredentialUse(exec_command=command))
    assert found.outcome is outcome
    assert found.remedy.startswith(remedy)


def test_all_are_warnings_with_a_time() -> None:
    checks = login_checks(LoginFacts(kills_user_processes=True), CredentialUse(), at=5.0)
    assert {(check.severity, check.at, check.blocks) for check in checks} == {(Severity.WARN, 5.0, False)}
    assert len(checks) == 4
