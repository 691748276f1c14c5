"""What a bundle must not carry is taken out wherever it stands; what tells the story stays."""

import time

import pytest

from fleetui.model.incident.redaction import Redactor, is_secret_name
from fleetui.model.redaction_rules import masked

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7n0x\nq1w2\n-----END RSA PRIVATE KEY-----"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJlLXdpdGgtZGFzaGVz"
CLEARTEXT = "hunter2-Sesame"

SECRETS = {
    f"tls: {PEM} was refused": ("MIIEpAIBAAKCAQEA7n0x", "q1w2"),
    "tls: -----BEGIN CERTIFICATE----- MIIBszCCAVmgAwIBAgIUcut": ("MIIBszCCAVmgAwIBAgIUcut",),
    "certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUM=": ("LS0tLS1CRUdJTiBD", "k1JSUM"),
    "ca LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUM= end": ("LS0tLS1CRUdJTiBD",),
    f"Authorization: Bearer {CLEARTEXT}": (CLEARTEXT,),
    f"Authorization: Basic {CLEARTEXT}": (CLEARTEXT,),
    f'"authorization": "Bearer {CLEARTEXT}"': (CLEARTEXT,),
    f"sent bearer {CLEARTEXT} to it": (CLEARTEXT,),
    f"X-Vault-Token: {CLEARTEXT}": (CLEARTEXT,),
    f"Set-Cookie: session={CLEARTEXT}; Path=/": (CLEARTEXT,),
    f"login with {JWT}": (JWT, JWT.split(".")[1], JWT.split(".")[2]),
    f"cannot pull https://robot:{CLEARTEXT}@registry.example/v2": (CLEARTEXT, "robot"),
    f"postgres://app:{CLEARTEXT}@db/orders refused": (CLEARTEXT,),
    f"app:{CLEARTEXT}@tcp(db:3306)/orders": (CLEARTEXT,),
    f"password={CLEARTEXT},user=app": (CLEARTEXT,),
    f"DB_PASSWORD: {CLEARTEXT}": (CLEARTEXT,),
    f"mytoken = {CLEARTEXT}": (CLEARTEXT,),
    f'{{"clientSecret":"{CLEARTEXT} and more","user":"app"}}': (CLEARTEXT, "and more"),
    f'"{{\\"password\\":\\"{CLEARTEXT}\\"}}"': (CLEARTEXT,),
    f"password: | {CLEARTEXT}": (CLEARTEXT,),
    f"mysql --password {CLEARTEXT} orders": (CLEARTEXT,),
    f'mysql --password "{CLEARTEXT} second" orders': (CLEARTEXT, "second"),
    f"mysql --db-password '{CLEARTEXT} second' orders": (CLEARTEXT, "second"),
    f"mysql -p{CLEARTEXT} orders": (CLEARTEXT,),
    f"curl -u ana:{CLEARTEXT} https://host/": (CLEARTEXT,),
    f'curl --user "ana:{CLEARTEXT} second" https://host/': (CLEARTEXT, "second"),
    f'args: ["--password", "{CLEARTEXT}"]': (CLEARTEXT,),
    f'args: ["-u", "ana:{CLEARTEXT}"]': (CLEARTEXT,),
    f"env: name: DB_PASSWORD, value: {CLEARTEXT}": (CLEARTEXT,),
    f'{{"name":"DB_PASSWORD","value":"{CLEARTEXT} second"}}': (CLEARTEXT, "second"),
    f"- name: DB_PASSWORD\n  value: {CLEARTEXT}": (CLEARTEXT,),
    f'{{"password": ["x", "{CLEARTEXT}"]}}': (CLEARTEXT,),
    f'{{"tokens": {{"ana": "{CLEARTEXT}"}}}}': (CLEARTEXT,),
    f'{{"password": "a\\"{CLEARTEXT}"}}': (CLEARTEXT,),
    f"git clone https://{CLEARTEXT}@git.example/x": (CLEARTEXT,),
    "postgres://app:p/Sesame@db/orders refused": ("Sesame", "app:p"),
    "postgres://app:p@Sesame@db/orders refused": ("Sesame", "app:p"),
    f"the password is {CLEARTEXT}": (CLEARTEXT,),
    f"pwd: '{CLEARTEXT}'": (CLEARTEXT,),
    'kubectl.kubernetes.io/last-applied-configuration: {"kind":"Secret","data":{"x":"c2VjcmV0"}}': ("c2VjcmV0",),
    "AWS AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY": ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI"),
    "push with ghp_16C7e42F292c6912E7710c838347Ae178B4a": ("ghp_16C7e42F",),
    "glpat-abcdEFGH1234ijkl and xoxb-2345678901-abcdef": ("glpat-abcdEFGH1234ijkl", "xoxb-2345678901"),
    "kubeadm join --token abcdef.0123456789abcdef": ("abcdef.0123456789abcdef",),
    "bootstrap abcdef.0123456789abcdef expired": ("0123456789abcdef",),
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKqf ana": ("AAAAC3NzaC1lZDI1NTE5AAAAIKqf",),
    "value Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MEFCQ0RFRg== odd": ("Zm9vYmFyYmF6cXV4MTIz",),
    "seed deadbeefdeadbeefdeadbeefdeadbeefdeadbeef odd": ("deadbeefdeadbeef",),
}  # fmt: skip


@pytest.mark.parametrize("text", SECRETS, ids=lambda text: text[:40])
def test_a_secret_goes_and_its_rule_is_named(text: str) -> None:
    redactor = Redactor()
    left = redactor.text(text, "timeline")
    assert not [secret for secret in SECRETS[text] if secret in left], left
    assert redactor.taken
    assert all(place == "timeline" and count > 0 for _, place, count in redactor.taken)
    assert not any(secret in rule for rule, _, _ in redactor.taken for secret in SECRETS[text])


@pytest.mark.parametrize(
    "text",
    [
        "wk-b-04 status Ready → NotReady",
        "Deployment payments/api rolled out, revision 12",
        "KubeNodeNotReady fires: page",
        "Pod payments/api-7d9f8b6c5d-x2x4z BackOff: Back-off restarting failed container app",
        "image registry.example/api@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "node uid 6f1a2b3c-4d5e-6f70-8192-a3b4c5d6e7f8 is gone",
        "author: ben; compass: north; assigned: 4",
        "secrets of prod-1: may not be listed",
        "from 10.0.0.7 at 10:02:09",
        "get http://10.0.0.7:9090/api/v1/query refused",
        "oci://registry.example:5000/api@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "kubectl -n shop get pods -o wide --all-namespaces",
        "drain wk-b-04 begun (rack C repair, CHG-1234)",
    ],
)
def test_what_tells_the_story_stays(text: str) -> None:
    redactor = Redactor()
    assert redactor.text(text, "timeline") == text
    assert redactor.taken == ()


@pytest.mark.parametrize("address", ["10.0.0.7", "fd00::1:2", "2001:db8:0:1:2:3:4:5", "::1"])
def test_addresses_go_where_it_is_asked_for(address: str) -> None:
    text = f"peer {address} refused at 10:02:09"
    assert Redactor().text(text, "timeline") == text
    assert Redactor(addresses=True).text(text, "timeline") == "peer [redacted: address] refused at 10:02:09"


def test_values_go_by_the_name_that_they_stand_under() -> None:
    redactor = Redactor()
    value = {
        "labels": {"db_password": 4711, "pod": "api-0", f"token={CLEARTEXT}": "x"},
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": {"data": ["c2VjcmV0"]}},
        "list": [f"Bearer {CLEARTEXT}", 3, None, True],
        "uid": "6f1a2b3c4d5e6f708192a3b4c5d6e7f8",
        "hash": JWT,
    }
    left = str(redactor.value(value, "alerts.json", ours=True))
    assert not [secret for secret in (CLEARTEXT, "4711", "c2VjcmV0", JWT) if secret in left]
    assert "6f1a2b3c4d5e6f708192a3b4c5d6e7f8" in left
    assert "'pod': 'api-0'" in left
    assert {rule for rule, _, _ in redactor.taken} == {
        "secret by its name", "annotation with a whole object", "bearer token", "JSON web token"
    }  # fmt: skip


HASH = "6f1a2b3c4d5e6f708192a3b4c5d6e7f8"


@pytest.mark.parametrize("name", ["id", "hash", "operation", "uid", "digest", "previous"])
@pytest.mark.parametrize("secret", [HASH, "AKIAIOSFODNN7EXAMPLE", "sk-" + "a1" * 10, JWT])
def test_names_that_others_gave_are_not_ours(name: str, secret: str) -> None:
    for value in ({"labels": {name: secret}}, {"spec": [{name: secret}]}, {"audit": [{"details": {name: secret}}]}):
        assert secret not in str(Redactor().value([value], "alerts.json", ours=True))
    assert secret not in str(Redactor().value({name: secret}, "x"))


def test_hashes_of_ours_stay_and_nothing_else_does_in_their_place() -> None:
    rows = [{"uid": HASH, "audit": [{"hash": HASH * 2, "previous": HASH * 2}]}]
    assert Redactor().value(rows, "operations.json", ours=True) == rows
    for secret in ("AKIAIOSFODNN7EXAMPLE", JWT, f"{HASH} {CLEARTEXT} password={CLEARTEXT}"):
        assert secret not in str(Redactor().value({"hash": secret}, "x", ours=True))


@pytest.mark.parametrize(
    "value",
    [
        {"password": [CLEARTEXT]},
        {"tokens": {"ana": CLEARTEXT}},
        {"secret": ({"x": [CLEARTEXT]},)},
        {"args": ["--password", CLEARTEXT]},
        {"args": ("-p", CLEARTEXT)},
        {"args": ("-u", f"ana:{CLEARTEXT}")},
        {"args": ["mysql", f"-p{CLEARTEXT}"]},
        {"env": [{"name": "DB_PASSWORD", "value": CLEARTEXT}]},
        {"env": [{"name": "DB_PASSWORD", "value": {"inner": CLEARTEXT}}]},
    ],
    ids=str,
)
def test_whatever_stands_under_the_name_of_a_secret_goes_whole(value: object) -> None:
    redactor = Redactor()
    assert CLEARTEXT not in str(redactor.value(value, "x"))
    assert [rule for rule, _, _ in redactor.taken] == ["secret by its name"]
    again = Redactor()
    once = Redactor().value(value, "x")
    assert again.value(once, "x") == once
    assert again.taken == ()


def test_what_is_empty_under_the_name_of_a_secret_is_told_as_it_is() -> None:
    value = {"password": "", "token": None, "secrets": [], "tokens": {}}
    assert Redactor().value(value, "x") == value


@pytest.mark.parametrize("name", ["password", "clientSecret", "DB_PASS", "x-api-key", "dbToken", "AUTH", "my.auth.key"])
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["name", "author", "compass", "summary", "assigned", "pinned", "passes"])
def test_names_of_nothing_secret(name: str) -> None:
    assert not is_secret_name(name)


def test_what_was_redacted_once_stays_as_it_is() -> None:
    once = Redactor().text("\n".join(SECRETS), "x")
    again = Redactor()
    assert again.text(once, "x") == once
    assert again.taken == ()


@pytest.mark.parametrize(
    "evil",
    [
        "1" * 4000,
        "token" * 800,
        "a=" * 2000,
        "password " * 400,
        "::" * 2000,
        '"' * 4000,
        "a://" * 1000,
        "a://b:" * 700,
        "-p " * 1300,
        "-u" * 2000,
        "--token," * 500,
        "name: token " * 340,
        "password=[" * 400,
        "x-key-" * 700,
        "x-keytoken" * 400,
        "x-" * 2000,
    ],
)
def test_no_text_that_fits_a_record_takes_long(evil: str) -> None:
    """In a bundle, and in a fault: what a server says is read on the event loop."""
    began = time.process_time()
    Redactor(addresses=True).text(evil, "x")
    masked(evil, "")
    assert time.process_time() - began < 2.0
